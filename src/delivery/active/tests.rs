//! Tests of the active set without a disk: the order, the bounds, and that no id is handed out twice.
use super::*;
use crate::limits::{ACTIVE_IDS_MAX, REMOVALS_IDS_MAX};

fn ids(count: usize) -> Vec<Id> {
    (0..count).map(|_| Id::new()).collect()
}

fn set() -> ActiveSet {
    ActiveSet::new(Bounds::default(), Pauses::default())
}

/// A hand takes the next id that waits to be judged.
fn take(set: &mut ActiveSet) -> Option<Id> {
    set.check_counts();
    set.take(Step::Judge, Step::Judge)
}

fn offer(set: &mut ActiveSet, id: Id) {
    set.offer(id, Step::Judge);
}

/// A hand gives it back, and its files are to be removed.
fn remove(set: &mut ActiveSet, id: Id, removal: Removal) {
    set.give_back(id).expect("a hand had it");
    set.removing(id, removal);
}

fn removed(set: &mut ActiveSet, id: Id, removal: Removal) {
    if let Some(step) = set.removed(id, removal) {
        set.wait(id, step);
    }
}

fn defer(set: &mut ActiveSet, id: Id, destination: Destination) {
    set.give_back(id).expect("a hand had it");
    set.defer(id, destination);
}

#[test]
fn the_oldest_goes_first_and_only_once() {
    let ids = ids(3);
    let mut set = set();
    for at in [2, 0, 1, 0, 2] {
        offer(&mut set, ids[at]);
    }
    let taken: Vec<_> = std::iter::from_fn(|| take(&mut set)).collect();
    assert_eq!(taken, ids);
    offer(&mut set, ids[1]);
    assert_eq!(take(&mut set), None, "a hand has it");
    set.give_back(ids[1]);
    set.forget(ids[1]);
    offer(&mut set, ids[1]);
    assert_eq!(take(&mut set), Some(ids[1]));
    set.check_whole();
}

#[test]
fn holds_the_oldest_and_leaves_the_rest_to_the_disk() {
    let ids = ids(ACTIVE_IDS_MAX + 10);
    let mut set = set();
    ids.iter().rev().for_each(|id| offer(&mut set, *id));
    assert!(!set.is_hungry());
    let taken: Vec<_> = std::iter::from_fn(|| take(&mut set)).collect();
    assert_eq!(taken, ids[..ACTIVE_IDS_MAX]);
    assert!(set.is_hungry() && set.stage(ids[ACTIVE_IDS_MAX]).is_none());
    set.list();
    assert!(!set.is_hungry());
}

#[test]
fn what_waits_for_the_sync_is_not_taken_up_again() {
    let id = Id::new();
    let mut set = set();
    offer(&mut set, id);
    take(&mut set);
    remove(&mut set, id, Removal::Replaced);
    assert_eq!(set.stage(id), Some(Stage::Syncing));
    offer(&mut set, id);
    assert_eq!(take(&mut set), None);
    for _ in 0..2 {
        removed(&mut set, id, Removal::Replaced);
    }
    assert_eq!(
        set.take(Step::Put, Step::Put),
        Some(id),
        "its packed file is durable now"
    );
    remove(&mut set, id, Removal::Delivered);
    removed(&mut set, id, Removal::Replaced);
    offer(&mut set, id);
    assert_eq!(take(&mut set), None);
    assert_eq!(
        set.stage(id),
        Some(Stage::Leaving),
        "only its unmasked file was known to be gone"
    );
    removed(&mut set, id, Removal::Delivered);
    assert!(set.stage(id).is_none() && set.len() == 0);
    set.check_whole();
}

#[test]
fn attempts_rotate_through_the_deferred() {
    let ids = ids(3);
    let mut set = set();
    ids.iter().for_each(|id| offer(&mut set, *id));
    for id in &ids {
        take(&mut set);
        defer(&mut set, *id, Destination::Storage);
    }
    assert_eq!(set.attempt(Destination::Database), None);
    assert_eq!(set.awaited().collect::<Vec<_>>(), [Destination::Storage]);
    let mut attempts = Vec::new();
    for _ in 0..4 {
        let id = set.attempt(Destination::Storage).unwrap();
        assert_eq!(take(&mut set), Some(id));
        defer(&mut set, id, Destination::Storage);
        attempts.push(id);
    }
    assert_eq!(attempts, [ids[0], ids[1], ids[2], ids[0]]);
    set.resume(Destination::Storage);
    let all: Vec<_> = std::iter::from_fn(|| take(&mut set)).collect();
    assert_eq!(all, ids, "the destination is back");
    set.check_whole();
}

