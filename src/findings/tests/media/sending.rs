//! Rules of sending.
use super::*;
use crate::findings::tests::rig::Entry;

const TOP: &str = "PC_0/outbound-rtp/video/hi";
const MIDDLE: &str = "PC_0/outbound-rtp/video/mid";

#[test]
fn rules_of_encoding_fire_and_are_silent() {
    check(&healthy(), ENCODING);
}

pub const ENCODING: &[Case] = &[
    (
        "snd.no-frames",
        |call| call.grow(VIDEO, 20.0..26.0, "framesEncoded", 0.0),
        Some((CRITICAL, (20.0, Some(26.0)))),
    ),
    (
        "snd.no-frames",
        |call| call.grow(VIDEO, 20.0..24.0, "framesEncoded", 0.0),
        None,
    ),
    (
        "snd.no-frames",
        |call| starved(call),
        Some((WARNING, (20.0, Some(26.0)))),
    ),
    (
        "snd.cpu-limited",
        |call| limited(call, "cpu", 0.50),
        Some((WARNING, (20.0, Some(26.0)))),
    ),
    ("snd.cpu-limited", |call| limited(call, "cpu", 0.46), None),
    (
        "snd.cpu-limited",
        |call| limited(call, "cpu", 2.40),
        Some((CRITICAL, (20.0, Some(26.0)))),
    ),
    (
        "snd.cpu-limited",
        |call| limited(call, "cpu", 2.20),
        Some((WARNING, (20.0, Some(26.0)))),
    ),
    ("snd.bandwidth-limited", |call| limited(call, "bandwidth", 0.46), None),
    (
        "snd.bandwidth-limited",
        |call| limited(call, "bandwidth", 0.50),
        Some((INFO, (20.0, Some(26.0)))),
    ),
    (
        "snd.bandwidth-limited",
        |call| limited(call, "bandwidth", 2.40),
        Some((WARNING, (20.0, Some(26.0)))),
    ),
    ("snd.encode-slow", |call| encode(call, 0.330), None),
    (
        "snd.encode-slow",
        |call| encode(call, 0.336),
        Some((WARNING, (20.0, Some(32.0)))),
    ),
    (
        "snd.encode-slow",
        |call| encode(call, 0.810),
        Some((CRITICAL, (20.0, Some(32.0)))),
    ),
    (
        "snd.small",
        |call| call.set(VIDEO, 20.0..32.0, "frameHeight", 240),
        Some((WARNING, (20.0, Some(32.0)))),
    ),
    (
        "snd.small",
        |call| call.set(VIDEO, 20.0..32.0, "frameHeight", 246),
        None,
    ),
    (
        "snd.small",
        |call| scaled(call).set(VIDEO, 20.0..32.0, "frameHeight", 240),
        None,
    ),
    (
        "snd.low-fps",
        |call| call.grow(VIDEO, 20.0..32.0, "framesEncoded", 10.4),
        Some((WARNING, (20.0, Some(32.0)))),
    ),
    (
        "snd.low-fps",
        |call| call.grow(VIDEO, 20.0..32.0, "framesEncoded", 10.6),
        None,
    ),
];

#[test]
fn rules_of_sent_packets_fire_and_are_silent() {
    check(&healthy(), PACKETS);
}

pub const PACKETS: &[Case] = &[
    (
        "snd.no-packets",
        |call| call.grow(VIDEO, 20.0..26.0, "packetsSent", 0.0),
        Some((CRITICAL, (20.0, Some(26.0)))),
    ),
    (
        "snd.no-packets",
        |call| call.grow(SOUND, 20.0..26.0, "packetsSent", 0.0),
        Some((CRITICAL, (20.0, Some(26.0)))),
    ),
    (
        "snd.no-packets",
        |call| call.grow(VIDEO, 20.0..24.0, "packetsSent", 0.0),
        None,
    ),
    // What is silent may be left out.
    ("snd.no-packets", |call| hushed(call), None),
    (
        "snd.pli-storm",
        |call| call.grow(VIDEO, 10.0..90.0, "pliCount", 0.51),
        Some((WARNING, (10.0, Some(90.0)))),
    ),
    (
        "snd.pli-storm",
        |call| call.grow(VIDEO, 10.0..90.0, "pliCount", 0.49),
        None,
    ),
    (
        "snd.retransmits",
        |call| resent(call, 5.1),
        Some((WARNING, (20.0, Some(32.0)))),
    ),
    ("snd.retransmits", |call| resent(call, 4.9), None),
    (
        "snd.retransmits",
        |call| resent(call, 5.1).set(VIDEO, 0.0..90.0, "active", false),
        None,
    ),
];

