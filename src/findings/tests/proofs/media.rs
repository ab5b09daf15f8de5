//! Media, where a case of a level does not do: moments, whole calls, and other recordings.
use serde_json::json;

use super::{Proof, prove};
use crate::findings::tests::cases::*;
use crate::findings::tests::rig::Call;

#[test]
fn rules_about_whole_streams_fire_and_are_silent() {
    prove(STREAMS);
}

fn layers() -> Call {
    Call::recorded("simulcast-3rids").retain(|_, entry| entry.connection != "PC_1")
}

/// Five minutes, in which the camera is never switched off.
fn long() -> Call {
    let is_own = |name: &serde_json::Value| name.is_null() || name == "PC_0";
    Call::recorded("long-5min-4pc")
        .retain(|_, entry| is_own(&entry.connection) && entry.method != "MediaStreamTrack.enabled")
}

const MIDDLE: &str = "PC_0/outbound-rtp/video/mid";

fn level(call: Call, high: f64) -> Call {
    let mut number = 0;
    call.edit(MICROPHONE, 0.0..100.0, |report| {
        number += 1;
        let level = if number % 2 == 0 { 0.5 + high } else { 0.5 };
        report.insert("audioLevel".into(), json!(level));
    })
}

fn replaced(call: Call, track: serde_json::Value) -> Call {
    let old = json!(["audio", "7e6244f2-78d2-4aec-ad27-5939fdc72609", "x", "s"]);
    call.insert(20.0, "PC_0", "replaceTrack", json!([old, track]), &[json!("s1")])
}

fn shown(call: Call, width: u32) -> Call {
    let size =
        |width: u32, height: u32| json!({"width": width, "height": height, "videoWidth": 640, "videoHeight": 480});
    let call = call.insert(20.0, "PC_0", "HTMLMediaElement.resize", size(width, 240), &[json!("t")]);
    call.insert(50.5, "PC_0", "HTMLMediaElement.resize", size(640, 480), &[json!("t")])
}

fn late(call: Call, until: f64) -> Call {
    call.remove_reports(VIDEO_IN, 0.0..until)
        .remove_reports(SOUND_IN, 0.0..until)
}

pub const STREAMS: &[Proof] = &[
    Proof {
        rule: "cap.level-constant",
        base: healthy,
        fires: |call| level(call, 0.019),
        found: &[(INFO, 5.565, Some(60.565))],
        silent: |call| level(call, 0.021),
    },
    Proof {
        rule: "snd.null-track",
        base: healthy,
        fires: |call| replaced(call, json!(null)),
        found: &[(INFO, 20.0, Some(60.605))],
        silent: |call| replaced(call, json!(["audio", "other", "x", "s"])),
    },
    Proof {
        rule: "snd.software",
        base: healthy,
        fires: |call| call.set(VIDEO, 20.0..90.0, "frameHeight", 720),
        found: &[(INFO, 20.565, Some(20.565))],
        silent: |call| call.set(VIDEO, 20.0..90.0, "frameHeight", 719),
    },
    Proof {
        rule: "snd.codec-changed",
        base: healthy,
        fires: |call| call.set(VIDEO, 30.0..90.0, "codecId", "1"),
        found: &[(INFO, 30.566, Some(30.566))],
        silent: |call| call,
    },
    Proof {
        rule: "snd.layer-off",
        base: healthy,
        fires: |call| call.set(VIDEO, 20.0..32.0, "active", false),
        found: &[(INFO, 19.568, Some(31.566))],
        silent: |call| call.set(VIDEO, 20.0..32.0, "active", true),
    },
    Proof {
        rule: "snd.layer-lost",
        base: layers,
        fires: |call| call.grow(MIDDLE, 9.0..20.0, "bytesSent", 0.0),
        found: &[(WARNING, 8.463, Some(19.463))],
        silent: |call| call.grow(MIDDLE, 9.0..18.0, "bytesSent", 0.0),
    },
    Proof {
        rule: "snd.resolution-flaps",
        base: long,
        fires: |call| call.grow(VIDEO, 60.0..300.0, "qualityLimitationResolutionChanges", 6.5 / 60.0),
        found: &[(INFO, 59.351, Some(299.352))],
        silent: |call| call.grow(VIDEO, 60.0..300.0, "qualityLimitationResolutionChanges", 5.9 / 60.0),
    },
    Proof {
        rule: "rcv.nothing",
        base: healthy,
        fires: |call| late(call, 12.0),
        found: &[(CRITICAL, 0.563, Some(12.565))],
        silent: |call| late(call, 9.0),
    },
    Proof {
        rule: "rcv.oversized",
        base: healthy,
        fires: |call| shown(call, 319),
        found: &[(INFO, 20.0, Some(50.5))],
        silent: |call| shown(call, 320),
    },
    Proof {
        rule: "rcv.software",
        base: healthy,
        fires: |call| call.set(VIDEO_IN, 0.0..20.0, "powerEfficientDecoder", true),
        found: &[(INFO, 20.565, Some(20.565))],
        silent: |call| call.set(VIDEO_IN, 20.0..90.0, "powerEfficientDecoder", true),
    },
    Proof {
        rule: "rcv.freeze",
        base: healthy,
        fires: |call| call.grow(VIDEO_IN, 30.0..31.0, "totalFreezesDuration", 1.3),
        found: &[(WARNING, 29.266, Some(30.566))],
        silent: |call| call.grow(VIDEO_IN, 30.0..31.0, "totalFreezesDuration", 0.99),
    },
    Proof {
        rule: "rcv.pause",
        base: healthy,
        fires: |call| call.grow(VIDEO_IN, 30.0..31.0, "totalPausesDuration", 10.2),
        found: &[(INFO, 20.365, Some(30.566))],
        silent: |call| call.grow(VIDEO_IN, 30.0..31.0, "totalPausesDuration", 9.9),
    },
];
