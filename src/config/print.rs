//! The effective configuration as a TOML text that says where each value came from.
//!
//! Never here: secrets; they print themselves as `***`, so the text is to be read, not to be used as a file.
use super::sources::{Source, Sources};
use super::tables::Config;
use std::fmt::Write;

/// The whole configuration, each value that is no default with its origin behind it.
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

/// Where the value of a line came from. A line that is no whole `key = value` (a text over several lines) has no room for
/// a comment.
fn origin(table: &str, line: &str, sources: &Sources) -> Option<String> {
    let (name, _) = line.split_once(" = ")?;
    line.parse::<toml::Table>().ok()?;
    match sources.of(&format!("{table}{name}"))? {
        Source::File(line) => Some(format!("line {line}")),
        Source::Environment(variable) => Some(variable.clone()),
    }
}
