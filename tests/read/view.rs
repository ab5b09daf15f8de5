//! `view`: the page and its data agree with what the other commands tell, whatever the dump holds.

mod data;
mod hostile;
mod stories;

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use support::Recorded;

use crate::decoder::recorded;
use crate::packing::gzip;
use crate::run::{Place, dump, text};
use data::{Data, is_near};

/// What is compared of each dump.
const POLLS: usize = 3;

#[test]
fn values_are_those_of_the_dump() {
    let place = Place::new();
    for Recorded { name, .. } in Recorded::all() {
        let data = Data::of(&place, &[text(&dump(&name))]);
        let cat = place.run(&["dump", "cat", "--method", "getStats", text(&dump(&name))]);
        let mut polls: HashMap<String, Vec<Value>> = HashMap::new();
        for line in cat.out.lines() {
            let event: Value = serde_json::from_str(line).expect("JSON");
            if event[3].is_object() {
                polls.entry(event[1].to_string()).or_default().push(event);
            }
        }
        for (index, connection) in data.list("connections").iter().enumerate() {
            let own = polls.remove(&connection["name"].to_string()).unwrap_or_default();
            assert_eq!(connection["polls"]["count"], own.len(), "{name}");
            for poll in (0..POLLS).map(|part| part * own.len().saturating_sub(1) / (POLLS - 1)) {
                let Some(event) = own.get(poll) else { continue };
                let time = &connection["polls"]["values"][poll];
                assert!(is_near(time, &event[0], 0.5), "{name}: {time} is not {}", event[0]);
                for (id, report) in event[3].as_object().expect("reports") {
                    data.has(index, poll, id, report, &name);
                }
            }
        }
    }
}

#[test]
fn events_features_and_findings_are_those_of_the_other_commands() {
    let place = Place::new();
    for name in [
        "ice-restart",
        "firefox-av-call",
        "gum-failures",
        "track-ops",
        "turn-relay",
    ] {
        let file = dump(name);
        let data = Data::of(&place, &[text(&file)]);
        let cat = place.run(&["dump", "cat", "--not-method", "getStats", text(&file)]);
        let events = &data.head["events"];
        let column = |name: &str, at: usize| events["columns"][name]["values"][at].as_u64().expect("a number") as usize;
        for (at, line) in cat.out.lines().enumerate() {
            let event: Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(events["methods"][column("method", at)], event[2], "{name} {at}");
            let connection = column("connection", at).checked_sub(1);
            let named = connection.map_or(&Value::Null, |at| &data.head["connections"][at]["name"]);
            assert_eq!(named, &event[1], "{name} {at}");
        }
        assert_eq!(events["shown"], cat.out.lines().count(), "{name}");

        let told: Value =
            serde_json::from_str(&place.run(&["dump", "features", "--json", text(&file)]).out).expect("JSON");
        for feature in data.list_in("features", "client") {
            let (feature, value) = (feature["name"].as_str().expect("a name"), &feature["value"]);
            assert!(
                is_near(value, &told[feature], 1e-9),
                "{name}: {feature} {value} {}",
                told[feature]
            );
        }
        let told: Value =
            serde_json::from_str(&place.run(&["dump", "explain", "--json", text(&file)]).out).expect("JSON");
        assert_eq!(data.head["verdict"], told["verdict"], "{name}");
        let ids = |list: &Value| -> Vec<Value> {
            let list = list.as_array().expect("a list");
            list.iter()
                .map(|one| serde_json::json!([one["id"], one["start"], one["text"]]))
                .collect()
        };
        assert_eq!(ids(&data.head["findings"]), ids(&told["findings"]), "{name}");
    }
}

/// The budget is 400 kB; what this test allows leaves room for what comes. Script and style take 125 kB of a page.
#[test]
fn a_call_of_five_minutes_fits_into_400_kilobytes() {
    let place = Place::new();
    for name in ["long-5min-4pc", "av-call-60s"] {
        let told = place.run(&["view", "-o", "page.html", text(&dump(name))]);
        assert_eq!((told.code, told.out.as_str()), (0, ""), "{}", told.err);
        let page = std::fs::read(place.path("page.html")).expect("a page");
        assert!(page.len() <= 330_000, "{name}: {} bytes", page.len());
    }
}

