//! What happens in the page: devices, tracks, the client, and the dump.
use serde_json::{Value, json};

use super::{Found, Proof, prove};
use crate::findings::tests::cases::*;
use crate::findings::tests::rig::Call;

#[test]
fn rules_about_the_page_fire_and_are_silent() {
    prove(PAGE);
}

const GUM: &str = "navigator.mediaDevices.getUserMedia";
const MICROPHONE_ID: &str = "7e6244f2-78d2-4aec-ad27-5939fdc72609";

/// A request for a microphone at 20 s that fails a second later.
fn refused(call: Call, error: &str) -> Call {
    let call = call.insert(20.0, "client", GUM, json!({"audio": true}), &[json!("60-9")]);
    let method = format!("{GUM}OnFailure");
    call.insert(21.0, "client", &method, json!(error), &[json!("60-9")])
}

/// One that is answered after so many seconds.
fn answered(call: Call, seconds: f64) -> Call {
    let call = call.insert(20.0, "client", GUM, json!({"audio": true}), &[json!("60-9")]);
    let method = format!("{GUM}OnSuccess");
    call.insert(20.0 + seconds, "client", &method, json!([]), &[json!("60-9")])
}

/// Requests that nobody waits for; the recording has one more.
fn requests(call: Call, count: u32) -> Call {
    let request = |call: Call, at| call.insert(10.0 + f64::from(at), "client", GUM, json!({"audio": true}), &[]);
    (0..count).fold(call, request)
}

fn microphone(call: Call, seconds: f64, method: &str, value: Value) -> Call {
    let method = format!("MediaStreamTrack.{method}");
    call.insert(seconds, "client", &method, value, &[json!(MICROPHONE_ID)])
}

fn ended(call: Call) -> Call {
    call.insert(20.0, "client", "MediaStreamTrack.onended", json!(MICROPHONE_ID), &[])
}

fn socket(call: Call) -> Call {
    call.insert(30.0, "client", "websocket", json!({"connectionTime": 5}), &[])
}

impl Call {
    /// The page has been loaded again so often.
    fn edit_client(mut self, count: u32) -> Call {
        let create = self.events.iter_mut().find(|entry| entry.method == "create");
        create.expect("the client").value["reloadCount"] = json!(count);
        self
    }
}

/// A connection more at each tenth of a second.
fn connections(call: Call, count: u32) -> Call {
    let create = |call: Call, at| {
        call.insert(
            10.0 + f64::from(at) / 10.0,
            &format!("X_{at}"),
            "create",
            json!({}),
            &[],
        )
    };
    (0..count).fold(call, create)
}

/// The processor has nothing else to do.
fn calm() -> Call {
    healthy().set("PC_0/compute-pressure", 0.0..90.0, "cpuState", 4)
}

const AT_21: &[Found] = &[(CRITICAL, 21.0, Some(21.0))];

pub const PAGE: &[Proof] = &[
    Proof {
        rule: "gum.denied",
        base: healthy,
        fires: |call| refused(call, "NotAllowedError: Permission denied"),
        found: AT_21,
        silent: |call| refused(call, "Other: Permission denied"),
    },
    Proof {
        rule: "gum.not-found",
        base: healthy,
        fires: |call| refused(call, "NotFoundError: Requested device not found"),
        found: AT_21,
        silent: |call| refused(call, "Other: not found"),
    },
    Proof {
        rule: "gum.busy",
        base: healthy,
        fires: |call| refused(call, "NotReadableError: Could not start"),
        found: AT_21,
        silent: |call| refused(call, "Other: Could not start"),
    },
    Proof {
        rule: "gum.overconstrained",
        base: healthy,
        fires: |call| refused(call, "OverconstrainedError"),
        found: &[(WARNING, 21.0, Some(21.0))],
        silent: |call| refused(call, "Other"),
    },
    Proof {
        rule: "gum.slow",
        base: healthy,
        fires: |call| answered(call, 5.001),
        found: &[(INFO, 20.0, Some(25.001))],
        silent: |call| answered(call, 5.0),
    },
    Proof {
        rule: "gum.many",
        base: healthy,
        fires: |call| requests(call, 20),
        found: &[(INFO, 0.283, Some(29.0))],
        silent: |call| requests(call, 18),
    },
    Proof {
        rule: "cap.track-ended",
        base: healthy,
        fires: ended,
        found: &[(CRITICAL, 20.0, None)],
        silent: |call| ended(microphone(call, 19.9, "stop", json!([]))),
    },
    Proof {
        rule: "cap.disabled",
        base: healthy,
        fires: |call| {
            microphone(
                microphone(call, 20.0, "enabled", json!(false)),
                30.0,
                "enabled",
                json!(true),
            )
        },
        found: &[(INFO, 20.0, Some(30.0))],
        silent: |call| microphone(call, 20.0, "enabled", json!(true)),
    },
    Proof {
        rule: "dev.changed",
        base: healthy,
        fires: |call| {
            call.insert(
                20.0,
                "client",
                "navigator.mediaDevices.ondevicechange",
                json!(null),
                &[],
            )
        },
        found: &[(INFO, 20.0, Some(20.0))],
        silent: |call| {
            call.insert(
                60.7,
                "client",
                "navigator.mediaDevices.ondevicechange",
                json!(null),
                &[],
            )
        },
    },
    Proof {
        rule: "sig.many-connections",
        base: healthy,
        fires: |call| connections(call, 20),
        found: &[(INFO, 11.9, Some(60.605))],
        silent: |call| connections(call, 19),
    },
    Proof {
        rule: "env.pressure",
        base: calm,
        fires: |call| call.set("PC_0/compute-pressure", 20.0..32.0, "cpuState", 2),
        found: &[(INFO, 19.568, Some(31.566))],
        silent: |call| call.set("PC_0/compute-pressure", 20.0..32.0, "cpuState", 3),
    },
    Proof {
        rule: "env.poll-gap",
        base: healthy,
        fires: |call| call.drop_polls("PC_0", 20.0..25.0),
        found: &[(INFO, 19.568, Some(25.565))],
        silent: |call| call.drop_polls("PC_0", 20.0..24.0),
    },
    Proof {
        rule: "env.clock",
        base: healthy,
        fires: |call| call.turn_clock(30.0, 1.1),
        found: &[(INFO, 31.666, Some(31.666))],
        silent: |call| call.turn_clock(30.0, 0.9),
    },
    Proof {
        rule: "env.reloaded",
        base: healthy,
        fires: |call| call.edit_client(1),
        found: &[(INFO, 0.0, Some(0.0))],
        silent: |call| call.edit_client(0),
    },
    Proof {
        rule: "env.reconnected",
        base: healthy,
        fires: socket,
        found: &[(INFO, 30.0, Some(30.0))],
        silent: |call| call,
    },
    Proof {
        rule: "dump.unfinished",
        base: healthy,
        fires: |call| call.retain(|seconds, _| seconds < 30.0),
        found: &[(WARNING, 29.565, None)],
        silent: |call| call,
    },
    Proof {
        rule: "dump.no-stats",
        base: healthy,
        fires: |call| call.retain(|_, entry| !entry.is_poll()),
        found: &[(INFO, 0.0, None)],
        silent: |call| call.drop_polls("PC_0", 1.0..90.0),
    },
];
