//! A real browser against the real binary: what the example page sends during a real call must be what the dump
//! contains.
//!
//! `make tools` installs Chromium and the driver; without them these tests fail and say so. Each test has its own
//! server and browser. Stored lines are compared with those that the page says it has sent, masked by a second, simple
//! masking (`browser/mask.rs`), so that the server's masking is not its own judge.

mod mask;

use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use support::{Dump, Row, Server};

const SECRET: &str = "a secret of the test that is long enough";

/// What the page did, as the driver reports it.
#[derive(Deserialize)]
struct Seen {
    origin: String,
    /// What the page shows about the session at its end, if the page is still there then.
    session: Option<String>,
    code: Option<u16>,
    text: Option<String>,
    /// Every line that the page gave to the socket.
    sent: Vec<String>,
}

/// Opens the page on `server` and lets the session end in the way `end`. The driver describes the ways.
fn drive(server: &Server, token: Option<&str>, end: &str) -> Seen {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
    let modules = tools.join("browser/node_modules");
    assert!(
        modules.exists(),
        "the browser driver is not installed; run `make tools`"
    );
    let wanted = serde_json::json!({ "server": server.url("/room?id=7"), "token": token, "end": end });
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sessions/browser/driver.cjs");
    let run = Command::new("node")
        .arg(driver)
        .arg(wanted.to_string())
        .env("NODE_PATH", modules)
        .output();
    let run = run.expect("node starts");
    assert!(
        run.status.success(),
        "the driver failed:\n{}",
        String::from_utf8_lossy(&run.stderr)
    );
    serde_json::from_slice(&run.stdout).expect("the driver prints JSON")
}

/// What `rtcstats-server token` prints for these claims.
fn token(server: &Server) -> String {
    let claims = [
        "token",
        "--user",
        "alice",
        "--conference",
        "weekly",
        "--session",
        "s-1",
        "--lifetime",
        "1h",
    ];
    let run = server.run(&claims);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout)
        .expect("a token is text")
        .trim()
        .to_string()
}

/// Asserts that the dump is the page's session (head, every line in order, closing line) and that the row describes it.
fn assert_is_the_session(dump: &Dump, row: &Row, seen: &Seen, code: u64) {
    assert_eq!(dump.lines[0], "RTCStatsDump");
    let metadata = dump.metadata();
    assert_eq!(metadata["origin"], seen.origin);
    assert_eq!(metadata["clientProtocol"], "rtcstats#5.0");
    assert_eq!(metadata["fileFormat"], 3);
    assert!(
        metadata["userAgent"]
            .as_str()
            .expect("a user agent")
            .contains("Chrome/"),
        "{metadata}"
    );
    assert!(
        metadata["url"].as_str().expect("a url").starts_with("/room?id=7"),
        "{metadata}"
    );
    assert!(
        metadata["startTime"].is_u64() && metadata["remoteAddresses"].is_array(),
        "{metadata}"
    );

    let stored = dump.messages();
    for (number, (sent, stored)) in seen.sent.iter().zip(stored).enumerate() {
        mask::assert_stored(sent, stored, number);
    }
    assert_eq!(stored.len(), seen.sent.len(), "lines stored and sent");
    assert_eq!(dump.close_code(), code);

    assert_eq!(row.id, dump.id());
    let url = row.blob_url.as_deref().expect("a stored dump has a URL");
    assert_eq!(
        url,
        format!(
            "file://{}",
            dump.path.canonicalize().expect("the dump exists").display()
        )
    );
    assert_eq!(row.metadata["numberOfMessages"], seen.sent.len());
    assert_eq!(row.metadata["closeCode"], code);
    assert_eq!(row.metadata["origin"], seen.origin);
}

/// Asserts that the call was worth recording: both sides, candidates, descriptions, and statistics both whole and as
/// differences.
fn assert_is_a_call(seen: &Seen) {
    let count = |begin: &str| seen.sent.iter().filter(|line| line.starts_with(begin)).count();
    for name in ["PC_0", "PC_1"] {
        assert!(
            count(&format!("[20,\"{name}\",{{\"candidate\"")) > 0,
            "candidates of {name}"
        );
        assert!(count(&format!("[6,\"{name}\"")) == 1, "the local description of {name}");
        assert!(
            count(&format!("[25,\"{name}\",\"connected\"")) == 1,
            "{name} is connected"
        );
        assert!(count(&format!("[\"g\",\"{name}\"")) >= 3, "statistics of {name}");
    }
    assert!(count("[61,null,[[\"audio\"") == 1, "tracks of getUserMedia");
}

#[test]
fn a_call_ended_by_the_page_is_stored_line_by_line() {
    let server = Server::start(&[]);
    let seen = drive(&server, None, "close");
    assert_is_a_call(&seen);
    assert_eq!(
        (seen.session.as_deref(), seen.code),
        (Some("closed"), Some(1005)),
        "{:?}",
        seen.text
    );
    let dumps = server.delivered(1);
    assert_is_the_session(&dumps[0], &server.rows()[0], &seen, 1005);
    assert_eq!(server.rows()[0].user, None);
}

#[test]
fn a_call_whose_page_is_left_is_stored_line_by_line() {
    let server = Server::start(&[]);
    let seen = drive(&server, None, "leave");
    assert_is_a_call(&seen);
    let dumps = server.delivered(1);
    assert_is_the_session(&dumps[0], &server.rows()[0], &seen, 1001);
}

#[test]
fn a_call_whose_browser_is_killed_is_stored_line_by_line() {
    let server = Server::start(&[]);
    let seen = drive(&server, None, "kill");
    assert_is_a_call(&seen);
    let dumps = server.delivered(1);
    assert_is_the_session(&dumps[0], &server.rows()[0], &seen, 1006);
}

#[test]
fn only_a_good_token_opens_a_session() {
    let server = Server::start(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)]);
    let good = token(&server);
    let (body, signature) = good.rsplit_once('.').expect("a token has three parts");
    let forged = format!("{body}.{}", signature.chars().rev().collect::<String>());

    for bad in [None, Some(forged.as_str()), Some("no token at all")] {
        let seen = drive(&server, bad, "refused");
        assert_eq!(
            (seen.session.as_deref(), seen.code),
            (Some("refused"), Some(1008)),
            "{:?}",
            seen.text
        );
        assert!(seen.text.expect("the page says something").contains("refused"));
    }
    let seen = drive(&server, Some(&good), "close");
    assert_is_a_call(&seen);

    // The only dump is that of the good session. Of the refused sessions nothing is left, neither stored nor waiting.
    let dumps = server.delivered(1);
    assert_is_the_session(&dumps[0], &server.rows()[0], &seen, 1005);
    support::wait_until("the spool to be empty", || server.spooled().is_empty());
    let row = &server.rows()[0];
    let claims = [&row.user, &row.conference, &row.session].map(|claim| claim.as_deref());
    assert_eq!(claims, [Some("alice"), Some("weekly"), Some("s-1")]);

    for place in [dumps[0].lines.join("\n"), row.metadata.to_string(), server.log()] {
        assert!(!place.contains(&good) && !place.contains(signature), "a token was kept");
    }
}
