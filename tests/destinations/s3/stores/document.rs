//! `docs/stores.md` says what the tables of the tests say, and names tests that are there.

use std::fs;
use std::path::Path;

use support::place::repository;

use super::table::{KINDS, Kind, Style, Tried};

const DOCUMENT: &str = "docs/stores.md";

/// The variable that makes this test write the table instead of only comparing it.
const WRITE: &str = "RTCSTATS_RENDER";

const BEGIN: &str = "<!-- stores: made from the table of the tests -->\n";
const END: &str = "<!-- end of stores -->\n";

fn rendered() -> String {
    let head = "| store | `endpoint` | `region` | `path_style` | tried with | to know |\n|---|---|---|---|---|---|\n";
    KINDS.iter().map(line).fold(head.to_owned(), |text, line| text + &line)
}

fn line(kind: &Kind) -> String {
    let code = |text: &str| match text {
        "" => "none".to_owned(),
        text => format!("`{text}`"),
    };
    let style = match kind.style {
        Style::Host => "no",
        Style::Path => "yes",
    };
    let tried = match kind.tried {
        Tried::Imitated => "its answers",
        Tried::Real(_) => "the program",
    };
    let Kind { name, note, .. } = kind;
    let (endpoint, region) = (code(kind.endpoint), code(kind.region));
    format!("| {name} | {endpoint} | {region} | {style} | {tried} | {note} |\n")
}

#[test]
fn the_document_has_the_stores_that_were_tried() {
    let path = repository().join(DOCUMENT);
    let text = fs::read_to_string(&path).expect("the document");
    let (before, rest) = text.split_once(BEGIN).expect("the table's begin");
    let (table, after) = rest.split_once(END).expect("the table's end");
    if std::env::var_os(WRITE).is_some() {
        fs::write(&path, [before, BEGIN, &rendered(), END, after].concat()).expect("the document is written");
    } else {
        assert!(
            table == rendered(),
            "{DOCUMENT} is out of date: {WRITE}=1 cargo test --test destinations document"
        );
    }
}

/// Each line of the other tables names the tests that show it, in its last column.
#[test]
fn the_tests_that_the_document_names_are_there() {
    let text = fs::read_to_string(repository().join(DOCUMENT)).expect("the document");
    let (before, rest) = text.split_once(BEGIN).expect("the table's begin");
    let (_, after) = rest.split_once(END).expect("the table's end");
    let lines = before.lines().chain(after.lines());
    let rows: Vec<&str> = lines
        .filter(|line| line.starts_with("| ") && line.ends_with("` |"))
        .collect();
    assert!(rows.len() > 10, "only {} lines name tests", rows.len());
    for row in rows {
        let cell = row.trim_end_matches(" |").rsplit_once("| ").expect("columns").1;
        for name in cell.split(", ").map(|name| name.trim_matches('`')) {
            let (file, function) = name.split_once("::").expect("FILE::TEST");
            let path = Path::new("tests").join(format!("{file}.rs"));
            let source = fs::read_to_string(repository().join(&path)).unwrap_or_default();
            assert!(
                source.contains(&format!("fn {function}(")),
                "{DOCUMENT}: no test {name}: {row}"
            );
        }
    }
}
