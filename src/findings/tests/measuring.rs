//! Rules about paths, gaps, clocks, and the dump itself.
use serde_json::{Value, json};

use super::cases::{Absent, PAIR, check_absent, healthy};
use super::recording::{Recording, T0, found, lines, of};
use super::rig::Call;
use crate::findings::Severity::{self, Info, Warning};
use crate::findings::{End, Examination, Finding, Settings};

#[test]
fn what_is_not_told_of_paths_and_of_the_machine_is_not_judged() {
    check_absent(ABSENT);
}

pub const ABSENT: &[Absent] = &[
    ("ice.relay-used", &[("PC_0/local-candidate", "candidateType")]),
    ("ice.tcp-used", &[("PC_0/local-candidate", "protocol")]),
    ("snd.codec-changed", &[("PC_0/codec", "mimeType")]),
    ("env.pressure", &[("PC_0/compute-pressure", "cpuState")]),
    ("env.clock", &[("PC_0", "timestamp")]),
];

#[test]
fn a_connection_without_a_pair_that_is_used_has_no_path() {
    let call = healthy().remove("PC_0/transport", "selectedCandidatePairId");
    let found = call.remove_reports(PAIR, 0.0..90.0).findings();
    for rule in ["ice.path-changed", "ice.relay-used", "ice.tcp-used"] {
        let gap = found.not_evaluable.iter().find(|gap| gap.rule == rule);
        let reason = gap.map(|gap| &*gap.reason);
        assert_eq!(reason, Some("no pair of candidates is said to be used"), "{rule}");
    }
    let found = healthy().remove_reports("PC_0/compute-pressure", 0.0..90.0).findings();
    let gap = found.not_evaluable.iter().find(|gap| gap.rule == "env.pressure");
    assert_eq!(gap.map(|gap| &*gap.reason), Some("there is no compute-pressure report"));
}

type Told = (Severity, f64, Option<f64>);

fn told(found: &[&Finding]) -> Vec<Told> {
    found
        .iter()
        .map(|finding| (finding.severity, finding.start, finding.end))
        .collect()
}

#[test]
fn a_gap_between_polls_is_found_once_for_all_connections() {
    for (to, severity) in [(26, Info), (52, Warning)] {
        let mut recording = Recording::of("av-call-60s");
        let polls = recording.polls("PC_0");
        let gone = polls[20] + 500.0..polls[to] + 500.0;
        recording.events.retain(|event| {
            let time = event[0].as_f64().expect("a time");
            event[2] != "getStats" || !gone.contains(&time)
        });
        let findings = recording.found();
        let own = of(&findings, "env.poll-gap");
        assert_eq!(own.len(), 1, "{own:?}");
        assert_eq!((own[0].severity, own[0].connection.is_none()), (severity, true));
        let span = own[0].end.expect("an end") - own[0].start;
        assert!((span - (to as f64 - 19.0) * 1000.0).abs() < 500.0, "{span}");
        assert_eq!(found(&recording.lines()).findings.len(), findings.findings.len());
    }
}

#[test]
fn a_clock_that_jumps_is_found() {
    for (jump, is_found) in [(2000.0, true), (900.0, false)] {
        let recording = Recording::of("av-call-60s");
        let poll = recording.polls("PC_0")[30];
        let shifted = recording.each(|event| {
            let time = event[0].as_f64().expect("a time");
            if time >= poll {
                event[0] = json!(time + jump);
            }
        });
        let findings = shifted.found();
        let own = of(&findings, "env.clock");
        assert_eq!(
            told(&own),
            Vec::from_iter(is_found.then_some((Info, poll + jump, Some(poll + jump))))
        );
        for finding in own {
            assert!((finding.value.expect("a value") - 2.0).abs() < 0.1);
        }
    }
}

/// The client library writes numbers, of which 1 is the worst; words are those of the browser.
#[test]
fn pressure_is_found_while_it_is_serious_whichever_way_it_is_told() {
    let calm = healthy().set(PRESSURE, 0.0..90.0, "cpuState", 4);
    for (state, word) in [
        (json!(3), None),
        (json!(2), Some("serious")),
        (json!(1), Some("critical")),
        (json!("fair"), None),
        (json!("serious"), Some("serious")),
        (json!("critical"), Some("critical")),
        (json!(0), None),
        (json!(7), None),
    ] {
        let found = calm
            .clone()
            .set(PRESSURE, 20.0..32.0, "cpuState", state.clone())
            .findings();
        let texts: Vec<_> = of(&found, "env.pressure").iter().map(|own| own.text.clone()).collect();
        let wanted = word.map(|word| format!("The processor was under {word} pressure for 12 s."));
        assert_eq!(texts, Vec::from_iter(wanted), "{state}");
    }
}

const PRESSURE: &str = "PC_0/compute-pressure";

#[test]
fn tcp_to_the_network_is_found_whoever_tells_it() {
    for (property, value) in [("protocol", "tcp"), ("relayProtocol", "tls")] {
        let recording = Recording::of("av-call-60s").reports("PC_0", "local-candidate", |_, candidate| {
            candidate.insert(property.into(), json!(value));
        });
        let findings = recording.found();
        let own = of(&findings, "ice.tcp-used");
        assert_eq!(own.len(), 1);
        assert_eq!((own[0].severity, own[0].share), (Warning, Some(1.0)));
        assert!(own[0].text.contains(value), "{}", own[0].text);
    }
}

