//! Tests of outages: what waits while a destination is down, who tries it, and what goes on meanwhile.
use super::*;

#[test]
fn an_error_of_a_batch_defers_all_of_it_and_one_tries_the_database_again() {
    let mut desk = Desk::new(1);
    let ids = [(); 3].map(|()| desk.wait(Step::Record));
    assert_eq!(desk.next(), take(Step::Record, &ids));
    for id in ids {
        desk.failed(id, Destination::Database);
    }
    let late = [(); 2].map(|()| desk.wait(Step::Record));
    assert_eq!(desk.next(), take(Step::Note, &late), "rows have to wait");
    for id in late {
        desk.done(id, Outcome::Noted, &[]);
    }
    assert_eq!(desk.next(), Task::Sleep(PAUSES.first));
    desk.pass(PAUSES.first);
    assert_eq!(
        desk.next(),
        take(Step::Judge, &late[..1]),
        "none that met the failure itself"
    );
    assert!(matches!(desk.next(), Task::Sleep(_)), "one attempt at a time");
    desk.done(late[0], Outcome::Next(Step::Record), &[]);
    let other = desk.wait(Step::Record);
    assert_eq!(desk.next(), take(Step::Record, &late[..1]));
    assert_eq!(desk.next(), take(Step::Note, &[other]));
    desk.done(late[0], Outcome::Delivered, &[Destination::Database]);
    desk.done(other, Outcome::Noted, &[]);
    let order = [late[1], other, ids[0], ids[1], ids[2]];
    for id in order {
        assert_eq!(desk.next(), take(Step::Judge, &[id]), "it works again");
    }
}

#[test]
fn a_disk_that_refuses_holds_what_is_not_packed_and_lets_the_rest_go() {
    let mut desk = Desk::new(2);
    let [put, behind] = [(); 2].map(|()| desk.wait(Step::Put));
    let refused = desk.seal();
    assert_eq!(desk.next(), take(Step::Put, &[put]));
    assert_eq!(desk.next(), take(Step::Put, &[behind]));
    assert_eq!(desk.next(), take(Step::Pack, &[refused]));
    desk.failed(refused, Destination::Spool);
    let waits = desk.seal();
    assert_eq!(desk.next(), Task::Sleep(PAUSES.first));
    assert_eq!(
        desk.manager.active.stage(waits),
        Some(Stage::Deferred(Destination::Spool))
    );
    desk.done(put, Outcome::Next(Step::Record), &[Destination::Storage]);
    assert_eq!(desk.next(), take(Step::Record, &[put]));
    desk.pass(PAUSES.first);
    assert_eq!(desk.next(), take(Step::Judge, &[waits]));
    desk.done(waits, Outcome::Next(Step::Pack), &[]);
    assert_eq!(desk.next(), take(Step::Pack, &[waits]));
    let late = desk.seal();
    assert!(matches!(desk.next(), Task::Sleep(_)));
    desk.done(waits, Outcome::Packed, &[Destination::Spool]);
    assert_eq!(desk.next(), take(Step::Judge, &[late]));
    assert_eq!(desk.next(), take(Step::Judge, &[refused]), "what stumbled comes last");
}

#[test]
fn an_attempt_that_comes_to_nothing_makes_room_for_the_next() {
    for outcome in [
        Outcome::Gone,
        Outcome::Refused,
        Outcome::Packed,
        Outcome::Delivered,
        Outcome::Next(Step::Pack),
    ] {
        let mut desk = Desk::new(1);
        desk.down(Destination::Storage);
        let [one, two] = [(); 2].map(|()| desk.wait(Step::Put));
        assert_eq!(desk.next(), Task::Sleep(PAUSES.first));
        desk.pass(PAUSES.first);
        assert_eq!(desk.next(), take(Step::Judge, &[one]));
        desk.done(one, outcome.clone(), &[]);
        assert_eq!(desk.next(), take(Step::Judge, &[two]), "{outcome:?}");
    }
}

#[test]
fn an_erasure_needs_both_and_tries_both() {
    let mut desk = Desk::new(1);
    let first = desk.down(Destination::Database);
    let id = desk.wait(Step::Erase);
    assert_eq!(desk.next(), Task::Sleep(PAUSES.first));
    desk.pass(PAUSES.first);
    assert_eq!(desk.next(), take(Step::Judge, &[id]));
    desk.done(id, Outcome::Next(Step::Erase), &[]);
    assert_eq!(desk.next(), take(Step::Erase, &[id]));
    desk.done(id, Outcome::Delivered, &[Destination::Storage, Destination::Database]);
    assert_eq!(desk.next(), take(Step::Judge, &[first]));
    assert!(desk.manager.is_leaving(id));
}

