//! How the page asked for devices.
use serde_json::{Value, json};

use super::rig::{Call, examine};
use crate::findings::Settings;

use super::trace::{Critical, Found, Info, Row, Warning, browsers, call, found, found_in, is_blind, texts};

const ASK: &str = "gum 60-0";
const FAIL: &str = "gumOnFailure 60-0";

fn client(seconds: f64, method: &str, value: Value) -> Row<'_> {
    (seconds, "client", method, value)
}

fn both() -> Value {
    json!({"audio": true, "video": true})
}

/// One call that fails, and what happens afterwards.
fn failed(error: &str, then: &[Row<'_>]) -> Call {
    let rows = [client(1.0, ASK, both()), client(2.0, FAIL, json!(error))];
    call(&[&rows[..], then].concat())
}

#[test]
fn each_error_is_found_by_its_rule_alone() {
    for (error, rule, severity) in [
        ("NotAllowedError: Permission denied", "gum.denied", Critical),
        ("SecurityError", "gum.denied", Critical),
        ("NotFoundError: Requested device not found", "gum.not-found", Critical),
        ("NotReadableError: Could not start video source", "gum.busy", Critical),
        ("AbortError: Starting videoinput failed", "gum.busy", Critical),
        ("OverconstrainedError", "gum.overconstrained", Warning),
        ("TypeError: nothing requested", "gum.overconstrained", Warning),
    ] {
        let call = failed(error, &[client(40.0, "x", json!(null))]);
        assert_eq!(found_in(rule, &call), [(severity, 2.0, Some(2.0))], "{error}");
        let all: Vec<_> = call
            .all_fired()
            .into_iter()
            .map(|own| own.rule)
            .filter(|rule| rule.starts_with("gum"))
            .collect();
        assert_eq!(all, [rule], "{error}");
    }
    assert_eq!(failed("SomethingElse: x", &[]).fired("gum.denied"), []);
}

#[test]
fn a_failure_is_milder_if_a_later_call_succeeds_within_thirty_seconds() {
    for (error, rule, milder) in [
        ("NotAllowedError", "gum.denied", Info),
        ("NotFoundError", "gum.not-found", Warning),
        ("NotReadableError", "gum.busy", Warning),
    ] {
        for (seconds, severity) in [(31.9, milder), (32.1, Critical)] {
            let later = [
                client(seconds - 1.0, "gum 60-1", both()),
                client(seconds, "gumOnSuccess 60-1", json!([])),
            ];
            let call = failed(error, &later);
            assert_eq!(found_in(rule, &call), [(severity, 2.0, Some(2.0))], "{error} {seconds}");
        }
        // The dump ends before it is clear.
        assert_eq!(found_in(rule, &failed(error, &[])), [(Critical, 2.0, Some(2.0))]);
    }
}

#[test]
fn the_sentence_tells_who_denied_what() {
    for (error, words) in [
        (
            "NotAllowedError: Permission denied",
            "The user or a policy denied the page the camera and microphone.",
        ),
        (
            "NotAllowedError: Permission denied by system",
            "The operating system denied the browser the camera and microphone.",
        ),
        (
            "NotAllowedError: Permission dismissed",
            "The user closed the prompt for the camera and microphone without an answer.",
        ),
    ] {
        assert_eq!(texts("gum.denied", &failed(error, &[])), [words]);
    }
}

#[test]
fn a_prompt_that_waits_is_slow_from_five_seconds_on() {
    for (seconds, expected) in [
        (6.0, None),
        (6.001, Some((Info, 1.0, Some(6.001)))),
        (31.0, Some((Info, 1.0, Some(31.0)))),
        (31.001, Some((Warning, 1.0, Some(31.001)))),
    ] {
        let rows = [
            client(1.0, ASK, both()),
            client(seconds, "gumOnSuccess 60-0", json!([])),
        ];
        assert_eq!(found("gum.slow", &rows), Vec::<Found>::from_iter(expected), "{seconds}");
    }
    for (seconds, expected) in [(6.0, None), (7.0, Some((Warning, 1.0, None)))] {
        let rows = [client(1.0, ASK, both()), client(seconds, "x", json!(null))];
        assert_eq!(found("gum.slow", &rows), Vec::<Found>::from_iter(expected), "{seconds}");
    }
    // A refusal is another matter.
    assert_eq!(
        found_in(
            "gum.slow",
            &failed("NotAllowedError", &[client(60.0, "x", json!(null))])
        ),
        []
    );
}

#[test]
fn many_calls_are_found_as_one_burst_and_by_their_sum() {
    let calls = |count: usize, step: f64| -> Vec<Row<'static>> {
        (0..count)
            .map(|at| client(1.0 + at as f64 * step, "gum", both()))
            .collect()
    };
    assert_eq!(found("gum.many", &calls(19, 0.1)), []);
    assert_eq!(found("gum.many", &calls(20, 3.0)), [(Info, 1.0, Some(58.0))]);
    assert_eq!(found("gum.many", &calls(20, 60.1 / 19.0)), []);
    assert_eq!(found("gum.many", &calls(25, 1.0)), [(Info, 1.0, Some(25.0))]);
    assert_eq!(found("gum.many", &calls(499, 4.0)), []);
    assert_eq!(found("gum.many", &calls(500, 4.0)), [(Info, 1.0, Some(1997.0))]);
}

#[test]
fn the_recorded_failures_are_found_and_a_browsers_dump_without_requests_tells_nothing() {
    let recorded = Call::recorded("gum-failures");
    let denied = found_in("gum.denied", &recorded);
    assert_eq!(denied.iter().map(|own| own.0).collect::<Vec<_>>(), [Info, Info]);
    assert_eq!(found_in("gum.overconstrained", &recorded).len(), 6);
    let of_browser = examine(browsers("gum-failures.internals"), &Settings::default());
    for rule in ["gum.denied", "gum.not-found", "gum.slow", "gum.many"] {
        assert!(of_browser.not_evaluable.iter().any(|own| own.rule == rule), "{rule}");
        assert!(!is_blind(rule, &recorded), "{rule}");
    }
}
