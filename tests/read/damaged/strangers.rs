//! Files that are no dumps, or dumps that nobody can read: each command refuses them, and says what was found.

use super::COMMANDS;
use crate::packing::{bzip2, gzip, stored, zstd};
use crate::run::Place;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0";
const PCAP: &[u8] = b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0";
const PCAPNG: &[u8] = b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0";
const HAR: &[u8] =
    br#"{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[{"a":"203.0.113.77"}]}}"#;

/// What is in a file, what is said of it, and what of its beginning must be shown.
fn strangers() -> Vec<(&'static [u8], &'static str, &'static str)> {
    vec![
        (b"", "no dump", "it is empty"),
        (b"hello\n", "no dump", "hello"),
        (b"\x7fELF\x02\x01\x01\0", "no dump", "ELF"),
        (b"<!DOCTYPE html><html>", "no dump", "<!DOCTYPE html>"),
        (PNG, "no dump", "PNG"),
        (PCAP, "no dump", "\\xd4\\xc3\\xb2\\xa1"),
        (PCAPNG, "no dump", "\\n\\r\\r\\n"),
        (b"PK\x03\x04\x14\0", "no dump", "PK"),
        (b"%PDF-1.7\n", "no dump", "%PDF"),
        (b"[1,2,3]\n", "no dump", "[1,2,3]"),
        (HAR, "no dump", "{\\\"log\\\""),
        (b"RTCStatsDump\n", "no dump", ""),
        (b"RTCStatsDump\n[]\n", "no dump", ""),
        (b"{\"fileFormat\":1,\"peerConnections\":{}}", "version 1", ""),
        (
            b"{\"path\":\"/\",\"fileFormat\":2}\n[\"create\",null,{},5]\n",
            "version 2",
            "",
        ),
    ]
}

#[test]
fn what_is_no_dump_is_told_by_what_it_is() {
    let place = Place::new();
    for (content, words, begin) in strangers() {
        for command in COMMANDS {
            let told = place.feed(&["dump", command, "-"], content);
            let text = String::from_utf8_lossy(content);
            assert_eq!(told.code, 1, "{command} {text:?}: {told:?}");
            let is_clear = told.err.starts_with("error: standard input: ") && told.err.contains(words);
            assert!(
                is_clear && told.err.lines().count() == 1,
                "{command} {text:?}: {told:?}"
            );
            // Other JSON is masked before it is known that it is no dump.
            if command == "mask" && content == HAR {
                assert!(!told.out.is_empty() && !told.out.contains("203.0.113.77"), "{told:?}");
                continue;
            }
            assert!(
                told.out.is_empty() && told.err.contains(begin),
                "{command} {text:?}: {told:?}"
            );
        }
    }
}

#[test]
fn what_is_no_dump_within_a_compressed_file_is_told_as_well() {
    let place = Place::new();
    let told = |file: &[u8]| place.feed(&["dump", "info", "-"], file);
    for (name, file, head) in [
        ("gzip", gzip(PNG), 10),
        ("bzip2", bzip2(PNG), 10),
        ("zstd", zstd(PNG), 7),
    ] {
        let told = told(&file);
        let words = format!("this is no dump: {name} data, in which it begins with \"\\x89PNG");
        assert!(told.code == 1 && told.err.contains(&words), "{told:?}");
        let cut = place.feed(&["dump", "info", "-"], &file[..head]);
        let words = format!("this is no dump: {name} data, in which nothing can be read");
        assert!(cut.code == 1 && cut.err.contains(&words), "{cut:?}");
    }
    // Brotli has no magic number, so nobody knows that it is one.
    let told = told(&stored(PNG));
    assert!(told.code == 1 && told.err.contains("no dump"), "{told:?}");
    let empty = place.feed(&["dump", "info", "-"], &gzip(b""));
    assert!(empty.code == 1 && empty.err.contains("it is empty"), "{empty:?}");
}

/// What a client library, a server or a browser may write one day, or did once.
#[test]
fn a_dump_of_another_version_is_refused_by_each_command() {
    let place = Place::new();
    for version in [2, 4] {
        for text in [
            format!("RTCStatsDump\n{{\"fileFormat\":{version}}}\n"),
            format!("RTCStatsDump\n{{\"fileFormat\":{version}}}\n[\"create\",null,{{}},1700000000000]\n"),
            format!("RTCStatsDump\n{{\"url\":\"/\",\"fileFormat\":{version}}}\n[39,null,null,1700000000000]\n"),
        ] {
            for command in COMMANDS {
                let told = place.feed(&["dump", command, "-"], text.as_bytes());
                let words =
                    format!("error: standard input: this is a dump of version {version}; version 3 can be read\n");
                assert_eq!(
                    (told.code, told.out, told.err),
                    (1, String::new(), words),
                    "{command} {text}"
                );
            }
        }
    }
}
