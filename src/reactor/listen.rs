//! Listening sockets: binding them, and accepting connections without spinning when descriptors run out.
//!
//! When that happens, the connections stay in the kernel's queue until [`Listener::retry`]. Failures are for the
//! operator to solve, and are reported once.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use mio::event::Source;
use mio::net::{TcpListener, TcpStream};
use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use crate::limits::BACKLOG_CONNECTIONS_MAX;
use crate::sessions::Role;
use crate::trial::Trial;

/// It is not possible to listen on one of the addresses.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}; {}", self.mend())]
pub struct BindError {
    pub address: SocketAddr,
    pub source: io::Error,
}

impl BindError {
    fn mend(&self) -> &'static str {
        match Errno::from_io_error(&self.source) {
            Some(Errno::ACCESS | Errno::PERM) => {
                "ports below net.ipv4.ip_unprivileged_port_start need the capability CAP_NET_BIND_SERVICE \
                 (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE), or change server.listen"
            }
            Some(Errno::ADDRINUSE) => "change server.listen or end what holds that port",
            Some(Errno::ADDRNOTAVAIL) => "change server.listen to an address of this machine",
            _ => "change server.listen",
        }
    }
}

/// An address that this process has, and does not listen on yet: until then the kernel gives its connections to others
/// that share the address, or refuses them.
pub struct Bound {
    socket: Socket,
    address: SocketAddr,
}

/// Takes every address. `[::]` includes IPv4; on a machine without IPv6 it becomes `0.0.0.0`.
///
/// # Errors
/// For the operator to solve: an address is taken, does not belong to this machine, or is not allowed.
pub fn bind(addresses: &[SocketAddr]) -> Result<Vec<Bound>, BindError> {
    let one = |&address: &SocketAddr| match with_fallback(address, socket) {
        Ok(socket) => Ok(Bound { socket, address }),
        Err(source) => Err(BindError { address, source }),
    };
    addresses.iter().map(one).collect()
}

/// Listens on every address. From now on connections wait for this process.
///
/// # Errors
/// For the operator to solve: another process listens there that does not share the address.
pub fn listen(bound: Vec<Bound>, role: Role) -> Result<Vec<Listener>, BindError> {
    let one = |Bound { socket, address }| match socket.listen(BACKLOG_CONNECTIONS_MAX) {
        Ok(()) => Ok(Listener::new(TcpListener::from_std(socket.into()), role)),
        Err(source) => Err(BindError { address, source }),
    };
    bound.into_iter().map(one).collect()
}

/// Tries every address without listening on it, so that a server that runs there loses no connection.
pub fn rehearse(addresses: &[SocketAddr]) -> Vec<Trial> {
    let one = |address: &SocketAddr| {
        let what = format!("listen {address}");
        match with_fallback(*address, socket) {
            Ok(_) => Trial::fine(what),
            Err(source) => {
                let error = BindError {
                    address: *address,
                    source,
                };
                Trial::refused(what, &error.source, error.mend())
            }
        }
    };
    addresses.iter().map(one).collect()
}

fn with_fallback(address: SocketAddr, open: fn(SocketAddr) -> io::Result<Socket>) -> io::Result<Socket> {
    match open(address) {
        Err(error) if is_any_v6(address) && no_ipv6(&error) => {
            let v4 = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port());
            log::warn!("this machine has no IPv6: listening on {v4} instead of {address}");
            open(v4)
        }
        done => done,
    }
}

fn is_any_v6(address: SocketAddr) -> bool {
    address.is_ipv6() && address.ip().is_unspecified()
}

