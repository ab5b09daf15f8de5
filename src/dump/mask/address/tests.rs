//! Tests of what is an address, what is not, and what remains of one.
use super::super::{span::Span, text};
use super::*;

fn masked(text: &str) -> String {
    let (mut spans, mut out) = (Vec::new(), Vec::new());
    text::find(text.as_bytes(), 0, &mut spans);
    assert!(
        spans.windows(2).all(|pair: &[Span]| pair[0].end <= pair[1].start),
        "overlap in {text:?}: {spans:?}"
    );
    text::apply(text.as_bytes(), &mut spans, &mut out);
    String::from_utf8(out).expect("masking keeps UTF-8")
}

#[track_caller]
fn becomes(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(&masked(text), expected, "masking {text:?}");
        assert_eq!(masked(&masked(text)), masked(text), "masking {text:?} twice");
    }
}

#[track_caller]
fn stays(texts: &[&str]) {
    for text in texts {
        assert_eq!(&masked(text), text);
    }
}

#[test]
fn ipv4_loses_its_last_octet_wherever_it_stands() {
    becomes(&[
        ("198.51.100.31", "198.51.100.x"),
        ("198.51.100.31:50000", "198.51.100.x:50000"),
        ("(198.51.100.31), 203.0.113.5.", "(198.51.100.x), 203.0.113.x."),
        ("c=IN IP4 224.2.1.1/127/3", "c=IN IP4 224.2.1.x/127/3"),
        (
            "a=x-server:203.0.113.31\r\na=rtcp:50001 IN IP4 203.0.113.31\n",
            "a=x-server:203.0.113.x\r\na=rtcp:50001 IN IP4 203.0.113.x\n",
        ),
        ("cname:user@198.51.100.31", "cname:user@198.51.100.x"),
        ("udp4:198.51.100.31:9", "udp4:198.51.100.x:9"),
        ("ip198.51.100.31and", "ip198.51.100.xand"),
        ("999.1.2.3", "999.1.2.x"),
        ("198.051.100.031", "198.051.100.x"),
        ("255.255.255.255", "255.255.255.x"),
        ("127.0.0.999", "127.0.0.x"),
        ("127.0.0.1.7", "127.0.0.x"),
        ("1198.51.100.31", "1198.51.100.x"),
        ("198.51.100.3150000", "198.51.100.x"),
        ("1.198.51.100.31", "1.198.51.x"),
        ("198.51.100.31.in-addr.arpa", "198.51.100.x.in-addr.arpa"),
        (
            "http://198.51.100.31/198.51.100.32?198.51.100.33#198.51.100.34",
            "http://198.51.100.x/198.51.100.x?198.51.100.x#198.51.100.x",
        ),
        ("198.51.100.31\u{0}198.51.100.32", "198.51.100.x\u{0}198.51.100.x"),
        ("é198.51.100.31é", "é198.51.100.xé"),
    ]);
}

