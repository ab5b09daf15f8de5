//! The engine together with its clients, on a spool of its own. The bytes are those of the real protocol; the time is
//! made up.
//!
//! [`Pair`] carries out commands as a driver does, and notes them. A client's network takes everything unless a test
//! says otherwise.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Cause, Command, Engine, HostOptions, Key, Now, Options, Role, SessionLimits};
use crate::auth::Verifier;
use crate::connection::{Access, Policy};
use crate::id::Id;
use crate::spool::{Place, SpoolOptions, Sync};
use crate::time::UnixMs;
use crate::units::{Period, Size};

mod disk;
mod driver;
mod limits;
mod order;
mod reads;
mod stop;

const GIB: u64 = 1 << 30;

/// Enough for every session.
const FREE: u64 = 100 * GIB;

/// What a client has to send and what it has been told.
#[derive(Default)]
struct Client {
    /// What each following read of the server brings.
    arriving: VecDeque<Vec<u8>>,
    ended: bool,
    /// The number of bytes that the network still takes; `None` means all.
    window: Option<usize>,
    inbox: Vec<u8>,
}

/// The engine and the clients that it serves.
struct Pair {
    engine: Engine,
    now: Now,
    place: Arc<Place>,
    sync: Sync,
    clients: BTreeMap<Key, Client>,
    /// Everything that was carried out, in words.
    done: Vec<String>,
    sealed: Vec<Id>,
    /// The connections that the engine wants to have read again, for `run`.
    again: Vec<Key>,
    _spool: tempfile::TempDir,
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.sync.stop();
    }
}

