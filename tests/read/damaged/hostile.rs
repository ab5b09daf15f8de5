//! Dumps that somebody has made to exhaust a reader: each command reads what is a dump of them, and says what it left
//! out, in bounded memory.
//!
//! The memory of the process is limited by the kernel, so that a test cannot pass by measuring at the wrong moment.

use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::thread;

use support::place;

use super::{CLOSE, COMMANDS, CREATE, HEAD};
use crate::packing::{BOMB_BROTLI, bzip2, gzip, zstd};
use crate::run::Told;

const MIB: u64 = 1024 * 1024;

/// What a command may have for any dump.
const LITTLE: u64 = 64 * MIB;

/// Runs a command on what `write` writes, with so many bytes of private memory (RLIMIT_DATA).
fn in_memory(
    bytes: u64,
    arguments: &[&str],
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send + 'static,
) -> Told {
    let mut command = Command::new("prlimit");
    command
        .arg(format!("--data={bytes}"))
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

/// What a command has told of a dump, as far as all commands have it in common.
fn words(command: &str, told: &Told) -> String {
    assert!(
        !told.err.contains("panic") && !told.err.contains("memory"),
        "{command}: {}",
        told.err
    );
    let out = if command == "check" { &told.out[..] } else { "" };
    format!("{}{out}", told.err)
}

fn long_line(pipe: &mut dyn Write, mebibytes: usize) -> io::Result<()> {
    let piece = vec![b'x'; 1 << 20];
    (0..mebibytes).try_for_each(|_| pipe.write_all(&piece))
}

#[test]
fn a_line_of_a_gigabyte_is_skipped_in_little_memory() {
    for command in COMMANDS {
        let told = in_memory(LITTLE, &["dump", command, "-"], |pipe| {
            pipe.write_all(format!("{HEAD}{CREATE}[1,\"").as_bytes())?;
            long_line(pipe, 1024)?;
            pipe.write_all(format!("\",2]\n{CLOSE}").as_bytes())
        });
        let said = words(command, &told);
        assert!(
            said.contains("line 4 is too long (1073741832 bytes) and was skipped"),
            "{command}: {said}"
        );
        assert_eq!(told.code, i32::from(command == "check"), "{said}");
        let lines = match command {
            "cat" => 2,
            "mask" => 4,
            _ => continue,
        };
        assert_eq!(told.out.lines().count(), lines, "{command}");
    }
}

/// The second line is part of the head, without which nothing is a dump.
#[test]
fn metadata_of_a_gigabyte_are_refused_in_little_memory() {
    for command in ["info", "mask"] {
        let told = in_memory(LITTLE, &["dump", command, "-"], |pipe| {
            pipe.write_all(b"RTCStatsDump\n{\"url\":\"")?;
            long_line(pipe, 1024)
        });
        assert!(told.code == 1 && words(command, &told).contains("no dump"), "{told:?}");
    }
}

/// One string of a dump of webrtc-internals. The page never makes one longer than a few megabytes.
#[test]
fn a_string_without_end_is_refused_in_bounded_memory() {
    for command in COMMANDS {
        let told = in_memory(5 * LITTLE, &["dump", command, "-"], |pipe| {
            pipe.write_all(b"{\"UserAgent\":\"")?;
            long_line(pipe, 100)
        });
        let said = words(command, &told);
        let expected = match command {
            "mask" => "a string is longer than 67108864 bytes",
            _ => "within a value",
        };
        assert!(said.contains(expected), "{command}: {told:?}");
        assert_eq!(told.code, i32::from(command == "mask" || command == "check"), "{said}");
    }
}

#[test]
fn what_grows_beyond_all_measure_is_not_read() {
    let mut text = format!("{HEAD}{CREATE}").into_bytes();
    text.resize(text.len() + (64 << 20), b' ');
    for (name, bomb) in [
        ("gzip", gzip(&text)),
        ("bzip2", bzip2(&text)),
        ("zstd", zstd(&text)),
        ("brotli", BOMB_BROTLI.to_vec()),
    ] {
        for command in COMMANDS {
            let bomb = bomb.clone();
            let told = in_memory(LITTLE, &["dump", command, "-"], move |pipe| pipe.write_all(&bomb));
            let said = words(command, &told);
            assert!(
                told.code == 1 && said.contains("grow to more than 250 times their size"),
                "{name} {command}: {said}"
            );
            assert!(command != "cat" || told.out.lines().count() > 0, "{name}: {told:?}");
        }
    }
}

#[test]
fn deep_nesting_is_no_danger() {
    for command in COMMANDS {
        let deep = |levels: usize| {
            let (open, close) = ("[".repeat(levels), "]".repeat(levels));
            format!("{HEAD}{CREATE}[1,\"PC_0\",{open}{close},2]\n{CLOSE}").into_bytes()
        };
        let text = deep(1000);
        let told = in_memory(LITTLE, &["dump", command, "-"], move |pipe| pipe.write_all(&text));
        // The value of such a method is an object, and this is one finding of the check.
        assert_eq!(told.code, i32::from(command == "check"), "{command}: {told:?}");
        let text = deep(5_000_000);
        let told = in_memory(2 * LITTLE, &["dump", command, "-"], move |pipe| pipe.write_all(&text));
        let said = words(command, &told);
        assert_eq!(told.code, i32::from(command == "check"), "{command}: {said}");
        assert!(
            command == "mask" || said.contains("line 4 is nested deeper than 65536 levels"),
            "{command}: {said}"
        );
    }
}

/// What a connection may take besides its reports.
const CONNECTION_BYTES_MAX: u64 = 4096;

#[test]
fn ten_thousand_connections_are_told_in_little_memory() {
    const COUNT: u64 = 10_000;
    for command in COMMANDS {
        let arguments = ["dump", command, "-", "--json"];
        let has_json = matches!(command, "info" | "features");
        let arguments = &arguments[..if has_json { 4 } else { 3 }];
        let told = in_memory(LITTLE + COUNT * CONNECTION_BYTES_MAX, arguments, |pipe| {
            pipe.write_all(format!("{HEAD}{CREATE}").as_bytes())?;
            for number in 0..COUNT {
                let stats = "{\"0\":{\"type\":7,\"6\":1},\"t\":1}";
                pipe.write_all(format!("[39,\"PC_{number}\",{{}},1]\n[1,\"PC_{number}\",{stats},1]\n").as_bytes())?;
            }
            pipe.write_all(CLOSE.as_bytes())
        });
        assert_eq!((told.code, told.err.as_str()), (0, ""), "{command}");
        if !has_json {
            continue;
        }
        let json: serde_json::Value = serde_json::from_str(&told.out).expect("JSON");
        let list = if command == "info" {
            "connections"
        } else {
            "peerConnections"
        };
        assert_eq!(json[list].as_array().map(Vec::len), Some(10_000), "{command}");
    }
}

/// The same made by a browser: its text is kept as well, in a file if it is long, and read twice.
#[test]
fn ten_thousand_connections_of_a_page_are_told_in_little_memory() {
    const COUNT: u64 = 10_000;
    let page = |pipe: &mut dyn Write| {
        pipe.write_all(b"{\"getUserMedia\":[],\"PeerConnections\":{\"1-0\":{}")?;
        for number in 1..COUNT {
            let log = "[{\"timestamp\":1700000000000,\"type\":\"createOffer\",\"value\":\"{}\"}]";
            let times = "\"startTime\":\"2023-11-14T22:13:20.000Z\",\"endTime\":\"2023-11-14T22:13:21.000Z\"";
            let stats =
                format!("{{\"T-timestamp\":{{{times},\"statsType\":\"transport\",\"values\":\"[1700000000000]\"}}}}");
            let url = format!("https://page{}.example.org/", number % 1500);
            write!(
                pipe,
                ",\"1-{number}\":{{\"url\":\"{url}\",\"updateLog\":{log},\"stats\":{stats}}}"
            )?;
        }
        pipe.write_all(b"}}")
    };
    let export = |pipe: &mut dyn Write| {
        pipe.write_all(b"RTCStatsDump\n{\"fileFormat\":3}\n")?;
        (0..COUNT).try_for_each(|number| {
            let stats = "{\"T\":{\"type\":\"transport\",\"timestamp\":1}}";
            writeln!(
                pipe,
                "[\"create\",\"1-{number}\",{{}},1700000000000]\n[\"getStats\",\"1-{number}\",{stats},1]"
            )
        })
    };
    for command in COMMANDS {
        for (what, write) in [
            ("page", &page as &(dyn Fn(&mut dyn Write) -> io::Result<()> + Sync)),
            ("export", &export),
        ] {
            let mut text = Vec::new();
            write(&mut text).expect("memory");
            let memory = LITTLE + COUNT * CONNECTION_BYTES_MAX;
            let told = in_memory(memory, &["dump", command, "-"], move |pipe| pipe.write_all(&text));
            assert!(told.code == 0 || command == "check", "{what} {command}: {}", told.err);
            words(command, &told);
            let events = told.out.lines().count() as u64;
            assert!(command != "cat" || events >= 2 * COUNT, "{what}: {events} events");
        }
    }
}
