//! Rules of receiving.
use super::*;

#[test]
fn rules_of_received_pictures_fire_and_are_silent() {
    check(&healthy(), PICTURES);
}

pub const PICTURES: &[Case] = &[
    (
        "rcv.no-assembly",
        |call| call.grow(VIDEO_IN, 20.0..26.0, "framesReceived", 0.0),
        Some((CRITICAL, (20.0, Some(26.0)))),
    ),
    (
        "rcv.no-assembly",
        |call| call.grow(VIDEO_IN, 20.0..23.0, "framesReceived", 0.0),
        None,
    ),
    ("rcv.no-assembly", |call| trickle(call, 1240.0), None),
    (
        "rcv.no-assembly",
        |call| trickle(call, 1260.0),
        Some((CRITICAL, (20.0, Some(26.0)))),
    ),
    (
        "rcv.no-decode",
        |call| call.grow(VIDEO_IN, 20.0..26.0, "framesDecoded", 0.0),
        Some((CRITICAL, (20.0, Some(26.0)))),
    ),
    (
        "rcv.no-decode",
        |call| call.grow(VIDEO_IN, 20.0..23.0, "framesDecoded", 0.0),
        None,
    ),
    ("rcv.no-decode", |call| far(call), None),
    (
        "rcv.frames-dropped",
        |call| call.grow(VIDEO_IN, 20.0..40.0, "framesDropped", 0.40),
        None,
    ),
    (
        "rcv.frames-dropped",
        |call| call.grow(VIDEO_IN, 20.0..40.0, "framesDropped", 0.47),
        Some((INFO, (20.0, Some(40.0)))),
    ),
    (
        "rcv.frames-dropped",
        |call| call.grow(VIDEO_IN, 20.0..40.0, "framesDropped", 4.70),
        Some((WARNING, (20.0, Some(40.0)))),
    ),
    (
        "rcv.decode-slow",
        |call| call.grow(VIDEO_IN, 20.0..32.0, "totalDecodeTime", 0.79),
        None,
    ),
    (
        "rcv.decode-slow",
        |call| call.grow(VIDEO_IN, 20.0..32.0, "totalDecodeTime", 0.81),
        Some((WARNING, (20.0, Some(32.0)))),
    ),
    (
        "rcv.low-fps",
        |call| call.grow(VIDEO_IN, 20.0..32.0, "framesDecoded", 7.6),
        None,
    ),
    (
        "rcv.low-fps",
        |call| call.grow(VIDEO_IN, 20.0..32.0, "framesDecoded", 7.4),
        Some((INFO, (20.0, Some(32.0)))),
    ),
    (
        "rcv.low-fps",
        |call| call.grow(VIDEO_IN, 0.0..90.0, "framesDecoded", 5.1),
        None,
    ),
    (
        "rcv.low-fps",
        |call| call.grow(VIDEO_IN, 0.0..90.0, "framesDecoded", 4.9),
        Some((INFO, (6.0, Some(90.0)))),
    ),
    (
        "rcv.stopped",
        |call| call.grow(VIDEO_IN, 20.0..26.0, "packetsReceived", 0.0),
        Some((WARNING, (20.0, Some(26.0)))),
    ),
    (
        "rcv.stopped",
        |call| call.grow(VIDEO_IN, 20.0..24.0, "packetsReceived", 0.0),
        None,
    ),
    (
        "rcv.stopped",
        |call| call.grow(SOUND_IN, 20.0..29.0, "packetsReceived", 0.0),
        None,
    ),
    (
        "rcv.stopped",
        |call| call.grow(SOUND_IN, 20.0..32.0, "packetsReceived", 0.0),
        Some((WARNING, (20.0, Some(32.0)))),
    ),
    // The other side sends nothing either.
    (
        "rcv.stopped",
        |call| rests(call).grow(VIDEO_IN, 20.0..40.0, "packetsReceived", 0.0),
        Some((INFO, (20.0, Some(40.0)))),
    ),
    (
        "rcv.rtx-useless",
        |call| asking(call, 3.0),
        Some((INFO, (20.0, Some(40.0)))),
    ),
    ("rcv.rtx-useless", |call| asking(call, 2.4), None),
    (
        "rcv.rtx-useless",
        |call| asking(call, 3.0).grow(VIDEO_IN, 5.0..90.0, "retransmittedPacketsReceived", 1.0),
        None,
    ),
];

#[test]
fn rules_of_received_sound_fire_and_are_silent() {
    check(&healthy(), PLAYED);
}

