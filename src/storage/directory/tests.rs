//! The folder store on real files: first and repeated puts, what crashes leave, and whose fault each error is.
use super::*;

struct Bench {
    _temp: tempfile::TempDir,
    spool: PathBuf,
    store: Directory,
}

fn bench() -> Bench {
    let temp = tempfile::tempdir().unwrap();
    let spool = temp.path().join("spool");
    fs::create_dir(&spool).unwrap();
    let store = Directory::new(&temp.path().join("dumps")).unwrap();
    store.prepare().unwrap();
    Bench {
        _temp: temp,
        spool,
        store,
    }
}

impl Bench {
    fn packed(&self, name: &str, content: &[u8]) -> PathBuf {
        let file = self.spool.join(name);
        fs::write(&file, content).unwrap();
        file
    }
    fn stored(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.store.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path)
                } else {
                    files.push(path)
                }
            }
        }
        files
    }
}

#[test]
fn links_and_names_the_object() {
    let b = bench();
    let file = b.packed("a.gz", b"content");
    let url = b.store.put(&file, "2023-11-14/Zoë room/a.gz").unwrap();
    assert_eq!(
        url,
        format!("file://{}/2023-11-14/Zo%C3%AB%20room/a.gz", b.store.root.display())
    );
    let target = b.store.root.join("2023-11-14/Zoë room/a.gz");
    assert_eq!(fs::metadata(&target).unwrap().ino(), fs::metadata(&file).unwrap().ino());
    assert_eq!(b.stored(), [target]);
}

#[test]
fn a_repeated_put_changes_nothing() {
    let b = bench();
    let file = b.packed("a.gz", b"content");
    let first = b.store.put(&file, "a.gz").unwrap();
    assert_eq!(b.store.put(&file, "a.gz").unwrap(), first);
    let copy = b.packed("same.gz", b"content");
    let inode = fs::metadata(b.store.root.join("a.gz")).unwrap().ino();
    b.store.put(&copy, "a.gz").unwrap();
    assert_eq!(fs::metadata(b.store.root.join("a.gz")).unwrap().ino(), inode);
}

#[test]
fn what_a_crash_left_is_replaced() {
    let b = bench();
    let file = b.packed("a.gz", b"content");
    for torn in [&b"cont"[..], b"other!!", b""] {
        fs::write(b.store.root.join(".a.gz.tmp"), b"half").unwrap();
        fs::write(b.store.root.join("a.gz"), torn).unwrap();
        b.store.put(&file, "a.gz").unwrap();
        assert_eq!(fs::read(b.store.root.join("a.gz")).unwrap(), b"content");
        assert_eq!(b.stored().len(), 1);
        fs::remove_file(b.store.root.join("a.gz")).unwrap();
    }
}

#[test]
fn copies_where_links_do_not_reach() {
    let b = bench();
    let content = vec![7; COPY_BUFFER_BYTES * 2 + 1];
    let file = b.packed("a.gz", &content);
    let target = b.store.root.join("x/a.gz");
    b.store.make_parents(&target).unwrap();
    fs::write(hidden_name(&target), b"half").unwrap();
    for _ in 0..2 {
        assert!(b.store.copy(&file, &target).is_ok());
        assert_eq!(fs::read(&target).unwrap(), content);
    }
    assert_ne!(fs::metadata(&target).unwrap().ino(), fs::metadata(&file).unwrap().ino());
    assert_eq!(b.stored(), [target]);
}

#[test]
fn another_file_system_is_copied_to() {
    let b = bench();
    let other = tempfile::tempdir_in("/dev/shm").unwrap();
    let store = Directory::new(other.path()).unwrap();
    let file = b.packed("a.gz", b"content");
    for content in ["content", "changed", "longer than before"] {
        fs::write(&file, content).unwrap();
        store.put(&file, "d/a.gz").unwrap();
        store.put(&file, "d/a.gz").unwrap();
        assert_eq!(fs::read_to_string(other.path().join("d/a.gz")).unwrap(), content);
    }
    assert_eq!(fs::read_dir(other.path().join("d")).unwrap().count(), 1);
}

#[test]
fn a_missing_root_is_waited_for_and_not_made() {
    let b = bench();
    let file = b.packed("a.gz", b"content");
    fs::remove_dir(&b.store.root).unwrap();
    for key in ["a.gz", "x/a.gz"] {
        let error = b.store.put(&file, key).unwrap_err();
        assert!(!error.is_permanent(), "{error}");
    }
    assert!(!b.store.probe().unwrap_err().is_permanent());
    assert!(!b.store.root.exists());
    fs::write(&b.store.root, b"a file").unwrap();
    assert!(!b.store.put(&file, "x/a.gz").unwrap_err().is_permanent());
    fs::remove_file(&b.store.root).unwrap();
    b.store.prepare().unwrap();
    b.store.probe().unwrap();
    b.store.put(&file, "x/a.gz").unwrap();
    assert_eq!(b.stored().len(), 1);
}

#[test]
fn what_concerns_one_dump_is_permanent() {
    let b = bench();
    let file = b.packed("a.gz", b"content");
    fs::write(b.store.root.join("taken"), b"").unwrap();
    for key in [
        "",
        "/a",
        "a//b",
        "../a",
        "a/./b",
        "a\0b",
        "taken/a.gz",
        &"n".repeat(300),
    ] {
        let error = b.store.put(&file, key).unwrap_err();
        assert!(error.is_permanent(), "{key:?}: {error}");
        assert!(!error.to_string().contains("taken"), "a key is made of claims: {error}");
    }
    assert!(matches!(
        b.store.put(&b.spool.join("gone"), "g.gz"),
        Err(StorageError::Source(_))
    ));
    assert_eq!(b.stored().len(), 1);
}

#[test]
fn the_table_of_errors_sorts_by_who_can_mend() {
    let b = bench();
    let file = b.packed("a.gz", b"content");
    let blame = |errno: Errno| b.store.blame(&file, errno.into()).is_permanent();
    for errno in [
        Errno::NOSPC,
        Errno::DQUOT,
        Errno::ACCESS,
        Errno::ROFS,
        Errno::IO,
        Errno::NOENT,
        Errno::MFILE,
    ] {
        assert!(!blame(errno), "{errno}");
    }
    for errno in [
        Errno::NAMETOOLONG,
        Errno::ILSEQ,
        Errno::FBIG,
        Errno::NOTDIR,
        Errno::ISDIR,
    ] {
        assert!(blame(errno), "{errno}");
    }
}

#[test]
fn an_object_is_removed_by_its_url_and_nothing_else_is() {
    let b = bench();
    let file = b.packed("a.gz", b"content");
    let url = b.store.put(&file, "2023-11-14/Zoë room/a.gz").unwrap();
    for foreign in [
        format!("file://{}", file.display()),
        url.replace("dumps", "spool"),
        url.replace("2023-11-14", "../spool"),
        format!("{url}/../../../x"),
        format!("https://example.org{}", b.store.root.display()),
    ] {
        assert!(b.store.remove(&foreign).unwrap_err().is_permanent(), "{foreign}");
    }
    assert_eq!(b.stored().len(), 1);
    assert!(b.store.remove(&url).unwrap());
    assert!(!b.store.remove(&url).unwrap());
    assert!(file.exists() && b.stored().is_empty());
    fs::remove_dir_all(&b.store.root).unwrap();
    assert!(
        !b.store.remove(&url).unwrap_err().is_permanent(),
        "a folder that is not mounted"
    );
}
