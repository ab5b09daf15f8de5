//! How interruptions end, and restarts that come to nothing.
use serde_json::json;

use super::ice::{end, plain};
use super::rig::Call;
use super::trace::*;

fn interrupted(rest: &[Row<'static>]) -> Vec<Row<'static>> {
    let rows = [ice(3.0, "checking"), ice(4.0, "connected"), ice(20.0, "disconnected")];
    plain(&[&rows[..], rest].concat())
}

#[test]
fn an_interruption_is_told_with_how_it_ended() {
    let rows = |rest: &[Row<'static>]| found("ice.disconnected", &interrupted(rest));
    assert_eq!(rows(&[ice(25.0, "connected"), end(60.0)]), []);
    assert_eq!(
        rows(&[ice(25.001, "connected"), end(60.0)]),
        [(Warning, 20.0, Some(25.001))]
    );
    assert_eq!(rows(&[ice(35.0, "failed"), end(60.0)]), [(Critical, 20.0, Some(35.0))]);
    assert_eq!(
        rows(&[at(30.0, "close", json!(null)), end(60.0)]),
        [(Warning, 20.0, Some(30.0))]
    );
    assert_eq!(rows(&[end(60.0)]), [(Critical, 20.0, None)]);
    assert_eq!(rows(&[end(25.0)]), []);
    let back = [
        ice(35.0, "failed"),
        ice(36.0, "checking"),
        ice(41.0, "connected"),
        end(60.0),
    ];
    assert_eq!(rows(&back), [(Warning, 20.0, Some(41.0))]);
    assert_eq!(
        texts("ice.disconnected", &call(&interrupted(&back))),
        ["The connection was interrupted for 21 s: ICE failed, and came back when it was restarted."]
    );
    let restarted = exchange(
        27.0,
        &sdp("offer", &[("aaaa", "cccc")]),
        &sdp("answer", &[("aaaa", "dddd"), ("actpass", "active")]),
    );
    let restarted = interrupted(&[&restarted[..], &[ice(30.0, "connected"), end(60.0)]].concat());
    let words = "The connection was interrupted for 10 s and came back by an ICE restart.";
    assert_eq!(texts("ice.disconnected", &call(&restarted)), [words]);
}

#[test]
fn an_interruption_again_and_again_is_told_once() {
    let flapping = |count: usize, step: f64| {
        let times = (0..count).map(|at| 20.0 + at as f64 * step);
        let rows: Vec<_> = times
            .flat_map(|time| [ice(time, "disconnected"), ice(time + 1.0, "connected")])
            .collect();
        let rows = [
            vec![ice(3.0, "checking"), ice(4.0, "connected")],
            rows,
            vec![end(400.0)],
        ]
        .concat();
        found("ice.disconnected", &plain(&rows))
    };
    assert_eq!(flapping(2, 30.0), []);
    assert_eq!(flapping(3, 30.0), [(Warning, 20.0, Some(80.0))]);
    assert_eq!(flapping(3, 30.001), []);
    assert_eq!(flapping(5, 10.0), [(Warning, 20.0, Some(60.0))]);
}

#[test]
fn a_restart_that_comes_to_nothing_is_found_after_fifteen_seconds() {
    let rows = |rest: &[Row<'static>]| {
        let rows = [
            ice(3.0, "checking"),
            ice(4.0, "connected"),
            at(20.0, "restartIce", json!(null)),
        ];
        found("ice.restart-failed", &plain(&[&rows[..], rest].concat()))
    };
    let new = exchange(
        21.0,
        &sdp("offer", &[("aaaa", "cccc")]),
        &sdp("answer", &[("aaaa", "dddd"), ("actpass", "active")]),
    );
    assert_eq!(rows(&[end(60.0)]), [(Critical, 20.0, Some(35.0))]);
    assert_eq!(rows(&[&new[..], &[end(60.0)]].concat()), []);
    assert_eq!(
        rows(&[&new[..], &[ice(30.0, "disconnected"), end(60.0)]].concat()),
        [(Critical, 20.0, Some(35.0))]
    );
    assert_eq!(
        rows(&[&negotiated(21.0)[..], &[end(60.0)]].concat()),
        [(Critical, 20.0, Some(35.0))]
    );
    // It is not judged if there was no time.
    assert_eq!(rows(&[end(34.9)]), []);
    assert_eq!(rows(&[at(30.0, "close", json!(null)), end(60.0)]), []);
    for name in ["ice-restart", "turn-relay", "firefox-av-call"] {
        let mut call = Call::recorded(name);
        let last = call.events.last().map_or(0.0, |last| last.time);
        // With a tail, so that it could be judged.
        call = call.retain(|_, entry| entry.method != "close");
        let tail = (last - call.begin) / 1000.0 + 60.0;
        let call = call.insert(tail, "client", "x", json!(null), &[]);
        assert_eq!(found_in("ice.restart-failed", &call), [], "{name}");
    }
}
