//! Dumps that Chrome exports itself.
use serde_json::{Value, json};

use super::*;

fn read(text: &str, origin: Option<&str>) -> (Vec<Value>, Export) {
    let mut export = Export::open(b"", text.as_bytes(), origin).unwrap();
    let mut events = Vec::new();
    while export.advance().unwrap() {
        let mut line = Vec::new();
        export.event().write_json(&mut line);
        events.push(serde_json::from_slice(&line).unwrap());
    }
    (events, export)
}

const TEXT: &str = r#"RTCStatsDump
{"fileFormat":3}
["create",null,{"deviceMemory":16},1795640447902]
["navigator.mediaDevices.getUserMedia","8-0",{"audio":true,"video":"{\"width\": 5}"},"pair-1","https://a.example/x",10]
["navigator.mediaDevices.getUserMediaOnSuccess","8-0",[["audio","t-1","Mic","s"]],"pair-1",10]
["create","8-2",null,"https://a.example/x",10]
["create","9-1",null,"https://b.example/y",-100]
["onsignalingstatechange","8-2","\"stable\"",200]
["addTrack","8-2",["audio","t-1","s"],1]
["getStats","8-2",{"P":{"id":"P","type":"peer-connection","a":1,"[a/s]":2},"X":{"id":"X","type":"codec"}},1]
["getStats","8-2",{"P":{"id":"P","type":"peer-connection","b":1}},1]
["onconnectionstatechange","8-2","\"connected\"",-50]
no line
["navigator.mediaDevices.getUserMediaOnFailure","9-0",{"error":"NotAllowedError","error_message":"Permission denied"},"pair-2","https://b.example/y",100]
"#;

#[test]
fn events_are_sorted_and_adapted() {
    let (events, export) = read(TEXT, None);
    let time = 1_795_640_447_902_i64;
    let expected = [
        json!([time, null, "create", {"deviceMemory": 16}]),
        json!([time + 10, null, "navigator.mediaDevices.getUserMedia", {"audio": true, "video": {"width": 5}}, "pair-1", "https://a.example/x"]),
        json!([
            time + 20,
            null,
            "navigator.mediaDevices.getUserMediaOnSuccess",
            [["audio", "t-1", "Mic", "s"]],
            "pair-1"
        ]),
        json!([
            time + 183,
            null,
            "navigator.mediaDevices.getUserMediaOnFailure",
            "NotAllowedError: Permission denied",
            "pair-2",
            "https://b.example/y"
        ]),
        json!([time - 70, "9-1", "create", null, "https://b.example/y"]),
        json!([time + 30, "8-2", "create", null, "https://a.example/x"]),
        json!([time + 83, "8-2", "onconnectionstatechange", "connected"]),
        json!([time + 130, "8-2", "onsignalingstatechange", "stable"]),
        json!([time + 131, "8-2", "addTrack", ["audio", "t-1", "Mic", "s"]]),
        json!([time + 132, "8-2", "getStats", {"P": {"type": "peer-connection", "a": 1}, "X": {"type": "codec"}}]),
        json!([time + 133, "8-2", "getStats", {"P": {"type": "peer-connection", "b": 1}}]),
    ];
    for (event, expected) in events.iter().zip(&expected) {
        assert_eq!(event, expected);
    }
    assert_eq!(events.len(), expected.len());
    assert_eq!(export.notes().iter().map(|note| note.line).collect::<Vec<_>>(), [13]);
    assert_eq!(export.url_of(2), Some("https://a.example/x"));
}

#[test]
fn origins_are_told_apart() {
    let (events, export) = read(TEXT, Some("https://b.example"));
    let methods: Vec<_> = events
        .iter()
        .map(|event| (event[1].clone(), event[2].as_str().unwrap()))
        .collect();
    assert_eq!(
        methods,
        [
            (Value::Null, "create"),
            (Value::Null, "navigator.mediaDevices.getUserMediaOnFailure"),
            (json!("9-1"), "create"),
        ]
    );
    assert_eq!(
        export.origins(),
        [("https://a.example".to_owned(), 1), ("https://b.example".to_owned(), 1)]
    );
}

#[test]
fn exports_are_known_by_their_content() {
    assert!(is_export(TEXT.as_bytes()));
    for other in [
        "RTCStatsDump\n{\"fileFormat\":3}\n[\"create\",null,{},5]\n[39,\"PC_0\",null,1]\n",
        "RTCStatsDump\n{\"fileFormat\":3,\"url\":\"/\"}\n[\"create\",\"8-1\",null,5]\n",
        "RTCStatsDump\n{\"fileFormat\":3}\n",
        "",
    ] {
        assert!(!is_export(other.as_bytes()), "{other}");
    }
    assert!(is_export(b"RTCStatsDump\n{\"fileFormat\":3}\n[\"create\",null,{},5]\n"));
    assert!(is_export(
        b"RTCStatsDump\n{\"fileFormat\":3}\n[\"create\",\"undefined-undefined\",null,5]\n"
    ));
}
