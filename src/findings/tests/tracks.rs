//! What happened to devices and tracks, and around the call.
use serde_json::{Value, json};

use super::rig::Call;
use super::trace::{Critical, Info, Row, at, call, found, found_in, texts};

fn client(seconds: f64, method: &str, value: Value) -> Row<'_> {
    (seconds, "client", method, value)
}

/// A microphone and a shared screen, both sent.
fn sent() -> Vec<Row<'static>> {
    vec![
        client(1.0, "gumOnSuccess 60-0", json!([["audio", "mic", "x", "s"]])),
        client(
            1.0,
            "devices.getDisplayMediaOnSuccess 63-0",
            json!([["video", "screen", "x", "s"]]),
        ),
        at(2.0, "create", json!(null)),
        at(2.0, "addTrack", json!(["audio", "mic", "x", "s"])),
        at(2.0, "addTrack", json!(["video", "screen", "x", "s"])),
    ]
}

fn with(rows: &[Row<'static>]) -> Vec<Row<'static>> {
    [sent(), rows.to_vec(), vec![client(60.0, "x", json!(null))]].concat()
}

#[test]
fn a_track_that_ends_by_itself_is_found() {
    let ended = |id: &str| client(20.0, "track.onended", json!(id));
    assert_eq!(
        found("cap.track-ended", &with(&[ended("mic")])),
        [(Critical, 20.0, None)]
    );
    assert_eq!(
        found("cap.track-ended", &with(&[ended("screen")])),
        [(Info, 20.0, None)]
    );
    assert_eq!(found("cap.track-ended", &with(&[ended("unknown")])), []);
    // Not behind a stop, not without an open connection, and not one of the far side.
    let stopped = client(19.0, "track.stop mic", json!([]));
    assert_eq!(found("cap.track-ended", &with(&[stopped, ended("mic")])), []);
    assert_eq!(
        found(
            "cap.track-ended",
            &with(&[at(19.0, "close", json!(null)), ended("mic")])
        ),
        []
    );
    assert_eq!(
        found("cap.track-ended", &with(&[at(20.0, "track.onended", json!("mic"))])),
        []
    );
}

#[test]
fn a_track_is_switched_off_from_one_event_to_the_next() {
    let switch = |seconds, id: &'static str, on: bool| -> Row<'static> {
        let method = if id == "mic" {
            "track.enabled mic"
        } else {
            "track.enabled other"
        };
        client(seconds, method, json!(on))
    };
    let off = |rows: &[Row<'static>]| found("cap.disabled", &with(rows));
    let (begin, end) = (switch(10.0, "mic", false), switch(12.5, "mic", true));
    assert_eq!(off(&[begin.clone(), end.clone()]), [(Info, 10.0, Some(12.5))]);
    assert_eq!(
        off(&[begin.clone(), switch(11.0, "mic", false), end.clone()]),
        [(Info, 10.0, Some(12.5))]
    );
    assert_eq!(off(std::slice::from_ref(&begin)), [(Info, 10.0, None)]);
    assert_eq!(
        off(&[begin.clone(), client(20.0, "track.stop mic", json!([]))]),
        [(Info, 10.0, Some(20.0))]
    );
    assert_eq!(
        off(&[begin, at(30.0, "close", json!(null))]),
        [(Info, 10.0, Some(30.0))]
    );
    assert_eq!(off(&[end]), []);
    // One that is not sent says nothing.
    assert_eq!(off(&[switch(10.0, "other", false)]), []);
}

#[test]
fn a_sender_without_a_track_is_found() {
    let replace = |seconds, old: Value, new: Value| at(seconds, "replaceTrack s1", json!([old, new]));
    let mic = || json!(["audio", "mic", "x", "s"]);
    let null = || json!(null);
    let spans = |rows: &[Row<'static>]| found("snd.null-track", &with(rows));
    let away = replace(10.0, mic(), null());
    assert_eq!(
        spans(&[away.clone(), replace(15.0, null(), mic())]),
        [(Info, 10.0, Some(15.0))]
    );
    assert_eq!(
        spans(&[away.clone(), replace(12.0, null(), null())]),
        [(Info, 10.0, None)]
    );
    assert_eq!(spans(&[away, at(20.0, "close", null())]), [(Info, 10.0, Some(20.0))]);
    assert_eq!(spans(&[replace(10.0, mic(), mic()), replace(11.0, null(), mic())]), []);
}

#[test]
fn devices_that_come_or_go_are_told_by_what_the_page_lists() {
    let list = |seconds, ids: &[&str]| {
        let device =
            |id: &&str| json!({"kind": if id.starts_with('m') { "audioinput" } else { "videoinput" }, "deviceId": id});
        client(seconds, "devices.enumerateDevices", ids.iter().map(device).collect())
    };
    let change = |seconds| client(seconds, "devices.ondevicechange", json!(null));
    let rows = with(&[
        list(5.0, &["m1", "c1"]),
        change(10.0),
        change(10.5),
        list(11.0, &["m1", "m2", "m3"]),
    ]);
    assert_eq!(found("dev.changed", &rows), [(Info, 10.0, Some(10.5))]);
    let words = "The devices of the machine changed: 2 microphones came, 1 camera went.";
    assert_eq!(texts("dev.changed", &call(&rows)), [words]);
    let unlisted = "The devices of the machine changed; the page did not list them before and after.";
    assert_eq!(texts("dev.changed", &call(&with(&[change(10.0)]))), [unlisted]);
    assert_eq!(
        texts("dev.changed", &call(&with(&[change(10.0), change(20.0)]))),
        [unlisted; 2]
    );
    assert_eq!(
        found("dev.changed", &with(&[at(9.0, "close", json!(null)), change(10.0)])),
        []
    );
}

#[test]
fn reloads_and_new_connections_to_the_server_are_told() {
    let reloaded = |count: Value| found("env.reloaded", &[client(1.0, "create", json!({"reloadCount": count}))]);
    assert_eq!(reloaded(json!(0)), []);
    assert_eq!(reloaded(json!(null)), []);
    assert_eq!(reloaded(json!(2)), [(Info, 1.0, Some(1.0))]);
    let socket = |seconds| client(seconds, "websocket", json!({"connectionTime": 5}));
    assert_eq!(found("env.reconnected", &[socket(1.0)]), []);
    assert_eq!(
        found("env.reconnected", &[socket(1.0), socket(9.0), socket(30.0)]),
        [(Info, 9.0, Some(30.0))]
    );
    for (name, expected) in [("reload-count-0", 0), ("reload-count-1", 1), ("reload-count-2", 1)] {
        assert_eq!(
            found_in("env.reloaded", &Call::recorded(name)).len(),
            expected,
            "{name}"
        );
    }
}

#[test]
fn tracks_that_were_switched_off_in_a_recording_are_found() {
    let spans = found_in("cap.disabled", &Call::recorded("track-ops"));
    assert_eq!(spans, [(Info, 0.337, Some(2.338)); 2]);
}
