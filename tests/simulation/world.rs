//! What outlives a crash: the clients, the disk, the clock, chance, and the account of what must be found in the end.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rtcstats_server::spool::Id;

use super::client::Client;
use super::plan::{Fault, Plan};
use super::power::Durable;
use super::random::Random;

/// What is known of one client's session.
#[derive(Debug, Default)]
pub struct Record {
    pub id: Option<Id>,
    /// Messages that the connection has passed on.
    pub accepted: usize,
    /// Messages for which appending has succeeded.
    pub appended: usize,
    /// Messages accepted before the last bytes that were sent to the client.
    pub answered: usize,
    /// The code with which the process that recorded it has sealed it.
    pub sealed: Option<u16>,
    /// Messages that its dump must have, no more and no less: determined by the seal, or by what a crash left.
    pub settled: Option<usize>,
    /// After a power cut: the messages that a sync had covered. The dump has at least these and at most the settled
    /// ones.
    pub synced: Option<usize>,
}

pub struct World {
    pub plan: Plan,
    pub fault: Fault,
    pub clients: Vec<Client>,
    pub records: Vec<Record>,
    /// Clients from this number on have not connected yet.
    pub next_client: usize,
    pub violations: Vec<String>,
    /// What has happened at least once.
    pub met: BTreeSet<String>,
    /// The client whose row a rule of the catalogue refuses, and all that were refused before.
    pub ruled_out: Option<usize>,
    pub once_ruled_out: BTreeSet<usize>,
    pub random: Random,
    pub durable: Rc<RefCell<Durable>>,
    directory: tempfile::TempDir,
    began: Instant,
    passed: Duration,
}

impl World {
    pub fn new(plan: &Plan, fault: Fault) -> World {
        let directory = directory();
        let clients = (0..plan.clients).map(|number| Client::new(plan.seed, number, plan.messages));
        World {
            fault,
            clients: clients.collect(),
            records: (0..plan.clients).map(|_| Record::default()).collect(),
            next_client: 0,
            violations: Vec::new(),
            met: BTreeSet::new(),
            ruled_out: None,
            once_ruled_out: BTreeSet::new(),
            random: Random::new(plan.seed, 1),
            durable: Rc::new(RefCell::new(Durable::new(directory.path()))),
            directory,
            began: Instant::now(),
            passed: Duration::ZERO,
            plan: plan.clone(),
        }
    }

    pub fn spool(&self) -> PathBuf {
        self.directory.path().join("spool")
    }

    pub fn dumps(&self) -> PathBuf {
        self.directory.path().join("dumps")
    }

    pub fn catalogue(&self) -> PathBuf {
        self.directory.path().join("catalog.db")
    }

    pub fn now(&self) -> Instant {
        self.began + self.passed
    }

    pub fn unix_ms(&self) -> u64 {
        1_700_000_000_000 + self.passed.as_millis() as u64
    }

    pub fn pass(&mut self, time: Duration) {
        self.passed += time;
    }

    /// Notes that something has happened, to prove that the runs reach the cases they are meant for.
    pub fn meet(&mut self, what: impl Into<String>) {
        self.met.insert(what.into());
    }

    /// Notes that something is not as it must be.
    pub fn blame(&mut self, what: String) {
        self.violations.push(what);
    }
}

/// In memory if the machine offers that: a run syncs often, and power cuts are simulated above the file system.
fn directory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a directory for the test can be made")
}
