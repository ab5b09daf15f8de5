//! Shows that the search can fail: it finds what is not masked, and what has been planted.

use std::fs::{create_dir_all, write};
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use support::Recorded;

use super::secrets::{Kind, Secrets};
use super::{outputs, send, sessions, wait_until_nothing_is_spooled};

/// How many findings have this place and this kind.
fn count(findings: &[String], place: &str, kind: &str) -> usize {
    let of = |finding: &&String| finding.starts_with(place) && finding.contains(&format!(": {kind} "));
    findings.iter().filter(of).count()
}

#[test]
fn without_masking_the_search_finds_it() {
    let dumps = ["derived-address-zoo", "derived-docaddr-turn-relay"].map(Recorded::named);
    let off = [
        ("RTCSTATS_PRIVACY__MASK_ADDRESSES", "false"),
        ("RTCSTATS_PRIVACY__MASK_DEVICE_LABELS", "false"),
    ];
    let server = super::server(&dumps, &off);
    let mut secrets = Secrets::default();
    let token = sessions::token(&server, &mut secrets);
    let recorded = sessions::recorded(&dumps, &token, &mut secrets);
    send(&server, &recorded.iter().collect::<Vec<_>>(), |_, _| {});
    server.delivered(dumps.len());
    wait_until_nothing_is_spooled(&server);
    let findings = outputs::search(&server, &secrets.search());
    for (place, kind, at_least) in [
        ("dump", "address", 100),
        ("dump", "Label", 10),
        ("dump", "User", 3),
        // The url and the remote address of each session.
        ("catalogue", "address", 4),
        ("find", "address", 4),
    ] {
        let found = count(&findings, place, kind);
        assert!(found >= at_least, "{found} of {kind} in {place}: {findings:#?}");
    }
    // Places in which nothing is written need no masking, and nothing is found there either.
    for (place, kind) in [
        ("log", ""),
        ("name", ""),
        ("file", ""),
        ("dump", "Token"),
        ("dump", "Claim"),
        ("find", "Token"),
    ] {
        let found: Vec<_> = findings
            .iter()
            .filter(|finding| finding.starts_with(place) && finding.contains(kind))
            .collect();
        assert_eq!(found, Vec::<&String>::new());
    }
}

#[test]
fn what_is_planted_is_found_in_every_place() {
    let server = super::server(&[Recorded::named("short-session")], &[]);
    let mut secrets = Secrets::default();
    secrets.text("198.18.7.7 2001:db8:7::7");
    secrets.word("planted-claim", Kind::Claim);
    let clean = outputs::search(&server, &secrets.search());
    assert_eq!(clean, Vec::<String>::new());
    let data = server.data();
    let lines = "RTCStatsDump\n{}\n[\"x\",null,\"198.18.7.7 planted-claim\",1]\n[\"close\",null,1000,1]\n";
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(lines.as_bytes()).expect("memory takes it");
    let folder = data.join("dumps/198.18.7.7");
    create_dir_all(&folder).expect("the data folder can be written");
    write(
        folder.join("planted.jsonl.gz"),
        packed.finish().expect("memory takes it"),
    )
    .expect("a file");
    write(
        data.join("spool/0/failed/planted.txt"),
        "not \"198\\u002e18.7.7\" planted-claim",
    )
    .expect("a file");
    write(
        data.join("catalog.db-planted"),
        b"\x00\x01planted-claim2001%3ADB8:7::0:7\x05planted-claim",
    )
    .expect("a file");
    let findings = outputs::search(&server, &secrets.search());
    for (place, kind, expected) in [
        ("dump", "address", 1),
        ("dump", "Claim", 1),
        ("name", "address", 1),
        ("file", "address", 1),
        ("file", "Claim", 1),
        ("catalogue", "address", 1),
        ("catalogue", "Claim", 0),
    ] {
        assert_eq!(
            count(&findings, place, kind),
            expected,
            "{kind} in {place}: {findings:#?}"
        );
    }
}

#[test]
fn no_spelling_hides_a_secret() {
    let mut secrets = Secrets::default();
    secrets.text("198.18.7.7 2001:db8:7::7");
    secrets.word("user1", Kind::User);
    secrets.word("Camera of Alice", Kind::Label);
    let search = secrets.search();
    for text in [
        "session from 198.18.7.7:4711 ended",
        "[::ffff:198.18.7.7]:80",
        "2001:0DB8:0007:0:0::7",
        r"198\u002e18.7.7",
        r"198\\u002e18.7.7",
        "198%2E18.7.7",
        "198%252E18.7.7",
        r"\u0025\u0032E198.18.7.7",
        "2001%3Adb8%3A7%3A%3A7",
        "x=user1;",
        "\"Camera\\u0020of Alice\"",
        "aCamera of Alicea",
    ] {
        assert_eq!(search.find(text, &[], &[]).len(), 1, "{text}");
    }
    for text in [
        "198.18.7.x",
        "198.18.7.70",
        "2001:db8:7:x:x:x:x:x",
        "user12",
        "Camera of",
    ] {
        assert_eq!(search.find(text, &[], &[]), Vec::<String>::new(), "{text}");
    }
    // An address at an allowed place may stand there once.
    let relay = "198.18.7.7".parse().expect("an address");
    assert_eq!(search.find("198.18.7.7", &[relay], &[]).len(), 0);
    assert_eq!(search.find("198.18.7.7 198.18.7.7", &[relay], &[]).len(), 1);
}
