//! Tests of dumps that a rule of a destination refuses: each waits by itself, and the others do not notice.
use super::*;
use crate::limits::HELD_TRIES_MAX;

/// Where a rule can refuse a dump.
const CASES: [(Step, Destination); 4] = [
    (Step::Put, Destination::Storage),
    (Step::Record, Destination::Database),
    (Step::Erase, Destination::Storage),
    (Step::Erase, Destination::Database),
];

#[test]
fn what_a_rule_refuses_waits_by_itself_and_the_others_go_on() {
    for (step, destination) in CASES {
        let mut desk = Desk::new(1);
        let refused = desk.wait(step);
        assert_eq!(desk.next(), take(step, &[refused]));
        desk.ruled(refused, destination, "no partition");
        assert!(desk.manager.is_up(destination), "{step:?}");
        let other = desk.wait(step);
        assert_eq!(desk.next(), take(step, &[other]), "it does not wait for a pause");
        desk.done(other, Outcome::Delivered, &[destination]);
        desk.tell(Event::Sealed(refused));
        assert_eq!(desk.next(), Task::Sleep(PAUSES.first), "it is known already");
        desk.pass(PAUSES.first);
        let late = desk.wait(Step::Judge);
        assert_eq!(
            desk.next(),
            take(Step::Judge, &[late]),
            "what was never refused comes first"
        );
        assert_eq!(desk.next(), take(Step::Judge, &[refused]));
        desk.done(refused, Outcome::Delivered, &[destination]);
        assert!(desk.manager.is_leaving(refused));
    }
}

