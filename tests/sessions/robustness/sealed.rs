//! Two effects of a full disk: sessions that end wait until there is space to pack them, and a session that goes on is
//! not read.

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::time::Duration;

use support::raw::{CLOSE, TEXT, frame};
use support::{Raw, Server, wait_until};

use super::disk::{on_a_disk, remove};

const SETTINGS: [(&str, &str); 1] = [("RTCSTATS_SPOOL__MIN_FREE", "0")];

fn ready(server: &Server) -> Vec<PathBuf> {
    let mut files = server.spooled();
    files.retain(|file| file.parent().is_some_and(|folder| folder.ends_with("ready")));
    files.sort();
    files
}

/// One file ends exactly at the end of a page, so there is no room for its closing line. The other file's closing line
/// fits into its page.
#[test]
fn what_is_sealed_on_a_full_disk_is_delivered_when_there_is_room() {
    let (mut server, disk) = on_a_disk("8m", &SETTINGS);
    server.restart();
    let mut sessions = [Raw::open(server.address()), Raw::open(server.address())];
    sessions[0].text("[\"first\",null,null,0]");
    sessions[0].sync();
    let file = server.spooled().remove(0);
    let length = || std::fs::metadata(&file).expect("it is recorded").len();
    let filler = format!("[\"{}\"]", "f".repeat(2 * 4096 - length() as usize % 4096 - 5));
    sessions[0].text(&filler);
    sessions[0].sync();
    assert_eq!(length() % 4096, 0);
    sessions[1].text("[\"second\",null,null,0]");
    sessions[1].sync();
    let other = disk.leave(0);
    for raw in &mut sessions {
        raw.write(&frame(CLOSE, &1000u16.to_be_bytes()));
        assert_eq!(raw.closed(), Some(1000), "the session ends as always");
    }
    wait_until("the spool to be down", || {
        server.log().contains("is down, dumps wait on disk")
    });
    let files = ready(&server);
    let ends: Vec<bool> = files
        .iter()
        .map(|file| std::fs::read_to_string(file).expect("text").contains("\n[\"close\","))
        .collect();
    assert_eq!(ends, [false, true], "sealed with and without a closing line");
    assert!(server.dumps().is_empty() && server.rows().is_empty());
    assert!(server.get("/healthcheck").starts_with("HTTP/1.1 200 "));
    remove(&other);
    let dumps = server.delivered(2);
    assert_eq!(dumps[0].messages(), ["[\"first\",null,null,0]", &filler]);
    assert_eq!(dumps[1].messages(), ["[\"second\",null,null,0]"]);
    assert_eq!((dumps[0].close_code(), dumps[1].close_code()), (1006, 1000));
    wait_until("the spool to be empty", || server.spooled().is_empty());
}

fn line(number: usize) -> String {
    format!("[\"line\",null,\"{number:06}\",\"{}\"]", "l".repeat(2_000))
}

/// Sends until the kernel takes no more, and returns how many bytes it took.
fn send_until_full(raw: &Raw, bytes: &[u8]) -> usize {
    let (mut sent, mut refused) = (0, 0);
    raw.stream().set_nonblocking(true).expect("one's own socket");
    // Between two refusals the kernel may still pass on bytes that it has accepted.
    while refused < 20 {
        match raw.stream().write(&bytes[sent..]) {
            Ok(count) => (sent, refused) = (sent + count, 0),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                refused += 1;
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(error) => panic!("the connection is lost: {error}"),
        }
        assert!(sent < bytes.len(), "all of it is taken, so somebody reads it");
    }
    raw.stream().set_nonblocking(false).expect("one's own socket");
    sent
}

/// What the peer sends stays in the kernels' buffers, which are limited: nothing piles up in the server.
#[test]
fn a_session_that_is_held_up_is_not_read() {
    // The buffers of both ends of a connection take 10 MB at most, unless an administrator has raised that.
    const LINES: usize = 20_000;
    let (mut server, disk) = on_a_disk("128m", &SETTINGS);
    server.restart();
    let mut raw = Raw::open(server.address());
    raw.text(&line(0));
    raw.sync();
    let other = disk.leave(16 << 10);
    let frames: Vec<Vec<u8>> = (1..LINES).map(|number| frame(TEXT, line(number).as_bytes())).collect();
    let sent = send_until_full(&raw, &frames.concat());
    wait_until("the session to be held up", || {
        server.log().contains("its session is held up")
    });
    remove(&other);
    // Up to the end of the frame that was begun.
    let length = frames[0].len();
    let count = sent.div_ceil(length);
    raw.write(&frames.concat()[sent..count * length]);
    raw.sync();
    drop(raw);
    let dumps = server.delivered(1);
    let lines: Vec<String> = (0..=count).map(line).collect();
    assert!(
        dumps[0].messages() == lines,
        "{} of {} lines",
        dumps[0].messages().len(),
        count + 1
    );
}
