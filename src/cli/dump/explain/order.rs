//! Findings in the order in which a person reads them: causes first, the worst of them first, and below each what
//! follows from it.
use crate::findings::Finding;

use super::told::Told;

/// A finding at its place.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    pub finding: &'a Finding,
    /// 0 for a cause; what follows from it is a level deeper.
    pub level: usize,
}

/// Everything that is told of, each finding once. What is explained by several stands below the first of them.
pub fn ordered(told: &Told) -> Vec<Placed<'_>> {
    let all: Vec<(usize, &Finding)> = told.shown().collect();
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); told.findings.findings.len()];
    let mut roots = Vec::new();
    for (index, finding) in &all {
        let is_shown = |cause: &&usize| all.binary_search_by_key(*cause, |(index, _)| *index).is_ok();
        match finding.because_of.iter().find(is_shown) {
            Some(cause) if cause != index => below[*cause].push(*index),
            _ => roots.push(*index),
        }
    }
    let mut out = Walk {
        findings: &told.findings.findings,
        below: &below,
        seen: vec![false; below.len()],
        placed: Vec::new(),
    };
    out.walk(roots);
    // Findings that explain each other in a circle have no root.
    let left: Vec<usize> = all
        .iter()
        .map(|(index, _)| *index)
        .filter(|index| !out.seen[*index])
        .collect();
    out.walk(left);
    out.placed
}

struct Walk<'a, 'b> {
    findings: &'a [Finding],
    below: &'b [Vec<usize>],
    seen: Vec<bool>,
    placed: Vec<Placed<'a>>,
}

impl Walk<'_, '_> {
    fn walk(&mut self, mut roots: Vec<usize>) {
        self.sort(&mut roots);
        // The next one is at the end.
        let mut ahead: Vec<(usize, usize)> = roots.into_iter().rev().map(|index| (index, 0)).collect();
        while let Some((index, level)) = ahead.pop() {
            if std::mem::replace(&mut self.seen[index], true) {
                continue;
            }
            self.placed.push(Placed {
                finding: &self.findings[index],
                level,
            });
            let mut next = self.below[index].clone();
            self.sort(&mut next);
            ahead.extend(next.into_iter().rev().map(|index| (index, level + 1)));
        }
    }

    /// The worst first, then by time.
    fn sort(&self, indices: &mut [usize]) {
        let of = |index: &usize| &self.findings[*index];
        indices.sort_by(|one, other| {
            let (one, other) = (of(one), of(other));
            let by_severity = other.severity.cmp(&one.severity);
            by_severity.then(one.start.total_cmp(&other.start))
        });
    }
}
