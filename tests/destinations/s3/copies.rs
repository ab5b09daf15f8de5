//! What stays on this machine of a dump that went to a bucket: a copy, for as long as the operator wants one.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use support::aged;
use support::gate::Gate;
use support::moto::BUCKET;
use support::stored::{features_of, files_below};
use support::{Client, Dump, Moto, Remote, Server, wait_until};

use crate::s3::{assert_emptied, rows, session, start};

const KEEP: &str = "RTCSTATS_RETENTION__KEEP_LOCAL";
const MAX_BYTES: &str = "RTCSTATS_RETENTION__MAX_BYTES";

/// The copies of dumps.
fn copies(server: &Server) -> Vec<PathBuf> {
    let mut copies = files_below(&server.data().join("copies"));
    copies.retain(|copy| copy.to_string_lossy().ends_with(".jsonl.gz"));
    copies.sort();
    copies
}

/// Each has a copy of its features beside it, and nothing else is there.
fn assert_features_beside(copies: &[PathBuf], server: &Server) {
    let mut others = files_below(&server.data().join("copies"));
    // These files mark whose folder it is, and when it was swept.
    others.retain(|file| !file.ends_with(".copies-of-stored-dumps") && !file.ends_with(".last-sweep"));
    others.retain(|file| !copies.contains(file));
    others.sort();
    let mut features: Vec<PathBuf> = copies.iter().map(|copy| features_of(copy)).collect();
    features.sort();
    assert_eq!(others, features, "files beside the copies of dumps");
}

#[test]
fn a_copy_stays_as_long_as_it_is_wanted_and_its_object_for_ever() {
    let moto = Moto::start();
    let mut server = start(&moto, &[(KEEP, "7d"), ("RTCSTATS_STORAGE__S3__KEY", "a/{id}.jsonl.gz")]);
    for line in ["[1]", "[2]", "[3]"] {
        session(&server, &[line]);
    }
    rows(&server, 3);
    assert_emptied(&server);
    let kept = copies(&server);
    assert_eq!(kept.len(), 3);
    assert_features_beside(&kept, &server);
    for (copy, object) in kept.iter().zip(moto.dumps(BUCKET)) {
        assert!(copy.ends_with(&object.key), "{} for {}", copy.display(), object.key);
        assert_eq!(Dump::read(copy).lines, object.lines());
    }
    server.stop();
    let kept = [aged::date(&kept[0], 8), aged::date(&kept[1], 6), kept[2].clone()];
    // What a clock that has jumped would let go is told first.
    aged::swept(&server.data().join("copies"), 100);
    server.restart();
    wait_until("the doubt", || server.log().contains("would let 1 stored dumps"));
    server.stop();
    assert_eq!(copies(&server), kept);
    aged::swept(&server.data().join("copies"), 0);
    server.restart();
    wait_until("the old copy to go", || copies(&server) == kept[1..]);
    server.stop();
    assert_features_beside(&kept[1..], &server);
    let newest = aged::bytes(&kept[2]);
    server.set(MAX_BYTES, &format!("{newest}B"));
    server.restart();
    wait_until("the older copy to go", || copies(&server) == kept[2..]);
    server.stop();
    assert_features_beside(&kept[2..], &server);
    server.unset(KEEP);
    server.unset(MAX_BYTES);
    server.restart();
    wait_until("the last copy to go", || copies(&server).is_empty());
    session(&server, &["[4]"]);
    let urls = rows(&server, 4);
    assert_emptied(&server);
    assert_eq!((moto.objects(BUCKET).len(), urls.len()), (8, 4), "dumps with features");
    assert_features_beside(&[], &server);
}

#[test]
fn a_folder_of_the_operators_own_is_left_alone() {
    let moto = Moto::start();
    let mut server = Server::prepare(&[]);
    for (name, value) in Moto::environment(&moto.endpoint(), moto.key()) {
        server.set(&name, &value);
    }
    let own = server
        .data()
        .join("copies/019aa1b2-0000-7000-8000-000000000000.jsonl.gz");
    fs::create_dir_all(own.parent().expect("a folder")).expect("a folder");
    fs::write(&own, "precious").expect("a file");
    aged::touch(&own, 100);
    server.restart();
    session(&server, &["[1]"]);
    rows(&server, 1);
    assert_emptied(&server);
    assert!(own.exists());
}

#[test]
fn a_folder_that_takes_no_copy_holds_no_dump_up() {
    let moto = Moto::start();
    let mut server = Server::prepare(&[(KEEP, "7d")]);
    for (name, value) in Moto::environment(&moto.endpoint(), moto.key()) {
        server.set(&name, &value);
    }
    fs::create_dir_all(server.data()).expect("a folder");
    fs::write(server.data().join("copies"), "in the way").expect("a file");
    server.restart();
    session(&server, &["[1]"]);
    rows(&server, 1);
    assert_emptied(&server);
    assert_eq!(moto.dumps(BUCKET).len(), 1);
    assert!(server.log().contains("no copy of a dump is kept on this machine"));
}

