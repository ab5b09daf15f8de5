//! The hands of delivery: threads that ask the manager for a task, carry it out and report. Also their interface to the
//! outside: start, submit, stop.
//!
//! Hands run at nice 10, so that the loop thread gets the processor first. They may block as long as a destination
//! does, but never while they hold the lock on the manager. The loop thread only ever calls `submit`, which takes no
//! lock. What comes next and the steps of a dump are defined elsewhere, and a panic never ends a thread. Limits:
//! `NOTICES_IDS_MAX`. Failures: only that a thread cannot be started.
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use super::availability::Destination;
use super::bell::Bell;
use super::causes::Moment;
use super::deliver::Steps;
use super::event::{Event, Listed, Look, Recovery, RecoveryEnd, Task};
use super::look;
use super::manager::Manager;
use super::removals::Removals;
use super::settings::{Pace, Settings};
use super::step::Outcome;
use super::visit::Parts;
use super::watch::Watch;
use crate::database::Database;
use crate::limits::NOTICES_IDS_MAX;
use crate::retention::{self, Retention, Sweep};
use crate::spool::sync::Health;
use crate::spool::{Id, PackOptions, Place, Sync};
use crate::storage::Storage;
use crate::time::UnixMs;

/// What delivery needs to start.
pub struct Options {
    /// At least one.
    pub workers: usize,
    pub place: Arc<Place>,
    /// The recordings that were there before this process recorded anything. They are sealed before anything is
    /// delivered.
    pub orphans: Vec<Id>,
    pub pack: PackOptions,
    pub storage: Storage,
    pub database: Arc<Database>,
    pub sync: Sync,
    /// Where the sync thread reports to.
    pub removals: Removals,
    pub pace: Pace,
    pub retention: Retention,
}

/// The running hands.
pub struct Delivery {
    shared: Arc<Shared>,
    notices: SyncSender<Id>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    watcher: Thread,
    /// Disconnected when the last thread has ended.
    ended: Mutex<Receiver<()>>,
}

/// What the hands share.
struct Shared {
    steps: Steps,
    desk: Mutex<Desk>,
    bell: Bell,
    /// There was no room for a notice.
    missed: AtomicBool,
}

/// The manager and its inbox.
struct Desk {
    manager: Manager,
    notices: Receiver<Id>,
    removals: Removals,
    health: Health,
}

impl Delivery {
    /// Starts the threads. One of them first recovers the spool, and nothing is delivered before that has succeeded.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn start(options: Options) -> io::Result<Delivery> {
        let (notices, receiver) = mpsc::sync_channel(NOTICES_IDS_MAX);
        let (alive, ended) = mpsc::channel();
        let (hands, retention) = (options.workers.max(1), options.retention);
        let sweeps = !retention.is_off() && options.storage.has_local();
        let watch = Watch::new(names(&options));
        let shared = Arc::new(Shared::new(options, receiver));
        let mut threads = Vec::new();
        for number in 0..hands {
            let (shared, alive) = (Arc::clone(&shared), alive.clone());
            let thread = thread::Builder::new().name(format!("deliver-{number}"));
            threads.push(thread.spawn(move || {
                shared.work(number);
                drop(alive);
            })?);
        }
        if sweeps {
            let (shared, alive) = (Arc::clone(&shared), alive.clone());
            let thread = thread::Builder::new().name("retention".to_owned());
            threads.push(thread.spawn(move || {
                shared.sweep(retention);
                drop(alive);
            })?);
        }
        // It is not waited for: it may be writing to a disk that hangs.
        let watcher = Arc::clone(&shared);
        let thread = thread::Builder::new().name("watch".to_owned());
        let watcher = thread.spawn(move || watcher.watch(watch))?;
        Ok(Delivery {
            shared,
            watcher: watcher.thread().clone(),
            notices,
            threads: Mutex::new(threads),
            ended: Mutex::new(ended),
        })
    }

    /// Says that a dump is in ready. Never blocks. A notice for which there is no room is dropped, and the dump is
    /// found on disk later.
    pub fn submit(&self, id: Id) {
        if self.notices.try_send(id).is_err() {
            self.shared.missed.store(true, Ordering::SeqCst);
        }
        self.shared.bell.ring_for_sealed();
    }

    /// Waits at most `limit` for the steps under way, and starts no others. A hand that takes longer is left behind:
    /// the next process may repeat whatever that hand still does.
    pub fn stop(&self, limit: Duration) {
        let deadline = Instant::now() + limit;
        self.shared.stop();
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.iter().for_each(|thread| thread.thread().unpark());
        self.watcher.unpark();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let left = deadline.saturating_duration_since(Instant::now());
        if ended.recv_timeout(left) == Err(RecvTimeoutError::Timeout) {
            log::warn!("a delivery is still under way and is left to the next start");
        } else {
            // Hands catch panics, so the results contain nothing of interest.
            threads.drain(..).for_each(|thread| drop(thread.join()));
        }
    }

    /// Counts the dumps that wait on disk, after `stop`. Whoever receives the number decides how long that may take.
    pub fn count(&self) -> Receiver<usize> {
        let (count, counted) = mpsc::channel();
        let shared = Arc::clone(&self.shared);
        let thread = thread::Builder::new().name("count".to_owned());
        // Without a thread, nothing is received.
        let _ = thread.spawn(move || count.send(shared.count_on_disk()));
        counted
    }
}

