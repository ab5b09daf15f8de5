//! Tests requests that are not a session, and heads that are not a request.

use super::*;

/// All that the connection answers to a head, which must end with a finish.
fn answer(head: &[u8]) -> String {
    let mut driver = Driver::new();
    let actions = driver.hear(head);
    match &actions[..] {
        [Action::Send(response), Action::Finish] | [Action::Refused(_), Action::Send(response), Action::Finish] => {
            String::from_utf8(response.clone()).unwrap()
        }
        other => panic!("{}: {other:?}", String::from_utf8_lossy(head)),
    }
}

fn status(head: &str) -> String {
    answer(head.as_bytes())[9..12].to_string()
}

#[test]
fn health_is_an_empty_200() {
    for request in [
        "GET /healthcheck",
        "HEAD /healthcheck",
        "GET /healthcheck?full",
        "GET http://x/healthcheck",
    ] {
        let answer = answer(format!("{request} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes());
        let expected = "HTTP/1.1 200 OK\r\nConnection: close\r\nCache-Control: no-store\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(answer, expected, "{request}");
    }
}

#[test]
fn other_plain_requests_find_nothing() {
    let answer = answer(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(
        answer.starts_with("HTTP/1.1 404 Not Found\r\nConnection: close\r\n"),
        "{answer}"
    );
    assert!(
        answer.ends_with("Content-Length: 14\r\n\r\n404 Not Found\n"),
        "{answer}"
    );
    assert_eq!(status("GET / HTTP/1.0\r\n\r\n"), "404");
    assert_eq!(status("GET /healthcheck/ HTTP/1.1\r\nHost: x\r\n\r\n"), "404");
    assert_eq!(status("GET / HTTP/1.1\nHost: x\n\n"), "404");
    assert_eq!(status("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"), "404");
}

#[test]
fn a_head_request_gets_the_length_of_a_body_but_no_body() {
    let answer = answer(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(answer.ends_with("Content-Length: 14\r\n\r\n"), "{answer}");
}

#[test]
fn no_answer_names_the_program() {
    for head in ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "nonsense\r\n\r\n"] {
        let answer = answer(head.as_bytes()).to_ascii_lowercase();
        assert!(!answer.contains("server") && !answer.contains("rtcstats"), "{answer}");
    }
}

#[test]
fn wrong_methods_are_told_the_right_ones() {
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "BREW"] {
        for path in ["/", "/healthcheck"] {
            let answer = answer(format!("{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").as_bytes());
            assert!(
                answer.starts_with("HTTP/1.1 405 ") && answer.contains("\r\nAllow: GET, HEAD\r\n"),
                "{answer}"
            );
        }
    }
    assert_eq!(status(&upgrade("").replacen("GET", "POST", 1)), "405");
}

#[test]
fn a_wrong_websocket_version_is_told_the_right_one() {
    let head = upgrade("");
    for wrong in ["Sec-WebSocket-Version: 12\r\n", "Sec-WebSocket-Version: 13, 8\r\n", ""] {
        let answer = answer(head.replace("Sec-WebSocket-Version: 13\r\n", wrong).as_bytes());
        assert!(
            answer.starts_with("HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\n"),
            "{answer}"
        );
        assert!(answer.contains("\r\nSec-WebSocket-Version: 13\r\n"), "{answer}");
    }
}

#[test]
fn incomplete_upgrades_are_bad_requests() {
    let head = upgrade("");
    let key = format!("Sec-WebSocket-Key: {KEY}\r\n");
    for (part, replacement) in [
        (key.as_str(), ""),
        (key.as_str(), "Sec-WebSocket-Key:\r\n"),
        (key.as_str(), "Sec-WebSocket-Key: dG9vIHNob3J0\r\n"),
        (key.as_str(), "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n"),
        (key.as_str(), "Sec-WebSocket-Key: !!!!IHNhbXBsZSBub25jZQ==\r\n"),
        (key.as_str(), &format!("{key}{key}")),
        ("HTTP/1.1", "HTTP/1.0"),
        ("Connection: Upgrade\r\n", ""),
        ("Connection: Upgrade\r\n", "Connection: keep-alive\r\n"),
        ("Host: example.org\r\n", ""),
        ("Host: example.org\r\n", "Host: a\r\nHost: b\r\n"),
        ("\r\n\r\n", "\r\nContent-Length: 3\r\n\r\n"),
        ("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ] {
        assert_eq!(
            status(&head.replacen(part, replacement, 1)),
            "400",
            "{part:?} -> {replacement:?}"
        );
    }
}

#[test]
fn upgrades_are_known_by_their_tokens() {
    let lists = upgrade("").replacen("Connection: Upgrade", "Connection: keep-alive, uPgRaDe", 1);
    for head in [lists.as_str(), &upgrade("").replacen("websocket", "h2c, WebSocket", 1)] {
        assert!(
            matches!(Driver::new().hear(head.as_bytes())[0], Action::Open(_)),
            "{head}"
        );
    }
}

#[test]
fn malformed_heads_are_bad_requests() {
    for head in [
        "GET\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHo\0st: x\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\0 a TLS client hello",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        assert_eq!(status(head), "400", "{head:?}");
    }
}

#[test]
fn a_head_that_is_too_large_is_refused_at_its_limit() {
    let limit = Driver::new().policy.limits.head_bytes.as_usize();
    let head = |filler: usize| format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "y".repeat(filler));
    let fitting = head(limit - head(0).len());
    assert_eq!(status(&fitting), "404");
    assert_eq!(status(&head(limit - head(0).len() + 1)), "431");

    let mut driver = Driver::new();
    assert_eq!(driver.hear(&fitting.as_bytes()[..limit - 4]), []);
    assert_eq!(driver.hear(b"y"), []);
    assert!(matches!(&driver.hear(b"yyy")[1], Action::Send(response) if response.starts_with(b"HTTP/1.1 431 ")));

    let lines = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "a: b\r\n".repeat(100));
    assert_eq!(status(&lines), "431");
}

#[test]
fn a_head_that_is_too_slow_gets_408() {
    for beginning in ["", "GET / HTTP/1.1\r\nHost: "] {
        let mut driver = Driver::new();
        driver.wait(Duration::from_secs(3));
        assert_eq!(driver.hear(beginning.as_bytes()), []);
        assert_eq!(driver.wait(Duration::from_millis(6999)), []);
        let actions = driver.wait(Duration::from_millis(1));
        assert!(
            matches!(&actions[0], Action::Send(response) if response.starts_with(b"HTTP/1.1 408 ")),
            "{actions:?}"
        );
        assert_eq!(actions[1..], [Action::Finish]);
    }
}

#[test]
fn a_body_is_swallowed_while_the_answer_is_read() {
    let mut driver = Driver::new();
    let head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\nExpect: 100-continue\r\n\r\nGET /healthcheck";
    assert_eq!(driver.hear(head).len(), 2);
    assert_eq!(
        driver.hear(b" HTTP/1.1\r\nHost: x\r\n\r\n"),
        [],
        "a body is no second request"
    );
    assert_eq!(driver.hear(&vec![0; 3_000_000]), []);
    assert_eq!(driver.end_of_stream(), [Action::Close]);
}

#[test]
fn swallowing_has_an_end_in_bytes_and_in_time() {
    let mut driver = Driver::new();
    driver.hear(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    let actions: Vec<Action> = (0..20).flat_map(|_| driver.hear(&vec![0; 1 << 20])).collect();
    assert_eq!(actions, [Action::Close]);

    let mut driver = Driver::new();
    driver.hear(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(driver.wait(Duration::from_millis(4999)), []);
    assert_eq!(driver.wait(Duration::from_millis(1)), [Action::Close]);
}

#[test]
fn a_peer_that_leaves_in_the_middle_of_its_head_gets_nothing() {
    let mut driver = Driver::new();
    driver.hear(b"GET / HT");
    assert_eq!(driver.end_of_stream(), [Action::Close]);
    let mut driver = Driver::new();
    driver.hear(b"GET / HT");
    assert_eq!(driver.shut(CloseReason::GoingAway), [Action::Close]);
}
