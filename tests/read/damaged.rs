//! Dumps that are damaged, hostile or no dumps at all: a clear error, or a partial result that says what is missing, in
//! bounded memory.
//!
//! The memory of the process is limited by the kernel, so that a test cannot pass by measuring at the wrong moment.

use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;
use support::place;

use crate::run::{Place, Told, dump};

const HEAD: &str = "RTCStatsDump\n{\"url\":\"/\",\"startTime\":1700000000000,\"fileFormat\":3}\n";
const CREATE: &str = "[39,null,{\"a\":1},1700000000000]\n";
const CLOSE: &str = "[\"close\",null,1000,5]\n";

/// Private memory that a command may have (RLIMIT_DATA).
const DATA_BYTES_MAX: u64 = 64 * 1024 * 1024;

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

/// Runs a command with little memory on what `write` writes.
fn in_little_memory(
    arguments: &[&str],
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send + 'static,
) -> Told {
    let mut command = Command::new("prlimit");
    command
        .arg(format!("--data={DATA_BYTES_MAX}"))
        .arg(place::binary())
        .args(arguments);
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("prlimit is part of util-linux");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A command that has enough closes the pipe.
    let writing = thread::spawn(move || drop(write(&mut stdin)));
    let told = Told::from(child.wait_with_output().expect("its output can be read"));
    writing.join().expect("a thread that ends");
    told
}

#[test]
fn a_file_that_is_cut_off_is_read_to_its_end_and_told() {
    let place = Place::new();
    let whole = std::fs::read(dump("audio-only")).expect("a recorded dump");
    let events = place.feed(&["dump", "cat", "-"], &whole);
    assert_eq!((events.code, events.err.as_str()), (0, ""));
    let cut = &whole[..whole.len() / 2];
    let some = place.feed(&["dump", "cat", "-"], cut);
    assert!(
        some.code == 1 && events.out.starts_with(&some.out) && some.out.len() > 1000,
        "{}",
        some.err
    );
    assert!(
        some.err.contains("the gzip data are damaged behind line"),
        "{}",
        some.err
    );
    let info = place.feed(&["dump", "info", "-"], cut);
    assert!(
        info.code == 1 && info.out.contains("PC_0") && info.err.contains("damaged"),
        "{info:?}"
    );
    let check = place.feed(&["dump", "check", "-"], cut);
    assert!(
        check.code == 1 && check.out.contains("damaged") && check.out.contains("closing line is missing"),
        "{check:?}"
    );
}

#[test]
fn what_is_no_dump_is_told_by_what_it_is() {
    let place = Place::new();
    for (content, words) in [
        (&b""[..], "no dump"),
        (b"hello\n", "no dump"),
        (b"\x7fELF\x02\x01\x01\0", "no dump"),
        (b"<!DOCTYPE html><html>", "no dump"),
        (b"RTCStatsDump\n", "no dump"),
        (b"RTCStatsDump\n[]\n", "no dump"),
        (b"RTCStatsDump\n{\"fileFormat\":2}\n", "version 2"),
        (&packed(b"hello\n"), "no dump"),
        (&packed(b"RTCStatsDump\n")[..12], "no dump"),
    ] {
        for command in ["cat", "info", "check"] {
            let told = place.feed(&["dump", command, "-"], content);
            let text = String::from_utf8_lossy(content);
            assert_eq!((told.code, told.out.as_str()), (1, ""), "{command} {text:?}: {told:?}");
            assert!(
                told.err.starts_with("error: standard input: ") && told.err.contains(words),
                "{text:?}: {told:?}"
            );
            assert!(!told.err.contains("panic"), "{told:?}");
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

#[test]
fn a_line_of_a_gigabyte_is_skipped_in_little_memory() {
    let told = in_little_memory(&["dump", "cat", "-"], |pipe| {
        pipe.write_all(format!("{HEAD}{CREATE}[1,\"").as_bytes())?;
        let piece = vec![b'x'; 1 << 20];
        (0..1024).try_for_each(|_| pipe.write_all(&piece))?;
        pipe.write_all(format!("\",2]\n{CLOSE}").as_bytes())
    });
    assert_eq!((told.code, told.out.lines().count()), (0, 2), "{}", told.err);
    assert!(
        told.err.contains("line 4 is too long (1073741832 bytes)"),
        "{}",
        told.err
    );
}

#[test]
fn what_grows_beyond_all_measure_is_not_read() {
    let zeros = vec![b' '; 1 << 20];
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(format!("{HEAD}{CREATE}").as_bytes()).expect("memory");
    for _ in 0..200 {
        encoder.write_all(&zeros).expect("memory");
    }
    let bomb = encoder.finish().expect("memory");
    let told = in_little_memory(&["dump", "cat", "-"], move |pipe| pipe.write_all(&bomb));
    assert_eq!((told.code, told.out.lines().count()), (1, 1), "{}", told.err);
    assert!(told.err.contains("grow to more than"), "{}", told.err);
}

#[test]
fn deep_nesting_is_no_danger() {
    let deep = |levels: usize| {
        format!(
            "{HEAD}{CREATE}[1,\"PC_0\",{}{},2]\n{CLOSE}",
            "[".repeat(levels),
            "]".repeat(levels)
        )
    };
    let place = Place::new();
    let told = place.feed(&["dump", "cat", "-"], deep(1000).as_bytes());
    assert_eq!(told.code, 0, "{}", told.err);
    let told = in_little_memory(&["dump", "info", "-"], move |pipe| {
        pipe.write_all(deep(5_000_000).as_bytes())
    });
    assert!(told.code == 0 && told.err.contains("line 4"), "{}", told.err);
}

#[test]
fn ten_thousand_connections_are_told_in_little_memory() {
    let told = in_little_memory(&["dump", "info", "-", "--json"], |pipe| {
        pipe.write_all(format!("{HEAD}{CREATE}").as_bytes())?;
        for number in 0..10_000 {
            let stats = "{\"0\":{\"type\":7,\"6\":1},\"t\":1}";
            pipe.write_all(format!("[39,\"PC_{number}\",{{}},1]\n[1,\"PC_{number}\",{stats},1]\n").as_bytes())?;
        }
        pipe.write_all(CLOSE.as_bytes())
    });
    assert_eq!(told.code, 0, "{}", told.err);
    let info: serde_json::Value = serde_json::from_str(&told.out).expect("JSON");
    assert_eq!(info["connections"].as_array().map(Vec::len), Some(10_000));
}
