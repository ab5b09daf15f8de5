//! What the tests of this room need: a spool, a folder store, a catalogue and a sync thread in a temporary folder. All
//! of them are the real ones.
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::availability::{Destination, Pauses};
use super::deliver::Steps;
use super::event::{Event, Listed, Recovery, RecoveryEnd, Task};
use super::hands::{Delivery, Options};
use super::manager::Manager;
use super::removals::Removals;
use super::settings::{Pace, Settings};
use super::stage::{Bounds, Stage};
use super::step::Outcome;
use super::visit::Parts;
use crate::database::{Database, Filter, Found, RowKey, Sqlite};
use crate::dump::MaskRules;
use crate::limits::{ACTIVE_IDS_MAX, HELD_IDS_MAX, REMOVALS_IDS_MAX};
use crate::retention::Retention;
use crate::spool::{DumpState, Id, Kind, PackOptions, Place, Removal, Sync, pack};
use crate::storage::{Directory, KeyTemplate, Storage};

/// Short pauses: tests wait for causes, and these pauses only say how long nothing happens.
pub const PACE: Pace = Pace {
    pauses: Pauses {
        first: Duration::from_millis(2),
        last: Duration::from_millis(20),
    },
    look: Duration::from_secs(3600),
    bounds: Bounds {
        active: ACTIVE_IDS_MAX,
        removals: REMOVALS_IDS_MAX,
        held: HELD_IDS_MAX,
    },
};

pub struct Bench {
    temp: tempfile::TempDir,
    pub place: Arc<Place>,
    pub sync: Sync,
    removals: Removals,
    thread: Option<JoinHandle<()>>,
}

impl Bench {
    /// If `frozen`, the sync interval never ends by itself.
    pub fn new(frozen: bool) -> Bench {
        let temp = tempfile::tempdir().unwrap();
        let place = Arc::new(Place::open(&temp.path().join("spool")).unwrap());
        let interval = if frozen {
            Duration::from_secs(3600)
        } else {
            Duration::from_millis(3)
        };
        let removals = Removals::default();
        let (sync, thread) = Sync::start(interval, &place, &[], removals.report()).unwrap();
        let bench = Bench {
            temp,
            place,
            sync,
            removals,
            thread: Some(thread),
        };
        fs::create_dir(bench.store()).unwrap();
        bench
    }

    pub fn store(&self) -> PathBuf {
        self.temp.path().join("dumps")
    }

    pub fn catalogue(&self) -> PathBuf {
        self.temp.path().join("catalog.db")
    }

    pub fn parts(&self) -> Parts {
        let database = Sqlite::new(&self.catalogue())
            .unwrap()
            .with_busy_timeout(Duration::from_millis(1));
        Parts {
            place: Arc::clone(&self.place),
            pack: PackOptions {
                rules: MaskRules {
                    addresses: true,
                    device_labels: true,
                },
                geo: None,
                key: KeyTemplate::parse("{user}/{id}.jsonl.gz").unwrap(),
                features: crate::features::FeaturesOptions::default(),
                findings: Some(crate::findings::Settings::default()),
            },
            storage: Storage::from(Directory::new(&self.store()).unwrap()),
            database: Arc::new(Database::Sqlite(database)),
            sync: self.sync.clone(),
        }
    }

    pub fn options(&self, workers: usize) -> Options {
        let Parts {
            place,
            pack,
            storage,
            database,
            sync,
        } = self.parts();
        Options {
            workers,
            place,
            orphans: Vec::new(),
            pack,
            storage,
            database,
            sync,
            removals: self.removals.clone(),
            pace: PACE,
            retention: Retention::default(),
        }
    }

    pub fn start(&self, workers: usize) -> Delivery {
        Delivery::start(self.options(workers)).unwrap()
    }

    /// Puts a dump into ready.
    pub fn seal(&self) -> Id {
        self.seal_text(&dump("alice"))
    }

    /// The file appears whole at once, as a session's file does in ready, because a hand may look at any moment.
    pub fn seal_text(&self, text: &str) -> Id {
        let id = Id::new();
        fs::write(self.place.path(Kind::Recording, id), text).unwrap();
        let recording = File::open(self.place.path(Kind::Recording, id)).unwrap();
        self.place.seal(id, &recording).unwrap();
        id
    }

    /// Puts the same dump into ready again, as if the sync that removed it had not happened.
    pub fn seal_again(&self, id: Id) {
        fs::write(self.place.path(Kind::Ready, id), dump("alice")).unwrap();
    }

    /// A packed dump after its sync. It was never in ready, where a hand may look at any moment.
    pub fn packed(&self) -> Id {
        let temp = tempfile::tempdir_in(self.temp.path()).unwrap();
        let (place, id) = (Place::open(temp.path()).unwrap(), Id::new());
        fs::write(place.path(Kind::Ready, id), dump("alice")).unwrap();
        pack(&place, id, &self.parts().pack).unwrap();
        for kind in [Kind::Features, Kind::Manifest, Kind::Packed] {
            fs::rename(place.path(kind, id), self.place.path(kind, id)).unwrap();
        }
        id
    }

    pub fn seal_many(&self, count: usize) -> Vec<Id> {
        (0..count).map(|_| self.seal()).collect()
    }

    /// Takes all possible steps in a delivery that has just started, including those after the sync that follows
    /// packing.
    pub fn deliver(&self, id: Id) -> Ended {
        Line::new(self).deliver(id)
    }

    /// Puts a dump into ready that the store cannot take, because a file stands in place of its folder.
    pub fn seal_unstorable(&self) -> Id {
        fs::write(self.store().join("blocked"), b"").unwrap();
        self.seal_text(&dump("blocked"))
    }

