//! Tests of what is said of a name after an error. The errors of calls that were done come from the real binary's
//! tests; here the second call meets what the first has done, which says the same.

use std::io::Write;

use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_rename_that_was_done_before_is_done() {
    let folder = folder();
    let (from, to) = (folder.path().join("a"), folder.path().join("b"));
    fs::write(&from, "x").unwrap();
    let file = File::open(&from).unwrap();
    fs::rename(&from, &to).unwrap();
    rename(&file, &from, &to).unwrap();
    assert_eq!(fs::read(&to).unwrap(), b"x");
    assert_eq!(rename_by_name(&from, &to).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_rename_whose_source_or_target_is_another_is_not_done() {
    let folder = folder();
    let (from, to) = (folder.path().join("a"), folder.path().join("b"));
    fs::write(&from, "ours").unwrap();
    let file = File::open(&from).unwrap();
    fs::remove_file(&from).unwrap();
    assert!(rename(&file, &from, &to).is_err(), "there is no target");
    fs::write(&to, "another").unwrap();
    assert!(rename(&file, &from, &to).is_err(), "the target is another file");
    fs::remove_file(&to).unwrap();
    fs::write(&from, "ours").unwrap();
    fs::create_dir(&to).unwrap();
    assert!(rename_by_name(&from, &to).is_err() && from.exists());
}

#[test]
fn what_is_created_anew_writes_over_no_other_file() {
    let folder = folder();
    let [name, other, missing] = ["a", "b", "none/a"].map(|name| folder.path().join(name));
    for content in ["first", "2nd"] {
        create_anew(&name).unwrap().0.write_all(content.as_bytes()).unwrap();
        assert_eq!(fs::read(&name).unwrap(), content.as_bytes());
        drop(fs::hard_link(&name, &other));
    }
    assert_eq!(fs::read(&other).unwrap(), b"first", "the second name");
    assert_eq!(create_anew(&missing).unwrap_err().kind(), ErrorKind::NotFound);
    fs::create_dir(folder.path().join("c")).unwrap();
    assert!(create_anew(&folder.path().join("c")).is_err());
}

#[test]
fn a_link_is_judged_by_what_has_the_name() {
    let folder = folder();
    let [from, to, partial] = ["a", "b", "c"].map(|name| folder.path().join(name));
    fs::write(&from, "x").unwrap();
    assert!(matches!(link(&from, &to), Linked::Done));
    assert!(matches!(link(&from, &to), Linked::Done), "by an earlier call");
    fs::remove_file(&to).unwrap();
    fs::write(&to, "another").unwrap();
    assert!(matches!(link_or_copy(&from, &to, &partial), Ok(Linked::Exists)));
    assert_eq!(fs::read(&to).unwrap(), b"another");
    fs::remove_file(&from).unwrap();
    fs::remove_file(&to).unwrap();
    let error = link_or_copy(&from, &to, &partial).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn where_no_link_is_possible_a_whole_copy_takes_its_place() {
    let (folder, other) = (folder(), tempfile::tempdir_in("/dev/shm").unwrap());
    let from = folder.path().join("a");
    let [to, partial] = ["b", "c"].map(|name| other.path().join(name));
    fs::write(&from, "content").unwrap();
    fs::write(&partial, "left by a crash").unwrap();
    assert!(matches!(link_or_copy(&from, &to, &partial), Ok(Linked::Refused(_))));
    assert_eq!(fs::read(&to).unwrap(), b"content");
    assert!(!partial.exists());
    let away = other.path().join("no/folder");
    assert!(link_or_copy(&from, &away, &partial).is_err() && !partial.exists());
}

#[test]
fn what_is_gone_is_gone_unless_its_folder_is_away() {
    let folder = folder();
    let file = folder.path().join("a");
    fs::write(&file, "x").unwrap();
    assert!(remove(&file).unwrap());
    for remove in [remove, remove_rest] {
        assert!(!remove(&file).unwrap());
        assert!(remove(&folder.path().join("no/folder")).is_err());
        fs::write(&file, "x").unwrap();
        assert!(remove(&file).unwrap());
        fs::create_dir(&file).unwrap();
        assert!(remove(&file).is_err(), "a folder stays");
        fs::remove_dir(&file).unwrap();
    }
}

#[test]
fn a_folder_that_is_there_is_made() {
    let folder = folder();
    let (made, file) = (folder.path().join("a"), folder.path().join("b"));
    make_folder(&made).unwrap();
    make_folder(&made).unwrap();
    fs::write(&file, "x").unwrap();
    assert!(make_folder(&file).is_err());
}
