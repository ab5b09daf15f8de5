//! The two documents of the configuration contain exactly what the rooms' comments and defaults say.
use std::fs;
use std::path::Path;

use super::model::{self, Shape};
use super::source::{self, items_of};
use super::{SHIPPED, render};

/// The variable that makes this test write the files instead of only comparing them.
const WRITE: &str = "RTCSTATS_RENDER";

pub fn held_to(name: &str, rendered: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os(WRITE).is_some() {
        fs::write(&path, rendered).unwrap();
    }
    let shipped = fs::read_to_string(&path).unwrap_or_default();
    let line = shipped.lines().zip(rendered.lines()).position(|(old, new)| old != new);
    assert!(
        shipped == rendered,
        "{name} is not what the comments and defaults in src say, from line {} on. Bring it up to date with \
         {WRITE}=1 cargo test --test operation rendered",
        line.unwrap_or_else(|| shipped.lines().count().min(rendered.lines().count())) + 1
    );
}

#[test]
fn the_shipped_file_is_made_from_the_comments_of_the_rooms() {
    held_to("rtcstats-server.toml", &render::toml(&model::tables()));
}

#[test]
fn the_reference_is_made_from_the_comments_of_the_rooms() {
    held_to("docs/configuration.md", &render::markdown(&model::tables()));
}

#[test]
fn every_table_of_the_file_was_found_in_the_source() {
    let mut found: Vec<String> = model::tables()
        .iter()
        .filter(|table| table.shape == Shape::One && !table.path.is_empty())
        .map(|table| format!("[{}]", table.path))
        .collect();
    let mut shipped: Vec<&str> = SHIPPED.lines().filter(|line| line.starts_with('[')).collect();
    shipped.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, shipped);
}

const SOURCE: &str = "\
/// A room's.
#[derive(Debug)]
#[serde(
    default, deny_unknown_fields
)]
pub struct Rules {
    /// Explained,
    /// twice.
    #[serde(rename = \"mask_all\")]
    pub all: bool,

    #[serde(skip)]
    pub made: Option<String>,
}

shared_table! {
    /// Of two rooms.
    Privacy { mask: Rules, geo: Geo }
    mask_all => mask.all,
}
";

#[test]
fn structures_and_shared_tables_are_read_as_they_stand() {
    let items = items_of(SOURCE);
    let [rules, table] = &items[..] else {
        panic!("{items:?}")
    };
    assert_eq!((rules.name.as_str(), rules.docs[0].as_str()), ("Rules", "A room's."));
    assert!(rules.attributes.contains("deny_unknown_fields"));
    assert_eq!((rules.members[0].key(), rules.members[0].docs.len()), ("mask_all", 2));
    assert!(rules.members[1].is_skipped());
    assert_eq!(
        (table.name.as_str(), table.docs[0].as_str()),
        ("Privacy", "Of two rooms.")
    );
    let key = source::resolve(&items, &table.members[0]);
    assert_eq!((key.key(), key.kind.as_str(), key.docs.len()), ("mask_all", "bool", 2));
}

#[test]
#[should_panic(expected = "the key that Rules reads into all")]
fn a_key_that_its_room_calls_otherwise_is_found() {
    let items = items_of(&SOURCE.replace("mask_all =>", "mask_more =>"));
    source::resolve(&items, &items[1].members[0]);
}

#[test]
#[should_panic(expected = "Rules has no field most")]
fn a_key_that_leads_nowhere_is_found() {
    let items = items_of(&SOURCE.replace("mask.all", "mask.most"));
    source::resolve(&items, &items[1].members[0]);
}
