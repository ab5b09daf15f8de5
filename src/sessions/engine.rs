//! The engine itself: what it owns, which connections it accepts, and when it has to be called.
//!
//! What it does with one connection stands in `turn` and `seal`, what it does with the disk in `disk`, and how it ends
//! in `stop`. A call that names a connection which is gone does nothing.

use std::cell::Cell;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::batch::Batch;
use super::command::{Cause, Command, Now, Role};
use super::options::{HostOptions, SessionLimits};
use super::peer::{Peer, Release};
use super::room::{Room, UPKEEP_INTERVAL};
use super::slots::{Key, Slots};
use super::tally::Tally;
use super::timers::Timers;
use super::unsealed::Unsealed;
use crate::connection::{Admission, Connection, Policy};
use crate::limits::SURPLUS_CONNECTIONS_MAX;
use crate::spool::{Place, SpoolOptions, Sync};

/// What an operator decides about sessions.
pub struct Options {
    pub policy: Policy,
    /// Goes into the ticket of each dump.
    pub host: HostOptions,
    pub limits: SessionLimits,
    /// How little free space the spool's disk may have, and how long lines may wait before they are written.
    pub spool: SpoolOptions,
    /// The number of connections at a time; those beyond it get a 503.
    pub capacity: usize,
    /// How long peers may take to answer the close frame when the server stops.
    pub farewell_time: Duration,
}

/// All connections and what is done with them.
pub struct Engine {
    pub(super) options: Options,
    pub(super) place: Arc<Place>,
    pub(super) sync: Sync,
    pub(super) peers: Slots<Peer>,
    pub(super) timers: Timers,
    /// Connections that have something to do for which no event will be raised.
    pub(super) run_list: VecDeque<Key>,
    /// Connections to visit when the disk may have room again. Their own state says whether it still refuses their
    /// lines.
    pub(super) refused: Vec<Key>,
    /// Connections to visit when their flush interval is over, oldest first. Their own state says whether lines still
    /// wait.
    pub(super) buffered: VecDeque<(Instant, Key)>,
    pub(super) unsealed: Vec<Unsealed>,
    /// The number of unsealed dumps whose connection is gone.
    pub(super) outlived: usize,
    pub(super) partial: usize,
    pub(super) room: Room,
    pub(super) batch: Batch,
    pub(super) tally: Tally,
    pub(super) outbox: VecDeque<Command>,
    pub(super) next_upkeep: Instant,
    /// Set by `stop`: the time at which peers that have not answered the close frame are dropped.
    pub(super) stopping: Option<Instant>,
    pub(super) checked_turns: Cell<u32>,
}

impl Engine {
    /// The engine records into `place`. It tells `sync` whenever something was written.
    pub fn new(options: Options, place: Arc<Place>, sync: Sync, now: Instant) -> Engine {
        Engine {
            options,
            place,
            sync,
            peers: Slots::new(),
            timers: Timers::default(),
            run_list: VecDeque::new(),
            refused: Vec::new(),
            buffered: VecDeque::new(),
            unsealed: Vec::new(),
            outlived: 0,
            partial: 0,
            room: Room::Enough,
            batch: Batch::default(),
            tally: Tally::default(),
            outbox: VecDeque::new(),
            next_upkeep: now,
            stopping: None,
            checked_turns: Cell::default(),
        }
    }

    /// Whether there is room for one more connection, even if only to tell it that there is no room for its session.
    pub fn may_accept(&self) -> bool {
        self.stopping.is_none() && self.taken() < self.options.capacity + SURPLUS_CONNECTIONS_MAX
    }

    /// Connections, and dumps that the disk refuses to seal and whose connection is gone. Each of them keeps
    /// descriptors.
    fn taken(&self) -> usize {
        self.peers.len() + self.outlived
    }

    /// Accepts a connection; `None` if there is no room. The address is `None` if the transport has no addresses.
    pub fn accept(&mut self, role: Role, address: Option<IpAddr>, now: Now) -> Option<Key> {
        if !self.may_accept() {
            return None;
        }
        let admission = match self.taken() < self.options.capacity {
            true => Admission::Open,
            false => Admission::Unavailable,
        };
        let connection = match role {
            Role::Sessions => Connection::new(address, now.instant),
        };
        let key = self.peers.insert(Peer::new(connection, admission));
        self.arm(key, now.instant);
        Some(key)
    }

