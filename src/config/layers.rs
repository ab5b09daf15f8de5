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

use super::names;
use super::sources::{ConfigError, Problem, Source, Sources};
use super::tables::Config;
use super::values;
use super::words::plain;
use crate::redact::decoded;

/// The length of a configuration file. The shipped one, with all its comments, has a hundredth of it.
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

/// The only key whose value is a table of any names.
const TABLE_OF_TEXTS: &str = "storage.s3.headers";

/// The text of a file. Unlike a secret, it may also come from a pipe.
pub fn read_text(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("is longer than {FILE_BYTES_MAX} bytes"),
        ));
    }
    let text = decoded(&bytes).map_err(|why| io::Error::new(io::ErrorKind::InvalidData, format!("it {why}")))?;
    Ok(text.to_owned())
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
        let key = path.join(".");
        let value = value.to_str().ok_or_else(|| Problem::new(name, "", "is not UTF-8"))?;
        if path.starts_with(&FILE_ONLY.map(str::to_string)) {
            return Err(Problem::new(name, &key, "can be given in the file only").into());
        }
        if let Some(problem) = values::empty_over_file(&key, value, &table, &sources) {
            return Err(Problem::new(name, &key, problem).into());
        }
        let mut single = nested(&path, value);
        values::clean(&mut single, "").map_err(|(_, why)| Problem::new(name, &key, why.to_string()))?;
        Config::deserialize_from(single.clone()).map_err(|message| Problem::new(name, &key, message))?;
        overlay(&mut table, single);
        sources.set_by_environment(&key, name);
    }
    let config = Config::deserialize_from(table).map_err(|message| Problem::new("environment", "", message))?;
    Ok((config, sources))
}

impl Config {
    fn deserialize_from(table: Table) -> Result<Config, String> {
        table
            .try_into()
            .map_err(|error: toml::de::Error| plain(error.message()))
    }
}

fn read_file(path: &Path, text: &str) -> Result<(Table, Sources), ConfigError> {
    let problem = |spans: Option<&DeTable<'_>>, error: &toml::de::Error| {
        let span = error.span().unwrap_or(0..0);
        let place = format!("{}:{}", path.display(), line(text, span.start));
        Problem::new(
            &place,
            &spans.and_then(|table| key_at(table, &span)).unwrap_or_default(),
            plain(error.message()),
        )
    };
    let spans = DeTable::parse(text).map_err(|error| problem(None, &error))?;
    let mut keys = BTreeMap::new();
    each_key(spans.get_ref(), "", &mut |key, span| {
        keys.insert(key.to_string(), Source::File(line(text, span.start)));
    });
    let sources = Sources::new(Some(path.to_path_buf()), keys);
    let mut table: Table = toml::from_str(text).map_err(|error| problem(Some(spans.get_ref()), &error))?;
    if let Some((key, message)) = misshapen(&table, &default_table(), "") {
        return Err(sources.problem(&key, message).into());
    }
    values::clean(&mut table, "").map_err(|(key, why)| sources.problem(&key, why.to_string()))?;
    toml::from_str::<Config>(text).map_err(|error| problem(Some(spans.get_ref()), &error))?;
    Ok((table, sources))
}

fn default_table() -> Table {
    Table::try_from(Config::default()).expect("the defaults are a table")
}

/// Finds a table that is written as a value, and the other way round. serde would name the place of the next key for
/// a table where a value belongs.
fn misshapen(table: &Table, defaults: &Table, above: &str) -> Option<(String, &'static str)> {
    let keys = names::keys();
    let is_value = |key: &String| keys.contains(key) && key != TABLE_OF_TEXTS;
    table_as_list(table, defaults, above).or_else(|| table_as_value(table, above, &is_value))
}

fn table_as_value(table: &Table, above: &str, is_value: &dyn Fn(&String) -> bool) -> Option<(String, &'static str)> {
    table.iter().find_map(|(name, value)| {
        let key = format!("{above}{name}");
        let Value::Table(inner) = value else { return None };
        if is_value(&key) {
            return Some((key, "must be a value, not a table"));
        }
        if key == FILE_ONLY.join(".") {
            return Some((key, "must be a list of tables, such as [[section.key]] begins"));
        }
        table_as_value(inner, &format!("{key}."), is_value)
    })
}

/// Finds a table that is written as a list. serde accepts a list for a table and fills the fields in their order, so
/// that `server = [["[::]:80"]]` would have an effect. No key of ours is a list of lists, and what is a table in the
/// defaults must be a table.
fn table_as_list(table: &Table, defaults: &Table, above: &str) -> Option<(String, &'static str)> {
    table.iter().find_map(|(name, value)| {
        let key = format!("{above}{name}");
        match (value, defaults.get(name)) {
            (Value::Table(inner), Some(Value::Table(defaults))) => table_as_list(inner, defaults, &format!("{key}.")),
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
