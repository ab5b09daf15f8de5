//! `spool list`, `show` and `retry` beside a running server.

use std::fs;
use std::path::PathBuf;

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

#[test]
fn what_is_not_there_is_told() {
    let server = Server::prepare(&[]);
    assert_eq!(told(&server, &["spool", "list"]).0, 0);
    assert_eq!(told(&server, &["spool", "show", ID]).0, 1);
    assert_eq!(told(&server, &["spool", "retry", ID]).0, 1);
    assert_eq!(told(&server, &["spool", "retry", "../x"]).0, 2);
    assert_eq!(told(&server, &["spool", "retry"]).0, 2);
    assert_eq!(told(&server, &["spool", "retry", "--failed"]).0, 0);
    assert!(!server.data().exists(), "looking makes nothing");
}