#[test]
fn ipv6_keeps_three_groups_of_the_expanded_address() {
    becomes(&[
        ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:1111", "2001:db8:aaaa:x:x:x:x:x"),
        ("2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:1111", "2001:db8:aaaa:x:x:x:x:x"),
        ("2001:0db8:0001:0000:0000:0000:0000:0001", "2001:db8:1:x:x:x:x:x"),
        ("fd00::2", "fd00:0:0:x:x:x:x:x"),
        ("2001:db8::31", "2001:db8:0:x:x:x:x:x"),
        ("2001:db8::", "2001:db8:0:x:x:x:x:x"),
        ("::2", "0:0:0:x:x:x:x:x"),
        ("1::b:c:d:e:f:1", "1:0:b:x:x:x:x:x"),
        ("[2001:db8::31]:5000", "[2001:db8:0:x:x:x:x:x]:5000"),
        ("2001:db8::31.", "2001:db8:0:x:x:x:x:x."),
        ("2001:db8::31, fd00::2:", "2001:db8:0:x:x:x:x:x, fd00:0:0:x:x:x:x:x:"),
        ("address=2001:db8::31/64", "address=2001:db8:0:x:x:x:x:x/64"),
        ("fe80::1ff:fe23:4567:890a", "fe80:0:0:x:x:x:x:x"),
        ("fe80::1ff:fe23:4567:890a%enx001122334455 up", "fe80:0:0:x:x:x:x:x up"),
        ("fe80::1%1.2.3.4:5:6", "fe80:0:0:x:x:x:x:x:5:6"),
        ("fe80::1%25eth0", "fe80:0:0:x:x:x:x:x"),
        ("2001:db8::31%20next", "2001:db8:0:x:x:x:x:x%20next"),
        ("64:ff9b::198.51.100.31", "64:ff9b:0:x:x:x:x:x"),
        ("2001:db8:1:2:3:4:198.51.100.31", "2001:db8:1:x:x:x:x:x"),
        ("2002:c633:641f::1", "2002:c633:x:x:x:x:x:x"),
        ("::198.51.100.31", "0:0:0:x:x:x:x:x"),
    ]);
}

#[test]
fn ipv4_in_ipv6_becomes_ipv4() {
    becomes(&[
        ("::ffff:198.51.100.31", "198.51.100.x"),
        ("::FFFF:c633:641f", "198.51.100.x"),
        ("0:0:0:0:0:ffff:198.51.100.31", "198.51.100.x"),
        ("[::ffff:198.51.100.31]:80", "[198.51.100.x]:80"),
        ("x ::ffff:198.51.100.31.", "x 198.51.100.x."),
    ]);
    stays(&["::ffff:127.0.0.1", "::ffff:0.0.0.0", "::ffff:198.51.100.x"]);
}

#[test]
fn an_address_glued_to_something_else_is_masked_too() {
    becomes(&[
        ("candidate:2001:db8::31", "candidate:2001:db8:0:x:x:x:x:x"),
        ("candidate:2001:db8:a:b:c:d:e:f", "candidate:2001:db8:a:x:x:x:x:x"),
        ("udp:2001:db8::31", "udp:2001:db8:0:x:x:x:x:x"),
        ("1700000000:2001:db8::31", "1700000000:2001:db8:0:x:x:x:x:x"),
        (
            "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1111:50000",
            "2001:db8:aaaa:x:x:x:x:x:50000",
        ),
        ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:1111:9", "2001:db8:aaaa:x:x:x:x:x"),
        ("2001:db8::31:50000", "2001:db8:0:x:x:x:x:x:50000"),
        ("2001:db8::31typ", "2001:db8:0:x:x:x:x:xtyp"),
        (
            "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1111typ",
            "2001:db8:aaaa:x:x:x:x:xtyp",
        ),
        (
            "typ2001:db8:aaaa:bbbb:cccc:dddd:eeee:1111",
            "typ2001:db8:aaaa:x:x:x:x:x",
        ),
        ("typ2001:db8::31", "typ2001:db8:0:0:x:x:x:x:x"),
        ("fd00::2x:x:x:x:x:x", "fd00:0:0:x:x:x:x:xx:x:x:x:x:x"),
        ("12001:db8:aaaa:bbbb:cccc:dddd:eeee:1111", "12001:db8:aaaa:x:x:x:x:x"),
        ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:11119", "2001:db8:aaaa:x:x:x:x:x"),
        ("2001:db8::12345", "2001:db8:0:x:x:x:x:x"),
        ("2001:db8::12345:1:2:3:4:5:6:7", "2001:db8:0:x:x:x:x:x:1:2:3:4:5:6:7"),
        (
            r"\b2001:db8:aaaa:bbbb:cccc:dddd:eeee:1111",
            r"\b2001:db8:aaaa:x:x:x:x:x",
        ),
        ("2001:db8:::::31", "2001:db8:0:x:x:x:x:x"),
        ("port:::2", "port:0:0:0:x:x:x:x:x"),
        ("2001:db8::31::1", "2001:db8:0:x:x:x:x:x"),
        ("::ffff:198.51.100.31:50000", "198.51.100.x:50000"),
    ]);
}

