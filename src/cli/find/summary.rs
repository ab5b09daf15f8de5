//! `find --summary`: in how many calls what was found.
//!
//! A call counts once for each rule, by the highest severity, and once by the worst of all. Shares are of the calls
//! that were examined; others are counted apart.
use serde_json::{Map, Value, json};

use crate::cli::figures::count;
use crate::cli::output::table;
use crate::cli::visible::visible;
use crate::database::{Counts, SEVERITIES, Tally};
use crate::time::UnixMs;

/// A part of the summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum By {
    /// All sessions together
    Total,
    /// Each day
    Day,
}

/// A table of rules, and one of days.
pub fn text(tally: &Tally, by: Option<By>) -> String {
    let mut out = format!("{}\n", headline(tally));
    if tally.total.rows == 0 {
        return out;
    }
    if by != Some(By::Day) {
        out += &format!("\n{}", rules(&tally.total));
    }
    if by != Some(By::Total) {
        out += &format!("\n{}", days(tally));
    }
    out
}

fn headline(tally: &Tally) -> String {
    let total = &tally.total;
    let calls = match total.rows {
        1 => "1 call".to_owned(),
        rows => format!("{} calls", count(rows)),
    };
    let mut known = tally.days.keys().flatten();
    let span = match (known.next(), known.next_back()) {
        (Some(first), Some(last)) => format!(" from {} to {}", date(*first), date(*last)),
        (Some(only), None) => format!(" of {}", date(*only)),
        _ => String::new(),
    };
    let others = match total.rows - total.examined {
        0 => String::new(),
        others => format!(
            ", {} not (`features --backfill` examines what is stored)",
            count(others)
        ),
    };
    format!("{calls}{span}: {} examined{others}", count(total.examined))
}

fn rules(counts: &Counts) -> String {
    let headings = ["FINDING", "CALLS", "SHARE", "CRITICAL", "WARNING", "INFO"];
    let line = |name: &str, own: [u64; 3]| {
        let calls: u64 = own.iter().sum();
        let mut line = vec![visible(name), count(calls), share(calls, counts.examined)];
        line.extend(own.map(or_dash));
        line
    };
    let mut lines = vec![headings.map(str::to_owned).to_vec()];
    lines.extend(sorted(counts).into_iter().map(|(rule, own)| line(rule, own)));
    lines.push(line("any of them", counts.worst));
    let none = counts.examined - counts.with_findings();
    lines.push(vec!["none".to_owned(), count(none), share(none, counts.examined)]);
    table(&lines)
}

fn days(tally: &Tally) -> String {
    let headings = [
        "DAY",
        "CALLS",
        "EXAMINED",
        "CRITICAL",
        "WARNING",
        "INFO",
        "NONE",
        "WORST OF THE DAY",
    ];
    let mut lines = vec![headings.map(str::to_owned).to_vec()];
    for (day, counts) in tally.days.iter().rev() {
        let of_all = |calls: u64| match calls {
            0 => "-".to_owned(),
            calls => format!("{} ({})", count(calls), share(calls, counts.examined)),
        };
        let mut line = vec![
            day.map_or("-".to_owned(), date),
            count(counts.rows),
            count(counts.examined),
        ];
        line.extend(counts.worst.map(of_all));
        line.push(of_all(counts.examined - counts.with_findings()));
        let worst = sorted(counts).into_iter().next();
        line.push(worst.map_or("-".to_owned(), |(rule, own)| {
            format!("{} {}", visible(rule), of_all(own.iter().sum()))
        }));
        lines.push(line);
    }
    table(&lines)
}

/// The rules by how many calls they have found critical, then wrong, then worth knowing.
fn sorted(counts: &Counts) -> Vec<(&str, [u64; 3])> {
    let mut all: Vec<_> = counts.rules.iter().map(|(rule, own)| (rule.as_str(), *own)).collect();
    all.sort_by(|(_, one), (_, other)| other.cmp(one));
    all
}

fn or_dash(calls: u64) -> String {
    match calls {
        0 => "-".to_owned(),
        calls => count(calls),
    }
}

fn share(calls: u64, all: u64) -> String {
    match all {
        0 => "-".to_owned(),
        all => format!("{:.1} %", 100.0 * calls as f64 / all as f64),
    }
}

fn date(day: UnixMs) -> String {
    day.to_string().chars().take("2026-01-31".len()).collect()
}

/// One object, with the same.
pub fn json(tally: &Tally, by: Option<By>) -> String {
    let mut object = match by {
        Some(By::Day) => Map::new(),
        _ => members(&tally.total),
    };
    if by != Some(By::Total) {
        let day = |(day, counts): (&Option<UnixMs>, &Counts)| {
            let mut object = Map::new();
            object.insert("day".to_owned(), day.map(date).into());
            object.extend(members(counts));
            Value::Object(object)
        };
        let days = tally.days.iter().rev().map(day).collect();
        object.insert("days".to_owned(), days);
    }
    format!("{}\n", Value::Object(object))
}

fn members(counts: &Counts) -> Map<String, Value> {
    let by_severity = |own: [u64; 3]| SEVERITIES.map(str::to_owned).into_iter().zip(own.map(Value::from));
    let share = |calls: u64| match counts.examined {
        0 => Value::Null,
        all => (calls as f64 / all as f64).into(),
    };
    let rule = |(rule, own): (&str, [u64; 3])| {
        let calls: u64 = own.iter().sum();
        let mut object = Map::from_iter([
            ("id".to_owned(), rule.into()),
            ("calls".to_owned(), calls.into()),
            ("share".to_owned(), share(calls)),
        ]);
        object.extend(by_severity(own));
        Value::Object(object)
    };
    let with = counts.with_findings();
    let object = json!({
        "calls": counts.rows,
        "examined": counts.examined,
        "with_findings": with,
        "share": share(with),
        "by_worst": Map::from_iter(by_severity(counts.worst)),
        "findings": sorted(counts).into_iter().map(rule).collect::<Vec<_>>(),
    });
    match object {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