    /// Takes the next thing that the driver is to do.
    pub fn next_command(&mut self) -> Option<Command> {
        self.outbox.pop_front()
    }

    /// Bytes for the peer that may be sent now. There are none while lines that they could acknowledge are not in the
    /// file.
    pub fn unsent(&self, key: Key) -> &[u8] {
        let is_early = self.batch.owner == Some(key);
        debug_assert!(!is_early, "a connection has no answers before its turn has ended");
        match self.peers.get(key) {
            Some(peer) if !is_early => peer.released(),
            _ => &[],
        }
    }

    /// To be called when the socket has taken `count` of the unsent bytes.
    pub fn sent(&mut self, key: Key, count: usize) {
        if let Some(peer) = self.peers.get_mut(key) {
            peer.note_sent(count);
            if peer.unsent_bytes() == 0 {
                self.release(key);
            }
        }
    }

    /// To be called when the socket takes nothing any more. What the peer has sent before is still read to its end.
    pub fn deaf(&mut self, key: Key) {
        if let Some(peer) = self.peers.get_mut(key) {
            peer.note_deaf();
            self.run_again(key);
        }
    }

    /// Asks the driver to send what may be sent now.
    pub(super) fn release(&mut self, key: Key) {
        match self.peers.get_mut(key).map(Peer::release) {
            Some(Release::Bytes) => self.outbox.push_back(Command::Send(key)),
            Some(Release::Finish) => self.outbox.push_back(Command::Finish(key)),
            Some(Release::Nothing) | None => {}
        }
    }

    /// Puts a connection on the run list, unless it must not be read because of the disk.
    pub(super) fn run_again(&mut self, key: Key) {
        if let Some(peer) = self.peers.get_mut(key)
            && peer.lines.may_grow()
            && !std::mem::replace(&mut peer.is_runnable, true)
        {
            self.run_list.push_back(key);
        }
    }

    /// Asks the driver to read every connection on the run list again, each once.
    pub fn run(&mut self) {
        for key in std::mem::take(&mut self.run_list) {
            if let Some(peer) = self.peers.get_mut(key) {
                peer.is_runnable = false;
                self.outbox.push_back(Command::ReadAgain(key));
            }
        }
    }

    /// Gives a turn to every connection whose deadline has passed.
    pub fn expire(&mut self, now: Now) {
        while let Some((at, key)) = self.timers.pop_due(now.instant) {
            let Some(peer) = self.peers.get_mut(key).filter(|peer| peer.armed == Some(at)) else {
                continue;
            };
            peer.armed = None;
            if !peer.lines.may_grow() {
                // It is silent because we do not read it, so this is not its fault.
                let later = now.instant + UPKEEP_INTERVAL;
                self.timers.arm(key, Some(later), &mut peer.armed);
                continue;
            }
            match peer.connection.deadline(&self.options.policy.limits) {
                Some(deadline) if deadline <= now.instant => self.turn(key, Cause::Deadline, now),
                _ => self.arm(key, now.instant),
            }
        }
    }

    /// Makes sure that the timers notice a connection's deadline.
    ///
    /// The timer entry is never later than the next ping. Deadlines beyond that move earlier with each pong, and each
    /// such move would leave a stale entry behind.
    pub(super) fn arm(&mut self, key: Key, now: Instant) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        let limits = &self.options.policy.limits;
        let deadline = peer
            .connection
            .deadline(limits)
            .map(|at| at.min(now + limits.ping_interval.0));
        self.timers.arm(key, deadline, &mut peer.armed);
    }

    /// When something is due next; a moment in the past if something is due now.
    pub fn next_wake(&self, now: Instant) -> Instant {
        if !self.run_list.is_empty() {
            return now;
        }
        let buffered = self.buffered.front().map(|(until, _)| *until);
        [self.timers.next(), buffered, self.stopping]
            .into_iter()
            .flatten()
            .fold(self.next_upkeep, Instant::min)
    }
}
