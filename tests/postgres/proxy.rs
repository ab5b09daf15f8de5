//! A TCP proxy before the database server that cuts a connection at a chosen moment of the conversation.
//!
//! One thread a direction. It reads the client's bytes for a word and knows nothing else of the protocol, so it works
//! on connections without TLS.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// When the next connection that says a word is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Before the word reaches the server.
    Before(&'static str),
    /// After the server has answered it, with the answer withheld.
    After(&'static str),
}

/// A proxy; it ends with the process.
pub struct Proxy {
    address: SocketAddr,
    cut: Arc<Mutex<Option<Cut>>>,
}

impl Proxy {
    pub fn start(port: u16) -> Proxy {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let proxy = Proxy {
            address: listener.local_addr().expect("it is bound"),
            cut: Arc::default(),
        };
        let cut = Arc::clone(&proxy.cut);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
                    join(client, server, &cut);
                }
            }
        });
        proxy
    }

    /// Cuts once.
    pub fn cut(&self, cut: Cut) {
        *self.cut.lock().expect("nobody panics with it") = Some(cut);
    }

    /// Whether the cut has been made.
    pub fn has_cut(&self) -> bool {
        self.cut.lock().expect("nobody panics with it").is_none()
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres?sslmode=disable", self.address)
    }
}

fn join(client: TcpStream, server: TcpStream, cut: &Arc<Mutex<Option<Cut>>>) {
    let withheld = Arc::new(Mutex::new(false));
    let (cut, swallow) = (Arc::clone(cut), Arc::clone(&withheld));
    let (mut from, mut to) = (clone(&client), clone(&server));
    thread::spawn(move || {
        let mut buffer = [0; 65_536];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let said = &buffer[..length];
            let mut armed = cut.lock().expect("nobody panics with it");
            match *armed {
                Some(Cut::Before(word)) if has(said, word) => {
                    *armed = None;
                    break;
                }
                Some(Cut::After(word)) if has(said, word) => {
                    *armed = None;
                    *swallow.lock().expect("nobody panics with it") = true;
                }
                _ => {}
            }
            drop(armed);
            if to.write_all(said).is_err() {
                break;
            }
        }
        end(&from, &to);
    });
    let (mut from, mut to) = (server, client);
    thread::spawn(move || {
        let mut buffer = [0; 65_536];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let withheld = *withheld.lock().expect("nobody panics with it");
            if withheld || to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        end(&from, &to);
    });
}

fn clone(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("a second handle")
}

/// Either may be closed already.
fn end(one: &TcpStream, other: &TcpStream) {
    let _ = (one.shutdown(Shutdown::Both), other.shutdown(Shutdown::Both));
}

fn has(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}
