//! Names of files, and what is not there.
use std::collections::BTreeSet;

use super::*;

#[test]
fn every_kind_has_a_name_of_its_own_that_reads_back() {
    let (folder, id) = (tempfile::tempdir().unwrap(), Id::new());
    let instance = Instance::number(folder.path(), 0);
    instance.make().unwrap();
    fs::create_dir(tombstones(folder.path())).unwrap();
    for kind in Kind::ALL {
        fs::write(instance.path(kind, id), b"").unwrap();
    }
    let paths: BTreeSet<PathBuf> = Kind::ALL.map(|kind| instance.path(kind, id)).into();
    assert_eq!(paths.len(), Kind::ALL.len());
    for kind in Kind::ALL {
        let ids: Vec<Id> = instance.ids(kind).unwrap().collect::<io::Result<_>>().unwrap();
        assert_eq!(ids, [id], "{kind:?}");
        let listed = kind.state().map(|state| instance.list(state).unwrap());
        assert!(listed.is_none_or(|listed| listed.contains(&(id, kind))), "{kind:?}");
    }
}

#[test]
fn what_is_gone_is_no_error_and_a_folder_that_is_away_is_one() {
    let (folder, id) = (tempfile::tempdir().unwrap(), Id::new());
    let instance = Instance::number(folder.path(), 0);
    assert!(instance.remove(Kind::Ready, id).is_err());
    instance.make().unwrap();
    fs::write(instance.path(Kind::Ready, id), b"").unwrap();
    assert!(instance.remove(Kind::Ready, id).unwrap());
    assert!(!instance.remove(Kind::Ready, id).unwrap());
}
