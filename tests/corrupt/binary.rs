//! The same with the real binary. It starts on a damaged spool, delivers and sets aside, and serves sessions meanwhile.

use std::path::PathBuf;

use support::{Client, Dump, Server, wait_until};

use crate::damage::{Case, Random};
use crate::judge::{Fate, Found};

const CASES: usize = 20;

#[test]
fn the_binary_starts_on_a_damaged_spool() {
    let mut server = Server::prepare(&[]);
    let instance = server.data().join("spool/0");
    for state in ["recording", "ready", "packed", "failed"] {
        std::fs::create_dir_all(instance.join(state)).unwrap();
    }
    let mut random = Random::new(24);
    let cases: Vec<Case> = (0..CASES).map(|_| Case::new(&mut random)).collect();
    cases.iter().for_each(|case| case.write(&instance));
    // A file with a name that no file of the server has stays where it is.
    let stranger = instance.join("ready/notes of mine.txt");
    std::fs::write(&stranger, b"keep").unwrap();
    server.restart();
    let mut client = Client::open(server.address(), "/");
    client.send("[\"live\",null,null,0]");
    client.close(None);
    let waiting = || -> Vec<PathBuf> {
        let mut files = server.spooled();
        files.retain(|file| !file.starts_with(instance.join("failed")));
        files
    };
    wait_until("the spool to be empty", || waiting().is_empty());
    let is_live = |dump: &Dump| dump.lines[2] == "[\"live\",null,null,0]";
    assert_eq!(server.dumps().iter().filter(|dump| is_live(dump)).count(), 1);
    let found = Found::look(&instance, &server.data().join("dumps"));
    let fates: Vec<Fate> = cases.iter().map(|case| found.fate(case)).collect();
    let count = |wanted| fates.iter().filter(|fate| **fate == wanted).count();
    assert!(count(Fate::Delivered) > 2 && count(Fate::Refused) > 2, "{fates:?}");
    assert_eq!(server.rows().len(), count(Fate::Delivered) + 1);
    assert!(stranger.exists());
    assert!(server.get("/healthcheck").starts_with("HTTP/1.1 200 "));
}
