//! Checks the metadata line and its row to the byte: which members they have, in which order, and what is done to each.

use support::wire::Bytes;
use support::{Dump, Row, Server};

const SECRET: &str = "metadata-test-secret-of-at-least-32-bytes";
const AGENT: &str = "Mozilla/5.0 (X11; rv:153.0) \"quoted\" Chrome/156.0.0.0 \\ Safari/537.36";

/// Runs one session with these header lines and one message, and returns its dump and row.
fn session(server: &Server, target: &str, headers: &[(&str, &str)]) -> (Dump, Row) {
    let count = server.rows().len() + 1;
    let mut bytes = Bytes::upgrade(target, headers);
    bytes.text("[\"a\",null,1,1]");
    bytes.close(1000, "");
    bytes.send(server.address(), 1460);
    let dump = server.delivered(count).pop().expect("a dump");
    (dump, server.rows().pop().expect("a row"))
}

fn start_of(dump: &Dump) -> u64 {
    dump.metadata()["startTime"].as_u64().expect("milliseconds")
}

/// The row's metadata: the metadata line and what the row has in addition.
fn row_text(line: &str, dump: &Dump, host: &str) -> String {
    let bytes: usize = dump.lines.iter().map(|line| line.len() + 1).sum();
    format!(
        "{},\"numberOfMessages\":1,\"bytes\":{bytes},\"closeCode\":1000,\"hostIdentifier\":\"{host}\",\"recovered\":false,\
         \"findings\":{{\"dump.no-stats\":\"info\"}}}}",
        line.strip_suffix('}').expect("an object")
    )
}

#[test]
fn the_token_goes_and_the_rest_stays_in_its_order() {
    let environment = [
        ("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET),
        ("RTCSTATS_SERVER__HOST_IDENTIFIER", "collector-7"),
    ];
    let server = Server::start(&environment);
    let claims = ["token", "--user", "alice", "--conference", "c 1", "--session", "s/1"];
    let token = String::from_utf8(server.run(&claims).stdout).expect("ASCII");
    let token = token.trim();
    let target = format!("/a%20b/%F0%9F%98%80?x=1&rtcstats-token={token}&y=198.51.100.7");
    let headers = [
        ("Origin", "https://198.51.100.8:8443"),
        ("User-Agent", AGENT),
        ("X-Forwarded-For", "198.51.100.9, 2001:db8:1:2::3"),
    ];
    let (dump, row) = session(&server, &target, &headers);
    let agent = serde_json::to_string(AGENT).expect("text is JSON");
    let line = format!(
        "{{\"url\":\"/a%20b/%F0%9F%98%80?x=1&rtcstats-token=obfuscated&y=198.51.100.x\",\
         \"origin\":\"https://198.51.100.8:8443\",\"userAgent\":{agent},\"startTime\":{},\
         \"remoteAddresses\":[\"2001:db8:1:x:x:x:x:x\"],\"clientProtocol\":\"rtcstats#5.0\",\"fileFormat\":3}}",
        start_of(&dump)
    );
    assert_eq!(dump.lines[0], "RTCStatsDump");
    assert_eq!(dump.lines[1], line);
    assert_eq!(row.metadata.to_string(), row_text(&line, &dump, "collector-7"));
    let claims = [&row.user, &row.conference, &row.session].map(Option::as_deref);
    assert_eq!(claims, [Some("alice"), Some("c 1"), Some("s/1")]);
}

#[test]
fn what_a_client_does_not_say_is_left_out() {
    let server = Server::start(&[]);
    let (dump, row) = session(&server, "/", &[("Sec-WebSocket-Protocol", "")]);
    let line = format!(
        "{{\"url\":\"/\",\"startTime\":{},\"remoteAddresses\":[\"127.0.0.1\"],\"fileFormat\":3}}",
        start_of(&dump)
    );
    assert_eq!(dump.lines[1], line);
    let host = row.metadata["hostIdentifier"].as_str().expect("text");
    assert_eq!(row.metadata.to_string(), row_text(&line, &dump, host));
    // If there are several sub-protocols, the first is chosen.
    let (dump, _) = session(&server, "/", &[("Sec-WebSocket-Protocol", "first, second")]);
    assert_eq!(dump.metadata()["clientProtocol"], "first");
}
