//! For rules that watch events: a recorded call, what is done to it that makes the rule fire, with exact times, and
//! what does not quite.
//!
//! Beside the rule only such rules may speak as `cases::apart` allows.
mod complete;
mod media;
mod negotiation;
mod network;
mod page;

use super::cases::{Edit, apart};
use super::rig::{Call, Entry};
use crate::findings::Severity;

/// Severity, start and end, in seconds from the beginning of the call.
pub type Found = (Severity, f64, Option<f64>);

pub struct Proof {
    pub rule: &'static str,
    pub base: fn() -> Call,
    pub fires: Edit,
    pub found: &'static [Found],
    /// The same just short of it.
    pub silent: Edit,
}

/// Goes through a table.
fn prove(proofs: &[Proof]) {
    let mut wrong = Vec::new();
    for proof in proofs {
        let base = (proof.base)();
        let (own, others): (Vec<_>, Vec<_>) = (proof.fires)(base.clone())
            .all_fired()
            .into_iter()
            .partition(|fired| fired.rule == proof.rule);
        let own: Vec<Found> = own.into_iter().map(|own| (own.severity, own.start, own.end)).collect();
        if own != proof.found {
            wrong.push(format!("{}: {own:?} instead of {:?}", proof.rule, proof.found));
        }
        // What the recording has anyway is not the edit's doing.
        let before = base.all_fired();
        let mut apart = apart(proof.rule, others);
        apart.retain(|other| !before.iter().any(|own| own.rule == other.rule));
        if !apart.is_empty() {
            wrong.push(format!("beside {}: {apart:?}", proof.rule));
        }
        let quiet = (proof.silent)(base).fired(proof.rule);
        if !quiet.is_empty() {
            wrong.push(format!("{} is not silent: {quiet:?}", proof.rule));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Changes the value of each event of this method and connection.
fn change(mut call: Call, connection: &str, method: &str, edit: impl Fn(&mut serde_json::Value)) -> Call {
    let is_it = |entry: &&mut Entry| entry.method == method && entry.connection == *connection;
    call.events
        .iter_mut()
        .filter(is_it)
        .for_each(|entry| edit(&mut entry.value));
    call
}

/// Replaces a text in the descriptions of these events.
fn described(call: Call, method: &str, from: &str, to: &str) -> Call {
    change(call, "PC_0", method, |value| {
        let sdp = value["sdp"].as_str().expect("a description").replace(from, to);
        value["sdp"] = sdp.into();
    })
}
