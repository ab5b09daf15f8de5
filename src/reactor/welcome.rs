//! New connections: taken a bounded number at a time, refused in words when there are too many.
//!
//! When descriptors run out those who wait keep waiting in the kernel's queue; nothing here spins.

use std::net::SocketAddr;

use mio::net::TcpStream;
use mio::{Interest, Token};

use super::core::Reactor;
use super::listen::{self, Accepted};
use super::peer::Peer;
use super::socket::Socket;
use crate::connection::Connection;
use crate::limits::{ACCEPTS_PER_TURN_MAX, SURPLUS_CONNECTIONS_MAX};

impl Reactor {
    /// Somebody may be waiting, and there is room.
    pub(super) fn may_accept(&self) -> bool {
        self.stopping.is_none()
            && self.accepting.contains(&true)
            && self.peers.len() < self.options.capacity + SURPLUS_CONNECTIONS_MAX
    }

    /// Takes waiting connections, a bounded number in one go.
    pub(super) fn accept(&mut self) {
        for index in 0..self.parts.listeners.len() {
            for _ in 0..ACCEPTS_PER_TURN_MAX {
                if !self.may_accept() || !self.accepting[index] {
                    break;
                }
                match listen::accept(&self.parts.listeners[index]) {
                    Accepted::Connection(stream, address) => self.welcome(stream, address),
                    Accepted::Nobody => {
                        self.accepting[index] = false;
                        self.starved = false;
                    }
                    Accepted::Exhausted(error) => {
                        // Upkeep sets the flag again, so this is tried once a second and does not spin.
                        self.accepting[index] = false;
                        if !std::mem::replace(&mut self.starved, true) {
                            log::warn!("connections have to wait: {error}; raise LimitNOFILE or lower max_connections");
                        }
                    }
                }
            }
        }
    }

    fn welcome(&mut self, stream: TcpStream, address: SocketAddr) {
        // A dump that the disk refuses to seal may have outlived its connection, and keeps its descriptor and its lines.
        let surplus = self.peers.len() + self.unsealed.len() >= self.options.capacity;
        let connection = Connection::new(address.ip(), self.now);
        let key = self.peers.insert(Peer::new(Socket::new(stream), connection, surplus));
        let peer = self.peers.get_mut(key).expect("the peer was inserted above");
        let interest = Interest::READABLE | Interest::WRITABLE;
        // Both directions are registered once, which saves changing the interest whenever a socket fills up.
        if let Err(error) = self
            .poll
            .registry()
            .register(peer.socket().stream(), Token(key.to_token()), interest)
        {
            log::debug!("a connection cannot be watched: {error}");
            self.peers.remove(key);
            return;
        }
        self.arm(key);
    }
}
