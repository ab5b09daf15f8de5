//! What the page tells of dumps that are made for it, line by line.

use serde_json::Value;

use crate::run::Place;
use crate::view::data::Data;

const HEAD: &str = "RTCStatsDump\n{\"url\":\"/\",\"fileFormat\":3}\n";

/// The data of a dump of these lines.
fn of(lines: &[&str]) -> Data {
    let place = Place::new();
    let told = place.feed(
        &["view", "--json", "-"],
        format!("{HEAD}{}\n", lines.join("\n")).as_bytes(),
    );
    Data::read(&told.out)
}

/// A call of this name with a description, whose text is a number.
fn described(name: &str, kind: &str, number: u32) -> String {
    format!(r#"["{name}","PC_0",{{"type":"{kind}","sdp":"v=0\r\ns={number}\r\n"}},10]"#)
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().expect("a list").iter();
    list.map(|one| one.as_f64().expect("a number")).collect()
}

#[test]
fn what_is_rolled_back_or_fails_is_not_what_is_set() {
    let returned = |name: &str| format!(r#"["{name}","PC_0",null,10]"#);
    let lines = [
        r#"["create","PC_0",{},1700000000000]"#.to_owned(),
        described("setLocalDescription", "offer", 1),
        returned("setLocalDescriptionOnSuccess"),
        described("setRemoteDescription", "answer", 10),
        returned("setRemoteDescriptionOnSuccess"),
        returned("addTrack"),
        described("setLocalDescription", "offer", 2),
        returned("addTransceiver"),
        described("setLocalDescription", "offer", 3),
        described("setLocalDescription", "rollback", 9),
        described("setLocalDescription", "offer", 4),
        returned("setLocalDescriptionOnFailure"),
        described("setRemoteDescription", "offer", 11),
        returned("setRemoteDescriptionOnFailure"),
        described("setRemoteDescription", "offer", 12),
    ];
    let data = of(&lines.iter().map(|line| &**line).collect::<Vec<_>>());
    let sdp = &data.head["sdp"];
    let number = |description: &Value| {
        let one = &sdp["descriptions"][description.as_u64().expect("a place") as usize];
        let text = sdp["texts"][one["text"].as_u64().expect("a place") as usize]
            .as_str()
            .expect("a text");
        text.split_once("s=")
            .expect("a session")
            .1
            .trim()
            .parse::<u32>()
            .expect("a number")
    };
    let diffs = sdp["diffs"].as_array().expect("a list").iter();
    let rounds: Vec<(u32, u32)> = diffs
        .filter(|diff| diff["kind"] == "round")
        .map(|diff| (number(&diff["from"]), number(&diff["to"])))
        .collect();
    assert_eq!(rounds, [(1, 2), (2, 3), (1, 4), (10, 11), (10, 12)]);
    let rounds = data.head["connections"][0]["rounds"].as_array().expect("rounds").iter();
    let told: Vec<(u32, &str)> = rounds
        .map(|round| (number(&round["offer"]), round["trigger"].as_str().expect("words")))
        .collect();
    assert_eq!(
        told,
        [
            (1, "the page alone"),
            (3, "addTrack, addTransceiver"),
            (4, "the page alone"),
            (11, "remote offer"),
            (12, "remote offer")
        ]
    );
}

#[test]
fn all_times_go_on_though_a_clock_is_turned_back() {
    let offer = described("setLocalDescription", "offer", 1);
    let data = of(&[
        r#"["create","PC_0",{},1700000000000]"#,
        r#"["getStats","PC_0",{"A":{"type":"inbound-rtp","kind":"audio","jitter":0.01}},1000]"#,
        r#"["getStats","PC_0",{"A":{"jitter":0.02}},1000]"#,
        r#"["getStats","PC_0",{"A":{"jitter":0.03}},-5000]"#,
        &offer,
        r#"["getStats","PC_0",{"A":{"jitter":0.04}},9000]"#,
    ]);
    let connection = &data.head["connections"][0];
    let times = numbers(&connection["polls"]["values"]);
    let since: Vec<f64> = times.iter().map(|time| time - 1_700_000_000_000.0).collect();
    assert_eq!(since, [1000.0, 2000.0, 2000.0, 6010.0]);
    let notes = data.head["source"]["notes"].to_string();
    assert!(
        notes.contains("1 polls are shown at the time of the one before"),
        "{notes}"
    );
    let columns = &data.head["events"]["columns"];
    assert_eq!(numbers(&columns["time"]["values"]), [10.0, 3000.0]);
    let method = &data.head["events"]["methods"][columns["method"]["values"][0].as_u64().expect("a place") as usize];
    assert_eq!(method, "setLocalDescription");
    assert_eq!(data.head["sdp"]["descriptions"][0]["event"], 0);
}

#[test]
fn what_has_no_time_begins_with_the_first_that_has_one() {
    let log = |time: &str, state: &str| format!(r#"{{{time}"type":"iceconnectionstatechange","value":"{state}"}}"#);
    let told = Place::new().feed(
        &["view", "--json", "-"],
        format!(
            r#"{{"PeerConnections":{{"7-1":{{"updateLog":[{},{}],"stats":{{}}}}}},"getUserMedia":[]}}"#,
            log("", "checking"),
            log(r#""time":"2023-11-14T22:13:20.000Z","#, "connected")
        )
        .as_bytes(),
    );
    assert_eq!((told.code, told.err.as_str()), (0, ""));
    let data = Data::read(&told.out);
    let connection = &data.head["connections"][0];
    assert_eq!(connection["start"], 1_700_000_000_000_u64);
    assert_eq!(connection["states"]["ice"][0][0], 1_700_000_000_000_u64);
    let times = numbers(&data.head["events"]["columns"]["time"]["values"]);
    assert!(times.len() >= 2 && times.iter().all(|time| *time == 0.0), "{times:?}");
}

#[test]
fn a_band_lasts_as_long_as_its_track_and_no_longer() {
    let stream = r#""A":{"type":"outbound-rtp","kind":"audio","mid":"0","mediaSourceId":"S","ssrc":null}"#;
    let poll = |reports: &str| format!(r#"["getStats","PC_0",{{{reports}}},1000]"#);
    let lines = [
        r#"["create","PC_0",{},1700000000000]"#.to_owned(),
        poll(&format!(
            r#"{stream},"S":{{"type":"media-source","kind":"audio","trackIdentifier":"t"}}"#
        )),
        poll(r#""A":null"#),
        poll(""),
        poll(stream),
        r#"["MediaStreamTrack.onmute","PC_0","t",0]"#.to_owned(),
        poll(r#""A":{"packetsSent":1}"#),
        poll(r#""A":{"mediaSourceId":null}"#),
        poll(r#""A":{"packetsSent":2}"#),
    ];
    let data = of(&lines.iter().map(|line| &**line).collect::<Vec<_>>());
    let bands = data.head["connections"][0]["tracks"][0]["bands"]
        .as_array()
        .expect("bands")
        .iter();
    let since = |time: &Value| time.as_f64().expect("a time") - 1_700_000_000_000.0;
    let bands: Vec<(&str, f64, f64)> = bands
        .map(|band| {
            (
                band["kind"].as_str().expect("a word"),
                since(&band["start"]),
                since(&band["end"]),
            )
        })
        .collect();
    assert_eq!(bands, [("muted", 4000.0, 7000.0), ("null-track", 6000.0, 7000.0)]);
}

#[test]
fn what_is_left_out_of_the_events_is_told() {
    let mut lines = vec![r#"["onsignalingstatechange","PC_0","stable",1]"#; 100_003];
    lines.push(r#"["custom",null,"x",1]"#);
    let data = of(&lines);
    let events = &data.head["events"];
    let counts = ["count", "shown", "omitted", "calls_omitted"].map(|name| events[name].as_u64());
    assert_eq!(counts, [Some(100_004), Some(100_000), Some(4), Some(3)]);
}