/// The bandwidth is not enough for the video.
fn starved(call: Call) -> Call {
    let call = call.grow(VIDEO, 20.0..26.0, "framesEncoded", 0.0);
    call.set(VIDEO, 20.0..26.0, "targetBitrate", 0)
}

/// Something limits the video for a part of six seconds of the 55 that count; they come on top.
fn limited(call: Call, what: &str, rate: f64) -> Call {
    call.grow(VIDEO, 20.0..26.0, &format!("qualityLimitationDurations.{what}"), rate)
}

fn encode(call: Call, share: f64) -> Call {
    call.grow(VIDEO, 20.0..32.0, "totalEncodeTime", share)
}

/// The page has asked for half of the picture.
fn scaled(call: Call) -> Call {
    let parameters = json!([{"encodings": [{"active": true, "scaleResolutionDownBy": 2}]}]);
    call.insert(15.0, "PC_0", "setParameters", parameters, &[json!("x")])
}

fn hushed(call: Call) -> Call {
    let call = call.grow(SOUND, 20.0..30.0, "packetsSent", 0.0);
    call.set(MICROPHONE, 19.0..31.0, "audioLevel", 0.005)
}

fn resent(call: Call, rate: f64) -> Call {
    let call = call.grow(VIDEO, 20.0..32.0, "packetsSent", 50.0);
    call.grow(VIDEO, 20.0..32.0, "retransmittedPacketsSent", rate)
}

/// A moment, at the first poll behind this second.
fn moment(call: &Call, rule: &'static str, severity: Severity, seconds: f64) -> Vec<Fired> {
    let start = poll_before(call, "PC_0", seconds + 1.0);
    vec![Fired {
        rule,
        connection: Some("PC_0".into()),
        severity,
        start,
        end: Some(start),
    }]
}

#[test]
fn a_fall_back_to_software_and_another_codec_are_moments() {
    let name = "OpenH264 (fallback from: ExternalEncoder)";
    let fallback = healthy().set(VIDEO, 20.0..90.0, "encoderImplementation", name);
    assert_eq!(
        fallback.fired("snd.software"),
        moment(&fallback, "snd.software", WARNING, 20.0)
    );
    let changed = healthy().set(VIDEO, 0.0..20.0, "powerEfficientEncoder", true);
    assert_eq!(
        changed.fired("snd.software"),
        moment(&changed, "snd.software", WARNING, 20.0)
    );
    let large = healthy().set(VIDEO, 20.0..90.0, "frameHeight", 720);
    assert_eq!(large.fired("snd.software"), moment(&large, "snd.software", INFO, 20.0));
    let smaller = healthy().set(VIDEO, 20.0..90.0, "frameHeight", 719);
    assert_eq!(smaller.fired("snd.software"), []);
    let codec = healthy().set(VIDEO, 30.0..90.0, "codecId", "1");
    assert_eq!(
        codec.fired("snd.codec-changed"),
        moment(&codec, "snd.codec-changed", INFO, 30.0)
    );
    let found = codec.findings().findings;
    let text = found
        .iter()
        .find(|finding| finding.rule.id == "snd.codec-changed")
        .map(|finding| &*finding.text);
    assert_eq!(
        text,
        Some("The codec of the video that is sent changed from video/VP8 to audio/opus.")
    );
}

