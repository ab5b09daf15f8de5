//! The loop itself: what can wake it, and the order of its work after each wake-up.
//!
//! It returns only when a signal has ended it or when polling itself fails. The engine's commands are carried out right
//! after the call that caused them, so that an answer is sent in the turn it belongs to.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use super::listen::{Accepted, Listener};
use super::signals::Signals;
use super::socket::{Arrival, Socket};
use crate::delivery::Delivery;
use crate::limits::{ACCEPTS_PER_TURN_MAX, SCRATCH_BYTES_MAX};
use crate::sessions::{Cause, Command, Engine, KEY_TOKEN_END, Key, Mirror, Now};
use crate::spool::Sync;
use crate::systemd;
use crate::time::UnixMs;

/// What the loop works with, and what it hands results to.
pub struct Parts {
    pub listeners: Vec<Listener>,
    pub engine: Engine,
    /// Knows how much room the spool's disk has, and whether it takes recordings.
    pub sync: Sync,
    pub delivery: Arc<Delivery>,
}

/// Everything that can wake the loop.
enum Event {
    Signal,
    Listener(usize),
    Peer { key: Key, read_closed: bool },
}

/// The loop and everything that it owns.
pub struct Reactor {
    poll: Poll,
    signals: Signals,
    parts: Parts,
    sockets: Mirror<Socket>,
    scratch: Box<[u8]>,
    now: Now,
    stopping_since: Option<Instant>,
}

const SIGNAL_TOKEN: Token = Token(usize::MAX);

impl Reactor {
    /// Registers listeners and signals.
    ///
    /// # Errors
    /// The system's: no epoll instance, no descriptor, no memory.
    pub fn new(mut parts: Parts) -> io::Result<Reactor> {
        let poll = Poll::new()?;
        let mut signals = Signals::new()?;
        poll.registry()
            .register(signals.source(), SIGNAL_TOKEN, Interest::READABLE)?;
        for (index, listener) in parts.listeners.iter_mut().enumerate() {
            let token = Token(KEY_TOKEN_END + index);
            poll.registry().register(listener.source(), token, Interest::READABLE)?;
        }
        Ok(Reactor {
            poll,
            signals,
            parts,
            sockets: Mirror::default(),
            scratch: vec![0; SCRATCH_BYTES_MAX].into_boxed_slice(),
            now: now(),
            stopping_since: None,
        })
    }

    /// When it was told to end.
    pub fn stopping_since(&self) -> Option<Instant> {
        self.stopping_since
    }

    /// Serves until a signal ends it, every session is sealed and the peers have been told.
    ///
    /// # Errors
    /// The system's: polling itself fails. Neither a peer nor a disk can make this return.
    pub fn run(&mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        while !self.parts.engine.is_finished(self.now.instant) {
            if let Err(error) = self.poll.poll(&mut events, self.time_to_sleep())
                && error.kind() != io::ErrorKind::Interrupted
            {
                return Err(error);
            }
            self.now = now();
            for event in &events {
                self.handle(decode(event));
            }
            self.accept();
            self.parts.engine.run();
            self.carry_out();
            self.parts.engine.expire(self.now);
            self.parts.engine.flush(self.now);
            self.upkeep();
            self.carry_out();
        }
        self.parts.engine.end(now());
        self.carry_out();
        Ok(())
    }

