//! What a worker does: pick a dump from the window, deliver it, look at the disk for more.
//!
//! Workers run at nice 10, so that the loop thread gets the processor first, and may block for as long as a destination
//! does; the lock on what they share is never held meanwhile. One of them at a time looks at the disk. Never here: a
//! dump's steps, unbounded memory, a thread that a panic ends. Limits: those of `window`. Failures are logged by
//! `backoff`.
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::backoff::{Destination, Gate, Gates, Pass};
use super::deliver::{Job, Outcome, Parts};
use super::removals::Removals;
use super::tempo::Tempo;
use super::window::{Horizon, Unlinking, Window};
use crate::limits::{DISK_LOOK_S_MAX, WINDOW_IDS_MAX};
use crate::retention::{self, Retention, Sweep};
use crate::spool::recover::{Recovered, recover, seal_orphans};
use crate::spool::{Id, Kind};

/// How long a worker sleeps that only another one can give work to.
const UNTIL_WOKEN: Duration = Duration::from_secs(DISK_LOOK_S_MAX);
const NICENESS: i32 = 10;

/// What the workers share.
pub struct Shared {
    parts: Parts,
    removals: Removals,
    gates: Gates,
    tempo: Tempo,
    state: Mutex<Pool>,
    /// A notice found no room.
    missed: AtomicBool,
    /// Set once, when all are started.
    threads: OnceLock<Vec<Thread>>,
}

#[derive(Debug)]
struct Pool {
    notices: Receiver<Id>,
    orphans: Vec<Id>,
    window: Window,
    phase: Phase,
    /// A worker is looking at the disk.
    looking: bool,
    look_at: Instant,
    settle_at: Instant,
    /// The report of the sync thread after which this last looked what it has removed.
    turn: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Recovery comes first and alone: it removes what looks like an unfinished pack.
    Unrecovered,
    Recovering,
    Running,
    Stopping,
}

#[derive(Debug)]
enum Task {
    Recover(Pass),
    Deliver(Id),
    Look,
    Settle,
    Sleep(Duration),
    End,
}

impl Shared {
    pub fn new(parts: Parts, removals: Removals, tempo: Tempo, orphans: Vec<Id>, notices: Receiver<Id>) -> Shared {
        let spool = format!("spool {}", parts.place.root().display());
        let names = [spool, parts.storage.describe(), parts.database.describe()];
        let now = Instant::now();
        let pool = Pool {
            notices,
            orphans,
            window: Window::default(),
            phase: Phase::Unrecovered,
            looking: false,
            look_at: now,
            settle_at: now,
            turn: 0,
        };
        Shared {
            parts,
            removals,
            gates: Gates::new(tempo.pauses, names),
            tempo,
            state: Mutex::new(pool),
            missed: AtomicBool::new(false),
            threads: OnceLock::new(),
        }
    }

    /// Tells the workers of each other, once all are started.
    pub fn started(&self, threads: Vec<Thread>) {
        self.removals.watch(threads.clone());
        self.threads.get_or_init(|| threads);
        self.wake();
    }

    /// From now on no step begins, and workers end.
    pub fn stop(&self) {
        self.gates.close();
        self.pool().phase = Phase::Stopping;
        self.wake();
    }

    /// The disk holds a dump that nobody was told of.
    pub fn missed_notice(&self) {
        self.missed.store(true, Ordering::Release);
    }

    /// Makes every worker look for a task, now or when it next would sleep. Takes no lock.
    pub fn wake(&self) {
        self.threads.get().into_iter().flatten().for_each(Thread::unpark);
    }

    /// Dumps that are not delivered; of those under way, the ones whose last step is not done. To be called when no
    /// session is live: what still lies in recording was cut off before the start, and is not recovered yet.
    pub fn count_on_disk(&self) -> usize {
        self.parts.place.count(&|id| self.pool().window.is_leaving(id))
    }

    /// The life of one worker, until `stop`.
    pub fn work(&self) {
        // Where it is not allowed, the workers compete with the loop thread as equals: slower, not wrong.
        let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
        loop {
            match self.next_task() {
                Task::Recover(pass) => self.recover(pass),
                Task::Deliver(id) => self.deliver(id),
                Task::Look => self.keep_house(|| self.look()),
                Task::Settle => self.keep_house(|| self.settle()),
                Task::Sleep(duration) => thread::park_timeout(duration),
                Task::End => return,
            }
        }
    }

