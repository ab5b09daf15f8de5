//! Credentials that are not in the configuration: found along the standard chain, renewed before they expire.
//!
//! A container's endpoint of the tests' own gives keys of the real S3 server that live for seconds, and each key is
//! ended there when its time is over: a server that used one a moment too long would be refused.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::support::moto::{BUCKET, Session};
use crate::support::wait::GUARD;
use crate::support::{Moto, Server, wait_until};
use crate::{assert_emptied, assert_waiting, prepare, rows, says, session};

const TOKEN: &str = "a-token-of-the-container";

/// One answer of the endpoint.
struct Given {
    at: OffsetDateTime,
    expires: OffsetDateTime,
}

/// An endpoint that gives the keys one after the other, and the last one for an hour.
#[derive(Clone)]
struct Endpoint {
    address: String,
    keys: Arc<Mutex<Vec<Session>>>,
    given: Arc<Mutex<Vec<Given>>>,
    at_once: Arc<AtomicUsize>,
    most_at_once: Arc<AtomicUsize>,
}

impl Endpoint {
    fn start(keys: Vec<Session>, life: Duration) -> Endpoint {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let endpoint = Endpoint {
            address: format!("http://{}/credentials", listener.local_addr().expect("an address")),
            keys: Arc::new(Mutex::new(keys)),
            given: Arc::default(),
            at_once: Arc::default(),
            most_at_once: Arc::default(),
        };
        let own = endpoint.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let endpoint = own.clone();
                thread::spawn(move || endpoint.answer(stream, life).expect("the server takes the answer"));
            }
        });
        endpoint
    }

    fn answer(&self, mut stream: TcpStream, life: Duration) -> std::io::Result<()> {
        let asking = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(asking, Ordering::SeqCst);
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        assert!(head.contains(&format!("authorization: {TOKEN}\r\n")), "{head}");
        // Long enough that the other workers come and would ask too.
        thread::sleep(Duration::from_millis(500));
        let body = self.next(life);
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        let status = if body.is_empty() { "503 Unavailable" } else { "200 OK" };
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    }

    fn next(&self, life: Duration) -> String {
        let mut keys = self.keys.lock().expect("no thread panics with it");
        if keys.is_empty() {
            return String::new();
        }
        let (life, Session { id, secret, token }) = match keys.len() {
            1 => (Duration::from_secs(3600), keys[0].clone()),
            _ => (life, keys.remove(0)),
        };
        let at = OffsetDateTime::now_utc();
        let expires = at + life;
        let text = expires.format(&Rfc3339).expect("a time of this century");
        self.given
            .lock()
            .expect("no thread panics with it")
            .push(Given { at, expires });
        format!(r#"{{"AccessKeyId":"{id}","SecretAccessKey":"{secret}","Token":"{token}","Expiration":"{text}"}}"#)
    }

    fn count(&self) -> usize {
        self.given.lock().expect("no thread panics with it").len()
    }

    /// Waits until answer `number` has expired, and until another one was given.
    fn outlive(&self, number: usize) {
        wait_until("the keys to be renewed and the old ones to expire", || {
            let given = self.given.lock().expect("no thread panics with it");
            given.len() > number + 1 && given[number].expires < OffsetDateTime::now_utc()
        });
    }
}

/// A server whose keys are given by the endpoint.
fn server_with(moto: &Moto, endpoint: &Endpoint) -> Server {
    let none = (String::new(), String::new());
    let mut server = prepare(&moto.endpoint(), &none, &[]);
    server.unset("RTCSTATS_STORAGE__S3__ACCESS_KEY_ID");
    server.unset("RTCSTATS_STORAGE__S3__SECRET_ACCESS_KEY");
    server.set("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    server.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &endpoint.address);
    server.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", TOKEN);
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
    assert_eq!(moto.objects(BUCKET).len(), sessions);
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
    endpoint
        .keys
        .lock()
        .expect("no thread panics with it")
        .push(moto.new_session("late"));
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
    assert_eq!((moto.objects(BUCKET).len(), endpoint.count()), (2, 0));
}
