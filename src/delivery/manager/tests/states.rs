//! Tests of every event in every state of a dump: what becomes of it.
use super::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Unknown,
    Waiting(Step),
    Busy(Step),
    Deferred(Destination),
    Held,
    Syncing,
    Leaving,
}

const STATES: [State; 18] = [
    State::Unknown,
    State::Waiting(Step::Judge),
    State::Waiting(Step::Pack),
    State::Waiting(Step::Put),
    State::Waiting(Step::Record),
    State::Waiting(Step::Erase),
    State::Busy(Step::Judge),
    State::Busy(Step::Pack),
    State::Busy(Step::Put),
    State::Busy(Step::Record),
    State::Busy(Step::Note),
    State::Busy(Step::Erase),
    State::Deferred(Destination::Spool),
    State::Deferred(Destination::Storage),
    State::Deferred(Destination::Database),
    State::Held,
    State::Syncing,
    State::Leaving,
];

fn of(desk: &Desk, id: Id) -> State {
    match desk.manager.active.stage(id) {
        None => State::Unknown,
        Some(Stage::Waiting(step, _)) => State::Waiting(step),
        Some(Stage::Busy(step, _)) => State::Busy(step),
        Some(Stage::Deferred(destination)) => State::Deferred(destination),
        Some(Stage::Held(_)) => State::Held,
        Some(Stage::Syncing) => State::Syncing,
        Some(Stage::Leaving) => State::Leaving,
    }
}

/// A dump in this state.
fn in_state(state: State) -> (Desk, Id) {
    let mut desk = Desk::new(1);
    if state == State::Busy(Step::Note) {
        desk.down(Destination::Database);
    }
    let id = desk.seal();
    let outcome = match state {
        State::Unknown => Outcome::Gone,
        State::Waiting(step) => Outcome::Next(step),
        State::Busy(Step::Note) => Outcome::Next(Step::Record),
        State::Busy(step) => Outcome::Next(step),
        State::Deferred(destination) => Outcome::Deferred(Failure {
            destination,
            cause: "test".to_owned(),
        }),
        State::Held => ruled(Destination::Database),
        State::Syncing => Outcome::Packed,
        State::Leaving => Outcome::Delivered,
    };
    assert_eq!(desk.next(), take(Step::Pack, &[id]));
    desk.done(id, outcome, &[]);
    if let State::Busy(step) = state {
        assert_eq!(desk.next(), take(step, &[id]));
    }
    assert_eq!(of(&desk, id), state);
    (desk, id)
}

fn ruled(destination: Destination) -> Outcome {
    let cause = "test".to_owned();
    Outcome::Ruled(Failure { destination, cause })
}

#[derive(Debug, Clone)]
enum Told {
    Sealed,
    Missed,
    Listed,
    Recovered,
    Stop,
    Removed(Removal),
    Done(Outcome),
}

fn events() -> Vec<Told> {
    let mut events = vec![Told::Sealed, Told::Missed, Told::Listed, Told::Recovered, Told::Stop];
    events.extend([Removal::Replaced, Removal::Delivered].map(Told::Removed));
    events.extend(
        Step::ALL
            .into_iter()
            .filter(|step| *step != Step::Note)
            .map(Outcome::Next)
            .map(Told::Done),
    );
    let ends = [
        Outcome::Packed,
        Outcome::Delivered,
        Outcome::Gone,
        Outcome::Refused,
        Outcome::Noted,
    ];
    events.extend(ends.map(Told::Done));
    events.extend(Destination::ALL.map(|destination| {
        let cause = "test".to_owned();
        Told::Done(Outcome::Deferred(Failure { destination, cause }))
    }));
    events.extend([Destination::Storage, Destination::Database].map(|destination| Told::Done(ruled(destination))));
    events
}

/// The state that the dump must have afterwards.
fn expected(state: State, told: &Told) -> State {
    match (state, told) {
        (State::Unknown, Told::Sealed) => State::Waiting(Step::Pack),
        (State::Unknown, Told::Listed) => State::Waiting(Step::Judge),
        // It is to be erased, or it would not be listed.
        (State::Deferred(Destination::Spool) | State::Held, Told::Listed) => State::Waiting(Step::Judge),
        (State::Syncing, Told::Removed(Removal::Replaced)) => State::Waiting(Step::Put),
        (State::Leaving, Told::Removed(Removal::Delivered)) => State::Unknown,
        (State::Busy(step), Told::Done(outcome)) => match outcome {
            Outcome::Next(step) => State::Waiting(*step),
            Outcome::Packed => State::Syncing,
            Outcome::Delivered => State::Leaving,
            Outcome::Gone | Outcome::Refused => State::Unknown,
            Outcome::Noted if step == Step::Note => State::Deferred(Destination::Database),
            // The database works, as far as is known, so there is nothing to wait for.
            Outcome::Noted => State::Waiting(Step::Judge),
            Outcome::Deferred(failure) => State::Deferred(failure.destination),
            Outcome::Ruled(_) => State::Held,
        },
        // Nobody else may touch it.
        _ => state,
    }
}

#[test]
fn every_event_in_every_state() {
    for state in STATES {
        for told in events() {
            let (mut desk, id) = in_state(state);
            match told.clone() {
                Told::Sealed => desk.tell(Event::Sealed(id)),
                Told::Missed => desk.tell(Event::Missed),
                Told::Recovered => desk.recovered(Recovery::Done),
                Told::Stop => desk.tell(Event::Stop),
                Told::Removed(removal) => desk.tell(Event::Removed(id, removal)),
                Told::Done(outcome) => desk.done(id, outcome, &[]),
                Told::Listed => {
                    desk.manager.look(desk.now);
                    desk.listed(&[id], ListedUpTo::All);
                }
            }
            assert_eq!(of(&desk, id), expected(state, &told), "{state:?}: {told:?}");
            let is_known = of(&desk, id) != State::Unknown;
            assert_eq!(desk.manager.active.known().any(|known| known == id), is_known);
        }
    }
}
