//! Tests what is kept of a request, and what must not be kept.

use super::*;
use crate::auth::Verifier;
use crate::connection::Access;
use crate::limits::HEAD_BYTES_MAX;

fn with_request<T>(target: &str, lines: &str, ask: impl FnOnce(&Request<'_>) -> T) -> T {
    let head = format!("GET {target} HTTP/1.1\r\nHost: x\r\n{lines}\r\n");
    ask(&Request::parse(head.as_bytes()).unwrap().unwrap())
}

fn token(target: &str, lines: &str) -> Option<String> {
    with_request(target, lines, |request| token_of(request).map(Cow::into_owned))
}

#[test]
fn the_token_is_in_the_query_or_in_the_authorization_header() {
    let bearer = "Authorization: Bearer b.b.b\r\n";
    for (target, lines, expected) in [
        ("/?rtcstats-token=a.b.c", "", Some("a.b.c")),
        ("/?x=1&rtcstats-token=a.b.c&y", "", Some("a.b.c")),
        ("/?rtcstats-token=a.b.c#fragment", "", Some("a.b.c")),
        ("/?rtcstats%2dtoken=a%2Eb%2ec", "", Some("a.b.c")),
        ("/?rtcstats-token=one&rtcstats-token=two", "", Some("one")),
        ("/?rtcstats-token=%e4", "", Some("\u{fffd}")),
        ("/?rtcstats-token=%zz%1", "", Some("%zz%1")),
        ("/?rtcstats-token=a.b.c", bearer, Some("a.b.c")),
        ("/?rtcstats-token=", bearer, Some("b.b.b")),
        ("/", bearer, Some("b.b.b")),
        ("/", "authorization:   bEARER   b.b.b  \r\n", Some("b.b.b")),
        (
            "/",
            "Authorization: Basic YTpi\r\nAuthorization: Bearer b.b.b\r\n",
            Some("b.b.b"),
        ),
        ("/", "Authorization: Bearer\r\n", None),
        ("/", "Authorization: Bearerb.b.b\r\n", None),
        ("/?rtcstats-token", "", None),
        ("/?rtcstats-token=", "", None),
        ("/rtcstats-token=a.b.c", "", None),
        ("/?token=a.b.c", "", None),
    ] {
        assert_eq!(token(target, lines).as_deref(), expected, "{target} {lines}");
    }
}

#[test]
fn tokens_in_every_spelling_are_replaced_and_nothing_else() {
    for (target, kept) in [
        ("/", "/"),
        ("", ""),
        (
            "/r%C3%A4um/%F0%9F%98%80?room=caf%C3%A9&n=1",
            "/r%C3%A4um/%F0%9F%98%80?room=caf%C3%A9&n=1",
        ),
        ("/?rtcstats-token=secret", "/?rtcstats-token=obfuscated"),
        (
            "/a?b=c&rtcstats-token=secret&d=%20#e",
            "/a?b=c&rtcstats-token=obfuscated&d=%20#e",
        ),
        (
            "/?rtcstats-token=secret&rtcstats-token=secret",
            "/?rtcstats-token=obfuscated&rtcstats-token=obfuscated",
        ),
        ("/?RTCStats-Token=secret", "/?RTCStats-Token=obfuscated"),
        ("/?%72tcstats%2Dtoken=secret&x", "/?%72tcstats%2Dtoken=obfuscated&x"),
        ("/?rtcstats-token=sec=ret==", "/?rtcstats-token=obfuscated"),
        ("/?rtcstats-token=sec?ret;more", "/?rtcstats-token=obfuscated"),
        ("/?a=1;rtcstats-token=secret", "/?a=1;rtcstats-token=obfuscated"),
        ("/?a=1?rtcstats-token=secret", "/?a=1?rtcstats-token=obfuscated"),
        ("/#rtcstats-token=secret", "/#rtcstats-token=obfuscated"),
        ("/?rtcstats-token=", "/?rtcstats-token=obfuscated"),
        ("/?rtcstats-token", "/?rtcstats-token"),
        (
            "/?my-rtcstats-token=kept&rtcstats-tokens=kept",
            "/?my-rtcstats-token=kept&rtcstats-tokens=kept",
        ),
        ("/?&&==&rtcstats-token=secret&&", "/?&&==&rtcstats-token=obfuscated&&"),
        ("/?%20rtcstats-token%09=secret", "/?%20rtcstats-token%09=obfuscated"),
    ] {
        assert_eq!(without_tokens(target), kept);
    }
}

/// The longest head that can be, made of nothing but separators. Looking ahead from each of them would take hours.
#[test]
fn a_target_of_separators_is_no_work() {
    for separator in [";", "?", ";=", "&;rtcstats-token"] {
        let target = separator.repeat(HEAD_BYTES_MAX / separator.len());
        assert_eq!(without_tokens(&target), target);
    }
}

fn walked(peer: &str, lines: &str, trusted: &[&str]) -> String {
    let trusted: Vec<Network> = trusted.iter().map(|network| network.parse().unwrap()).collect();
    let peer = peer.parse().unwrap();
    with_request("/", lines, |request| {
        remote_address(peer, request.elements("x-forwarded-for"), &trusted).to_string()
    })
}

#[test]
fn forwarded_addresses_are_believed_as_far_as_their_reporters() {
    let local = ["127.0.0.0/8", "10.0.0.0/8", "::1", "fd00::/8"];
    for (peer, lines, expected) in [
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"),
        ("::ffff:127.0.0.1", "X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"),
        ("::ffff:203.0.113.9", "X-Forwarded-For: 198.51.100.1\r\n", "203.0.113.9"),
        ("203.0.113.9", "X-Forwarded-For: 198.51.100.1\r\n", "203.0.113.9"),
        (
            "127.0.0.1",
            "X-Forwarded-For: 198.51.100.1, 203.0.113.7 ,\t10.1.1.1\r\n",
            "203.0.113.7",
        ),
        (
            "127.0.0.1",
            "x-forwarded-for: 198.51.100.1, 203.0.113.7\r\nX-Forwarded-For: 10.1.1.1\r\n",
            "203.0.113.7",
        ),
        ("127.0.0.1", "X-Forwarded-For: 10.2.2.2, 10.1.1.1\r\n", "10.2.2.2"),
        (
            "127.0.0.1",
            "X-Forwarded-For: 198.51.100.1, unknown, 10.1.1.1\r\n",
            "10.1.1.1",
        ),
        ("127.0.0.1", "X-Forwarded-For: 203.0.113.9,\r\n", "203.0.113.9"),
        (
            "127.0.0.1",
            "X-Forwarded-For: , 203.0.113.9 , ,\r\nX-Forwarded-For:\r\n",
            "203.0.113.9",
        ),
        (
            "127.0.0.1",
            "X-Forwarded-For: 203.0.113.9,, 10.1.1.1\r\n",
            "203.0.113.9",
        ),
        ("127.0.0.1", "X-Forwarded-For: ,\r\n", "127.0.0.1"),
        ("127.0.0.1", "X-Forwarded-For: unknown\r\n", "127.0.0.1"),
        ("127.0.0.1", "X-Forwarded-For:\r\n", "127.0.0.1"),
        ("127.0.0.1", "X-Forwarded-For: 203.0.113.7:4711\r\n", "203.0.113.7"),
        ("127.0.0.1", "X-Forwarded-For: [2001:db8::7]:4711\r\n", "2001:db8::7"),
        ("::1", "X-Forwarded-For: [2001:db8::7]\r\n", "2001:db8::7"),
        (
            "::1",
            "X-Forwarded-For: 2001:DB8:0::7, ::ffff:10.1.1.1\r\n",
            "2001:db8::7",
        ),
        ("::1", "X-Forwarded-For: ::ffff:203.0.113.7\r\n", "203.0.113.7"),
    ] {
        assert_eq!(walked(peer, lines, &local), expected, "{peer} {lines}");
    }
    assert_eq!(
        walked("127.0.0.1", "X-Forwarded-For: 203.0.113.7\r\n", &[]),
        "127.0.0.1",
        "nobody is trusted"
    );
}

fn policy() -> Policy {
    Policy {
        verifier: Verifier::open(),
        access: Access {
            allowed_origins: Vec::new(),
            trusted_proxies: vec!["::1".parse().unwrap()],
        },
        limits: Default::default(),
    }
}

#[test]
fn a_hello_holds_what_the_request_says() {
    let lines = "Origin: https://example.org\r\nUser-Agent: Mozilla/5.0\r\nX-Forwarded-For: 203.0.113.7\r\n\
        Sec-WebSocket-Protocol: rtcstats#5.0, other\r\nAuthorization: Bearer secret\r\n";
    let peer = Some("::1".parse().unwrap());
    let hello = with_request("/a?rtcstats-token=secret", lines, |request| {
        judge(request, peer, &policy(), UnixMs(5))
    })
    .unwrap();
    let expected = Hello {
        url: "/a?rtcstats-token=obfuscated".to_string(),
        origin: Some("https://example.org".to_string()),
        user_agent: Some("Mozilla/5.0".to_string()),
        remote_addresses: vec!["203.0.113.7".to_string()],
        client_protocol: Some("rtcstats#5.0".to_string()),
        claims: Default::default(),
        remarks: Vec::new(),
        start: UnixMs(5),
    };
    assert_eq!(*hello, expected);
    assert!(!format!("{hello:?}").contains("secret"));
}

#[test]
fn values_are_text_of_bounded_length() {
    assert_eq!(text(b"caf\xe9"), "caf\u{fffd}");
    assert_eq!(text("x".repeat(HELLO_BYTES_MAX).as_bytes()).len(), HELLO_BYTES_MAX);
    let long = text("x\u{20ac}".repeat(HELLO_BYTES_MAX).as_bytes());
    assert!(long.len() <= HELLO_BYTES_MAX && long.len() > HELLO_BYTES_MAX - 4);
}

#[test]
fn a_list_of_origins_asks_for_one_of_them() {
    let allowed = ["https://a.example".to_string(), "http://localhost:8080".to_string()];
    for (lines, expected) in [
        ("Origin: https://a.example\r\n", true),
        ("Origin: HTTPS://A.EXAMPLE\r\n", true),
        ("Origin: http://localhost:8080\r\n", true),
        ("Origin: http://localhost\r\n", false),
        ("Origin: https://a.example/\r\n", false),
        ("Origin: https://a.example https://b.example\r\n", false),
        ("Origin:\r\n", false),
        ("Origin: null\r\n", false),
        ("", false),
    ] {
        assert_eq!(
            with_request("/", lines, |request| origin_allowed(request, &allowed)),
            expected,
            "{lines}"
        );
        assert!(with_request("/", lines, |request| origin_allowed(request, &[])));
    }
}

#[test]
fn of_a_peer_without_an_address_none_is_kept() {
    let lines = "X-Forwarded-For: 203.0.113.7\r\n";
    let hello = with_request("/a", lines, |request| judge(request, None, &policy(), UnixMs(5))).unwrap();
    assert!(hello.remote_addresses.is_empty());
}

#[test]
fn an_address_that_is_reported_in_vain_is_remarked() {
    let stranger = Some("203.0.113.9".parse().unwrap());
    let proxy = Some("::1".parse().unwrap());
    for (peer, lines, expected) in [
        (stranger, "", None),
        (
            stranger,
            "X-Forwarded-For: 10.0.0.1\r\n",
            Some(Remark::ForwardedByStranger),
        ),
        (
            stranger,
            "Forwarded: for=10.0.0.1\r\n",
            Some(Remark::ForwardedByStranger),
        ),
        (stranger, "X-Real-IP: 10.0.0.1\r\n", Some(Remark::ForwardedByStranger)),
        (stranger, "X-Forwarded-For: ,\r\n", None),
        (None, "X-Forwarded-For: 10.0.0.1\r\n", Some(Remark::ForwardedByStranger)),
        (proxy, "X-Forwarded-For: 10.0.0.1\r\nX-Real-IP: 10.0.0.1\r\n", None),
        (proxy, "X-Real-IP: 10.0.0.1\r\n", Some(Remark::OtherHeader)),
        (proxy, "Forwarded: for=10.0.0.1\r\n", Some(Remark::OtherHeader)),
        (proxy, "", None),
    ] {
        let hello = with_request("/", lines, |request| judge(request, peer, &policy(), UnixMs(5))).unwrap();
        assert_eq!(hello.remarks.first().copied(), expected, "{peer:?} {lines}");
    }
}
