//! The floors of the house, and the rules about which module may import which.
//!
//! The table is kept here; the one in `ARCHITECTURE.md` is compared with it.

use std::collections::{BTreeMap, BTreeSet};

use crate::paths::{Named, outline};
use crate::source::Source;

/// A room imports only from floors below its own. The ground floor holds what even the rooms just above it need:
/// constants and types that decide nothing.
pub const FLOORS: [(u8, &[&str]); 11] = [
    (10, &["main"]),
    (9, &["cli"]),
    (8, &["config"]),
    (7, &["reactor"]),
    (6, &["sessions", "delivery"]),
    (5, &["retention", "erasure", "site"]),
    (4, &["spool", "view"]),
    (3, &["connection", "features", "findings"]),
    (2, &["dump", "storage", "database"]),
    (1, &["auth", "disk", "geo", "sdp", "systemd", "tls", "unfit"]),
    (
        0,
        &[
            "fault", "id", "labels", "lenient", "limits", "network", "news", "redact", "time", "trial", "units",
            "whose",
        ],
    ),
];

/// Rooms that are given time, files and threads by their callers and must not reach for them.
const PURE: [&str; 2] = ["connection", "sessions"];
const IMPURE: [&[&str]; 9] = [
    &["mio"],
    &["std", "fs"],
    &["std", "thread"],
    &["std", "process"],
    &["std", "net", "TcpStream"],
    &["SystemTime"],
    &["Instant", "now"],
    &["UnixMs", "now"],
    &["OffsetDateTime", "now_utc"],
];

fn floor(room: &str) -> Option<u8> {
    FLOORS
        .iter()
        .find(|(_, rooms)| rooms.contains(&room))
        .map(|(floor, _)| *floor)
}

/// Every path that files of the product name, with the file. `test` is also set for files that are test modules.
pub fn named(product: &[Source]) -> Vec<(&Source, Named)> {
    let outlines: Vec<_> = product.iter().map(|source| (source, outline(source))).collect();
    let test_modules: Vec<_> = outlines
        .iter()
        .flat_map(|(_, outline)| outline.test_modules.clone())
        .collect();
    let is_test = |source: &Source| test_modules.iter().any(|module| source.module().starts_with(module));
    let mark = |source: &Source, named: Named| Named {
        test: named.test || is_test(source),
        ..named
    };
    outlines
        .into_iter()
        .flat_map(|(source, outline)| outline.paths.into_iter().map(move |named| (source, named)))
        .map(|(source, named)| (source, mark(source, named)))
        .collect()
}

fn finding(source: &Source, named: &Named, why: &str) -> String {
    format!("{}:{}: `{}`: {why}", source.path, named.line, named.segments.join("::"))
}

/// Imports that go up, sideways, or to no room at all. The same directions apply to tests.
pub fn imports(product: &[Source]) -> Vec<String> {
    let complaint = |(source, named): &(&Source, Named)| {
        let room = source.module().first()?.clone();
        let why = forbidden(&room, named.segments.first()?, &named.segments)?;
        Some(finding(source, named, &why))
    };
    named(product)
        .iter()
        .filter(|(_, named)| named.ours)
        .filter_map(complaint)
        .collect()
}

/// Why `room` may not name `path`, which leads to the room `target`.
fn forbidden(room: &str, target: &str, path: &[String]) -> Option<String> {
    if room == target {
        return None;
    }
    let (Some(from), Some(to)) = (floor(room), floor(target)) else {
        return Some(format!(
            "there is no such way from `{room}`: a room is missing in the table of floors"
        ));
    };
    if room == "dump" && to != 0 && path != ["geo", "Location"] {
        return Some("`dump` may import nothing but the ground floor and `geo::Location`".to_string());
    }
    (to >= from).then(|| format!("`{room}` (floor {from}) may not import `{target}` (floor {to})"))
}

