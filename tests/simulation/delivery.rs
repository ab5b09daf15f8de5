//! Delivery as the simulation runs it: the real manager and the real steps. The hands run one after the other on one
//! thread: each takes a task, carries it out and reports, and chance decides which one moves next.

use std::cell::RefCell;
use std::io;
use std::mem;
use std::time::Duration;

use rtcstats_server::delivery::{
    Bounds, Event, Manager, Outcome, Pace, Parts, Pauses, Settings, Steps, Task, look, recover,
};
use rtcstats_server::spool::Id;
use rtcstats_server::spool::sync::{Disks, Health};

use super::server::Server;
use super::world::World;

pub struct Deliveries {
    steps: Steps,
    manager: Manager,
    disks: Disks,
    health: Health,
    /// What the manager has not been told yet.
    inbox: Vec<Event>,
    hands: Vec<Hand>,
}

/// A hand that is working.
enum Hand {
    /// With the failures of the sync that the manager knew.
    Begins(Task, u64),
    /// It has carried out its task and has still to report.
    Ends(Vec<Id>, Vec<Event>),
}

impl Hand {
    fn ids(&self) -> &[Id] {
        match self {
            Hand::Begins(Task::Take(_, ids), _) | Hand::Ends(ids, _) => ids,
            Hand::Begins(..) => &[],
        }
    }
}

impl Deliveries {
    pub fn new(world: &World, parts: Parts, disks: Disks, orphans: Vec<Id>) -> Deliveries {
        let pauses = Pauses {
            first: Duration::ZERO,
            last: Duration::ZERO,
        };
        let settings = Settings {
            pack_slots: 2,
            names: ["the spool", "the store", "the catalogue"].map(str::to_owned),
            orphans,
            pace: Pace {
                pauses,
                look: LOOK,
                bounds: Bounds::default(),
            },
        };
        Deliveries {
            steps: Steps::new(parts),
            manager: Manager::new(settings, world.now()),
            disks,
            health: Health::default(),
            inbox: Vec::new(),
            hands: Vec::new(),
        }
    }

    pub fn parts(&self) -> &Parts {
        &self.steps.parts
    }
}

impl Server<'_> {
    /// Submits a sealed dump. It may be lost, as when the inbox has no room for it.
    pub fn submit(&mut self, id: Id) {
        let fits = !self.world.random.one_in(6);
        self.deliveries
            .inbox
            .push(if fits { Event::Sealed(id) } else { Event::Missed });
    }

    /// Makes some moves of some hands.
    pub fn work(&mut self) {
        for _ in 0..self.world.random.between(1, 6) {
            let busy = self.deliveries.hands.len();
            let hand = self.world.random.below(HANDS_MAX);
            if hand < busy {
                self.carry_on(hand)
            } else {
                self.take_task()
            }
        }
    }

    fn take_task(&mut self) {
        let now = self.world.now();
        let health = self.deliveries.parts().sync.health();
        if health != self.deliveries.health {
            self.deliveries.health = health;
            self.deliveries.manager.handle(Event::Synced(health), now, 0);
        }
        for event in mem::take(&mut self.deliveries.inbox) {
            self.deliveries.manager.handle(event, now, 0);
        }
        let hand = match self.deliveries.manager.next(now) {
            Task::Sleep(_) | Task::End => return,
            task => Hand::Begins(task, health.failures),
        };
        let hands = &self.deliveries.hands;
        if hands
            .iter()
            .any(|other| other.ids().iter().any(|id| hand.ids().contains(id)))
        {
            self.world.blame("a dump is in two hands".to_owned());
        }
        self.deliveries.hands.push(hand);
    }

    fn carry_on(&mut self, hand: usize) {
        match self.deliveries.hands.swap_remove(hand) {
            Hand::Ends(_, events) => {
                let now = self.world.now();
                for event in events {
                    self.deliveries.manager.handle(event, now, 0);
                }
            }
            Hand::Begins(task, failures) => {
                let ended = self.carry_task_out(task, failures);
                self.deliveries.hands.push(ended);
            }
        }
    }

    fn carry_task_out(&mut self, task: Task, failures: u64) -> Hand {
        match task {
            Task::Take(step, ids) => {
                let done = self.deliveries.steps.take(step, &ids, failures);
                done.iter().for_each(|done| self.note(done.id, &done.outcome));
                Hand::Ends(ids, done.into_iter().map(Event::Done).collect())
            }
            Task::Recover(orphans) => {
                let recovered = recover(self.deliveries.parts(), orphans);
                Hand::Ends(Vec::new(), vec![Event::Recovered(recovered)])
            }
            Task::Look(task) => {
                if !task.orphans.is_empty() {
                    self.world.meet("orphans were tried again");
                }
                let listed = look(self.deliveries.parts(), task);
                Hand::Ends(Vec::new(), vec![Event::Listed(listed)])
            }
            Task::Sleep(_) | Task::End => Hand::Ends(Vec::new(), Vec::new()),
        }
    }

    fn note(&mut self, id: Id, outcome: &Outcome) {
        self.note_rule(id, outcome);
        match outcome {
            Outcome::Refused if self.world.plan.power_cuts => self.world.meet("a torn dump was refused"),
            Outcome::Refused => self.world.blame(format!("dump {id} was refused")),
            Outcome::Gone => self.world.meet("a dump was gone"),
            Outcome::Deferred(failure) => self.world.meet(format!("{:?} was down", failure.destination)),
            _ => {}
        }
    }

    /// One turn of the sync thread, whose sync may fail.
    pub fn sync(&mut self, fails: bool) {
        let durable = self.world.durable.clone();
        let failure = || {
            durable.borrow_mut().failed();
            rustix::io::Errno::IO.into()
        };
        let fails = fails.then_some(&failure as &dyn Fn() -> io::Error);
        let before = self.deliveries.parts().sync.health();
        let removed = RefCell::new(Vec::new());
        let report = |batch: &[_]| removed.borrow_mut().extend_from_slice(batch);
        let Deliveries { steps, disks, .. } = &self.deliveries;
        // What it could not do is tried again later.
        let _ = steps.parts.sync.take_turn(disks, &report, fails);
        if steps.parts.sync.health().failures > before.failures {
            self.world.meet("a sync failed");
        }
        let removed = removed.into_inner();
        removed.iter().for_each(|removed| steps.note(removed));
        let removed = removed.into_iter();
        let removed = removed.map(|removed| Event::Removed(removed.id, removed.removal));
        self.deliveries.inbox.extend(removed);
    }

    /// Delivers until nothing is left to do.
    pub fn deliver_all(&mut self) {
        // One sync after one that failed, one after packing, one after delivering, and one between any two removals.
        for _ in 0..ROUNDS {
            // What was missed is found by the next look.
            self.world.pass(LOOK);
            self.take_task();
            while !self.deliveries.hands.is_empty() {
                self.carry_on(0);
                self.take_task();
            }
            self.sync(false);
        }
    }
}

const LOOK: Duration = Duration::from_secs(1);
const HANDS_MAX: usize = 4;
const ROUNDS: usize = 10;
