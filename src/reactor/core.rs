//! The loop itself: what it owns, what can wake it, and the order of its work after each wake.
//!
//! What it does with one connection stands in `turns`, with new ones in `welcome`, once a second in `upkeep`, at the
//! end in `stop`. It returns only when a signal has ended it or when polling itself fails.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};

use super::peer::Peer;
use super::signals::Signals;
use super::slots::{KEY_TOKEN_END, Key, Slots};
use super::timers::Timers;
use super::turn::{Settings, Turn};
use super::upkeep::UPKEEP_INTERVAL;
use crate::connection::{CloseReason, Policy};
use crate::delivery::Delivery;
use crate::limits::SCRATCH_BYTES_MAX;
use crate::spool::{Place, Recording, Sync};

/// What an operator decides about the loop.
pub struct Options {
    pub policy: Policy,
    pub settings: Settings,
    /// Reads of one connection before the others get their turn.
    pub reads_per_turn: usize,
    /// Connections at a time; those beyond are told 503.
    pub capacity: usize,
    /// Bytes of partial messages of all connections together.
    pub partial_bytes: usize,
    /// Free bytes below which no session is accepted; below half of it the live ones are sealed.
    pub min_free: u64,
    /// How long lines may stay in memory before they are written; zero writes at the end of each turn.
    pub flush_interval: Duration,
    /// How long peers may take to answer the close frame when the server ends.
    pub farewell_time: Duration,
}

/// What the loop works on and hands over to.
pub struct Parts {
    pub listeners: Vec<TcpListener>,
    pub place: Arc<Place>,
    pub sync: Sync,
    pub delivery: Arc<Delivery>,
}

/// Everything that can wake the loop.
enum Event {
    Signal,
    Listener(usize),
    Peer { key: Key, read_closed: bool },
}

/// Why a connection gets a turn.
#[derive(Clone, Copy)]
pub(super) enum Cause {
    /// Its socket has something to read or room to write.
    Ready,
    /// Its deadline has passed.
    Deadline,
    /// The server ends it.
    Shut(CloseReason),
}

/// A session that is over but whose last lines the disk still refuses.
pub(super) struct Unsealed {
    /// Whose it is; that connection may be gone.
    pub key: Key,
    pub recording: Recording,
    pub reason: CloseReason,
}

/// The loop and all it owns.
pub struct Reactor {
    pub(super) poll: Poll,
    pub(super) signals: Signals,
    pub(super) parts: Parts,
    pub(super) options: Options,
    pub(super) peers: Slots<Peer>,
    pub(super) timers: Timers,
    /// Connections whose budget was spent before their edge.
    pub(super) runnable: VecDeque<Key>,
    /// Connections whose lines the disk refused.
    pub(super) blocked: Vec<Key>,
    /// Connections whose lines wait for the flush interval, oldest first.
    pub(super) held: VecDeque<(Instant, Key)>,
    pub(super) unsealed: Vec<Unsealed>,
    /// Listeners that may have more to accept.
    pub(super) accepting: Vec<bool>,
    /// There are not enough descriptors for those who wait, and the operator has been told.
    pub(super) starved: bool,
    pub(super) partial: usize,
    pub(super) disk_low: bool,
    pub(super) turn: Turn,
    pub(super) scratch: Box<[u8]>,
    pub(super) now: Instant,
    pub(super) unix_ms: u64,
    pub(super) next_upkeep: Instant,
    /// Set by the first signal: when peers that have not answered the close frame are dropped.
    pub(super) stopping: Option<Instant>,
}

const SIGNAL_TOKEN: Token = Token(usize::MAX);

