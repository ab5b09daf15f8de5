//! Tests of the scan at start, state by state.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::*;

const HEAD: &str = "RTCStatsDump\n{\"startTime\":1000}\n";
const CLOSE: &str = "[\"close\",null,1000,{\"end\":1,\"recovered\":false},1]\n";

struct Spool {
    _directory: tempfile::TempDir,
    place: Place,
    sync: Sync,
    syncing: Option<std::thread::JoinHandle<()>>,
}

impl Spool {
    fn new() -> Spool {
        let directory = tempfile::tempdir().unwrap();
        let place = Place::open(directory.path()).unwrap();
        let (sync, syncing) = Sync::start(Duration::from_secs(3600), &place, &[], |_| {}).unwrap();
        Spool {
            _directory: directory,
            place,
            sync,
            syncing: Some(syncing),
        }
    }

    /// The last sync, after which everything is removed that is to be removed.
    fn end(&mut self) {
        self.sync.stop();
        self.syncing.take().unwrap().join().unwrap();
    }

    fn put(&self, path: PathBuf, text: &str) {
        fs::write(path, text).unwrap();
    }

    fn orphan(&self, text: &str) -> Id {
        let id = Id::new();
        self.put(self.place.path(Kind::Recording, id), text);
        id
    }

    fn recover(&self) -> Recovered {
        let mut orphans = self
            .place
            .ids(Kind::Recording)
            .unwrap()
            .collect::<io::Result<_>>()
            .unwrap();
        recover(&self.place, &self.sync, &mut orphans).unwrap()
    }

    fn ready(&self, id: Id) -> String {
        fs::read_to_string(self.place.path(Kind::Ready, id)).unwrap()
    }
}

#[test]
fn orphans_are_cut_to_whole_lines_and_sealed_with_1006() {
    let spool = Spool::new();
    let torn = spool.orphan(&format!("{HEAD}[1]\n[2]\n[3,\"to"));
    let long = "x".repeat(3 * SCAN_BYTES_MAX);
    let large = spool.orphan(&format!("{HEAD}[1]\n[\"{long}"));
    assert_eq!(
        spool.recover(),
        Recovered {
            sealed: 2,
            ..Recovered::default()
        }
    );
    for (id, lines) in [(torn, "[1]\n[2]\n"), (large, "[1]\n")] {
        let text = spool.ready(id);
        let close = text.strip_prefix(HEAD).unwrap().strip_prefix(lines).unwrap();
        let close = crate::dump::header::read_close(close.trim_end().as_bytes()).unwrap();
        assert_eq!((close.code, close.seal.unwrap().recovered), (1006, true));
        assert!(
            close.seal.unwrap().end.0 > 1_000_000_000_000,
            "the end is when the file was last written"
        );
    }
}

#[test]
fn an_orphan_with_its_closing_line_is_only_renamed() {
    let spool = Spool::new();
    let id = spool.orphan(&format!("{HEAD}[1]\n{CLOSE}"));
    spool.recover();
    assert_eq!(spool.ready(id), format!("{HEAD}[1]\n{CLOSE}"));
}

#[test]
fn recordings_without_a_whole_message_go() {
    let spool = Spool::new();
    let torn = format!("{HEAD}[1,2");
    let ids = ["", "RTCStats", "RTCStatsDump\n", "RTCStatsDump\n{\"a\":", HEAD, &torn].map(|text| spool.orphan(text));
    assert_eq!(
        spool.recover(),
        Recovered {
            empty: 6,
            ..Recovered::default()
        }
    );
    for id in ids {
        assert!(!spool.place.path(Kind::Recording, id).exists());
        assert!(!spool.place.path(Kind::Ready, id).exists());
    }
}

#[test]
fn an_orphan_that_cannot_be_moved_now_is_left_for_another_try() {
    let spool = Spool::new();
    let id = spool.orphan(&format!("{HEAD}[1]\n"));
    let ready = spool.place.root().join("ready");
    fs::rename(&ready, ready.with_extension("away")).unwrap();
    let mut orphans = vec![id];
    assert_eq!(seal_orphans(&spool.place, &mut orphans), Recovered::default());
    assert_eq!(orphans, [id]);
    fs::rename(ready.with_extension("away"), &ready).unwrap();
    assert_eq!(seal_orphans(&spool.place, &mut orphans).sealed, 1);
    assert_eq!(orphans, []);
    assert_eq!(spool.ready(id).matches("close").count(), 1);
}