fn no_ipv6(error: &io::Error) -> bool {
    [Errno::AFNOSUPPORT, Errno::ADDRNOTAVAIL]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

fn socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if is_any_v6(address) {
        socket.set_only_v6(false)?;
    }
    socket.set_reuse_address(true)?;
    // Several processes on one port share its connections: this is how the server grows beyond one core.
    socket.set_reuse_port(true)?;
    // Accepted connections inherit this. Frames are small, and each is to be sent at once.
    socket.set_tcp_nodelay(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// One listening socket, and what its connections are for.
pub struct Listener {
    socket: TcpListener,
    role: Role,
    queue: Queue,
}

/// Connections that wait in the kernel's queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Queue {
    /// There may be some.
    Waiting,
    /// There are none until the next event.
    Empty,
    /// There are not enough descriptors to accept them.
    Starved,
    /// Like starved, but `retry` has asked for another attempt.
    Retried,
}

/// What one accept brought.
#[derive(Debug)]
pub enum Accepted {
    Connection(TcpStream, SocketAddr),
    /// No connection waits, or there is no descriptor or no memory to accept one.
    Nobody,
}

impl Listener {
    fn new(socket: TcpListener, role: Role) -> Listener {
        Listener {
            socket,
            role,
            queue: Queue::Waiting,
        }
    }

    pub fn role(&self) -> Role {
        self.role
    }

    pub fn source(&mut self) -> &mut impl Source {
        &mut self.socket
    }

    /// # Errors
    /// The system's.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Whether it is worth calling accept.
    pub fn may_have_more(&self) -> bool {
        matches!(self.queue, Queue::Waiting | Queue::Retried)
    }

    /// Allows another attempt, because connections or descriptors may be available again.
    pub fn retry(&mut self) {
        self.queue = match self.queue {
            Queue::Waiting | Queue::Empty => Queue::Waiting,
            Queue::Starved | Queue::Retried => Queue::Retried,
        };
    }

    /// Accepts one connection. Connections that broke while they waited are skipped.
    pub fn accept(&mut self) -> Accepted {
        loop {
            match self.socket.accept() {
                Ok((stream, address)) => return Accepted::Connection(stream, address),
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => {
                        self.queue = Queue::Empty;
                        return Accepted::Nobody;
                    }
                    io::ErrorKind::Interrupted => {}
                    _ if is_of_the_peer(&error) => {}
                    _ => {
                        self.starve(&error);
                        return Accepted::Nobody;
                    }
                },
            }
        }
    }

    /// Nothing is tried again before `retry`, so this does not spin, and the operator is told only once.
    fn starve(&mut self, error: &io::Error) {
        if self.queue != Queue::Retried {
            log::warn!("connections have to wait: {error}; raise LimitNOFILE or lower max_connections");
        }
        self.queue = Queue::Starved;
    }
}

/// Errors of a connection that was waiting; it is gone together with its error (accept(2), "error handling").
fn is_of_the_peer(error: &io::Error) -> bool {
    const GONE: [Errno; 9] = [
        Errno::CONNABORTED,
        Errno::CONNRESET,
        Errno::NETDOWN,
        Errno::PROTO,
        Errno::NOPROTOOPT,
        Errno::HOSTDOWN,
        Errno::HOSTUNREACH,
        Errno::OPNOTSUPP,
        Errno::NETUNREACH,
    ];
    Errno::from_io_error(error).is_some_and(|errno| GONE.contains(&errno))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_address_takes_both_families() {
        let bound = bind(&["[::]:0".parse().unwrap()]).unwrap();
        let port = bound[0].socket.local_addr().unwrap().as_socket().unwrap().port();
        assert!(
            std::net::TcpStream::connect(("127.0.0.1", port)).is_err(),
            "a process that only starts takes no connection"
        );
        let mut listeners = listen(bound, Role::Sessions).unwrap();
        let _v4 = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        let Accepted::Connection(_, peer) = listeners[0].accept() else {
            panic!("a connection waits")
        };
        assert_eq!(peer.ip().to_canonical(), Ipv4Addr::LOCALHOST);
        assert!(matches!(listeners[0].accept(), Accepted::Nobody));
        assert!(!listeners[0].may_have_more());
    }

    #[test]
    fn an_address_of_another_machine_is_named_in_the_error() {
        let error = bind(&["203.0.113.7:80".parse().unwrap()]).err().unwrap();
        assert!(
            error.to_string().starts_with("cannot listen on 203.0.113.7:80: "),
            "{error}"
        );
    }
}
