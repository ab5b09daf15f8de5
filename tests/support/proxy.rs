//! A TCP proxy before a destination. Its behaviour can be switched while it runs.
//!
//! There is one thread for each direction. Of HTTP it knows the head of a request and its length, and of PostgreSQL
//! only a word that it looks for, so it works on connections without TLS. If a connection breaks, it is for the server
//! under test to notice. Threads end with their connections or with the proxy.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::SockRef;

use super::gate::head;
use super::server::free_port;
use super::wait::wait_for;

/// What happens to all connections from their next byte on, including those that are already open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nobody listens.
    Refuse,
    /// Each connection is accepted and reset at once.
    Reset,
    /// This many bytes of a request's body reach the destination, then both sides are reset.
    ResetInBody(u64),
    /// Connections are accepted, and their bytes are kept back as long as the fault lasts.
    Hang,
    /// Ten bytes a second.
    Slow,
    /// Each request is answered with this status and S3's word for it, and is not passed on.
    Answer(u16, &'static str),
    /// The connection is cut before the word reaches the destination.
    CutBefore(&'static str),
    /// The connection is cut when the destination has answered the word; the answer is withheld.
    CutAfter(&'static str),
}

const SLOW_PAUSE: Duration = Duration::from_millis(100);

/// What was seen since the fault was last switched.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    pub accepted: usize,
    /// How often the fault was applied. Unknown for `Refuse`.
    pub met: usize,
    /// The most connections that the peers had open at the same time.
    pub most_open: usize,
    /// The most connections on which nothing had been answered yet at the same time.
    pub most_unanswered: usize,
}

#[derive(Default)]
struct State {
    fault: Option<Fault>,
    seen: Seen,
    unanswered: usize,
}

struct Inner {
    address: SocketAddr,
    target: SocketAddr,
    state: Mutex<State>,
    switched: Condvar,
}

/// A running proxy to one address.
pub struct Proxy {
    inner: Arc<Inner>,
    listening: Mutex<Option<(TcpListener, JoinHandle<()>)>>,
}

impl Proxy {
    pub fn start(target: SocketAddr) -> Proxy {
        let proxy = Proxy {
            inner: Arc::new(Inner {
                address: (Ipv4Addr::LOCALHOST, free_port()).into(),
                target,
                state: Mutex::default(),
                switched: Condvar::new(),
            }),
            listening: Mutex::default(),
        };
        proxy.listen();
        proxy
    }

    /// The URL of an S3 server behind it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.inner.address)
    }

    /// The URL of a database behind it.
    pub fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres?sslmode=disable", self.inner.address)
    }

    /// Switches to this fault, or to none.
    pub fn set(&self, fault: Option<Fault>) {
        let mut state = self.inner.state();
        (state.fault, state.seen) = (fault, Seen::default());
        drop(state);
        self.inner.switched.notify_all();
        match fault {
            Some(Fault::Refuse) => self.deafen(),
            _ => self.listen(),
        }
    }

    pub fn seen(&self) -> Seen {
        self.inner.state().seen
    }

    fn listen(&self) {
        let mut listening = self.listening.lock().expect("nobody panics with it");
        if listening.is_none() {
            // A child that is being forked holds all sockets until it runs its program, also the one that has tried
            // whether this port is free.
            let listener = wait_for("the port to be free", || TcpListener::bind(self.inner.address).ok());
            let (own, inner) = (listener.try_clone().expect("a second handle"), Arc::clone(&self.inner));
            *listening = Some((listener, thread::spawn(move || inner.accept(&own))));
        }
    }

    fn deafen(&self) {
        // A second panic would end all tests of the process.
        let mut listening = self.listening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((listener, thread)) = listening.take() {
            // From now on the kernel refuses connections, and it wakes the thread.
            let _ = SockRef::from(&listener).shutdown(Shutdown::Both);
            thread.join().expect("it does not panic");
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.deafen();
        self.inner.state().fault = None;
        self.inner.switched.notify_all();
    }
}

impl Inner {
    fn accept(self: Arc<Inner>, listener: &TcpListener) {
        loop {
            match listener.accept() {
                Ok((client, _)) => {
                    let open = established(self.address.port());
                    let mut state = self.state();
                    state.unanswered += 1;
                    let unanswered = state.unanswered;
                    let seen = &mut state.seen;
                    seen.accepted += 1;
                    seen.most_open = seen.most_open.max(open);
                    seen.most_unanswered = seen.most_unanswered.max(unanswered);
                    drop(state);
                    let asked = Asked(Arc::clone(&self));
                    thread::spawn(move || asked.0.clone().serve(client, asked).ok());
                }
                Err(error) if error.kind() == std::io::ErrorKind::InvalidInput => return,
                Err(_) => {}
            }
        }
    }

    fn serve(self: Arc<Inner>, client: TcpStream, asked: Asked) -> std::io::Result<()> {
        let fault = self.state().fault;
        match fault {
            Some(Fault::Refuse | Fault::Reset) => {
                self.meet();
                drop(asked);
                reset(client);
                Ok(())
            }
            Some(Fault::ResetInBody(bytes)) => self.reset_in_body(client, asked, bytes),
            Some(Fault::Answer(status, code)) => self.answer(client, asked, status, code),
            _ => self.join(client, asked, &[]),
        }
    }

