//! The parts of a finding in words that are safe to look at, for every form of text.
//!
//! Times are those of the client's clock, in UTC to the millisecond; a time that is no moment of a calendar is told as
//! the distance from the beginning alone.
use super::told::{Begin, Told};
use crate::cli::figures::{length, offset, quantity};
use crate::cli::visible::{short, visible};
use crate::dump::clock::ABSOLUTE_MS_MIN;
use crate::findings::{Evidence, Finding, Origin};
use crate::time::UnixMs;

/// Pieces of evidence that are told.
const EVIDENCE_SHOWN: usize = 3;

/// The name of a connection, which is a JSON string, or whatever was sent in its place.
pub fn connection(name: &str) -> String {
    let text = serde_json::from_str::<String>(name);
    let text = text.map_or_else(|_| short(name), |text| short(&text));
    if text.is_empty() { "\"\"".to_owned() } else { text }
}

/// `PC_0, track 5f2…, report OT01A`: what a finding points to; empty for the client itself.
pub fn place(finding: &Finding) -> String {
    let connection = finding.connection.as_ref().map(|(name, _)| connection(name));
    let track = finding.track.as_ref().map(|track| format!("track {}", short(track)));
    let report = finding
        .report
        .as_ref()
        .map(|report| format!("report {}", short(report)));
    let parts: Vec<String> = [connection, track, report].into_iter().flatten().collect();
    parts.join(", ")
}

/// How long the dump is and when it begins: `1:00.9 from 2026-01-31T12:00:00.000Z`.
pub fn duration(told: &Told) -> String {
    match told.begin {
        None => "no event".to_owned(),
        Some(Begin { time: None, .. }) => format!("{}, no time is known", length(told.length)),
        Some(Begin { time: Some(time), .. }) => format!("{} from {}", length(told.length), UnixMs(time as u64)),
    }
}

/// `12:03:04.567 to 12:03:09.000 UTC (+3.200 s, 4.433 s long)`; what has no end lasts until the dump ends.
pub fn span(finding: &Finding, begin: Option<Begin>) -> String {
    let begin = begin.unwrap_or(Begin {
        stamp: finding.start,
        time: None,
    });
    let ended = finding.end.filter(|end| *end > finding.start);
    let long = ended.map_or(String::new(), |end| format!(", {} long", length(end - finding.start)));
    let distance = format!("{}{long}", offset(finding.start - begin.stamp));
    let until = match finding.end {
        None => " to the end",
        Some(_) => "",
    };
    match [Some(finding.start), ended].map(|time| time.and_then(|time| clock(time, begin))) {
        [Some(start), Some(end)] => format!("{start} to {end} UTC ({distance})"),
        [Some(start), None] => format!("{start} UTC{until} ({distance})"),
        _ => format!("{distance}{until}"),
    }
}

/// The time of day, with the date where that is not the one on which the dump begins.
fn clock(stamp: f64, begin: Begin) -> Option<String> {
    let first = begin.time?;
    let time = first + (stamp - begin.stamp);
    if !(ABSOLUTE_MS_MIN..=u64::MAX as f64).contains(&time) {
        return None;
    }
    let moment = UnixMs(time as u64);
    let text = moment.to_string();
    let (date, time) = text.trim_end_matches('Z').split_once('T')?;
    Some(match UnixMs(first as u64).date() == moment.date() {
        true => time.to_owned(),
        false => format!("{date} {time}"),
    })
}

/// `412 ms, threshold 300 ms, 12 % of the time`; empty where nothing was measured.
pub fn measured(finding: &Finding) -> String {
    let quantity = |number: f64| quantity(number, finding.unit);
    let value = finding.value.map(quantity);
    let threshold = finding
        .threshold
        .map(|threshold| format!("threshold {}", quantity(threshold)));
    let share = finding.share.map(|share| format!("{:.1} % of the time", 100.0 * share));
    let parts: Vec<String> = [value, threshold, share].into_iter().flatten().collect();
    parts.join(", ")
}

