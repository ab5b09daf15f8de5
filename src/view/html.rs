//! What of a page can be read without its script: the verdict and the findings, as plain HTML.
use serde_json::Value;

use super::head::Head;

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

/// The verdict and the findings for readers without a script.
pub fn plain(head: &Head) -> String {
    let text = |value: &Value, name: &str| escaped(value[name].as_str().unwrap_or_default());
    let item = |finding: &Value| {
        let (severity, id) = (text(finding, "severity"), text(finding, "id"));
        let (words, hint) = (text(finding, "text"), text(finding, "hint"));
        format!("<li><strong>{severity}</strong> {words} <small>{id}</small><br>{hint}</li>\n")
    };
    let items: String = head.judgement.findings.iter().map(item).collect();
    format!(
        "<h1>{}</h1>\n<p>{}</p>\n<ul>\n{items}</ul>\n<p>Charts, the time line and all events need JavaScript.</p>\n",
        escaped(&head.source.name),
        text(&head.judgement.verdict, "text"),
    )
}
