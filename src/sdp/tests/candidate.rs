//! What counts as a candidate, and what is read from it.
use super::{Candidate, lines};

#[test]
fn candidates_are_read_with_and_without_the_name_of_the_attribute() {
    let host = "candidate:1463269345 1 udp 2122194687 192.0.2.2 55156 typ host generation 0";
    let expected = Candidate {
        foundation: "1463269345",
        protocol: "udp",
        address: "192.0.2.2",
        port: "55156",
        kind: "host",
        tcp_type: None,
        ufrag: None,
    };
    assert_eq!(Candidate::parse(host), Some(expected));
    assert_eq!(Candidate::parse(&format!("a={host}")), Some(expected));
    assert!(!expected.is_mdns() && !expected.is_passive());
    let hidden = Candidate::parse("candidate:1 1 udp 1 a-b.local 9 typ host").unwrap();
    assert!(hidden.is_mdns());
    let named = Candidate::parse("candidate:1 1 udp 1 192.0.2.2 9 typ host generation 0 ufrag aB/+ network-id 1");
    assert_eq!(named.unwrap().ufrag, Some("aB/+"));
}

#[test]
fn the_last_type_of_tcp_counts() {
    for (rest, expected) in [
        ("", None),
        (" tcptype", None),
        (" tcptype passive", Some("passive")),
        (" tcptype passive tcptype active", Some("active")),
        // A value is no name.
        (" ufrag tcptype passive 1", None),
    ] {
        let text = format!("candidate:1 1 tcp 1 ::1 9 typ host{rest}");
        assert_eq!(Candidate::parse(&text).unwrap().tcp_type, expected, "{rest}");
    }
}

#[test]
fn what_is_none_is_ignored() {
    for text in [
        "",
        "candidate",
        "candidate:",
        "not a candidate 198.51.100.82",
        "1 1 udp 1 192.0.2.2 9 typ host",
        "candidate:1 1 udp 1 192.0.2.2 9 typ",
        "candidate:1 1 udp 1 192.0.2.2 9 type host",
        "candidate:1 1 udp  1 192.0.2.2 9 typ host",
        "A=candidate:1 1 udp 1 192.0.2.2 9 typ host",
    ] {
        assert_eq!(Candidate::parse(text), None, "{text}");
    }
}

#[test]
fn lines_end_with_lf() {
    assert!(lines("v=0\r\n a=ice-lite \r\n").any(|line| line == "a=ice-lite"));
    assert!(!lines("v=0\ra=ice-lite").any(|line| line == "a=ice-lite"));
}
