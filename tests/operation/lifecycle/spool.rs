//! `spool list`, `show` and `retry` beside a running server.

use std::fs;
use std::path::{Path, PathBuf};

use support::{Client, Server, wait_until};

const ID: &str = "019aa1b2-0000-7000-8000-000000000000";
const OTHER: &str = "019aa1b2-0000-7000-8000-000000000001";
const DUMP: &str = "RTCStatsDump\n{\"startTime\":1000}\n[\"kept\",null,null,0]\n";

fn told(server: &Server, arguments: &[&str]) -> (i32, String, String) {
    let output = server.run(arguments);
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (
        output.status.code().unwrap_or(-1),
        text(output.stdout),
        text(output.stderr),
    )
}

fn failed(server: &Server, instance: usize) -> PathBuf {
    let folder = server.data().join(format!("spool/{instance}/failed"));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The disk is looked at once a minute, so dumps that another process has left are found too.
#[test]
fn what_had_failed_is_delivered_after_a_retry_without_a_restart() {
    let server = Server::start(&[]);
    let mut live = Client::open(server.address(), "/");
    live.send("[\"live\",null,null,0]");
    live.sync();
    for state in ["recording", "ready", "packed"] {
        fs::create_dir_all(server.data().join("spool/1").join(state)).unwrap();
    }
    fs::write(server.data().join("spool/1/lock"), b"").unwrap();
    for (instance, id) in [(0, ID), (1, OTHER)] {
        fs::write(failed(&server, instance).join(format!("{id}.jsonl")), DUMP).unwrap();
        let note = format!("Dump {id} cannot be delivered: the reason.\nWhat to do.\n");
        fs::write(failed(&server, instance).join(format!("{id}.txt")), note).unwrap();
    }

    let (code, table, _) = told(&server, &["spool", "list"]);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!((code, lines.len()), (0, 4), "{table}");
    assert!(lines[1].starts_with(ID) && lines[1].ends_with("the reason."), "{table}");
    assert!(lines[3].contains(" recording "), "{table}");
    let (_, json, _) = told(&server, &["spool", "list", "--json"]);
    let first: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(
        (first["id"].as_str(), first["state"].as_str()),
        (Some(ID), Some("failed"))
    );
    let (_, shown, _) = told(&server, &["spool", "show", ID]);
    assert!(shown.contains("What to do.") && shown.contains(".jsonl"), "{shown}");

    let id_of_live = lines[3].split(' ').next().unwrap();
    let (code, _, error) = told(&server, &["spool", "retry", id_of_live]);
    assert!(code == 1 && error.contains("live session"), "{code} {error}");
    let (code, out, _) = told(&server, &["spool", "retry", "--failed"]);
    assert_eq!(
        (code, out.as_str()),
        (
            0,
            "2 dumps wait for delivery again; a running server takes them up within a minute\n"
        )
    );
    live.send("[\"still live\",null,null,0]");
    live.sync();
    wait_until("both to be delivered", || server.rows().len() == 2);
    live.close(None);
    assert_eq!(
        server
            .delivered(3)
            .iter()
            .filter(|dump| dump.messages() == ["[\"kept\",null,null,0]"])
            .count(),
        2
    );
    wait_until("the spool to be empty", || server.spooled().is_empty());
    let (_, table, _) = told(&server, &["spool", "list"]);
    assert_eq!(table.lines().count(), 1, "{table}");
}

/// What is spoilt below the data folder; what `WHY` then says of a dump in this state.
const CASES: [(Spoilt, &str, &str, &str); 3] = [
    (Spoilt::Replaced, "dumps", "packed", "folder "),
    (Spoilt::Replaced, "catalog.db", "packed", "the catalogue "),
    (Spoilt::Locked, "catalog.db", "packed", "locked"),
];

#[derive(Clone, Copy, Debug)]
enum Spoilt {
    /// Something of another kind is in its place.
    Replaced,
    /// Another program writes to it and does not end.
    Locked,
}

/// The state and the reason of the only dump that is not live.
fn why(server: &Server) -> Option<(String, String)> {
    let (_, json, _) = told(server, &["spool", "list", "--json"]);
    let mut lines = json
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let line = lines.find(|line| line["state"] != "recording")?;
    let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(line["why"].is_null(), line["whySince"].is_null(), "{json}");
    Some((text("state"), text("why")))
}

/// Returns how to undo it.
fn spoil(path: &Path, how: Spoilt) -> Box<dyn FnOnce()> {
    let (path, hidden) = (path.to_owned(), path.with_extension("hidden"));
    let is_catalogue = path.ends_with("catalog.db");
    if let Spoilt::Locked = how {
        let other = rusqlite::Connection::open(path).expect("the catalogue opens");
        other.execute_batch("BEGIN IMMEDIATE").expect("it can be locked");
        return Box::new(move || drop(other));
    }
    fs::rename(&path, &hidden).expect("it is there");
    match is_catalogue {
        true => fs::create_dir(&path).expect("a folder"),
        false => fs::write(&path, b"").expect("a file"),
    }
    Box::new(move || {
        match is_catalogue {
            true => fs::remove_dir(&path).expect("a folder"),
            false => fs::remove_file(&path).expect("a file"),
        }
        fs::rename(hidden, path).expect("it was hidden");
    })
}

fn say(server: &Server, line: &str) -> Client {
    let mut client = Client::open(server.address(), "/");
    client.send(line);
    client.sync();
    client
}

fn waits_because(server: &Server, state: &str, words: &str) {
    wait_until(words, || {
        why(server).is_some_and(|(found, why)| found == state && why.contains(words))
    });
}

#[test]
fn what_waits_says_why_until_it_is_delivered() {
    for (how, place, state, words) in CASES {
        let server = Server::start(&[]);
        let undo = spoil(&server.data().join(place), how);
        let live = say(&server, "[\"live\",null,null,0]");
        say(&server, "[\"waits\",null,null,0]").close(None);
        waits_because(&server, state, words);
        let (_, table, _) = told(&server, &["spool", "list"]);
        let line_of = |state: &str| {
            let mut lines = table.lines();
            let line = lines.find(|line| line.contains(&format!(" {state} ")));
            line.unwrap_or_default().to_owned()
        };
        assert!(
            line_of(state).contains(words) && line_of(state).contains(" (for 0:0"),
            "{table}"
        );
        assert!(line_of("recording").ends_with("  -"), "{table}");
        let id = line_of(state).split(' ').next().unwrap_or_default().to_owned();
        let (_, shown, _) = told(&server, &["spool", "show", &id]);
        let has_line = shown
            .lines()
            .any(|line| line.starts_with("why ") && line.contains(words));
        assert!(has_line && !shown.contains("conference-"), "{shown}");
        undo();
        live.close(None);
        assert_eq!(server.delivered(2).len(), 2, "{place}");
        let note = server.data().join("spool/0/why");
        wait_until("the note to go", || !note.exists());
    }
}

#[test]
fn without_a_server_that_is_the_reason() {
    let mut server = Server::start(&[]);
    let undo = spoil(&server.data().join("dumps"), Spoilt::Replaced);
    let _live = say(&server, "[\"live\",null,null,0]");
    say(&server, "[\"waits\",null,null,0]").close(None);
    waits_because(&server, "packed", "folder ");
    server.kill();
    let (_, table, _) = told(&server, &["spool", "list"]);
    let lines: Vec<&str> = table.lines().skip(1).collect();
    assert!(
        lines.iter().all(|line| line.contains("no server is running")),
        "{table}"
    );
    let packed = lines.iter().find(|line| line.contains(" packed ")).unwrap();
    assert!(packed.contains("; the last one said: folder "), "{table}");
    undo();
    server.restart();
    assert_eq!(server.delivered(2).len(), 2);
    wait_until("the spool to be empty", || server.spooled().is_empty());
}

#[test]
fn what_is_not_there_is_told() {
    let mut server = Server::prepare(&[]);
    // In a shell without the server's environment, an empty list would look like a healthy server.
    for arguments in [&["list"][..], &["show", ID], &["retry", ID], &["retry", "--failed"]] {
        let (code, _, said) = told(&server, &[&["spool"], arguments].concat());
        assert!(
            code == 1 && said.contains("there is no spool at "),
            "{arguments:?}: {said}"
        );
    }
    assert!(!server.data().exists(), "looking makes nothing");
    server.restart();
    assert_eq!(told(&server, &["spool", "list"]).0, 0);
    assert_eq!(told(&server, &["spool", "show", ID]).0, 1);
    assert_eq!(told(&server, &["spool", "retry", ID]).0, 1);
    assert_eq!(told(&server, &["spool", "retry", "../x"]).0, 2);
    assert_eq!(told(&server, &["spool", "retry"]).0, 2);
    assert_eq!(told(&server, &["spool", "retry", "--failed"]).0, 0);
}
