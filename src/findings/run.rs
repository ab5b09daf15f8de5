//! How long something has been so, for watchers of reports that are more than a level.
//!
//! It is so at every poll of a stretch, and not so at two polls behind it (at one, if the stretch was too short). Three
//! polls that say nothing end it too, and so does time that no poll covers.
use super::view::{Interval, View};

/// A stretch has at least so many polls.
const POLLS_MIN: u32 = 3;
/// So many polls at which it is not so end a stretch.
const MISSES_MAX: u8 = 2;
/// So many polls that say nothing end it.
const SILENT_MAX: u8 = 3;

/// A stretch of time, in ms since 1970.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    pub start: f64,
    pub end: f64,
}

/// See the head of the file.
#[derive(Clone, Debug, Default)]
pub struct Run {
    stretch: Option<Stretch>,
    /// Where the last interval ended.
    last: f64,
}

#[derive(Clone, Copy, Debug)]
struct Stretch {
    span: Span,
    polls: u32,
    misses: u8,
    silent: u8,
    length: Length,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Short,
    Long,
}

impl Run {
    /// Takes the next interval: whether it is so, and for how many ms it must be. Gives the stretch that ends, if it
    /// was long enough.
    pub fn take(&mut self, is_so: Option<bool>, hold_ms: f64, interval: &Interval<'_>) -> Option<Span> {
        let is_apart = interval.start > self.last;
        let before = if is_apart { self.end() } else { None };
        self.last = interval.end;
        match (is_so, &mut self.stretch) {
            (Some(true), stretch) => {
                let stretch = stretch.get_or_insert(Stretch::new(interval.start));
                stretch.span.end = interval.end;
                stretch.polls += 1;
                (stretch.misses, stretch.silent) = (0, 0);
                if stretch.polls >= POLLS_MIN && interval.end - stretch.span.start >= hold_ms {
                    stretch.length = Length::Long;
                }
                before
            }
            (_, None) => before,
            (Some(false), Some(stretch)) => {
                stretch.misses += 1;
                let is_over = stretch.length == Length::Short || stretch.misses >= MISSES_MAX;
                if is_over { self.end() } else { before }
            }
            (None, Some(stretch)) => {
                stretch.silent += 1;
                if stretch.silent >= SILENT_MAX {
                    self.end()
                } else {
                    before
                }
            }
        }
    }

    /// Nothing follows.
    pub fn end(&mut self) -> Option<Span> {
        let stretch = self.stretch.take()?;
        (stretch.length == Length::Long).then_some(stretch.span)
    }

    /// Whether the stretch that goes on is long enough.
    pub fn is_long(&self) -> bool {
        self.stretch.is_some_and(|stretch| stretch.length == Length::Long)
    }

    /// When the stretch began that goes on.
    pub fn since(&self) -> Option<f64> {
        self.stretch.map(|stretch| stretch.span.start)
    }
}

impl Stretch {
    fn new(start: f64) -> Stretch {
        Stretch {
            span: Span { start, end: start },
            polls: 0,
            misses: 0,
            silent: 0,
            length: Length::Short,
        }
    }
}

impl Span {
    pub fn ms(self) -> f64 {
        self.end - self.start
    }

    /// Its end as a finding has it: none if it goes on to the end of the dump.
    pub fn until(self, view: &View<'_>) -> Option<f64> {
        let scene = view.scene();
        let is_open = scene.closed.is_none() && self.end >= scene.polls.last;
        (!is_open).then_some(self.end)
    }
}
