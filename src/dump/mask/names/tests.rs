//! Tests of labels, user names and server URLs.
use super::*;

#[test]
fn a_label_keeps_a_usb_id_at_its_end() {
    let left = |label: &str| {
        let (mut out, mut spans) = (Vec::new(), Vec::from_iter(super::label(label.as_bytes())));
        super::super::text::apply(label.as_bytes(), &mut spans, &mut out);
        String::from_utf8(out).expect("masking keeps UTF-8")
    };
    for (label, expected) in [
        ("Camera (046d:082d)", "x (046d:082d)"),
        ("Camera (046D:082D)", "x (046D:082D)"),
        ("(046d:082d)", "(046d:082d)"),
        (" (046d:082d)", " (046d:082d)"),
        ("Bob (046d:082d) (046d:082d)", "x (046d:082d)"),
        ("Camera (046d:082d) ", "x"),
        ("Camera (046d:08zd)", "x"),
        ("Camera (046d-082d)", "x"),
        ("AirPods (Bluetooth)", "x"),
        ("Zoës 📷", "x"),
        ("", ""),
        ("x", "x"),
    ] {
        assert_eq!(left(label), expected, "{label:?}");
    }
}

#[test]
fn a_user_name_keeps_a_leading_expiry() {
    let span = |name: &str| username(name.as_bytes()).map(|span| span.start..span.end);
    assert_eq!(span("alice"), Some(0..5));
    assert_eq!(span("1700000000:alice"), Some(11..16));
    assert_eq!(span("1700000000:"), None);
    assert_eq!(span("1700000000"), Some(0..10));
    assert_eq!(span("4915112345:a"), Some(0..12));
    assert_eq!(span("17000000000:a"), Some(0..13));
    assert_eq!(span(""), None);
}

#[test]
fn only_a_servers_url_is_one() {
    for url in [
        "stun:t.example",
        "turn:203.0.113.250:3478?transport=udp",
        "TURNS:[2001:db8::1]:5349",
        "stuns:a_b-c",
    ] {
        assert!(is_server_url(url.as_bytes()), "{url}");
    }
    for text in [
        "",
        "stun",
        "stun:",
        "turn:?transport=udp",
        "http://203.0.113.31",
        "turn:me@203.0.113.31",
        "turn:t.example?x=203.0.113.31",
        "turn:t.example 203.0.113.31",
        "turn:t.example/203.0.113.31",
        "turn:t.example?transport=udp&ip=203.0.113.31",
        " stun:t.example",
        "turn:t.example?transport=203.0.113.31",
    ] {
        assert!(!is_server_url(text.as_bytes()), "{text}");
    }
}