/// A connection that polls once a second, with the pair that `pair` gives for each second.
fn paths(seconds: u32, pair: fn(u32) -> &'static str) -> Recording {
    let mut events = vec![
        (json!("PC_0"), "create", json!({}), 0.0),
        (json!("PC_0"), "onconnectionstatechange", json!("connected"), 0.0),
    ];
    for second in 1..=seconds {
        let candidate = |kind: &str| json!({"type": "local-candidate", "candidateType": kind, "protocol": "udp"});
        let one = |local: &str| json!({"type": "candidate-pair", "state": "succeeded", "localCandidateId": local});
        let reports = json!({
            "T": {"type": "transport", "selectedCandidatePairId": pair(second)},
            "a": one("A"), "b": one("B"), "A": candidate("host"), "B": candidate("relay"),
        });
        events.push((json!("PC_0"), "getStats", reports, f64::from(second)));
    }
    events.push((Value::Null, "close", json!(1000), f64::from(seconds) + 1.0));
    Recording::made(&events)
}

#[test]
fn a_path_that_changes_again_and_again_is_a_warning() {
    let at = |s: f64| T0 + s * 1000.0;
    let once = paths(30, |second| if second < 15 { "a" } else { "b" }).found();
    let own = of(&once, "ice.path-changed");
    assert_eq!(told(&own), [(Info, at(15.0), Some(at(15.0)))]);
    assert_eq!(
        own[0].text,
        "The path changed from host/udp → unknown to relay/udp → unknown."
    );
    let relay = of(&once, "ice.relay-used");
    assert_eq!(told(&relay), [(Info, at(15.0), None)]);
    let many = paths(30, |second| if (second / 7) % 2 == 0 { "a" } else { "b" }).found();
    let worst: Vec<_> = of(&many, "ice.path-changed")
        .into_iter()
        .filter(|finding| finding.severity == Warning)
        .collect();
    assert_eq!(told(&worst), [(Warning, at(7.0), Some(at(21.0)))]);
    let early = paths(30, |second| if second < 4 { "a" } else { "b" }).found();
    assert!(of(&early, "ice.path-changed").is_empty());
}

#[test]
fn a_dump_without_an_end_is_told_of() {
    let whole = Recording::of("short-session");
    assert!(of(&whole.found(), "dump.unfinished").is_empty());
    let cut = Recording {
        events: whole.events[..whole.events.len() - 1].to_vec(),
    };
    assert_eq!(of(&cut.found(), "dump.unfinished").len(), 1);
    let killed = found(&lines("abrupt-browser-kill"));
    assert!(of(&killed, "dump.unfinished")[0].text.contains("1006"));
    for (code, words) in [
        (1000, None),
        (1001, None),
        (1005, None),
        (4001, None),
        (
            1009,
            Some("The recording was ended with an error (1009, a message or the dump was too large): "),
        ),
        (
            1013,
            Some("The recording was ended with an error (1013, the server had no room): "),
        ),
        (1002, Some("The recording was ended with an error (1002): ")),
    ] {
        let mut ended = Recording::of("short-session");
        ended.events.last_mut().expect("a closing line")[3] = json!(code);
        let ended = ended.found();
        let told = of(&ended, "dump.unfinished")
            .first()
            .map(|finding| finding.text.as_str());
        assert_eq!(told.is_some(), words.is_some(), "{code}");
        assert!(
            told.unwrap_or_default().starts_with(words.unwrap_or_default()),
            "{told:?}"
        );
    }
    let torn = Examination::new(&Settings::default()).finish(End::Torn);
    assert_eq!(
        of(&torn, "dump.unfinished")[0].text,
        "The file of the dump is cut off or damaged."
    );
}

/// A browser that is too busy gives the last statistics again, with their time: its senders have not stopped.
#[test]
fn statistics_that_are_given_again_say_nothing() {
    let mut call = Call::recorded("av-call-60s");
    let mut last = None;
    let begin = call.begin;
    let polls = call.events.iter_mut();
    for poll in polls.filter(|entry| entry.is_poll() && entry.connection == "PC_0") {
        if (20.0..30.0).contains(&((poll.time - begin) / 1000.0)) {
            poll.value = last.get_or_insert_with(|| poll.value.clone()).clone();
        }
    }
    let fired: Vec<_> = call.all_fired().into_iter().map(|fired| fired.rule).collect();
    assert!(fired.contains(&"env.poll-gap"), "{fired:?}");
    let others = fired.iter().filter(|rule| {
        ["snd.", "rcv.", "net.", "cap.video"]
            .iter()
            .any(|group| rule.starts_with(group))
    });
    assert_eq!(others.count(), 0, "{fired:?}");
}

/// What came in the first seconds of a silence is no sign that packets still come.
#[test]
fn lost_consent_tells_whether_packets_still_come() {
    let silent = Call::recorded("av-call-60s").grow(PAIR, 20.0..40.0, "responsesReceived", 0.0);
    let text = |call: &Call| {
        let findings = call.findings().findings;
        let own = findings
            .into_iter()
            .find(|finding| finding.rule.id == "ice.consent-lost");
        own.expect("ice.consent-lost").text
    };
    assert!(
        text(&silent).contains("though packets came from it"),
        "{}",
        text(&silent)
    );
    let gone = silent.grow(PAIR, 22.0..40.0, "packetsReceived", 0.0);
    assert!(text(&gone).contains("it is gone, or the network is"), "{}", text(&gone));
}
