//! A number that is beyond a threshold for some time: the state of such a rule for one report.
use super::columns::Column;
use super::draft::{Draft, Out};
use super::rule::{Level, Limits, Measure, Side, Spans};
use super::samples::Slot;
use super::severity::Severity;
use super::text::measure;
use super::view::{Interval, View};
use super::window::Window;

/// A stretch has at least so many polls.
const POLLS_MIN: u32 = 3;
/// So many polls beyond the threshold in a row end it.
const MISSES_MAX: u8 = 2;
/// So many polls without a value in a row end it.
const SILENT_MAX: u8 = 3;

/// The thresholds of one such rule.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// From the mildest to the worst.
    grades: Vec<(Severity, f64)>,
    /// The threshold of the mildest; NaN if there is none.
    lowest: f64,
    off: f64,
    hold_ms: f64,
    window_ms: f64,
    least: f64,
    unit: &'static str,
}

impl Bounds {
    pub fn of(level: &Level, limits: &Limits<'_>) -> Bounds {
        let grade = |severity: Severity| Some((severity, limits.find(severity.name())?));
        let mut grades: Vec<_> = Severity::ALL.into_iter().filter_map(grade).collect();
        if matches!(level.measure, Measure::Holds(_)) {
            grades = vec![(limits.rule.severity, 0.5)];
        }
        let lowest = grades.first().map_or(f64::NAN, |(_, value)| *value);
        let hold = limits.find("hold").or_else(|| limits.find("window"));
        let unit_of = |name: &str| limits.rule.thresholds.iter().find(|own| own.name == name);
        let unit = Severity::ALL.iter().find_map(|severity| unit_of(severity.name()));
        Bounds {
            off: limits.find("off").unwrap_or(lowest),
            hold_ms: hold.unwrap_or_default() * 1000.0,
            window_ms: limits.find("window").unwrap_or_default() * 1000.0,
            least: limits.find("least").unwrap_or_default(),
            unit: unit.map_or("s", |own| own.unit),
            lowest,
            grades,
        }
    }

    /// Polls must not be further apart than this, in ms.
    pub fn pace_ms_max(&self) -> f64 {
        self.hold_ms / 2.0
    }
}

/// See the head of the file.
#[derive(Debug, Default)]
pub struct State {
    stretch: Option<Box<Stretch>>,
    window: Option<Box<Window>>,
}

#[derive(Clone, Debug)]
struct Stretch {
    start: f64,
    /// The end of the last poll at which it was so.
    end: f64,
    polls: u32,
    misses: u8,
    silent: u8,
    /// Whether it has lasted long enough.
    grade: Option<usize>,
    /// For each grade, since when it holds without a break, and for how many polls.
    held: [(f64, u32); 3],
    peak: f64,
    peak_time: f64,
    /// What is shown: at the beginning and at the peak.
    shown: [f64; 2],
    track: Option<Box<str>>,
}

/// What is so at one poll.
#[derive(Clone, Copy, Debug)]
struct Moment {
    start: f64,
    end: f64,
    value: f64,
    shown: f64,
}

impl State {
    /// Takes the next interval, at a time at which the level is looked at.
    pub fn interval(&mut self, level: &Level, bounds: &Bounds, interval: &Interval<'_>, out: &mut Out<'_>) {
        let value = match level.measure {
            Measure::Value(of) => of(interval),
            Measure::Holds(of) => of(interval).map(f64::from),
            Measure::Share(of) => of(interval).and_then(|share| self.share(bounds, interval, share)),
            Measure::Scene(of) => of(&interval.view),
        };
        if self.stretch.is_none() && !begins(level, bounds, value) {
            return;
        }
        let moment = Moment {
            start: level.spans.start(interval.start, interval.end),
            end: interval.end,
            value: value.unwrap_or(f64::NAN),
            shown: level.shows.and_then(|column| interval.now(column)).unwrap_or(f64::NAN),
        };
        self.take(level, bounds, moment, Some(interval.slot), out);
        if let Some(stretch) = &mut self.stretch
            && stretch.polls == 1
        {
            stretch.track = interval.track().map(|track| track.id.clone());
        }
    }

    /// The same of a connection as a whole.
    pub fn scene(&mut self, level: &Level, bounds: &Bounds, view: &View<'_>, out: &mut Out<'_>) {
        let polls = &view.scene().polls;
        let Measure::Scene(of) = level.measure else { return };
        let value = of(view);
        if self.stretch.is_none() && !begins(level, bounds, value) {
            return;
        }
        let moment = Moment {
            start: level.spans.start(polls.before, polls.last),
            end: polls.last,
            value: value.unwrap_or(f64::NAN),
            shown: f64::NAN,
        };
        self.take(level, bounds, moment, None, out);
    }

    fn share(&mut self, bounds: &Bounds, interval: &Interval<'_>, (part, whole): (f64, f64)) -> Option<f64> {
        let window = self.window.get_or_insert_default();
        window.add(interval.start, interval.end, part, whole, bounds.window_ms);
        window.share().map(|share| 100.0 * share)
    }

