//! How the connection found its way, and over what.
use serde_json::{Value, json};

use super::{Proof, change, prove};
use crate::findings::tests::cases::*;
use crate::findings::tests::rig::Call;

#[test]
fn rules_about_ways_fire_and_are_silent() {
    prove(WAYS);
}

#[test]
fn causes_of_failure_fire_and_are_silent() {
    prove(FAILURES);
}

const TURN: &str = "turn:turn.example.org?transport=udp";
const STUN: &str = "stun:stun.example.org";
const ICE: &str = "oniceconnectionstatechange";
const STATE: &str = "onconnectionstatechange";

fn on(call: Call, seconds: f64, method: &str, value: Value) -> Call {
    call.insert(seconds, "PC_0", method, value, &[])
}

fn candidate(call: Call, seconds: f64, kind: &str, url: &str) -> Call {
    let text = format!("candidate:9 1 udp 1 192.0.2.9 9 typ {kind}");
    on(
        call,
        seconds,
        "onicecandidate",
        json!({"candidate": text, "sdpMid": "0", "url": url}),
    )
}

/// ICE goes on checking, and nothing is connected.
fn unconnected(call: Call) -> Call {
    let is_state = |value: &Value| value == "connected" || value == "connecting";
    call.retain(|_, entry| !(entry.is_poll() || (entry.method.starts_with("on") && is_state(&entry.value))))
}

fn failed(call: Call) -> Call {
    on(unconnected(call), 15.6, ICE, json!("failed"))
}

/// A TURN server is configured.
fn with_turn(call: Call) -> Call {
    change(call, "PC_0", "create", |value| {
        *value = json!({"iceServers": [{"urls": [TURN, STUN], "username": "u", "credential": "c"}]});
    })
}

fn error(call: Call, code: u32) -> Call {
    on(
        call,
        0.55,
        "onicecandidateerror",
        json!({"url": TURN, "errorCode": code, "errorText": ""}),
    )
}

/// Without the candidates of this method.
fn without(call: Call, method: &str) -> Call {
    call.retain(|_, entry| !(entry.method == method && entry.value["candidate"].is_string()))
}

/// A relay that was tried, and how often the far side answered.
fn tried(call: Call, answers: u32) -> Call {
    let pair = json!({"type": "candidate-pair", "state": "failed", "requestsSent": 30, "responsesReceived": answers});
    on(
        candidate(failed(with_turn(call)), 0.55, "relay", TURN),
        15.7,
        "getStats",
        json!({"P": pair}),
    )
}

/// Nobody knows which servers the page has named.
fn unknown(call: Call) -> Call {
    call.retain(|_, entry| !(entry.connection == "PC_0" && entry.method == "create"))
}

fn hidden(call: Call) -> Call {
    change(call, "PC_0", "addIceCandidate", |value| {
        if let Some(text) = value["candidate"].as_str() {
            value["candidate"] = text
                .replace("192.0.2.2", "a-b.local")
                .replace("fd00::2", "a-c.local")
                .into();
        }
    })
}

/// ICE connects at this second.
fn late(call: Call, seconds: f64) -> Call {
    let call = on(unconnected(call), seconds, ICE, json!("connected"));
    on(call, seconds, STATE, json!("connected"))
}

/// The connection is connected at this second, or fails.
fn shaken(call: Call, seconds: f64, state: &str) -> Call {
    let call = call.retain(|_, entry| !(entry.method == STATE && entry.value == "connected"));
    on(call, seconds, STATE, json!(state))
}

fn gathered(call: Call, seconds: f64) -> Call {
    let call = call.retain(|_, entry| !(entry.method == "onicegatheringstatechange" && entry.value == "complete"));
    let call = candidate(call, seconds, "srflx", STUN);
    on(call, 2.0, "onicegatheringstatechange", json!("complete"))
}

fn interrupted(call: Call, seconds: f64) -> Call {
    let call = on(call, 20.0, ICE, json!("disconnected"));
    on(call, 20.0 + seconds, ICE, json!("connected"))
}

fn warm(call: Call, kind: &str) -> Call {
    let call = candidate(on(unconnected(call), 10.0, ICE, json!("failed")), 11.0, kind, STUN);
    on(call, 12.0, ICE, json!("connected"))
}

fn local(call: Call, property: &str, value: &str) -> Call {
    call.set("PC_0/local-candidate", 0.0..90.0, property, value)
}

