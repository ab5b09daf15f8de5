//! `dump explain`: each form tells the same findings, and the exit status tells the worst.
mod dumps;

use serde_json::Value;
use support::Recorded;

use crate::run::{Place, Told, dump, text};

/// A dump of which only the rules about dumps have something to say.
const EMPTY: &str = "RTCStatsDump\n{\"url\":\"/\",\"startTime\":1700000000000,\"fileFormat\":3}\n\
                     [39,null,{},1700000000000]\n[\"close\",null,1000,5]\n";

fn explained(place: &Place, arguments: &[&str]) -> (Told, Value) {
    let told = place.run(&[&["dump", "explain", "--json"], arguments].concat());
    let json = serde_json::from_str(&told.out).unwrap_or_else(|error| panic!("{error}: {told:?}"));
    (told, json)
}

fn list<'a>(json: &'a Value, name: &str) -> &'a Vec<Value> {
    json[name].as_array().unwrap_or_else(|| panic!("{name}: {json}"))
}

/// The status that a verdict has.
fn status(json: &Value) -> i32 {
    match json["verdict"]["severity"].as_str() {
        None | Some("info") => 0,
        Some("warning") => 3,
        Some("critical") => 4,
        Some(other) => panic!("{other}"),
    }
}

/// Cells of a row of a table in Markdown.
fn cells(row: &str) -> usize {
    row.replace("\\\\", "").replace("\\|", "").matches('|').count()
}

#[test]
fn every_recorded_dump_is_explained_in_every_form() {
    let place = Place::new();
    for Recorded { name, .. } in Recorded::all() {
        let file = dump(&name);
        let (told, json) = explained(&place, &[text(&file)]);
        assert_eq!(told.code, status(&json), "{name}");
        let verdict = json["verdict"]["text"].as_str().expect("a sentence");
        let shown = place.run(&["dump", "explain", text(&file)]);
        assert_eq!(
            (shown.code, shown.err.as_str()),
            (told.code, told.err.as_str()),
            "{name}"
        );
        let joined = shown.out.replace('\n', " ");
        assert!(
            joined.starts_with(verdict) && !shown.out.contains('\u{1b}'),
            "{name}: {}",
            shown.out
        );
        let marked = place.run(&["dump", "explain", "--md", text(&file)]);
        assert_eq!(marked.code, told.code, "{name}");
        let rows: Vec<usize> = marked
            .out
            .lines()
            .filter(|line| line.starts_with('|'))
            .map(cells)
            .collect();
        let findings = list(&json, "findings");
        assert!(rows.iter().all(|cells| *cells == 7), "{name}: {}", marked.out);
        let expected = if findings.is_empty() { 0 } else { findings.len() + 2 };
        assert_eq!(rows.len(), expected, "{name}: {}", marked.out);
        for id in findings
            .iter()
            .chain(list(&json, "not_evaluable"))
            .map(|one| one["id"].as_str())
        {
            let id = id.expect("an id");
            assert!(shown.out.contains(id) && marked.out.contains(id), "{name}: {id}");
        }
    }
}

#[test]
fn one_rule_can_be_asked_for() {
    let place = Place::new();
    place.write("empty.jsonl", EMPTY);
    for (arguments, code) in [
        (&[][..], 0),
        (&["--fail-on", "info"], 3),
        (&["--rule", "dump.no-stats"], 0),
        (&["--rule", "dump.no-stats", "--fail-on", "info"], 3),
        (&["--rule", "dump.no-stats", "--fail-on", "never"], 0),
    ] {
        let (told, json) = explained(&place, &[&["empty.jsonl"], arguments].concat());
        assert_eq!((told.code, told.err.as_str()), (code, ""), "{arguments:?}");
        let ids = list(&json, "findings").iter().map(|finding| finding["id"].as_str());
        assert!(ids.clone().any(|id| id == Some("dump.no-stats")), "{json}");
        let is_alone = ids.into_iter().all(|id| id == Some("dump.no-stats"));
        assert!(is_alone || !arguments.contains(&"--rule"), "{json}");
    }
    let told = place.run(&["dump", "explain", "--rule", "net.rtt", "empty.jsonl"]);
    assert_eq!(told.code, 0);
    assert!(told.out.starts_with("Nothing was found by net.rtt.\n"), "{}", told.out);
    let told = place.run(&["dump", "explain", "--rule", "dump.no-stats", "empty.jsonl"]);
    assert!(
        told.out.starts_with("There are no statistics in the dump: "),
        "{}",
        told.out
    );
    let told = place.run(&["dump", "explain", "--rule", "no.rule", "empty.jsonl"]);
    assert!(
        told.code == 2 && told.err.contains("\"no.rule\" is no rule"),
        "{told:?}"
    );
}

