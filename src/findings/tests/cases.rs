//! Cases: what is done to a healthy call, and what its rule must say of it, exactly.
//!
//! Besides the rule only such rules may speak as the table of causes links to it, or as `BESIDE` names with a reason.
use std::sync::OnceLock;

use super::rig::{Call, Fired};
use crate::findings::Severity;
use crate::findings::causes::explains;

pub const SOURCE: &str = "PC_0/media-source/video";
pub const MICROPHONE: &str = "PC_0/media-source/audio";
pub const VIDEO: &str = "PC_0/outbound-rtp/video";
pub const SOUND: &str = "PC_0/outbound-rtp/audio";
pub const VIDEO_IN: &str = "PC_0/inbound-rtp/video";
pub const SOUND_IN: &str = "PC_0/inbound-rtp/audio";
pub const REMOTE: &str = "PC_0/remote-inbound-rtp";
pub const PAIR: &str = "PC_0/candidate-pair";
pub const PLAYOUT: &str = "PC_0/media-playout";

/// From when on to when a finding lasts: the last polls before these seconds. `None` is the end of the dump.
pub type Times = (f64, Option<f64>);

/// A rule, what is done to the call, and what must come of it.
pub type Case = (&'static str, Edit, Option<(Severity, Times)>);

pub type Edit = fn(Call) -> Call;

/// A rule, and the properties of reports that are taken away.
pub type Absent = (&'static str, &'static [(&'static str, &'static str)]);

pub const INFO: Severity = Severity::Info;
pub const WARNING: Severity = Severity::Warning;
pub const CRITICAL: Severity = Severity::Critical;

/// One side of a call of a minute, with sound and pictures in both directions and a poll a second.
pub fn healthy() -> Call {
    static CALL: OnceLock<Call> = OnceLock::new();
    let call = CALL.get_or_init(|| Call::recorded("av-call-60s").retain(|_, entry| entry.connection != "PC_1"));
    call.clone()
}

/// The last poll before this second.
pub fn poll_before(call: &Call, connection: &str, seconds: f64) -> f64 {
    let polls = call
        .events
        .iter()
        .filter(|entry| entry.is_poll() && entry.connection == connection);
    let times = polls.map(|entry| (entry.time - call.begin) / 1000.0);
    times.take_while(|time| *time < seconds).last().expect("a poll")
}

/// What the rule of a case must say of the connection.
pub fn expected(call: &Call, connection: &str, rule: &'static str, expected: Option<(Severity, Times)>) -> Vec<Fired> {
    let fired = |(severity, (start, end)): (Severity, Times)| Fired {
        rule,
        connection: Some(connection.into()),
        severity,
        start: poll_before(call, connection, start),
        end: end.map(|end| poll_before(call, connection, end)),
    };
    expected.map(fired).into_iter().collect()
}

pub fn check(base: &Call, cases: &[Case]) {
    let mut wrong = Vec::new();
    for (number, (rule, edit, wanted)) in cases.iter().enumerate() {
        let (own, others): (Vec<_>, Vec<_>) = edit(base.clone())
            .all_fired()
            .into_iter()
            .partition(|fired| fired.rule == *rule);
        if own != expected(base, "PC_0", rule, *wanted) {
            wrong.push(format!("case {number}: {own:?} instead of {wanted:?}"));
        }
        let apart = apart(rule, others);
        if !apart.is_empty() {
            wrong.push(format!("case {number}, beside {rule}: {apart:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Which of these have nothing to do with the rule.
pub fn apart(rule: &str, mut others: Vec<Fired>) -> Vec<Fired> {
    others.retain(|other| {
        let is_named = BESIDE
            .iter()
            .any(|(one, beside, _)| (*one == rule || *one == "*") && *beside == other.rule);
        !is_named && !is_linked(rule, other.rule)
    });
    others
}

/// Whether one of both explains the other, by way of others too.
fn is_linked(one: &str, other: &str) -> bool {
    leads(one, other) || leads(other, one)
}

fn leads(cause: &str, symptom: &str) -> bool {
    let ids: Vec<_> = crate::findings::rules().map(|rule| rule.id).collect();
    let (mut ahead, mut seen) = (vec![cause], Vec::new());
    while let Some(next) = ahead.pop() {
        if explains(next, symptom) {
            return true;
        }
        seen.push(next);
        ahead.extend(ids.iter().filter(|id| explains(next, id) && !seen.contains(*id)));
    }
    false
}

/// Without these properties the rules cannot look, and say so: the first of them is named.
pub fn check_absent(cases: &[Absent]) {
    for (rule, properties) in cases {
        let remove = |call: Call, (which, property): &(&str, &str)| call.remove(which, property);
        let found = properties.iter().fold(healthy(), remove).findings();
        let gaps: Vec<_> = found.not_evaluable.iter().filter(|gap| gap.rule == *rule).collect();
        assert!(!gaps.is_empty(), "{rule} without {properties:?}");
        let is_named = |reason: &str| properties.iter().any(|(_, property)| reason.contains(property));
        assert!(gaps.iter().all(|gap| is_named(&gap.reason)), "{rule}: {gaps:?}");
        assert!(!found.findings.iter().any(|finding| finding.rule.id == *rule), "{rule}");
    }
}

/// Rules that fire truly beside that of a case (`*`: any), and why.
const BESIDE: &[(&str, &str, &str)] = &[
    ("*", "cap.level-constant", "the microphone of the recording is a tone"),
    ("*", "env.pressure", "the machine of the recording was busy for a while"),
    (
        "net.low-bandwidth",
        "net.bwe-drop",
        "an estimate that is low for a while has fallen before",
    ),
    (
        "net.congested",
        "net.loss-out",
        "the case has the loss that tells of a full link",
    ),
    ("net.congested", "net.asymmetric", "and it has it in one direction only"),
    (
        "net.asymmetric",
        "net.jitter",
        "the case has the jitter that tells of another trouble",
    ),
    (
        "snd.retransmits",
        "snd.layer-off",
        "the case has the encoding switched off",
    ),
    ("gum.many", "gum.slow", "nobody answers the requests of the case"),
    (
        "sig.many-connections",
        "dump.no-stats",
        "the connections of the case are never connected",
    ),
    ("ice.stuck", "dump.unfinished", "the case cuts the dump"),
    (
        "ice.mdns-only",
        "ice.failed",
        "names that nobody finds may be why, but nobody knows",
    ),
    ("ice.mdns-only", "ice.only-host", "nor do both sides know any other way"),
    ("ice.mdns-only", "dump.no-stats", "it is never connected"),
    (
        "ice.host-warmup",
        "ice.failed",
        "it is about a failure that was overcome",
    ),
    (
        "ice.host-warmup",
        "ice.no-turn-configured",
        "at the failure there was no other way",
    ),
    ("ice.host-warmup", "dump.no-stats", "the case has no statistics"),
];
