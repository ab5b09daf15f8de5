//! Every option of the commands on a dump, how they end, and what becomes of their output.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::info::INTERNALS;
use crate::run::{Place, Told, dump, text};

/// The options of each command, of which each is used in a test: those here, of `events` (filters), and of `sources`
/// and `web` (`--max-download`).
const OPTIONS: [(&str, &[&str]); 8] = [
    (
        "cat",
        &[
            "config",
            "connection",
            "match",
            "max-download",
            "method",
            "not-method",
            "origin",
            "relative",
            "since",
            "until",
        ],
    ),
    ("check", &["config", "max-download", "origin"]),
    ("diff", &["config", "json", "max-download", "origin"]),
    (
        "explain",
        &[
            "config",
            "digest",
            "fail-on",
            "json",
            "list",
            "max-download",
            "md",
            "origin",
            "rule",
        ],
    ),
    ("features", &["config", "json", "max-download", "origin"]),
    ("info", &["all", "config", "json", "max-download", "origin"]),
    ("mask", &["config", "max-download"]),
    (
        "plot",
        &[
            "config",
            "height",
            "list",
            "max-download",
            "origin",
            "series",
            "since",
            "until",
            "width",
        ],
    ),
];

/// Those that read one dump. The other one has tests of its own (`diff`).
fn commands() -> impl Iterator<Item = &'static str> {
    let all = OPTIONS.iter().map(|(command, _)| *command);
    all.filter(|command| *command != "diff")
}

#[test]
fn the_help_names_the_options_that_are_tested() {
    let place = Place::new();
    for (command, options) in OPTIONS {
        let told = place.run(&["dump", command, "--help"]);
        assert_eq!((told.code, told.err.as_str()), (0, ""), "{command}");
        let lines = told.out.lines().map(str::trim_start);
        let names = lines.filter_map(|line| line.strip_prefix("--"));
        let mut names: Vec<&str> = names.filter_map(|line| line.split([' ', '[']).next()).collect();
        names.sort_unstable();
        assert_eq!(names, options, "{command}");
    }
}

#[test]
fn an_origin_chooses_the_pages() {
    let place = Place::new();
    place.write("internals.txt", INTERNALS);
    let json = |arguments: &[&str]| {
        let told = place.run(arguments);
        assert_eq!((told.code, told.err.as_str()), (0, ""), "{arguments:?}");
        serde_json::from_str::<Value>(&told.out).expect("JSON")
    };
    let chosen = ["internals.txt", "--origin", "https://meet.example.org"];
    let info = json(&[&["dump", "info", "--json"], &chosen[..]].concat());
    assert_eq!(info["connections"].as_array().map(Vec::len), Some(1), "{info}");
    assert_eq!(info["connections"][0]["url"], "https://meet.example.org/room");
    let features = json(&[&["dump", "features", "--json"], &chosen[..]].concat());
    assert_eq!(
        features["peerConnections"].as_array().map(Vec::len),
        Some(1),
        "{features}"
    );
    let check = place.run(&[&["dump", "check"], &chosen[..]].concat());
    assert_eq!((check.code, check.out.as_str()), (0, "nothing is odd\n"), "{check:?}");
    let cat = place.run(&[&["dump", "cat"], &chosen[..]].concat());
    let all = place.run(&["dump", "cat", "internals.txt"]);
    assert!(
        (1..all.out.lines().count()).contains(&cat.out.lines().count()),
        "{cat:?}"
    );
    for command in ["cat", "check", "features", "info"] {
        let none = place.run(&["dump", command, "internals.txt", "--origin", "https://none.example.org"]);
        let words = "has no page of https://none.example.org, only of https://meet.example.org";
        assert!(
            none.code == 1 && none.out.is_empty() && none.err.contains(words),
            "{none:?}"
        );
        let file = dump("short-session");
        let none = place.run(&["dump", command, text(&file), "--origin", "https://none.example.org"]);
        assert!(none.code == 1 && none.out.is_empty(), "{none:?}");
        assert!(
            none.err.contains("has no page of https://none.example.org, and "),
            "{none:?}"
        );
    }
}

#[test]
fn all_rows_are_shown_if_they_are_asked_for() {
    let place = Place::new();
    let mut dump = "RTCStatsDump\n{\"url\":\"/\",\"startTime\":1,\"fileFormat\":3}\n".to_owned();
    for number in 0..300 {
        dump += &format!("[39,\"PC_{number}\",{{}},1700000000000]\n");
    }
    let shown = |arguments: &[&str]| {
        let told = place.feed(&[&["dump", "info", "-"], arguments].concat(), dump.as_bytes());
        assert_eq!((told.code, told.err.as_str()), (0, ""));
        (told.out.lines().filter(|line| line.contains("PC_")).count(), told.out)
    };
    let ((some, few), (all, _)) = (shown(&[]), shown(&["--all"]));
    assert!(
        all >= 300 && some < all && few.contains("--all"),
        "{some}, {all}: {few}"
    );
}

