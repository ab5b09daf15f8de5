//! How both sides agreed.
use serde_json::{Value, json};

use super::{Proof, described, prove};
use crate::findings::tests::cases::*;
use crate::findings::tests::rig::Call;

#[test]
fn rules_about_negotiation_fire_and_are_silent() {
    prove(SIGNALLING);
}

fn on(call: Call, seconds: f64, method: &str, value: Value) -> Call {
    call.insert(seconds, "PC_0", method, value, &[])
}

fn call(call: Call, seconds: f64, method: &str, value: Value) -> Call {
    call.insert(seconds, "PC_0", method, value, &[json!("9-9")])
}

/// A candidate of the other side, and what came of it.
fn candidate(base: Call, result: &str) -> Call {
    let base = call(
        base,
        20.0,
        "addIceCandidate",
        json!({"candidate": "candidate:garbage", "sdpMid": "0"}),
    );
    call(
        base,
        20.1,
        &format!("addIceCandidateOn{result}"),
        json!("OperationError: x"),
    )
}

/// An offer that waits so many seconds.
fn waiting(base: Call, seconds: f64) -> Call {
    let base = on(base, 20.0, "onsignalingstatechange", json!("have-local-offer"));
    on(base, 20.0 + seconds, "onsignalingstatechange", json!("stable"))
}

/// A connection of which nothing is heard.
fn lonely(base: Call, method: &str) -> Call {
    let base = base.insert(10.0, "X", "create", json!({}), &[]);
    base.insert(11.0, "X", method, json!(["audio", "mic", "x", "s"]), &[])
}

/// The recorded round again, a second of it each second from 10 s on.
fn rounds(base: Call, count: u32) -> Call {
    let round: Vec<_> = base
        .events
        .iter()
        .filter(|entry| entry.connection == "PC_0" && !entry.is_poll())
        .filter(|entry| {
            ["create", "setLocal", "setRemote", "onsignaling"]
                .iter()
                .any(|begin| entry.method.starts_with(begin))
        })
        .filter(|entry| entry.method != "create")
        .cloned()
        .collect();
    let mut base = base;
    for number in 0..count {
        for entry in &round {
            let seconds = (entry.time - base.begin) / 1000.0 + 10.0 + f64::from(number);
            base = base.insert(seconds, "PC_0", &entry.method, entry.value.clone(), &entry.extra);
        }
    }
    base
}

fn glare(base: Call, before: &str) -> Call {
    let base = on(base, 20.0, "onsignalingstatechange", json!(before));
    let offer = base.events.iter().find(|entry| entry.method == "setLocalDescription");
    let offer = offer.expect("an offer").value.clone();
    let base = call(base, 20.1, "setRemoteDescription", offer);
    on(base, 20.2, "onsignalingstatechange", json!("stable"))
}

pub const SIGNALLING: &[Proof] = &[
    Proof {
        rule: "sig.failure",
        base: healthy,
        fires: |base| call(base, 20.0, "createOfferOnFailure", json!("InvalidStateError: x")),
        found: &[(WARNING, 20.0, Some(20.0))],
        silent: |base| call(base, 20.0, "createOffer", json!(null)),
    },
    Proof {
        rule: "sig.add-candidate-failed",
        base: healthy,
        fires: |base| candidate(base, "Failure"),
        found: &[(WARNING, 20.1, Some(20.1))],
        silent: |base| candidate(base, "Success"),
    },
    Proof {
        rule: "sig.no-answer",
        base: healthy,
        fires: |base| waiting(base, 5.001),
        found: &[(INFO, 20.0, Some(25.001))],
        silent: |base| waiting(base, 1.0),
    },
    Proof {
        rule: "sig.never-negotiated",
        base: healthy,
        fires: |base| lonely(base, "addTrack"),
        found: &[(INFO, 10.0, None)],
        silent: |base| lonely(base, "other"),
    },
    Proof {
        rule: "sig.needed-ignored",
        base: healthy,
        fires: |base| on(base, 20.0, "onnegotiationneeded", json!(null)),
        found: &[(WARNING, 20.0, Some(60.605))],
        silent: |base| {
            call(
                on(base, 20.0, "onnegotiationneeded", json!(null)),
                25.0,
                "createOffer",
                json!(null),
            )
        },
    },
    Proof {
        rule: "sig.glare",
        base: healthy,
        fires: |base| glare(base, "have-local-offer"),
        found: &[(INFO, 20.1, Some(20.1))],
        silent: |base| glare(base, "stable"),
    },
    Proof {
        rule: "sig.storm",
        base: healthy,
        fires: |base| rounds(base, 6),
        found: &[(WARNING, 10.54, Some(15.54))],
        silent: |base| rounds(base, 5),
    },
    Proof {
        rule: "sig.munged",
        base: healthy,
        fires: |base| described(base, "setLocalDescription", "minptime=10", "minptime=20"),
        found: &[(INFO, 0.467, Some(0.467))],
        silent: |base| described(base, "setLocalDescription", "m=audio 9", "m=audio 4000"),
    },
    Proof {
        rule: "sig.rejected",
        base: healthy,
        fires: |base| described(base, "setRemoteDescription", "m=video 9", "m=video 0"),
        found: &[(WARNING, 0.54, Some(0.54))],
        silent: |base| described(base, "setRemoteDescription", "m=video 9", "m=video 4000"),
    },
    Proof {
        rule: "sig.direction",
        base: healthy,
        fires: |base| described(base, "setRemoteDescription", "a=sendrecv", "a=sendonly"),
        found: &[(WARNING, 0.54, Some(60.605)), (WARNING, 0.54, Some(60.605))],
        silent: |base| described(base, "setRemoteDescription", "a=sendrecv", "a=recvonly"),
    },
];
