//! From when on a wait for statistics is a gap: the page was asleep, or hidden.

/// Of usual intervals: a poll may be late, and one may be lost.
const INTERVALS: f64 = 3.0;

/// Browsers wake a hidden page once in a second, so that statistics of each second are not late by this.
const WAIT_MS_MIN: f64 = 5000.0;

/// The longest wait, in ms, that is no gap yet: three of the intervals that these times have mostly.
pub fn longest_wait(times: &[f64]) -> f64 {
    let mut steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_by(f64::total_cmp);
    let usual = steps.get(steps.len() / 2).copied().unwrap_or_default();
    (INTERVALS * usual).max(WAIT_MS_MIN)
}