    pub fn object(&self, id: Id) -> PathBuf {
        self.store().join(format!("alice/{id}.jsonl.gz"))
    }

    pub fn features(&self, id: Id) -> PathBuf {
        self.store().join(format!("alice/{id}.features.json"))
    }

    /// The ids of all stored dumps, sorted.
    pub fn objects(&self) -> Vec<Id> {
        self.stored().0
    }

    /// The ids of all dumps and those of all features, each sorted. Any other file makes the test fail.
    fn stored(&self) -> (Vec<Id>, Vec<Id>) {
        let Ok(entries) = fs::read_dir(self.store().join("alice")) else {
            return Default::default();
        };
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let (features, dumps): (Vec<_>, Vec<_>) = names.iter().partition(|name| name.ends_with(".json"));
        let ids = |names: Vec<&String>, ending| {
            let id = |name: &String| name.strip_suffix(ending).unwrap().parse().unwrap();
            names.into_iter().map(id).collect()
        };
        (ids(dumps, ".jsonl.gz"), ids(features, ".features.json"))
    }

    /// All rows, oldest id first.
    pub fn rows(&self) -> Vec<Found> {
        let Ok(catalogue) = Sqlite::open_read_only(&self.catalogue()) else {
            return Vec::new();
        };
        let mut rows = catalogue
            .find(&Filter {
                limit: usize::MAX,
                ..Filter::default()
            })
            .unwrap();
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        rows
    }

    pub fn files(&self, state: DumpState) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.place.root().join(state.name())).unwrap();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    pub fn queue_is_empty(&self) -> bool {
        self.files(DumpState::Ready).is_empty() && self.files(DumpState::Packed).is_empty()
    }

    /// Checks that there are exactly one dump, one object of features and one row for each of these, and none for
    /// anything else.
    pub fn assert_delivered(&self, ids: &[Id]) {
        assert_eq!(self.stored(), (ids.to_vec(), ids.to_vec()));
        let ids: Vec<RowKey> = ids.iter().map(|id| RowKey::Dump(*id)).collect();
        let rows: Vec<RowKey> = self.rows().into_iter().map(|row| row.id).collect();
        assert_eq!(rows, ids);
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.sync.stop();
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

pub fn dump(user: &str) -> String {
    format!(
        "RTCStatsDump\n\
         {{\"url\":\"/r\",\"startTime\":1000,\"fileFormat\":3,\"rtcstatsServer\":{{\"user\":\"{user}\",\"host\":\"h\",\"start\":1000}}}}\n\
         [\"note\",null,\"text\",5]\n\
         [\"close\",null,1001,{{\"end\":9000,\"recovered\":false}},250]\n"
    )
}

/// How far a dump has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Delivered,
    Gone,
    Refused,
    Packed,
    Held(Destination),
    Ruled,
}

/// Delivery on the test's own thread, with the real manager and the real steps.
pub struct Line<'a> {
    bench: &'a Bench,
    pub steps: Steps,
    pub manager: Manager,
}

impl<'a> Line<'a> {
    pub fn new(bench: &'a Bench) -> Line<'a> {
        let settings = Settings {
            pack_slots: 1,
            names: ["spool", "store", "catalogue"].map(str::to_owned),
            orphans: Vec::new(),
            pace: PACE,
        };
        let mut line = Line {
            bench,
            steps: Steps::new(bench.parts()),
            manager: Manager::new(settings, Instant::now()),
        };
        assert!(matches!(line.next(), Task::Recover(_)));
        let (orphans, result) = (Vec::new(), Recovery::Done);
        line.tell(Event::Recovered(RecoveryEnd { orphans, result }));
        assert!(matches!(line.next(), Task::Look(_)));
        let (orphans, found) = (Vec::new(), None);
        line.tell(Event::Listed(Listed { orphans, found }));
        line
    }

    /// Takes every step that is possible now, without a sync.
    pub fn run(&mut self, id: Id) -> Ended {
        self.manager.found(id);
        let mut last = None;
        while let Task::Take(step, ids) = self.next() {
            for done in self.steps.take(step, &ids, 0) {
                if done.id == id {
                    last = Some(done.outcome.clone());
                }
                self.tell(Event::Done(done));
            }
        }
        match (self.manager.stage(id), last) {
            (Some(Stage::Deferred(destination)), _) => Ended::Held(destination),
            (Some(Stage::Held(_)), _) => Ended::Ruled,
            (Some(Stage::Syncing), _) => Ended::Packed,
            (Some(Stage::Leaving), _) => Ended::Delivered,
            (None, Some(Outcome::Refused)) => Ended::Refused,
            (None, Some(Outcome::Gone)) => Ended::Gone,
            (stage, last) => panic!("{stage:?} after {last:?}"),
        }
    }

    /// Like `run`, but continues after packing as if a sync had removed the unmasked file.
    pub fn deliver(&mut self, id: Id) -> Ended {
        match self.run(id) {
            Ended::Packed => {
                let _ = fs::remove_file(self.bench.place.path(Kind::Ready, id));
                self.tell(Event::Removed(id, Removal::Replaced));
                self.run(id)
            }
            ended => ended,
        }
    }

    fn next(&mut self) -> Task {
        self.manager.next(Instant::now())
    }

    fn tell(&mut self, event: Event) {
        self.manager.handle(event, Instant::now(), 0);
    }
}

/// Waits for a cause. The time only guards against hanging.
pub fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let guard = Instant::now() + Duration::from_secs(600);
    while !condition() {
        assert!(Instant::now() < guard, "gave up waiting for {what}");
        thread::sleep(Duration::from_millis(2));
    }
}
