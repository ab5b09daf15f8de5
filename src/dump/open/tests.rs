//! Tests what is opened, and how.
use std::io::Write;

use super::*;
use crate::dump::damage::Random;
use crate::limits::NESTING_LEVELS_MAX;

const DUMP: &str = "RTCStatsDump\n{\"fileFormat\":3}\n[\"a\",null,1,5]\n\n7\nx\n[\"b\",null,2,5]";

/// The methods of all events, and the notes.
fn read(bytes: &[u8]) -> (Vec<String>, Vec<String>) {
    let mut dump = Dump::open(bytes).expect("a dump");
    let mut methods = Vec::new();
    while let Some(event) = dump.next().expect("memory does not fail") {
        methods.push(event.method.name().into_owned());
    }
    (methods, dump.notes().iter().map(ToString::to_string).collect())
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).expect("a vector takes everything");
    encoder.finish().expect("a vector takes everything")
}

#[test]
fn what_is_not_read_is_said() {
    let (methods, notes) = read(DUMP.as_bytes());
    assert_eq!(methods, ["a", "b"]);
    let expected = [
        "line 5 is JSON, but no array, and was skipped",
        "line 6 is not JSON and was skipped",
    ];
    assert_eq!(notes, expected);
}

#[test]
fn what_is_too_deep_is_told_as_that() {
    let line = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let (most, more) = (line(NESTING_LEVELS_MAX), line(200_000));
    let deep = format!("nested deeper than {NESTING_LEVELS_MAX} levels and was skipped");
    for (line, words) in [
        (&most[..], None),
        (&more, Some(&deep[..])),
        (&format!("[1]{more}"), Some("not JSON and was skipped")),
        (
            &format!("{}x{}", &most[..NESTING_LEVELS_MAX], &most[NESTING_LEVELS_MAX..]),
            Some("not JSON and was skipped"),
        ),
    ] {
        // Of a client library, and of Chrome.
        for (head, is_own) in [
            ("{\"fileFormat\":3,\"url\":\"/\"}", true),
            ("{\"fileFormat\":3}", false),
        ] {
            let text = format!("RTCStatsDump\n{head}\n[\"a\",\"8-1\",null,5]\n{line}\n");
            let notes = read(text.as_bytes()).1;
            let expected = words.map(|words| format!("line 4 is {words}"));
            assert!(!is_own || notes == Vec::from_iter(expected.clone()), "{notes:?}");
            assert!(words != Some(&deep) || notes == Vec::from_iter(expected), "{notes:?}");
        }
    }
}

#[test]
fn several_members_of_gzip_are_one_dump() {
    let (first, second) = DUMP.as_bytes().split_at(40);
    assert_eq!(read(&[gzip(first), gzip(second)].concat()), read(DUMP.as_bytes()));
}

/// Brotli without compression (RFC 7932, section 9.2), of this one short text.
fn brotli(text: &[u8]) -> Vec<u8> {
    let head = ((text.len() - 1) << 3 | 1 << 19) << 1;
    [&head.to_le_bytes()[..3], text, &[0b11]].concat()
}

/// The first bytes of a file are never believed: what they seem to be is decided the same way each time, and is read or
/// refused.
#[test]
fn no_first_bytes_lead_the_detection_astray() {
    const SEED: u64 = 7;
    let text = DUMP.as_bytes();
    let zstd = zstd::encode_all(text, 1).expect("a vector takes everything");
    let bzip2 = &b"BZh91AY&SY\x01\x02\x03\x04\0\0\0\x01\x80\0"[..];
    let skipped = [b"\x50\x2a\x4d\x18\x03\0\0\0abc", &zstd[..]].concat();
    let internals = b"\xef\xbb\xbf {\"getUserMedia\":[],\"PeerConnections\":{}}";
    let files = [text, &gzip(text), &zstd, &skipped, bzip2, &brotli(text), internals];
    let (mut random, mut seen) = (Random::new(SEED), [0; 5]);
    for case in 0..200_000 {
        let file = random.damage(files[case % files.len()], b"\x1f\x8bBZh1\x28\xb5RTC{ \n\x0b\x1b");
        let found = Compression::of(&file, begins_like_a_dump);
        seen[found as usize] += 1;
        let told = || format!("seed {SEED}, case {case}: {}", file.escape_ascii());
        assert_eq!(Compression::of(&file, begins_like_a_dump), found, "{}", told());
        match found {
            Compression::Gzip => assert!(file.starts_with(b"\x1f\x8b"), "{}", told()),
            Compression::Bzip2 => assert!(file.starts_with(b"BZh"), "{}", told()),
            Compression::Zstd => assert!(file.get(1..3) != Some(b"TC"), "{}", told()),
            Compression::Brotli => assert!(!begins_like_a_dump(&file), "{}", told()),
            Compression::None => {}
        }
        // Brotli counts only if a dump comes out of it.
        if found == Compression::Brotli || case % 64 == 0 {
            match Dump::open(&file[..]) {
                Ok(dump) => assert_eq!(dump.compression(), found, "{}", told()),
                Err(error) => assert!(error.to_string().contains("dump"), "{}: {error}", told()),
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 5_000), "each is found often: {seen:?}");
}
