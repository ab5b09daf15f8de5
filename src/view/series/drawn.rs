//! What is drawn of series: a value as it is, the rate of a counter, or one sum by another.
//!
//! A rate is that of the time since the poll before. Where a counter falls, it has begun anew and there is none. Here
//! stands what the page's script does as well; `docs/view-format.md` tells both how.

/// How numbers come out of one or two series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Formula {
    /// The value times a factor.
    Value(f64),
    /// What it grows by in a second, times a factor.
    Rate(f64),
    /// What the first grows by, for each one by which the second grows, times a factor.
    Ratio(f64),
    /// What the first grows by, in a hundred of what both grow by.
    Share,
}

impl Formula {
    /// As the page calls it.
    pub fn name(self) -> &'static str {
        match self {
            Formula::Value(_) => "value",
            Formula::Rate(_) => "rate",
            Formula::Ratio(_) => "ratio",
            Formula::Share => "share",
        }
    }

    pub fn factor(self) -> f64 {
        match self {
            Formula::Value(factor) | Formula::Rate(factor) | Formula::Ratio(factor) => factor,
            Formula::Share => 100.0,
        }
    }
}

/// The numbers that are drawn at these times (ms). `second` is only looked at by formulas of two series, and has the
/// same polls. NaN where there is none.
pub fn drawn(formula: Formula, times: &[f64], first: &[f64], second: &[f64]) -> Vec<f64> {
    let grown = |values: &[f64], at: usize| match at.checked_sub(1) {
        Some(before) => values.get(at).copied().unwrap_or(f64::NAN) - values.get(before).copied().unwrap_or(f64::NAN),
        None => f64::NAN,
    };
    let one = |at: usize| match formula {
        Formula::Value(factor) => first[at] * factor,
        Formula::Rate(factor) => {
            let seconds = grown(times, at) / 1000.0;
            positive(grown(first, at)) / above_zero(seconds) * factor
        }
        Formula::Ratio(factor) => positive(grown(first, at)) / above_zero(grown(second, at)) * factor,
        Formula::Share => {
            let (part, rest) = (positive(grown(first, at)), positive(grown(second, at)));
            part / above_zero(part + rest) * 100.0
        }
    };
    (0..first.len()).map(one).collect()
}

fn positive(value: f64) -> f64 {
    if value >= 0.0 { value } else { f64::NAN }
}

fn above_zero(value: f64) -> f64 {
    if value > 0.0 { value } else { f64::NAN }
}
