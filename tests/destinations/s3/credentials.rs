//! Credentials that are not in the configuration: they are found along the standard chain and renewed before they
//! expire.
//!
//! The tests have a container endpoint of their own, which gives out keys of the real S3 server that are valid for
//! seconds. Each key is ended at the S3 server when its time is over, so a server that used one a moment too long would
//! be refused.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use support::metadata::Endpoint;
use support::moto::{BUCKET, Session};
use support::strict_s3::{AccessKey, Request, Setup};
use support::wait::GUARD;
use support::{Moto, Server, StrictS3};

use crate::s3::{assert_emptied, assert_waiting, prepare, rows, says, session};

/// A server whose keys are given by the endpoint.
fn server_with(moto: &Moto, endpoint: &Endpoint) -> Server {
    let none = (String::new(), String::new());
    let mut server = prepare(&moto.endpoint(), &none, &[]);
    endpoint.configure(&mut server);
    server
}

#[test]
fn keys_are_renewed_before_they_expire_by_one_worker() {
    let moto = Moto::start();
    let roles = ["one", "two", "three"];
    let keys: Vec<Session> = roles.iter().map(|role| moto.new_session(role)).collect();
    let endpoint = Endpoint::start(keys.clone(), Duration::from_secs(16));
    let mut server = server_with(&moto, &endpoint);
    server.restart();
    let stop = AtomicUsize::new(0);
    let sessions = thread::scope(|scope| {
        let flow = scope.spawn(|| {
            let (mut count, begin) = (0, Instant::now());
            while stop.load(Ordering::SeqCst) == 0 && begin.elapsed() < GUARD {
                session(&server, &["[1]"]);
                count += 1;
                thread::sleep(Duration::from_millis(200));
            }
            count
        });
        for (number, role) in roles[..2].iter().enumerate() {
            endpoint.outlive(number);
            moto.end_session(role);
        }
        stop.store(1, Ordering::SeqCst);
        flow.join().expect("sessions go on")
    });
    rows(&server, sessions);
    assert_emptied(&server);
    assert_eq!(moto.dumps(BUCKET).len(), sessions);
    let given = endpoint.given.lock().expect("no thread panics with it");
    assert_eq!(given.len(), 3, "each key was asked for once");
    assert!(
        given.windows(2).all(|pair| pair[1].at < pair[0].expires),
        "a renewal came too late"
    );
    assert_eq!(endpoint.most_at_once.load(Ordering::SeqCst), 1);
    let log = server.log();
    assert!(!log.contains("is down"), "{log}");
    assert!(
        keys.iter()
            .all(|Session { id, secret, token }| [id, secret, token].iter().all(|text| !log.contains(*text)))
    );
}

#[test]
fn an_endpoint_that_fails_delays_dumps() {
    let moto = Moto::start();
    let endpoint = Endpoint::start(Vec::new(), Duration::ZERO);
    let mut server = server_with(&moto, &endpoint);
    server.restart();
    session(&server, &["[1]"]);
    says(
        &server,
        "no credentials from the container's endpoint: it answered with 503",
    );
    assert_waiting(&server, 1);
    endpoint.give(vec![moto.new_session("late")]);
    rows(&server, 1);
    assert_emptied(&server);
    assert_eq!(endpoint.count(), 1);
}

#[test]
fn a_key_that_was_ended_is_asked_for_anew() {
    let moto = Moto::start();
    let (old, new) = (moto.new_session("old"), moto.new_session("new"));
    let endpoint = Endpoint::start(vec![old, new], Duration::from_secs(3600));
    let mut server = server_with(&moto, &endpoint);
    server.restart();
    session(&server, &["[1]"]);
    rows(&server, 1);
    moto.end_session("old");
    session(&server, &["[2]"]);
    rows(&server, 2);
    assert_emptied(&server);
    assert_eq!(endpoint.count(), 2);
}

#[test]
fn the_environment_and_a_profile_give_keys() {
    let moto = Moto::start();
    let endpoint = Endpoint::start(Vec::new(), Duration::ZERO);
    let mut server = server_with(&moto, &endpoint);
    let (id, secret) = moto.key();
    server.set("AWS_ACCESS_KEY_ID", id);
    server.set("AWS_SECRET_ACCESS_KEY", secret);
    server.restart();
    session(&server, &["[1]"]);
    rows(&server, 1);
    server.stop();
    let profile = server.data().join("profile");
    let text = format!("[rtcstats]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    std::fs::write(&profile, text).expect("a file");
    server.unset("AWS_ACCESS_KEY_ID");
    server.unset("AWS_SECRET_ACCESS_KEY");
    server.set("AWS_SHARED_CREDENTIALS_FILE", profile.to_str().expect("a plain path"));
    server.set("AWS_PROFILE", "rtcstats");
    server.restart();
    session(&server, &["[2]"]);
    rows(&server, 2);
    assert_emptied(&server);
    assert_eq!((moto.dumps(BUCKET).len(), endpoint.count()), (2, 0));
}

/// The files with the configured key are read for each request. One that is gone keeps its last value, which is told
/// once.
#[test]
fn a_key_in_files_is_replaced_while_the_server_runs() {
    let key = |n: u8| AccessKey {
        id: format!("AKIAEXAMPLE00000000{n}"),
        secret: format!("a/secret+of/the+key/EXAMPLE000000000000{n}"),
        token: None,
    };
    let store = StrictS3::start_with(Setup {
        keys: vec![key(1), key(2)],
        ..Setup::default()
    });
    let none = (String::new(), String::new());
    let mut server = prepare(&store.endpoint(), &none, &[]);
    let folder = server.data().with_extension("keys");
    std::fs::create_dir(&folder).expect("a folder");
    for (name, file) in [("ACCESS_KEY_ID", "id"), ("SECRET_ACCESS_KEY", "secret")] {
        server.unset(&format!("RTCSTATS_STORAGE__S3__{name}"));
        let path = folder.join(file);
        let variable = format!("RTCSTATS_STORAGE__S3__{name}_FILE");
        server.set(&variable, path.to_str().expect("a plain path"));
    }
    let give = |key: &AccessKey| {
        std::fs::write(folder.join("id"), format!("{}\n", key.id)).expect("a file");
        std::fs::write(folder.join("secret"), &key.secret).expect("a file");
    };
    give(&key(1));
    server.restart();
    session(&server, &["[1]"]);
    rows(&server, 1);
    give(&key(2));
    store.forget_requests();
    session(&server, &["[2]"]);
    rows(&server, 2);
    std::fs::remove_file(folder.join("secret")).expect("a file");
    for count in 3..=5 {
        session(&server, &["[3]"]);
        rows(&server, count);
    }
    let signed = |request: &Request| {
        request
            .header("authorization")
            .is_some_and(|text| text.contains(&key(2).id))
    };
    assert!(
        store.requests().iter().all(signed),
        "the key that was replaced has signed"
    );
    let log = server.log();
    let told = log.lines().filter(|line| line.contains("keys/secret")).count();
    assert_eq!(told, 1, "{log}");
    assert!(!log.contains(&key(1).secret) && !log.contains(&key(2).secret), "{log}");
}
