//! Every rule is shown to fire, to be silent just short of it, and to say what it lacks.
use super::{Proof, media, negotiation, network, page};
use crate::dump::form::Need;
use crate::findings::rule::{Rule, Watch};
use crate::findings::tests::cases::{Case, healthy};
use crate::findings::tests::media::{capture, receiving, sending};
use crate::findings::tests::rig::examine;
use crate::findings::tests::trace::browsers;
use crate::findings::tests::{measuring, net};
use crate::findings::{Settings, rules};

const CASES: [&[Case]; 7] = [
    net::QUALITY,
    net::BANDWIDTH,
    capture::CAPTURE,
    sending::ENCODING,
    sending::PACKETS,
    receiving::PICTURES,
    receiving::PLAYED,
];

const PROOFS: [&[Proof]; 5] = [
    page::PAGE,
    negotiation::SIGNALLING,
    network::WAYS,
    network::FAILURES,
    media::STREAMS,
];

/// Rules of which no edit of a client's dump can tell, and the test that shows them.
const OTHERWISE: [(&str, &str); 1] = [(
    "dump.truncated",
    "engine::connections_beyond_the_limit_are_counted_and_told",
)];

#[test]
fn every_rule_fires_on_an_edited_recording_and_is_silent_just_short_of_it() {
    let proofs = || PROOFS.into_iter().flatten();
    let cases = || CASES.into_iter().flatten();
    for rule in rules() {
        let is_proved = proofs().any(|proof| proof.rule == rule.id);
        let has = |fires: bool| cases().any(|(id, _, wanted)| *id == rule.id && wanted.is_some() == fires);
        let is_otherwise = OTHERWISE.iter().any(|(id, _)| *id == rule.id);
        assert!(
            is_proved || (has(true) && has(false)) || is_otherwise,
            "{} is in no table",
            rule.id
        );
    }
    let is_rule = |id: &str| rules().any(|rule| rule.id == id);
    assert!(proofs().all(|proof| is_rule(proof.rule)) && cases().all(|(id, ..)| is_rule(id)));
}

/// Whether it looks at properties that a browser may lack.
fn has_properties(rule: &Rule) -> bool {
    !rule.needs.is_empty() || !rule.either.is_empty()
}

#[test]
fn every_rule_that_rests_on_properties_says_which_one_is_absent() {
    let absent = [
        net::ABSENT,
        capture::ABSENT,
        sending::ABSENT,
        receiving::ABSENT,
        measuring::ABSENT,
    ];
    for rule in rules() {
        let is_shown = absent.iter().copied().flatten().any(|(id, _)| *id == rule.id);
        let is_of_reports = has_properties(rule) || matches!(rule.watch, Watch::Level(_) | Watch::Report(..));
        assert!(is_shown || !is_of_reports, "{}: what if it is absent?", rule.id);
    }
}

/// What a page alone knows, a browser's log cannot show.
#[test]
fn every_rule_that_rests_on_a_form_of_dumps_says_so_of_others() {
    let logs = [
        "gum-failures.internals",
        "ice-restart-late.internals",
        "simulcast-3rids.chrome-rtcstats",
    ];
    let found = logs.map(|name| examine(browsers(name), &Settings::default()));
    for rule in rules().filter(|rule| rule.form != Need::Nothing) {
        let is_blind = found
            .iter()
            .any(|found| found.not_evaluable.iter().any(|gap| gap.rule == rule.id));
        assert!(is_blind, "{}", rule.id);
    }
}

#[test]
fn without_statistics_all_that_rest_on_them_are_not_evaluable() {
    let found = healthy().retain(|_, entry| !entry.is_poll()).findings();
    for rule in rules() {
        let is_of_statistics = has_properties(rule) || matches!(rule.watch, Watch::Level(_) | Watch::Report(..));
        let others = [
            "ice.path-changed",
            "ice.relay-used",
            "ice.tcp-used",
            "snd.codec-changed",
            "env.poll-gap",
            "env.clock",
        ];
        let is_blind = found.not_evaluable.iter().any(|gap| gap.rule == rule.id);
        assert_eq!(is_blind, is_of_statistics || others.contains(&rule.id), "{}", rule.id);
    }
}
