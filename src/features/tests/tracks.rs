//! Which tracks there are, which streams they get, and what is made of those.
use serde_json::json;

use super::*;

const A: &str = r#"["audio","a","label","stream"]"#;
const V: &str = r#"["video","v","label","stream"]"#;

/// Some members of all tracks.
fn tracks<const N: usize>(events: &[(&str, &str)], names: [&str; N]) -> Vec<[Value; N]> {
    let found = connection(events);
    found["tracks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|track| members(track, names))
        .collect()
}

fn inbound(id: u32, track: &str, more: &str) -> String {
    format!(r#""{id}":{{"type":"inbound-rtp","trackIdentifier":"{track}"{more}}}"#)
}

/// An outbound stream and its source.
fn outbound(id: u32, track: &str, more: &str) -> String {
    let source = id + 50;
    format!(
        r#""{id}":{{"type":"outbound-rtp","mediaSourceId":"{source}"{more}}},"{source}":{{"type":"media-source","trackIdentifier":"{track}"}}"#
    )
}

#[test]
fn calls_make_tracks_known() {
    let found = tracks(
        &[
            ("addTrack", A),
            ("addTrack", A),
            ("addTransceiver", r#"["audio",{}]"#),
            ("addTransceiver", &format!("[{V}]")),
            ("ontrack", A),
            ("ontrack", A),
            ("replaceTrack", &format!("[{A},{V}]")),
            ("replaceTrack", &format!("[{A},null]")),
            ("replaceTrack", r#"[null,["video","w"]]"#),
            ("addTrack", r#"{"kind":"audio"}"#),
            ("addTrack", r#"["audio"]"#),
            ("addTrack", r#"["audio",7]"#),
            ("ontrack", "null"),
        ],
        ["kind", "trackIdentifier", "direction", "startTime", "duration"],
    );
    let track = |kind: &str, id: &str, direction: &str, start: u32| {
        [json!(kind), json!(id), json!(direction), json!(start), json!(0)]
    };
    assert_eq!(
        found,
        [
            track("audio", "a", "outbound", 1000),
            track("audio", "a", "outbound", 2000),
            track("video", "v", "outbound", 4000),
            track("audio", "a", "inbound", 5000),
            track("video", "w", "outbound", 9000),
        ]
    );
}

#[test]
fn transceivers_make_tracks_known_that_no_call_does() {
    let transceiver = |reason: &str, current: &str| {
        format!(
            r#"{{"kind":"audio","sender":{{"track":"a"}},"receiver":{{"track":"r"}},"reason":"{reason}","currentDirection":{current}}}"#
        )
    };
    let names = ["trackIdentifier", "direction", "startTime"];
    let added = transceiver("addTrack", "null");
    let sent = |start: u32| [json!("a"), json!("outbound"), json!(start)];
    let received = |start: u32| [json!("r"), json!("inbound"), json!(start)];
    let from = |method| tracks(&[("transceiverAdded", &added), (method, A)], names);
    assert_eq!(from("addTrack"), [sent(2000)]);
    assert_eq!(
        tracks(&[("addTrack", A), ("transceiverAdded", &added)], names),
        [sent(1000)]
    );
    let remote = transceiver("setRemoteDescription", "null");
    let current = |direction: &str| transceiver("setLocalDescription", &format!("\"{direction}\""));
    assert_eq!(
        tracks(&[("transceiverAdded", &remote), ("ontrack", r#"["audio","r"]"#)], names),
        [received(1000)]
    );
    assert_eq!(
        tracks(&[("transceiverModified", &current("sendonly"))], names),
        Vec::<[Value; 3]>::new()
    );
    let both = [
        ("transceiverModified", &*current("sendonly")),
        ("transceiverModified", &current("sendrecv")),
    ];
    assert_eq!(tracks(&both, names), [received(2000)]);
    for value in [
        "null",
        "7",
        r#"{"kind":"audio","reason":"addTrack","sender":{"track":null}}"#,
    ] {
        assert_eq!(tracks(&[("transceiverAdded", value)], names), Vec::<[Value; 3]>::new());
    }
}

#[test]
fn a_track_takes_the_first_stream_of_its_id_and_direction_and_keeps_it() {
    let names = ["direction", "nackCount"];
    let n = |count: u32| format!(r#","nackCount":{count}"#);
    let (out, inn) = (json!("outbound"), json!("inbound"));
    // The lowest report counts, in whatever order they come.
    let layers = format!("{{{},{}}}", outbound(9, "v", &n(9)), outbound(3, "v", &n(3)));
    assert_eq!(
        tracks(&[("addTrack", V), ("g", &layers)], names),
        [[out.clone(), json!(3)]]
    );
    assert_eq!(
        tracks(&[("g", &layers), ("addTrack", V), ("g", "{}")], names),
        [[out.clone(), json!(3)]]
    );
    // A second track of the same id gets the next stream.
    assert_eq!(
        tracks(&[("addTrack", V), ("addTrack", V), ("g", &layers)], names),
        [[out.clone(), json!(3)], [out.clone(), json!(9)]]
    );
    // The other direction does not suit.
    let both = format!("{{{},{}}}", inbound(1, "v", &n(1)), outbound(3, "v", &n(3)));
    assert_eq!(
        tracks(&[("addTrack", V), ("ontrack", V), ("g", &both)], names),
        [[out.clone(), json!(3)], [inn, json!(1)]]
    );
    // After a replacement the stream stays; the new track takes what it finds.
    let replaced = format!("{{{}}}", outbound(3, "w", &n(4)));
    assert_eq!(
        tracks(
            &[
                ("addTrack", V),
                ("g", &layers),
                ("replaceTrack", r#"[null,["video","w"]]"#),
                ("g", &replaced)
            ],
            names
        ),
        [[out.clone(), json!(4)], [out.clone(), Value::Null]]
    );
    // A source that becomes right later, or comes without its stream.
    let later = [
        ("addTrack", V),
        (
            "g",
            r#"{"3":{"type":"outbound-rtp","nackCount":5,"mediaSourceId":"53"}}"#,
        ),
    ];
    let source = [
        ("g", r#"{"53":{"type":"media-source","trackIdentifier":"v"}}"#),
        ("g", "{}"),
    ];
    assert_eq!(tracks(&[later, source].concat(), names), [[out, json!(5)]]);
}

#[test]
fn an_earlier_track_shares_the_stream_of_a_later_one_once_it_has_its_id() {
    let (a, b) = (r#"["video","a"]"#, r#"["video","b"]"#);
    let found = tracks(
        &[
            ("addTrack", a),
            ("addTrack", b),
            ("g", &format!("{{{}}}", outbound(3, "b", r#","nackCount":1"#))),
            ("g", &format!("{{{}}}", outbound(3, "a", r#","nackCount":2"#))),
        ],
        ["nackCount", "duration"],
    );
    assert_eq!(found, [[json!(2), json!(3000)], [json!(2), json!(2000)]]);
}

#[test]
fn last_values_are_those_before_a_report_goes() {
    let names = ["nackCount", "duration", "packetsReceivedWithCe"];
    let stream = outbound(3, "v", r#","nackCount":1,"remoteId":"7""#);
    let begin = format!(r#"{{{stream},"7":{{"type":"remote-inbound-rtp","packetsReceivedWithCe":4}}}}"#);
    let events = [
        ("addTrack", V),
        ("g", &begin),
        ("g", r#"{"3":{"nackCount":2}}"#),
        ("g", r#"{"3":null,"7":null}"#),
    ];
    assert_eq!(tracks(&events, names), [[json!(2), json!(2000), json!(4)]]);
    // It may come back: then it is as it is now.
    let again = [&events[..], &[("g", "{}"), ("g", r#"{"3":{"type":"outbound-rtp"}}"#)]].concat();
    assert_eq!(tracks(&again, names), [[Value::Null, json!(5000), Value::Null]]);
}

#[test]
fn codecs_are_those_that_are_shown_first() {
    let names = ["codecMimeType", "codecSdpFmtpLine"];
    let codec = |id: u32, name: &str| format!(r#""{id}":{{"type":"codec","mimeType":"{name}"}}"#);
    let begin = format!("{{{}}}", outbound(3, "v", r#","codecId":"8""#));
    let second = format!("{{{},{}}}", codec(8, "x"), codec(9, "y"));
    let events = [
        ("addTrack", V),
        ("g", &begin),
        ("g", &second),
        ("g", r#"{"3":{"codecId":"9"}}"#),
    ];
    assert_eq!(tracks(&events, names), [[json!("x"), json!("")]]);
    assert_eq!(tracks(&events[..2], names), [[Value::Null, Value::Null]]);
}

#[test]
fn sizes_count_once_for_each_statistics() {
    let names = [
        "commonWidth",
        "commonHeight",
        "minWidth",
        "maxWidth",
        "minHeight",
        "maxHeight",
    ];
    let size = |width: &str, height: u32| format!(r#","frameWidth":{width},"frameHeight":{height}"#);
    let poll = |more: &str| format!("{{{}}}", outbound(3, "v", more));
    let values = [
        poll(&size("640", 480)),
        poll(&size("320", 480)),
        "{}".to_string(),
        poll(&size("640", 0)),
        poll(&size("\"9\"", 9)),
        poll(&size("640", 240)),
        r#"{"3":null}"#.to_string(),
        "{}".to_string(),
    ];
    let of = |track: &str| {
        let mut events = vec![("addTrack", track)];
        events.extend(values.iter().map(|value| ("g", value.as_str())));
        tracks(&events, names)
    };
    assert_eq!(of(V), [[320, 480, 320, 640, 240, 480].map(|length| json!(length))]);
    assert_eq!(of(&V.replace("video", "audio")), [[const { Value::Null }; 6]]);
}

#[test]
fn flushes_are_periodic_if_all_distances_are() {
    let poll = |flushes: &str, delta: u32| {
        format!(
            r#"["g","PC_0",{{{}}},{delta}]"#,
            inbound(1, "a", &format!(r#","jitterBufferFlushes":{flushes}"#))
        )
    };
    for (polls, expected) in [
        (
            &[("0", 1000), ("1", 3000), ("1", 1000), ("2", 2000), ("3", 5000)][..],
            json!(true),
        ),
        (&[("0", 1000), ("1", 3000), ("2", 2999), ("3", 5000)], json!(false)),
        (&[("0", 1000), ("1", 3000), ("2", 5001), ("3", 5000)], json!(false)),
        (&[("0", 1000), ("1", 3000), ("2", 3000)], Value::Null),
        (
            &[
                ("3", 1000),
                ("2", 3000),
                ("3", 3000),
                ("\"4\"", 1),
                ("5", 3999),
                ("6", 4000),
            ],
            json!(true),
        ),
    ] {
        for (track, is_meant) in [(A, true), (&A.replace("audio", "video"), false)] {
            let mut lines = vec![line("PC_0", "ontrack", track)];
            lines.extend(polls.iter().map(|(flushes, delta)| poll(flushes, *delta)));
            let track = &features(&lines)["peerConnections"][0]["tracks"][0];
            let expected = if is_meant { expected.clone() } else { Value::Null };
            assert_eq!(
                members(track, ["hasPeriodicJitterBufferFlushes"]),
                [expected],
                "{polls:?}"
            );
        }
    }
}

#[test]
fn unmuting_counts_once_and_only_behind_the_track() {
    let names = ["timeToFirstFrame"];
    let unmute = ("MediaStreamTrack.onunmute", r#""v""#);
    assert_eq!(tracks(&[("ontrack", V), unmute, unmute], names), [[json!(1000)]]);
    assert_eq!(tracks(&[unmute, ("ontrack", V), unmute], names), [[Value::Null]]);
    assert_eq!(tracks(&[("addTrack", V), unmute], names), [[Value::Null]]);
}

#[test]
fn only_inbound_video_can_lack_a_decoder() {
    let poll = format!(
        "{{{}}}",
        inbound(1, "v", r#","decoderImplementation":"NullVideoDecoder""#)
    );
    let events = [
        ("ontrack", V),
        ("g", &poll),
        ("g", r#"{"1":{"decoderImplementation":"libvpx"}}"#),
    ];
    let names = ["hasNullVideoDecoder", "decoderImplementation"];
    assert_eq!(tracks(&events, names), [[json!(true), json!("libvpx")]]);
    assert_eq!(tracks(&events[..1], names), [[json!(false), Value::Null]]);
    assert_eq!(tracks(&[("ontrack", A)], names), [[Value::Null, Value::Null]]);
    assert_eq!(tracks(&[("addTrack", V)], names), [[Value::Null, Value::Null]]);
}

#[test]
fn quotients_need_both_parts() {
    let names = ["averageEncodeTime", "frameCount", "keyFrameCount"];
    let of = |more: &str| {
        tracks(
            &[("addTrack", V), ("g", &format!("{{{}}}", outbound(3, "v", more)))],
            names,
        )
    };
    let encoded = r#","totalEncodeTime":3,"framesEncoded":2,"framesDecoded":7,"keyFramesDecoded":1"#;
    assert_eq!(of(encoded), [[json!(1.5), json!(2), json!(1)]]);
    assert_eq!(
        of(r#","totalEncodeTime":3,"framesEncoded":0"#),
        [[Value::Null, json!(0), Value::Null]]
    );
    assert_eq!(of(r#","framesEncoded":2"#), [[Value::Null, json!(2), Value::Null]]);
    assert_eq!(
        of(r#","totalEncodeTime":"3","framesEncoded":2"#),
        [[Value::Null, json!(2), Value::Null]]
    );
    assert_eq!(
        of(r#","totalEncodeTime":1e400,"framesEncoded":1e400"#),
        [[Value::Null, Value::Null, Value::Null]]
    );
}

#[test]
fn quality_limits_are_shares_of_all_causes() {
    let names = ["bandwidth", "cpu", "other"].map(|cause| format!("{cause}QualityLimitationPercentage"));
    let names = [&*names[0], &names[1], &names[2]];
    let of = |value: &str| {
        let more = format!(r#","qualityLimitationDurations":{value}"#);
        tracks(
            &[("addTrack", V), ("g", &format!("{{{}}}", outbound(3, "v", &more)))],
            names,
        )
    };
    let some = of(r#"{"bandwidth":1,"cpu":0,"none":3}"#);
    assert_eq!(some, [[json!(0.25), json!(0), Value::Null]]);
    for value in [
        r#"{"bandwidth":0,"cpu":0,"other":0}"#,
        "{}",
        "7",
        "null",
        r#"{"cpu":"1"}"#,
    ] {
        assert_eq!(of(value), [[const { Value::Null }; 3]], "{value}");
    }
}

#[test]
fn psnr_needs_measurements() {
    let names = ["psnrMeasurements", "psnrSumY", "psnrSumU", "psnrSumV"];
    let of = |more: &str| {
        tracks(
            &[("addTrack", V), ("g", &format!("{{{}}}", outbound(3, "v", more)))],
            names,
        )
    };
    let sum = r#","psnrSum":{"y":80.5,"u":90}"#;
    assert_eq!(
        of(&format!(r#","psnrMeasurements":2{sum}"#)),
        [[json!(2), json!(80.5), json!(90), Value::Null]]
    );
    assert_eq!(
        of(&format!(r#","psnrMeasurements":0{sum}"#)),
        [[const { Value::Null }; 4]]
    );
    assert_eq!(of(sum), [[const { Value::Null }; 4]]);
    assert_eq!(
        of(r#","psnrMeasurements":2"#),
        [[json!(2), Value::Null, Value::Null, Value::Null]]
    );
}
