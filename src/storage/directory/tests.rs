//! Tests of the folder store on real files: first and repeated puts, what crashes leave, and whose fault each error is.
use super::*;
use crate::whose::Whose;

struct Bench {
    _temp: tempfile::TempDir,
    spool: PathBuf,
    store: Directory,
}

fn remove(store: &Directory, url: &str) -> Result<bool, StorageError> {
    store.remove(&store.key_of(url)?)
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
    let url = b.store.put(&file, "2023-11-14/Zoë room/a.gz", None).unwrap();
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
    let first = b.store.put(&file, "a.gz", None).unwrap();
    assert_eq!(b.store.put(&file, "a.gz", None).unwrap(), first);
    let copy = b.packed("same.gz", b"content");
    let inode = fs::metadata(b.store.root.join("a.gz")).unwrap().ino();
    b.store.put(&copy, "a.gz", None).unwrap();
    assert_eq!(fs::metadata(b.store.root.join("a.gz")).unwrap().ino(), inode);
}

#[test]
fn what_a_crash_left_is_replaced() {
    let b = bench();
    let file = b.packed("a.gz", b"content");
    for torn in [&b"cont"[..], b"other!!", b""] {
        fs::write(b.store.root.join(".a.gz.tmp"), b"half").unwrap();
        fs::write(b.store.root.join("a.gz"), torn).unwrap();
        b.store.put(&file, "a.gz", None).unwrap();
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
    let packed = PackedFile {
        file: &file,
        crc32: Some(sum(&content)),
    };
    for _ in 0..2 {
        assert!(b.store.copy(packed, &target).is_ok());
        assert_eq!(fs::read(&target).unwrap(), content);
    }
    assert_ne!(fs::metadata(&target).unwrap().ino(), fs::metadata(&file).unwrap().ino());
    assert_eq!(b.stored(), [target]);
}

fn sum(content: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    crc.sum()
}

#[test]
fn bytes_that_packing_has_not_written_are_not_stored() {
    let b = bench();
    let other = tempfile::tempdir_in("/dev/shm").unwrap();
    let store = Directory::new(other.path()).unwrap();
    let good = b.packed("a.gz", b"content");
    let damaged = b.packed("b.gz", b"c0ntent");
    let crc32 = Some(sum(b"content"));
    let refused = |stored: Result<String, StorageError>| {
        let error = stored.unwrap_err();
        assert!(
            matches!(error, StorageError::Damaged) && error.whose() == Whose::Dump,
            "{error}"
        );
    };
    refused(store.put(&damaged, "a.gz", crc32));
    assert_eq!(fs::read_dir(other.path()).unwrap().count(), 0);
    for store in [&store, &b.store] {
        store.put(&good, "a.gz", crc32).unwrap();
        refused(store.put(&damaged, "a.gz", crc32));
        assert_eq!(fs::read(store.root.join("a.gz")).unwrap(), b"content");
    }
}

#[test]
fn another_file_system_is_copied_to() {
    let b = bench();
    let other = tempfile::tempdir_in("/dev/shm").unwrap();
    let store = Directory::new(other.path()).unwrap();
    let file = b.packed("a.gz", b"content");
    for content in ["content", "changed", "longer than before"] {
        fs::write(&file, content).unwrap();
        store.put(&file, "d/a.gz", None).unwrap();
        store.put(&file, "d/a.gz", None).unwrap();
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
        let error = b.store.put(&file, key, None).unwrap_err();
        assert_eq!(error.whose(), Whose::Destination, "{error}");
    }
    assert_eq!(b.store.probe().unwrap_err().whose(), Whose::Destination);
    assert!(!b.store.root.exists());
    fs::write(&b.store.root, b"a file").unwrap();
    let error = b.store.put(&file, "x/a.gz", None).unwrap_err();
    assert_eq!(error.whose(), Whose::Destination);
    fs::remove_file(&b.store.root).unwrap();
    b.store.prepare().unwrap();
    b.store.probe().unwrap();
    b.store.put(&file, "x/a.gz", None).unwrap();
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
        let error = b.store.put(&file, key, None).unwrap_err();
        assert_eq!(error.whose(), Whose::Dump, "{key:?}: {error}");
        assert!(!error.to_string().contains("taken"), "a key is made of claims: {error}");
    }
    assert!(matches!(
        b.store.put(&b.spool.join("gone"), "g.gz", None),
        Err(StorageError::Source(_))
    ));
    assert_eq!(b.stored().len(), 1);
}

#[test]
fn the_table_of_errors_sorts_by_who_can_mend() {
    let b = bench();
    let file = b.packed("a.gz", b"content");
    let blame = |errno: Errno| b.store.blame(&file, errno.into()).whose() == Whose::Dump;
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
    let url = b.store.put(&file, "2023-11-14/Zoë room/a.gz", None).unwrap();
    for foreign in [
        format!("file://{}", file.display()),
        url.replace("dumps", "spool"),
        url.replace("2023-11-14", "../spool"),
        format!("{url}/../../../x"),
        format!("https://example.org{}", b.store.root.display()),
    ] {
        assert!(
            remove(&b.store, &foreign).unwrap_err().whose() == Whose::Dump,
            "{foreign}"
        );
    }
    assert_eq!(b.stored().len(), 1);
    assert!(remove(&b.store, &url).unwrap());
    assert!(!remove(&b.store, &url).unwrap());
    assert!(file.exists() && b.stored().is_empty());
    fs::remove_dir_all(&b.store.root).unwrap();
    assert!(
        remove(&b.store, &url).unwrap_err().whose() == Whose::Destination,
        "a folder that is not mounted"
    );
}

#[test]
fn an_object_is_read_whole_and_in_parts() {
    let b = bench();
    let file = b.packed("a.gz", b"0123456789");
    let url = b.store.put(&file, "Zoë room/a.gz", None).unwrap();
    let key = b.store.key_of(&url).unwrap();
    for (from, length, expected) in [
        (0, None, "0123456789"),
        (0, Some(0), ""),
        (3, Some(4), "3456"),
        (3, None, "3456789"),
        (9, Some(u64::MAX), "9"),
        (10, None, ""),
        (u64::MAX, Some(1), ""),
    ] {
        let mut content = b.store.get(&key, ByteRange { from, length }).unwrap();
        let mut read = String::new();
        content.read_to_string(&mut read).unwrap();
        assert_eq!(
            (content.length(), read.as_str()),
            (Some(expected.len() as u64), expected)
        );
    }
}

#[test]
fn an_object_that_is_not_there_is_told_apart_from_a_folder_that_is_not() {
    let b = bench();
    fs::create_dir(b.store.root.join("folder")).unwrap();
    let told = |key: &str| b.store.get(key, ByteRange::ALL).unwrap_err();
    assert!(matches!(told("none.gz"), StorageError::Missing { .. }));
    assert!(matches!(told("folder"), StorageError::Unreadable { .. }));
    assert!(matches!(told("../secret"), StorageError::Key(_)));
    fs::remove_dir_all(&b.store.root).unwrap();
    let away = told("none.gz");
    assert!(matches!(away, StorageError::Destination { .. }), "{away}");
    assert_eq!(away.whose(), Whose::Destination);
}
