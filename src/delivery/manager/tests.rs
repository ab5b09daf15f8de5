//! Tests of the manager without a disk: recovery, budgets, batches, looks, stops. Outages and states have their own
//! files.
use super::super::availability::Pauses;
use super::super::event::Found;
use super::super::settings::Pace;
use super::super::stage::Bounds;
use super::super::turns::RECORD_WAIT;
use super::*;
use crate::limits::DISK_LOOK_S_MAX;

mod comparison;
mod model;
mod outages;
mod rules;
mod states;

const PAUSES: Pauses = Pauses {
    first: Duration::from_secs(5),
    last: Duration::from_secs(900),
};

fn settings(pack_slots: usize, bounds: Bounds) -> Settings {
    Settings {
        pack_slots,
        names: ["the spool", "the store", "the catalogue"].map(str::to_owned),
        orphans: Vec::new(),
        pace: Pace {
            pauses: PAUSES,
            bounds,
            ..Pace::default()
        },
    }
}

/// For the tests of the steps, which use a disk.
impl Manager {
    /// Adds the id as if a look had found it.
    pub fn found(&mut self, id: Id) {
        self.active.offer(id, Step::Judge);
    }

    pub fn stage(&self, id: Id) -> Option<Stage> {
        self.active.stage(id)
    }
}

/// A manager with its own clock. It has recovered the spool and found nothing in it.
struct Desk {
    manager: Manager,
    now: Instant,
}

impl Desk {
    fn new(pack_slots: usize) -> Desk {
        Desk::bounded(pack_slots, Bounds::default())
    }

    fn bounded(pack_slots: usize, bounds: Bounds) -> Desk {
        let now = Instant::now();
        let manager = Manager::new(settings(pack_slots, bounds), now);
        let mut desk = Desk { manager, now };
        assert!(matches!(desk.next(), Task::Recover(_)));
        desk.recovered(Recovery::Done);
        assert!(matches!(desk.next(), Task::Look(_)));
        desk.listed(&[], ListedUpTo::All);
        desk
    }

    fn next(&mut self) -> Task {
        self.manager.next(self.now)
    }

    fn tell(&mut self, event: Event) {
        self.manager.handle(event, self.now, 0);
    }

    fn recovered(&mut self, result: Recovery) {
        let orphans = Vec::new();
        self.tell(Event::Recovered(RecoveryEnd { orphans, result }));
    }

    fn listed(&mut self, ids: &[Id], listed_up_to: ListedUpTo) {
        let (orphans, ids) = (Vec::new(), ids.to_vec());
        let found = Some(Found { ids, listed_up_to });
        self.tell(Event::Listed(Listed { orphans, found }));
    }

    fn done(&mut self, id: Id, outcome: Outcome, worked: &[Destination]) {
        let worked = worked.to_vec();
        self.tell(Event::Done(Done { id, outcome, worked }));
    }

    fn failed(&mut self, id: Id, destination: Destination) {
        let cause = "test".to_owned();
        self.done(id, Outcome::Deferred(Failure { destination, cause }), &[]);
    }

    /// A rule of the destination, which works, refuses the dump.
    fn ruled(&mut self, id: Id, destination: Destination, cause: &str) {
        let cause = cause.to_owned();
        self.done(id, Outcome::Ruled(Failure { destination, cause }), &[destination]);
    }

    fn seal(&mut self) -> Id {
        let id = Id::new();
        self.tell(Event::Sealed(id));
        id
    }

    /// A dump that waits for `step`.
    fn wait(&mut self, step: Step) -> Id {
        let id = Id::new();
        self.manager.wait(id, step, self.now);
        id
    }

    /// The destination fails for a new dump, which is returned.
    fn down(&mut self, destination: Destination) -> Id {
        let step = match destination {
            Destination::Spool => Step::Pack,
            Destination::Storage => Step::Put,
            Destination::Database => Step::Record,
        };
        let id = self.wait(step);
        assert_eq!(self.next(), take(step, &[id]));
        self.failed(id, destination);
        id
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
    }
}

fn take(step: Step, ids: &[Id]) -> Task {
    Task::Take(step, ids.to_vec())
}

#[test]
fn recovery_comes_first_and_alone_and_is_tried_again() {
    let [one, two] = [(); 2].map(|()| Id::new());
    let now = Instant::now();
    let mut settings = settings(1, Bounds::default());
    settings.orphans = vec![one, two];
    let manager = Manager::new(settings, now);
    let mut desk = Desk { manager, now };
    let sealed = desk.seal();
    assert_eq!(desk.next(), Task::Recover(vec![one, two]));
    assert!(matches!(desk.next(), Task::Sleep(_)));
    let event = |orphans, result| Event::Recovered(RecoveryEnd { orphans, result });
    desk.tell(event(vec![two], Recovery::Failed("test".to_owned())));
    assert_eq!(desk.next(), Task::Sleep(PAUSES.first));
    desk.pass(PAUSES.first);
    assert!(desk.manager.has_work(desk.now));
    assert_eq!(desk.next(), Task::Recover(vec![two]));
    desk.tell(event(vec![two], Recovery::Done));
    let look = Look {
        orphans: vec![two],
        known: [sealed].into(),
        erasable: [].into(),
        scope: Scope::All,
    };
    assert_eq!(desk.next(), Task::Look(look));
    assert_eq!(desk.next(), take(Step::Pack, &[sealed]), "the look needs no other hand");
}

