//! When statistics were taken, and whether in time.

/// How many intervals the running median is of.
const PACE_INTERVALS: usize = 16;

/// A shorter one is no gap, however often polls come.
pub const GAP_MS_MIN: f64 = 5000.0;

/// So many intervals must be known before one of them can be a gap.
const PACE_KNOWN_MIN: u32 = 3;

/// All times are ms since 1970.
#[derive(Debug, Default)]
pub struct Polls {
    pub count: u32,
    pub first: f64,
    /// The poll before the last one, and the last one.
    pub before: f64,
    pub last: f64,
    /// The last interval is a gap: nothing can be said of what was in it.
    pub step: Step,
    recent: [f64; PACE_INTERVALS],
    /// The same in ascending order.
    sorted: [f64; PACE_INTERVALS],
    intervals: u32,
    /// The running median of intervals, in ms.
    pub median: f64,
}

/// What lies between the last two polls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// There was only one.
    #[default]
    First,
    Interval,
    /// Too much time, or time that ran backwards.
    Gap,
    /// No time at all.
    Nothing,
}

impl Polls {
    pub fn add(&mut self, time: f64) {
        self.count = self.count.saturating_add(1);
        if self.count == 1 {
            (self.first, self.before, self.last) = (time, time, time);
            return;
        }
        (self.before, self.last) = (self.last, time);
        let interval = time - self.before;
        self.step = if interval == 0.0 {
            Step::Nothing
        } else if interval < 0.0 || self.is_gap(interval) {
            Step::Gap
        } else {
            Step::Interval
        };
        // Gaps count too: when polls keep coming so seldom, that is how they come.
        if interval > 0.0 {
            let known = PACE_INTERVALS.min(self.intervals as usize);
            let place = &mut self.recent[self.intervals as usize % PACE_INTERVALS];
            let old = std::mem::replace(place, interval);
            self.intervals = self.intervals.saturating_add(1);
            self.replace(known, old, interval);
        }
    }

    /// Puts an interval in its order. Of `known` ones the oldest goes, if there is no room for more.
    fn replace(&mut self, known: usize, old: f64, new: f64) {
        let mut at = match known < PACE_INTERVALS {
            true => known,
            false => self.sorted.iter().position(|own| *own == old).unwrap_or(0),
        };
        let known = PACE_INTERVALS.min(known + 1);
        self.sorted[at] = new;
        while at > 0 && self.sorted[at - 1] > new {
            self.sorted.swap(at - 1, at);
            at -= 1;
        }
        while at + 1 < known && self.sorted[at + 1] < new {
            self.sorted.swap(at, at + 1);
            at += 1;
        }
        self.median = self.sorted[known / 2];
    }

    fn is_gap(&self, interval: f64) -> bool {
        self.intervals >= PACE_KNOWN_MIN && interval > GAP_MS_MIN.max(2.0 * self.median)
    }

    /// From the last poll but one to the last, in ms.
    pub fn interval(&self) -> f64 {
        self.last - self.before
    }
}
