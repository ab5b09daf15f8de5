//! Parts and wholes of the last seconds, for shares that mean something only together.
use std::collections::VecDeque;

use crate::limits::FINDING_WINDOW_MAX;

/// Sums over the last intervals. At most `FINDING_WINDOW_MAX` of them.
#[derive(Clone, Debug, Default)]
pub struct Window {
    samples: VecDeque<Sample>,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    start: f64,
    end: f64,
    part: f64,
    whole: f64,
}

impl Window {
    /// Adds an interval, and forgets those that ended `length_ms` before its end.
    pub fn add(&mut self, start: f64, end: f64, part: f64, whole: f64, length_ms: f64) {
        while self.samples.len() >= FINDING_WINDOW_MAX
            || self.samples.front().is_some_and(|old| old.end <= end - length_ms)
        {
            self.samples.pop_front();
        }
        self.samples.push_back(Sample {
            start,
            end,
            part,
            whole,
        });
    }

    pub fn clear(&mut self) {
        self.samples.clear();
    }

    /// The sums of parts and of wholes.
    pub fn sums(&self) -> (f64, f64) {
        let add = |(part, whole), sample: &Sample| (part + sample.part, whole + sample.whole);
        // An empty sum is this zero.
        let (old, new) = self.samples.as_slices();
        new.iter().fold(old.iter().fold((-0.0, -0.0), add), add)
    }

    /// Part by whole. `None` if there is no whole.
    pub fn share(&self) -> Option<f64> {
        let (part, whole) = self.sums();
        (whole > 0.0).then_some(part / whole)
    }

    /// Whether it covers all of its length.
    pub fn is_full(&self, length_ms: f64) -> bool {
        let span = self.samples.front().zip(self.samples.back());
        let is_long = span.is_some_and(|(first, last)| last.end - first.start >= length_ms);
        is_long || self.samples.len() >= FINDING_WINDOW_MAX
    }

    /// Where the first interval with a part begins; far in the future if there is none.
    pub fn start_of_part(&self) -> f64 {
        let first = self.samples.iter().find(|sample| sample.part > 0.0);
        first.map_or(f64::INFINITY, |sample| sample.start)
    }

    /// Where the last interval with a part ends; that of the last one if there is none.
    pub fn end_of_part(&self) -> f64 {
        let last = self.samples.iter().rev().find(|sample| sample.part > 0.0);
        last.or(self.samples.back()).map_or(0.0, |sample| sample.end)
    }
}
