//! Features of the client.
use serde_json::json;

use super::*;

fn client(events: &[(&str, &str)]) -> Value {
    let line = |(method, value): &(&str, &str)| format!(r#"["{method}",null,{value},100]"#);
    features(&events.iter().map(line).collect::<Vec<_>>())
}

#[test]
fn members_of_the_first_create_are_features() {
    let found = client(&[
        (
            "create",
            r#"{"deviceMemory":8,"own":[1],"userAgentData":{"platform":"X"},"deviceMemory":4}"#,
        ),
        ("create", r#"{"deviceMemory":1,"other":1}"#),
    ]);
    assert_eq!(
        members(&found, ["deviceMemory", "own", "operatingSystem", "other"]),
        [json!(4), json!([1]), json!("X"), Value::Null]
    );
}

#[test]
fn create_cannot_stand_in_for_other_features() {
    let found = client(&[(
        "create",
        r#"{"duration":7,"getUserMediaError":"x","peerConnections":1,"d\u0075ration":8,"audioEnded":"kept","a\"b":1}"#,
    )]);
    assert_eq!(
        members(&found, ["duration", "getUserMediaError", "audioEnded", "a\"b"]),
        [json!(0), Value::Null, json!("kept"), json!(1)]
    );
    assert_eq!(found["peerConnections"], json!([]));
}

#[test]
fn without_create_what_needs_it_is_absent() {
    for events in [&[][..], &[("create", "null")], &[("close", "1005")]] {
        let found = client(events);
        assert_eq!(found["calledGetUserMedia"], json!(false));
        assert_eq!(
            members(&found, ["operatingSystem", "deviceMemory"]),
            [Value::Null, Value::Null]
        );
        assert_eq!(found.get("startTime").is_some(), !events.is_empty());
    }
}

#[test]
fn media_that_was_asked_for_is_told() {
    let user = "navigator.mediaDevices.getUserMedia";
    let names = [
        "calledGetUserMedia",
        "calledGetUserMediaAudio",
        "calledGetUserMediaVideo",
        "calledGetUserMediaCombined",
    ];
    for (values, expected) in [
        (&["null"][..], [true, false, false, false]),
        (&[r#"{"audio":true}"#, r#"{"video":{}}"#], [true, true, true, false]),
        (&[r#"{"audio":{},"video":true}"#], [true, true, true, true]),
        (&[r#"{"audio":0,"video":""}"#], [true, false, false, false]),
        (&[], [false, false, false, false]),
    ] {
        let events: Vec<_> = values.iter().map(|value| (user, *value)).collect();
        assert_eq!(
            members(&client(&events), names),
            expected.map(Value::Bool),
            "{values:?}"
        );
    }
    let display = "navigator.mediaDevices.getDisplayMedia";
    for (value, video) in [
        ("null", true),
        ("{}", true),
        (r#"{"video":false}"#, false),
        (r#"{"video":0}"#, true),
    ] {
        assert_eq!(
            client(&[(display, value)])["calledGetDisplayMediaVideo"],
            json!(video),
            "{value}"
        );
    }
}

#[test]
fn results_are_counted_and_the_first_error_is_kept() {
    let found = client(&[
        ("navigator.mediaDevices.getUserMediaOnFailure", r#""NotFoundError: a""#),
        (
            "navigator.mediaDevices.getUserMediaOnFailure",
            r#""NotAllowedError: b""#,
        ),
        ("navigator.mediaDevices.getUserMediaOnSuccess", "[]"),
        ("navigator.mediaDevices.getDisplayMediaOnFailure", "null"),
        ("navigator.mediaDevices.getDisplayMediaOnSuccess", "7"),
        ("navigator.mediaDevices.enumerateDevices", "null"),
        ("websocket", r#"{"connectionTime":5.5}"#),
        ("websocket", r#"{"connectionTime":6}"#),
    ]);
    let names = [
        "getUserMediaErrorCount",
        "getUserMediaSuccessCount",
        "getUserMediaError",
        "getDisplayMediaErrorCount",
        "getDisplayMediaSuccessCount",
        "enumerateDevicesCount",
        "webSocketConnectionTime",
        "startTime",
        "duration",
    ];
    let expected = [
        json!(2),
        json!(1),
        json!("NotFoundError: a"),
        json!(1),
        json!(1),
        json!(1),
        json!(5.5),
    ];
    assert_eq!(members(&found, names)[..7], expected);
    assert_eq!(members(&found, names)[7..], [json!(100), json!(700)]);
}

#[test]
fn the_first_usb_id_of_each_kind_is_kept() {
    let success = |label: &str| {
        let track = format!(r#"[["audio","a","{label}"],["video","v","{label} (0001:00aF)"],["audio"],7]"#);
        client(&[("navigator.mediaDevices.getUserMediaOnSuccess", &track)])
    };
    for (label, expected) in [
        ("Mic (046d:082d)", json!("046d:082d")),
        ("Mic (046d:082d) ", Value::Null),
        ("Mic (046d:082x)", Value::Null),
        ("Mic (146d:0082d)", Value::Null),
        ("(1234:5678) (x)", Value::Null),
        ("", Value::Null),
    ] {
        let found = success(label);
        assert_eq!(members(&found, ["audioDeviceUsbId"]), [expected], "{label}");
        assert_eq!(found["videoDeviceUsbId"], json!("0001:00aF"));
    }
}

#[test]
fn tracks_that_end_are_those_of_an_earlier_success() {
    let names = ["audioEnded", "audioShortDuration", "videoEnded", "videoShortDuration"];
    let success = r#"["navigator.mediaDevices.getUserMediaOnSuccess",null,[["audio","a",""],["video","v",""]],1]"#;
    let ended = |id: &str, delta: u32| format!(r#"["MediaStreamTrack.onended",null,"{id}",{delta}]"#);
    let yes = json!(true);
    for (lines, expected) in [
        (
            vec![ended("a", 1), success.into()],
            [Value::Null, Value::Null, Value::Null, Value::Null],
        ),
        (
            vec![success.into(), ended("a", 999)],
            [yes.clone(), yes.clone(), Value::Null, Value::Null],
        ),
        (
            vec![success.into(), ended("v", 1000)],
            [Value::Null, Value::Null, yes.clone(), Value::Null],
        ),
        // The latest success with the id counts.
        (
            vec![success.into(), ended("b", 2000), success.into(), ended("a", 5)],
            [yes.clone(), yes.clone(), Value::Null, Value::Null],
        ),
    ] {
        assert_eq!(members(&features(&lines), names), expected, "{lines:?}");
    }
}