#[test]
fn pauses_grow_and_are_bounded_and_the_cause_is_the_last_one() {
    let mut desk = Desk::new(1);
    let id = desk.wait(Step::Record);
    let mut pauses = Vec::new();
    for round in 0..12 {
        let step = if round == 0 { Step::Record } else { Step::Judge };
        assert_eq!(desk.next(), take(step, &[id]));
        let (destination, cause) = (Destination::Database, if round < 6 { "one" } else { "two" }.to_owned());
        let (outcome, worked) = (Outcome::Ruled(Failure { destination, cause }), vec![destination]);
        desk.manager
            .handle(Event::Done(Done { id, outcome, worked }), desk.now, 999);
        let begin = desk.now;
        while desk.manager.active.held().retry_at() > Some(desk.now) {
            desk.listed_if_asked();
            let Task::Sleep(pause) = desk.next() else {
                panic!("nothing is due");
            };
            desk.pass(pause);
        }
        desk.listed_if_asked();
        pauses.push(desk.now - begin);
    }
    assert!(pauses.windows(2).take(6).all(|two| two[0] < two[1]), "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= PAUSES.last), "{pauses:?}");
    let causes: Vec<_> = desk
        .manager
        .active
        .held()
        .refusals()
        .map(|(_, refusal)| &refusal.failure.cause)
        .collect();
    assert_eq!(causes, ["two"]);
}

#[test]
fn thousands_are_tried_a_few_at_a_time_behind_all_others() {
    let mut desk = Desk::new(1);
    let count = 40 * HELD_TRIES_MAX;
    for _ in 0..count {
        let id = desk.wait(Step::Put);
        assert_eq!(desk.next(), take(Step::Put, &[id]));
        desk.ruled(id, Destination::Storage, "test");
    }
    desk.pass(PAUSES.last);
    for _ in 0..3 {
        desk.listed_if_asked();
        let sealed = desk.seal();
        assert_eq!(desk.next(), take(Step::Pack, &[sealed]), "those in turn come first");
        desk.done(sealed, Outcome::Gone, &[]);
        let mut tries = 0;
        while let Task::Take(Step::Judge, ids) = desk.next() {
            tries += ids.len();
            desk.ruled(ids[0], Destination::Storage, "test");
        }
        assert_eq!(tries, HELD_TRIES_MAX);
        assert_eq!(
            desk.manager.active.len(),
            count,
            "all are known, and no look brings them again"
        );
        desk.pass(PAUSES.first);
    }
}

#[test]
fn a_destination_that_refuses_more_than_can_be_held_counts_as_down() {
    let bounds = Bounds {
        held: 2,
        ..Bounds::default()
    };
    let mut desk = Desk::bounded(1, bounds);
    let ids = [(); 4].map(|()| desk.wait(Step::Put));
    for id in &ids[..3] {
        assert_eq!(desk.next(), take(Step::Put, &[*id]));
        desk.ruled(*id, Destination::Storage, "test");
    }
    assert!(!desk.manager.is_up(Destination::Storage));
    let since = desk.manager.destinations[Destination::Storage].cause();
    assert_eq!(since, Some(("test", desk.now)));
    assert_eq!(desk.manager.stage(ids[2]), Some(Stage::Deferred(Destination::Storage)));
    assert!(matches!(desk.next(), Task::Sleep(_)), "the fourth waits as well");
    desk.pass(PAUSES.first);
    assert_eq!(
        desk.next(),
        take(Step::Judge, &ids[3..]),
        "one that was not refused tries it"
    );
    desk.done(ids[3], Outcome::Next(Step::Put), &[]);
    assert_eq!(desk.next(), take(Step::Put, &ids[3..]));
    desk.done(ids[3], Outcome::Delivered, &[Destination::Storage]);
    assert!(desk.manager.is_up(Destination::Storage));
}

/// It would be told as working and as down in turn.
#[test]
fn what_is_refused_beyond_that_does_not_count_as_worked() {
    let bounds = Bounds {
        held: 1,
        ..Bounds::default()
    };
    for (step, destination) in CASES {
        let mut desk = Desk::bounded(1, bounds);
        let ids = [(); 2].map(|()| {
            let id = desk.wait(step);
            assert_eq!(desk.next(), take(step, &[id]));
            desk.ruled(id, destination, "test");
            id
        });
        let began = desk.now;
        let mut tries = 0;
        for _ in 0..20 {
            let Task::Take(step, tried) = desk.next() else {
                desk.pass(PAUSES.first);
                desk.listed_if_asked();
                continue;
            };
            assert_eq!((step, tried.len()), (Step::Judge, 1));
            desk.ruled(tried[0], destination, "test");
            tries += usize::from(tried[0] == ids[1]);
            assert_eq!(
                desk.manager.destinations[destination].cause(),
                Some(("test", began)),
                "it has been down all the while"
            );
        }
        assert!(tries > 2, "{step:?}: {tries} tries");
    }
}

#[test]
fn what_is_tried_again_leaves_out_nothing_that_waits() {
    let bounds = Bounds {
        active: 2,
        ..Bounds::default()
    };
    let mut desk = Desk::bounded(2, bounds);
    let held = [(); 3].map(|()| {
        let id = desk.wait(Step::Put);
        assert_eq!(desk.next(), take(Step::Put, &[id]));
        desk.ruled(id, Destination::Storage, "test");
        id
    });
    desk.pass(PAUSES.first);
    desk.listed_if_asked();
    let sealed = [(); 2].map(|()| desk.seal());
    for id in sealed {
        assert_eq!(desk.next(), take(Step::Pack, &[id]), "no other has made room for it");
    }
    assert_eq!(desk.next(), take(Step::Judge, &held[..1]));
    assert_eq!(
        desk.manager.active.len(),
        5,
        "all are known, and those that wait by themselves still do"
    );
}

/// As long as there is no room, the time of their pause is not a time to wake up at.
#[test]
fn what_finds_no_room_wakes_no_hand() {
    let bounds = Bounds {
        active: 1,
        ..Bounds::default()
    };
    let mut desk = Desk::bounded(1, bounds);
    let held = desk.wait(Step::Put);
    assert_eq!(desk.next(), take(Step::Put, &[held]));
    desk.ruled(held, Destination::Storage, "test");
    desk.pass(PAUSES.first);
    desk.listed_if_asked();
    let packing = desk.seal();
    assert_eq!(desk.next(), take(Step::Pack, &[packing]));
    let waits = desk.seal();
    assert_eq!(desk.manager.active.held_retry_at(), None);
    assert!(matches!(desk.next(), Task::Sleep(pause) if pause > PAUSES.first));
    desk.done(packing, Outcome::Gone, &[]);
    assert_eq!(desk.next(), take(Step::Pack, &[waits]));
}

#[test]
fn what_is_to_be_erased_does_not_wait_for_the_rule() {
    let mut desk = Desk::new(1);
    let id = desk.wait(Step::Record);
    assert_eq!(desk.next(), take(Step::Record, &[id]));
    desk.ruled(id, Destination::Database, "test");
    desk.manager.look(desk.now);
    desk.listed(&[id], ListedUpTo::All);
    assert_eq!(desk.next(), take(Step::Judge, &[id]));
    desk.done(id, Outcome::Next(Step::Erase), &[]);
    assert_eq!(desk.next(), take(Step::Erase, &[id]));
    desk.done(id, Outcome::Gone, &[]);
    assert_eq!(desk.manager.active.len(), 0);
}

/// The old refusal is no longer why it waits, until it is refused once more.
#[test]
fn a_dump_that_waits_for_a_destination_is_not_told_to_wait_for_a_rule() {
    let mut desk = Desk::new(1);
    let id = desk.wait(Step::Put);
    assert_eq!(desk.next(), take(Step::Put, &[id]));
    desk.ruled(id, Destination::Storage, "an object lock");
    let told = |desk: &Desk| {
        desk.manager
            .active
            .held()
            .present()
            .map(|(id, _)| id)
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&desk), [id]);
    desk.pass(PAUSES.first);
    assert_eq!(desk.next(), take(Step::Judge, &[id]));
    desk.done(id, Outcome::Next(Step::Put), &[]);
    assert_eq!(desk.next(), take(Step::Put, &[id]));
    assert_eq!(told(&desk), [id], "it is on its way");
    desk.failed(id, Destination::Storage);
    assert_eq!(told(&desk), []);
    desk.pass(PAUSES.first);
    assert_eq!(desk.next(), take(Step::Judge, &[id]));
    assert_eq!(told(&desk), [], "the destination is tried");
    desk.ruled(id, Destination::Storage, "an object lock");
    assert_eq!(told(&desk), [id]);
}