#[test]
fn in_an_outage_only_the_clock_asks_for_a_look_and_all_gets_packed() {
    let bounds = Bounds {
        active: 4,
        removals: 8,
        ..Bounds::default()
    };
    let mut desk = Desk::bounded(1, bounds);
    desk.down(Destination::Storage);
    let puts: Vec<_> = (0..6).map(|_| desk.wait(Step::Put)).collect();
    assert!(matches!(desk.next(), Task::Sleep(_)));
    assert!(desk.manager.active.is_hungry() && desk.manager.active.is_saturated());
    desk.pass(Duration::from_secs(DISK_LOOK_S_MAX));
    let Task::Look(look) = desk.next() else {
        panic!("the clock asks for a look");
    };
    assert_eq!(look.scope, Scope::Unpacked);
    assert!(look.known.contains(&puts[0]) && !look.known.contains(&puts[5]));
    let late = Id::new();
    desk.listed(&[late], ListedUpTo::Nothing);
    let mut taken = Vec::new();
    while let Task::Take(step, ids) = desk.next() {
        taken.push((step, ids[0]));
        if ids[0] == late {
            break;
        }
        desk.failed(ids[0], Destination::Storage);
    }
    assert_eq!(taken.last(), Some(&(Step::Judge, late)));
}

/// A dump that waits for the spool is judged, and goes on to a step that meets the spool only by the way.
#[test]
fn a_spool_that_fails_in_a_later_step_is_tried_after_pauses_that_grow() {
    for step in [Step::Put, Step::Record, Step::Erase] {
        let mut desk = Desk::new(1);
        let mut failing = vec![desk.down(Destination::Spool)];
        failing.extend([(); 3].map(|()| desk.wait(step)));
        for id in &failing[1..] {
            // Rows are written together, so they are in a hand already.
            if desk.manager.active.stage(*id) == Some(Stage::Waiting(step, Rank::InTurn)) {
                assert!(matches!(desk.next(), Task::Take(taken, _) if taken == step));
            }
            desk.failed(*id, Destination::Spool);
        }
        let mut last = Duration::ZERO;
        for round in 0..6 {
            let begin = desk.now;
            let mut next = desk.next_step();
            while next.is_none() {
                let Task::Sleep(pause) = desk.next() else {
                    panic!("{step:?}: there was nothing to do");
                };
                desk.pass(pause);
                next = desk.next_step();
            }
            let pause = desk.now - begin;
            assert!(pause > last, "{step:?}, round {round}: {last:?}, then {pause:?}");
            last = pause;
            let mut steps = 0;
            while let Some((taken, id)) = next {
                steps += 1;
                assert!(steps <= 2 * failing.len(), "{step:?}: {steps} steps at one instant");
                match taken {
                    Step::Judge => desk.done(id, Outcome::Next(step), &[]),
                    _ => desk.manager.handle(failure_of_the_spool(id), desk.now, 999),
                }
                next = desk.next_step();
            }
        }
    }
}

/// Two hands: while one meets the failure, the other has begun the next attempt.
#[test]
fn a_failure_counts_whoever_tries_next() {
    let mut desk = Desk::new(1);
    desk.down(Destination::Spool);
    let ids = [(); 3].map(|()| desk.wait(Step::Put));
    for id in ids {
        assert_eq!(desk.next(), take(Step::Put, &[id]));
        desk.failed(id, Destination::Spool);
    }
    desk.pass(PAUSES.first);
    let Some((Step::Judge, one)) = desk.next_step() else {
        panic!("the pause is over");
    };
    desk.done(one, Outcome::Next(Step::Put), &[]);
    let Some((Step::Judge, two)) = desk.next_step() else {
        panic!("the attempt has come to nothing");
    };
    assert_eq!(desk.next(), take(Step::Put, &[one]));
    desk.failed(one, Destination::Spool);
    desk.done(two, Outcome::Next(Step::Put), &[]);
    assert_eq!(desk.next(), take(Step::Put, &[two]));
    desk.failed(two, Destination::Spool);
    assert_eq!(desk.next(), Task::Sleep(PAUSES.first));
}

fn failure_of_the_spool(id: Id) -> Event {
    let (destination, cause, worked) = (Destination::Spool, "test".to_owned(), Vec::new());
    let outcome = Outcome::Deferred(Failure { destination, cause });
    Event::Done(Done { id, outcome, worked })
}

impl Desk {
    /// The next step of one dump. A look that is asked for finds nothing.
    fn next_step(&mut self) -> Option<(Step, Id)> {
        loop {
            match self.next() {
                Task::Look(_) => self.listed(&[], ListedUpTo::All),
                Task::Take(step, ids) => return Some((step, ids[0])),
                _ => return None,
            }
        }
    }
}
