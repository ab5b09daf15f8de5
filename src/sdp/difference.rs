//! How one sequence of lines becomes another: runs that are equal, removed or added.
//!
//! What both begin and end with is equal. Between, lines that either side has once mark the place (the patience
//! difference of Bram Cohen): of those, the longest series that has the same order on both sides is equal, and what
//! stands between two of them is compared in the same way. Where no line marks the place, all pairs are compared if
//! there are few of them (`SDP_PAIRS_MAX`); else everything there is removed and added. So it takes a step for each
//! line and each level (`SDP_DEPTH_MAX`), and for each of those pairs: never the product of both lengths.
use std::collections::HashMap;

use crate::limits::{SDP_DEPTH_MAX, SDP_PAIRS_MAX};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Equal,
    Removed,
    Added,
}

/// So many lines, one behind the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub kind: Kind,
    pub lines: usize,
}

/// Lines are given as numbers: equal lines have equal ones.
pub fn difference(from: &[u32], to: &[u32]) -> Vec<Run> {
    let mut runs = Vec::new();
    compare(from, to, SDP_DEPTH_MAX, &mut runs);
    runs
}

/// Between two equal runs there is at most one of removed lines, and behind it one of added lines.
fn push(runs: &mut Vec<Run>, kind: Kind, lines: usize) {
    let run = Run { kind, lines };
    match runs.as_mut_slice() {
        _ if lines == 0 => {}
        [.., last] if last.kind == kind => last.lines += lines,
        [.., removed, last] if (removed.kind, last.kind, kind) == (Kind::Removed, Kind::Added, Kind::Removed) => {
            removed.lines += lines;
        }
        [.., last] if (last.kind, kind) == (Kind::Added, Kind::Removed) => runs.insert(runs.len() - 1, run),
        _ => runs.push(run),
    }
}

fn compare(from: &[u32], to: &[u32], levels: usize, runs: &mut Vec<Run>) {
    let before = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let (from, to) = (&from[before..], &to[before..]);
    let behind = from
        .iter()
        .rev()
        .zip(to.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (from, to) = (&from[..from.len() - behind], &to[..to.len() - behind]);
    push(runs, Kind::Equal, before);
    if from.len().saturating_mul(to.len()) <= SDP_PAIRS_MAX {
        pairs(from, to, runs);
    } else {
        let marks = if levels == 0 { Vec::new() } else { marks(from, to) };
        if marks.is_empty() {
            push(runs, Kind::Removed, from.len());
            push(runs, Kind::Added, to.len());
        } else {
            between(&marks, from, to, levels - 1, runs);
        }
    }
    push(runs, Kind::Equal, behind);
}

/// Compares what stands between the marks.
fn between(marks: &[(usize, usize)], from: &[u32], to: &[u32], levels: usize, runs: &mut Vec<Run>) {
    let (mut left, mut right) = (0, 0);
    for (a, b) in marks {
        compare(&from[left..*a], &to[right..*b], levels, runs);
        push(runs, Kind::Equal, 1);
        (left, right) = (a + 1, b + 1);
    }
    compare(&from[left..], &to[right..], levels, runs);
}

/// The longest series of lines that each side has once, in an order that both have.
fn marks(from: &[u32], to: &[u32]) -> Vec<(usize, usize)> {
    // Where a line stands, as long as it stands there alone.
    let alone = |lines: &[u32]| {
        let mut places: HashMap<u32, Option<usize>> = HashMap::with_capacity(lines.len());
        for (at, line) in lines.iter().enumerate() {
            let place = places.entry(*line);
            place.and_modify(|place| *place = None).or_insert(Some(at));
        }
        places
    };
    let (left, right) = (alone(from), alone(to));
    let both = from.iter().enumerate().filter_map(|(at, line)| {
        left.get(line).copied().flatten()?;
        Some((at, right.get(line).copied().flatten()?))
    });
    ascending(&both.collect::<Vec<_>>())
}

/// The longest series in which the second numbers ascend; the first ones do already.
fn ascending(places: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // Of the series of each length, the last place of the one that ends lowest; and for each place the one before it.
    let (mut ends, mut earlier): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), Vec::with_capacity(places.len()));
    for (at, (_, place)) in places.iter().enumerate() {
        let length = ends.partition_point(|end| places[*end].1 < *place);
        earlier.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut series: Vec<_> = std::iter::successors(ends.last().copied(), |at| earlier[*at])
        .map(|at| places[at])
        .collect();
    series.reverse();
    series
}

/// The longest common series by comparing all pairs.
fn pairs(from: &[u32], to: &[u32], runs: &mut Vec<Run>) {
    let width = to.len() + 1;
    // Of what stands behind each pair of places: how many lines are equal.
    let mut equal = vec![0_u32; (from.len() + 1) * width];
    for a in (0..from.len()).rev() {
        for b in (0..to.len()).rev() {
            equal[a * width + b] = match from[a] == to[b] {
                true => equal[(a + 1) * width + b + 1] + 1,
                false => equal[(a + 1) * width + b].max(equal[a * width + b + 1]),
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    while a < from.len() || b < to.len() {
        if a < from.len() && b < to.len() && from[a] == to[b] {
            push(runs, Kind::Equal, 1);
            (a, b) = (a + 1, b + 1);
        } else if a < from.len() && (b == to.len() || equal[(a + 1) * width + b] >= equal[a * width + b + 1]) {
            push(runs, Kind::Removed, 1);
            a += 1;
        } else {
            push(runs, Kind::Added, 1);
            b += 1;
        }
    }
}
