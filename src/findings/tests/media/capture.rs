//! Rules of capture.
use super::*;

#[test]
fn rules_of_capture_fire_and_are_silent() {
    check(&healthy(), CAPTURE);
}

pub const CAPTURE: &[Case] = &[
    (
        "cap.silent",
        |call| quiet(call, 20.0..55.0, 0.99e-6),
        Some((INFO, (20.0, Some(55.0)))),
    ),
    ("cap.silent", |call| quiet(call, 20.0..55.0, 1.01e-6), None),
    ("cap.silent", |call| quiet(call, 20.0..49.0, 0.99e-6), None),
    (
        "cap.silent",
        |call| quiet(call, 20.0..31.0, 0.0),
        Some((INFO, (20.0, Some(31.0)))),
    ),
    ("cap.silent", |call| quiet(call, 20.0..29.0, 0.0), None),
    (
        "cap.silent",
        |call| quiet(call, 20.0..90.0, 0.0),
        Some((INFO, (20.0, Some(90.0)))),
    ),
    // It never gave a sound.
    (
        "cap.silent",
        |call| quiet(call, 0.0..90.0, 0.0),
        Some((WARNING, (6.0, Some(90.0)))),
    ),
    (
        "cap.video-stalled",
        |call| call.grow(SOURCE, 20.0..26.0, "frames", 0.0),
        Some((CRITICAL, (20.0, Some(26.0)))),
    ),
    (
        "cap.video-stalled",
        |call| call.grow(SOURCE, 20.0..24.0, "frames", 0.0),
        None,
    ),
    (
        "cap.video-stalled",
        |call| call.grow(SOURCE, 20.0..28.0, "frames", 0.1),
        None,
    ),
    (
        "cap.low-fps",
        |call| call.grow(SOURCE, 20.0..32.0, "frames", 7.4),
        Some((WARNING, (20.0, Some(32.0)))),
    ),
    ("cap.low-fps", |call| call.grow(SOURCE, 20.0..32.0, "frames", 7.6), None),
    ("cap.low-fps", |call| call.grow(SOURCE, 20.0..29.0, "frames", 7.4), None),
    (
        "cap.low-fps",
        |call| unasked(call).grow(SOURCE, 20.0..32.0, "frames", 5.1),
        None,
    ),
    (
        "cap.low-fps",
        |call| unasked(call).grow(SOURCE, 20.0..32.0, "frames", 4.9),
        Some((WARNING, (20.0, Some(32.0)))),
    ),
    (
        "cap.smaller",
        |call| call.set(SOURCE, 20.0..30.0, "width", 639),
        Some((INFO, (20.0, Some(30.0)))),
    ),
    ("cap.smaller", |call| call.set(SOURCE, 20.0..30.0, "width", 640), None),
    ("cap.smaller", |call| turned(call), None),
    (
        "cap.blank",
        |call| call.grow(VIDEO, 20.0..32.0, "bytesSent", 287.0),
        Some((INFO, (20.0, Some(32.0)))),
    ),
    (
        "cap.blank",
        |call| call.grow(VIDEO, 20.0..32.0, "bytesSent", 289.0),
        None,
    ),
];

/// Sound of this power; the root of it is the level.
fn quiet(call: Call, during: std::ops::Range<f64>, power: f64) -> Call {
    let call = call.grow(MICROPHONE, during.clone(), "totalSamplesDuration", 1.0);
    call.grow(MICROPHONE, during, "totalAudioEnergy", power)
}

/// Nothing was asked of the camera.
fn unasked(mut call: Call) -> Call {
    for entry in &mut call.events {
        if entry.method == "navigator.mediaDevices.getUserMedia" {
            entry.value = json!({"video": true});
        }
    }
    call
}

/// A telephone that is held upright.
fn turned(call: Call) -> Call {
    call.set(SOURCE, 20.0..30.0, "width", 480)
        .set(SOURCE, 20.0..30.0, "height", 640)
}

