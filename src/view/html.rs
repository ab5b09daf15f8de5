//! What of a page can be read without its script: the verdict and the findings, as plain HTML.
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

/// The findings for readers without a script.
pub fn plain(head: &Head) -> String {
    format!(
        "<h1>{}</h1>\n<p>{}</p>\n",
        escaped(&head.source.name),
        escaped(&text(head.verdict.get()))
    )
}

/// The member `text` of an object.
fn text(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
    value["text"].as_str().unwrap_or_default().to_owned()
}
