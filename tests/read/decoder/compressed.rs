//! The compressions that dumps come in, whole, cut off, damaged, and growing beyond measure.

use rtcstats_server::dump::open::{Compression, Dump, OpenError};

use super::memory::needed;
use super::recorded;
use crate::packing::{BOMB_BROTLI, SMALL, SMALL_BROTLI, bzip2, gzip, zstd};

/// The methods of all events, and the notes.
pub fn read(file: &[u8]) -> (Vec<String>, Vec<String>) {
    let mut dump = Dump::open(file).expect("a dump");
    let mut methods = Vec::new();
    while let Some(event) = dump.next().expect("memory does not fail") {
        methods.push(event.method.name().into_owned());
    }
    (methods, dump.notes().iter().map(ToString::to_string).collect())
}

#[test]
fn the_content_says_how_it_is_compressed() {
    let text = SMALL.as_bytes();
    let (first, second) = text.split_at(41);
    let cases = [
        (Compression::None, text.to_vec()),
        (Compression::Gzip, gzip(text)),
        (Compression::Gzip, [gzip(first), gzip(second)].concat()),
        (Compression::Bzip2, bzip2(text)),
        (Compression::Bzip2, [bzip2(first), bzip2(second)].concat()),
        (Compression::Zstd, zstd(text)),
        (Compression::Zstd, [zstd(first), zstd(second)].concat()),
        (
            Compression::Zstd,
            [&b"\x50\x2a\x4d\x18\x03\0\0\0abc"[..], &zstd(text)].concat(),
        ),
        (Compression::Brotli, SMALL_BROTLI.to_vec()),
    ];
    for (compression, file) in cases {
        let opened = Dump::open(&file[..]).expect("a dump").compression();
        assert_eq!(opened, compression);
        assert_eq!(read(&file), read(text), "{compression:?}");
        assert_eq!(read(&file).0, ["a", "b"]);
    }
}

#[test]
fn what_is_cut_off_gives_what_was_read_and_says_so() {
    let text = recorded::text("av-call-60s");
    let (all, notes) = read(&text);
    assert!(notes.is_empty());
    for file in [gzip(&text), bzip2(&text), zstd(&text)] {
        for eighths in 1..8 {
            let cut = &file[..file.len() * eighths / 8];
            let mut dump = match Dump::open(cut) {
                Ok(dump) => dump,
                // Nothing comes out before a whole block is there, which is half of this text.
                Err(OpenError::NoDump(what)) if eighths < 7 => {
                    assert!(what.contains("nothing can be read"), "{what}");
                    continue;
                }
                Err(error) => panic!("{error}"),
            };
            let mut count = 0;
            while let Some(event) = dump.next().expect("memory does not fail") {
                assert_eq!(event.method.name(), all[count]);
                count += 1;
            }
            assert!(count < all.len());
            let notes: Vec<_> = dump.notes().iter().map(ToString::to_string).collect();
            assert!(
                notes.iter().any(|note| note.contains("data are damaged behind line")),
                "{notes:?}"
            );
        }
    }
}

#[test]
fn damage_is_said_wherever_it_is() {
    let file = gzip(&recorded::text("ipv6-host"));
    for at in (20..file.len()).step_by(97) {
        let mut damaged = file.clone();
        damaged[at] ^= 0x10;
        match Dump::open(&damaged[..]) {
            Ok(_) => assert!(!read(&damaged).1.is_empty(), "the damage at {at} is said"),
            Err(error) => assert!(error.to_string().contains("nothing can be read"), "{error}"),
        }
    }
}

#[test]
fn a_bomb_ends_where_it_grows_beyond_measure() {
    let mut text = SMALL.as_bytes().to_vec();
    text.resize(text.len() + (32 << 20), b'x');
    for file in [gzip(&text), bzip2(&text), zstd(&text), BOMB_BROTLI.to_vec()] {
        let ((methods, notes), needed) = needed(|| read(&file));
        assert_eq!(methods, ["a", "b"]);
        let why = "the compressed data grow to more than 250 times their size";
        assert!(notes.last().is_some_and(|note| note.contains(why)), "{notes:?}");
        assert!(needed.bytes < 64 << 20, "{needed:?}");
    }
}

#[test]
fn what_is_no_dump_is_refused_with_what_was_found() {
    let cases: [(&[u8], &str); 9] = [
        (b"", "this is no dump: it is empty"),
        (
            b"PK\x03\x04 and so on",
            "this is no dump: it begins with \"PK\\x03\\x04 and so on\"",
        ),
        (
            b"RTCStatsDumps\n{}\n",
            "this is no dump: it begins with \"RTCStatsDumps\\n{}\\n\"",
        ),
        (
            b"RTCStatsDump\r\n{}\n",
            "this is no dump: it begins with \"RTCStatsDump\\r\\n{}\\n\"",
        ),
        (
            b"RTCStatsDump\nnull\n",
            "this is no dump: the metadata line is not an object",
        ),
        (
            b"RTCStatsDump\n{\"fileFormat\":",
            "this is no dump: the file ends before the metadata does",
        ),
        (
            b"RTCStatsDump\n{\"fileFormat\":4}\n",
            "this is a dump of version 4; version 3 can be read",
        ),
        (
            b"{\"path\":\"/\",\"fileFormat\":2}\n[\"create\"]\n",
            "this is a dump of version 2; version 3 can be read",
        ),
        (
            b"{\"fileFormat\":1,\"a\":[]}",
            "this is a dump of version 1; version 3 can be read",
        ),
    ];
    for (file, message) in cases {
        for file in [file.to_vec(), gzip(file)] {
            let error = Dump::open(&file[..]).err().map(|error| error.to_string());
            let error = error.expect("it is refused").replace("gzip data, in which ", "");
            assert_eq!(error, message);
        }
    }
}