#[test]
fn what_is_off_or_no_camera_is_not_missed() {
    let track = |call: &Call, kind: &str| -> Value {
        let tracks = call
            .events
            .iter()
            .find(|entry| entry.method.ends_with("getUserMediaOnSuccess"));
        let tracks = tracks.expect("tracks").value.as_array().cloned().expect("a list");
        tracks.iter().find(|track| track[0] == kind).expect("a track")[1].clone()
    };
    let silent = quiet(healthy(), 20.0..55.0, 0.0);
    let microphone = track(&silent, "audio");
    let off = silent.clone().insert(
        19.9,
        "client",
        "MediaStreamTrack.enabled",
        json!(false),
        std::slice::from_ref(&microphone),
    );
    assert_eq!(off.fired("cap.silent"), []);
    let stopped = silent.insert(19.9, "client", "MediaStreamTrack.stop", json!([]), &[microphone]);
    assert_eq!(stopped.fired("cap.silent"), []);
    let stalled = healthy().grow(SOURCE, 20.0..40.0, "frames", 0.0);
    let camera = track(&stalled, "video");
    let text = stalled.insert(
        10.0,
        "client",
        "MediaStreamTrack.contentHint",
        json!("detail"),
        &[camera],
    );
    assert_eq!(text.fired("cap.video-stalled"), []);
    let stalled = healthy().grow(SOURCE, 20.0..40.0, "frames", 0.0);
    let camera = track(&stalled, "video");
    let muted = stalled.insert(19.9, "client", "MediaStreamTrack.onmute", camera, &[]);
    let severities: Vec<_> = muted
        .fired("cap.video-stalled")
        .iter()
        .map(|own| own.severity)
        .collect();
    assert_eq!(severities, [INFO]);
}

#[test]
fn a_level_that_does_not_vary_is_told() {
    let mut high = false;
    let varied = healthy().edit(MICROPHONE, 0.0..100.0, |report| {
        high = !high;
        report.insert("audioLevel".into(), json!(if high { 0.3 } else { 0.2 }));
    });
    assert_eq!(varied.fired("cap.level-constant"), []);
    let constant = |level: f64| varied.clone().set(MICROPHONE, 20.0..52.0, "audioLevel", level);
    let wanted = Some((INFO, (20.0, Some(52.0))));
    assert_eq!(
        constant(0.5).fired("cap.level-constant"),
        expected(&varied, "PC_0", "cap.level-constant", wanted)
    );
    // That is silence, which is another rule's.
    assert_eq!(constant(0.01).fired("cap.level-constant"), []);
    let text = &constant(0.5).findings().findings;
    let text = text
        .iter()
        .find(|finding| finding.rule.id == "cap.level-constant")
        .map(|finding| &*finding.text);
    assert_eq!(
        text,
        Some(
            "The level of the microphone hardly changed for 32 s in all: it stayed at 0.5 of full scale, as that of a tone."
        )
    );
}

#[test]
fn what_lasts_to_the_end_of_a_dump_has_no_end() {
    let open = quiet(healthy(), 20.0..90.0, 0.0).retain(|_, entry| entry.method != "close");
    assert_eq!(open.fired("cap.silent")[0].end, None);
    let open = healthy()
        .grow(SOURCE, 20.0..90.0, "frames", 3.0)
        .retain(|_, entry| entry.method != "close");
    assert_eq!(open.fired("cap.low-fps")[0].end, None);
}

#[test]
fn capture_that_is_not_told_is_not_judged() {
    check_absent(ABSENT);
}

pub const ABSENT: &[Absent] = &[
    ("cap.silent", &[(MICROPHONE, "totalAudioEnergy")]),
    ("cap.level-constant", &[(MICROPHONE, "audioLevel")]),
    ("cap.video-stalled", &[(SOURCE, "frames")]),
    ("cap.low-fps", &[(SOURCE, "framesPerSecond")]),
    ("cap.smaller", &[(SOURCE, "width")]),
    ("cap.blank", &[(VIDEO, "qpSum")]),
];
