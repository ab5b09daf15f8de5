//! What commands write to standard output, made safe to look at.
//!
//! `println!` panics when the reader has gone; this does not. Texts that came from tokens may contain anything, also
//! characters that move a terminal's cursor or turn the writing direction, so tables show such characters as escapes.

use std::fmt::Display;
use std::io::{self, Write};
use std::time::Duration;

use super::failure::Failure;
use crate::time::UnixMs;

/// Writes a text to standard output.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| Failure::output(&error))
}

/// Tells something beside the output, on standard error.
pub fn warn(text: impl Display) {
    // Standard error may be closed; then there is nowhere left to tell it.
    let _ = io::Write::write_fmt(&mut io::stderr(), format_args!("warning: {text}\n"));
}

/// The text with every character that would not be shown as itself written as an escape.
pub fn visible(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// A point in time for a table; 1970 stands for one that is missing or damaged, and is not shown.
pub fn moment(time: UnixMs) -> String {
    if time == UnixMs::default() {
        "-".to_string()
    } else {
        time.to_string()
    }
}

/// Rows in columns of equal width, with two blanks between them. The last column is not padded.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let length = |row: &Vec<String>, column: usize| row.get(column).map_or(0, |cell| cell.chars().count());
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().map(|row| length(row, column)).max().unwrap_or(0))
        .collect();
    let mut out = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}

/// Days and hours, or hours, minutes and seconds.
pub fn age(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600, seconds / 60 % 60);
    if days > 0 {
        return format!("{days} d {} h", hours % 24);
    }
    format!("{hours}:{minutes:02}:{:02}", seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_what_one_counts_in() {
        for (seconds, text) in [(3_661, "1:01:01"), (90_000, "1 d 1 h"), (0, "0:00:00")] {
            assert_eq!(age(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn what_could_deceive_a_terminal_is_shown_as_an_escape() {
        assert_eq!(visible("a\u{1b}[2Jb\n\u{202e}c"), "a\\u{1b}[2Jb\\u{a}\\u{202e}c");
        assert_eq!(visible("Zoë 会议 \"x\" \\"), "Zoë 会议 \"x\" \\");
    }

    #[test]
    fn a_time_that_is_not_known_is_not_shown() {
        assert_eq!(moment(UnixMs(0)), "-");
        assert_eq!(moment(UnixMs(1)), "1970-01-01T00:00:00.001Z");
    }

    #[test]
    fn columns_line_up() {
        let row = |cells: [&str; 3]| cells.map(str::to_string).to_vec();
        assert_eq!(
            table(&[row(["a", "bc", "d"]), row(["éé", "", "f"])]),
            "a   bc  d\néé      f\n"
        );
        assert_eq!(table(&[]), "");
    }
}