pub const PLAYED: &[Case] = &[
    ("rcv.jitter-buffer", |call| delayed(call, 20.0..32.0, 0.19), None),
    (
        "rcv.jitter-buffer",
        |call| delayed(call, 20.0..32.0, 0.21),
        Some((WARNING, (20.0, Some(32.0)))),
    ),
    ("rcv.jitter-buffer", |call| delayed(call, 20.0..29.0, 0.21), None),
    (
        "rcv.jitter-buffer",
        |call| delayed(call, 20.0..32.0, 0.51),
        Some((CRITICAL, (20.0, Some(32.0)))),
    ),
    ("rcv.concealed", |call| made_up(call, 20.0..40.0, 0.029), None),
    (
        "rcv.concealed",
        |call| made_up(call, 20.0..40.0, 0.04),
        Some((WARNING, (20.0, Some(40.0)))),
    ),
    (
        "rcv.concealed",
        |call| made_up(call, 20.0..90.0, 0.11),
        Some((CRITICAL, (20.0, Some(90.0)))),
    ),
    ("rcv.stretched", |call| stretched(call, 0.099), None),
    (
        "rcv.stretched",
        |call| stretched(call, 0.11),
        Some((INFO, (20.0, Some(40.0)))),
    ),
    ("rcv.playout-glitch", |call| made_for_speaker(call, 0.009), None),
    (
        "rcv.playout-glitch",
        |call| made_for_speaker(call, 0.02),
        Some((WARNING, (20.0, Some(32.0)))),
    ),
    ("rcv.playout-delay", |call| slow_speaker(call, 0.19), None),
    (
        "rcv.playout-delay",
        |call| slow_speaker(call, 0.21),
        Some((INFO, (20.0, Some(32.0)))),
    ),
    ("rcv.sync", |call| apart(call, 44.0), None),
    ("rcv.sync", |call| apart(call, 46.0), Some((INFO, (20.0, Some(32.0))))),
    (
        "rcv.sync",
        |call| apart(call, 91.0),
        Some((WARNING, (20.0, Some(32.0)))),
    ),
    ("rcv.sync", |call| apart(call, -124.0), None),
    ("rcv.sync", |call| apart(call, -126.0), Some((INFO, (20.0, Some(32.0))))),
    (
        "rcv.sync",
        |call| apart(call, -186.0),
        Some((WARNING, (20.0, Some(32.0)))),
    ),
];

/// The other side has switched its camera off.
fn rests(call: Call) -> Call {
    call.grow("PC_0/remote-outbound-rtp/video", 20.0..40.0, "packetsSent", 0.0)
}

/// Bytes come at this rate, and no frame is put together.
fn trickle(call: Call, rate: f64) -> Call {
    let call = call.grow(VIDEO_IN, 20.0..26.0, "framesReceived", 0.0);
    call.grow(VIDEO_IN, 20.0..26.0, "bytesReceived", rate)
}

/// With a round trip of half a second, a key frame takes longer.
fn far(call: Call) -> Call {
    let call = call.grow(VIDEO_IN, 20.0..27.0, "framesDecoded", 0.0);
    call.set("PC_0/candidate-pair", 19.0..28.0, "currentRoundTripTime", 0.5)
}

/// Packets are asked for, and no packet comes again.
fn asking(call: Call, rate: f64) -> Call {
    let call = call.grow(VIDEO_IN, 5.0..90.0, "retransmittedPacketsReceived", 0.0);
    call.grow(VIDEO_IN, 20.0..40.0, "nackCount", rate)
}

const SAMPLES: f64 = 48_000.0;

fn delayed(call: Call, during: std::ops::Range<f64>, seconds: f64) -> Call {
    let call = call.grow(SOUND_IN, during.clone(), "jitterBufferEmittedCount", SAMPLES);
    call.grow(SOUND_IN, during, "jitterBufferDelay", SAMPLES * seconds)
}

fn made_up(call: Call, during: std::ops::Range<f64>, share: f64) -> Call {
    let call = call.grow(SOUND_IN, 3.0..90.0, "totalSamplesReceived", SAMPLES);
    call.grow(SOUND_IN, during, "concealedSamples", SAMPLES * share)
}

fn stretched(call: Call, share: f64) -> Call {
    let call = call.grow(SOUND_IN, 3.0..90.0, "totalSamplesReceived", SAMPLES);
    let call = call.grow(SOUND_IN, 3.0..90.0, "removedSamplesForAcceleration", 0.0);
    let call = call.grow(SOUND_IN, 3.0..90.0, "insertedSamplesForDeceleration", 0.0);
    call.grow(SOUND_IN, 20.0..40.0, "insertedSamplesForDeceleration", SAMPLES * share)
}

