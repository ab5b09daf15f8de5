//! The effective configuration as a TOML text that says where each value came from.
//!
//! Secrets print themselves as `***`, so this text is for reading and cannot be used as a configuration file.

use std::borrow::Cow;
use std::fmt::Write;
use std::path::Path;

use super::sources::{Source, Sources};
use super::tables::Config;
use crate::redact::{has_login, is_path};

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
        text.push_str(&shown(line));
        if let Some(origin) = origin(&table, line, sources) {
            // Writing to a String cannot fail.
            let _ = write!(text, "  # {origin}");
        }
        text.push('\n');
    }
    text
}

/// The line, without its value if a secret was put where a path or an address belongs.
fn shown(line: &str) -> Cow<'_, str> {
    let Some((name, _)) = line.split_once(" = ") else {
        return line.into();
    };
    let parsed = line.parse::<toml::Table>().ok();
    let Some(toml::Value::String(value)) = parsed.as_ref().and_then(|table| table.get(name)) else {
        return line.into();
    };
    let is_file = name == "file" || name.ends_with("_file");
    if has_login(value) || (is_file && !is_path(Path::new(value))) {
        return format!("{name} = \"***\"").into();
    }
    line.into()
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
