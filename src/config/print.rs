//! The effective configuration as a TOML text that says where each value came from.
//!
//! Secrets print themselves as `***`, so this text is for reading and cannot be used as a configuration file.

use std::fmt::Write;

use super::sources::{Source, Sources};
use super::tables::Config;

/// The whole configuration. Each value that is not a default is followed by its origin.
pub fn effective(config: &Config, sources: &Sources) -> String {
    let plain = toml::to_string(config).expect("every table of the configuration serializes: its keys are names");
    let mut text = match sources.file() {
        Some(file) => format!("# file: {}\n", file.display()),
        None => "# no file was found: the defaults and the environment hold\n".to_string(),
    };
    let mut table = String::new();
    let mut index = None;
    for line in plain.lines() {
        if let Some(header) = line.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]")) {
            index = Some(index.map_or(0, |index| index + 1));
            table = format!("{header}[{}].", index.unwrap_or(0));
        } else if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            table = format!("{header}.");
        }
        text.push_str(line);
        if let Some(origin) = origin(&table, line, sources) {
            // Writing to a String cannot fail.
            let _ = write!(text, "  # {origin}");
        }
        text.push('\n');
    }
    text
}

/// Where the value of a line came from. A line that is not a complete `key = value` (such as part of a text over
/// several lines) has no place for a comment.
fn origin(table: &str, line: &str, sources: &Sources) -> Option<String> {
    let (name, _) = line.split_once(" = ")?;
    line.parse::<toml::Table>().ok()?;
    match sources.of(&format!("{table}{name}"))? {
        Source::File(line) => Some(format!("line {line}")),
        Source::Environment(variable) => Some(variable.clone()),
    }
}
