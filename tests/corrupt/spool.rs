//! A spool, a folder store and a catalogue in memory, and what a start does with them, without the server's threads.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rtcstats_server::database::{Database, Filter, Sqlite};
use rtcstats_server::delivery::{Outcome, Parts, Step, Steps};
use rtcstats_server::dump::MaskRules;
use rtcstats_server::features::FeaturesOptions;
use rtcstats_server::spool::recover::recover;
use rtcstats_server::spool::{Id, Kind, PackOptions, Place, Sync};
use rtcstats_server::storage::{Directory, KeyTemplate, Storage};
use tempfile::TempDir;

use crate::damage::Packed;

/// In the memory file system that every current Linux mounts, or else where temporary files go.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    tempfile::tempdir_in(memory)
        .or_else(|_| tempfile::tempdir())
        .expect("a temporary folder can be made")
}

pub struct Spool {
    folder: TempDir,
    place: Arc<Place>,
}

impl Spool {
    pub fn new() -> Spool {
        let folder = folder();
        let place = Arc::new(Place::open(&folder.path().join("spool")).expect("a spool can be made"));
        let spool = Spool { folder, place };
        std::fs::create_dir(spool.store()).expect("a store can be made");
        spool
    }

    /// The directory of the instance.
    pub fn root(&self) -> PathBuf {
        self.place.root().to_owned()
    }

    pub fn store(&self) -> PathBuf {
        self.folder.path().join("dumps")
    }

    /// Recovers, delivers until nothing waits, and removes what a sync allows to remove.
    pub fn start_and_deliver(&self) {
        // After packing comes a sync, and only then is the packed dump stored.
        self.start_and_sync();
        self.start_and_sync();
        assert_eq!(self.waiting(), []);
    }

    fn start_and_sync(&self) {
        let (sync, thread) = Sync::start(Duration::from_secs(3600), &self.place, &[], |_| {}).expect("a sync thread");
        let orphans = self.place.ids(Kind::Recording).expect("recording can be listed");
        let mut orphans = orphans
            .collect::<Result<Vec<Id>, _>>()
            .expect("recording can be listed");
        recover(&self.place, &sync, &mut orphans).expect("recovery goes on whatever is in a file");
        assert!(orphans.is_empty(), "every recording is brought on");
        let steps = Steps::new(self.parts(&sync));
        for id in self.waiting() {
            let outcome = deliver(&steps, id);
            assert!(
                matches!(outcome, Outcome::Packed | Outcome::Delivered | Outcome::Refused),
                "{id}: {outcome:?}"
            );
        }
        sync.stop();
        thread.join().expect("the sync thread ends");
    }

    fn waiting(&self) -> Vec<Id> {
        let oldest = self.place.oldest(usize::MAX, &|_| false);
        oldest.expect("the spool can be listed")
    }

    fn parts(&self, sync: &Sync) -> Parts {
        Parts {
            place: Arc::clone(&self.place),
            pack: pack_options(),
            storage: Storage::from(Directory::new(&self.store()).expect("an absolute path")),
            database: Arc::new(Database::Sqlite(
                Sqlite::open(&self.catalogue()).expect("a catalogue can be made"),
            )),
            sync: sync.clone(),
        }
    }

    pub fn rows(&self) -> usize {
        let filter = Filter {
            limit: usize::MAX,
            ..Filter::default()
        };
        let catalogue = Sqlite::open_read_only(&self.catalogue()).expect("the catalogue opens");
        catalogue.find(&filter).expect("the catalogue can be searched").len()
    }

    fn catalogue(&self) -> PathBuf {
        self.folder.path().join("catalog.db")
    }
}

/// Takes every step of a dump that is possible now.
fn deliver(steps: &Steps, id: Id) -> Outcome {
    let mut step = Step::Judge;
    loop {
        let done = steps
            .take(step, &[id], 0)
            .pop()
            .expect("a step of one dump has one end");
        match done.outcome {
            Outcome::Next(next) => step = next,
            outcome => return outcome,
        }
    }
}

/// What packing makes of a dump.
pub fn pack(id: Id, lines: &[u8]) -> Packed {
    let folder = folder();
    let place = Place::open(folder.path()).expect("a spool can be made");
    std::fs::write(place.path(Kind::Ready, id), lines).expect("the spool can be written");
    rtcstats_server::spool::pack(&place, id, &pack_options()).expect("a sound dump is packed");
    let read = |kind| std::fs::read(place.path(kind, id)).expect("packing wrote it");
    Packed {
        object: read(Kind::Packed),
        manifest: String::from_utf8(read(Kind::Manifest)).expect("a manifest is text"),
        features: read(Kind::Features),
    }
}

fn pack_options() -> PackOptions {
    PackOptions {
        rules: MaskRules {
            addresses: true,
            device_labels: true,
        },
        geo: None,
        key: KeyTemplate::parse("{id}.jsonl.gz").expect("a template"),
        features: FeaturesOptions::default(),
        findings: Some(rtcstats_server::findings::Settings::default()),
    }
}
