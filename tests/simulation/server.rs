//! One life of the simulated server: start, serve, recover, deliver, and in the end a stop in good order.
//!
//! Chance decides who has the next turn: a connection, the clock, a worker, the sync, some trouble. All of it runs on
//! one thread, so a crash can come after any file operation of any of them.

use std::collections::{BTreeMap, HashSet};
use std::mem;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rtcstats_server::auth::Verifier;
use rtcstats_server::connection::{Access, CloseReason, Connection, ConnectionLimits, Policy};
use rtcstats_server::database::{Database, Sqlite};
use rtcstats_server::delivery::{Gates, Job, Outcome, Parts, Pauses};
use rtcstats_server::dump::MaskRules;
use rtcstats_server::spool::recover::{recover, seal_orphans};
use rtcstats_server::spool::sync::Disks;
use rtcstats_server::spool::{Id, Kind, PackOptions, Place, Sync};
use rtcstats_server::storage::{Directory, KeyTemplate, Storage};
use rtcstats_server::units::Size;

use super::driver::{Cause, Lines, Peer, Unsealed};
use super::faults::Trouble;
use super::plan::Mutant;
use super::script::{MESSAGE_BYTES_MAX, ORIGIN};
use super::world::World;

pub struct Server<'w> {
    pub world: &'w mut World,
    pub parts: Parts,
    pub policy: Rc<Policy>,
    pub peers: BTreeMap<usize, Peer>,
    pub unsealed: Vec<Unsealed>,
    /// The limit of one dump.
    pub dump_bytes: u64,
    /// Lines are buffered for a while (`spool.flush_interval`).
    pub holds: bool,
    /// New sessions are refused for now.
    pub is_full: bool,
    gates: Gates,
    disks: Disks,
    /// Recordings of earlier processes, until they are recovered.
    orphans: Vec<Id>,
    is_recovered: bool,
    /// Packed or delivered; what replaces their files waits for the sync.
    leaving: HashSet<Id>,
    trouble: Trouble,
}

impl<'w> Server<'w> {
    pub fn start(world: &'w mut World) -> Server<'w> {
        // Now and then another process holds the instance while this one starts, and ends before it recovers.
        let other = world.random.one_in(4).then(|| Place::open(&world.spool()));
        let place = Place::open(&world.spool()).expect("the spool can be opened");
        drop(other);
        let orphans = place.ids(Kind::Recording).expect("recording can be listed");
        let orphans = orphans.collect::<Result<_, _>>().expect("recording can be listed");
        let (sync, disks) = Sync::without_thread(&place, &[]).expect("the spool can be synced");
        let pauses = Pauses {
            first: Duration::ZERO,
            last: Duration::ZERO,
        };
        Server {
            policy: Rc::new(policy()),
            peers: BTreeMap::new(),
            unsealed: Vec::new(),
            dump_bytes: if world.random.one_in(6) { 9000 } else { u64::MAX },
            holds: world.random.one_in(4),
            is_full: false,
            gates: Gates::new(pauses, Default::default()),
            disks,
            orphans,
            is_recovered: false,
            leaving: HashSet::new(),
            trouble: Trouble::default(),
            parts: parts(world, place, sync),
            world,
        }
    }

    /// Serves up to client number `end` until all of them are done.
    pub fn serve(&mut self, end: usize) {
        for _ in 0..STEPS_MAX {
            if self.world.next_client == end && self.peers.is_empty() {
                return;
            }
            self.step(end);
        }
    }

    fn step(&mut self, end: usize) {
        let dice = self.world.random.below(100);
        self.world.pass(Duration::from_micros(dice as u64 * 100));
        match dice {
            0..60 => self.turn_of_someone(Cause::Ready),
            60..66 if self.world.next_client < end => self.accept(),
            66..70 => self.time_passes(),
            70..75 => self.upkeep(),
            75..80 => self.work(),
            80..83 => self.sync(),
            83..85 if self.world.plan.trouble => self.meet_trouble(),
            85..88 => self.trouble.lift(),
            88..90 => self.stall_someone(),
            90 => self.shut_someone(),
            91 => self.is_full = self.world.random.one_in(3),
            92 => self.recover(),
            _ => {}
        }
    }

    fn someone(&mut self) -> Option<usize> {
        let index = self.world.random.below(self.peers.len());
        self.peers.keys().nth(index).copied()
    }

    fn turn_of_someone(&mut self, cause: Cause) {
        if let Some(client) = self.someone() {
            self.turn(client, cause);
        }
    }

    fn accept(&mut self) {
        let connection = Connection::new(Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), self.world.now());
        self.peers.insert(self.world.next_client, Peer::new(connection));
        self.world.next_client += 1;
    }

    /// Sometimes for long; whoever's deadline it was has a turn.
    fn time_passes(&mut self) {
        let ms = if self.world.random.one_in(6) { 40_000 } else { 200 };
        let ms = self.world.random.below(ms);
        self.world.pass(Duration::from_millis(ms as u64));
        let (now, limits) = (self.world.now(), self.policy.limits);
        let due = self
            .peers
            .iter()
            .filter(|(_, peer)| !peer.is_held_up() && peer.connection.deadline(&limits).is_some_and(|at| at <= now));
        for client in due.map(|(client, _)| *client).collect::<Vec<_>>() {
            self.turn(client, Cause::Deadline);
        }
    }

    /// Writes what is held or was refused, seals what could not be sealed.
    pub fn upkeep(&mut self) {
        for ended in mem::take(&mut self.unsealed) {
            self.retry_seal(ended);
        }
        let waiting = self.peers.iter().filter(|(_, peer)| peer.lines != Lines::Written);
        for client in waiting.map(|(client, _)| *client).collect::<Vec<_>>() {
            self.retry(client);
        }
    }

