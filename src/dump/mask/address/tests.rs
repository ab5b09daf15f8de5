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
    becomes(corpus::IPV4);
}

#[test]
fn ipv6_keeps_three_groups_of_the_expanded_address() {
    becomes(corpus::IPV6);
}

#[test]
fn ipv4_in_ipv6_becomes_ipv4() {
    becomes(corpus::MAPPED);
    stays(&["::ffff:127.0.0.1", "::ffff:0.0.0.0", "::ffff:198.51.100.x"]);
}

#[test]
fn an_address_glued_to_something_else_is_masked_too() {
    becomes(corpus::GLUED);
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
        &format!("CF{sha256}-fingerprint"),
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
    becomes(corpus::ENCODED);
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