/// `oniceconnectionstatechange "failed" (+3.200 s)`: the first pieces of evidence.
pub fn evidence(finding: &Finding, begin: Option<Begin>) -> String {
    let shown = finding.evidence.iter().take(EVIDENCE_SHOWN);
    let mut parts: Vec<String> = shown.map(|evidence| piece(evidence, begin)).collect();
    match finding.evidence.len().saturating_sub(EVIDENCE_SHOWN) {
        0 => {}
        more => parts.push(format!("and {more} more")),
    }
    parts.join("; ")
}

fn piece(evidence: &Evidence, begin: Option<Begin>) -> String {
    let of = match &evidence.of {
        Origin::Event(method) => short(method),
        Origin::Report(id, property) => format!("{} {}", short(id), visible(property)),
    };
    let since = begin.map_or(String::new(), |begin| {
        format!(" ({})", offset(evidence.time - begin.stamp))
    });
    format!("{of} {}{since}", short(&evidence.value))
}

/// Lines of at most `width` characters, broken at blanks; a word that is longer has a line of its own.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Scope, Severity, rules};

    const START: f64 = 1_700_000_000_000.0;

    fn finding(start: f64, end: Option<f64>) -> Finding {
        Finding {
            rule: rules().next().unwrap(),
            severity: Severity::Warning,
            scope: Scope::Connection,
            connection: Some(("\"PC_0\"".into(), 1)),
            track: None,
            report: None,
            start,
            end,
            value: None,
            threshold: None,
            unit: "s",
            share: None,
            evidence: Vec::new(),
            cause_of: Vec::new(),
            because_of: Vec::new(),
            text: String::new(),
        }
    }

    #[test]
    fn a_span_has_the_zone_and_the_distance_from_the_beginning() {
        let at = |stamp: f64| {
            let time = (stamp >= ABSOLUTE_MS_MIN).then_some(stamp);
            Some(Begin { stamp, time })
        };
        let late = Some(Begin {
            stamp: 15.0,
            time: Some(START + 15.0),
        });
        for (start, end, begin, told) in [
            (
                START + 250.0,
                Some(START + 1250.0),
                at(START),
                "22:13:20.250 to 22:13:21.250 UTC (+0.250 s, 1.000 s long)",
            ),
            (START, None, at(START), "22:13:20.000 UTC to the end (+0.000 s)"),
            (START, Some(START), at(START), "22:13:20.000 UTC (+0.000 s)"),
            (
                START + 86_400_000.0,
                Some(START),
                at(START),
                "2023-11-15 22:13:20.000 UTC (+86400.000 s)",
            ),
            (700.0, Some(1700.0), at(0.0), "+0.700 s, 1.000 s long"),
            (1015.0, Some(1015.0), late, "22:13:21.015 UTC (+1.000 s)"),
            (f64::NAN, None, None, "+NaN s to the end"),
        ] {
            assert_eq!(span(&finding(start, end), begin), told);
        }
    }

    #[test]
    fn what_was_measured_stands_against_its_threshold() {
        let mut finding = finding(START, None);
        assert_eq!(measured(&finding), "");
        (finding.value, finding.threshold, finding.share) = (Some(0.412), Some(0.3), Some(0.12));
        assert_eq!(measured(&finding), "412 ms, threshold 300 ms, 12.0 % of the time");
    }

    #[test]
    fn names_of_a_dump_cannot_move_a_cursor() {
        let mut finding = finding(START, None);
        finding.connection = Some(("\"PC\\u001b[2J\"".into(), 1));
        finding.track = Some("a\u{202e}b".into());
        assert_eq!(place(&finding), "PC\\u{1b}[2J, track a\\u{202e}b");
        finding.evidence.push(Evidence {
            of: Origin::Event("on\u{7}".into()),
            time: START + 5.0,
            value: "\"x\"".into(),
        });
        assert_eq!(
            evidence(
                &finding,
                Some(Begin {
                    stamp: START,
                    time: None
                })
            ),
            "on\\u{7} \"x\" (+0.005 s)"
        );
        assert_eq!(
            (connection("17"), connection("\"\"")),
            ("17".to_owned(), "\"\"".to_owned())
        );
    }

    #[test]
    fn lines_are_broken_at_blanks() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("extraordinary is long", 7), ["extraordinary", "is long"]);
        assert_eq!(wrapped("", 7), [""]);
    }
}
