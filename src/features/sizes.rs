//! How large the frames of a stream were, over all statistics.
//!
//! A size counts once for each getStats in which it was reported, so a run of equal ones is counted when it ends. At
//! most `FEATURE_SIZES_MAX` different widths are counted one by one, and as many heights. Further ones count only for
//! the least and the greatest.
use crate::limits::FEATURE_SIZES_MAX;

#[derive(Clone, Debug, Default)]
pub struct Sizes {
    pub width: Lengths,
    pub height: Lengths,
    run: Option<Run>,
}

/// The size that is reported at present, and the first getStats of which this is true.
#[derive(Clone, Copy, Debug)]
struct Run {
    width: f64,
    height: f64,
    since: u32,
}

/// Widths or heights, each with its number of getStats.
#[derive(Clone, Debug, Default)]
pub struct Lengths {
    counts: Vec<(f64, u32)>,
    range: Option<(f64, f64)>,
}

impl Sizes {
    /// From the getStats of this number on, frames have this size (`None`: it is not reported). Returns false if
    /// something could not be counted.
    pub fn set(&mut self, size: Option<(f64, f64)>, number: u32) -> bool {
        if self.run.map(|run| (run.width, run.height)) == size {
            return true;
        }
        let counted = self.end(number);
        self.run = size.map(|(width, height)| Run {
            width,
            height,
            since: number,
        });
        counted
    }

    /// The getStats of this number reports no size any more.
    pub fn end(&mut self, number: u32) -> bool {
        let Some(Run { width, height, since }) = self.run.take() else {
            return true;
        };
        let count = number.saturating_sub(since);
        let wide = self.width.add(width, count);
        let high = self.height.add(height, count);
        wide && high
    }
}

impl Lengths {
    fn add(&mut self, length: f64, count: u32) -> bool {
        if count == 0 {
            return true;
        }
        let (min, max) = self.range.unwrap_or((length, length));
        self.range = Some((min.min(length), max.max(length)));
        let has_room = self.counts.len() < FEATURE_SIZES_MAX;
        match self.counts.iter_mut().find(|(known, _)| *known == length) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None if has_room => self.counts.push((length, count)),
            None => return false,
        }
        true
    }

    /// The most frequent one; of equally frequent ones the smallest.
    pub fn common(&self) -> Option<f64> {
        let better = |best: &(f64, u32), new: &(f64, u32)| new.1 > best.1 || (new.1 == best.1 && new.0 < best.0);
        let best = self
            .counts
            .iter()
            .reduce(|best, new| if better(best, new) { new } else { best });
        best.map(|(length, _)| *length)
    }

    pub fn least(&self) -> Option<f64> {
        self.range.map(|(min, _)| min)
    }

    pub fn greatest(&self) -> Option<f64> {
        self.range.map(|(_, max)| max)
    }
}