    fn reset_in_body(self: Arc<Inner>, mut client: TcpStream, asked: Asked, bytes: u64) -> std::io::Result<()> {
        let head = head(&mut client)?;
        if length(&head) <= bytes {
            return self.join(client, asked, &head);
        }
        let mut store = TcpStream::connect(self.target)?;
        store.write_all(&head)?;
        std::io::copy(&mut (&client).take(bytes), &mut store)?;
        self.meet();
        drop(asked);
        reset(client);
        reset(store);
        Ok(())
    }

    fn answer(&self, mut client: TcpStream, asked: Asked, status: u16, code: &str) -> std::io::Result<()> {
        let head = head(&mut client)?;
        std::io::copy(&mut (&client).take(length(&head)), &mut std::io::sink())?;
        self.meet();
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>by the proxy</Message></Error>"
        );
        let body = if head.starts_with(b"HEAD ") { "" } else { &body };
        let length = body.len();
        drop(asked);
        write!(
            client,
            "HTTP/1.1 {status} {code}\r\nContent-Type: application/xml\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        )
    }

    /// Both directions, beginning with what has already been read.
    fn join(self: Arc<Inner>, client: TcpStream, asked: Asked, begin: &[u8]) -> std::io::Result<()> {
        let mut server = TcpStream::connect(self.target)?;
        server.write_all(begin)?;
        let withheld = Arc::new(AtomicBool::new(false));
        let (inner, swallow) = (Arc::clone(&self), Arc::clone(&withheld));
        let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
        thread::spawn(move || {
            let mut buffer = [0; 65_536];
            while let Ok(length @ 1..) = from.read(&mut buffer) {
                if !inner.request(&buffer[..length], &mut to, &swallow) {
                    break;
                }
            }
            end(&from, &to);
        });
        let (mut from, mut to) = (server, client);
        let (mut buffer, mut asked) = ([0; 65_536], Some(asked));
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            asked.take();
            if withheld.load(Ordering::SeqCst) || !self.pass(&buffer[..length], &mut to) {
                break;
            }
        }
        end(&from, &to);
        Ok(())
    }

    /// Passes on what a client sends. False if its connection is to end.
    fn request(&self, said: &[u8], to: &mut TcpStream, withhold: &AtomicBool) -> bool {
        let fault = self.state().fault;
        match fault {
            Some(Fault::Refuse | Fault::Reset) => {
                self.meet();
                return false;
            }
            Some(Fault::CutBefore(word)) if has(said, word) => {
                self.meet();
                return false;
            }
            Some(Fault::CutAfter(word)) if has(said, word) => {
                self.meet();
                withhold.store(true, Ordering::SeqCst);
            }
            Some(Fault::Hang | Fault::Slow) => self.meet(),
            _ => {}
        }
        self.pass(said, to)
    }

    /// Passes bytes on as fast as the fault allows. False if nobody takes them.
    fn pass(&self, mut bytes: &[u8], to: &mut TcpStream) -> bool {
        let mut state = self.state();
        loop {
            match state.fault {
                Some(Fault::Hang) => state = self.switched.wait(state).expect("nobody panics with it"),
                Some(Fault::Slow) if bytes.len() > 1 => {
                    let (first, rest) = bytes.split_at(1);
                    if to.write_all(first).is_err() {
                        return false;
                    }
                    bytes = rest;
                    let waited = self.switched.wait_timeout(state, SLOW_PAUSE);
                    state = waited.expect("nobody panics with it").0;
                }
                _ => break,
            }
        }
        drop(state);
        to.write_all(bytes).is_ok()
    }

    fn meet(&self) {
        self.state().seen.met += 1;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with it")
    }
}

/// A connection without an answer. It is dropped before the first byte of an answer is sent, so that a client that has
/// its answer is no longer counted.
struct Asked(Arc<Inner>);

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.state().unanswered -= 1;
    }
}

/// Connections to this port of this machine that are still open at the client's end. This reads the kernel's table,
/// because the proxy learns too late that a client has closed.
fn established(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/net/tcp").expect("the kernel tells of its sockets");
    let remote = format!(":{port:04X}");
    let is_open = |line: &&str| {
        let mut words = line.split_whitespace().skip(2);
        words.next().is_some_and(|address| address.ends_with(&remote)) && words.next() == Some("01")
    };
    table.lines().filter(is_open).count()
}

/// The length of the body; zero if the head does not give it.
fn length(head: &[u8]) -> u64 {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let value = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    value.and_then(|value| value.trim().parse().ok()).unwrap_or(0)
}

/// Closes with a reset.
fn reset(stream: TcpStream) {
    let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
}

/// Either connection may be closed already.
fn end(one: &TcpStream, other: &TcpStream) {
    let _ = (one.shutdown(Shutdown::Both), other.shutdown(Shutdown::Both));
}

fn has(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}
