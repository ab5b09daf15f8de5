//! `dump explain` for dumps of every origin: stored ones, those of browsers, calls that failed, and hostile ones.

use serde_json::Value;
use support::place::repository;
use support::stored::features_of;
use support::{Client, Server, files_below};

use super::{explained, list, status};
use crate::run::{Place, Told, text};

/// A connection that fails before it has statistics.
const FAILED: [&str; 4] = [
    r#"["create","PC_0",{},1700000000010]"#,
    r#"["oniceconnectionstatechange","PC_0","checking",1700000000020]"#,
    r#"["oniceconnectionstatechange","PC_0","failed",1700000030000]"#,
    r#"["onconnectionstatechange","PC_0","failed",1700000030001]"#,
];

fn whole(lines: &[&str]) -> String {
    let head = r#"{"url":"/","startTime":1700000000000,"fileFormat":3}"#;
    format!("RTCStatsDump\n{head}\n{}\n[\"close\",null,1000,5]\n", lines.join("\n"))
}

/// Whichever way a dump is named, the same is told, and it is what the server has stored.
#[test]
fn what_is_told_is_what_was_stored() {
    let server = Server::start(&[]);
    let mut client = Client::open(server.address(), "/");
    FAILED.into_iter().for_each(|message| client.send(message));
    client.close(None);
    let stored = &server.delivered(1)[0];
    let features = std::fs::read_to_string(features_of(&stored.path)).expect("the features of a stored dump");
    let url = server.rows()[0].blob_url.clone().expect("a URL");
    let packed = std::fs::read(&stored.path).expect("a stored dump");
    let mut told: Vec<Told> = [stored.id().as_str(), &url, text(&stored.path)]
        .into_iter()
        .map(|name| Told::from(server.run(&["dump", "explain", "--json", name])))
        .collect();
    told.push(Place::new().feed(&["dump", "explain", "--json", "-"], &packed));
    for told in &told {
        assert_eq!((told.code, told.err.as_str()), (4, ""));
        let member = format!("\"findings\":{}", told.out.trim_end());
        assert!(features.contains(&member), "{}: {features}", told.out);
    }
    let json: Value = serde_json::from_str(&told[0].out).expect("JSON");
    let critical = list(&json, "findings")
        .iter()
        .filter(|one| one["severity"] == "critical");
    assert!(critical.count() > 0, "{json}");
}

#[test]
fn dumps_of_browsers_are_explained_too() {
    let place = Place::new();
    let all = files_below(&repository().join("tests/data/internals"));
    let files: Vec<_> = all
        .iter()
        .map(|path| text(path))
        .filter(|path| path.ends_with(".internals.gz"))
        .collect();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        let (told, json) = explained(&place, &[file]);
        assert_eq!(told.code, status(&json), "{file}: {told:?}");
        let shown = place.run(&["dump", "explain", file]);
        assert_eq!(shown.code, told.code, "{file}");
    }
}

/// A script that watches calls asks for no more than the status.
#[test]
fn the_status_tells_the_worst() {
    let place = Place::new();
    place
        .write("failed.jsonl", whole(&FAILED))
        .write("gone.jsonl", whole(&[]).replace("1000", "1006"))
        .write("short.jsonl", whole(&[]));
    let files = [
        ("failed.jsonl", [4, 4, 4, 0]),
        ("gone.jsonl", [3, 3, 0, 0]),
        ("short.jsonl", [3, 0, 0, 0]),
    ];
    for (file, codes) in files {
        for (level, code) in ["info", "warning", "critical", "never"].into_iter().zip(codes) {
            let told = place.run(&["dump", "explain", "--fail-on", level, file]);
            assert_eq!(
                (told.code, told.err.as_str()),
                (code, ""),
                "{file} {level}: {}",
                told.out
            );
        }
    }
}

/// What a stranger has called a connection moves no cursor, ends no cell of a table and is no markup.
#[test]
fn hostile_names_are_only_text() {
    let place = Place::new();
    let hostile = FAILED.map(|line| line.replace("PC_0", r"P\u001b[2J|\u202e<img src=x>`\r\n# C"));
    let hostile: Vec<&str> = hostile.iter().map(String::as_str).collect();
    place.write("hostile.jsonl", whole(&hostile));
    let (_, json) = explained(&place, &["hostile.jsonl"]);
    let named = |one: &&Value| one["connection"].as_str().is_some_and(|name| name.contains('\u{1b}'));
    assert!(list(&json, "findings").iter().any(|one| named(&one)), "{json}");
    for form in [&[][..], &["--md"], &["--digest"]] {
        let told = place.run(&[&["dump", "explain", "hostile.jsonl"], form].concat());
        assert_eq!((told.code, told.err.as_str()), (4, ""), "{form:?}");
        let raw = told
            .out
            .chars()
            .find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(raw, None, "{form:?}: {:?}", told.out);
        assert!(
            !told.out.lines().any(|line| line.starts_with("# C")),
            "{form:?}: {}",
            told.out
        );
        assert!(told.out.contains("img src=x"), "{form:?}: {}", told.out);
    }
    let marked = place.run(&["dump", "explain", "--md", "hostile.jsonl"]).out;
    let rows = marked.lines().filter(|line| line.starts_with('|'));
    assert!(
        rows.clone().count() > 2 && rows.map(super::cells).all(|cells| cells == 7),
        "{marked}"
    );
    assert!(!marked.replace("\\<", "").contains('<'), "{marked}");
    assert!(
        json["verdict"]["text"]
            .as_str()
            .is_some_and(|text| text.starts_with("The call failed: not one candidate of the other side came")),
        "{json}"
    );
}
