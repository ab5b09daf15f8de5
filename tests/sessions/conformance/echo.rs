//! An echo built on `Connection`, blocking, with one thread per connection: the smallest possible driver.
//!
//! It shows what a driver has to do. It lacks all that makes a server: a limit on threads, dumps, a log.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use rtcstats_server::auth::Verifier;
use rtcstats_server::connection::{Access, Action, Admission, Connection, Env, Policy};
use rtcstats_server::time::UnixMs;
use rtcstats_server::units::Size;
use tungstenite::Bytes;
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};

/// Starts a server on a free port of the loopback interface. It runs until the process ends.
pub fn start() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            thread::spawn(move || Driver::new(stream).run());
        }
    });
    address
}

struct Driver {
    stream: TcpStream,
    connection: Connection,
    policy: Policy,
    /// The echo's answers. They are sent after the pongs of the same turn and before the close frame.
    echo: Vec<u8>,
}

impl Driver {
    fn new(stream: TcpStream) -> Driver {
        let connection = Connection::new(Some(stream.peer_addr().unwrap().ip()), Instant::now());
        let mut policy = Policy {
            verifier: Verifier::open(),
            access: Access {
                allowed_origins: Vec::new(),
                trusted_proxies: Vec::new(),
            },
            limits: Default::default(),
        };
        policy.limits.message_bytes = Size(16 << 20);
        stream.set_nodelay(true).unwrap();
        Driver {
            stream,
            connection,
            policy,
            echo: Vec::new(),
        }
    }

    /// Runs until the connection is over. A socket error counts as the end of its stream.
    fn run(mut self) {
        let mut buffer = vec![0; 1 << 16];
        let mut open = true;
        while open {
            self.stream.set_read_timeout(self.patience()).unwrap();
            let mut input = &[][..];
            match self.stream.read(&mut buffer) {
                Ok(0) => self.connection.end_of_stream(),
                Ok(len) => input = &buffer[..len],
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    self.connection.deadline_passed(&env(&self.policy));
                }
                Err(_) => self.connection.end_of_stream(),
            }
            while let Some(action) = self.connection.poll(&mut input, &env(&self.policy)) {
                open &= self.execute(action);
            }
            self.write_echo();
        }
    }

    /// How long a read may wait. A time-out of zero would mean none at all, so the shortest is a millisecond.
    fn patience(&self) -> Option<Duration> {
        let deadline = self.connection.deadline(&self.policy.limits)?;
        Some(
            deadline
                .saturating_duration_since(Instant::now())
                .max(Duration::from_millis(1)),
        )
    }

    /// Returns false when the connection is over.
    fn execute(&mut self, action: Action) -> bool {
        match action {
            Action::Open(_) | Action::Refused(_) => (),
            Action::Line { payload, binary } => self.queue_echo(payload, binary),
            Action::Seal(_) => self.write_echo(),
            Action::Send(bytes) => self.write(&bytes),
            Action::Finish => drop(self.stream.shutdown(Shutdown::Write)),
            Action::Close => return false,
        }
        true
    }

    fn queue_echo(&mut self, payload: Bytes, binary: bool) {
        let opcode = OpCode::Data(if binary { Data::Binary } else { Data::Text });
        Frame::message(payload, opcode, true).format(&mut self.echo).unwrap();
    }

    fn write_echo(&mut self) {
        let echo = std::mem::take(&mut self.echo);
        self.write(&echo);
    }

    /// If the peer has gone, the next read notices it.
    fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }
}

fn env(policy: &Policy) -> Env<'_> {
    Env {
        policy,
        now: Instant::now(),
        unix: UnixMs::now(),
        admission: Admission::Open,
        unsent: 0,
    }
}