    fn time_to_sleep(&self) -> Option<Duration> {
        let waiting = self.parts.listeners.iter().any(Listener::may_have_more);
        if waiting && self.parts.engine.may_accept() {
            return Some(Duration::ZERO);
        }
        let now = Instant::now();
        Some(self.parts.engine.next_wake(now).saturating_duration_since(now))
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Signal => self.signalled(),
            // A signal in the same batch of events may have closed the listeners.
            Event::Listener(index) => self
                .parts
                .listeners
                .iter_mut()
                .skip(index)
                .take(1)
                .for_each(Listener::retry),
            Event::Peer { key, read_closed } => {
                if read_closed && let Some(socket) = self.sockets.get_mut(key) {
                    socket.note_read_closed();
                }
                self.ready(key);
            }
        }
        self.carry_out();
    }

    /// The first signal starts the shutdown. A second one never gets here.
    fn signalled(&mut self) {
        if !self.signals.arrived() || self.parts.engine.is_stopping() {
            return;
        }
        systemd::notify_stopping();
        self.stopping_since = Some(self.now.instant);
        // Without listeners the kernel refuses connections, so that a balancer or another process takes over.
        self.parts.listeners.clear();
        self.parts.engine.stop(self.now);
    }

    /// One turn of a connection whose socket has something to read or room to write.
    fn ready(&mut self, key: Key) {
        self.send(key);
        let Some(socket) = self.sockets.get_mut(key) else {
            return;
        };
        let engine = &mut self.parts.engine;
        while engine.wants_input(key) {
            match socket.read(&mut self.scratch) {
                Arrival::Bytes { count, drained } => {
                    engine.receive(key, &self.scratch[..count], self.now);
                    if drained {
                        break;
                    }
                }
                Arrival::Nothing => break,
                Arrival::End => {
                    engine.end_of_stream(key, self.now);
                    break;
                }
            }
        }
        engine.turn(key, Cause::Ready, self.now);
    }

    fn carry_out(&mut self) {
        while let Some(command) = self.parts.engine.next_command() {
            match command {
                Command::Send(key) => self.send(key),
                Command::Finish(key) => self
                    .sockets
                    .get_mut(key)
                    .into_iter()
                    .for_each(|socket| socket.finish_sending()),
                Command::Close(key, last) => {
                    // Whether the peer still takes it makes no difference any more.
                    let _ = self.sockets.remove(key).map(|mut socket| socket.write(&last));
                }
                Command::ReadAgain(key) => self.ready(key),
                Command::Sealed(id) => self.parts.delivery.submit(id),
            }
        }
    }

    fn send(&mut self, key: Key) {
        let Some(socket) = self.sockets.get_mut(key) else {
            return;
        };
        let bytes = self.parts.engine.unsent(key);
        if bytes.is_empty() {
            return;
        }
        match socket.write(bytes) {
            Ok(count) => self.parts.engine.sent(key, count),
            Err(_) => self.parts.engine.deaf(key),
        }
    }

    /// Accepts waiting connections, a limited number in one go.
    fn accept(&mut self) {
        for index in 0..self.parts.listeners.len() {
            for _ in 0..ACCEPTS_PER_TURN_MAX {
                let listener = &mut self.parts.listeners[index];
                if !self.parts.engine.may_accept() || !listener.may_have_more() {
                    break;
                }
                if let Accepted::Connection(stream, address) = listener.accept() {
                    let role = listener.role();
                    if let Some(key) = self.parts.engine.accept(role, Some(address.ip()), self.now) {
                        self.watch(key, stream);
                    }
                }
            }
        }
    }

    /// Registers for both directions once, which avoids changing the registration whenever a socket fills up.
    fn watch(&mut self, key: Key, mut stream: TcpStream) {
        let interest = Interest::READABLE | Interest::WRITABLE;
        match self
            .poll
            .registry()
            .register(&mut stream, Token(key.to_token()), interest)
        {
            Ok(()) => self.sockets.insert(key, Socket::new(stream)),
            Err(error) => {
                log::debug!("a connection cannot be watched: {error}");
                self.parts.engine.end_of_stream(key, self.now);
                self.parts.engine.turn(key, Cause::Ready, self.now);
            }
        }
    }

    fn upkeep(&mut self) {
        if self.parts.engine.is_upkeep_due(self.now.instant) {
            self.parts.listeners.iter_mut().for_each(Listener::retry);
            let Parts { engine, sync, .. } = &mut self.parts;
            engine.upkeep(sync.free_bytes(), sync.takes_recordings(), self.now);
        }
    }
}

fn decode(event: &mio::event::Event) -> Event {
    match event.token() {
        SIGNAL_TOKEN => Event::Signal,
        Token(token) if token >= KEY_TOKEN_END => Event::Listener(token - KEY_TOKEN_END),
        Token(token) => Event::Peer {
            key: Key::from_token(token),
            read_closed: event.is_read_closed() || event.is_error(),
        },
    }
}

fn now() -> Now {
    Now {
        instant: Instant::now(),
        unix: UnixMs::now(),
    }
}