    /// The life of the thread that lets stored copies go, until `stop`.
    pub fn sweep(&self, rules: Retention) {
        let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
        let sweep = Sweep {
            rules,
            storage: &self.parts.storage,
            database: &self.parts.database,
            spool: self.parts.place.spool(),
        };
        retention::run(&sweep, &|| self.pool().phase == Phase::Stopping);
    }

    fn next_task(&self) -> Task {
        let mut pool = self.pool();
        match pool.phase {
            Phase::Stopping => Task::End,
            Phase::Recovering => Task::Sleep(UNTIL_WOKEN),
            Phase::Unrecovered => self.recovery(&mut pool),
            Phase::Running => {
                pool.take_notices();
                if self.missed.swap(false, Ordering::Acquire) {
                    pool.window.listed(Horizon::Nothing);
                }
                let now = Instant::now();
                self.housekeeping(&mut pool, now)
                    .unwrap_or_else(|| self.delivery(&mut pool, now))
            }
        }
    }

    fn recovery(&self, pool: &mut Pool) -> Task {
        match self.gates.admit(Destination::Spool) {
            Some(pass) => {
                pool.phase = Phase::Recovering;
                Task::Recover(pass)
            }
            None => Task::Sleep(self.until_probe([Destination::Spool].into_iter(), UNTIL_WOKEN)),
        }
    }

    fn delivery(&self, pool: &mut Pool, now: Instant) -> Task {
        if pool.window.is_clogged() {
            return Task::Sleep(self.tempo.settle);
        }
        let is = |wanted| move |destination| self.gates.gate(destination) == wanted;
        let Some(id) = pool.window.next(is(Gate::Open), is(Gate::Due)) else {
            // Who looks at the disk wakes the others when it is done, however long that takes.
            let look = pool.look_at.saturating_duration_since(now);
            let at_most = if pool.looking { UNTIL_WOKEN } else { look };
            return Task::Sleep(self.until_probe(pool.window.awaited(), at_most));
        };
        if pool.window.has_waiting() {
            self.wake();
        }
        Task::Deliver(id)
    }

    /// What has to be looked after before the next dump, unless another worker is at it.
    ///
    /// While a destination is down, a listing would find the same parked dumps again and again, so then only the
    /// clock asks for one.
    fn housekeeping(&self, pool: &mut Pool, now: Instant) -> Option<Task> {
        if pool.looking {
            return None;
        }
        let task = if pool.look_at <= now || (pool.window.is_hungry() && self.gates.all_open()) {
            pool.look_at = now + self.tempo.look;
            Task::Look
        } else if (pool.window.is_clogged() && pool.settle_at <= now) || self.has_synced(pool) {
            Task::Settle
        } else {
            return None;
        };
        pool.looking = true;
        Some(task)
    }

    /// Some dumps wait for a sync, and there has been one since.
    fn has_synced(&self, pool: &Pool) -> bool {
        pool.window.awaits_sync() && pool.turn != self.removals.reports()
    }

    fn until_probe(&self, awaited: impl Iterator<Item = Destination>, at_most: Duration) -> Duration {
        let retry = self
            .gates
            .retry_at(awaited)
            .map(|at| at.saturating_duration_since(Instant::now()));
        retry.map_or(at_most, |retry| retry.min(at_most))
    }

