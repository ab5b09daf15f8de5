//! Tests the answer to an upgrade, and who is let in.

use super::*;
use crate::auth::{self, Denial, Expiry, Key};
use crate::connection::{Hello, Refusal};
use crate::labels::Labels;

fn open(actions: &[Action]) -> &Hello {
    match &actions[0] {
        Action::Open(hello) => hello,
        other => panic!("no open: {other:?}"),
    }
}

fn sent(actions: &[Action]) -> String {
    let bytes = actions.iter().filter_map(|action| match action {
        Action::Send(bytes) => Some(bytes.as_slice()),
        _ => None,
    });
    String::from_utf8_lossy(&bytes.collect::<Vec<_>>().concat()).into_owned()
}

#[test]
fn an_upgrade_is_answered_with_the_derived_key_and_nothing_else() {
    let actions = Driver::new().hear(upgrade("").as_bytes());
    assert_eq!(actions.len(), 2);
    assert_eq!(sent(&actions), format!("{SWITCHED}\r\n"));
    let hello = open(&actions);
    assert_eq!((hello.url.as_str(), hello.start.0), ("/room", START_MS));
    assert_eq!(hello.remote_addresses, ["203.0.113.7"]);
    assert_eq!(
        (&hello.origin, &hello.user_agent, &hello.client_protocol),
        (&None, &None, &None)
    );
}

#[test]
fn the_first_offered_sub_protocol_is_echoed() {
    for (offer, chosen) in [
        ("Sec-WebSocket-Protocol: rtcstats#5.0\r\n", "rtcstats#5.0"),
        ("sec-websocket-protocol:  rtcstats#5.0 , other\r\n", "rtcstats#5.0"),
        ("Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n", "a"),
    ] {
        let actions = Driver::new().hear(upgrade(offer).as_bytes());
        assert_eq!(
            sent(&actions),
            format!("{SWITCHED}Sec-WebSocket-Protocol: {chosen}\r\n\r\n")
        );
        assert_eq!(open(&actions).client_protocol.as_deref(), Some(chosen));
    }
}

#[test]
fn what_is_no_token_is_never_echoed() {
    for offer in [
        "Sec-WebSocket-Protocol: \r\n",
        "Sec-WebSocket-Protocol: a b, c\r\n",
        "Sec-WebSocket-Protocol: \"q\"\r\n",
    ] {
        let actions = Driver::new().hear(upgrade(offer).as_bytes());
        assert_eq!(sent(&actions), format!("{SWITCHED}\r\n"));
        assert_eq!(open(&actions).client_protocol, None);
    }
}

#[test]
fn no_extension_is_accepted() {
    let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    assert_eq!(
        sent(&Driver::new().hear(upgrade(offer).as_bytes())),
        format!("{SWITCHED}\r\n")
    );
}

#[test]
fn frames_in_the_segment_of_the_head_are_heard_before_the_answer_goes_out() {
    let bytes = [
        upgrade("").into_bytes(),
        frame(TEXT, b"[1]"),
        frame(PING, b"p"),
        frame(TEXT, b"[2]"),
    ]
    .concat();
    let actions = Driver::new().hear(&bytes);
    assert!(matches!(actions[0], Action::Open(_)));
    let answer = [format!("{SWITCHED}\r\n").into_bytes(), control(PONG, b"p")].concat();
    assert_eq!(actions[1..], [line("[1]"), line("[2]"), send(&answer)]);
}

