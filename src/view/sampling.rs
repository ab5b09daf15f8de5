//! Which polls of a long dump are in the page, so that it keeps to its size.
//!
//! A dump whose values fit has all of them. Of others, the headline series have every poll, and the rest has one of so
//! many, and every poll near what matters: findings and changes of state. What a page has is told with each connection.
use super::series::Collected;
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
const SAMPLED_FACTOR: usize = 7;

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
        let sampling = |(place, times): (usize, &[f64])| {
            let moments = moments.get(place).map_or(&[][..], |moments| moments);
            (times.len() > step).then(|| Sampling {
                step,
                polls: polls(times, step, moments),
            })
        };
        let all = collected.connections().iter().map(|polled| &polled.times[..]);
        Plan {
            samplings: all.enumerate().map(sampling).collect(),
            headlines,
        }
    }

    /// How a series is thinned.
    pub fn of(&self, collected: &Collected, series: usize) -> Option<&Sampling> {
        let is_spared = !self.headlines && HEADLINES.contains(&collected.property(series));
        let (connection, _) = collected.place(series);
        self.samplings.get(connection)?.as_ref().filter(|_| !is_spared)
    }
}

fn polls(times: &[f64], step: usize, moments: &[(f64, f64)]) -> Vec<usize> {
    let mut is_near = vec![false; times.len()];
    let mut left = VIEW_NEAR_POLLS_MAX.max(times.len() / step);
    for (start, end) in moments {
        // Of what lasts, the beginning and the end matter.
        for moment in [start, end] {
            let first = times.partition_point(|time| *time < moment - VIEW_NEAR_MS);
            let near = times[first..]
                .iter()
                .take_while(|time| **time <= moment + VIEW_NEAR_MS)
                .count()
                .min(left);
            left -= near;
            is_near[first..first + near].fill(true);
        }
    }
    let is_kept = |at: &usize| is_near[*at] || at.is_multiple_of(step) || at + 1 == times.len();
    (0..times.len()).filter(is_kept).collect()
}
