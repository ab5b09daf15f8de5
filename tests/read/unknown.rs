//! What `dump info` and `dump check` make of what is not known: times that are missing or mad, names that are empty,
//! the beginning of a call that a browser has not seen, counters that start anew.

use serde_json::Value;
use support::place::repository;

use crate::info::INTERNALS;
use crate::run::{Place, dump};

/// The words of the row of a table that begins with this heading, for what is called so.
fn row(tables: &str, heading: &str, name: &str) -> Vec<String> {
    let lines = tables.lines().skip_while(|line| !line.starts_with(heading)).skip(1);
    let mut lines = lines.take_while(|line| !line.is_empty());
    let line = lines.find(|line| line.starts_with(name));
    let line = line.unwrap_or_else(|| panic!("{heading} {name}: {tables}"));
    line.split("  ")
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The tables and the JSON of a dump.
fn told(content: &[u8]) -> (String, Value) {
    let place = Place::new();
    let tables = place.feed(&["dump", "info", "-"], content);
    let json = place.feed(&["dump", "info", "--json", "-"], content);
    assert_eq!((tables.code, json.code), (0, 0), "{tables:?}");
    (tables.out, serde_json::from_str(&json.out).expect("JSON"))
}

fn recorded(name: &str) -> Vec<u8> {
    std::fs::read(repository().join("tests/data/internals").join(name)).expect("it is in the repository")
}

fn lines(events: &[&str]) -> Vec<u8> {
    let head = "RTCStatsDump\n{\"url\":\"/\",\"startTime\":1700000000000,\"fileFormat\":3}\n";
    [head, &events.join("\n"), "\n"].concat().into_bytes()
}

#[test]
fn the_beginning_that_a_browser_has_not_seen_is_not_told() {
    let (tables, json) = told(&recorded("ice-restart-late.internals.gz"));
    for at in 0..2 {
        let connection = &json["connections"][at];
        for name in ["first", "length", "role", "negotiations"] {
            assert_eq!(connection.get(name), None, "{name}: {connection}");
        }
        assert_eq!(connection["phases"], serde_json::json!({}));
        assert!(connection["last"].is_number() && connection["events"] == 47);
        let name = connection["name"].as_str().expect("a name");
        assert_eq!(row(&tables, "CONNECTION", name)[1..3], ["-", "-"]);
        assert_eq!(row(&tables, "SET-UP", name)[1..], ["-"; 8]);
    }
    // The same call from its beginning.
    let (_, json) = told(&recorded("ice-restart.internals.gz"));
    let connection = &json["connections"][0];
    assert!(connection["first"].is_number() && connection["phases"]["dtls"].is_number());
}

#[test]
fn whole_seconds_say_nothing_of_what_is_shorter_than_two() {
    let mut content = INTERNALS.to_owned();
    for (ms, second) in [("000", 5), ("010", 6), ("020", 6), ("050", 16), ("001", 6)] {
        let time = format!("\"time\":\"11/25/2021, 3:04:{second:02} PM\"");
        content = content.replace(&format!("\"timestamp\":1700000000{ms}"), &time);
    }
    let (tables, json) = told(content.as_bytes());
    assert_eq!(json["flags"], serde_json::json!(["clockInferred"]));
    let [long, short] = [&json["connections"][0], &json["connections"][1]];
    assert_eq!(long["phases"], serde_json::json!({"ice": 10_000}));
    assert_eq!((long["length"].as_u64(), short.get("length")), (Some(11_000), None));
    assert!(short["first"].is_number());
    assert_eq!(row(&tables, "CONNECTION", "9-1")[1..3], ["+1.000 s", "-"]);
}

#[test]
fn a_session_without_a_time_begins_when_the_server_says_so() {
    let content = std::fs::read(dump("no-message-session")).expect("it is there");
    let (tables, json) = told(&content);
    let start = json["metadata"]["startTime"].as_f64().expect("a time");
    assert_eq!(
        (json["first"].as_f64(), json["last"].as_f64()),
        (Some(start), Some(start + 15.0))
    );
    assert!(
        tables.contains("\nsession   2026-") && tables.contains(", 15 ms long"),
        "{tables}"
    );
}

#[test]
fn where_a_browser_has_seen_nothing_there_is_no_time() {
    let content = recorded("gum-failures.internals.gz");
    let (tables, json) = told(&content);
    assert!(tables.contains("\nsession   -\n"), "{tables}");
    assert_eq!((json.get("first"), json["events"].as_u64()), (None, Some(1)));
    let check = Place::new().feed(&["dump", "check", "-"], &content);
    assert_eq!((check.code, check.out.as_str()), (0, "nothing is odd\n"), "{check:?}");
    // A request for media has a time.
    let request = r#"{"getUserMedia":[{"rid":7,"pid":7,"origin":"https://meet.example.org","request_id":1,
        "request_type":"getUserMedia","timestamp":1700000000000,"audio":""}],"PeerConnections":{},"UserAgent":"x"}"#;
    let (_, json) = told(request.as_bytes());
    assert_eq!(json["first"].as_u64(), Some(1_700_000_000_000));
}

