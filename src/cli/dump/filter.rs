//! Which events of a dump are wanted: by connection, method, time and text.
use std::str::FromStr;

use regex::bytes::{Regex, RegexBuilder};

use crate::cli::failure::Failure;
use crate::config::Period;
use crate::dump::decode::Event;
use crate::time::UnixMs;

/// The options of it.
#[derive(Debug, clap::Args)]
pub struct Filter {
    /// Only events of this connection (PC_0), or of the client itself (client); can be repeated
    #[arg(long, value_name = "NAME")]
    connection: Vec<String>,
    /// Only events of this method in any case, * being any characters ('*ice*'); can be repeated
    #[arg(long, value_name = "NAME")]
    method: Vec<Pattern>,
    /// No events of this method (getStats); can be repeated
    #[arg(long, value_name = "NAME")]
    not_method: Vec<Pattern>,
    /// Only from this time on: 90s or 1500ms after the first event, or 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<Time>,
    /// Only before such a time
    #[arg(long, value_name = "TIME")]
    until: Option<Time>,
    /// Only events whose line fits this regular expression; (?i) in front ignores case
    #[arg(long = "match", value_name = "REGEX")]
    pattern: Option<String>,
}

/// A name in which `*` stands for any characters.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// Whether this is such a name.
    pub fn fits(&self, name: &str) -> bool {
        self.0.is_match(name.as_bytes())
    }
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Pattern, String> {
        let parts: Vec<String> = text.split('*').map(regex::escape).collect();
        let whole = format!("^{}$", parts.join(".*"));
        let regex = RegexBuilder::new(&whole).case_insensitive(true).unicode(false).build();
        regex.map(Pattern).map_err(|error| error.to_string())
    }
}

/// A point in time as a person gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Time {
    /// Milliseconds after the first event.
    After(f64),
    /// Milliseconds since 1970.
    At(f64),
}

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Time, String> {
        if let Some(UnixMs(time)) = UnixMs::parse(text) {
            return Ok(Time::At(time as f64));
        }
        let text = text.trim_start_matches('+');
        if let Ok(Period(after)) = text.parse() {
            return Ok(Time::After(after.as_secs_f64() * 1000.0));
        }
        let seconds: Option<f64> = text.trim_end_matches('s').trim_end().parse().ok();
        let seconds = seconds.filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
        seconds.map(|seconds| Time::After(seconds * 1000.0)).ok_or_else(|| {
            "write it like 90s, 1.5s or 1500ms after the first event, or 2026-01-31T12:00:00Z".to_owned()
        })
    }
}

impl Time {
    /// In ms since 1970, in a dump whose first event was at `begin`.
    pub fn absolute(self, begin: f64) -> f64 {
        match self {
            Time::After(ms) => begin + ms,
            Time::At(time) => time,
        }
    }
}

impl Filter {
    /// The filter, ready to be asked.
    ///
    /// # Errors
    /// The regular expression is none.
    pub fn passing(&self) -> Result<Passing<'_>, Failure> {
        let regex = |text: &String| RegexBuilder::new(text).unicode(false).build();
        let regex = self.pattern.as_ref().map(regex).transpose();
        let regex = regex.map_err(|error| {
            let pattern = self.pattern.as_deref().unwrap_or_default();
            Failure::Usage(format!(
                "--match: {pattern:?} is no regular expression: {}",
                reason(&error)
            ))
        })?;
        Ok(Passing {
            filter: self,
            regex,
            begin: None,
        })
    }
}

/// Why a regular expression is none. What the library says is a drawing of several lines; its last one says what is
/// wrong.
fn reason(error: &regex::Error) -> String {
    let told = error.to_string();
    let last = told.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

/// A filter at work on one dump.
pub struct Passing<'a> {
    filter: &'a Filter,
    regex: Option<Regex>,
    begin: Option<f64>,
}