impl Pair {
    fn new() -> Pair {
        Pair::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Options)) -> Pair {
        let spool = tempfile::tempdir().unwrap();
        let place = Arc::new(Place::open(spool.path()).unwrap());
        let (sync, _) = Sync::start(Duration::from_secs(3600), &place, &[], |_| {}).unwrap();
        let now = Now {
            instant: Instant::now(),
            unix: UnixMs(1_800_000_000_000),
        };
        let mut options = options();
        change(&mut options);
        Pair {
            engine: Engine::new(options, Arc::clone(&place), sync.clone(), now.instant),
            now,
            place,
            sync,
            clients: BTreeMap::new(),
            done: Vec::new(),
            sealed: Vec::new(),
            again: Vec::new(),
            _spool: spool,
        }
    }

    fn connect(&mut self) -> Key {
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let key = self.engine.accept(Role::Sessions, Some(address), self.now).unwrap();
        self.clients.insert(key, Client::default());
        key
    }

    /// Opens a connection with a session.
    fn open(&mut self) -> Key {
        let key = self.connect();
        self.send(key, &[upgrade()]);
        assert!(self.told(key).starts_with("HTTP/1.1 101 "));
        key
    }

    /// The client sends. Each part arrives in a read of its own, all within one turn as far as the budget of reads
    /// allows.
    fn send(&mut self, key: Key, parts: &[Vec<u8>]) {
        self.client(key).arriving.extend(parts.iter().cloned());
        self.turn(key);
    }

    fn end(&mut self, key: Key) {
        self.client(key).ended = true;
        self.turn(key);
    }

    fn client(&mut self, key: Key) -> &mut Client {
        self.clients.get_mut(&key).unwrap()
    }

    /// One turn, with all commands that it causes.
    fn turn(&mut self, key: Key) {
        self.read(key);
        self.engine.turn(key, Cause::Ready, self.now);
        self.carry_out();
    }

    fn read(&mut self, key: Key) {
        while self.engine.wants_input(key) {
            let client = self.clients.get_mut(&key).unwrap();
            match client.arriving.pop_front() {
                Some(bytes) => self.engine.receive(key, &bytes, self.now),
                None if client.ended => return self.engine.end_of_stream(key, self.now),
                None => return,
            }
        }
    }

    fn carry_out(&mut self) {
        while let Some(command) = self.engine.next_command() {
            match command {
                Command::Send(key) => self.write(key),
                Command::Finish(_) => self.done.push("finish".into()),
                Command::Close(key, last) => {
                    self.client(key).inbox.extend(last);
                    self.done.push("close".into());
                }
                Command::ReadAgain(key) => self.again.push(key),
                Command::Sealed(id) => {
                    self.sealed.push(id);
                    self.done.push("sealed".into());
                }
            }
        }
    }

    /// Writes as much as the network takes.
    fn write(&mut self, key: Key) {
        let client = self.clients.get_mut(&key).unwrap();
        let bytes = self.engine.unsent(key);
        let count = client.window.map_or(bytes.len(), |window| window.min(bytes.len()));
        client.window = client.window.map(|window| window - count);
        client.inbox.extend(&bytes[..count]);
        self.engine.sent(key, count);
        self.done.push(format!("send {count}"));
    }

    /// What the client has been told since the last call. Control frames are given by name.
    fn told(&mut self, key: Key) -> String {
        let mut text = String::new();
        let inbox = std::mem::take(&mut self.client(key).inbox);
        let mut rest = &inbox[..];
        while let [first, length, behind @ ..] = rest {
            if *first < 0x80 {
                let end = rest.iter().position(|byte| *byte >= 0x80).unwrap_or(rest.len());
                text += &String::from_utf8_lossy(&rest[..end]);
                rest = &rest[end..];
                continue;
            }
            let (payload, behind) = behind.split_at(usize::from(*length));
            text += &match first & 0x0f {
                8 => format!("close {}", u16::from_be_bytes([payload[0], payload[1]])),
                9 => "ping".to_owned(),
                10 => format!("pong {}", String::from_utf8_lossy(payload)),
                other => format!("opcode {other}"),
            };
            rest = behind;
        }
        text
    }

    fn pass(&mut self, time: Duration) {
        self.now.instant += time;
        self.now.unix.0 += time.as_millis() as u64;
    }

    fn upkeep(&mut self, free: u64) {
        let takes = std::fs::metadata(self.place.root().join("recording")).map(drop);
        self.engine.upkeep(free, takes, self.now);
        self.carry_out();
    }

    /// Reads everyone on the run list again.
    fn run(&mut self) -> Vec<Key> {
        self.engine.run();
        self.carry_out();
        let again = std::mem::take(&mut self.again);
        for key in &again {
            self.turn(*key);
        }
        again
    }

    fn folder(&self, state: &str) -> PathBuf {
        self.place.root().join(state)
    }

    /// The dumps in a state, in the order of their ids.
    fn dumps(&self, state: &str) -> Vec<String> {
        let mut paths: Vec<_> = fs::read_dir(self.folder(state))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
    }

    /// The messages in the only dump of a state.
    fn messages(&self, state: &str) -> Vec<String> {
        let [dump] = &self.dumps(state)[..] else {
            return Vec::new();
        };
        let lines = dump.lines().skip(2).filter(|line| !line.starts_with("[\"close\""));
        lines.map(str::to_owned).collect()
    }

    /// Takes the directory away, so that it cannot be found until it is put back.
    fn take_away(&self, state: &str) {
        fs::rename(self.folder(state), self.folder("away")).unwrap();
    }

    fn put_back(&self, state: &str) {
        fs::rename(self.folder("away"), self.folder(state)).unwrap();
    }
}

fn options() -> Options {
    Options {
        policy: Policy {
            verifier: Verifier::open(),
            access: Access::default(),
            limits: Default::default(),
        },
        host: HostOptions {
            host_identifier: "test".into(),
        },
        limits: SessionLimits {
            dump_bytes: Size(u64::MAX),
            partial_bytes: Size(u64::MAX),
            reads_per_turn: 4,
        },
        spool: SpoolOptions {
            min_free: Size(GIB),
            flush_interval: Period(Duration::ZERO),
            ..SpoolOptions::default()
        },
        capacity: 100,
        farewell_time: Duration::from_secs(2),
    }
}

fn upgrade() -> Vec<u8> {
    b"GET /a HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        .to_vec()
}

/// A whole frame as a client sends it (RFC 6455, section 5.2), with a mask that changes nothing.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match payload.len() {
        short @ 0..126 => frame.push(0x80 | short as u8),
        long => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(long).unwrap().to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

fn text(text: &str) -> Vec<u8> {
    frame(1, text.as_bytes())
}

fn ping(text: &str) -> Vec<u8> {
    frame(9, text.as_bytes())
}

fn close(code: u16) -> Vec<u8> {
    frame(8, &code.to_be_bytes())
}