    fn recover(&self, pass: Pass) {
        let mut orphans = mem::take(&mut self.pool().orphans);
        let run = || recover(&self.parts.place, &self.parts.sync, &mut orphans);
        let phase = match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(found)) => {
                log_recovered(&found);
                self.gates.succeeded(pass);
                Phase::Running
            }
            Ok(Err(error)) => {
                self.gates.failed(pass, &error);
                Phase::Unrecovered
            }
            Err(_) => {
                log::error!("the program panicked while it recovered the spool; what is left waits for the next start");
                self.gates.unclear(pass);
                orphans.clear();
                Phase::Running
            }
        };
        let mut pool = self.pool();
        if pool.phase == Phase::Recovering {
            pool.phase = phase;
        }
        pool.orphans = orphans;
        drop(pool);
        self.wake();
    }

    fn deliver(&self, id: Id) {
        let turn = self.removals.reports();
        let job = Job::new(id, &self.parts, &self.gates);
        let outcome = contained(|| job.run(), || job.unwound());
        let mut pool = self.pool();
        if job.has_failed() {
            pool.window.stumble(id);
        }
        match outcome {
            Outcome::Delivered => pool.window.leave(id),
            Outcome::Packed => {
                pool.window.packed(id);
                // The sync may have been quicker than this.
                pool.turn = pool.turn.min(turn);
            }
            Outcome::Gone | Outcome::Refused => pool.window.finish(id),
            Outcome::Held(destination) => pool.window.park(id, destination),
        }
        drop(pool);
        if let Outcome::Held(_) = outcome {
            // The others sleep until a moment that they computed before this destination went down.
            self.wake();
        }
    }

    /// Takes over what processes that have ended since the start left, and tries again to seal what the disk refused to
    /// let be sealed.
    fn seal_orphans(&self) {
        let place = &self.parts.place;
        let mut orphans = mem::take(&mut self.pool().orphans);
        let adopted = place.adopt_others(&mut orphans).unwrap_or_else(|error| {
            log::error!("what other processes left cannot be taken over now, this is tried again: {error}");
            0
        });
        let sealed = seal_orphans(place, &mut orphans);
        log_recovered(&Recovered { adopted, ..sealed });
        self.pool().orphans = orphans;
    }

    /// Does what only one worker at a time does. A panic costs this one pass, never the worker.
    fn keep_house(&self, work: impl FnOnce()) {
        let panicked = catch_unwind(AssertUnwindSafe(work)).is_err();
        let mut pool = self.pool();
        if panicked {
            log::error!("the program panicked while it looked at the spool; this is tried again");
            pool.window.lists();
        }
        pool.settle_at = Instant::now() + self.tempo.settle;
        pool.looking = false;
        drop(pool);
        self.wake();
    }

    /// Fills the window from the disk, then settles. In this order: an id that the listing met before its files went
    /// is still known when it is offered.
    fn look(&self) {
        self.seal_orphans();
        let place = &self.parts.place;
        // In a long outage those that only wait would be met again and again, and the others stay unmasked behind them.
        let saturated = {
            let mut pool = self.pool();
            pool.window.lists();
            pool.window.is_saturated()
        };
        let skip = |id| self.pool().window.knows(id) || (saturated && place.exists(Kind::Packed, id).unwrap_or(false));
        let listed = place.oldest(WINDOW_IDS_MAX, &skip);
        let mut pool = self.pool();
        match listed {
            Ok(ids) => {
                pool.window.listed(match ids.last() {
                    _ if saturated => Horizon::Nothing,
                    Some(last) if ids.len() == WINDOW_IDS_MAX => Horizon::UpTo(*last),
                    _ => Horizon::All,
                });
                ids.into_iter().for_each(|id| pool.window.offer(id));
            }
            Err(error) => {
                // Not said to the window, which would ask for the next try at once, and so without end.
                log::error!("the spool cannot be listed, this is tried again within a minute: {error}");
            }
        }
        drop(pool);
        self.settle();
    }

    /// Lets go of the ids whose files the sync thread has removed.
    fn settle(&self) {
        // Before the files are looked at, and with the list: what a later turn removes, or a worker adds, is worth
        // another look.
        let unlinking = {
            let mut pool = self.pool();
            pool.turn = self.removals.reports();
            pool.window.unlinking()
        };
        let gone: Vec<_> = unlinking
            .into_iter()
            .filter(|unlinking| self.is_gone(*unlinking))
            .collect();
        let mut pool = self.pool();
        gone.into_iter().for_each(|gone| pool.window.settled(gone));
    }

    fn is_gone(&self, unlinking: Unlinking) -> bool {
        let Unlinking { id, delivered } = unlinking;
        let place = &self.parts.place;
        let ready_is_gone = matches!(place.exists(Kind::Ready, id), Ok(false));
        ready_is_gone && (!delivered || matches!(place.exists(Kind::Packed, id), Ok(false)))
    }

    /// Every holder leaves the pool whole at each step, so a panic elsewhere does not spoil it.
    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    fn take_notices(&mut self) {
        while let Ok(id) = self.notices.try_recv() {
            self.window.offer(id);
        }
    }
}

fn log_recovered(found: &Recovered) {
    if *found != Recovered::default() {
        log::info!("the spool is recovered: {found}");
    }
}

/// A panic in one dump's delivery is that dump's or that destination's, never the pool's.
fn contained(run: impl FnOnce() -> Outcome, unwound: impl FnOnce() -> Outcome) -> Outcome {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| unwound())
}

#[cfg(test)]
mod tests;
