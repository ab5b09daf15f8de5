//! Which findings explain others: a freeze within a loss of packets is a symptom of it.
//!
//! A finding is a symptom of another one if the table says so of their rules, both are about the same connection, track
//! or client, and the symptom began within the span of the cause, give or take `MARGIN_MS`. Limit: `FINDING_LINKS_MAX`
//! for each finding.
use super::finding::Finding;
use crate::dump::steps;
use crate::limits::FINDING_LINKS_MAX;

/// Causes, and what they explain. A name that ends with a point stands for all rules of a group.
pub const LINKS: &[(&[&str], &[&str])] = &[
    (&["env.poll-gap", "env.clock"], &["cap.", "net.", "snd.", "rcv."]),
    (
        &["gum.denied", "gum.not-found", "gum.busy", "gum.overconstrained"],
        &["sig.never-negotiated"],
    ),
    (
        &["turn.unauthorized", "turn.refused", "ice.server-unreachable"],
        &["ice.turn-unusable", "ice.no-local-candidates"],
    ),
    (
        &["sig.no-answer", "sig.never-negotiated", "sig.add-candidate-failed"],
        &["ice.no-remote-candidates", "ice.failed", "ice.stuck", "ice.slow"],
    ),
    (&["sig.munged"], &["dtls.failed", "dtls.slow"]),
    (
        &["sig.no-answer"],
        &["sig.never-negotiated", "sig.add-candidate-failed"],
    ),
    (
        &[
            "ice.no-remote-candidates",
            "ice.no-local-candidates",
            "ice.no-turn-configured",
            "ice.turn-unusable",
            "ice.relay-unpaired",
            "ice.only-host",
            "turn.unauthorized",
            "turn.refused",
            "ice.server-unreachable",
            "sig.failure",
        ],
        &["ice.failed", "ice.stuck", "ice.slow"],
    ),
    (
        &["sig.failure", "sig.rejected"],
        &["sig.no-answer", "sig.direction", "rcv.nothing"],
    ),
    (
        &["ice.disconnected", "ice.consent-lost", "net.stalled"],
        &["ice.failed"],
    ),
    // The last bytes came before ICE noticed that there were no more.
    (&["net.stalled"], &["ice.disconnected", "ice.consent-lost"]),
    (&["ice.disconnected"], &["ice.consent-lost"]),
    (&["ice.stuck", "ice.slow", "sig.never-negotiated"], &["dump.no-stats"]),
    (
        &["ice.failed"],
        &[
            "rcv.nothing",
            "dtls.failed",
            "dtls.slow",
            "ice.restart-failed",
            "dump.no-stats",
        ],
    ),
    (
        &["net.stalled", "ice.disconnected", "ice.consent-lost", "ice.failed"],
        &[
            "rcv.",
            "net.bwe-drop",
            "net.loss-in",
            "net.loss-out",
            "net.loss-audio",
            "net.no-feedback",
            "net.rtt",
            "net.jitter",
        ],
    ),
    (
        &["ice.path-changed"],
        &[
            "rcv.stopped",
            "rcv.freeze",
            "rcv.concealed",
            "net.bwe-drop",
            "net.loss-in",
            "net.loss-out",
            "net.loss-audio",
        ],
    ),
    (
        &["env.pressure"],
        &[
            "snd.cpu-limited",
            "snd.encode-slow",
            "rcv.decode-slow",
            "rcv.sync",
            "rcv.playout-glitch",
            "env.poll-gap",
        ],
    ),
    (
        &["snd.cpu-limited"],
        &[
            "snd.encode-slow",
            "snd.low-fps",
            "snd.small",
            "snd.layer-lost",
            "snd.resolution-flaps",
            "cap.low-fps",
        ],
    ),
    (
        &["net.congested", "net.bwe-drop", "net.low-bandwidth"],
        &[
            "snd.bandwidth-limited",
            "snd.layer-lost",
            "snd.small",
            "snd.resolution-flaps",
            "snd.low-fps",
            "net.pacer-delay",
        ],
    ),
    (&["net.bwe-drop"], &["net.low-bandwidth"]),
    (
        &["snd.bandwidth-limited"],
        &["snd.layer-lost", "snd.small", "snd.resolution-flaps"],
    ),
    // Not all of the group: a tone or a small picture explains nothing.
    (
        &[
            "cap.track-ended",
            "cap.disabled",
            "cap.silent",
            "cap.video-stalled",
            "cap.low-fps",
        ],
        &["snd.no-frames", "snd.low-fps", "snd.no-packets"],
    ),
    (&["snd.no-frames"], &["snd.no-packets", "snd.layer-lost"]),
    (&["cap.track-ended"], &["cap.video-stalled", "cap.silent"]),
    (
        &["snd.null-track", "cap.disabled", "sig.direction"],
        &["snd.no-packets", "snd.no-frames", "rcv.stopped", "rcv.nothing"],
    ),
    (
        &["net.loss-in", "net.jitter"],
        &[
            "rcv.freeze",
            "rcv.concealed",
            "rcv.jitter-buffer",
            "rcv.stretched",
            "rcv.frames-dropped",
            "rcv.low-fps",
        ],
    ),
    (
        &["net.loss-out"],
        &[
            "net.loss-audio",
            "snd.retransmits",
            "snd.pli-storm",
            "snd.bandwidth-limited",
        ],
    ),
    // What it says of both directions follows from what each of them is.
    (&["net.rtt", "net.loss-in", "net.loss-out"], &["net.asymmetric"]),
    (
        &["rcv.stopped", "rcv.no-assembly"],
        &["rcv.no-decode", "rcv.freeze", "rcv.low-fps", "rcv.concealed"],
    ),
    (
        &["rcv.no-decode", "rcv.decode-slow", "rcv.frames-dropped"],
        &["rcv.freeze", "rcv.low-fps"],
    ),
];

