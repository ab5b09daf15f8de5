//! `dump info` and `dump check` on recorded calls.

use serde_json::Value;
use support::Recorded;

use crate::run::{Place, dump, text};

fn info(name: &str) -> Value {
    let told = Place::new().run(&["dump", "info", "--json", text(&dump(name))]);
    assert_eq!((told.code, told.err.as_str()), (0, ""), "{name}");
    serde_json::from_str(&told.out).expect("JSON")
}

#[test]
fn the_set_up_of_a_call_is_told_in_milliseconds() {
    let info = info("av-call-60s");
    let [offers, answers] = [&info["connections"][0], &info["connections"][1]];
    assert_eq!(
        (offers["name"].as_str(), offers["role"].as_str()),
        (Some("PC_0"), Some("offers"))
    );
    assert_eq!(answers["role"].as_str(), Some("answers"));
    for (connection, phases) in [
        (
            offers,
            &[
                "createOffer",
                "signaling",
                "ice",
                "dtls",
                "connectedAfter",
                "mediaAfter",
            ][..],
        ),
        (
            answers,
            &[
                "createAnswer",
                "answering",
                "ice",
                "dtls",
                "connectedAfter",
                "mediaAfter",
            ],
        ),
    ] {
        for phase in phases {
            let ms = connection["phases"][phase].as_f64();
            assert!(
                ms.is_some_and(|ms| (0.0..60_000.0).contains(&ms)),
                "{phase}: {connection}"
            );
        }
    }
    assert_eq!(
        info["closeCode"].as_u64(),
        Some(u64::from(Recorded::named("av-call-60s").close_code))
    );
}

#[test]
fn the_way_of_the_media_is_told() {
    let direct = &info("av-call-60s")["connections"][0]["path"];
    assert_eq!(
        (direct["local"]["type"].as_str(), direct["local"]["protocol"].as_str()),
        (Some("host"), Some("udp"))
    );
    assert!(
        direct["bytesSent"].as_f64().is_some_and(|bytes| bytes > 100_000.0),
        "{direct}"
    );
    let relayed = info("turn-relay");
    let paths: Vec<&Value> = relayed["connections"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["path"])
        .collect();
    assert!(paths.iter().any(|path| path["local"]["type"] == "relay"), "{paths:?}");
}

#[test]
fn tracks_have_their_codec_rate_and_size() {
    let info = info("av-call-60s");
    let streams = info["connections"][0]["streams"].as_array().expect("a list");
    for (direction, kind) in [
        ("sent", "audio"),
        ("sent", "video"),
        ("received", "audio"),
        ("received", "video"),
    ] {
        let stream = streams
            .iter()
            .find(|stream| stream["direction"] == direction && stream["kind"] == kind);
        let stream = stream.unwrap_or_else(|| panic!("{direction} {kind}"));
        assert!(
            stream["codec"].as_str().is_some_and(|codec| codec.starts_with(kind)),
            "{stream}"
        );
        assert!(
            stream["bitrate"].as_f64().is_some_and(|rate| rate > 1_000.0),
            "{stream}"
        );
        assert_eq!(stream["frameWidth"].is_number(), kind == "video", "{stream}");
    }
}

#[test]
fn what_failed_is_told() {
    let info = info("gum-failures");
    let first = info["troubles"]["first"].as_array().expect("a list");
    assert!(
        info["troubles"]["count"].as_u64() >= Some(1) && !first.is_empty(),
        "{info}"
    );
    assert!(
        first
            .iter()
            .all(|trouble| trouble["what"].as_str().is_some_and(|what| what.ends_with("OnFailure")))
    );
    let told = Place::new().run(&["dump", "info", text(&dump("gum-failures"))]);
    assert!(
        told.out.contains("TROUBLE") && told.out.contains("getUserMediaOnFailure"),
        "{}",
        told.out
    );
}

/// Every dump in the repository: no failure, no panic, and a table with each connection.
#[test]
fn every_recorded_dump_has_a_summary_and_a_verdict() {
    let place = Place::new();
    for recorded in Recorded::all() {
        let file = dump(&recorded.name);
        let told = place.run(&["dump", "info", "--all", text(&file)]);
        assert_eq!(told.code, 0, "{}: {}", recorded.name, told.err);
        assert!(
            told.out.starts_with("dump      ") && !told.out.contains('\u{1b}'),
            "{}",
            told.out
        );
        let told = place.run(&["dump", "check", text(&file)]);
        // What is made up of odd lines, or was sent by a test that does so, is found out; a browser's dump is as it
        // should be.
        let is_odd = ["derived-line-zoo", "custom-events-malformed"].contains(&recorded.name.as_str());
        assert_eq!(
            told.code,
            i32::from(is_odd),
            "{}: {} {}",
            recorded.name,
            told.out,
            told.err
        );
    }
}