pub const WAYS: &[Proof] = &[
    Proof {
        rule: "turn.unauthorized",
        base: healthy,
        fires: |call| error(with_turn(call), 401),
        found: &[(WARNING, 0.55, Some(0.55))],
        silent: |call| candidate(error(with_turn(call), 401), 0.56, "relay", TURN),
    },
    Proof {
        rule: "turn.refused",
        base: healthy,
        fires: |call| error(with_turn(call), 486),
        found: &[(WARNING, 0.55, Some(0.55))],
        silent: |call| candidate(error(with_turn(call), 486), 0.56, "relay", TURN),
    },
    Proof {
        rule: "ice.server-unreachable",
        base: healthy,
        fires: |call| error(with_turn(call), 701),
        found: &[(WARNING, 0.55, Some(0.55))],
        silent: |call| candidate(error(with_turn(call), 701), 0.56, "relay", TURN),
    },
    Proof {
        rule: "ice.gathering-slow",
        base: healthy,
        fires: |call| gathered(call, 0.982),
        found: &[(INFO, 0.481, Some(0.982))],
        silent: |call| gathered(call, 0.981),
    },
    Proof {
        rule: "ice.slow",
        base: healthy,
        fires: |call| late(call, 3.554),
        found: &[(WARNING, 0.553, Some(3.554))],
        silent: |call| late(call, 3.553),
    },
    Proof {
        rule: "dtls.slow",
        base: healthy,
        fires: |call| shaken(call, 1.558, "connected"),
        found: &[(WARNING, 0.557, Some(1.558))],
        silent: |call| shaken(call, 1.557, "connected"),
    },
    Proof {
        rule: "dtls.failed",
        base: healthy,
        fires: |call| shaken(call, 0.7, "failed"),
        found: &[(CRITICAL, 0.7, Some(60.605))],
        silent: |call| shaken(call, 0.7, "connected"),
    },
    Proof {
        rule: "ice.disconnected",
        base: healthy,
        fires: |call| interrupted(call, 5.001),
        found: &[(WARNING, 20.0, Some(25.001))],
        silent: |call| interrupted(call, 5.0),
    },
    Proof {
        rule: "ice.restart-failed",
        base: healthy,
        fires: |call| on(call, 20.0, "restartIce", json!(null)),
        found: &[(CRITICAL, 20.0, Some(35.0))],
        silent: |call| on(call, 50.0, "restartIce", json!(null)),
    },
    Proof {
        rule: "ice.path-changed",
        base: healthy,
        fires: |call| call.set("PC_0/transport", 20.0..90.0, "selectedCandidatePairId", "4"),
        found: &[(INFO, 20.565, Some(20.565))],
        silent: |call| call.set("PC_0/transport", 0.0..4.0, "selectedCandidatePairId", "4"),
    },
    Proof {
        rule: "ice.relay-used",
        base: healthy,
        fires: |call| local(call, "candidateType", "relay"),
        found: &[(INFO, 0.569, Some(60.565))],
        silent: |call| local(call, "candidateType", "srflx"),
    },
    Proof {
        rule: "ice.tcp-used",
        base: healthy,
        fires: |call| local(call, "protocol", "tcp"),
        found: &[(WARNING, 0.569, Some(60.565))],
        silent: |call| local(call, "protocol", "udp"),
    },
];

pub const FAILURES: &[Proof] = &[
    Proof {
        rule: "ice.failed",
        base: healthy,
        fires: failed,
        found: &[(CRITICAL, 15.6, Some(60.605))],
        silent: unconnected,
    },
    Proof {
        rule: "ice.stuck",
        base: healthy,
        fires: |call| {
            unconnected(call)
                .retain(|seconds, _| seconds < 5.6)
                .insert(5.554, "client", "x", json!(null), &[])
        },
        found: &[(CRITICAL, 0.553, None)],
        silent: |call| {
            unconnected(call)
                .retain(|seconds, _| seconds < 5.5)
                .insert(5.553, "client", "x", json!(null), &[])
        },
    },
    Proof {
        rule: "ice.no-remote-candidates",
        base: healthy,
        fires: |call| without(failed(call), "addIceCandidate"),
        found: &[(CRITICAL, 15.6, Some(60.605))],
        silent: failed,
    },
    Proof {
        rule: "ice.no-local-candidates",
        base: healthy,
        fires: |call| without(failed(call), "onicecandidate"),
        found: &[(CRITICAL, 15.6, Some(60.605))],
        silent: failed,
    },
    Proof {
        rule: "ice.no-turn-configured",
        base: healthy,
        fires: |call| candidate(failed(call), 0.55, "srflx", STUN),
        found: &[(CRITICAL, 15.6, Some(60.605))],
        silent: |call| failed(with_turn(call)),
    },
    Proof {
        rule: "ice.turn-unusable",
        base: healthy,
        fires: |call| failed(with_turn(call)),
        found: &[(CRITICAL, 15.6, Some(60.605))],
        silent: |call| candidate(failed(with_turn(call)), 0.55, "relay", TURN),
    },
    Proof {
        rule: "ice.relay-unpaired",
        base: healthy,
        fires: |call| tried(call, 0),
        found: &[(CRITICAL, 15.6, Some(60.605))],
        silent: |call| tried(call, 1),
    },
    Proof {
        rule: "ice.only-host",
        base: healthy,
        fires: |call| unknown(failed(call)),
        found: &[(CRITICAL, 15.6, Some(60.605))],
        silent: |call| candidate(unknown(failed(call)), 0.55, "srflx", STUN),
    },
    Proof {
        rule: "ice.mdns-only",
        base: healthy,
        fires: |call| failed(hidden(call)),
        found: &[(INFO, 0.553, Some(60.605))],
        silent: failed,
    },
    Proof {
        rule: "ice.host-warmup",
        base: healthy,
        fires: |call| warm(call, "srflx"),
        found: &[(INFO, 10.0, Some(12.0))],
        silent: |call| warm(call, "host"),
    },
];
