//! Dumps that are damaged, hostile or no dumps at all: a clear error, or a partial result that says what is missing, in
//! bounded memory.

mod hostile;
mod strangers;

use crate::decoder::recorded;
use crate::packing::{bzip2, gzip, stored, zstd};
use crate::run::Place;

/// The commands that read a dump.
const COMMANDS: [&str; 5] = ["cat", "info", "check", "features", "mask"];

const HEAD: &str = "RTCStatsDump\n{\"url\":\"/\",\"startTime\":1700000000000,\"fileFormat\":3}\n";
const CREATE: &str = "[39,null,{\"a\":1},1700000000000]\n";
const CLOSE: &str = "[\"close\",null,1000,5]\n";

/// What a command says of a dump that has lost its end: what came before, and where it ends.
#[test]
fn a_file_that_is_cut_off_is_read_to_its_end_and_told() {
    let place = Place::new();
    let text = recorded::text("mesh-8pc");
    for (name, file) in [
        ("gzip", gzip(&text)),
        ("bzip2", bzip2(&text)),
        ("zstd", zstd(&text)),
        ("brotli", stored(&text)),
    ] {
        let cut = &file[..file.len() * 9 / 10];
        for command in COMMANDS {
            let some = place.feed(&["dump", command, "-"], cut);
            let words = format!("the {name} data are damaged");
            let told = if command == "check" { &some.out } else { &some.err };
            assert!(
                some.code == 1 && told.contains(&words),
                "{name} {command}: {}",
                some.err
            );
            let is_read = match command {
                "cat" | "mask" => {
                    let all = place.feed(&["dump", command, "-"], &file);
                    all.code == 0 && all.out.starts_with(&some.out) && some.out.len() > 1000
                }
                "check" => some.out.contains("closing line is missing"),
                _ => some.out.contains("PC_0"),
            };
            assert!(is_read, "{name} {command}: {} bytes", some.out.len());
        }
    }
}

/// What came before is there, and the half line as well, masked as text.
#[test]
fn a_plain_dump_that_is_cut_off_is_masked_to_its_end_and_told() {
    let place = Place::new();
    let text = format!("{HEAD}{CREATE}[1,\"PC_0\",\"203.0.113.31\",5]\n");
    let told = place.feed(&["dump", "mask", "-"], &text.as_bytes()[..text.len() - 6]);
    let half = r#"["unparsed",null,"[1,\"PC_0\",\"203.0.113.x",0]"#;
    assert_eq!(told.out, format!("{HEAD}{CREATE}{half}\n"));
    let words = "error: standard input: the file ends within line 4; what there is of it was masked as text\n";
    assert_eq!((told.code, told.err.as_str()), (1, words));
    for whole in [&text[..], text.trim_end()] {
        let told = place.feed(&["dump", "mask", "-"], whole.as_bytes());
        assert_eq!((told.code, told.err.as_str()), (0, ""));
        assert_eq!(told.out, whole.replace("113.31", "113.x"), "no line feed is added");
    }
}

#[test]
fn a_browsers_dump_that_is_cut_off_is_masked_to_its_end_and_told() {
    let place = Place::new();
    let text = r#"{"getUserMedia":[],"PeerConnections":{"1-1":{"url":"https://a.example/","updateLog":[
        {"time":"1/2/2026, 1:02:03 PM","type":"icecandidate","value":"candidate:1 1 udp 1 203.0.113.31 1 typ host"}]}}}"#;
    let whole = place.feed(&["dump", "mask", "-"], text.as_bytes());
    assert_eq!((whole.code, whole.err.as_str()), (0, ""));
    assert_eq!(whole.out, text.replace("113.31", "113.x"));
    let within = text.find(".31").expect("an address");
    for end in [text.len() - 1, within + 3, within - 30] {
        let told = place.feed(&["dump", "mask", "-"], &text.as_bytes()[..end]);
        let words = "error: standard input: the dump is cut off or damaged; what is behind that was masked as text\n";
        assert_eq!((told.code, told.err.as_str()), (1, words), "{}", told.out);
        assert!(!told.out.contains("113.31"), "{}", told.out);
    }
}

/// Such as the rest of a disk's block, or half of another download.
#[test]
fn garbage_behind_a_whole_file_is_told() {
    let place = Place::new();
    let text = format!("{HEAD}{CREATE}{CLOSE}");
    let (first, second) = text.as_bytes().split_at(80);
    let members = [gzip(first), gzip(second)].concat();
    assert_eq!(place.feed(&["dump", "cat", "-"], &members).code, 0);
    for (garbage, is_said) in [(&b"<html>garbage"[..], true), (b"\x1f\x8b\x08", true), (b"", false)] {
        for command in COMMANDS {
            let told = place.feed(&["dump", command, "-"], &[&members, garbage].concat());
            let said = told.err.contains("gzip data are damaged") || told.out.contains("gzip data are damaged");
            assert_eq!((told.code, said), (i32::from(is_said), is_said), "{command}: {told:?}");
            assert!(command != "cat" || told.out.lines().count() == 2, "{told:?}");
        }
    }
}

/// Each is skipped with its number, and everything else is read.
#[test]
fn lines_that_are_no_events_are_skipped_and_numbered() {
    let place = Place::new();
    let text = format!("{HEAD}{CREATE}no json\n{{}}\n\n[39,\"PC_0\",{{}},5]\n[1,2\n{CLOSE}");
    let cat = place.feed(&["dump", "cat", "-"], text.as_bytes());
    assert_eq!((cat.code, cat.out.lines().count()), (0, 3), "{cat:?}");
    for number in [4, 5, 8] {
        assert!(cat.err.contains(&format!("line {number} ")), "{}", cat.err);
    }
    let check = place.feed(&["dump", "check", "-"], text.as_bytes());
    assert_eq!((check.code, check.out.lines().count()), (1, 3), "{check:?}");
}