    fn take(&mut self, level: &Level, bounds: &Bounds, moment: Moment, slot: Option<&Slot>, out: &mut Out<'_>) {
        let Some(stretch) = &mut self.stretch else {
            let mut stretch = Stretch::new(moment);
            stretch.extend(level, bounds, moment, self.window.as_deref());
            self.stretch = Some(Box::new(stretch));
            return;
        };
        let on = if stretch.grade.is_some() {
            bounds.off
        } else {
            bounds.lowest
        };
        let is_over = if moment.value.is_nan() {
            stretch.silent += 1;
            stretch.silent >= SILENT_MAX
        } else if level.side.is_beyond(moment.value, on) {
            stretch.extend(level, bounds, moment, self.window.as_deref());
            false
        } else {
            stretch.misses += 1;
            stretch.held = [(moment.end, 0); 3];
            stretch.grade.is_none() || stretch.misses >= MISSES_MAX
        };
        if is_over {
            self.end(level, bounds, slot, Last::Over, out);
        }
    }

    /// Nothing follows, or nothing that belongs to it.
    pub fn end(&mut self, level: &Level, bounds: &Bounds, slot: Option<&Slot>, last: Last, out: &mut Out<'_>) {
        if let Some(stretch) = self.stretch.take()
            && let Some(grade) = stretch.grade
        {
            out.fire(stretch.draft(level, bounds, grade, slot, last));
        }
    }

    /// Whether nothing is known of what was before.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.stretch.is_none() && self.window.is_none()
    }

    /// The same, if what follows has nothing to do with what was before.
    #[inline]
    pub fn cut(&mut self, level: &Level, bounds: &Bounds, slot: Option<&Slot>, out: &mut Out<'_>) {
        self.end(level, bounds, slot, Last::Over, out);
        if let Some(window) = &mut self.window {
            window.clear();
        }
    }
}

/// Why a stretch has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// It is not so any more, or cannot be known.
    Over,
    /// The dump has ended.
    Dump,
}

/// Whether a stretch begins with this value.
#[inline]
fn begins(level: &Level, bounds: &Bounds, value: Option<f64>) -> bool {
    value.is_some_and(|value| level.side.is_beyond(value, bounds.lowest))
}

impl Spans {
    fn start(self, start: f64, end: f64) -> f64 {
        match self {
            Spans::Intervals => start,
            Spans::Moments => end,
        }
    }
}

impl Side {
    #[inline]
    fn is_beyond(self, value: f64, threshold: f64) -> bool {
        match self {
            Side::Above => value > threshold,
            Side::Below => value < threshold,
        }
    }
}

impl Stretch {
    #[cold]
    fn new(moment: Moment) -> Stretch {
        Stretch {
            start: moment.start,
            end: moment.end,
            polls: 0,
            misses: 0,
            silent: 0,
            grade: None,
            held: [(moment.start, 0); 3],
            peak: moment.value,
            peak_time: moment.end,
            shown: [moment.shown; 2],
            track: None,
        }
    }

    fn extend(&mut self, level: &Level, bounds: &Bounds, moment: Moment, window: Option<&Window>) {
        (self.misses, self.silent) = (0, 0);
        self.end = window.map_or(moment.end, Window::end_of_part);
        self.polls += 1;
        // What is in a window that is not full means little.
        let is_first = window.is_some() && self.grade.is_none();
        if is_first || level.side.is_beyond(moment.value, self.peak) {
            (self.peak, self.peak_time, self.shown[1]) = (moment.value, moment.end, moment.shown);
        }
        let is_full = window.is_none_or(|window| window.is_full(bounds.window_ms) && window.sums().1 >= bounds.least);
        for (at, (_, threshold)) in bounds.grades.iter().enumerate() {
            let (since, polls) = &mut self.held[at];
            if !level.side.is_beyond(moment.value, *threshold) {
                (*since, *polls) = (moment.end, 0);
                continue;
            }
            if *polls == 0 {
                *since = moment.start;
            }
            *polls += 1;
            let is_long = match window {
                None => moment.end - *since >= bounds.hold_ms && *polls >= POLLS_MIN,
                Some(_) => is_full,
            };
            if is_long && self.grade.is_none_or(|grade| grade < at) {
                if let Some(window) = window.filter(|_| self.grade.is_none()) {
                    self.start = self.start.min(window.start_of_part());
                }
                self.grade = Some(at);
            }
        }
    }

    #[cold]
    fn draft(&self, level: &Level, bounds: &Bounds, grade: usize, slot: Option<&Slot>, last: Last) -> Draft {
        let (severity, threshold) = bounds.grades[grade];
        let end = (last == Last::Over).then_some(self.end);
        let draft = Draft::new(severity, self.start).until(end);
        // The number of a word means nothing to people.
        let is_length = matches!(level.measure, Measure::Holds(_)) || level.shows.is_some_and(Column::is_word);
        let draft = if is_length {
            let draft = draft.value((self.end - self.start) / 1000.0, "s");
            draft.threshold(bounds.hold_ms / 1000.0)
        } else {
            // Of all its time it was beyond the lowest threshold only.
            let lowest = bounds.grades.first().map_or(threshold, |(_, lowest)| *lowest);
            let draft = draft.value(self.peak, bounds.unit).threshold(threshold);
            draft.name(measure(lowest, bounds.unit))
        };
        let Some(slot) = slot else { return draft };
        let draft = Draft {
            track: self.track.clone(),
            ..draft
        };
        let draft = draft.slot(slot);
        match level.shows {
            Some(column) if !self.shown[0].is_nan() => {
                draft
                    .shown(slot, column, self.start, self.shown[0])
                    .shown(slot, column, self.peak_time, self.shown[1])
            }
            _ => draft,
        }
    }
}
