//! An explanation as Markdown (CommonMark, tables as GitHub has them), for a ticket or a mail.
//!
//! Everything that a dump says is text here: what Markdown would take for a mark is written with a backslash.
use std::fmt::Write;

use super::order::ordered;
use super::told::Told;
use super::words::{duration, measured, place, span};
use crate::cli::visible::visible;

/// The whole explanation.
pub fn text(told: &Told) -> String {
    let mut out = format!("# {}\n\n", escaped(&told.answer().1));
    out += &escaped(&format!("{}, {}", told.name, duration(told)));
    out.push('\n');
    let placed = ordered(told);
    if !placed.is_empty() {
        out += "\n| severity | finding | where | when | value | what |\n|---|---|---|---|---|---|\n";
    }
    let mut hints = Vec::new();
    for one in &placed {
        let finding = one.finding;
        let cells = [
            finding.severity.name().to_owned(),
            format!("{}{}", "↳ ".repeat(one.level), finding.rule.id),
            place(finding),
            span(finding, told.begin),
            measured(finding),
            finding.text.clone(),
        ];
        let cells = cells.map(|cell| escaped(&cell));
        out += &format!("| {} |\n", cells.join(" | "));
        let hint = (finding.rule.id, finding.rule.hint);
        if one.level == 0 && !hint.1.is_empty() && !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    if !hints.is_empty() {
        out += "\n## What to do\n\n";
    }
    for (id, hint) in hints {
        out += &format!("- {}: {}\n", escaped(id), escaped(hint));
    }
    out + &not_evaluable(told)
}

fn not_evaluable(told: &Told) -> String {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for one in told.findings.not_evaluable.iter().filter(|one| told.is_asked(one.rule)) {
        let at = reasons.iter().position(|(reason, _)| *reason == one.reason);
        let at = at.unwrap_or_else(|| {
            reasons.push((&one.reason, Vec::new()));
            reasons.len() - 1
        });
        if !reasons[at].1.contains(&one.rule) {
            reasons[at].1.push(one.rule);
        }
    }
    let mut out = String::new();
    if !reasons.is_empty() {
        out += "\n## Not evaluable\n\n";
    }
    for (reason, rules) in reasons {
        out += &format!("- {}: {}\n", escaped(reason), escaped(&rules.join(", ")));
    }
    out
}

/// Text without any mark: in one line, with nothing hidden, and a backslash before each character that could be one.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!' | '@' => {
                out.push('\\');
                out.push(c);
            }
            // An address would become a link.
            ':' if text.contains("://") => write!(out, "\\:").unwrap_or_default(),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_a_mark() {
        for (text, told) in [
            ("a|b", "a\\|b"),
            ("<img src=x>", "\\<img src=x\\>"),
            ("[a](http://b)", "\\[a\\](http\\://b)"),
            ("one\ntwo", "one\\\\u\\{a\\}two"),
            ("PC_0", "PC\\_0"),
        ] {
            assert_eq!(escaped(text), told);
        }
    }
}