/// Rooms of `src` that are missing in the table.
pub fn rooms_without_a_floor(product: &[Source]) -> Vec<String> {
    let without = rooms(product).into_iter().filter(|room| floor(room).is_none());
    without
        .map(|room| format!("src/{room}: this room has no floor in tests/tidy/house.rs"))
        .collect()
}

fn rooms(product: &[Source]) -> BTreeSet<String> {
    product
        .iter()
        .filter_map(|source| source.module().first().cloned())
        .collect()
}

/// Where `connection` or `sessions` uses files, threads or clocks itself.
pub fn connection_is_pure(product: &[Source]) -> Vec<String> {
    let is_impure = |named: &Named| {
        IMPURE.iter().any(|words| match words {
            [crate_name] if crate_name.starts_with(char::is_lowercase) => named.segments[0] == *crate_name,
            _ => named.segments.windows(words.len()).any(|window| window == *words),
        })
    };
    let is_pure = |room: &String| PURE.contains(&room.as_str());
    named(product)
        .iter()
        .filter(|(source, named)| source.module().first().is_some_and(is_pure) && !named.test)
        .filter(|(_, named)| !named.ours && is_impure(named))
        .map(|(source, named)| {
            finding(
                source,
                named,
                "this room has no files, threads or clocks; time is an argument",
            )
        })
        .collect()
}

/// Where a child names something of a module above it. A sibling module is not a parent, and tests may name their
/// parent.
pub fn children(product: &[Source]) -> Vec<String> {
    let modules: BTreeSet<_> = product.iter().map(Source::module).collect();
    let is_parent = |own: &[String], path: &[String]| {
        let common = own.iter().zip(path).take_while(|(a, b)| a == b).count();
        let is_above = common > 0 && common < own.len();
        is_above && !path.get(..=common).is_some_and(|sibling| modules.contains(sibling))
    };
    named(product)
        .iter()
        .filter(|(source, named)| named.ours && !named.test && is_parent(&source.module(), &named.segments))
        .map(|(source, named)| {
            finding(
                source,
                named,
                "a child may not import its parent; shared types get a leaf file",
            )
        })
        .collect()
}

/// Differences between the table `| floor | room | …` of the document and the rooms of `src` on the floors above.
pub fn architecture(document: &str, product: &[Source]) -> Vec<String> {
    let built = rooms(product);
    let drawn = floors_of(document);
    if drawn.is_empty() {
        return vec!["ARCHITECTURE.md: there is no table that begins with | floor | room |".to_string()];
    }
    let wrong = |(room, written): (&String, &u8)| match floor(room) {
        Some(right) if right == *written && built.contains(room) => None,
        Some(_) if !built.contains(room) => Some(format!("ARCHITECTURE.md: src has no room `{room}`")),
        right => Some(format!(
            "ARCHITECTURE.md: `{room}` is on floor {written} there, on {right:?} in tests/tidy/house.rs"
        )),
    };
    let missing = built.iter().filter(|room| !drawn.contains_key(*room));
    let missing = missing.map(|room| format!("ARCHITECTURE.md: the room `{room}` is missing in the table of floors"));
    drawn.iter().filter_map(wrong).chain(missing).collect()
}

/// Rooms (in backticks, `name.rs` or `name/`) and their floors in the document's table.
fn floors_of(document: &str) -> BTreeMap<String, u8> {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_string()).collect::<Vec<_>>();
    let table = document
        .lines()
        .skip_while(|line| !cells(line).starts_with(&["".into(), "floor".into(), "room".into()]));
    let mut found = BTreeMap::new();
    for row in table.take_while(|line| line.starts_with('|')).map(cells) {
        let (Some(Ok(floor)), Some(rooms)) = (row.get(1).map(|cell| cell.parse()), row.get(2)) else {
            continue;
        };
        let names = rooms.split('`').skip(1).step_by(2);
        found.extend(names.map(|name| (name.trim_end_matches('/').trim_end_matches(".rs").to_string(), floor)));
    }
    found
}