impl Shared {
    fn new(options: Options, notices: Receiver<Id>) -> Shared {
        let names = names(&options);
        let Options {
            workers,
            place,
            orphans,
            pack,
            storage,
            database,
            sync,
            removals,
            pace,
            ..
        } = options;
        let settings = Settings {
            pack_slots: pack_slots(),
            names,
            orphans,
            pace,
        };
        let parts = Parts {
            place,
            pack,
            storage,
            database,
            sync,
        };
        let bell = Bell::new(workers.max(1));
        removals.ring(&bell);
        let desk = Desk {
            manager: Manager::new(settings, Instant::now()),
            notices,
            removals,
            health: Health::default(),
        };
        Shared {
            steps: Steps::new(parts),
            desk: Mutex::new(desk),
            bell,
            missed: AtomicBool::new(false),
        }
    }

    fn stop(&self) {
        self.desk().manager.handle(Event::Stop, Instant::now(), chance());
    }

    /// The number of dumps that are not delivered, including those under way whose last step is not done. To be called
    /// when no session is live: then a file in recording was cut off before the start and is not recovered yet.
    fn count_on_disk(&self) -> usize {
        let place = &self.steps.parts.place;
        place.count(&|id| self.desk().manager.is_leaving(id))
    }

    /// Runs one hand until `stop`.
    fn work(&self, hand: usize) {
        yield_to_the_loop();
        self.bell.enter(hand);
        let mut reports = Vec::new();
        loop {
            let (task, failures) = self.next(hand, reports);
            reports = match task {
                Task::Take(step, ids) => {
                    let done = self.steps.take_contained(hand, step, &ids, failures);
                    done.into_iter().map(Event::Done).collect()
                }
                Task::Recover(orphans) => vec![self.recover(orphans)],
                Task::Look(task) => vec![self.look(task)],
                Task::Sleep(time) => {
                    self.bell.sleep(hand, time);
                    Vec::new()
                }
                Task::End => return,
            }
        }
    }

    /// Reports, and takes the next task. Whoever takes it knows of as many failures of the sync as the manager did.
    fn next(&self, hand: usize, reports: Vec<Event>) -> (Task, u64) {
        let mut desk = self.desk();
        let now = Instant::now();
        let mut lay_down = false;
        let waits = |outcome: &Outcome| matches!(outcome, Outcome::Deferred(_) | Outcome::Ruled(_));
        let failed = |event: &Event| matches!(event, Event::Done(done) if waits(&done.outcome));
        let has_failed = reports.iter().any(failed);
        for report in reports {
            desk.manager.handle(report, now, chance());
        }
        loop {
            self.bell.want_sealed(desk.manager.wants_sealed());
            let failures = desk.read_health(self.steps.parts.sync.health(), now);
            desk.read_inbox(&self.steps, &self.missed, now);
            let task = desk.manager.next(now);
            self.bell.want_sealed(desk.manager.wants_sealed());
            match task {
                // Ask once more after lying down: what came before that has rung for nobody.
                Task::Sleep(_) if self.bell.lie_down(hand) => lay_down = true,
                Task::Sleep(_) => return (task, failures),
                task => {
                    // This hand has something else to do, so it passes on a ring that was for it.
                    let was_rung = lay_down && !self.bell.get_up(hand);
                    // The sleeping hands do not know when the destination, or the dump, is tried again.
                    if was_rung || has_failed || desk.manager.has_work(now) {
                        self.bell.ring();
                    }
                    return (task, failures);
                }
            }
        }
    }

