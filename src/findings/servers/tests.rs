//! Which URLs mean the same server.
use super::{Kind, key};

#[test]
fn a_server_is_known_by_its_url_with_what_it_leaves_out() {
    for (url, expected) in [
        ("stun:example.org", "stun:example.org:3478/udp"),
        ("turn:Example.org:3478", "turn:example.org:3478/udp"),
        ("turn:example.org?transport=udp", "turn:example.org:3478/udp"),
        ("turn:example.org?transport=tcp", "turn:example.org:3478/tcp"),
        ("turns:example.org:443?transport=tcp", "turns:example.org:443/tls"),
        ("turns:example.org", "turns:example.org:5349/tls"),
    ] {
        assert_eq!(key(url).map(|(_, key)| key).as_deref(), Some(expected), "{url}");
    }
    for url in ["", "example.org", "http://example.org", "turn"] {
        assert_eq!(key(url), None, "{url}");
    }
    assert_eq!(key("turns:a").map(|(kind, _)| kind), Some(Kind::Turn));
}

#[test]
fn an_address_says_no_more_than_a_masked_one() {
    let expected = key("turn:192.0.2.1:3478?transport=udp");
    assert!(expected.is_some());
    for url in [
        "turn:198.51.100.x:3478",
        "turn:203.0.113.9",
        "turn:[2001:db8::1]:3478",
        "turn:[2001:db8::1]",
    ] {
        assert_eq!(key(url), expected, "{url}");
    }
    assert_ne!(key("turn:198.51.100.x.example.org"), expected);
    assert_ne!(key("turn:192.0.2.1:3479"), expected);
}