/// Neither each of them nor each try is told.
#[test]
fn orphans_that_cannot_be_moved_are_told_together_while_that_lasts() {
    let spool = Spool::new();
    let mut orphans: Vec<Id> = (0..50).map(|_| spool.orphan(&format!("{HEAD}[1]\n"))).collect();
    let ready = spool.place.root().join("ready");
    fs::rename(&ready, ready.with_extension("away")).unwrap();
    let told = || {
        let standing = spool.place.standing.lock().unwrap();
        standing.wrong().map(|(_, cause)| cause.to_owned()).collect::<Vec<_>>()
    };
    seal_orphans(&spool.place, &mut orphans);
    let first = told();
    assert_eq!(first.len(), 1, "{first:?}");
    assert!(
        first[0].starts_with("recordings that were cut off cannot be recovered now"),
        "{first:?}"
    );
    orphans.truncate(7);
    seal_orphans(&spool.place, &mut orphans);
    assert_eq!(told(), first, "it is no news");
    fs::rename(ready.with_extension("away"), &ready).unwrap();
    assert_eq!(seal_orphans(&spool.place, &mut orphans).sealed, 7);
    assert_eq!(told(), [""; 0]);
}

#[test]
fn what_is_no_dump_is_kept_in_failed_with_a_note() {
    let spool = Spool::new();
    let ids = [
        "RTCStatsDump\n{\"a\":\n",
        "garbage\n{}\n[1]\n",
        "RTCStatsDump\n[]\n[1]\n",
        "RTCStatsDump\n{}\n[1]J",
    ]
    .map(|text| spool.orphan(text));
    assert_eq!(spool.recover().failed, 4);
    for id in ids {
        let files = [Kind::FailedLines, Kind::FailedNote];
        assert!(files.iter().all(|kind| spool.place.exists(*kind, id).unwrap()));
    }
}

#[test]
fn an_unfinished_pack_is_undone_and_its_dump_kept() {
    let spool = Spool::new();
    let id = Id::new();
    spool.put(spool.place.path(Kind::Ready, id), HEAD);
    spool.put(spool.place.path(Kind::Partial, id), "torn");
    spool.put(spool.place.path(Kind::Manifest, id), "{");
    let litter = Id::new();
    spool.put(spool.place.path(Kind::Manifest, litter), "{}");
    spool.recover();
    assert!(!spool.place.path(Kind::Partial, id).exists() && !spool.place.path(Kind::Manifest, id).exists());
    assert!(spool.place.path(Kind::Ready, id).exists());
    assert!(!spool.place.path(Kind::Manifest, litter).exists());
}

/// A packed dump whose ready file still exists, as between packing and the sync.
fn packed_beside_ready(spool: &Spool) -> Id {
    let id = Id::new();
    spool.put(spool.place.path(Kind::Ready, id), &format!("{HEAD}[1]\n{CLOSE}"));
    let options = crate::spool::PackOptions {
        rules: crate::dump::MaskRules {
            addresses: true,
            device_labels: true,
        },
        geo: None,
        key: crate::storage::KeyTemplate::parse("{id}.jsonl.gz").unwrap(),
        features: crate::features::FeaturesOptions::default(),
        findings: Some(crate::findings::Settings::default()),
    };
    crate::spool::pack(&spool.place, id, &options).unwrap();
    id
}

#[test]
fn beside_a_sound_packed_dump_the_ready_one_waits_for_delivery() {
    let mut spool = Spool::new();
    let id = packed_beside_ready(&spool);
    spool.recover();
    spool.end();
    let files = [Kind::Ready, Kind::Packed, Kind::Manifest];
    assert!(files.iter().all(|kind| spool.place.exists(*kind, id).unwrap()));
}

