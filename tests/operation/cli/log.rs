//! The log of `serve`: lines with the time for people, and lines with priorities for the journal.

use std::fs::File;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::*;

/// Ends the server when the test is over, even if the test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The first lines of the log, as soon as the warning is among them.
fn first_lines(bench: &Bench, under_journal: bool) -> Vec<String> {
    let path = bench.path("log.txt");
    let log = File::create(&path).unwrap();
    let stream = log
        .metadata()
        .map(|log| format!("{}:{}", log.dev(), log.ino()))
        .unwrap();
    let mut command = bench.command(&["serve"]);
    command
        .env("RTCSTATS_SERVER__LISTEN", "127.0.0.1:0")
        .env("RTCSTATS_PRIVACY__MASK_ADDRESSES", "false");
    command.env("JOURNAL_STREAM", if under_journal { stream } else { "1:1".to_string() });
    let _running = Running(command.stderr(log).stdout(Stdio::null()).spawn().unwrap());
    let begin = Instant::now();
    loop {
        let text = fs::read_to_string(&path).unwrap();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        if whole.contains("mask_addresses") {
            return whole.lines().map(str::to_string).collect();
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "no warning in {text:?}");
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn people_get_the_time_and_the_level() {
    for line in first_lines(&bench(), false) {
        let (time, rest) = line.split_once(' ').unwrap();
        assert!(
            time.len() == 24 && time.ends_with('Z') && time.as_bytes()[10] == b'T',
            "{line}"
        );
        assert!(rest.starts_with("[INFO ] ") || rest.starts_with("[WARN ] "), "{line}");
    }
}

#[test]
fn the_journal_gets_the_priority_and_adds_the_time_itself() {
    let lines = first_lines(&bench(), true);
    assert!(
        lines
            .iter()
            .all(|line| line.starts_with("<6>") || line.starts_with("<4>")),
        "{lines:?}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("<4>IP addresses, tokens and other secrets are stored as they come")),
        "{lines:?}"
    );
}

#[test]
fn a_service_that_does_not_start_is_an_error_in_the_journal() {
    let bench = bench();
    let path = bench.path("log.txt");
    let log = File::create(&path).unwrap();
    let stream = log
        .metadata()
        .map(|log| format!("{}:{}", log.dev(), log.ino()))
        .unwrap();
    let mut command = bench.command(&["serve", "--config", "none.toml"]);
    let status = command.env("JOURNAL_STREAM", stream).stderr(log).status().unwrap();
    assert_eq!(status.code(), Some(2));
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("<3>none.toml: cannot be read: "), "{text}");
}
