//! Which polls of a long dump are in the page, so that it keeps to its size.
//!
//! A dump whose values fit has all of them. Of others, the headline series have every poll, and the rest has one of so
//! many, and every poll near what matters: findings and changes of state. What a page has is told with each connection.
use super::series::Collected;
use crate::dump::steps;
use crate::limits::{VIEW_NEAR_MS, VIEW_NEAR_POLLS_MAX};

/// What most charts are drawn from; these are the last to be thinned.
pub const HEADLINES: [&str; 24] = [
    "availableOutgoingBitrate",
    "currentRoundTripTime",
    "roundTripTime",
    "fractionLost",
    "targetBitrate",
    "bytesSent",
    "bytesReceived",
    "packetsSent",
    "packetsReceived",
    "packetsLost",
    "jitter",
    "jitterBufferDelay",
    "jitterBufferEmittedCount",
    "concealedSamples",
    "totalSamplesReceived",
    "audioLevel",
    "framesPerSecond",
    "framesEncoded",
    "framesDecoded",
    "frameHeight",
    "freezeCount",
    "qpSum",
    "qualityLimitationReason",
    "active",
];

/// The polls of one connection that are in the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sampling {
    /// One poll of so many, away from what matters.
    pub step: usize,
    pub polls: Vec<usize>,
}

/// What is left out of all connections.
#[derive(Debug, Default)]
pub struct Plan {
    /// Of each connection with statistics, by place. Absent: all polls.
    pub samplings: Vec<Option<Sampling>>,
    /// Headline series are thinned as well.
    pub headlines: bool,
}

/// What a value takes in the binary part before it is packed: counters take two bytes, what stands still one.
const VALUE_BYTES: usize = 2;
const PEAKS_BYTES: usize = 12;
const SAMPLED_FACTOR: usize = (VALUE_BYTES + PEAKS_BYTES) / VALUE_BYTES;

impl Plan {
    /// For a binary part of so many bytes. `moments` are those that matter, of each connection, in ms since 1970.
    pub fn new(collected: &Collected, bytes: usize, moments: &[Vec<(f64, f64)>]) -> Plan {
        let (mut headline, mut rest) = (0, 0);
        for series in (0..collected.len()).filter(|series| collected.changes(*series)) {
            let values = collected.count(series) * VALUE_BYTES;
            match HEADLINES.contains(&collected.property(series)) {
                true => headline += values,
                false => rest += values,
            }
        }
        if headline + rest <= bytes {
            return Plan::default();
        }
        // Headlines may have two thirds.
        let headlines = headline > bytes / 3 * 2;
        let (wanted, room) = if headlines {
            (headline + rest, bytes)
        } else {
            (rest, bytes - headline)
        };
        // A sampled value takes the twelve bytes of its peaks as well.
        let step = (wanted * SAMPLED_FACTOR).div_ceil(room.max(1)).next_power_of_two();
        let polls = collected.connections().iter().map(|polled| polled.times.len());
        let longest = polls.max().unwrap_or_default();
        let (mut step, mut near) = (step.min(longest.next_power_of_two()), VIEW_NEAR_POLLS_MAX);
        loop {
            let plan = Plan::by(collected, step, near, headlines, moments);
            // What is near something that matters may take as much again.
            if (step >= longest && near == 0) || plan.bytes(collected) <= 2 * bytes {
                return plan;
            }
            (step, near) = (2 * step, near / 2);
        }
    }

    fn by(collected: &Collected, step: usize, near: usize, headlines: bool, moments: &[Vec<(f64, f64)>]) -> Plan {
        let sampling = |(place, times): (usize, &[f64])| {
            let moments = moments.get(place).map_or(&[][..], |moments| moments);
            // A connection with fewer polls has one bucket of them.
            let step = step.min(times.len().next_power_of_two());
            (times.len() > 1).then(|| Sampling {
                step,
                polls: polls(times, step, near, moments),
            })
        };
        let all = collected.connections().iter().map(|polled| &polled.times[..]);
        Plan {
            samplings: all.enumerate().map(sampling).collect(),
            headlines,
        }
    }

    /// About what all values take, before they are packed.
    fn bytes(&self, collected: &Collected) -> usize {
        let changing = (0..collected.len()).filter(|series| collected.changes(*series));
        let one = |series: usize| {
            let count = collected.count(series);
            match self.of(collected, series) {
                None => count * VALUE_BYTES,
                Some(sampling) => {
                    let polls = collected.connections()[collected.place(series).0].times.len();
                    let kept = count * sampling.polls.len() / polls.max(1);
                    kept * VALUE_BYTES + count.div_ceil(sampling.step) * PEAKS_BYTES
                }
            }
        };
        changing.map(one).sum()
    }

    /// How a series is thinned.
    pub fn of(&self, collected: &Collected, series: usize) -> Option<&Sampling> {
        let is_spared = !self.headlines && HEADLINES.contains(&collected.property(series));
        let (connection, _) = collected.place(series);
        self.samplings.get(connection)?.as_ref().filter(|_| !is_spared)
    }
}

/// Those that are left: `near` of them at most that are near something, or as many as elsewhere.
fn polls(times: &[f64], step: usize, near: usize, moments: &[(f64, f64)]) -> Vec<usize> {
    let mut is_near = vec![false; times.len()];
    let mut left = near.max(times.len() / step);
    for (start, end) in moments {
        // A dump may have any number of moments.
        if left == 0 {
            break;
        }
        // Of what lasts, the beginning and the end matter.
        for moment in [start, end] {
            let first = times.partition_point(|time| *time < moment - VIEW_NEAR_MS);
            let near = times[first..]
                .iter()
                .take(left)
                .take_while(|time| **time <= moment + VIEW_NEAR_MS)
                .count();
            steps::count(near);
            left -= near;
            is_near[first..first + near].fill(true);
        }
    }
    let is_kept = |at: &usize| is_near[*at] || at.is_multiple_of(step) || at + 1 == times.len();
    (0..times.len()).filter(is_kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_moments_takes_no_more_than_the_polls() {
        let times: Vec<f64> = (0..100_000).map(f64::from).collect();
        let moments = vec![(0.0, 50_000.0); 50_000];
        let mut kept = Vec::new();
        let taken = steps::of(|| kept = polls(&times, 1000, 2000, &moments));
        assert_eq!(taken, 2000, "so many are near");
        // 100 of the others, two of which are near, and the last one.
        assert_eq!(kept.len(), 2000 + 98 + 1);
        assert!(kept.is_sorted());
    }
}
