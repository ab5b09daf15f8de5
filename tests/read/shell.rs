//! What shells and `man` get, and how commands behave in pipes.

use std::io::Read;
use std::process::Stdio;

use crate::run::{Place, dump, text};

#[test]
fn every_shell_completes_the_commands() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let told = place.run(&["completions", shell]);
        assert_eq!((told.code, told.err.as_str()), (0, ""), "{shell}");
        assert!(
            told.out.contains("check-config") && told.out.contains("max-download"),
            "{shell}"
        );
    }
    assert_eq!(place.run(&["completions", "tcsh"]).code, 2);
}

#[test]
fn every_command_has_a_manual_page() {
    let place = Place::new();
    let told = place.run(&["man-pages", "."]);
    assert_eq!((told.code, told.out.as_str(), told.err.as_str()), (0, "", ""));
    for name in [
        "rtcstats-server.1",
        "rtcstats-server-find.1",
        "rtcstats-server-dump-mask.1",
    ] {
        let page = std::fs::read_to_string(place.path(name)).expect(name);
        assert!(page.contains(".TH") && page.contains("rtcstats"), "{name}: {page}");
    }
    let told = place.run(&["man-pages", "made/man1"]);
    assert!(
        told.code == 0 && place.path("made/man1/rtcstats-server.1").exists(),
        "{told:?}"
    );
    place.write("taken", "");
    let told = place.run(&["man-pages", "taken"]);
    assert!(told.code == 1 && told.err.starts_with("error: taken: "), "{told:?}");
}

/// `rtcstats-server … | head -1`.
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::new();
    let large = dump("long-5min-4pc");
    let mut child = place
        .command(&["dump", "mask", text(&large)])
        .spawn()
        .expect("the binary starts");
    let mut first = [0; 13];
    let mut stdout = child.stdout.take().expect("a pipe");
    stdout.read_exact(&mut first).expect("the first line");
    drop(stdout);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(
        (first.as_slice(), output.stderr.as_slice()),
        (&b"RTCStatsDump\n"[..], &b""[..])
    );
    assert_eq!(output.status.code(), Some(0));
}

/// Output that cannot be written is a failure, unlike a reader that goes away.
#[test]
fn a_full_disk_is_a_failure() {
    let place = Place::new();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("the kernel has it");
    let mut command = place.command(&["dump", "mask", text(&dump("short-session"))]);
    let output = command.stdout(Stdio::from(full)).output().expect("the binary starts");
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).expect("text");
    assert_eq!(told, "error: standard output: No space left on device (os error 28)\n");
}
