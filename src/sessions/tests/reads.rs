//! The budget of reads, and the run list.

use super::{Pair, text};

#[test]
fn a_turn_has_its_reads_and_the_rest_comes_with_the_run_list() {
    let mut pair = Pair::with(|options| options.limits.reads_per_turn = 2);
    let key = pair.open();
    let messages: Vec<_> = (0..5).map(|number| text(&format!("[{number}]"))).collect();
    pair.send(key, &messages);
    assert_eq!(pair.messages("recording").len(), 2);
    assert_eq!(pair.engine.next_wake(pair.now.instant), pair.now.instant);
    assert_eq!(pair.run(), [key]);
    assert_eq!(pair.messages("recording").len(), 4);
    assert_eq!(pair.run(), [key]);
    assert_eq!(pair.messages("recording").len(), 5);
    assert!(pair.run().is_empty(), "the last turn has found the end");
}

#[test]
fn others_have_their_turn_between_two_of_one_connection() {
    let mut pair = Pair::with(|options| options.limits.reads_per_turn = 1);
    let keys = [pair.open(), pair.open()];
    for key in keys {
        pair.send(key, &[text("[1]"), text("[2]"), text("[3]")]);
    }
    for _ in 0..3 {
        assert!(keys.iter().all(|key| pair.engine.peers.get(*key).unwrap().is_runnable));
        pair.run();
    }
    assert!(pair.run().is_empty());
    assert!(pair.dumps("recording").iter().all(|dump| dump.lines().count() == 5));
}

#[test]
fn whoever_leaves_while_on_the_run_list_is_not_asked_for() {
    let mut pair = Pair::with(|options| options.limits.reads_per_turn = 1);
    let key = pair.open();
    pair.send(key, &[text("[1]")]);
    pair.end(key);
    assert_eq!(pair.done.last().unwrap(), "close");
    assert!(pair.run().is_empty());
}

#[test]
fn an_idle_engine_wakes_for_upkeep() {
    let mut pair = Pair::new();
    pair.upkeep(super::FREE);
    let wake = pair.engine.next_wake(pair.now.instant);
    assert_eq!(wake - pair.now.instant, std::time::Duration::from_secs(1));
    assert!(!pair.engine.is_upkeep_due(pair.now.instant) && pair.engine.is_upkeep_due(wake));
}
