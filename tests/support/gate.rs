//! A proxy between server and store that stops one request or one answer and holds it for ever.
//!
//! Each connection carries one request, because that is how the server makes them. The first line of each request is
//! kept. CONNECT, which is sent to an HTTP proxy, is answered and led to the same place, whatever host it names.
//! Threads end with their connections or with the test.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Where a connection is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Before the request reaches the store.
    Request,
    /// The store has acted, and its answer is kept back.
    Answer,
}

/// The next request whose first line contains all these words (separated by blanks) is held.
#[derive(Clone, Copy)]
pub struct Rule {
    pub hold: Hold,
    pub words: &'static str,
}

#[derive(Default)]
struct State {
    rule: Option<Rule>,
    held: Vec<TcpStream>,
    lines: Vec<String>,
}

/// A running proxy to one address.
#[derive(Clone)]
pub struct Gate {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Gate {
    pub fn start(target: SocketAddr) -> Gate {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let gate = Gate {
            address: listener.local_addr().expect("an address"),
            state: Arc::default(),
        };
        let own = gate.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let gate = own.clone();
                // If a connection breaks, it is for the server to notice.
                thread::spawn(move || gate.serve(stream, target).ok());
            }
        });
        gate
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on the rule is in force, until it has held something.
    pub fn hold(&self, rule: Rule) {
        let mut state = self.state.lock().expect("no test thread panics with it");
        (state.rule, state.held) = (Some(rule), Vec::new());
    }

    /// Lets everything pass, and breaks the connection that was held.
    pub fn open(&self) {
        let mut state = self.state.lock().expect("no test thread panics with it");
        state.rule = None;
        for held in state.held.drain(..) {
            // Another thread may have a handle of it too, and the server may have given it up.
            let _ = held.shutdown(Shutdown::Both);
        }
    }

    /// Whether the rule has found its request.
    pub fn holds(&self) -> bool {
        !self
            .state
            .lock()
            .expect("no test thread panics with it")
            .held
            .is_empty()
    }

    /// The first lines of all requests so far.
    pub fn lines(&self) -> Vec<String> {
        self.state.lock().expect("no test thread panics with it").lines.clone()
    }

    fn serve(&self, mut client: TcpStream, target: SocketAddr) -> std::io::Result<()> {
        let head = head(&mut client)?;
        let line = String::from_utf8_lossy(&head)
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        let hold = self.note(&line, &client)?;
        if hold == Some(Hold::Request) {
            return Ok(());
        }
        let mut store = TcpStream::connect(target)?;
        if line.starts_with("CONNECT ") {
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        } else {
            store.write_all(&head)?;
        }
        let (mut from, mut to) = (client.try_clone()?, store.try_clone()?);
        thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
        if hold == Some(Hold::Answer) {
            // A single byte of the answer proves that the store has acted.
            store.read_exact(&mut [0])?;
            self.state
                .lock()
                .expect("no test thread panics with it")
                .held
                .push(client);
            return Ok(());
        }
        std::io::copy(&mut store, &mut client)?;
        client.shutdown(Shutdown::Both)
    }

    /// Keeps the line, and says whether this request is the one to hold.
    fn note(&self, line: &str, client: &TcpStream) -> std::io::Result<Option<Hold>> {
        let mut state = self.state.lock().expect("no test thread panics with it");
        state.lines.push(line.to_owned());
        let Some(rule) = state
            .rule
            .take_if(|rule| rule.words.split(' ').all(|word| line.contains(word)))
        else {
            return Ok(None);
        };
        if rule.hold == Hold::Request {
            state.held.push(client.try_clone()?);
        }
        Ok(Some(rule.hold))
    }
}

/// Reads the head of a request, and not one byte of what follows it.
pub fn head(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(head)
}