#[test]
fn layers_are_lost_or_switched_off() {
    let recorded = Call::recorded("simulcast-3rids");
    // The page switches the top layer off and on.
    let off = Some((INFO, (9.0, Some(17.0))));
    assert_eq!(
        recorded.fired("snd.layer-off"),
        expected(&recorded, "PC_0", "snd.layer-off", off)
    );
    assert_eq!(recorded.fired("snd.layer-lost"), []);
    let lost = |during| recorded.clone().grow(MIDDLE, during, "bytesSent", 0.0);
    let wanted = Some((WARNING, (9.0, Some(20.0))));
    assert_eq!(
        lost(9.0..20.0).fired("snd.layer-lost"),
        expected(&recorded, "PC_0", "snd.layer-lost", wanted)
    );
    assert_eq!(lost(9.0..18.0).fired("snd.layer-lost"), []);
    let text = &lost(9.0..20.0).findings().findings;
    let text = text
        .iter()
        .find(|finding| finding.rule.id == "snd.layer-lost")
        .map(|finding| &*finding.text);
    assert_eq!(
        text,
        Some("Layer mid sent nothing more for 11 s while another layer did; what limited it was: none.")
    );
    // One that never sent is missed 15 s after the start.
    let never = recorded.clone().set(MIDDLE, 0.0..90.0, "bytesSent", 0);
    let wanted = Some((WARNING, (6.0, Some(90.0))));
    assert_eq!(
        never.fired("snd.layer-lost"),
        expected(&recorded, "PC_0", "snd.layer-lost", wanted)
    );
    let alone = recorded
        .clone()
        .remove_reports(TOP, 0.0..90.0)
        .remove_reports("PC_0/outbound-rtp/video/lo", 0.0..90.0);
    assert_eq!(
        alone.grow(MIDDLE, 9.0..20.0, "bytesSent", 0.0).fired("snd.layer-lost"),
        []
    );
}

#[test]
fn a_picture_that_changes_its_size_too_often_is_told() {
    let is_own = |entry: &Entry| entry.connection.is_null() || entry.connection == "PC_0";
    // The page switches the camera off now and then, which would begin anew.
    let is_switch = |entry: &Entry| entry.method == "MediaStreamTrack.enabled";
    let call = Call::recorded("long-5min-4pc").retain(|_, entry| is_own(entry) && !is_switch(entry));
    let changing = |rate| {
        call.clone()
            .grow(VIDEO, 60.0..300.0, "qualityLimitationResolutionChanges", rate / 60.0)
    };
    let fired = changing(6.5).fired("snd.resolution-flaps");
    assert_eq!(fired.len(), 1);
    assert_eq!(
        (fired[0].severity, fired[0].start),
        (INFO, poll_before(&call, "PC_0", 60.0))
    );
    assert_eq!(changing(5.9).fired("snd.resolution-flaps"), []);
}

#[test]
fn sending_that_is_not_told_is_not_judged() {
    check_absent(ABSENT);
}

pub const ABSENT: &[Absent] = &[
    ("snd.no-frames", &[(SOURCE, "frames")]),
    ("snd.cpu-limited", &[(VIDEO, "qualityLimitationDurations")]),
    ("snd.bandwidth-limited", &[(VIDEO, "qualityLimitationDurations")]),
    ("snd.encode-slow", &[(VIDEO, "totalEncodeTime")]),
    ("snd.software", &[(VIDEO, "powerEfficientEncoder")]),
    ("snd.layer-lost", &[(VIDEO, "bytesSent")]),
    ("snd.layer-off", &[(VIDEO, "active")]),
    ("snd.small", &[(VIDEO, "frameHeight")]),
    ("snd.resolution-flaps", &[(VIDEO, "qualityLimitationResolutionChanges")]),
    ("snd.low-fps", &[(VIDEO, "framesEncoded")]),
    ("snd.no-packets", &[("PC_0/outbound-rtp", "packetsSent")]),
    ("snd.pli-storm", &[(VIDEO, "pliCount")]),
    ("snd.retransmits", &[("PC_0/outbound-rtp", "retransmittedPacketsSent")]),
];