#[test]
fn a_recovery_that_is_given_up_does_not_keep_dumps() {
    let now = Instant::now();
    let manager = Manager::new(settings(1, Bounds::default()), now);
    let mut desk = Desk { manager, now };
    assert!(matches!(desk.next(), Task::Recover(_)));
    desk.recovered(Recovery::GivenUp);
    assert!(matches!(desk.next(), Task::Look(_)));
}

#[test]
fn as_many_pack_as_there_are_slots_and_others_go_on() {
    let mut desk = Desk::new(2);
    let put = desk.wait(Step::Put);
    let sealed: Vec<_> = (0..4).map(|_| desk.seal()).collect();
    assert_eq!(desk.next(), take(Step::Put, &[put]), "it is the oldest");
    assert!(desk.manager.wants_sealed());
    assert_eq!(desk.next(), take(Step::Pack, &sealed[..1]));
    assert_eq!(desk.next(), take(Step::Pack, &sealed[1..2]));
    assert!(!desk.manager.wants_sealed() && !desk.manager.has_work(desk.now));
    assert!(matches!(desk.next(), Task::Sleep(_)));
    desk.done(sealed[1], Outcome::Packed, &[Destination::Spool]);
    assert_eq!(desk.next(), take(Step::Pack, &sealed[2..3]));
    desk.tell(Event::Removed(sealed[1], Removal::Replaced));
    assert_eq!(desk.next(), take(Step::Put, &sealed[1..2]));
    assert!(matches!(desk.next(), Task::Sleep(_)));
}

#[test]
fn rows_are_written_together_where_several_wait_and_alone_where_one_does() {
    let mut desk = Desk::new(1);
    let first = desk.wait(Step::Record);
    assert_eq!(desk.next(), take(Step::Record, &[first]));
    let ids: Vec<_> = (0..ROWS_PER_INSERT_MAX + 5).map(|_| desk.wait(Step::Record)).collect();
    assert!(matches!(desk.next(), Task::Sleep(_)), "one hand writes rows");
    desk.done(first, Outcome::Delivered, &[Destination::Database]);
    assert_eq!(desk.next(), take(Step::Record, &ids[..ROWS_PER_INSERT_MAX]));
    for id in &ids[..ROWS_PER_INSERT_MAX] {
        assert!(matches!(desk.next(), Task::Sleep(_)));
        desk.done(*id, Outcome::Delivered, &[]);
    }
    assert_eq!(desk.next(), take(Step::Record, &ids[ROWS_PER_INSERT_MAX..]));
}

#[test]
fn what_can_be_stored_goes_before_rows_but_not_for_long() {
    let mut desk = Desk::new(1);
    let stored = desk.wait(Step::Record);
    let puts = [(); 3].map(|()| desk.wait(Step::Put));
    assert_eq!(desk.next(), take(Step::Put, &puts[..1]));
    desk.pass(RECORD_WAIT);
    assert_eq!(desk.next(), take(Step::Record, &[stored]));
    desk.done(stored, Outcome::Refused, &[]);
    desk.done(puts[0], Outcome::Next(Step::Record), &[Destination::Storage]);
    assert_eq!(desk.next(), take(Step::Put, &puts[1..2]));
    assert_eq!(desk.next(), take(Step::Put, &puts[2..]));
    assert_eq!(desk.next(), take(Step::Record, &puts[..1]));
}

#[test]
fn what_is_missed_is_looked_for_and_a_failed_look_waits_for_the_clock() {
    let mut desk = Desk::new(1);
    assert!(matches!(desk.next(), Task::Sleep(_)));
    desk.tell(Event::Missed);
    assert!(matches!(desk.next(), Task::Look(_)));
    desk.tell(Event::Missed);
    assert!(matches!(desk.next(), Task::Sleep(_)), "one look at a time");
    let listed = Listed {
        orphans: vec![Id::new()],
        found: None,
    };
    desk.tell(Event::Listed(listed));
    assert!(matches!(desk.next(), Task::Look(_)), "missed since it began");
    desk.tell(Event::Listed(Listed {
        orphans: vec![Id::new()],
        found: None,
    }));
    let Task::Sleep(pause) = desk.next() else {
        panic!("a failed look is not repeated at once");
    };
    desk.pass(pause);
    let Task::Look(look) = desk.next() else {
        panic!("the clock asks for a look");
    };
    assert_eq!(look.orphans.len(), 1);
    let [one, two] = [(); 2].map(|()| Id::new());
    desk.listed(&[one, two], ListedUpTo::Id(two));
    assert_eq!(desk.next(), take(Step::Judge, &[one]));
    assert_eq!(desk.next(), take(Step::Judge, &[two]));
    assert!(matches!(desk.next(), Task::Look(_)), "the disk holds more");
}

