//! When statistics were taken, and which value belongs to which time.
//!
//! The page keeps a series for each property, and has forgotten which values it got together. Each report of a dump of
//! today has its time stamps, and each series the times of its first and last point; from these the polls are put
//! together again. Plain functions of numbers: nothing fails, and what contradicts itself gives some order.
//!
//! Times are milliseconds since 1970.

/// ISO times of the page are cut to whole milliseconds.
const ISO_MS: f64 = 1.0;

/// The page polls once a second, unless it was told otherwise.
const INTERVAL_MS_DEFAULT: f64 = 1000.0;

/// The times of one report.
#[derive(Clone, Debug, Default)]
pub struct Points {
    /// Of each point, ascending.
    pub times: Vec<f64>,
    /// When the page says that the first and the last point were made.
    pub start: f64,
    pub end: f64,
    pub clock: Clock,
}

/// Whose times those of a report are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// Those of the polls.
    #[default]
    Poll,
    /// Those of the other side's reports (RTCP), which stay until the next one arrives.
    Remote,
}

/// The polls of a connection, ascending.
pub struct Polls {
    pub times: Vec<f64>,
    interval: f64,
}

impl Polls {
    /// Puts the polls together: those of the report `base`, and others where it has none.
    pub fn of(reports: &[Points], base: usize) -> Polls {
        let mut times = reports.get(base).map(|points| points.times.clone()).unwrap_or_default();
        sort(&mut times, 0.0);
        let mut between: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let middle = between.len() / 2;
        let interval = match between.is_empty() {
            true => INTERVAL_MS_DEFAULT,
            false => *between.select_nth_unstable_by(middle, f64::total_cmp).1,
        };
        let polls = Polls { times, interval };
        let own = reports.iter().filter(|points| points.clock == Clock::Poll);
        let mut others: Vec<f64> = own.flat_map(|points| &points.times).copied().collect();
        others.retain(|time| time.is_finite() && !polls.is_near(*time));
        sort(&mut others, interval / 2.0);
        let mut times = polls.times;
        times.extend(others);
        sort(&mut times, 0.0);
        Polls { times, interval }
    }

    fn is_near(&self, time: f64) -> bool {
        let behind = self.times.partition_point(|poll| *poll < time);
        let near = |at: usize| {
            self.times
                .get(at)
                .is_some_and(|poll| (poll - time).abs() <= self.interval / 2.0)
        };
        near(behind) || behind > 0 && near(behind - 1)
    }

    /// The poll of each point, ascending. No two points are in one poll, unless there are too many.
    pub fn place(&self, points: &Points) -> Vec<u32> {
        let tolerance = match points.clock {
            Clock::Poll => self.interval / 2.0,
            Clock::Remote => ISO_MS,
        };
        let last = self.times.len().saturating_sub(1);
        let mut next = 0;
        let place = |time: &f64| {
            let first = self.times.partition_point(|poll| *poll < time - tolerance);
            let at = first.max(next).min(last);
            next = at + 1;
            at as u32
        };
        points.times.iter().map(place).collect()
    }
}

/// Sorts times, and drops those that are no further than `apart` behind another one.
fn sort(times: &mut Vec<f64>, apart: f64) {
    times.retain(|time| time.is_finite());
    times.sort_by(f64::total_cmp);
    times.dedup_by(|time, before| *time - *before <= apart);
}

/// Which points of a report have a value of a series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alignment {
    /// Values to pass over at the beginning: they are older than all points.
    pub skipped: u32,
    /// The point of the first value behind these. The others follow.
    first: u32,
    /// The point of the last value, if there are holes before it.
    last: Option<u32>,
    count: u32,
}

impl Alignment {
    /// Aligns `count` values, whose first and last were made at `start` and `end`, with the points of their report.
    pub fn of(count: u32, start: f64, end: f64, points: &Points) -> Alignment {
        let all = points.times.len() as u32;
        let mut aligned = Alignment {
            skipped: count.saturating_sub(all),
            first: 0,
            last: None,
            count: count.min(all),
        };
        if count >= all {
            return aligned;
        }
        let (Some(from), Some(to)) = (points.index(start, Edge::First), points.index(end, Edge::Last)) else {
            aligned.first = all - count;
            return aligned;
        };
        let room = (to + 1).saturating_sub(from);
        aligned.first = from.min(all - count);
        if count > 1 && room > count {
            aligned.last = Some(to);
        }
        aligned
    }

    /// The point of this value. `None` for those that are passed over.
    pub fn point(&self, value: u32) -> Option<u32> {
        let value = value.checked_sub(self.skipped)?;
        match self.last {
            Some(last) if value + 1 == self.count => Some(last),
            _ => Some(self.first + value),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    First,
    Last,
}

impl Points {
    /// Points at equal distances, for a series without time stamps.
    pub fn interpolated(count: u32, start: f64, end: f64) -> Points {
        let step = if count > 1 {
            (end - start) / f64::from(count - 1)
        } else {
            0.0
        };
        Points {
            times: (0..count).map(|at| start + f64::from(at) * step).collect(),
            start,
            end,
            clock: Clock::Poll,
        }
    }

    /// The point of a time at which a series begins or ends.
    fn index(&self, time: f64, edge: Edge) -> Option<u32> {
        let (all, first) = (self.times.len() as u32, *self.times.first()?);
        if !time.is_finite() || !first.is_finite() {
            return None;
        }
        // Today the page takes the time of the report for that of the point, formerly its own.
        let are_reports = !self.start.is_finite() || (first - self.start).abs() <= 2.0 * ISO_MS;
        if are_reports {
            let at = match edge {
                Edge::First => self.times.partition_point(|point| *point < time - ISO_MS),
                Edge::Last => self
                    .times
                    .partition_point(|point| *point <= time + ISO_MS)
                    .saturating_sub(1),
            };
            return Some((at as u32).min(all - 1));
        }
        let step = (self.end - self.start) / f64::from(all.max(2) - 1);
        let at = ((time - self.start) / step).round();
        at.is_finite().then(|| at.clamp(0.0, f64::from(all - 1)) as u32)
    }
}

#[cfg(test)]
mod tests;
