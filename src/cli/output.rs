//! What commands write to standard output, made safe to look at.
//!
//! `println!` panics when the reader has gone; this does not. Texts that peers have sent may contain anything, so
//! tables show what is hidden as escapes (`visible`), and so does JSON on a terminal.

use std::fmt::{Display, Write as _};
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use super::failure::Failure;
use super::visible::{is_hidden, visible};
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
    note(format_args!("warning: {text}"));
}

/// The same for what is as it should be.
pub fn note(text: impl Display) {
    let text = visible(&text.to_string());
    // Standard error may be closed; then there is nowhere left to tell it.
    let _ = io::Write::write_fmt(&mut io::stderr(), format_args!("{text}\n"));
}

/// Writes JSON to standard output, as it is or, on a terminal, by [`Json`].
pub fn print_json(text: &str) -> Result<(), Failure> {
    let mut out = Json::of_stdout();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Failure::output(&error))
}

/// Standard output for JSON, which may hold anything that a peer has sent. A terminal gets what is hidden as escapes,
/// which are the same JSON; everybody else gets each byte as it is.
#[derive(Debug)]
pub enum Json {
    Exact(io::StdoutLock<'static>),
    /// With the bytes of a character whose end has not come yet.
    Terminal(io::StdoutLock<'static>, Vec<u8>),
}

impl Json {
    pub fn of_stdout() -> Json {
        let out = io::stdout().lock();
        match out.is_terminal() {
            true => Json::Terminal(out, Vec::new()),
            false => Json::Exact(out),
        }
    }
}

impl Write for Json {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Json::Exact(out) => out.write(bytes),
            Json::Terminal(out, begun) => {
                begun.extend_from_slice(bytes);
                let whole = begun.len() - begun_character(begun);
                out.write_all(escaped(&String::from_utf8_lossy(&begun[..whole])).as_bytes())?;
                begun.drain(..whole);
                Ok(bytes.len())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Json::Exact(out) | Json::Terminal(out, _) => out.flush(),
        }
    }
}

/// How many bytes at the end are the beginning of a character that goes on behind them.
fn begun_character(text: &[u8]) -> usize {
    let tail = text.iter().rev().take(3).position(|byte| *byte >= 0xc0);
    let Some(at) = tail else { return 0 };
    let length = match text[text.len() - 1 - at] {
        0xf0.. => 4,
        0xe0.. => 3,
        _ => 2,
    };
    if at + 1 < length { at + 1 } else { 0 }
}

/// JSON in which what is hidden is written as JSON has it (RFC 8259, section 7). Line feeds stand between values.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match is_hidden(c) && c != '\n' && c != '\t' {
            true => write!(out, "\\u{:04x}", u32::from(c)).unwrap_or_default(),
            false => out.push(c),
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
    fn json_on_a_terminal_is_the_same_json() {
        let text = "[\"a\u{9b}31m\u{7f}\u{202e}b\",\"Zoë 会议 \u{1f600}\"]\n";
        let shown = escaped(text);
        assert_eq!(shown, "[\"a\\u009b31m\\u007f\\u202eb\",\"Zoë 会议 \u{1f600}\"]\n");
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&shown), value(text));
    }

    #[test]
    fn a_character_is_told_from_its_beginning() {
        let text = "aë会\u{1f600}";
        for end in 0..=text.len() {
            let begun = begun_character(&text.as_bytes()[..end]);
            assert!(
                text.is_char_boundary(end - begun) && (begun > 0) != text.is_char_boundary(end),
                "{end}"
            );
        }
        assert_eq!(begun_character(b"\x80\x80\x80\x80"), 0);
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