/// However many erasures a rule refuses, no look brings them again, which would leave no room for other dumps.
#[test]
fn an_erasure_that_is_refused_itself_waits_for_its_pause_and_is_not_listed() {
    for destination in [Destination::Storage, Destination::Database] {
        let mut desk = Desk::new(1);
        let (erased, stored) = (desk.wait(Step::Erase), desk.wait(Step::Put));
        for (id, step) in [(erased, Step::Erase), (stored, Step::Put)] {
            assert_eq!(desk.next(), take(step, &[id]));
            desk.ruled(id, destination, "an object lock");
        }
        let look = desk.manager.look(desk.now);
        assert_eq!(look.known, [erased, stored].into());
        assert_eq!(
            look.erasable,
            [stored].into(),
            "only what is not an erasure yet may become one"
        );
        desk.listed(&[erased, stored], ListedUpTo::All);
        assert_eq!(desk.next(), take(Step::Judge, &[stored]));
        desk.done(stored, Outcome::Gone, &[]);
        assert_eq!(desk.next(), Task::Sleep(PAUSES.first), "the erasure has its pause");
        desk.pass(PAUSES.first);
        assert_eq!(desk.next(), take(Step::Judge, &[erased]));
    }
}

impl Desk {
    fn listed_if_asked(&mut self) {
        if self.manager.must_look(self.now) {
            assert!(matches!(self.next(), Task::Look(_)));
            self.listed(&[], ListedUpTo::All);
        }
    }
}