impl Passing<'_> {
    /// When the dump begins: at the first event that is shown here.
    pub fn begin(&mut self, event: &Event<'_>) -> f64 {
        *self.begin.get_or_insert(event.timestamp)
    }

    /// Whether the event passes, whatever its line is.
    pub fn wants(&self, event: &Event<'_>) -> bool {
        let Filter {
            connection,
            method,
            not_method,
            since,
            until,
            ..
        } = self.filter;
        let begin = self.begin.unwrap_or(event.timestamp);
        if since.is_some_and(|since| event.timestamp < since.absolute(begin)) {
            return false;
        }
        if until.is_some_and(|until| event.timestamp >= until.absolute(begin)) {
            return false;
        }
        if !connection.is_empty() && !connection.iter().any(|name| is_named(event, name)) {
            return false;
        }
        if method.is_empty() && not_method.is_empty() {
            return true;
        }
        let name = event.method.name();
        let fits = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.fits(&name));
        (method.is_empty() || fits(method)) && !fits(not_method)
    }

    /// Whether a line passes.
    pub fn wants_line(&self, line: &[u8]) -> bool {
        self.regex.as_ref().is_none_or(|regex| regex.is_match(line))
    }
}

/// Whether an event is of the connection of this name, `client` being the client itself.
pub fn is_named(event: &Event<'_>, name: &str) -> bool {
    let sent = event.connection.sent;
    match event.connection.index {
        0 => name == "client",
        _ => sent
            .as_text()
            .map_or(sent.raw() == name.as_bytes(), |text| text.is(name)),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::dump::decode::Decoder;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        filter: Filter,
    }

    const LINES: [&str; 5] = [
        r#"[39,null,{"a":1},1700000000000]"#,
        r#"[39,"PC_0",{},100]"#,
        r#"[24,"PC_0","Checking",900]"#,
        r#"["g",17,{"0":{"type":5}},1000]"#,
        r#"["custom",null,"x",-1500]"#,
    ];

    /// The numbers of the lines that pass.
    fn passed(arguments: &[&str]) -> Vec<usize> {
        let command = Command::try_parse_from([&["x"], arguments].concat()).unwrap();
        let mut passing = command.filter.passing().unwrap();
        let mut decoder = Decoder::new();
        let mut found = Vec::new();
        for (number, text) in LINES.iter().enumerate() {
            let event = decoder.line(text.as_bytes()).unwrap().unwrap();
            passing.begin(&event);
            let mut line = Vec::new();
            event.write_json(&mut line);
            if passing.wants(&event) && passing.wants_line(&line) {
                found.push(number);
            }
        }
        found
    }

    #[test]
    fn all_that_is_asked_for_has_to_fit() {
        for (arguments, expected) in [
            (&[][..], &[0, 1, 2, 3, 4][..]),
            (&["--connection", "PC_0"], &[1, 2]),
            (&["--connection", "17", "--connection", "client"], &[0, 3, 4]),
            (&["--method", "CREATE"], &[0, 1]),
            (&["--method", "on*state*"], &[2]),
            (&["--method", "*"], &[0, 1, 2, 3, 4]),
            (&["--not-method", "getStats", "--not-method", "create"], &[2, 4]),
            (&["--since", "1s"], &[2, 3]),
            (&["--since", "+0.1", "--until", "2000ms"], &[1, 2, 4]),
            (&["--until", "2023-11-14T22:13:20.100Z"], &[0]),
            (&["--match", "checking"], &[]),
            (&["--match", "(?i)checking"], &[2]),
            (&["--match", r#"^\[\d+(\.0)?,null,"c"#], &[0, 4]),
            (&["--method", "create", "--connection", "client"], &[0]),
        ] {
            assert_eq!(passed(arguments), expected, "{arguments:?}");
        }
    }

    #[test]
    fn what_is_no_time_or_expression_is_refused() {
        for time in ["", "yesterday", "-1s", "1e999", "10:00"] {
            assert!(time.parse::<Time>().is_err(), "{time}");
        }
        let command = Command::try_parse_from(["x", "--match", "("]).unwrap();
        let refused = command.filter.passing().err().map(|error| error.to_string());
        assert!(refused.is_some_and(|words| words.starts_with("--match: ")));
    }
}