#[test]
fn a_page_keeps_to_the_size_that_was_asked_for() {
    let place = Place::new();
    let file = dump("long-5min-4pc");
    let told = place.run(&["view", "--max-size", "550KiB", "-o", "page.html", text(&file)]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(std::fs::metadata(place.path("page.html")).expect("a page").len() <= 550 * 1024);
    let (small, whole) = (
        Data::of(&place, &["--max-size", "550KiB", text(&file)]),
        Data::of(&place, &[text(&file)]),
    );
    // Where there is no room at all, one poll of each connection's beginning and end is left.
    let told = place.run(&["view", "--max-size", "100KiB", "-o", "least.html", text(&file)]);
    assert!(
        told.code == 0 && told.err.contains("more than --max-size"),
        "{}",
        told.err
    );
    let least = Data::of(&place, &["--max-size", "100KiB", text(&file)]);
    for series in least.list("series") {
        assert!(series["values"].as_array().expect("values").len() <= 2, "{series}");
    }
    let notes = small.head["source"]["notes"].to_string();
    assert!(notes.contains("one poll in"), "{notes}");
    let mut thinned = 0;
    for (few, all) in small.list("series").iter().zip(whole.list("series")) {
        assert_eq!((&few["report"], &few["property"]), (&all["report"], &all["property"]));
        if few["step"] == 1 {
            assert_eq!(few["values"], all["values"]);
            continue;
        }
        thinned += 1;
        let first = all["first"].as_u64().expect("a poll");
        let (count, polls) = (all["count"].as_u64().expect("a count"), small.sampled(few));
        let kept: Vec<u64> = polls
            .into_iter()
            .filter(|poll| (first..first + count).contains(poll))
            .collect();
        let values = few["values"].as_array().expect("values");
        assert_eq!(values.len(), kept.len());
        for (value, poll) in values.iter().zip(kept) {
            assert!(is_near(value, &all["values"][(poll - first) as usize], 1e-6));
        }
    }
    assert!(thinned > 10, "{thinned}");
}

#[test]
fn a_part_of_a_dump_can_be_asked_for() {
    let place = Place::new();
    let file = dump("av-call-60s");
    let data = Data::of(
        &place,
        &["--since", "10s", "--until", "20s", "--connection", "PC_1", text(&file)],
    );
    let counts: Vec<&Value> = data
        .list("connections")
        .iter()
        .map(|one| &one["polls"]["count"])
        .collect();
    assert_eq!(counts, [0, 10], "{counts:?}");
    assert!(data.head["source"]["notes"].to_string().contains("part of the dump"));
    // It has what was said before and holds on.
    let part = Data::of(&place, &["--since", "10s", text(&file)]);
    let cat = place.run(&["dump", "cat", "--method", "getStats", text(&file)]);
    for (index, connection) in part.list("connections").iter().enumerate() {
        let own = cat
            .out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let last = own
            .rev()
            .find(|event| event[1] == connection["name"] && event[3].is_object());
        let poll = connection["polls"]["count"].as_u64().expect("a count") as usize - 1;
        for (id, report) in last.expect("statistics")[3].as_object().expect("reports") {
            part.has(index, poll, id, report, "--since");
        }
        assert_eq!(connection["path"][0]["local"], "host");
    }
    let masked = Data::of(&place, &["--mask", text(&dump("ipv6-host"))]);
    assert_eq!(masked.head["source"]["masked"], true);
}

#[test]
fn two_dumps_are_put_into_one_page() {
    let place = Place::new();
    let (one, other) = (dump("audio-only"), dump("track-ops"));
    let told = place.run(&["view", "-o", "-", text(&one), text(&other)]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.out.contains("id=\"data\">") && told.out.contains("id=\"data2\">"));
    let told = place.run(&["view", "--json", text(&one), text(&other)]);
    assert_eq!(told.out.lines().count(), 2);
}

#[test]
fn a_damaged_dump_gives_a_page_of_what_was_read() {
    let place = Place::new();
    let file = gzip(&recorded::text("mesh-8pc"));
    let told = place.feed(&["view", "--json", "-"], &file[..file.len() * 9 / 10]);
    assert!(
        told.code == 1 && told.err.contains("the gzip data are damaged"),
        "{}",
        told.err
    );
    let data = Data::read(&told.out);
    assert_eq!(data.head["source"]["complete"], false);
    assert!(data.head["source"]["notes"].to_string().contains("damaged"));
    assert_eq!(data.list("connections").len(), 8);
}

#[test]
fn a_page_takes_the_place_of_the_one_before_and_keeps_who_may_read_it() {
    let place = Place::new();
    let file = dump("short-session");
    let mode = |name: &str| {
        std::fs::metadata(place.path(name))
            .expect("a file")
            .permissions()
            .mode()
            & 0o777
    };
    let write = |name: &str| {
        let told = place.run(&["view", "-o", name, text(&file)]);
        assert_eq!(told.code, 0, "{}", told.err);
        assert!(std::fs::metadata(place.path(name)).expect("a file").len() > 10_000);
    };
    write("new.html");
    assert_eq!(mode("new.html"), 0o600);
    place.write("shared.html", "");
    std::fs::set_permissions(place.path("shared.html"), std::fs::Permissions::from_mode(0o664)).expect("it is ours");
    std::os::unix::fs::symlink("shared.html", place.path("link.html")).expect("a link");
    write("link.html");
    assert_eq!(mode("shared.html"), 0o664);
    assert!(
        std::fs::symlink_metadata(place.path("link.html"))
            .expect("a link")
            .is_symlink()
    );
}

#[test]
fn a_page_goes_where_it_is_told_to() {
    let place = Place::new();
    let file = dump("short-session");
    let folder = place.path("nowhere");
    for (arguments, code, words) in [
        (&["-o", "nowhere/page.html"][..], 1, "error: nowhere/page.html: "),
        (&["-o", "/dev/full"], 1, "error: /dev/full: "),
        (&["-o", "page.html", "--json"], 2, "cannot be used with"),
        (&["--since", "yesterday"], 2, "--since"),
    ] {
        let told = place.run(&[&["view"], arguments, &[text(&file)]].concat());
        assert!(told.code == code && told.err.contains(words), "{arguments:?}: {told:?}");
        assert!(!folder.exists() && !place.path("page.html").exists());
    }
    assert_eq!(place.run(&["view", "missing.jsonl"]).code, 1);
    // Nobody sits before a pipe, so the page is not opened, but its place is told.
    let mut command = place.command(&["view", text(&file)]);
    let told = command.env("TMPDIR", place.path("")).output().expect("it runs");
    let path = String::from_utf8(told.stdout).expect("text");
    let metadata = std::fs::metadata(path.trim_end()).expect("a file");
    assert!(
        path.starts_with(text(&place.path(""))) && path.ends_with(".html\n"),
        "{path}"
    );
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
}
