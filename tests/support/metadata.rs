//! A container's metadata endpoint. It gives out keys that live as long as a test says.
//!
//! It answers slowly, so that workers that want to ask at the same time really do. Each request has a thread, which
//! ends with the process.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::gate::head;
use super::moto::Session;
use super::server::Server;
use super::wait::wait_until;

const TOKEN: &str = "a-token-of-the-container";

/// One answer of the endpoint.
pub struct Given {
    pub at: OffsetDateTime,
    pub expires: OffsetDateTime,
}

/// An endpoint that gives out the keys one after the other, and the last one for an hour. Without any keys it answers
/// 503.
#[derive(Clone)]
pub struct Endpoint {
    address: String,
    keys: Arc<Mutex<Vec<Session>>>,
    pub given: Arc<Mutex<Vec<Given>>>,
    at_once: Arc<AtomicUsize>,
    pub most_at_once: Arc<AtomicUsize>,
}

impl Endpoint {
    pub fn start(keys: Vec<Session>, life: Duration) -> Endpoint {
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
        let head = String::from_utf8_lossy(&head(&mut stream)?).to_ascii_lowercase();
        assert!(head.contains(&format!("authorization: {TOKEN}\r\n")), "{head}");
        // Long enough for the other workers to come and to want to ask too.
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

    pub fn count(&self) -> usize {
        self.given.lock().expect("no thread panics with it").len()
    }

    /// Waits until answer `number` has expired and another one was given.
    pub fn outlive(&self, number: usize) {
        wait_until("the keys to be renewed and the old ones to expire", || {
            let given = self.given.lock().expect("no thread panics with it");
            given.len() > number + 1 && given[number].expires < OffsetDateTime::now_utc()
        });
    }

    /// From now on gives these keys. With an empty list it gives none.
    pub fn give(&self, keys: Vec<Session>) {
        *self.keys.lock().expect("no thread panics with it") = keys;
    }

    /// Gives no more keys, and waits until all that were given have expired.
    pub fn run_dry(&self) {
        self.give(Vec::new());
        wait_until("all keys to expire", || {
            let given = self.given.lock().expect("no thread panics with it");
            given.iter().all(|given| given.expires < OffsetDateTime::now_utc())
        });
    }

    /// Makes `server` ask here for its keys from its next start on.
    pub fn configure(&self, server: &mut Server) {
        server.unset("RTCSTATS_STORAGE__S3__ACCESS_KEY_ID");
        server.unset("RTCSTATS_STORAGE__S3__SECRET_ACCESS_KEY");
        server.set("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        server.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &self.address);
        server.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", TOKEN);
    }
}
