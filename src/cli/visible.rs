//! Characters that move a terminal's cursor, change its title or turn the writing direction, shown as escapes.

use crate::limits::INFO_TEXT_CHARS_MAX;

/// Whether a character is not shown as itself. All of these have four hexadecimal digits at most.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The text with every character that would not be shown as itself written as an escape.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// A text of at most `INFO_TEXT_CHARS_MAX` characters.
pub fn short(text: &str) -> String {
    match text.char_indices().nth(INFO_TEXT_CHARS_MAX) {
        Some((end, _)) => visible(&text[..end]) + "…",
        None => visible(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_deceive_a_terminal_is_shown_as_an_escape() {
        assert_eq!(visible("a\u{1b}[2Jb\n\u{202e}c"), "a\\u{1b}[2Jb\\u{a}\\u{202e}c");
        assert_eq!(visible("Zoë 会议 \"x\" \\"), "Zoë 会议 \"x\" \\");
    }
}