#[test]
fn the_rules_are_listed_with_their_thresholds_and_sources() {
    let place = Place::new();
    let told = place.run(&["dump", "explain", "--list"]);
    let json = place.run(&["dump", "explain", "--list", "--json"]);
    assert_eq!((told.code, json.code, told.err.as_str()), (0, 0, ""));
    let rules: Value = serde_json::from_str(&json.out).expect("JSON");
    let rules = rules.as_array().expect("a list");
    assert_eq!(told.out.lines().count(), rules.len() + 1, "{}", told.out);
    for (rule, line) in rules.iter().zip(told.out.lines().skip(1)) {
        for member in ["id", "severity", "source", "fires"] {
            let word = rule[member].as_str().expect("a text");
            assert!(line.contains(word), "{line}: {rule}");
        }
        for threshold in list(rule, "thresholds") {
            assert_eq!(threshold["value"], threshold["default"], "{rule}");
            assert!(line.contains(threshold["name"].as_str().expect("a name")), "{line}");
        }
    }
    let one = place.run(&["dump", "explain", "--list", "--rule", "dump.no-stats"]);
    assert_eq!(one.out.lines().count(), 2, "{}", one.out);
    for arguments in [
        &["--list", "empty.jsonl"][..],
        &["--list", "--md"],
        &["--json", "--md", "a"],
        &[],
    ] {
        let told = place.run(&[&["dump", "explain"], arguments].concat());
        assert_eq!(told.code, 2, "{arguments:?}: {told:?}");
    }
}

/// The rules of the server hold for the dumps that are explained beside it, and a file can be read without them.
#[test]
fn the_configuration_chooses_the_rules() {
    let place = Place::new();
    place.write("empty.jsonl", EMPTY);
    place.write("without.toml", "[findings]\noff = [\"dump.no-stats\"]\n");
    let (told, json) = explained(&place, &["--config", "without.toml", "empty.jsonl"]);
    assert_eq!((told.code, told.err.as_str()), (0, ""));
    assert!(
        list(&json, "findings")
            .iter()
            .all(|finding| finding["id"] != "dump.no-stats"),
        "{json}"
    );
    let listed = place.run(&[
        "dump",
        "explain",
        "--list",
        "--config",
        "without.toml",
        "--rule",
        "dump.no-stats",
    ]);
    assert!(listed.out.contains(" off "), "{}", listed.out);
    let (told, json) = explained(&place, &["--config", "none.toml", "empty.jsonl"]);
    assert_eq!(told.code, 0);
    assert!(
        told.err
            .starts_with("warning: the rules have their own thresholds: none.toml: "),
        "{told:?}"
    );
    assert!(
        list(&json, "findings")
            .iter()
            .any(|finding| finding["id"] == "dump.no-stats"),
        "{json}"
    );
}

/// What was found in the rest is told, but the status is that of a failure.
#[test]
fn a_dump_without_an_end_is_a_failure() {
    let place = Place::new();
    let torn = &EMPTY[..EMPTY.len() - 3];
    for arguments in [&[][..], &["--json"], &["--md"], &["--fail-on", "never"]] {
        let told = place.feed(&[&["dump", "explain", "-"], arguments].concat(), torn.as_bytes());
        assert_eq!(told.code, 1, "{told:?}");
        assert!(
            told.out.contains("dump.no-stats") && told.err.starts_with("error: standard input: "),
            "{told:?}"
        );
    }
}

/// A digest is as large as was asked for, and has the answer first however small it is.
#[test]
fn a_digest_has_a_fixed_size() {
    let place = Place::new();
    for name in ["long-5min-4pc", "mesh-8pc", "gum-failures", "no-message-session"] {
        let (_, json) = explained(&place, &[text(&dump(name))]);
        let verdict = json["verdict"]["text"].as_str().expect("a sentence");
        let first: String = verdict
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == ' ')
            .collect();
        for (size, bytes) in [
            ("--digest", 30 << 10),
            ("--digest=4KiB", 4 << 10),
            ("--digest=1MiB", 1 << 20),
        ] {
            let told = place.run(&["dump", "explain", "--fail-on", "never", size, text(&dump(name))]);
            assert_eq!((told.code, told.err.as_str()), (0, ""), "{name} {size}");
            assert!(
                told.out.len() <= bytes && told.out.starts_with(&format!("# {first}")),
                "{name} {size}: {}",
                told.out
            );
            assert!(told.out.contains("\n## Events\n"), "{name} {size}: {}", told.out);
        }
    }
    let all = place.run(&[
        "dump",
        "explain",
        "--fail-on",
        "never",
        "--digest=1MiB",
        text(&dump("gum-failures")),
    ]);
    assert!(
        all.out.contains("getUserMediaOnFailure") && !all.out.contains("left out"),
        "{}",
        all.out
    );
    let small = place.run(&[
        "dump",
        "explain",
        "--fail-on",
        "never",
        "--digest=4KiB",
        text(&dump("mesh-8pc")),
    ]);
    assert!(small.out.contains(" lines left out)\n"), "{}", small.out);
}