#[test]
fn what_is_not_as_the_format_has_it_is_listed_by_line() {
    let place = Place::new();
    let text = "RTCStatsDump\n{\"url\":7,\"fileFormat\":3}\n[39,null,{},5]\n[62,\"PC_0\",{},1]\n[39,17,{},1]\n\
                [1,\"PC_0\",\"x\",1]\n[null,\"PC_0\",1,1]\n[\"close\",null,1000,5]\n[39,null,{},5]\n";
    let told = place.feed(&["dump", "check", "-"], text.as_bytes());
    let expected = [
        "line 2: the metadata have no startTime",
        "line 2: url of the metadata is no text",
        "line 3: the first time stamp is not absolute",
        "line 4: no method has the number 62",
        "line 5: the connection is no text, but a number",
        "line 6: the value of getStats is a text, not an object",
        "line 7: the method is neither a name nor a number, but null",
        "line 9: it stands behind the closing line",
        "line 9: the closing line is missing: the dump was cut off, or its session has not ended",
    ];
    assert_eq!(told.out.lines().collect::<Vec<_>>(), expected);
    assert_eq!(
        (told.code, told.err.as_str()),
        (1, "error: standard input: 9 findings\n")
    );
    let good = "RTCStatsDump\n{\"url\":\"/\",\"startTime\":1,\"fileFormat\":3}\n[39,null,{},1700000000000]\n[\"close\",null,1000,5]\n";
    let told = place.feed(&["dump", "check", "-"], good.as_bytes());
    assert_eq!(
        (told.code, told.out.as_str(), told.err.as_str()),
        (0, "4 lines, as the format has them\n", "")
    );
}

/// The JSON is what is stored beside a dump; the tables show the same.
#[test]
fn features_are_told_as_json_and_as_tables() {
    let place = Place::new();
    let file = dump("turn-relay");
    let json = place.run(&["dump", "features", "--json", text(&file)]);
    let features: Value = serde_json::from_str(&json.out).expect("JSON");
    let connection = &features["peerConnections"][1];
    assert_eq!(connection["firstCandidatePairLocalType"], "relay", "{connection}");
    let tables = place.run(&["dump", "features", text(&file)]);
    assert_eq!((json.code, tables.code, tables.err.as_str()), (0, 0, ""));
    let has = |words: &[&str]| {
        tables
            .out
            .lines()
            .any(|line| line.split_whitespace().eq(words.iter().copied()))
    };
    let duration = connection["duration"].to_string();
    assert!(has(&["CONNECTION", "UNIT", "PC_0", "PC_1"]), "{}", tables.out);
    assert!(
        has(&[
            "duration",
            "ms",
            &features["peerConnections"][0]["duration"].to_string(),
            &duration
        ]),
        "{}",
        tables.out
    );
    assert!(
        has(&["firstCandidatePairLocalType", "text", "host", "relay"]),
        "{}",
        tables.out
    );
}

pub const INTERNALS: &str = r#"{"UserAgent":"Mozilla/5.0","getUserMedia":[],"PeerConnections":{
 "7-1":{"pid":7,"rid":7,"url":"https://meet.example.org/room","rtcConfiguration":"{}","constraints":"","stats":{},"updateLog":[
  {"timestamp":1700000000000,"type":"createOffer","value":"{}"},
  {"timestamp":1700000000010,"type":"createOfferOnSuccess","value":"{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n\"}"},
  {"timestamp":1700000000020,"type":"oniceconnectionstatechange","value":"\"checking\""},
  {"timestamp":1700000000050,"type":"oniceconnectionstatechange","value":"\"connected\""}]},
 "9-1":{"pid":9,"rid":9,"url":"https://other.example.org/","rtcConfiguration":"{}","constraints":"","stats":{},"updateLog":[
  {"timestamp":1700000000001,"type":"createOffer","value":"{}"}]}}}"#;

/// A browser's own dump has the pages of all origins; `--origin` tells them apart.
#[test]
fn a_browsers_own_dump_is_read_like_any_other() {
    let place = Place::new();
    place.write("internals.txt", INTERNALS);
    let told = place.run(&["dump", "info", "--json", "internals.txt"]);
    assert_eq!((told.code, told.err.as_str()), (0, ""));
    let info: Value = serde_json::from_str(&told.out).expect("JSON");
    assert_eq!(
        (info["format"].as_str(), info["connections"].as_array().map(Vec::len)),
        (Some("webrtc-internals"), Some(2))
    );
    assert_eq!(info["connections"][0]["url"], "https://meet.example.org/room");
    assert_eq!(info["connections"][0]["phases"]["ice"], 30);
    let table = place.run(&["dump", "info", "internals.txt"]).out;
    assert!(
        table.contains("https://meet.example.org (1), https://other.example.org (1)"),
        "{table}"
    );
    let one = place.run(&["dump", "cat", "internals.txt", "--origin", "https://other.example.org"]);
    assert!(
        one.code == 0 && one.out.contains("createOffer") && !one.out.contains("checking"),
        "{one:?}"
    );
    let none = place.run(&["dump", "cat", "internals.txt", "--origin", "https://example.org"]);
    assert!(
        none.code == 1 && none.err.contains("has no page of https://example.org, only of"),
        "{none:?}"
    );
    let features = place.run(&["dump", "features", "--json", "internals.txt"]);
    assert!(
        features.code == 0 && features.out.contains("\"iceConnectionTime\":30"),
        "{features:?}"
    );
    let with_address = INTERNALS.replace("v=0", "c=IN IP4 203.0.113.77");
    let masked = place.feed(&["dump", "mask", "-"], with_address.as_bytes());
    assert!(
        masked.out.contains("203.0.113.x") && !masked.out.contains("203.0.113.77"),
        "{masked:?}"
    );
    let again = place.feed(&["dump", "cat", "-"], masked.out.as_bytes());
    assert_eq!(
        (masked.code, again.code, again.out.lines().count()),
        (0, 0, 8),
        "{again:?}"
    );
    let check = place.run(&["dump", "check", "internals.txt"]);
    assert_eq!((check.code, check.out.as_str()), (0, "nothing is odd\n"), "{check:?}");
}