    fn stall_someone(&mut self) {
        if let Some(client) = self.someone() {
            self.world.clients[client].stall(&mut self.world.random);
        }
    }

    fn shut_someone(&mut self) {
        let reasons = [
            CloseReason::DiskLow,
            CloseReason::MemoryShort,
            CloseReason::Internal,
            CloseReason::GoingAway,
        ];
        let reason = self.world.random.pick(&reasons);
        if self.world.random.one_in(8) {
            self.turn_of_someone(Cause::Shut(reason));
        }
    }

    fn meet_trouble(&mut self) {
        let place = self.parts.place.clone();
        match self.world.random.below(4) {
            0 => self.trouble.no_descriptors(),
            1 => {
                let state = self.world.random.pick(&["recording", "ready", "packed", "../../dumps"]);
                self.trouble.away(&place.root().join(state));
            }
            _ => {
                // Somewhere behind the end of a file that is being written, so that a write is cut in its middle.
                let recordings: Vec<_> = self.peers.values().filter_map(|peer| peer.recording.as_ref()).collect();
                let index = self.world.random.below(recordings.len());
                let written = |at: usize| recordings.get(at).map_or(0, |r| r.bytes() - r.pending_bytes() as u64);
                let room = self.world.random.below(600) as u64;
                self.trouble.short_writes(written(index) + room);
            }
        }
    }

    /// What a worker does first, and again for what was refused then.
    fn recover(&mut self) {
        let place = &self.parts.place;
        if self.world.mutant == Mutant::RecoversNothing {
            self.is_recovered = true;
        } else if self.is_recovered {
            seal_orphans(place, &mut self.orphans);
            self.world.meet("orphans were tried again");
        } else {
            self.is_recovered = recover(place, &self.parts.sync, &mut self.orphans).is_ok();
        }
    }

    /// One run of a worker over one of the oldest dumps.
    fn work(&mut self) {
        let Ok(ids) = self.parts.place.oldest(4, &|id| self.leaving.contains(&id)) else {
            return;
        };
        if ids.is_empty() || !self.is_recovered {
            return;
        }
        let id = self.world.random.pick(&ids);
        if self.world.mutant == Mutant::UnlinksFirst {
            let ready = self.parts.place.path(Kind::Ready, id);
            let text = std::fs::read(&ready).unwrap_or_default();
            let _ = std::fs::remove_file(&ready);
            rtcstats_server::fault::point("mutant");
            let _ = std::fs::write(&ready, text);
        }
        let job = Job::new(id, &self.parts, &self.gates);
        let outcome = job.run();
        if outcome == Outcome::Packed && self.world.mutant == Mutant::UnlinksUnsynced {
            let _ = std::fs::remove_file(self.parts.place.path(Kind::Ready, id));
            rtcstats_server::fault::point("mutant");
        }
        match outcome {
            Outcome::Delivered | Outcome::Packed => drop(self.leaving.insert(id)),
            Outcome::Refused if self.world.plan.power_cuts => self.world.meet("a torn dump was refused"),
            Outcome::Refused => self.world.blame(format!("dump {id} was refused")),
            Outcome::Gone => self.world.meet("a dump was gone"),
            Outcome::Held(destination) => self.world.meet(format!("{destination:?} was down")),
        }
    }

    fn sync(&mut self) {
        if self.world.plan.power_cuts {
            // What the sync found is looked at, which takes descriptors.
            self.trouble.lift();
        }
        if self.parts.sync.take_turn(&self.disks, &|_| {}).is_ok() {
            self.leaving.clear();
        }
    }

    /// SIGTERM, with all trouble gone: every session is sealed, every dump delivered.
    pub fn stop(&mut self) {
        self.trouble.lift();
        self.recover();
        for client in self.peers.keys().copied().collect::<Vec<_>>() {
            self.turn(client, Cause::Shut(CloseReason::GoingAway));
        }
        for _ in 0..ROUNDS_MAX {
            self.upkeep();
            for client in self.peers.keys().copied().collect::<Vec<_>>() {
                self.turn(client, Cause::Ready);
            }
        }
        if !self.unsealed.is_empty() || self.peers.values().any(|peer| peer.recording.is_some()) {
            self.world.blame("sessions are left that are not sealed".into());
        }
        self.deliver_all();
    }

    fn deliver_all(&mut self) {
        // A sync behind packing, one behind delivering, and one between any two removals.
        for _ in 0..6 {
            for _ in 0..=2 * self.world.clients.len() {
                self.work();
            }
            self.sync();
        }
    }
}

/// Far more than the longest run takes.
const STEPS_MAX: usize = 20_000;
const ROUNDS_MAX: usize = 3;

fn policy() -> Policy {
    Policy {
        verifier: Verifier::open(),
        access: Access {
            allowed_origins: vec![ORIGIN.into()],
            trusted_proxies: Vec::new(),
        },
        limits: ConnectionLimits {
            head_bytes: Size(2048),
            message_bytes: Size(MESSAGE_BYTES_MAX as u64),
            ..ConnectionLimits::default()
        },
    }
}

fn parts(world: &World, place: Place, sync: Sync) -> Parts {
    let store = Directory::new(&world.dumps()).expect("the path is absolute");
    store.prepare().expect("the store can be made");
    let catalogue = Sqlite::new(&world.catalogue()).expect("the path is absolute");
    let rules = MaskRules {
        addresses: true,
        device_labels: true,
    };
    let key = KeyTemplate::parse("{date}/{id}.jsonl.gz").expect("the template is sound");
    Parts {
        place: Arc::new(place),
        pack: PackOptions { rules, geo: None, key },
        storage: Storage::from(store),
        database: Database::Sqlite(catalogue),
        sync,
    }
}