#[test]
fn a_server_that_takes_no_session_answers_503_to_health_checks_too() {
    let mut driver = Driver::new();
    driver.admission = Admission::Unavailable;
    let actions = driver.hear(upgrade("").as_bytes());
    let answer = sent(&actions);
    assert!(
        answer.starts_with("HTTP/1.1 503 ") && answer.contains("\r\nRetry-After: 30\r\n"),
        "{answer}"
    );
    assert!(!actions.iter().any(|action| matches!(action, Action::Open(_))));

    let mut driver = Driver::new();
    driver.admission = Admission::Unavailable;
    let answer = sent(&driver.hear(b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    let mut driver = Driver::new();
    driver.admission = Admission::Unavailable;
    let answer = sent(&driver.hear(b"GET /elsewhere HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}

#[test]
fn only_a_valid_token_opens_a_session_and_it_is_kept_nowhere() {
    let secret = "a secret that is long enough for everybody";
    let claims = Labels {
        user: Some("anna".to_string()),
        ..Labels::default()
    };
    let valid = auth::sign(secret, &claims, START_MS / 1000, Some(60)).unwrap();
    let expired = auth::sign(secret, &claims, START_MS / 1000 - 3600, Some(60)).unwrap();
    let forged = auth::sign(
        "another secret, just as long as the first",
        &claims,
        START_MS / 1000,
        Some(60),
    )
    .unwrap();
    let driver = || {
        let mut driver = Driver::new();
        driver.policy.verifier = Verifier::new(vec![Key::secret(secret).unwrap()], Expiry::Required).unwrap();
        driver
    };

    let head = |token: &str| upgrade("").replacen("/room", &format!("/room?rtcstats-token={token}"), 1);
    let actions = driver().hear(head(&valid).as_bytes());
    assert_eq!(open(&actions).claims.user.as_deref(), Some("anna"));
    assert_eq!(open(&actions).url, "/room?rtcstats-token=obfuscated");

    let none = upgrade("");
    for (head, denial) in [
        (none, Denial::Missing),
        (head("x"), Denial::Malformed),
        (head(&expired), Denial::Expired),
        (head(&forged), Denial::Signature),
    ] {
        let mut driver = driver();
        let actions = driver.hear(&[head.as_bytes(), &frame(TEXT, b"[1]")].concat());
        let reason = CloseReason::Denied(denial);
        let answer = [format!("{SWITCHED}\r\n").into_bytes(), close(1008, &reason.to_string())].concat();
        assert_eq!(actions, [Action::Refused(Refusal::Session(reason)), send(&answer)]);
        assert_eq!(driver.hear(&frame(TEXT, b"[2]")), [], "nothing is a line");
        assert!(!driver.connection.is_session());
    }
}

fn driver_for(origin: &str) -> Driver {
    let mut driver = Driver::new();
    driver.policy.access.allowed_origins = vec![origin.to_string()];
    driver
}

#[test]
fn origins_on_the_list_are_let_in_whatever_their_case() {
    for origin in ["https://app.example.org", "https://APP.example.ORG"] {
        let actions = driver_for("https://app.example.org").hear(upgrade(&format!("Origin: {origin}\r\n")).as_bytes());
        assert_eq!(open(&actions).origin.as_deref(), Some(origin));
    }
}

#[test]
fn other_origins_and_none_are_upgraded_closed_with_1008_and_not_stored() {
    for origin in [
        "",
        "Origin: https://evil.example\r\n",
        "Origin: https://app.example.org.evil.example\r\n",
        "Origin: https://app.example.org:8443\r\n",
        "Origin: http://app.example.org\r\n",
        "Origin: null\r\n",
        "Origin: https://app.example.org\r\nOrigin: https://evil.example\r\n",
    ] {
        let mut driver = driver_for("https://app.example.org");
        let bytes = [upgrade(origin).into_bytes(), frame(TEXT, b"[1]"), frame(TEXT, b"[2]")].concat();
        let actions = driver.hear(&bytes);
        let answer = [
            format!("{SWITCHED}\r\n").into_bytes(),
            close(1008, "origin not allowed"),
        ]
        .concat();
        assert_eq!(
            actions,
            [
                Action::Refused(Refusal::Session(CloseReason::OriginNotAllowed)),
                send(&answer)
            ],
            "{origin}"
        );
        assert!(!driver.connection.is_session());

        assert_eq!(driver.hear(&frame(TEXT, b"[3]")), []);
        assert_eq!(driver.hear(&frame(PING, b"")), [], "no pong after a close frame");
        assert_eq!(driver.hear(&frame(CLOSE, &1008u16.to_be_bytes())), [Action::Finish]);
        assert_eq!(driver.end_of_stream(), [Action::Close]);
    }
}

#[test]
fn a_refused_session_that_goes_on_sending_is_cut() {
    let mut driver = driver_for("https://app.example.org");
    driver.hear(upgrade("").as_bytes());
    let message = frame(TEXT, &vec![b'x'; 1 << 20]);
    let actions: Vec<Action> = (0..9).flat_map(|_| driver.hear(&message)).collect();
    assert_eq!(actions, [Action::Close]);
}

#[test]
fn a_refused_session_that_does_not_answer_is_cut_after_five_seconds() {
    let mut driver = driver_for("https://app.example.org");
    driver.hear(upgrade("").as_bytes());
    assert_eq!(driver.wait(Duration::from_millis(4999)), []);
    assert_eq!(driver.wait(Duration::from_millis(1)), [Action::Close]);
    assert_eq!(driver.deadline(), None);
}