#[test]
fn every_set_is_bounded() {
    let mut set = set();
    for id in ids(3 * ACTIVE_IDS_MAX) {
        offer(&mut set, id);
        let id = take(&mut set).unwrap();
        defer(&mut set, id, Destination::Database);
    }
    assert_eq!(set.len(), ACTIVE_IDS_MAX);
    assert!(set.is_saturated());
    ids(2 * ACTIVE_IDS_MAX).into_iter().for_each(|id| offer(&mut set, id));
    assert_eq!(set.len(), 2 * ACTIVE_IDS_MAX);
    set.resume(Destination::Database);
    assert_eq!(
        set.len(),
        ACTIVE_IDS_MAX,
        "those that are resumed compete for the same places"
    );
    while let Some(id) = take(&mut set) {
        remove(&mut set, id, Removal::Delivered);
    }
    for id in ids(2 * REMOVALS_IDS_MAX) {
        if !set.is_clogged() {
            offer(&mut set, id);
            take(&mut set);
            remove(&mut set, id, Removal::Delivered);
        }
    }
    assert!(set.is_clogged());
    assert_eq!(set.len(), REMOVALS_IDS_MAX);
    for id in ids(2 * REMOVALS_IDS_MAX) {
        set.wait(id, Step::Put);
    }
    assert_eq!(set.len(), 2 * REMOVALS_IDS_MAX);
    set.check_whole();
}

#[test]
fn what_stumbled_comes_behind_all_others() {
    let ids = ids(4);
    let mut set = set();
    ids[..3].iter().for_each(|id| offer(&mut set, *id));
    for id in &ids[..3] {
        assert_eq!(take(&mut set), Some(*id));
    }
    for (at, id) in ids[..3].iter().enumerate() {
        set.give_back(*id);
        if at == 0 {
            set.stumble(*id);
        }
        set.defer(*id, Destination::Storage);
    }
    let attempt = set.attempt(Destination::Storage);
    assert_eq!(attempt, Some(ids[1]), "the oldest does not try it");
    assert_eq!(take(&mut set), attempt);
    set.give_back(ids[1]);
    set.forget(ids[1]);
    offer(&mut set, ids[3]);
    set.resume(Destination::Storage);
    let taken: Vec<_> = std::iter::from_fn(|| take(&mut set)).collect();
    assert_eq!(taken, [ids[2], ids[3], ids[0]]);
    set.check_whole();
}

#[test]
fn what_was_packed_beyond_what_is_listed_lets_older_ones_go_first() {
    let [oldest, known, beyond] = [(); 3].map(|()| Id::new());
    for (listed_up_to, left_out) in [
        (ListedUpTo::All, &[][..]),
        (ListedUpTo::Id(known), &[beyond]),
        (ListedUpTo::Nothing, &[known, beyond]),
    ] {
        let mut set = set();
        for id in [known, beyond] {
            offer(&mut set, id);
            take(&mut set);
            remove(&mut set, id, Removal::Replaced);
        }
        set.limit(listed_up_to);
        for id in [beyond, known] {
            removed(&mut set, id, Removal::Replaced);
        }
        for id in [known, beyond] {
            assert_eq!(set.stage(id).is_some(), !left_out.contains(&id), "{listed_up_to:?}");
        }
        offer(&mut set, oldest);
        assert_eq!(take(&mut set), Some(oldest));
    }
}

#[test]
fn what_was_forgotten_during_a_look_is_not_offered_from_it() {
    let [gone, new, late] = [(); 3].map(|()| Id::new());
    let mut set = set();
    offer(&mut set, gone);
    take(&mut set);
    set.list();
    set.give_back(gone);
    set.forget(gone);
    set.listed(vec![gone, new]);
    assert!(set.stage(gone).is_none() && set.stage(new).is_some());
    set.list();
    set.listed(vec![gone, late]);
    assert!(set.stage(gone).is_some(), "it is in a list that was begun behind it");
}

#[test]
fn a_look_that_too_much_happens_under_is_made_again() {
    let mut set = ActiveSet::new(
        Bounds {
            active: 2,
            removals: 3,
            ..Bounds::default()
        },
        Pauses::default(),
    );
    set.list();
    for id in ids(4) {
        offer(&mut set, id);
        take(&mut set);
        set.give_back(id);
        set.forget(id);
    }
    set.listed(ids(2));
    assert!(set.len() == 0 && !set.is_listing() && set.is_hungry());
}
