//! Tests of the choice between a packed dump and its lines, and of what is written anew.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::dump::MaskRules;
use crate::features::FeaturesOptions;
use crate::spool::{Manifest, PackOptions, pack};
use crate::storage::KeyTemplate;

const LINES: &str =
    "RTCStatsDump\n{\"startTime\":1000}\n[1]\n[\"close\",null,1000,{\"end\":1,\"recovered\":false},1]\n";

struct Spool {
    _folder: tempfile::TempDir,
    place: Place,
    id: Id,
}

impl Spool {
    /// With a packed dump beside its lines, as between packing and the sync.
    fn new() -> Spool {
        let folder = tempfile::tempdir().unwrap();
        let (place, id) = (Place::open(folder.path()).unwrap(), Id::new());
        fs::write(place.path(Kind::Ready, id), LINES).unwrap();
        let rules = MaskRules {
            addresses: true,
            device_labels: true,
        };
        let key = KeyTemplate::parse("{id}.jsonl.gz").unwrap();
        let options = PackOptions {
            rules,
            geo: None,
            key,
            features: FeaturesOptions::default(),
            findings: Some(crate::findings::Settings::default()),
        };
        pack(&place, id, &options).unwrap();
        Spool {
            _folder: folder,
            place,
            id,
        }
    }

    /// Settles it, and then lets the sync thread do what it was told.
    fn settle(&self) -> io::Result<Successor> {
        let (sync, thread) = Sync::start(Duration::from_secs(3600), &self.place, &[], |_| {}).unwrap();
        let settled = settle(&self.place, &sync, self.id);
        sync.stop();
        thread.join().unwrap();
        settled
    }

    fn has(&self, kind: Kind) -> bool {
        self.place.exists(kind, self.id).unwrap()
    }
}

fn inode(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

#[test]
fn a_sound_packed_dump_is_written_anew_and_its_lines_go() {
    let spool = Spool::new();
    let kinds = [Kind::Packed, Kind::Manifest, Kind::Features];
    let [packed, manifest, features] = kinds.map(|kind| spool.place.path(kind, spool.id));
    // Other names keep the inodes from being used again.
    fs::hard_link(&packed, spool.place.root().join("old")).unwrap();
    fs::hard_link(&manifest, spool.place.root().join("old manifest")).unwrap();
    fs::hard_link(&features, spool.place.root().join("old features")).unwrap();
    let extracted = fs::read(&features).unwrap();
    let (before, known) = (
        fs::read(&packed).unwrap(),
        Manifest::read(&spool.place, spool.id).unwrap(),
    );
    let inodes = [inode(&packed), inode(&manifest), inode(&features)];
    assert_eq!(spool.settle().unwrap(), Successor::Packed);
    assert_eq!(fs::read(&packed).unwrap(), before);
    assert_eq!(Manifest::read(&spool.place, spool.id).unwrap(), known);
    assert_eq!(fs::read(&features).unwrap(), extracted);
    for (path, before) in [&packed, &manifest, &features].into_iter().zip(inodes) {
        assert_ne!(inode(path), before, "what can be read may be lost");
    }
    assert!(!spool.has(Kind::Ready) && !spool.has(Kind::Partial));
}

#[test]
fn a_torn_one_goes_and_its_lines_count() {
    for (kind, left) in [
        (Kind::Packed, 0),
        (Kind::Packed, 20),
        (Kind::Manifest, 0),
        (Kind::Manifest, 9),
        (Kind::Features, 0),
        (Kind::Features, 9),
    ] {
        let spool = Spool::new();
        let path = spool.place.path(kind, spool.id);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..left]).unwrap();
        assert_eq!(spool.settle().unwrap(), Successor::Lines);
        assert!(spool.has(Kind::Ready));
        let left = [Kind::Packed, Kind::Manifest, Kind::Features];
        assert!(left.into_iter().all(|kind| !spool.has(kind)), "{kind:?}");
    }
}

#[test]
fn what_cannot_be_read_or_written_now_is_neither_trusted_nor_given_up() {
    for kind in [Kind::Manifest, Kind::Partial] {
        let spool = Spool::new();
        let path = spool.place.path(kind, spool.id);
        let away = path.with_extension("away");
        if kind == Kind::Manifest {
            fs::rename(&path, &away).unwrap();
        }
        // No file can be read from it, or take its place.
        fs::create_dir(&path).unwrap();
        assert!(spool.settle().is_err(), "{kind:?}");
        assert!(spool.has(Kind::Ready) && spool.has(Kind::Packed), "{kind:?}");
        fs::remove_dir(&path).unwrap();
        if kind == Kind::Manifest {
            fs::rename(&away, &path).unwrap();
        }
        assert_eq!(spool.settle().unwrap(), Successor::Packed);
        assert!(!spool.has(Kind::Ready) && spool.has(Kind::Packed), "{kind:?}");
    }
}
