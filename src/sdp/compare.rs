//! Two descriptions side by side: which sections belong to each other, and how their lines differ.
//!
//! Sections belong together that have the same identification (`a=mid`); where one of them has none, those at the same
//! place do. Takes time and memory in proportion to the bytes of both (see `difference`).
use std::collections::HashMap;

use super::description::Description;
use super::difference::{Kind, Run, difference};
use super::section::Section;

/// A section of the one, of the other, or of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared<'a> {
    pub mid: Option<&'a str>,
    /// `session`, or the kind of media.
    pub title: &'a str,
    /// Which section it is, with 0 for the session. `None`: there is none.
    pub from: Option<usize>,
    pub to: Option<usize>,
    /// In their order; between two that are equal, lines are removed before others are added.
    pub operations: Vec<Operation<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation<'a> {
    /// So many lines that both have.
    Equal(usize),
    Removed(Vec<&'a str>),
    Added(Vec<&'a str>),
}

/// The sections of `to` in their order. Those that only `from` has stand before the first one that stood behind them.
pub fn compare<'a>(from: &'a str, to: &'a str) -> Vec<Compared<'a>> {
    let (from, to) = (sections(from), sections(to));
    let partners = partners(&from, &to);
    let mut has_partner = vec![false; from.len()];
    partners.iter().flatten().for_each(|at| has_partner[*at] = true);
    let mut compared = Vec::with_capacity(to.len());
    let mut next = 0;
    for (at, partner) in partners.iter().enumerate() {
        if let Some(partner) = partner {
            while next < *partner {
                if !has_partner[next] {
                    compared.push(section(Some((next, from[next])), None));
                }
                next += 1;
            }
        }
        compared.push(section(partner.map(|place| (place, from[place])), Some((at, to[at]))));
    }
    let rest = (next..from.len()).filter(|at| !has_partner[*at]);
    compared.extend(rest.map(|at| section(Some((at, from[at])), None)));
    compared
}

impl Compared<'_> {
    pub fn is_equal(&self) -> bool {
        self.from.is_some() && self.to.is_some() && self.operations.iter().all(|one| matches!(one, Operation::Equal(_)))
    }
}

pub(super) fn sections(text: &str) -> Vec<Section<'_>> {
    let description = Description::new(text);
    std::iter::once(description.session())
        .chain(description.media())
        .collect()
}

/// For each section of `to`, its partner in `from`. No section has two.
pub(super) fn partners(from: &[Section<'_>], to: &[Section<'_>]) -> Vec<Option<usize>> {
    let mut named = HashMap::new();
    let names: Vec<_> = from.iter().map(|section| section.mid()).collect();
    for (at, name) in names.iter().enumerate().skip(1) {
        if let Some(name) = name {
            named.entry(*name).or_insert(at);
        }
    }
    let mut is_free = vec![true; from.len()];
    let mut partners = vec![None; to.len()];
    let mut has_name = Vec::with_capacity(to.len());
    for (at, section) in to.iter().enumerate() {
        let name = section.mid();
        has_name.push(name.is_some());
        let partner = match at {
            0 => (!from.is_empty()).then_some(0),
            _ => name.and_then(|name| named.get(name).copied()),
        };
        if let Some(partner) = partner.filter(|partner| is_free[*partner]) {
            partners[at] = Some(partner);
            is_free[partner] = false;
        }
    }
    for (at, partner) in partners.iter_mut().enumerate() {
        let is_here = is_free.get(at).copied().unwrap_or_default();
        if partner.is_none() && is_here && !(has_name[at] && names[at].is_some()) {
            *partner = Some(at);
            is_free[at] = false;
        }
    }
    partners
}

fn section<'a>(from: Option<(usize, Section<'a>)>, to: Option<(usize, Section<'a>)>) -> Compared<'a> {
    let lines = |side: Option<(usize, Section<'a>)>| match side {
        Some((_, section)) => section.lines().collect::<Vec<_>>(),
        None => Vec::new(),
    };
    let sides = || to.into_iter().chain(from).map(|(_, section)| section);
    let kind = sides().find_map(|section| section.media().map(|media| media.kind));
    let is_session = to.or(from).is_some_and(|(at, _)| at == 0);
    Compared {
        mid: sides().find_map(Section::mid),
        title: kind.unwrap_or(if is_session { "session" } else { "" }),
        from: from.map(|(at, _)| at),
        to: to.map(|(at, _)| at),
        operations: operations(&lines(from), &lines(to)),
    }
}

fn operations<'a>(from: &[&'a str], to: &[&'a str]) -> Vec<Operation<'a>> {
    let mut numbers = HashMap::new();
    let mut numbered = |lines: &[&'a str]| {
        let number = |line: &&'a str| {
            let next = numbers.len() as u32;
            *numbers.entry(*line).or_insert(next)
        };
        lines.iter().map(number).collect::<Vec<_>>()
    };
    let (left, right) = (numbered(from), numbered(to));
    let (mut a, mut b) = (0, 0);
    let operation = |run: Run| match run.kind {
        Kind::Equal => {
            (a, b) = (a + run.lines, b + run.lines);
            Operation::Equal(run.lines)
        }
        Kind::Removed => {
            a += run.lines;
            Operation::Removed(from[a - run.lines..a].to_vec())
        }
        Kind::Added => {
            b += run.lines;
            Operation::Added(to[b - run.lines..b].to_vec())
        }
    };
    difference(&left, &right).into_iter().map(operation).collect()
}
