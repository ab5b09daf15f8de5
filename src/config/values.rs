//! The values of a layer, before anybody reads them: each text is one clean line, and an empty variable opens nothing.
//!
//! The same holds for a value of the file and for a variable, whatever the key. Never here: what a value means.
use toml::{Table, Value};

use super::sources::{Source, Sources};
use crate::redact::{Unclean, line};

/// Takes from each text what is not part of it; a text that is no clean line is returned with its key.
pub fn clean(table: &mut Table, above: &str) -> Result<(), (String, Unclean)> {
    for (name, value) in table.iter_mut() {
        clean_value(value, &format!("{above}{name}"))?;
    }
    Ok(())
}

fn clean_value(value: &mut Value, key: &str) -> Result<(), (String, Unclean)> {
    match value {
        Value::String(text) => *text = cleaned(text, key).map_err(|why| (key.to_owned(), why))?,
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                match item {
                    Value::Table(table) => clean(table, &format!("{key}[{index}]."))?,
                    item => clean_value(item, key)?,
                }
            }
        }
        Value::Table(table) => clean(table, &format!("{key}."))?,
        _ => {}
    }
    Ok(())
}

/// The text as everybody reads it.
fn cleaned(text: &str, key: &str) -> Result<String, Unclean> {
    if LISTS.contains(&key) {
        elements(text)
    } else {
        line(text).map(str::to_owned)
    }
}

/// A list in one text: each element is a line, and the line may end behind a comma.
fn elements(text: &str) -> Result<String, Unclean> {
    let whole = text.trim();
    if whole.starts_with('[') && whole.ends_with(']') && whole.contains(['"', '\'']) {
        return Err(Unclean::Brackets);
    }
    let elements = text.split(',').map(|element| line(element.trim()).map(str::trim));
    Ok(elements.collect::<Result<Vec<_>, _>>()?.join(","))
}

/// What is wrong with a variable that is empty where the file gives a value that protects.
///
/// An empty variable is often one that somebody forgot to fill: `${ORIGINS}` of an unset ORIGINS. It may take back what
/// only adds something, such as the location database.
pub fn empty_over_file(key: &str, value: &str, below: &Table, sources: &Sources) -> Option<String> {
    let (_, instead) = PROTECTING.iter().find(|(name, _)| *name == key)?;
    // What is refused as unclean opens nothing.
    let value = cleaned(value, key).ok()?;
    let is_empty = value.trim_matches(|c: char| c == ',' || c.is_whitespace()).is_empty();
    let gives = found(below, key).is_some_and(|value| match value {
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    });
    let commas_alone = !value.trim().is_empty();
    if !is_empty || !(gives || commas_alone) {
        return None;
    }
    let whose = match (sources.of(key), sources.file()) {
        (Some(Source::File(line)), Some(file)) if gives => format!(", but {}:{line} gives a value", file.display()),
        _ => String::new(),
    };
    Some(format!("is empty{whose}; take the variable away, or {instead}"))
}

fn found<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    let mut parts = key.split('.');
    let first = table.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.as_table()?.get(part))
}

/// Keys whose value may be a list with commas.
const LISTS: [&str; 4] = [
    "server.listen",
    "server.trusted_proxies",
    "server.allowed_origins",
    "authorization.jwt_secrets",
];

/// Keys that are open, or go elsewhere, without a value.
const PROTECTING: [(&str, &str); 4] = [
    ("server.allowed_origins", "write none to allow every page"),
    ("server.trusted_proxies", "write none to trust nobody"),
    (
        "database.postgres.ssl_root_cert",
        "take the key out of the file to trust the system's roots",
    ),
    ("storage.s3.endpoint", "take the key out of the file for Amazon's own"),
];
