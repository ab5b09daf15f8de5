//! Requests that do not become sessions: what the peer is told, and what the operator reads.

use support::raw::upgrade;
use support::{Client, Raw, Server, wait_until};

/// Sends bytes and returns the whole answer.
fn answer(server: &Server, bytes: &[u8]) -> String {
    let mut raw = Raw::connect(server.address());
    raw.write(bytes);
    raw.rest()
}

/// An upgrade with one of its parts replaced.
fn with(part: &str, replacement: &str) -> Vec<u8> {
    let head = String::from_utf8(upgrade("/room", "")).expect("a head is text");
    assert!(head.contains(part), "{part}");
    head.replacen(part, replacement, 1).into_bytes()
}

fn before(text: &[u8]) -> Vec<u8> {
    [text, &upgrade("/room", "")].concat()
}

/// What nginx sends to its upstream unless it is told otherwise.
const NGINX: &[u8] =
    b"GET /room HTTP/1.0\r\nHost: backend\r\nConnection: close\r\nOrigin: https://meet.example.org\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// A request, the status of its answer, and words of the mend that peer and operator are told.
type Case = (Vec<u8>, &'static str, &'static str);

fn cases() -> Vec<Case> {
    [foreign(), spoiled()].concat()
}

/// What is no HTTP/1.1.
fn foreign() -> Vec<Case> {
    vec![
        (
            before(b"PROXY TCP4 203.0.113.7 127.0.0.1 1 2\r\n"),
            "400",
            "PROXY protocol",
        ),
        (before(b"PROXY UNKNOWN\r\n"), "400", "PROXY protocol"),
        (
            before(b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x07\x7f\0\0\x01\x12\x34\x1f\x90"),
            "400",
            "PROXY protocol",
        ),
        (b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03".to_vec(), "400", "use ws://"),
        (
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
            "400",
            "let the proxy use HTTP/1.1",
        ),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec(), "400", "look at what connects"),
    ]
}

/// Upgrades that something on the way has spoiled.
fn spoiled() -> Vec<Case> {
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let end = "\r\n\r\n";
    vec![
        (
            with(end, "\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "400",
            "leave out Transfer-Encoding",
        ),
        (
            with(end, "\r\nContent-Length: 3\r\n\r\n"),
            "400",
            "leave out Transfer-Encoding",
        ),
        (
            with(end, "\r\nContent-Length: 0, 3\r\n\r\n"),
            "400",
            "leave out Transfer-Encoding",
        ),
        (
            with(end, "\r\nContent-Length: -0\r\n\r\n"),
            "400",
            "leave out Transfer-Encoding",
        ),
        (with("HTTP/1.1", "HTTP/1.0"), "400", "proxy_http_version 1.1"),
        (NGINX.to_vec(), "426", "proxy_set_header Upgrade $http_upgrade"),
        (
            with("Upgrade: websocket\r\n", ""),
            "426",
            "proxy_set_header Upgrade $http_upgrade",
        ),
        (
            with("Upgrade: websocket\r\n", "Upgrade: h2c\r\n"),
            "426",
            "proxy_set_header Upgrade $http_upgrade",
        ),
        (
            with("Connection: Upgrade", "Connection: close"),
            "400",
            "proxy_set_header Connection upgrade",
        ),
        (with("Host: localhost\r\n", ""), "400", "proxy_set_header Host $host"),
        (
            with("Host: localhost\r\n", "Host: a\r\nHost: b\r\n"),
            "400",
            "more than one Host",
        ),
        (
            with("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8"),
            "426",
            "Sec-WebSocket-Version is not 13",
        ),
        (with(key, ""), "400", "16 bytes in Base64"),
        (with(key, &format!("{key}{key}")), "400", "16 bytes in Base64"),
        (with("GET", "POST"), "405", "another method than GET"),
        (
            with(end, &format!("\r\nCookie: {}\r\n\r\n", "x".repeat(20_000))),
            "431",
            "limits.head_bytes",
        ),
    ]
}

#[test]
fn a_refused_request_is_told_why_and_what_to_do_and_so_is_the_operator() {
    let mut server = Server::start(&[]);
    for (bytes, status, mend) in cases() {
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let answer = answer(&server, &bytes);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{shown}\n{answer}");
        assert!(answer.contains(mend), "{shown}\n{answer}");
    }
    for (_, _, mend) in cases() {
        wait_until("a line in the log", || server.log().contains(mend));
    }
    server.stop();
    let log = server.log();
    assert_eq!(
        log.matches("more than one Host").count(),
        1,
        "a reason that came once has one line\n{log}"
    );
    // Told at once, and at the end how many more there were.
    assert_eq!(log.matches("proxy_set_header Upgrade").count(), 2, "{log}");
    assert!(log.contains("(2 more in the last minute)"), "{log}");
    assert!(!log.contains("203.0.113.7"), "{log}");
}

#[test]
fn lengths_of_nothing_are_harmless() {
    let server = Server::start(&[]);
    let lengths = ["0", "00", "0, 0", "000,0", "0\r\nContent-Length: 0"];
    for length in lengths {
        let further = format!("Content-Length: {length}\r\n");
        let mut raw = Raw::connect(server.address());
        raw.write(&upgrade("/room", &further));
        let head = raw.head();
        assert!(head.starts_with("HTTP/1.1 101 "), "{length}: {head}");
        raw.text("[\"x\",null,1,1]");
        raw.sync();
    }
    assert_eq!(server.delivered(lengths.len()).len(), lengths.len());
}

#[test]
fn empty_list_elements_are_none() {
    let server = Server::start(&[]);
    let further = "X-Forwarded-For: 203.0.113.9,\r\nX-Forwarded-For: ,\r\nSec-WebSocket-Protocol: , rtcstats#5.0,\r\n";
    let head = String::from_utf8(upgrade("/room", further)).expect("a head is text");
    let head = head
        .replacen("Connection: Upgrade", "Connection: , Upgrade,", 1)
        .replacen("Upgrade: websocket", "Upgrade: ,websocket", 1)
        .replacen("Version: 13", "Version: 13,", 1);
    let mut raw = Raw::connect(server.address());
    raw.write(head.as_bytes());
    let answer = raw.head();
    assert!(
        answer.starts_with("HTTP/1.1 101 ") && answer.contains("Protocol: rtcstats#5.0\r\n"),
        "{answer}"
    );
    raw.text("[\"x\",null,1,1]");
    raw.sync();
    drop(raw);
    let dump = &server.delivered(1)[0];
    assert!(
        dump.lines[1].contains("\"remoteAddresses\":[\"203.0.113.x\"]"),
        "{}",
        dump.lines[1]
    );
}

#[test]
fn a_client_address_that_is_not_believed_is_told_once() {
    let mut server = Server::start(&[("RTCSTATS_SERVER__TRUSTED_PROXIES", "10.0.0.0/8")]);
    for header in ["X-Forwarded-For", "X-Forwarded-For", "Forwarded", "X-Real-IP"] {
        let mut client = Client::open_with(server.address(), "/room", &[(header, "203.0.113.9")]).expect("an upgrade");
        client.send("[\"x\",null,1,1]");
        client.close(None);
    }
    let dumps = server.delivered(4);
    assert!(dumps.iter().all(|dump| dump.lines[1].contains("\"127.0.0.1\"")));
    server.stop();
    let log = server.log();
    assert_eq!(
        log.matches("server.trusted_proxies sends X-Forwarded-For").count(),
        1,
        "{log}"
    );
    assert!(!log.contains("203.0.113.9"), "{log}");
}

#[test]
fn many_refusals_of_a_kind_are_one_line_and_a_count() {
    let secret = "a secret of thirty-two bytes....";
    let mut server = Server::start(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", secret)]);
    for _ in 0..200 {
        let mut raw = Raw::connect(server.address());
        raw.write(&upgrade("/room", ""));
        assert!(raw.head().starts_with("HTTP/1.1 101 "));
        assert_eq!(raw.told(), Some(1008));
    }
    wait_until("the first line", || server.log().contains("no token was given"));
    server.stop();
    let log = server.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("no token was given")).collect();
    // On a slow machine a minute may pass in between.
    assert!(lines.len() <= 5, "{} lines: {log}", lines.len());
    let more = |line: &&str| line.split_once('(')?.1.split(' ').next()?.parse::<u64>().ok();
    let counted: u64 = lines.iter().filter_map(more).sum();
    let told = lines.iter().filter(|line| more(line).is_none()).count() as u64;
    assert_eq!(counted + told, 200, "{log}");
}
