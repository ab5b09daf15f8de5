//! Entries of every generation.
use super::*;

fn made(entry: &str) -> String {
    let mut made = Made::default();
    make(Json::parse(entry.as_bytes()).unwrap(), 5.0, &mut made);
    let name = match made.method {
        Named::Known(method) => method.name.to_owned(),
        Named::Other(name) => String::from_utf8(name).unwrap(),
        Named::Nothing => String::new(),
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{name} {} [{}]", text(&made.value), text(&made.extra))
}

#[test]
fn requests_and_answers() {
    for (entry, expected) in [
        (
            r#"{"audio":"","origin":"http://a","pid":1,"request_id":0,"request_type":"getUserMedia","rid":8,"timestamp":1.5,"video":"{\"width\": {\"ideal\": 320}}"}"#,
            r#"navigator.mediaDevices.getUserMedia {"audio":true,"video":{"width":{"ideal":320}}} ["internals-8-0"]"#,
        ),
        (
            r#"{"rid":1,"pid":2,"origin":"http://a","audio":"{width: {ideal: 640}}","video":"mandatory: {a: 1}"}"#,
            r#"navigator.mediaDevices.getUserMedia {"audio":{"width":{"ideal":640}},"video":"mandatory: {a: 1}"} []"#,
        ),
        (
            r#"{"audio_track_info":"{\"id\":\"t-1\",\"label\":\"Mic\"}","request_id":0,"request_type":"getUserMedia","rid":8,"stream_id":"s","video_track_info":"null"}"#,
            r#"navigator.mediaDevices.getUserMediaOnSuccess [["audio","t-1","Mic","s"]] ["internals-8-0"]"#,
        ),
        (
            r#"{"audio_track_info":"","video_track_info":"id:t-2 label:Camera label: x","stream_id":"s"}"#,
            r#"navigator.mediaDevices.getUserMediaOnSuccess [["video","t-2","Camera label: x","s"]] []"#,
        ),
        (
            r#"{"error":"NotAllowedError","error_message":"Permission denied","request_type":"getDisplayMedia","rid":1,"request_id":7}"#,
            r#"navigator.mediaDevices.getDisplayMediaOnFailure "NotAllowedError: Permission denied" ["internals-1-7"]"#,
        ),
        (
            r#"{"error":"OverconstrainedError","error_message":""}"#,
            r#"navigator.mediaDevices.getUserMediaOnFailure "OverconstrainedError" []"#,
        ),
        (r#"{}"#, "navigator.mediaDevices.getUserMedia {} []"),
        (
            r#"{"request_type":"selectAudioOutput","audio":true}"#,
            r#""navigator.mediaDevices.selectAudioOutput" {"audio":true} []"#,
        ),
    ] {
        assert_eq!(made(entry), expected, "{entry}");
    }
}
