//! Received streams that do not flow, are not decoded as they should be, or shown too small.
use super::*;

#[test]
fn what_a_key_frame_would_help_is_told_apart() {
    let text = |call: Call| -> String {
        let found = call.findings().findings;
        let own = found.iter().find(|finding| finding.rule.id == "rcv.no-decode");
        own.map(|finding| finding.text.clone()).unwrap_or_default()
    };
    let stuck = healthy().grow(VIDEO_IN, 20.0..26.0, "framesDecoded", 0.0);
    assert_eq!(
        text(stuck.clone()),
        "No frame of the video was decoded for 6 s, although 90 were received: the decoder stood still."
    );
    let waits = text(stuck.grow(VIDEO_IN, 20.0..26.0, "pliCount", 0.5));
    assert!(
        waits.ends_with("it waited for a key frame, which it asked for."),
        "{waits}"
    );
}

#[test]
fn a_connection_that_brings_nothing_is_told() {
    let silent = healthy()
        .remove_reports(VIDEO_IN, 0.0..90.0)
        .remove_reports(SOUND_IN, 0.0..90.0);
    let connected = silent.events.iter().find(|entry| {
        entry.connection == "PC_0" && entry.method == "onconnectionstatechange" && entry.value == "connected"
    });
    let start = (connected.expect("connected").time - silent.begin) / 1000.0;
    let fired = |end| Fired {
        rule: "rcv.nothing",
        connection: Some("PC_0".into()),
        severity: CRITICAL,
        start,
        end,
    };
    let closed = silent
        .events
        .iter()
        .find(|entry| entry.connection == "PC_0" && entry.method == "close");
    let closed = closed.map(|entry| (entry.time - silent.begin) / 1000.0);
    assert_eq!(silent.fired("rcv.nothing"), [fired(closed)]);
    let late = |until| {
        healthy()
            .remove_reports(VIDEO_IN, 0.0..until)
            .remove_reports(SOUND_IN, 0.0..until)
    };
    let call = late(12.0);
    assert_eq!(
        call.fired("rcv.nothing"),
        [fired(Some(poll_before(&call, "PC_0", 13.0)))]
    );
    assert_eq!(late(9.0).fired("rcv.nothing"), []);
    let untold = silent.retain(|_, entry| entry.method != "ontrack");
    assert_eq!(untold.fired("rcv.nothing"), []);
}

#[test]
fn a_video_that_is_shown_too_small_is_told() {
    let size =
        |width: u32, height: u32| json!({"width": width, "height": height, "videoWidth": 640, "videoHeight": 480});
    let shown = |width, height, end: f64| {
        let call = healthy().insert(
            20.0,
            "PC_0",
            "HTMLMediaElement.resize",
            size(width, height),
            &[json!("t")],
        );
        call.insert(end, "PC_0", "HTMLMediaElement.resize", size(640, 480), &[json!("t")])
    };
    let fired = Fired {
        rule: "rcv.oversized",
        connection: Some("PC_0".into()),
        severity: INFO,
        start: 20.0,
        end: Some(50.5),
    };
    assert_eq!(shown(319, 240, 50.5).fired("rcv.oversized"), [fired]);
    assert_eq!(shown(320, 240, 50.5).fired("rcv.oversized"), []);
    assert_eq!(shown(319, 240, 49.5).fired("rcv.oversized"), []);
}

#[test]
fn a_decoder_that_falls_back_is_told() {
    let changed = healthy().set(VIDEO_IN, 0.0..20.0, "powerEfficientDecoder", true);
    let fired = changed.fired("rcv.software");
    assert_eq!(fired.len(), 1);
    assert_eq!(
        (fired[0].severity, fired[0].start),
        (INFO, poll_before(&changed, "PC_0", 21.0))
    );
    let fallback = healthy().set(
        VIDEO_IN,
        20.0..90.0,
        "decoderImplementation",
        "libvpx (fallback from: X)",
    );
    assert_eq!(fallback.fired("rcv.software").len(), 1);
}
