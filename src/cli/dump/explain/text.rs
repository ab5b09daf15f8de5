//! An explanation for a terminal: the verdict, the findings by weight with what follows from them below, and what
//! could not be evaluated, by reason.
use std::collections::{BTreeMap, HashMap};

use super::order::{Placed, ordered};
use super::told::{Asked, Begin, Told};
use super::words::{connection, duration, evidence, measured, place, span, wrapped};
use crate::cli::figures::count;
use crate::cli::paint::{Paint, Tone};
use crate::cli::visible::visible;
use crate::findings::Severity;
use crate::limits::{EXPLAIN_COLUMNS, EXPLAIN_SAME_COUNT_MAX};

/// The whole explanation.
pub fn text(told: &Told, paint: Paint) -> String {
    let (severity, answer) = told.answer();
    let tone = severity.map_or(Tone::Heading, tone);
    let mut out = String::new();
    for line in wrapped(&visible(&answer), EXPLAIN_COLUMNS) {
        out += &format!("{}\n", paint.text(tone, &line));
    }
    out += &format!("{}\n", dump(told));
    let mut same: HashMap<&str, usize> = HashMap::new();
    for placed in ordered(told) {
        let number = same.entry(placed.finding.rule.id).or_default();
        *number += 1;
        // The hint of a cause is the one that helps, and once is enough.
        let hint = match (placed.level, *number) {
            (0, 1) => placed.finding.rule.hint,
            _ => "",
        };
        if *number <= EXPLAIN_SAME_COUNT_MAX || told.asked != Asked::All {
            out += &finding(&placed, hint, told.begin, paint);
        }
    }
    out + &more(told, &same) + &not_evaluable(told, paint)
}

/// Which dump it is about, and how many findings of each severity there are.
fn dump(told: &Told) -> String {
    let plural = |number: usize, word: &str| match number {
        1 => format!("1 {word}"),
        number => format!("{} {word}s", count(number as u64)),
    };
    format!(
        "{}: {}, {}, {}",
        told.name,
        duration(told),
        plural(told.connections, "connection"),
        plural(told.shown().count(), "finding")
    )
}

/// One finding, a line for each of its sides.
fn finding(placed: &Placed<'_>, hint: &str, begin: Option<Begin>, paint: Paint) -> String {
    let Placed { finding, level } = *placed;
    let margin = " ".repeat(4 * level);
    let (space, mark) = match level {
        0 => ("\n", ""),
        _ => ("", "└ "),
    };
    let heading = paint.text(
        tone(finding.severity),
        &format!("{mark}{}  {}", finding.severity.name(), finding.rule.id),
    );
    let place = place(finding);
    let mut out = format!("{space}{}\n", format!("{margin}{heading}  {place}").trim_end());
    let width = EXPLAIN_COLUMNS.saturating_sub(margin.len() + INDENT + LABEL).max(20);
    for (label, side) in [
        ("what", visible(&finding.text)),
        ("when", span(finding, begin)),
        ("value", measured(finding)),
        ("seen", evidence(finding, begin)),
        ("hint", hint.to_owned()),
    ] {
        if side.is_empty() {
            continue;
        }
        for (number, line) in wrapped(&side, width).iter().enumerate() {
            let label = if number == 0 { label } else { "" };
            out += &format!("{margin}{:INDENT$}{label:LABEL$}{line}\n", "");
        }
    }
    out
}

/// Columns before and of the names of a finding's sides.
const INDENT: usize = 4;
const LABEL: usize = 7;

/// What was left out: findings that are like others, and those that the examination did not keep.
fn more(told: &Told, same: &HashMap<&str, usize>) -> String {
    let mut left: BTreeMap<&str, u64> = BTreeMap::new();
    for (id, number) in same.iter().filter(|_| told.asked == Asked::All) {
        left.insert(id, number.saturating_sub(EXPLAIN_SAME_COUNT_MAX) as u64);
    }
    for (rule, omitted) in told.findings.omitted.iter().filter(|(rule, _)| told.is_asked(rule.id)) {
        *left.entry(rule.id).or_default() += omitted;
    }
    let left = left.into_iter().filter(|(_, number)| *number > 0);
    let line = |(id, number): (&str, u64)| format!("and {} more of {id} (--rule {id} shows them)\n", count(number));
    let lines: String = left.map(line).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// The rules that had nothing to look at, by reason, with the connections for which that holds.
fn not_evaluable(told: &Told, paint: Paint) -> String {
    type Folded<'a> = (Vec<&'a str>, BTreeMap<usize, String>);
    let mut reasons: BTreeMap<&str, Folded<'_>> = BTreeMap::new();
    let all = told.findings.not_evaluable.iter().filter(|one| told.is_asked(one.rule));
    for one in all {
        let (rules, connections) = reasons.entry(&one.reason).or_default();
        if !rules.contains(&one.rule) {
            rules.push(one.rule);
        }
        if let Some((name, index)) = &one.connection {
            connections.insert(*index, connection(name));
        }
    }
    if reasons.is_empty() {
        return String::new();
    }
    let distinct: std::collections::BTreeSet<&str> =
        reasons.values().flat_map(|(rules, _)| rules.iter().copied()).collect();
    let heading = format!("not evaluable: {} of {} rules", distinct.len(), told.rules);
    let mut out = format!("\n{}\n", paint.text(Tone::Heading, &heading));
    for (reason, (rules, connections)) in reasons {
        let names: Vec<String> = connections.into_values().collect();
        let of = match names.len() {
            0 => String::new(),
            1..=CONNECTIONS_SHOWN => format!(" ({})", names.join(", ")),
            many => format!(" ({} connections)", count(many as u64)),
        };
        for line in wrapped(&format!("{}{of}", visible(reason)), EXPLAIN_COLUMNS - INDENT) {
            out += &format!("{:INDENT$}{line}\n", "");
        }
        for line in wrapped(&rules.join(", "), EXPLAIN_COLUMNS - 2 * INDENT) {
            out += &format!("{:width$}{line}\n", "", width = 2 * INDENT);
        }
    }
    out
}

/// Connections that are told by name beside a reason.
const CONNECTIONS_SHOWN: usize = 8;

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Critical => Tone::Bad,
        Severity::Warning => Tone::Doubtful,
        Severity::Info => Tone::Plain,
    }
}
