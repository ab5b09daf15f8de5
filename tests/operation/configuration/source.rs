//! Reads the options of the rooms from the source: their structures, the comments on each key, the lists of shared
//! tables.
//!
//! It knows source as rustfmt writes it, and of Rust no more than this: a comment, attributes, then `pub struct`, `pub
//! enum` or `shared_table!`, one member a line, and `}` at the left edge. Failures are panics that name what is
//! missing.
use std::fs;
use std::path::{Path, PathBuf};

/// A structure, an enum or a shared table.
#[derive(Debug, Clone, Default)]
pub struct Item {
    pub docs: Vec<String>,
    pub attributes: String,
    pub name: String,
    pub members: Vec<Member>,
}

/// A field, a variant, or a line `key => room.field` of a shared table.
#[derive(Debug, Clone, Default)]
pub struct Member {
    pub docs: Vec<String>,
    pub attributes: String,
    pub name: String,
    /// The type of a field, or `room.field` of a key; empty for a variant.
    pub kind: String,
}

impl Member {
    /// Its name in the configuration file.
    pub fn key(&self) -> &str {
        self.attributes
            .split_once("rename = \"")
            .and_then(|(_, rest)| rest.split('"').next())
            .unwrap_or(&self.name)
    }

    /// Whether it is not a key of the file.
    pub fn is_skipped(&self) -> bool {
        self.attributes.contains("#[serde(skip)]")
    }
}

/// Everything in any room that could be an option.
pub fn items() -> Vec<Item> {
    let mut texts = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    texts.iter().flat_map(|text| items_of(text)).collect()
}

fn collect(folder: &Path, texts: &mut Vec<String>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            texts.push(fs::read_to_string(path).unwrap());
        }
    }
}

/// The items of one file.
pub fn items_of(text: &str) -> Vec<Item> {
    let mut found = Vec::new();
    let mut above = Above::default();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if above.takes(line) {
            continue;
        }
        let body = lines.by_ref().take_while(|line| *line != "}");
        if let Some(name) = opened(line, "pub struct ").or(opened(line, "pub enum ")) {
            found.push(Item {
                members: members(body),
                ..above.item(name)
            });
        } else if line == "shared_table! {" {
            found.push(shared(body));
        }
        above = Above::default();
    }
    found
}

fn opened<'a>(line: &'a str, keyword: &str) -> Option<&'a str> {
    line.strip_prefix(keyword)?.strip_suffix(" {")
}

/// Comments and attributes that stand above something.
#[derive(Default)]
struct Above {
    docs: Vec<String>,
    attributes: String,
    /// An attribute continues in the next line.
    is_open: bool,
}

impl Above {
    fn takes(&mut self, line: &str) -> bool {
        let line = line.trim();
        if !self.is_open
            && let Some(text) = line.strip_prefix("///")
        {
            self.docs.push(text.trim().to_string());
            return true;
        }
        if self.is_open || line.starts_with("#[") {
            self.is_open = !line.ends_with(']');
            self.attributes.push_str(line);
            return true;
        }
        false
    }

    fn item(self, name: &str) -> Item {
        Item {
            docs: self.docs,
            attributes: self.attributes,
            name: name.to_string(),
            members: Vec::new(),
        }
    }
}

fn members<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Member> {
    let mut found = Vec::new();
    let mut above = Above::default();
    for line in lines {
        if above.takes(line) {
            continue;
        }
        let above = std::mem::take(&mut above);
        let line = line.trim().trim_end_matches(',');
        let (name, kind) = line.split_once([':', '=']).unwrap_or((line, ""));
        if !name.is_empty() {
            found.push(Member {
                docs: above.docs,
                attributes: above.attributes,
                name: name.trim().trim_start_matches("pub ").to_string(),
                kind: kind.trim_start_matches('>').trim().to_string(),
            });
        }
    }
    found
}

/// The first line names the table and the options of its rooms. They become members without a comment, by which
/// `resolve` finds the keys.
fn shared<'a>(lines: impl Iterator<Item = &'a str>) -> Item {
    let mut lines = lines.peekable();
    let mut above = Above::default();
    while lines.next_if(|line| above.takes(line)).is_some() {}
    let head = lines.next().expect("a shared table has a head");
    let (name, rooms) = head
        .split_once('{')
        .expect("name and rooms of a shared table stand on one line");
    let rooms = rooms.trim().trim_end_matches('}').split(',').map(str::trim);
    let rooms: Vec<(&str, &str)> = rooms.filter_map(|room| room.split_once(": ")).collect();
    let mut item = above.item(name.trim());
    item.members = members(lines);
    for member in &mut item.members {
        let (room, field) = member.kind.split_once('.').expect("key => room.field");
        let (_, options) = rooms
            .iter()
            .find(|(name, _)| *name == room)
            .expect("a room of the table");
        member.kind = format!("{options}.{field}");
    }
    item
}

/// The item with this name. It must exist.
pub fn item<'a>(items: &'a [Item], name: &str) -> &'a Item {
    let mut found = items.iter().filter(|item| item.name == name);
    let item = found
        .next()
        .unwrap_or_else(|| panic!("no `pub struct {name}` was found in src"));
    assert!(found.next().is_none(), "two items of src have the name {name}");
    item
}

/// A field as its room declares it; a field of a shared table is looked up in its room.
pub fn resolve(items: &[Item], member: &Member) -> Member {
    let Some((options, field)) = member.kind.split_once('.') else {
        return member.clone();
    };
    let room = item(items, options);
    let found = room.members.iter().find(|member| member.name == field);
    let found = found.unwrap_or_else(|| panic!("{options} has no field {field}"));
    assert_eq!(found.key(), member.name, "the key that {options} reads into {field}");
    found.clone()
}