impl Reactor {
    /// Registers listeners and signals.
    ///
    /// # Errors
    /// The system's: no epoll, no descriptor, no memory.
    pub fn new(options: Options, mut parts: Parts) -> io::Result<Reactor> {
        let poll = Poll::new()?;
        let mut signals = Signals::new()?;
        poll.registry()
            .register(signals.source(), SIGNAL_TOKEN, Interest::READABLE)?;
        for (index, listener) in parts.listeners.iter_mut().enumerate() {
            poll.registry()
                .register(listener, Token(KEY_TOKEN_END + index), Interest::READABLE)?;
        }
        let now = Instant::now();
        Ok(Reactor {
            poll,
            signals,
            accepting: vec![true; parts.listeners.len()],
            turn: Turn::new(options.settings.clone()),
            starved: false,
            options,
            parts,
            peers: Slots::new(),
            timers: Timers::default(),
            runnable: VecDeque::new(),
            blocked: Vec::new(),
            held: VecDeque::new(),
            unsealed: Vec::new(),
            partial: 0,
            disk_low: false,
            scratch: vec![0; SCRATCH_BYTES_MAX].into_boxed_slice(),
            now,
            unix_ms: unix_ms(),
            next_upkeep: now,
            stopping: None,
        })
    }

    /// Serves until a signal ends it, every session is sealed and the peers have been told.
    ///
    /// # Errors
    /// The system's: polling itself fails. No peer and no disk can make this return.
    pub fn run(&mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        while !self.is_finished() {
            if let Err(error) = self.poll.poll(&mut events, self.time_to_sleep())
                && error.kind() != io::ErrorKind::Interrupted
            {
                return Err(error);
            }
            self.now = Instant::now();
            self.unix_ms = unix_ms();
            for event in &events {
                self.handle(decode(event));
            }
            self.accept();
            self.run_list();
            self.expire();
            self.flush_held();
            self.upkeep();
        }
        self.end();
        Ok(())
    }

    fn time_to_sleep(&self) -> Option<Duration> {
        if !self.runnable.is_empty() || self.may_accept() {
            return Some(Duration::ZERO);
        }
        let held = self.held.front().map(|(at, _)| *at);
        let next = [self.timers.next(), held, self.stopping]
            .into_iter()
            .flatten()
            .fold(self.next_upkeep, Instant::min);
        Some(next.saturating_duration_since(Instant::now()))
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Signal => self.signalled(),
            // A signal in the same batch of events may have closed the listeners.
            Event::Listener(index) => self
                .accepting
                .iter_mut()
                .skip(index)
                .take(1)
                .for_each(|flag| *flag = true),
            Event::Peer { key, read_closed } => {
                if read_closed && let Some(peer) = self.peers.get_mut(key) {
                    peer.socket().note_read_closed();
                }
                self.give_turn(key, Cause::Ready);
            }
        }
    }

    fn run_list(&mut self) {
        for _ in 0..self.runnable.len() {
            let Some(key) = self.runnable.pop_front() else { break };
            if let Some(peer) = self.peers.get_mut(key) {
                peer.runnable = false;
                self.give_turn(key, Cause::Ready);
            }
        }
    }

    /// Gives a turn to every connection whose deadline has passed.
    fn expire(&mut self) {
        while let Some((at, key)) = self.timers.pop_due(self.now) {
            let Some(peer) = self.peers.get_mut(key) else { continue };
            if peer.armed != Some(at) {
                continue;
            }
            peer.armed = None;
            if peer.is_held_up() {
                // It is us who do not read: its silence is not its fault.
                self.timers.arm(key, Some(self.now + UPKEEP_INTERVAL), &mut peer.armed);
                continue;
            }
            match peer.connection.deadline(&self.options.policy.limits) {
                Some(deadline) if deadline <= self.now => self.give_turn(key, Cause::Deadline),
                _ => self.arm(key),
            }
        }
    }

    /// Makes sure that a connection's deadline is noticed.
    ///
    /// Its entry is never further away than the next ping: deadlines beyond that move earlier with each pong, and every
    /// such move would leave an entry behind.
    pub(super) fn arm(&mut self, key: Key) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        let limits = &self.options.policy.limits;
        let deadline = peer
            .connection
            .deadline(limits)
            .map(|at| at.min(self.now + limits.ping_interval.0));
        self.timers.arm(key, deadline, &mut peer.armed);
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

/// The wall clock, for what is written into dumps. Never used to measure how long something took.
pub(super) fn unix_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_millis() as u64)
}