/// A symptom may begin so long before its cause is noticed, or behind its end.
pub const MARGIN_MS: f64 = 5000.0;

/// What explains nothing that goes on behind its end: numbers that meant nothing for a while, and what the page has
/// switched on again.
const ENDING: [&str; 4] = ["env.poll-gap", "env.clock", "cap.disabled", "snd.null-track"];

/// Whether the table has the rule `cause` as a cause of `symptom`.
pub fn explains(cause: &str, symptom: &str) -> bool {
    let names = |names: &[&str], id: &str| {
        let is_it = |name: &&str| *name == id || (name.ends_with('.') && id.starts_with(*name));
        names.iter().any(is_it)
    };
    let mut links = LINKS.iter();
    cause != symptom && links.any(|(causes, symptoms)| names(causes, cause) && names(symptoms, symptom))
}

/// Fills in what explains what.
pub fn link(findings: &mut [Finding]) {
    let mut ids: Vec<&str> = findings.iter().map(|finding| finding.rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    // The names are compared once for each two rules, however many findings they have.
    let of = |finding: &Finding| ids.binary_search(&finding.rule.id).unwrap_or_default();
    let numbers: Vec<usize> = findings.iter().map(of).collect();
    let pairs = ids
        .iter()
        .flat_map(|cause| ids.iter().map(|symptom| explains(cause, symptom)));
    let table: Vec<bool> = pairs.collect();
    for symptom in 0..findings.len() {
        steps::count(findings.len());
        for cause in 0..findings.len() {
            let is_linked = table[numbers[cause] * ids.len() + numbers[symptom]];
            if cause == symptom || !is_linked || !meet(&findings[cause], &findings[symptom]) {
                continue;
            }
            let (one, other) = (&findings[cause], &findings[symptom]);
            if one.cause_of.len() < FINDING_LINKS_MAX && other.because_of.len() < FINDING_LINKS_MAX {
                findings[cause].cause_of.push(symptom);
                findings[symptom].because_of.push(cause);
            }
        }
    }
}

/// Whether both are about the same thing at the same time.
fn meet(cause: &Finding, symptom: &Finding) -> bool {
    let of = |finding: &Finding| finding.connection.as_ref().map(|(_, index)| *index);
    let is_same = match (of(cause), of(symptom)) {
        (None, _) => cause.track.is_none() || cause.track == symptom.track || symptom.connection.is_none(),
        (one, other) => one == other,
    };
    // The network that loses one stream disturbs the others.
    let is_same_track = match (&cause.track, &symptom.track) {
        (Some(one), Some(other)) => one == other || cause.rule.id.starts_with("net."),
        _ => true,
    };
    let end = cause.end.unwrap_or(f64::INFINITY);
    if ENDING.contains(&cause.rule.id) && symptom.end.unwrap_or(f64::INFINITY) > end + MARGIN_MS {
        return false;
    }
    is_same && is_same_track && symptom.start >= cause.start - MARGIN_MS && symptom.start <= end + MARGIN_MS
}