#[test]
fn when_too_much_waits_for_the_sync_nothing_is_begun() {
    let bounds = Bounds {
        active: 4,
        removals: 2,
        ..Bounds::default()
    };
    let mut desk = Desk::bounded(1, bounds);
    let ids = [(); 3].map(|()| desk.seal());
    for id in &ids[..2] {
        assert_eq!(desk.next(), take(Step::Pack, &[*id]));
        desk.done(*id, Outcome::Packed, &[]);
    }
    assert!(matches!(desk.next(), Task::Sleep(_)));
    assert!(!desk.manager.has_work(desk.now));
    desk.tell(Event::Removed(ids[0], Removal::Replaced));
    assert!(desk.manager.has_work(desk.now));
    assert_eq!(desk.next(), take(Step::Put, &ids[..1]));
}

#[test]
fn a_removal_that_is_quicker_than_the_report_of_the_hand_counts() {
    let mut desk = Desk::new(1);
    let id = desk.seal();
    assert_eq!(desk.next(), take(Step::Pack, &[id]));
    desk.tell(Event::Removed(id, Removal::Replaced));
    desk.done(id, Outcome::Packed, &[]);
    assert_eq!(desk.next(), take(Step::Put, &[id]));
    desk.done(id, Outcome::Next(Step::Record), &[]);
    assert_eq!(desk.next(), take(Step::Record, &[id]));
    desk.tell(Event::Removed(id, Removal::Delivered));
    desk.done(id, Outcome::Delivered, &[]);
    assert_eq!(desk.manager.active.len(), 0);
}

#[test]
fn a_stop_ends_every_phase_and_reports_still_count() {
    let now = Instant::now();
    let mut manager = Manager::new(settings(1, Bounds::default()), now);
    manager.handle(Event::Stop, now, 0);
    assert_eq!(manager.next(now), Task::End);
    let mut manager = Manager::new(settings(1, Bounds::default()), now);
    assert!(matches!(manager.next(now), Task::Recover(_)));
    manager.handle(Event::Stop, now, 0);
    let (orphans, result) = (Vec::new(), Recovery::Done);
    manager.handle(Event::Recovered(RecoveryEnd { orphans, result }), now, 0);
    assert_eq!(manager.next(now), Task::End);
    let mut desk = Desk::new(1);
    let [row, put] = [Step::Record, Step::Put].map(|step| desk.wait(step));
    desk.pass(RECORD_WAIT);
    assert_eq!(desk.next(), take(Step::Record, &[row]));
    desk.tell(Event::Stop);
    assert!(desk.manager.is_stopping() && desk.manager.has_work(desk.now));
    assert_eq!(desk.next(), Task::End);
    desk.done(row, Outcome::Delivered, &[Destination::Database]);
    assert!(desk.manager.is_leaving(row) && !desk.manager.is_leaving(put));
    assert_eq!(desk.next(), Task::End);
}

#[test]
fn what_is_stored_and_waits_for_its_row_is_noted_before_a_stop_ends() {
    let mut desk = Desk::new(2);
    let [row, put] = [Step::Record, Step::Put].map(|step| desk.wait(step));
    assert_eq!(desk.next(), take(Step::Put, &[put]));
    desk.tell(Event::Stop);
    assert_eq!(desk.next(), take(Step::Note, &[row]));
    assert_eq!(desk.next(), Task::End);
    desk.done(put, Outcome::Next(Step::Record), &[Destination::Storage]);
    assert_eq!(
        desk.next(),
        take(Step::Note, &[put]),
        "a put that ended behind the stop"
    );
    desk.done(row, Outcome::Noted, &[]);
    desk.done(put, Outcome::Noted, &[]);
    assert_eq!(desk.next(), Task::End);
}

#[test]
fn sleep_ends_with_the_first_that_the_clock_has_to_say() {
    let mut desk = Desk::new(1);
    let look = Duration::from_secs(DISK_LOOK_S_MAX);
    assert_eq!(desk.next(), Task::Sleep(look));
    desk.down(Destination::Storage);
    assert_eq!(desk.next(), Task::Sleep(PAUSES.first));
    desk.down(Destination::Database);
    desk.pass(Duration::from_secs(1));
    assert_eq!(desk.next(), Task::Sleep(PAUSES.first - Duration::from_secs(1)));
    assert!(PAUSES.first < look);
}
