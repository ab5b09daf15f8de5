//! Makes a spool with a dump in every state, by real processes that are killed: one instance for each process.
//!
//! A dump is held in its state by what can hold it there in real use: a bucket that does not answer or does not exist,
//! a sync that is not due, a kill.

use std::fs;
use std::net::SocketAddr;

use rustix::process::Signal;
use support::gate::{Hold, Rule};
use support::stored::files_below;
use support::{Client, Gate, Remote, Server, wait_until};

use crate::takeover::let_the_other_run;
use crate::takeover::said::{ADDRESS, LARGE, messages, user};

const SECRET: &str = "correct horse battery staple and more";

/// A spool that was left, in the data folder of a server that does not run. `remote` has the upload that was cut off.
pub fn make(remote: &Remote) -> Server {
    let mut keeper = process(None);
    let [held, parted] = [(); 2].map(|()| Gate::start(remote.moto.address()));
    let rule = |words| Rule {
        hold: Hold::Request,
        words,
    };
    held.hold(rule("PUT /dumps/"));
    parted.hold(rule("partNumber=2&"));
    // Instance 0: its only worker waits for the bucket, so that the dumps after that one stay as they were sealed. It
    // is made last, since the wait has a limit.
    remote.configure_through(&mut keeper, &held.endpoint(), &remote.cluster.url());
    keeper.set("RTCSTATS_DELIVERY__WORKERS", "1");
    keeper.restart();
    let others = [
        without_a_bucket(&keeper, remote),
        put_aside(&keeper),
        cut_off(&keeper, remote, &parted),
        before_a_sync(&keeper),
    ];
    end(&keeper, &["packed-1"]);
    wait_until("a put that is held", || held.holds());
    end(&keeper, &["ready-1", "ready-2", "ready-erased"]);
    let live = ["recording-1", "recording-2"].map(|label| open(&keeper, label));
    let erased = keeper.run(&["erase", "--user", "erased", "--yes"]);
    assert!(erased.status.success(), "{erased:?}");
    for mut other in others {
        other.kill();
    }
    keeper.kill();
    drop(live);
    assert_states(&keeper);
    keeper
}

/// A process of the other binary, on the data folder of `keeper` or on its own.
fn process(keeper: Option<&Server>) -> Server {
    let mut server = Server::prepare(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)]);
    let_the_other_run(&mut server);
    if let Some(keeper) = keeper {
        server.set("RTCSTATS_DATA_DIR", keeper.data().to_str().expect("a path of text"));
    }
    server
}

/// Instance 1: what it packs cannot be put into the store.
fn without_a_bucket(keeper: &Server, remote: &Remote) -> Server {
    let mut server = process(Some(keeper));
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    remote.configure_through(&mut server, &format!("http://{nobody}"), &remote.cluster.url());
    server.restart();
    end(&server, &["packed-2", "packed-erased"]);
    wait_until("two packed dumps", || {
        states(keeper, 1) == ["packed/json", "packed/json", "packed/jsonl.gz", "packed/jsonl.gz"]
    });
    server
}

/// Instance 2: a dump that was put aside with a note. What can have that happen differs from version to version, so its
/// files are moved by hand while the process, which waits for a database that is not there, stands still.
fn put_aside(keeper: &Server) -> Server {
    let mut server = process(Some(keeper));
    server.set("RTCSTATS_DATABASE__BACKEND", "postgres");
    server.set(
        "RTCSTATS_DATABASE__POSTGRES__URL",
        "postgres://nobody@127.0.0.1:1/nothing",
    );
    server.restart();
    end(&server, &["failed-1"]);
    wait_until("a packed dump that waits for its row", || {
        states(keeper, 2) == ["packed/json", "packed/jsonl.gz"] && server.log().contains(" is down, ")
    });
    server.signal(Signal::STOP);
    let root = keeper.data().join("spool/2");
    for file in files_below(&root.join("packed")) {
        let name = file.file_name().expect("a name").to_owned();
        let note = root.join("failed").join(&name).with_extension("").with_extension("txt");
        fs::write(note, "The dump cannot be delivered: it was put aside.\n").expect("a note");
        fs::rename(&file, root.join("failed").join(name)).expect("it is moved");
    }
    server.signal(Signal::CONT);
    server
}

/// Instance 3: an upload in parts, the first of which has arrived.
fn cut_off(keeper: &Server, remote: &Remote, gate: &Gate) -> Server {
    let mut server = process(Some(keeper));
    remote.configure_through(&mut server, &gate.endpoint(), &remote.cluster.url());
    server.restart();
    end(&server, &[LARGE]);
    wait_until("the second part", || gate.holds());
    server
}

/// Instance 4: what it packs lies beside the unmasked file until a sync.
fn before_a_sync(keeper: &Server) -> Server {
    let mut server = process(Some(keeper));
    server.set("RTCSTATS_SPOOL__SYNC_INTERVAL", "60s");
    server.restart();
    end(&server, &["unsynced-1", "unsynced-erased"]);
    wait_until("two packed dumps", || {
        let states = states(keeper, 4);
        ["packed/jsonl.gz", "ready/jsonl"]
            .iter()
            .all(|state| states.iter().filter(|own| own == state).count() == 2)
    });
    server
}

fn open(server: &Server, label: &str) -> Client {
    let claims = [
        "token",
        "--user",
        user(label),
        "--conference",
        "weekly",
        "--session",
        label,
    ];
    let token = server.run(&claims);
    assert!(token.status.success(), "{token:?}");
    let path = format!("/room?rtcstats-token={}", String::from_utf8_lossy(&token.stdout).trim());
    let mut client = Client::open_with(server.address(), &path, &[("X-Forwarded-For", ADDRESS)]).expect("a session");
    messages(label).iter().for_each(|message| client.send(message));
    client.sync();
    client
}

/// Sessions of these labels that end in order.
fn end(server: &Server, labels: &[&str]) {
    labels.iter().for_each(|label| open(server, label).close(None));
}

/// The files of an instance: state and extension of each. Features are left out, which older versions do not write.
fn states(keeper: &Server, instance: usize) -> Vec<String> {
    let root = keeper.data().join(format!("spool/{instance}"));
    let mut found: Vec<String> = (files_below(&root).iter())
        .filter_map(|file| {
            let name = file.strip_prefix(&root).expect("it lies below").to_str()?;
            let (state, name) = name.split_once('/')?;
            let (_, extension) = name.split_once('.')?;
            (extension != "features.json").then(|| format!("{state}/{extension}"))
        })
        .collect();
    found.sort();
    found
}

fn assert_states(keeper: &Server) {
    let packed = ["packed/json", "packed/jsonl.gz"];
    let both = ["packed/json", "packed/json", "packed/jsonl.gz", "packed/jsonl.gz"];
    let ready = ["ready/jsonl", "ready/jsonl"];
    assert_eq!(
        states(keeper, 0),
        [
            &packed[..],
            &ready,
            &["ready/jsonl", "recording/jsonl", "recording/jsonl"]
        ]
        .concat()
    );
    assert_eq!(states(keeper, 1), both);
    assert_eq!(states(keeper, 4), [&both[..], &ready].concat());
    assert_eq!(states(keeper, 2), ["failed/json", "failed/jsonl.gz", "failed/txt"]);
    assert_eq!(states(keeper, 3), packed);
    assert_eq!(files_below(&keeper.data().join("spool/erased")).len(), 3);
}