#[test]
fn what_names_nobody_stays() {
    stays(&[
        "",
        ":",
        "::",
        ".",
        "...",
        "::1",
        "[::1]:8080",
        "port:::1",
        "0:0:0:0:0:0:0:1",
        "127.0.0.1",
        "127.255.0.9:3478",
        "0.0.0.0",
        "198.51.100.x",
        "198.51.100.x:51882",
        "[fd00:0:0:x:x:x:x:x]",
        "2001:db8:aaaa:x:x:x:x:x",
        "f1d55e79-ceef-47bc-bb3c-7af527eb0fb1.local",
        "host31.example.com",
        "(redacted)",
    ]);
}

#[test]
fn what_only_looks_like_an_address_stays() {
    let sha256 = "5F:15:F5:F3:1F:5B:74:60:3C:4E:D8:9E:C7:10:A4:07:88:B5:0E:27:03:2A:B7:CF:7E:17:42:AF:B9:10:CE:4B";
    stays(&[
        &format!("a=fingerprint:sha-256 {sha256}"),
        &sha256.to_lowercase(),
        &sha256[..59],
        &format!("{sha256}:{sha256}"),
        "12:30:45",
        "1970-01-01T00:00:00.000Z",
        "00:1b:44:11:3a:b7",
        "o=mozilla...THIS_IS_SDPARTA-99.0 2888252870498276103 0 IN IP4 0.0.0.0",
        "a=rtpmap:111 opus/48000/2",
        "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
        "urn:ietf:params:rtp-hdrext:sdes:mid",
        "webrtc::Candidate, cricket::Dtls and std::vector",
        "HeadlessChrome/156.0.8078.79",
        "version 1.2.3",
        "3.14 and 1e5.2.1",
        "window:12345:0",
        "598200873,-4,-3,-2",
        "a=fmtp:102 level-asymmetry-allowed=1;profile-level-id=42001f",
        "profile-level-id=42.0.1f.0",
    ]);
}

#[test]
fn addresses_are_found_through_other_encodings() {
    becomes(&[
        ("198%2E51%2e100%2E31", "198%2E51%2e100%2Ex"),
        ("%31%39%38.51.100.%33%31", "%31%39%38.51.100.x"),
        ("2001%3Adb8%3A%3A31&x=1", "2001:db8:0:x:x:x:x:x&x=1"),
        ("%5B2001:db8::31%5D", "%5B2001:db8:0:x:x:x:x:x%5D"),
        ("198%252E51%252E100%252E31", "198%252E51%252E100%252Ex"),
        (r#"{"ip":"198\u002e51.100.3\u0031"}"#, r#"{"ip":"198\u002e51.100.x"}"#),
        (r"198\\u002e51.100.31", r"198\\u002e51.100.x"),
        ("198.51.100.31%2C198.51.100.32", "198.51.100.x%2C198.51.100.x"),
        ("a%2", "a%2"),
        ("%5B::1%5D", "%5B::1%5D"),
        (
            "%5b2001:db8:aaaa:bbbb:cccc:dddd:eeee:1111%5d",
            "%5b2001:db8:aaaa:x:x:x:x:x%5d",
        ),
        ("100%", "100%"),
        (r"\u00", r"\u00"),
    ]);
}

#[test]
fn exact_reads_one_address_and_nothing_else() {
    let is = |text: &str| exact(text.as_bytes()).map(|address| address.to_string());
    assert_eq!(is("198.51.100.31").as_deref(), Some("198.51.100.31"));
    assert_eq!(is("[2001:db8::1]").as_deref(), Some("2001:db8::1"));
    for none in [
        "",
        "198.51.100.31 ",
        "198.51.100",
        "example.org",
        "[198.51.100.31]",
        "[::1",
    ] {
        assert_eq!(is(none), None, "{none:?}");
    }
}