#[test]
fn what_is_erased_leaves_no_copy() {
    let moto = Moto::start();
    let server = start(&moto, &[(KEEP, "7d")]);
    session(&server, &["[1]"]);
    session(&server, &["[2]"]);
    let urls = rows(&server, 2);
    assert_emptied(&server);
    let kept = copies(&server);
    let name = kept[0].file_name().expect("a name").to_string_lossy().into_owned();
    assert!(urls[0].ends_with(&name));
    let id = name.trim_end_matches(".jsonl.gz");
    let output = server.run(&["erase", "--id", id, "--yes"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(copies(&server), kept[1..]);
    assert_eq!(
        (moto.objects(BUCKET).len(), server.rows().len()),
        (2, 1),
        "a dump with features"
    );
}

/// Without a note that the object is already stored, it would be sent again with each probe of a database that is away.
#[test]
fn an_object_goes_once_however_long_its_row_waits() {
    let mut remote = Remote::start();
    let gate = Gate::start(remote.moto.address());
    let mut server = Server::prepare(&[]);
    remote.configure_through(&mut server, &gate.endpoint(), &remote.cluster.url());
    server.restart();
    remote.cluster.stop();
    let tries = Turnstile::open(remote.cluster.port());
    for number in 0..3 {
        let mut client = Client::open(server.address(), "/");
        client.send(&format!("[{number}]"));
        client.close(None);
    }
    let is_put = |line: &&String| line.starts_with("PUT ") && line.contains(".jsonl.gz");
    let sent = || gate.lines().iter().filter(is_put).count();
    wait_until("all objects to be there", || sent() == 3);
    wait_until("three tries", || tries.count() >= 3);
    let id = gate
        .lines()
        .iter()
        .find_map(|line| id_in(line))
        .expect("an object's name");
    let told = server.run(&["spool", "show", &id]);
    assert!(
        String::from_utf8_lossy(&told.stdout).contains("(only its row waits)"),
        "{told:?}"
    );
    // A new process also knows it.
    server.kill();
    server.restart();
    wait_until("tries of the new process", || tries.count() >= 5);
    drop(tries);
    remote.cluster.restart();
    assert_eq!(remote.delivered(&server).len(), 3);
    assert_eq!(sent(), 3);
}

/// The id in the first line of a put.
fn id_in(line: &str) -> Option<String> {
    let (path, _) = line.strip_prefix("PUT ")?.split_once(".jsonl.gz")?;
    Some(path.rsplit('/').next()?.to_owned())
}

/// Takes the place of a database server, and counts the connections.
struct Turnstile {
    count: Arc<AtomicUsize>,
    open: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    address: SocketAddr,
}

impl Turnstile {
    fn open(port: u16) -> Turnstile {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("nobody else stands there");
        let address = listener.local_addr().expect("it is bound");
        let (count, open) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(true)));
        let (counted, is_open) = (Arc::clone(&count), Arc::clone(&open));
        let thread = thread::spawn(move || {
            for _ in listener.incoming().take_while(|_| is_open.load(Ordering::Acquire)) {
                counted.fetch_add(1, Ordering::AcqRel);
            }
        });
        Turnstile {
            count,
            open,
            thread: Some(thread),
            address,
        }
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }
}

impl Drop for Turnstile {
    /// After this, the port is free again.
    fn drop(&mut self) {
        self.open.store(false, Ordering::Release);
        // The last connection only wakes the thread up.
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// A dump whose row was refused has been stored, and must be removed from the store, too.
#[test]
fn erasing_a_failed_dump_takes_its_object_along() {
    let remote = Remote::start();
    remote
        .cluster
        .execute("ALTER TABLE rtcstats ADD CHECK (metadata::text NOT LIKE '%/refused%')");
    let mut server = Server::prepare(&[(KEEP, "7d")]);
    remote.configure(&mut server);
    server.restart();
    for path in ["/refused", "/good"] {
        let mut client = Client::open(server.address(), path);
        client.send("[1]");
        client.close(None);
    }
    wait_until("one dump to wait and one to be delivered", || {
        server.log().contains("waits by itself") && remote.row_count() == 1 && server.spooled().len() == 3
    });
    assert_eq!((remote.dumps().len(), copies(&server).len()), (2, 2));
    // Earlier versions gave such a dump up.
    assert!(server.stop().success());
    let waiting = server.spooled();
    for file in &waiting {
        let failed = server.data().join("spool/0/failed");
        fs::rename(file, failed.join(file.file_name().expect("a name"))).expect("the same disk");
    }
    server.restart();
    let name = waiting[0].file_name().expect("a name").to_string_lossy().into_owned();
    let (id, _) = name.split_once('.').expect("an id");
    let output = server.run(&["erase", "--id", id, "--yes"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!((remote.delivered(&server).len(), copies(&server).len()), (1, 1));
}
