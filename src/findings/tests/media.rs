//! Rules of capture, sending and receiving: each fires on an edit of a call that was healthy, with exact times, is
//! silent on one just short of it, and says what it lacks.
mod capture;
mod flow;
mod freezes;
mod receiving;
mod recorded;
mod sending;

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::rig::{Call, Fired};
use crate::findings::Severity;

const SOURCE: &str = "PC_0/media-source/video";
const MICROPHONE: &str = "PC_0/media-source/audio";
const VIDEO: &str = "PC_0/outbound-rtp/video";
const SOUND: &str = "PC_0/outbound-rtp/audio";
const VIDEO_IN: &str = "PC_0/inbound-rtp/video";
const SOUND_IN: &str = "PC_0/inbound-rtp/audio";
const PLAYOUT: &str = "PC_0/media-playout";

/// From when on to when a finding lasts: the last polls before these seconds. `None` is the end of the dump.
type Times = (f64, Option<f64>);

/// A rule, what is done to the call, and what must come of it.
type Case = (&'static str, Edit, Option<(Severity, Times)>);

type Edit = fn(Call) -> Call;

const INFO: Severity = Severity::Info;
const WARNING: Severity = Severity::Warning;
const CRITICAL: Severity = Severity::Critical;

/// One side of a call of a minute, with sound and pictures in both directions and a poll a second.
fn healthy() -> Call {
    static CALL: OnceLock<Call> = OnceLock::new();
    let call = CALL.get_or_init(|| Call::recorded("av-call-60s").retain(|_, entry| entry.connection != "PC_1"));
    call.clone()
}

/// The last poll before this second.
fn poll_before(call: &Call, connection: &str, seconds: f64) -> f64 {
    let polls = call
        .events
        .iter()
        .filter(|entry| entry.is_poll() && entry.connection == connection);
    let times = polls.map(|entry| (entry.time - call.begin) / 1000.0);
    times.take_while(|time| *time < seconds).last().expect("a poll")
}

/// What the rule of a case must say of the connection.
fn expected(call: &Call, connection: &str, rule: &'static str, expected: Option<(Severity, Times)>) -> Vec<Fired> {
    let fired = |(severity, (start, end)): (Severity, Times)| Fired {
        rule,
        connection: Some(connection.into()),
        severity,
        start: poll_before(call, connection, start),
        end: end.map(|end| poll_before(call, connection, end)),
    };
    expected.map(fired).into_iter().collect()
}

fn check(base: &Call, cases: &[Case]) {
    for (number, (rule, edit, wanted)) in cases.iter().enumerate() {
        let call = edit(base.clone());
        assert_eq!(call.fired(rule), expected(base, "PC_0", rule, *wanted), "case {number}");
        let unlinked: Vec<_> = call
            .all_fired()
            .into_iter()
            .filter(|other| is_apart(rule, other))
            .collect();
        assert_eq!(unlinked, [], "beside {rule}, case {number}");
    }
}

/// Whether a finding beside that of the rule has nothing to do with it.
fn is_apart(rule: &str, fired: &Fired) -> bool {
    let own = ["cap.", "snd.", "rcv."]
        .iter()
        .any(|group| fired.rule.starts_with(group));
    let is_tone = fired.rule == "cap.level-constant";
    own && fired.rule != rule && !is_tone && fired.severity > INFO
}

/// Without one of these properties the rules cannot look, and say so.
fn check_absent(cases: &[(&str, &str, &str)]) {
    for (rule, which, property) in cases {
        let found = healthy().remove(which, property).findings();
        let gaps: Vec<_> = found.not_evaluable.iter().filter(|gap| gap.rule == *rule).collect();
        assert!(!gaps.is_empty(), "{rule} without {property}");
        assert!(gaps.iter().all(|gap| gap.reason.contains(property)), "{rule}: {gaps:?}");
        assert!(!found.findings.iter().any(|finding| finding.rule.id == *rule), "{rule}");
    }
}
