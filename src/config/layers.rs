//! Reads the layers (the environment overrides the file, which overrides the defaults) and notes where each value came
//! from.
//!
//! Each layer is read alone before they are merged, so that an error names the place of its text: a line of the file,
//! or a variable. Never here: whether values fit together. Limit: a file of FILE_BYTES_MAX. Failures: `ConfigError`.
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::sources::{ConfigError, Problem, Source, Sources};
use super::tables::Config;

/// The length of a configuration file or of a file with a key. The shipped configuration file, with all its comments,
/// has a hundredth of it.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The names of our variables begin with this.
const PREFIX: &str = "RTCSTATS_";

/// What separates the tables and the key in a name. Orchestrators set variables with our prefix for a service of our
/// name (RTCSTATS_SERVER_PORT), but these have single underscores.
const SEPARATOR: &str = "__";

/// The only name of ours without a separator.
const DATA_DIR: &str = "RTCSTATS_DATA_DIR";

/// The key whose value is a list of tables, which cannot be written as one text.
const FILE_ONLY: [&str; 2] = ["authorization", "public_keys"];

/// The text of a file.
pub fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("is longer than {FILE_BYTES_MAX} bytes"),
        ));
    }
    Ok(text)
}

/// Merges the values of a file (if there is none, the defaults) with those of the environment, which take precedence.
pub fn merge(
    file: Option<(&Path, &str)>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<(Config, Sources), ConfigError> {
    let (mut table, mut sources) = match file {
        Some((path, text)) => read_file(path, text)?,
        None => (Table::new(), Sources::default()),
    };
    // Sorted, so that of several errors always the same one is reported.
    let variables: BTreeMap<OsString, OsString> = environment.into_iter().collect();
    for (name, value) in &variables {
        let Some(name) = name.to_str() else { continue };
        let Some(path) = path_of(name) else { continue };
        let value = value.to_str().ok_or_else(|| wrong(name, "", "is not UTF-8"))?;
        if path.starts_with(&FILE_ONLY.map(str::to_string)) {
            return Err(wrong(name, &path.join("."), "can be given in the file only").into());
        }
        let single = nested(&path, value);
        Config::deserialize_from(single.clone()).map_err(|message| wrong(name, &path.join("."), &message))?;
        overlay(&mut table, single);
        sources.set_by_environment(&path.join("."), name);
    }
    let config = Config::deserialize_from(table).map_err(|message| wrong("environment", "", &message))?;
    Ok((config, sources))
}

impl Config {
    fn deserialize_from(table: Table) -> Result<Config, String> {
        table
            .try_into()
            .map_err(|error: toml::de::Error| plain(error.message()))
    }
}

fn wrong(place: &str, key: &str, message: &str) -> Problem {
    Problem {
        place: place.to_string(),
        key: key.to_string(),
        message: message.to_string(),
    }
}

fn read_file(path: &Path, text: &str) -> Result<(Table, Sources), ConfigError> {
    let problem = |spans: Option<&DeTable<'_>>, error: &toml::de::Error| {
        let span = error.span().unwrap_or(0..0);
        let place = format!("{}:{}", path.display(), line(text, span.start));
        wrong(
            &place,
            &spans.and_then(|table| key_at(table, &span)).unwrap_or_default(),
            &plain(error.message()),
        )
    };
    let spans = DeTable::parse(text).map_err(|error| problem(None, &error))?;
    let mut keys = BTreeMap::new();
    each_key(spans.get_ref(), "", &mut |key, span| {
        keys.insert(key.to_string(), Source::File(line(text, span.start)));
    });
    let sources = Sources::new(Some(path.to_path_buf()), keys);
    let table: Table = toml::from_str(text).map_err(|error| problem(Some(spans.get_ref()), &error))?;
    if let Some((key, message)) = misshapen(&table, &default_table(), "") {
        return Err(sources.problem(&key, message).into());
    }
    toml::from_str::<Config>(text).map_err(|error| problem(Some(spans.get_ref()), &error))?;
    Ok((table, sources))
}

fn default_table() -> Table {
    Table::try_from(Config::default()).expect("the defaults are a table")
}

/// Finds a table that is written as a list. serde accepts a list for a table and fills the fields in their order, so
/// that `server = [["[::]:80"]]` would have an effect. No key of ours is a list of lists, and what is a table in the
/// defaults must be a table.
fn misshapen(table: &Table, defaults: &Table, above: &str) -> Option<(String, &'static str)> {
    table.iter().find_map(|(name, value)| {
        let key = format!("{above}{name}");
        match (value, defaults.get(name)) {
            (Value::Table(inner), Some(Value::Table(defaults))) => misshapen(inner, defaults, &format!("{key}.")),
            (_, Some(Value::Table(_))) => Some((key, "must be a table, such as [section] begins")),
            (Value::Array(items), _) if items.iter().any(Value::is_array) => Some((key, "must not be a list of lists")),
            _ => None,
        }
    })
}

/// The line of the byte at `offset`, counted from 1.
fn line(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}

/// Passes every key, including tables, with the place of its name to `found`.
fn each_key(table: &DeTable<'_>, above: &str, found: &mut dyn FnMut(&str, Range<usize>)) {
    for (name, value) in table {
        let key = if above.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{above}.{}", name.get_ref())
        };
        found(&key, name.span());
        match value.get_ref() {
            DeValue::Table(inner) => each_key(inner, &key, found),
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let DeValue::Table(inner) = item.get_ref() {
                        each_key(inner, &format!("{key}[{index}]"), found);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The last key whose name begins at or before the error. An error stands at a key's name or in its value.
fn key_at(table: &DeTable<'_>, error: &Range<usize>) -> Option<String> {
    let mut nearest: Option<(usize, String)> = None;
    each_key(table, "", &mut |key, span| {
        if span.start <= error.start && nearest.as_ref().is_none_or(|(start, _)| *start <= span.start) {
            nearest = Some((span.start, key.to_string()));
        }
    });
    nearest.map(|(_, key)| key)
}

/// The tables and the key that a variable names; `None` if the variable is not ours.
fn path_of(name: &str) -> Option<Vec<String>> {
    if name == DATA_DIR {
        return Some(vec!["data_dir".to_string()]);
    }
    let path = name.strip_prefix(PREFIX)?;
    path.contains(SEPARATOR)
        .then(|| path.to_ascii_lowercase().split(SEPARATOR).map(str::to_string).collect())
}

fn nested(path: &[String], value: &str) -> Table {
    let mut table = Table::new();
    if let Some((first, rest)) = path.split_first() {
        let value = if rest.is_empty() {
            value.into()
        } else {
            nested(rest, value).into()
        };
        table.insert(first.clone(), value);
    }
    table
}

fn overlay(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => overlay(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

/// serde's messages in an operator's words, and without the value that a type error quotes. `invalid type: string
/// "hunter2", expected a table` would be the message for a secret that was written one level too high.
fn plain(message: &str) -> String {
    if let Some(rest) = message.strip_prefix("invalid type: ")
        && let Some((found, expected)) = rest.rsplit_once(", expected ")
    {
        let kind: String = found
            .chars()
            .take_while(|c| c.is_ascii_alphabetic() || *c == ' ')
            .collect();
        let article = if kind.starts_with('i') { "an" } else { "a" };
        return format!("must be {expected}, not {article} {}", kind.trim());
    }
    let words = [
        ("unknown field", "unknown key"),
        ("missing field", "missing key"),
        ("unknown variant", "unknown value"),
    ];
    words
        .iter()
        .fold(message.trim_end().to_string(), |text, (theirs, ours)| {
            text.replacen(theirs, ours, 1)
        })
}
