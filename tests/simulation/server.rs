//! One life of the simulated server: start, serve, recover, deliver, and in the end an orderly stop.
//!
//! Chance decides what has the next turn: a connection, the clock, a worker, the sync, some disturbance. Everything
//! runs on one thread, so that a crash can come after any file operation of any of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use rtcstats_server::auth::Verifier;
use rtcstats_server::connection::{Access, CloseReason, ConnectionLimits, Policy};
use rtcstats_server::database::{Database, Sqlite};
use rtcstats_server::delivery::Parts;
use rtcstats_server::dump::MaskRules;
use rtcstats_server::features::FeaturesOptions;
use rtcstats_server::sessions::{Cause, Engine, HostOptions, Key, Options, SessionLimits};
use rtcstats_server::spool::{Id, Kind, PackOptions, Place, SpoolOptions, Sync};
use rtcstats_server::storage::{Directory, KeyTemplate, Storage};
use rtcstats_server::units::{Period, Size};

use super::delivery::Deliveries;
use super::faults::Trouble;
use super::journal::Ended;
use super::script::{MESSAGE_BYTES_MAX, ORIGIN};
use super::world::World;

pub struct Server<'w> {
    pub world: &'w mut World,
    pub engine: Engine,
    /// Which client is at the other end of a connection.
    pub peers: BTreeMap<Key, usize>,
    /// What the log has said about sessions that are over.
    pub ended: HashMap<Id, Ended>,
    /// New sessions are refused at present.
    is_full: bool,
    pub deliveries: Deliveries,
    pub trouble: Trouble,
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
        let parts = parts(world, place, sync);
        let options = options(world);
        Server {
            engine: Engine::new(options, Arc::clone(&parts.place), parts.sync.clone(), world.now()),
            peers: BTreeMap::new(),
            ended: HashMap::new(),
            is_full: false,
            deliveries: Deliveries::new(world, parts, disks, orphans),
            trouble: Trouble::default(),
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
            80..83 => self.turn_of_sync(),
            83..85 if self.world.plan.trouble => self.meet_trouble(),
            85..88 => self.trouble.lift(),
            88..90 => self.stall_someone(),
            90 => self.shut_someone(),
            92 => self.change_a_rule(),
            91 => self.is_full = self.world.random.one_in(3),
            93..96 => self.run(),
            _ => {}
        }
    }

    fn someone(&mut self) -> Option<Key> {
        let index = self.world.random.below(self.peers.len());
        self.peers.keys().nth(index).copied()
    }

    fn turn_of_someone(&mut self, cause: Cause) {
        if let Some(key) = self.someone() {
            self.turn(key, cause);
        }
    }

    /// Every connection whose last turn has left something to do gets another turn.
    fn run(&mut self) {
        self.engine.run();
        self.carry_out();
    }

    /// Time passes, sometimes a lot. Every connection whose deadline is over gets a turn, and what was buffered for
    /// long enough is written.
    fn time_passes(&mut self) {
        let ms = if self.world.random.one_in(6) { 40_000 } else { 200 };
        let ms = self.world.random.below(ms);
        self.world.pass(Duration::from_millis(ms as u64));
        let now = self.now();
        self.engine.expire(now);
        self.engine.flush(now);
        self.observe_all();
        self.carry_out();
    }

    /// Tries again what the disk has refused, and looks how full the disk is.
    fn upkeep(&mut self) {
        let free = match self.world.random.below(60) {
            0 => MIN_FREE / 2 - 1,
            _ if self.is_full => MIN_FREE - 1,
            _ => MIN_FREE,
        };
        let now = self.now();
        let recording = self.deliveries.parts().place.root().join("recording");
        self.engine.upkeep(free, std::fs::metadata(recording).map(drop), now);
        self.observe_all();
        self.carry_out();
    }

    fn stall_someone(&mut self) {
        if let Some(key) = self.someone() {
            self.world.clients[self.peers[&key]].stall(&mut self.world.random);
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
        let place = self.deliveries.parts().place.clone();
        match self.world.random.below(4) {
            0 => self.trouble.no_descriptors(),
            1 => {
                let state = self.world.random.pick(&["recording", "ready", "packed", "../../dumps"]);
                self.trouble.away(&place.root().join(state));
            }
            _ => {
                // Somewhere after the end of a file that is being written, so that a write is cut in its middle.
                let recordings: Vec<u64> = self
                    .world
                    .records
                    .iter()
                    .filter_map(|record| length(&place, record.id?))
                    .collect();
                let index = self.world.random.below(recordings.len());
                let room = self.world.random.below(600) as u64;
                let written = recordings.get(index).copied().unwrap_or(0);
                self.trouble.short_writes(written + room);
            }
        }
    }

    fn turn_of_sync(&mut self) {
        if self.world.plan.power_cuts {
            // What the sync found is looked at now, which needs descriptors.
            self.trouble.lift();
        }
        let plan = &self.world.plan;
        let may_fail = plan.power_cuts && plan.trouble;
        let fails = may_fail && self.world.random.one_in(5);
        self.sync(fails);
    }

    /// SIGTERM, after all disturbances are lifted: every session is sealed, every dump delivered.
    pub fn stop(&mut self) {
        self.trouble.lift();
        let now = self.now();
        self.engine.stop(now);
        self.observe_all();
        self.carry_out();
        for _ in 0..ROUNDS_MAX {
            self.upkeep();
            for key in self.peers.keys().copied().collect::<Vec<_>>() {
                self.turn(key, Cause::Ready);
            }
        }
        self.engine.end(self.now());
        self.carry_out();
        if self
            .world
            .records
            .iter()
            .any(|record| record.id.is_some() && record.settled.is_none())
        {
            self.world.blame("sessions are left that are not sealed".into());
        }
        self.mend_the_rule();
        self.deliver_all();
    }
}

/// Far more than the longest run needs.
const STEPS_MAX: usize = 20_000;
const ROUNDS_MAX: usize = 3;

/// Free bytes of the disk below which no session begins.
const MIN_FREE: u64 = 1000;

/// The length of a recording, if it exists.
fn length(place: &Place, id: Id) -> Option<u64> {
    let metadata = std::fs::metadata(place.path(Kind::Recording, id));
    metadata.ok().map(|metadata| metadata.len())
}

fn options(world: &mut World) -> Options {
    let random = &mut world.random;
    let buffers = random.one_in(4);
    Options {
        policy: policy(),
        host: HostOptions::default(),
        limits: SessionLimits {
            dump_bytes: Size(if random.one_in(6) { 9000 } else { u64::MAX }),
            partial_bytes: Size(if random.one_in(8) { 3000 } else { u64::MAX }),
            reads_per_turn: 4,
        },
        spool: SpoolOptions {
            min_free: Size(MIN_FREE),
            flush_interval: Period(Duration::from_millis(if buffers { 100 } else { 0 })),
            ..SpoolOptions::default()
        },
        capacity: usize::MAX / 2,
        farewell_time: Duration::from_secs(2),
    }
}

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
        pack: PackOptions {
            rules,
            geo: None,
            key,
            features: FeaturesOptions::default(),
            findings: Some(rtcstats_server::findings::Settings::default()),
        },
        storage: Storage::from(store),
        database: Arc::new(Database::Sqlite(catalogue)),
        sync,
    }
}
