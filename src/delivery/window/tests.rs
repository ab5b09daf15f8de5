//! The window without a disk: order, bounds, and that no id is handed out twice.
use super::*;

fn ids(count: usize) -> Vec<Id> {
    (0..count).map(|_| Id::new()).collect()
}

fn take(window: &mut Window) -> Option<Id> {
    window.next(|_| true, |_| false)
}

#[test]
fn the_oldest_goes_first_and_only_once() {
    let ids = ids(3);
    let mut window = Window::default();
    for at in [2, 0, 1, 0, 2] {
        window.offer(ids[at]);
    }
    let taken: Vec<_> = std::iter::from_fn(|| take(&mut window)).collect();
    assert_eq!(taken, ids);
    window.offer(ids[1]);
    assert_eq!(take(&mut window), None, "a worker has it");
    window.finish(ids[1]);
    window.offer(ids[1]);
    assert_eq!(take(&mut window), Some(ids[1]));
}

#[test]
fn holds_the_oldest_and_leaves_the_rest_to_the_disk() {
    let ids = ids(WINDOW_IDS_MAX + 10);
    let mut window = Window::default();
    ids.iter().rev().for_each(|id| window.offer(*id));
    assert!(!window.is_hungry());
    let taken: Vec<_> = std::iter::from_fn(|| take(&mut window)).collect();
    assert_eq!(taken, ids[..WINDOW_IDS_MAX]);
    assert!(window.is_hungry() && !window.knows(ids[WINDOW_IDS_MAX]));
    window.lists();
    assert!(!window.is_hungry());
}

#[test]
fn what_waits_for_the_sync_is_not_taken_up_again() {
    let id = Id::new();
    let mut window = Window::default();
    window.offer(id);
    take(&mut window);
    window.packed(id);
    let packed = window.unlinking()[0];
    assert!(!packed.delivered && window.awaits_sync());
    window.offer(id);
    assert_eq!(take(&mut window), None);
    for _ in 0..2 {
        window.settled(packed);
    }
    assert!(!window.awaits_sync());
    assert_eq!(take(&mut window), Some(id), "its packed file is durable now");
    window.leave(id);
    window.settled(packed);
    window.offer(id);
    assert_eq!(take(&mut window), None);
    assert!(window.is_leaving(id), "only its unmasked file was known to be gone");
    let delivered = window.unlinking()[0];
    assert!(delivered.delivered);
    window.settled(delivered);
    assert!(!window.knows(id) && window.unlinking().is_empty());
}

#[test]
fn probes_rotate_through_the_parked() {
    let ids = ids(3);
    let mut window = Window::default();
    ids.iter().for_each(|id| window.offer(*id));
    for _ in 0..3 {
        let id = window.next(|_| false, |_| false).unwrap();
        window.park(id, Destination::Storage);
    }
    assert_eq!(
        window.next(|_| false, |destination| destination == Destination::Database),
        None
    );
    assert_eq!(window.awaited().collect::<Vec<_>>(), [Destination::Storage]);
    let mut probes = Vec::new();
    for _ in 0..4 {
        let id = window.next(|_| false, |_| true).unwrap();
        window.park(id, Destination::Storage);
        probes.push(id);
    }
    assert_eq!(probes, [ids[0], ids[1], ids[2], ids[0]]);
    let all: Vec<_> = std::iter::from_fn(|| take(&mut window)).collect();
    assert_eq!(all, ids, "the destination is back");
}

#[test]
fn every_set_is_bounded() {
    let mut window = Window::default();
    for id in ids(3 * WINDOW_IDS_MAX) {
        window.offer(id);
        let id = window.next(|_| false, |_| false).unwrap();
        window.park(id, Destination::Database);
    }
    assert_eq!(window.stages.len(), WINDOW_IDS_MAX);
    ids(2 * WINDOW_IDS_MAX).into_iter().for_each(|id| window.offer(id));
    assert_eq!(window.stages.len(), 2 * WINDOW_IDS_MAX);
    assert!(take(&mut window).is_some());
    assert_eq!(
        window.stages.len(),
        WINDOW_IDS_MAX,
        "reopened ones compete for the same places"
    );
    while let Some(id) = take(&mut window) {
        window.leave(id);
    }
    for id in ids(UNLINKS_IDS_MAX) {
        if !window.is_clogged() {
            window.leave(id);
        }
    }
    assert!(window.is_clogged());
    assert!(window.stages.len() <= UNLINKS_IDS_MAX + 1);
}

#[test]
fn what_stumbled_comes_behind_all_others() {
    let ids = ids(4);
    let mut window = Window::default();
    ids[..3].iter().for_each(|id| window.offer(*id));
    for id in &ids[..3] {
        assert_eq!(take(&mut window), Some(*id));
    }
    window.stumble(ids[0]);
    ids[..3].iter().for_each(|id| window.park(*id, Destination::Storage));
    let probe = window.next(|_| false, |destination| destination == Destination::Storage);
    assert_eq!(probe, Some(ids[1]), "the oldest is not the probe");
    window.finish(ids[1]);
    window.offer(ids[3]);
    let taken: Vec<_> = std::iter::from_fn(|| take(&mut window)).collect();
    assert_eq!(taken, [ids[2], ids[3], ids[0]]);
}

#[test]
fn what_was_packed_beyond_the_horizon_lets_older_ones_go_first() {
    let [oldest, known, beyond] = [(); 3].map(|()| Id::new());
    for (horizon, left_out) in [
        (Horizon::All, &[][..]),
        (Horizon::UpTo(known), &[beyond]),
        (Horizon::Nothing, &[known, beyond]),
    ] {
        let mut window = Window::default();
        for id in [known, beyond] {
            window.offer(id);
            take(&mut window);
            window.packed(id);
        }
        window.listed(horizon);
        window.unlinking().into_iter().for_each(|gone| window.settled(gone));
        for id in [known, beyond] {
            assert_eq!(window.knows(id), !left_out.contains(&id), "{horizon:?}");
        }
        window.offer(oldest);
        assert_eq!(take(&mut window), Some(oldest));
    }
}
