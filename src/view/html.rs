//! What of a page can be read without its script: the verdict, the facts, the findings and what could not be judged, as
//! plain HTML. It is also what `grep` finds in the file.
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::head::{Head, Source};
use crate::time::UnixMs;

/// A text as HTML has it, also within quotes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // HTML has no way to write it.
            '\0' => out.push('\u{fffd}'),
            _ => out.push(letter),
        }
    }
    out
}

/// All that is said of a call, for readers without a script.
pub fn plain(head: &Head) -> String {
    let notes: String = notes(&head.source)
        .iter()
        .map(|note| format!("<p>{}</p>\n", escaped(note)))
        .collect();
    let findings: String = head.judgement.findings.iter().map(finding).collect();
    let found = match head.judgement.findings.is_empty() {
        true => "<p>No rule found anything.</p>\n".to_owned(),
        false => format!("<ul>\n{findings}</ul>\n"),
    };
    format!(
        "<h1>{}</h1>\n<p><strong>{}</strong></p>\n{notes}<h2>Facts</h2>\n{}<h2>Findings</h2>\n{found}{}\
         <p>Charts, the time line and all events need JavaScript.</p>\n",
        escaped(&head.source.name),
        text(&head.judgement.verdict, "text"),
        facts(head),
        not_evaluable(&head.judgement.not_evaluable),
    )
}

fn text(value: &Value, name: &str) -> String {
    escaped(value[name].as_str().unwrap_or_default())
}

/// What must be known before anything else is believed.
fn notes(source: &Source) -> Vec<String> {
    let mut notes = source.notes.clone();
    if source.masked {
        notes.push("Addresses and labels are masked.".to_owned());
    }
    if !source.complete {
        notes.push("The dump is not complete.".to_owned());
    }
    notes
}

fn facts(head: &Head) -> String {
    let facts = &head.facts;
    let codecs = facts.codecs.join(", ");
    let connections = head.connections.len().to_string();
    let machine = [&facts.system, &facts.machine, &facts.screen].map(|part| part.as_deref().unwrap_or_default());
    let machine = machine.into_iter().filter(|part| !part.is_empty());
    let length = facts
        .duration
        .as_ref()
        .map(|duration| format!("{:.1} s", duration.0 / 1000.0));
    let rows = [
        ("Began", Some(moment(head.clock.start.0))),
        ("Lasted", length),
        ("Browser", facts.browser.clone().or(facts.user_agent.clone())),
        ("Machine", Some(machine.collect::<Vec<_>>().join(", "))),
        ("Page", facts.origin.clone()),
        ("Path", facts.path.clone()),
        ("Codecs", Some(codecs)),
        ("Connections", Some(connections)),
        ("Dump", Some(head.source.format.to_owned())),
    ];
    let known = rows.into_iter().filter_map(|(name, text)| Some((name, text?)));
    let known = known.filter(|(_, text)| !text.is_empty());
    let rows: String = known
        .map(|(name, text)| format!("<dt>{name}</dt><dd>{}</dd>\n", escaped(&text)))
        .collect();
    format!("<dl>\n{rows}</dl>\n")
}

fn finding(finding: &Value) -> String {
    let when = finding["start"].as_f64().map(moment).unwrap_or_default();
    let length = match (finding["start"].as_f64(), finding["end"].as_f64()) {
        (Some(start), Some(end)) if end > start => format!(" for {:.1} s", (end - start) / 1000.0),
        _ => String::new(),
    };
    let place = match finding["connection"].as_str() {
        Some(name) => format!(", {}", escaped(name)),
        None => String::new(),
    };
    format!(
        "<li><strong>{}</strong> {} <small>{}, {when}{length}{place}</small><br>{}</li>\n",
        text(finding, "severity"),
        text(finding, "text"),
        text(finding, "id"),
        text(finding, "hint")
    )
}

/// The rules that could not be judged, by reason.
fn not_evaluable(all: &[Value]) -> String {
    let mut reasons: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in all {
        if let (Some(reason), Some(id)) = (one["reason"].as_str(), one["id"].as_str()) {
            reasons.entry(reason).or_default().insert(id);
        }
    }
    if reasons.is_empty() {
        return String::new();
    }
    let item = |(reason, ids): (&str, BTreeSet<&str>)| {
        let ids: Vec<&str> = ids.into_iter().collect();
        format!("<li>{}: {}</li>\n", escaped(reason), escaped(&ids.join(", ")))
    };
    let items: String = reasons.into_iter().map(item).collect();
    format!("<h2>Not evaluable</h2>\n<ul>\n{items}</ul>\n")
}

/// In UTC. A clock that is broken gives no time.
fn moment(ms: f64) -> String {
    match ms.is_finite() && ms >= 0.0 {
        true => UnixMs(ms as u64).to_string(),
        false => "no time".to_owned(),
    }
}
