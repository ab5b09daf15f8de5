//! The tables of the configuration with their keys, as the renderer writes them. The explanations come from the source,
//! the defaults from the code.
use rtcstats_server::config::Config;
use toml::Value;

use super::source::{self, Item, Member};

/// One table and its keys, in the order of the source.
#[derive(Debug)]
pub struct Table {
    /// Such as `storage.s3`; empty for the keys before the first table.
    pub path: String,
    pub shape: Shape,
    pub docs: Vec<String>,
    pub keys: Vec<Key>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    One,
    /// `[[path]]`
    Many,
}

/// One key.
#[derive(Debug)]
pub struct Key {
    pub name: String,
    pub docs: Vec<String>,
    /// In words: its type, its unit, or its possible values.
    pub kind: String,
    /// The possible values of an enum.
    pub choices: Vec<String>,
    /// As TOML.
    pub default: Option<String>,
    /// `key = value`, if there is no default to show.
    pub example: Option<String>,
}

/// All tables in the order in which they are written to the files.
pub fn tables() -> Vec<Table> {
    let items = source::items();
    let defaults = Value::try_from(Config::default()).expect("the defaults are a table");
    let mut tables = Vec::new();
    add(
        &items,
        source::item(&items, "Config"),
        "",
        Shape::One,
        Some(&defaults),
        &mut tables,
    );
    tables
}

/// Adds a table, and then the tables in it.
fn add(items: &[Item], item: &Item, path: &str, shape: Shape, defaults: Option<&Value>, tables: &mut Vec<Table>) {
    let mut keys = Vec::new();
    let mut inner = Vec::new();
    for member in item.members.iter().map(|member| source::resolve(items, member)) {
        if member.is_skipped() {
            continue;
        }
        let default = defaults.and_then(|defaults| defaults.get(member.key()));
        match table_of(items, &member) {
            Some((inside, shape)) => inner.push((inside, shape, member, default)),
            None => keys.push(key(items, &member, default)),
        }
    }
    tables.push(Table {
        path: path.to_string(),
        shape,
        docs: item.docs.clone(),
        keys,
    });
    for (inside, shape, member, default) in inner {
        let path = format!("{path}{}{}", if path.is_empty() { "" } else { "." }, member.key());
        let begin = tables.len();
        add(items, inside, &path, shape, default, tables);
        if !member.docs.is_empty() {
            tables[begin].docs.clone_from(&member.docs);
        }
    }
}

/// The structure behind a field, if the field is a table or a list of tables.
fn table_of<'a>(items: &'a [Item], member: &Member) -> Option<(&'a Item, Shape)> {
    let kind = plain(&member.kind);
    let (name, shape) = match kind.strip_prefix("Vec<") {
        Some(inside) => (inside.trim_end_matches('>'), Shape::Many),
        None => (kind, Shape::One),
    };
    let item = items.iter().find(|item| item.name == name && is_table(item))?;
    Some((item, shape))
}

fn is_table(item: &Item) -> bool {
    item.attributes.contains("deny_unknown_fields") || item.members.iter().any(|member| member.kind.contains('.'))
}

fn plain(kind: &str) -> &str {
    kind.strip_prefix("Option<")
        .map_or(kind, |rest| &rest[..rest.len() - 1])
}

fn key(items: &[Item], member: &Member, default: Option<&Value>) -> Key {
    let name = member.key().to_string();
    let (examples, mut docs): (Vec<&String>, Vec<&String>) =
        member.docs.iter().partition(|line| line.starts_with("Example: "));
    while docs.last().is_some_and(|line| line.is_empty()) {
        docs.pop();
    }
    assert!(!docs.is_empty(), "the key {name} has no comment that explains it");
    let example = examples
        .first()
        .map(|line| line["Example: ".len()..].trim_matches('`').to_string());
    let (kind, choices) = kind_of(items, plain(&member.kind));
    let default = default.map(Value::to_string);
    Key {
        docs: docs.into_iter().cloned().collect(),
        kind,
        choices,
        // A text or a path that may be left out: leaving it out is the same as an empty one.
        default: default.or_else(|| example.is_none().then(|| "\"\"".to_string())),
        example,
        name,
    }
}

/// The name of a type as an operator knows it, and the possible values.
fn kind_of(items: &[Item], kind: &str) -> (String, Vec<String>) {
    let words = match kind {
        "Period" => "duration",
        "Size" => "size",
        "usize" => "whole number",
        "bool" => "true or false",
        "String" => "text",
        "PathBuf" => "path",
        "Secret" => "text, secret",
        "LevelFilter" => "text",
        "Vec<String>" => "list of texts",
        "Vec<SocketAddr>" => "list of addresses with ports",
        "Vec<Network>" => "list of networks or addresses",
        "Vec<Secret>" => "list of texts, secret",
        "Vec<RuleName>" => "list of rules",
        "Vec<Override>" => "list of thresholds",
        "BTreeMap<String, Secret>" => "table of texts, secret",
        other => return choices(source::item(items, other)),
    };
    (words.to_string(), Vec::new())
}

fn choices(item: &Item) -> (String, Vec<String>) {
    if item.attributes.contains("into = \"bool\"") {
        return ("true or false".to_string(), Vec::new());
    }
    let is_kebab = item.attributes.contains("rename_all = \"kebab-case\"");
    let names = item.members.iter().map(|member| {
        if is_kebab {
            kebab(&member.name)
        } else {
            member.name.clone()
        }
    });
    ("one of".to_string(), names.collect())
}

/// Does what serde does: a dash before each capital letter but the first.
fn kebab(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.extend(letter.to_lowercase());
    }
    text
}