    fn recover(&self, orphans: Vec<Id>) -> Event {
        let recover = || look::recover(&self.steps.parts, orphans);
        Event::Recovered(contained(recover, || {
            log::error!("the program panicked while it recovered the spool; what is left waits for the next start");
            RecoveryEnd {
                orphans: Vec::new(),
                result: Recovery::GivenUp,
            }
        }))
    }

    fn look(&self, task: Look) -> Event {
        let look = || look::look(&self.steps.parts, task);
        Event::Listed(contained(look, || {
            log::error!("the program panicked while it looked at the spool; this is tried again");
            Listed {
                orphans: Vec::new(),
                found: None,
            }
        }))
    }

    /// Runs the thread that removes old stored copies, until `stop`.
    fn sweep(&self, rules: Retention) {
        yield_to_the_loop();
        let Parts {
            place,
            storage,
            database,
            ..
        } = &self.steps.parts;
        let sweep = Sweep {
            rules,
            storage,
            database,
            spool: place.spool(),
        };
        retention::run(&sweep, &|| self.desk().manager.is_stopping());
    }

    /// Runs the thread that tells what keeps dumps waiting, until `stop`.
    fn watch(&self, mut watch: Watch) {
        yield_to_the_loop();
        let Parts { place, sync, .. } = &self.steps.parts;
        while !self.desk().manager.is_stopping() {
            let moment = Moment {
                now: Instant::now(),
                unix: UnixMs::now(),
            };
            let present = sync.present();
            self.desk().manager.settle(moment.now);
            let why = watch.look(&self.desk().manager.causes(), &self.steps.calls, &present, moment);
            watch.note(why, place);
            thread::park_timeout(WATCH);
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        // After each call the manager is in a valid state, so a panic elsewhere does no harm.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Tells the manager that syncs have failed, or work again. Returns how many have failed.
    fn read_health(&mut self, health: Health, now: Instant) -> u64 {
        if health != self.health {
            self.health = health;
            self.manager.handle(Event::Synced(health), now, chance());
        }
        health.failures
    }

    /// Tells the manager what has arrived.
    fn read_inbox(&mut self, steps: &Steps, missed: &AtomicBool, now: Instant) {
        let mut tell = |event| self.manager.handle(event, now, 0);
        for removed in self.removals.take() {
            steps.note(&removed);
            tell(Event::Removed(removed.id, removed.removal));
        }
        while let Ok(id) = self.notices.try_recv() {
            tell(Event::Sealed(id));
        }
        if missed.swap(false, Ordering::SeqCst) {
            tell(Event::Missed);
        }
    }
}

/// Where this is not allowed, the thread competes with the loop thread as an equal: that is slower but not wrong.
fn yield_to_the_loop() {
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
}

/// On a machine with several cores, one is left to the loop thread.
fn pack_slots() -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    cores.saturating_sub(1).max(1)
}

/// Each RandomState has its own random keys, so the hash of nothing is a good random number and needs no extra crate.
fn chance() -> u64 {
    RandomState::new().hash_one(0)
}

/// A panic ends only this one task, never the hand.
fn contained<T>(run: impl FnOnce() -> T, unwound: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| unwound())
}

/// The names of the destinations in the log.
fn names(options: &Options) -> [String; Destination::ALL.len()] {
    let spool = format!("spool {}", options.place.root().display());
    [spool, options.storage.describe(), options.database.describe()]
}

const NICENESS: i32 = 10;
const WATCH: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