fn made_for_speaker(call: Call, share: f64) -> Call {
    let call = call.grow(PLAYOUT, 3.0..90.0, "totalSamplesDuration", 1.0);
    call.grow(PLAYOUT, 20.0..32.0, "synthesizedSamplesDuration", share)
}

fn slow_speaker(call: Call, seconds: f64) -> Call {
    let call = call.grow(PLAYOUT, 20.0..32.0, "totalSamplesCount", SAMPLES);
    call.grow(PLAYOUT, 20.0..32.0, "totalPlayoutDelay", SAMPLES * seconds)
}

/// The sound is so many ms ahead of the picture for a while, and with it else.
fn apart(call: Call, lead: f64) -> Call {
    let played = |report: &mut serde_json::Map<String, Value>, lead: f64| {
        let time = report["timestamp"].as_f64().expect("a time");
        report.insert("estimatedPlayoutTimestamp".into(), json!(time + lead));
    };
    let call = call.edit(VIDEO_IN, 0.0..90.0, |report| played(report, 0.0));
    let call = call.edit(SOUND_IN, 0.0..90.0, |report| played(report, 0.0));
    call.edit(SOUND_IN, 20.0..32.0, |report| played(report, lead))
}

#[test]
fn a_delay_that_grows_for_minutes_is_told() {
    let call =
        Call::recorded("long-5min-4pc").retain(|_, entry| entry.connection.is_null() || entry.connection == "PC_0");
    let growing = |slope: f64| {
        let mut delay = 0.0;
        let call = call
            .clone()
            .grow(SOUND_IN, 0.0..400.0, "jitterBufferEmittedCount", SAMPLES);
        call.edit(SOUND_IN, 0.0..400.0, |report| {
            let emitted = report["jitterBufferEmittedCount"].as_f64().expect("a count");
            // What a steady growth has summed up until now.
            let seconds = emitted / SAMPLES;
            delay = seconds * 0.02 + seconds * seconds / 2.0 * slope / 60_000.0;
            report.insert("jitterBufferDelay".into(), json!(delay * SAMPLES));
        })
    };
    let grew = |slope: f64| -> Vec<_> {
        let found = growing(slope).findings().findings;
        let own = found
            .into_iter()
            .filter(|finding| finding.rule.id == "rcv.jitter-buffer");
        own.filter(|finding| finding.text.contains("grew")).collect()
    };
    assert!(grew(45.0).is_empty());
    let found = grew(60.0);
    let start = (found[0].start - call.begin).round() / 1000.0;
    assert_eq!(
        (found.len(), found[0].severity, start),
        (1, WARNING, poll_before(&call, "PC_0", 6.0))
    );
    assert!(
        found[0].value.is_some_and(|slope| (slope - 60.0).abs() < 2.0),
        "{}",
        found[0].text
    );
}

#[test]
fn receiving_that_is_not_told_is_not_judged() {
    check_absent(ABSENT);
}

pub const ABSENT: &[Absent] = &[
    ("rcv.nothing", &[("PC_0/inbound-rtp", "packetsReceived")]),
    ("rcv.no-assembly", &[(VIDEO_IN, "framesReceived")]),
    ("rcv.no-decode", &[(VIDEO_IN, "framesReceived")]),
    ("rcv.freeze", &[(VIDEO_IN, "framesDecoded")]),
    ("rcv.pause", &[(VIDEO_IN, "totalPausesDuration")]),
    ("rcv.frames-dropped", &[(VIDEO_IN, "framesDropped")]),
    ("rcv.decode-slow", &[(VIDEO_IN, "totalDecodeTime")]),
    ("rcv.software", &[(VIDEO_IN, "powerEfficientDecoder")]),
    ("rcv.low-fps", &[(VIDEO_IN, "framesDecoded")]),
    ("rcv.stopped", &[("PC_0/inbound-rtp", "packetsReceived")]),
    ("rcv.rtx-useless", &[(VIDEO_IN, "nackCount")]),
    ("rcv.jitter-buffer", &[(SOUND_IN, "jitterBufferDelay")]),
    ("rcv.concealed", &[(SOUND_IN, "concealedSamples")]),
    ("rcv.stretched", &[(SOUND_IN, "insertedSamplesForDeceleration")]),
    ("rcv.sync", &[(SOUND_IN, "estimatedPlayoutTimestamp")]),
    ("rcv.playout-glitch", &[(PLAYOUT, "synthesizedSamplesDuration")]),
    ("rcv.playout-delay", &[(PLAYOUT, "totalPlayoutDelay")]),
];
