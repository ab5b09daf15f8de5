//! Colours of what is printed for people: only on a terminal, and not where `NO_COLOR` is set (no-color.org).
use std::io::{self, IsTerminal};

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    On,
    Off,
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Heading,
    Bad,
    Doubtful,
    /// What is drawn.
    Line,
}

impl Paint {
    /// For standard output.
    pub fn of_stdout() -> Paint {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        match io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb {
            true => Paint::On,
            false => Paint::Off,
        }
    }

    /// The text in the colour of its tone (ECMA-48, 8.3.117).
    pub fn text(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Plain => return text.to_owned(),
            Tone::Heading => 1,
            Tone::Bad => 31,
            Tone::Doubtful => 33,
            Tone::Line => 36,
        };
        match self {
            Paint::On if !text.is_empty() => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            _ => text.to_owned(),
        }
    }

    /// A table whose first line is its heading; its rows are of this tone.
    pub fn table(self, table: &str, tone: Tone) -> String {
        let mut out = String::with_capacity(table.len());
        for (number, line) in table.lines().enumerate() {
            let tone = if number == 0 { Tone::Heading } else { tone };
            out += &self.text(tone, line);
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_painted_line_by_line() {
        let table = "A  B\n1  2\n";
        assert_eq!(Paint::On.table(table, Tone::Plain), "\u{1b}[1mA  B\u{1b}[0m\n1  2\n");
        assert_eq!(
            Paint::On.table(table, Tone::Bad),
            "\u{1b}[1mA  B\u{1b}[0m\n\u{1b}[31m1  2\u{1b}[0m\n"
        );
        assert_eq!(Paint::Off.table(table, Tone::Bad), table);
        assert_eq!(Paint::On.text(Tone::Bad, ""), "");
    }
}