#[test]
fn a_mad_time_or_number_widens_no_table() {
    let stats = r#"["getStats","PC_0",{"a":{"type":"inbound-rtp","timestamp":0,"kind":"video","packetsReceived":1e300,
        "bytesReceived":1e300,"jitter":1e300,"packetsLost":1e299,"freezeCount":1e-300,"frameWidth":1e300,"frameHeight":2}},1]"#;
    let (tables, json) = told(&lines(&[
        r#"["create",null,{},1700000000000]"#,
        r#"["create","PC_0",{},10]"#,
        r#"["oniceconnectionstatechange","PC_0","checking",10]"#,
        &stats.replace('\n', ""),
        r#"["create","PC_1",{},1e300]"#,
        r#"["oniceconnectionstatechange","PC_0","failed",10]"#,
        r#"["close",null,1000,5]"#,
    ]));
    assert_eq!(json["last"].as_u64(), Some(1_700_000_000_021));
    let [before, behind] = [&json["connections"][0], &json["connections"][1]];
    assert_eq!((before["length"].as_u64(), behind.get("first")), (Some(11), None));
    assert_eq!(behind.get("length"), None);
    assert_eq!(json["troubles"]["first"][0].get("time"), None);
    assert_eq!(row(&tables, "CONNECTION", "PC_1")[1..3], ["-", "-"]);
    assert!(tables.contains("session   2023-11-14T22:13:20.000Z to 2023-11-14T22:13:20.021Z, 21 ms long"));
    assert!(tables.lines().all(|line| line.chars().count() < 160), "{tables}");
}

#[test]
fn an_empty_name_is_shown() {
    let (tables, json) = told(&lines(&[
        r#"["create","",{},1700000000000]"#,
        r#"["",null,{},1]"#,
        r#"["oniceconnectionstatechange","","failed",1]"#,
    ]));
    assert_eq!(json["connections"][0]["name"], "");
    assert_eq!(row(&tables, "CONNECTION", "\"\"")[1], "+0.000 s");
    assert_eq!(row(&tables, "SET-UP", "\"\"")[1], "-");
    assert_eq!(row(&tables, "TROUBLE", "+0.002 s")[1], "\"\"");
    assert!(tables.contains("3: \"\" 1, create 1, "), "{tables}");
}

#[test]
fn what_a_counter_had_before_it_starts_anew_is_added() {
    let stats = |packets: u32, lost: u32| {
        format!(
            r#"["getStats","PC_0",{{"a":{{"type":"inbound-rtp","timestamp":0,"kind":"audio","packetsReceived":{packets},"bytesReceived":{},"packetsLost":{lost},"jitter":0.{packets}}}}},1000]"#,
            100 * packets
        )
    };
    // A loss that shrinks is a packet that came late.
    let polls = [stats(10, 3), stats(20, 2), stats(5, 1), stats(7, 1)];
    let mut events = vec![r#"["create","PC_0",{},1700000000000]"#];
    events.extend(polls.iter().map(String::as_str));
    let (tables, json) = told(&lines(&events));
    let stream = &json["connections"][0]["streams"][0];
    let figures = ["packets", "bytes", "packetsLost", "bitrate"].map(|name| stream[name].as_f64());
    assert_eq!(figures, [27.0, 2700.0, 3.0, 8.0 * 1700.0 / 3.0].map(Some));
    assert_eq!(stream["jitter"].as_f64(), Some(0.7), "the last value");
    assert_eq!(row(&tables, "TRACK", "PC_0")[5..7], ["27", "3 (10.0 %)"]);
}