#[test]
fn what_cannot_be_read_now_is_neither_trusted_nor_given_up() {
    let spool = Spool::new();
    let id = packed_beside_ready(&spool);
    fs::remove_file(spool.place.path(Kind::Manifest, id)).unwrap();
    fs::create_dir(spool.place.path(Kind::Manifest, id)).unwrap();
    spool.recover();
    assert!(spool.place.path(Kind::Packed, id).exists() && spool.place.path(Kind::Ready, id).exists());
}

#[test]
fn a_packed_dump_that_a_power_cut_has_torn_is_packed_again() {
    for damage in [0, 1, 20] {
        let mut spool = Spool::new();
        let id = packed_beside_ready(&spool);
        let packed = spool.place.path(Kind::Packed, id);
        let whole = fs::read(&packed).unwrap();
        fs::write(&packed, &whole[..whole.len() * damage / 21]).unwrap();
        spool.recover();
        assert!(!packed.exists());
        spool.end();
        assert!(spool.place.path(Kind::Ready, id).exists());
    }
}

#[test]
fn a_recording_beside_what_was_packed_from_it_is_settled_like_a_ready_one() {
    for damage in [0, 10, 21] {
        let mut spool = Spool::new();
        let id = packed_beside_ready(&spool);
        let (packed, recording) = (
            spool.place.path(Kind::Packed, id),
            spool.place.path(Kind::Recording, id),
        );
        // As if the power cut had undone the rename.
        fs::rename(spool.place.path(Kind::Ready, id), &recording).unwrap();
        let whole = fs::read(&packed).unwrap();
        fs::write(&packed, &whole[..whole.len() * damage / 21]).unwrap();
        spool.recover();
        spool.end();
        let ready = spool.place.path(Kind::Ready, id);
        assert_eq!((packed.exists(), ready.exists()), (damage == 21, damage < 21));
        assert!(!recording.exists());
    }
}

#[test]
fn without_a_look_into_ready_no_packed_dump_is_trusted() {
    let spool = Spool::new();
    let id = packed_beside_ready(&spool);
    fs::write(spool.place.path(Kind::Packed, id), b"").unwrap();
    let ready = spool.place.root().join("ready");
    fs::rename(&ready, ready.with_extension("away")).unwrap();
    assert!(recover(&spool.place, &spool.sync, &mut Vec::new()).is_err());
    fs::rename(ready.with_extension("away"), &ready).unwrap();
    spool.recover();
    assert!(!spool.place.path(Kind::Packed, id).exists() && spool.place.path(Kind::Ready, id).exists());
}

#[test]
fn orphans_of_instances_that_nobody_holds_are_adopted_and_sealed() {
    let spool = Spool::new();
    let other = Place::open(spool.place.root().parent().unwrap()).unwrap();
    let id = Id::new();
    fs::write(other.path(Kind::Recording, id), format!("{HEAD}[1]\n")).unwrap();
    drop(other);
    assert_eq!(
        spool.recover(),
        Recovered {
            sealed: 1,
            adopted: 1,
            ..Recovered::default()
        }
    );
    assert!(spool.ready(id).contains("1006"));
}

/// An earlier version takes a dump away, or delivers it, without what it does not know.
#[test]
fn features_without_their_dump_are_removed_and_those_of_a_dump_stay() {
    let spool = Spool::new();
    let [alone, waiting, set_aside] = [(); 3].map(|()| Id::new());
    for (kind, id) in [
        (Kind::Features, alone),
        (Kind::FailedFeatures, alone),
        (Kind::Features, waiting),
        (Kind::Packed, waiting),
        (Kind::FailedFeatures, set_aside),
        (Kind::FailedPacked, set_aside),
    ] {
        spool.put(spool.place.path(kind, id), "x");
    }
    spool.recover();
    assert!(!spool.place.exists(Kind::Features, alone).unwrap());
    assert!(!spool.place.exists(Kind::FailedFeatures, alone).unwrap());
    assert!(spool.place.exists(Kind::Features, waiting).unwrap());
    assert!(spool.place.exists(Kind::FailedFeatures, set_aside).unwrap());
}
