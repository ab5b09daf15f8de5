//! What is different on a terminal: colours, and a progress bar for what takes its time. `script` (util-linux) is the
//! terminal.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use support::place;

use crate::run::{Place, dump, text};

/// A command with this shell line on a terminal, whose output is on standard output.
fn on_a_terminal(place: &Place, line: &str, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", line, "/dev/null"]);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
        .env("TERM", "xterm")
        .env("SHELL", "/bin/sh")
        .envs(environment.iter().copied());
    command.current_dir(place.path("."));
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn shown(arguments: &str, environment: &[(&str, &str)]) -> String {
    let line = format!("{} {arguments}", text(&place::binary()));
    let output = on_a_terminal(&Place::new(), &line, environment)
        .output()
        .expect("script is part of util-linux");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let file = dump("gum-failures");
    let info = format!("dump info {}", text(&file));
    let painted = shown(&info, &[]);
    assert!(
        painted.contains("\u{1b}[1mTROUBLE") && painted.contains("\u{1b}[31m"),
        "{painted}"
    );
    for environment in [[("NO_COLOR", "1")], [("TERM", "dumb")]] {
        let plain = shown(&info, &environment);
        assert!(
            plain.contains("TROUBLE") && !plain.contains('\u{1b}'),
            "{environment:?}: {plain}"
        );
    }
    let events = shown(&format!("dump cat {}", text(&file)), &[]);
    assert!(events.starts_with('[') && !events.contains('\u{1b}'), "{events}");
}

/// The dump is written until the bar is there, however long that takes.
#[test]
fn long_work_has_a_progress_bar_that_goes_away() {
    let place = Place::new();
    let made = Command::new("mkfifo").arg(place.path("dump")).status();
    assert!(made.is_ok_and(|made| made.success()), "mkfifo is part of coreutils");
    let is_seen = Arc::new(AtomicBool::new(false));
    let line = format!("{} dump info dump > summary", text(&place::binary()));
    let mut child = on_a_terminal(&place, &line, &[])
        .spawn()
        .expect("script is part of util-linux");
    let (pipe, seen) = (place.path("dump"), Arc::clone(&is_seen));
    let writing = thread::spawn(move || {
        let mut pipe = std::fs::File::create(pipe)?;
        pipe.write_all(b"RTCStatsDump\n{\"url\":\"/\",\"fileFormat\":3}\n")?;
        while !seen.load(Ordering::Acquire) {
            pipe.write_all(b"[\"custom\",null,\"text\",1]\n")?;
        }
        std::io::Result::Ok(())
    });
    let mut terminal = child.stdout.take().expect("a pipe");
    let (mut output, mut piece) = (String::new(), [0; 256]);
    loop {
        let count = terminal.read(&mut piece).expect("the terminal can be read");
        output += &String::from_utf8_lossy(&piece[..count]);
        if output.contains("iB/s") {
            is_seen.store(true, Ordering::Release);
        }
        if count == 0 {
            break;
        }
    }
    assert!(is_seen.load(Ordering::Acquire), "{output}");
    writing.join().expect("a thread that ends").expect("the pipe takes it");
    assert!(child.wait().expect("it ends").success(), "{output}");
    assert!(
        output.trim_end().ends_with("\u{1b}[2K"),
        "the bar is removed: {output:?}"
    );
    let summary = std::fs::read_to_string(place.path("summary")).expect("the output");
    assert!(summary.starts_with("dump ") && !summary.contains('\u{1b}'), "{summary}");
}

/// What a peer has sent cannot move the cursor, change a title, or turn the writing direction. The JSON is the same.
#[test]
fn nothing_in_a_dump_reaches_a_terminal_as_a_command() {
    const HIDDEN: &str = "\u{9b}31m\u{9d}0;t\u{9c}\u{7f}\u{202e}\u{200b}\u{2028}";
    let place = Place::new();
    let said = format!("[\"custom\",null,{{\"a\":\"{HIDDEN}\"}},1700000000000]\n");
    let created = format!("[\"create\",null,{{\"userAgentData\":{{\"platform\":\"{HIDDEN}\"}}}},1700000000000]\n");
    let head = format!("RTCStatsDump\n{{\"url\":\"/{HIDDEN}\",\"fileFormat\":3}}\n");
    let close = "[\"close\",null,1000,1]\n";
    std::fs::write(
        place.path("na\u{1b}[31mme\u{7}"),
        [&*head, &created, &said, close].concat(),
    )
    .expect("a file");
    for arguments in [
        "cat",
        "mask",
        "info --json",
        "features --json",
        "info",
        "features",
        "check",
        "explain --fail-on never",
        "explain --fail-on never --md",
        "explain --fail-on never --digest",
        "plot",
        "plot --list",
        "cat --origin 'a\u{1b}[1m'",
    ] {
        let line = format!("{} dump {arguments} na*", text(&place::binary()));
        let output = on_a_terminal(&place, &line, &[("NO_COLOR", "1")])
            .output()
            .expect("script");
        let shown = String::from_utf8(output.stdout).expect("text");
        let hidden = |c: char| c.is_control() && !"\r\n".contains(c) || HIDDEN.contains(c) && !c.is_ascii_graphic();
        assert!(!shown.contains(hidden), "{arguments}: {shown:?}");
        if arguments.contains("json") || ["cat", "mask"].contains(&arguments) {
            assert!(
                shown.contains("\\u009b31m") && output.status.success(),
                "{arguments}: {shown:?}"
            );
        }
    }
    let exact = place.run(&["dump", "cat", "na\u{1b}[31mme\u{7}"]);
    assert!(exact.out.contains(HIDDEN), "{exact:?}");
}

#[test]
fn a_page_that_was_opened_is_still_to_be_found() {
    let place = Place::new();
    // One that fails, one that opens, and one that stays.
    for (opener, words) in [("exit 3", ""), ("exit 0", "opened "), ("exec sleep 60", "opened ")] {
        place.write("xdg-open", format!("#!/bin/sh\n{opener}\n"));
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(place.path("xdg-open"), mode).expect("it is ours");
        let folder = place.path(".");
        let line = format!(
            "PATH={}:$PATH {} view {}",
            text(&folder),
            text(&place::binary()),
            text(&dump("short-session"))
        );
        let output = on_a_terminal(&place, &line, &[("DISPLAY", ":9"), ("TMPDIR", text(&folder))]).output();
        let shown = String::from_utf8(output.expect("script is part of util-linux").stdout).expect("text");
        let path = shown.trim().strip_prefix(words).expect("the words");
        assert!(
            std::path::Path::new(path).is_file() && path.ends_with(".html"),
            "{opener}: {shown}"
        );
    }
}