/// Times may be absolute as well.
#[test]
fn times_are_given_in_either_way() {
    let place = Place::new();
    let dump =
        "RTCStatsDump\n{\"fileFormat\":3}\n[\"a\",null,1,1700000000000]\n[\"b\",null,1,500]\n[\"c\",null,1,500]\n";
    for (arguments, methods) in [
        (&["--since", "500ms"][..], "bc"),
        (&["--since", "2023-11-14T22:13:20.500Z"], "bc"),
        (&["--until", "1s"], "ab"),
        (&["--since", "0.5s", "--until", "2023-11-14T22:13:21Z"], "b"),
        (&["--since", "1h"], ""),
        (&["--match", "\"[ac]\""], "ac"),
        (&["--not-method", "B"], "ac"),
        (&["--method", "a", "--method", "c"], "ac"),
        (&["--connection", "PC_0"], ""),
        (&["--connection", "client", "--relative", "--method", "c"], "c"),
    ] {
        let told = place.feed(&[&["dump", "cat", "-"], arguments].concat(), dump.as_bytes());
        let lines = told
            .out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let found: String = lines.map(|line| line[2].as_str().expect("a name").to_owned()).collect();
        assert_eq!(
            (told.code, found.as_str(), told.err.as_str()),
            (0, methods, ""),
            "{arguments:?}"
        );
    }
}

/// 0: done; 1: the dump is not as it should be; 2: the command was called in a wrong way.
#[test]
fn exit_codes_tell_how_it_ended() {
    let place = Place::new();
    let file = dump("short-session");
    for command in commands() {
        let code = |arguments: &[&str]| {
            let told = place.run(&[&["dump", command], arguments].concat());
            assert_eq!(told.code == 0, told.err.is_empty(), "{command} {arguments:?}: {told:?}");
            told.code
        };
        assert_eq!(code(&[text(&file)]), 0);
        assert_eq!(code(&["none.jsonl"]), 1);
        assert_eq!(code(&[]), 2, "no dump");
        assert_eq!(code(&["--unknown", text(&file)]), 2);
        assert_eq!(code(&[text(&file), text(&file)]), 2, "two dumps");
        assert_eq!(code(&["--max-download", "much", text(&file)]), 2);
        // Only an id needs the configuration; what explains can say that it went without.
        if command != "explain" {
            assert_eq!(code(&["--config", "none.toml", text(&file)]), 0);
        }
        assert_eq!(
            code(&["--config", "none.toml", "01a2026a-0000-7000-8000-000000000000"]),
            2
        );
    }
    for wrong in [["--since", "yesterday"], ["--until", "10:00"], ["--match", "("]] {
        let told = place.run(&["dump", "cat", text(&file), wrong[0], wrong[1]]);
        assert!(told.code == 2 && told.err.contains(wrong[0]), "{told:?}");
    }
    let told = place.run(&["dump", "cat", text(&file), "--match", "a\n("]);
    let words = "error: --match: \"a\\n(\" is no regular expression: unclosed group\n";
    assert_eq!(told.err, words, "one line");
}

/// `rtcstats-server dump … | true`, before and while anything is written, and a disk that is full.
#[test]
fn output_that_nobody_takes_is_no_failure_but_a_full_disk_is() {
    let place = Place::new();
    let packed = std::fs::read(dump("av-call-60s")).expect("a recorded dump");
    for command in commands() {
        let mut child = place.command(&["dump", command, "-"]);
        let mut child = child.stdin(Stdio::piped()).spawn().expect("the binary starts");
        drop(child.stdout.take());
        // It may end before it has read everything.
        let _ = child.stdin.take().expect("a pipe").write_all(&packed);
        let told = Told::from(child.wait_with_output().expect("it ends"));
        assert_eq!((told.code, told.err.as_str()), (0, ""), "{command}");
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        let mut child = place.command(&["dump", command, text(&dump("av-call-60s"))]);
        let child = child.stdout(Stdio::from(full.expect("the kernel has it")));
        let told = Told::from(child.output().expect("the binary starts"));
        let words = "error: standard output: No space left on device (os error 28)\n";
        assert_eq!((told.code, told.err.as_str()), (1, words), "{command}");
    }
}
