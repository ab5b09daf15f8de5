//! Listening sockets: binding them, and taking connections off them without spinning when descriptors run out.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use mio::net::{TcpListener, TcpStream};
use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use crate::limits::BACKLOG_CONNECTIONS_MAX;

/// One address could not be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}; change server.listen or end what holds that port")]
pub struct BindError {
    pub address: SocketAddr,
    pub source: io::Error,
}

/// Listens on every address. `[::]` takes IPv4 as well, and becomes `0.0.0.0` on a machine without IPv6.
///
/// # Errors
/// The operator's: an address is taken, not this machine's, or not allowed.
pub fn bind(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, BindError> {
    addresses.iter().map(|&address| bind_one(address)).collect()
}

fn bind_one(address: SocketAddr) -> Result<TcpListener, BindError> {
    let listener = match listener(address) {
        Err(error) if is_any_v6(address) && no_ipv6(&error) => {
            let v4 = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port());
            log::warn!("this machine has no IPv6: listening on {v4} instead of {address}");
            listener(v4)
        }
        done => done,
    };
    listener.map_err(|source| BindError { address, source })
}

fn is_any_v6(address: SocketAddr) -> bool {
    address.is_ipv6() && address.ip().is_unspecified()
}

fn no_ipv6(error: &io::Error) -> bool {
    [Errno::AFNOSUPPORT, Errno::ADDRNOTAVAIL]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

fn listener(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if is_any_v6(address) {
        socket.set_only_v6(false)?;
    }
    socket.set_reuse_address(true)?;
    // More processes on one port share its connections: that is how the server grows beyond one core.
    socket.set_reuse_port(true)?;
    // Accepted connections inherit this. Frames are small and each is to leave at once.
    socket.set_tcp_nodelay(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG_CONNECTIONS_MAX)?;
    Ok(TcpListener::from_std(socket.into()))
}

/// What one accept brought.
#[derive(Debug)]
pub enum Accepted {
    Connection(TcpStream, SocketAddr),
    /// Nobody waits.
    Nobody,
    /// No descriptor or no memory: those who wait keep waiting in the kernel's queue until some are given back.
    Exhausted(io::Error),
}

/// Takes one connection. Those that broke while they waited are passed over.
pub fn accept(listener: &TcpListener) -> Accepted {
    loop {
        return match listener.accept() {
            Ok((stream, address)) => Accepted::Connection(stream, address),
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock => Accepted::Nobody,
                io::ErrorKind::Interrupted => continue,
                _ if is_of_the_peer(&error) => continue,
                _ => Accepted::Exhausted(error),
            },
        };
    }
}

/// Errors that belong to the connection that was waiting and is gone with them (accept(2), "error handling").
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
        let listeners = bind(&["[::]:0".parse().unwrap()]).unwrap();
        let port = listeners[0].local_addr().unwrap().port();
        let _v4 = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        let Accepted::Connection(_, peer) = accept(&listeners[0]) else {
            panic!("a connection waits")
        };
        assert_eq!(peer.ip().to_canonical(), Ipv4Addr::LOCALHOST);
        assert!(matches!(accept(&listeners[0]), Accepted::Nobody));
    }

    #[test]
    fn an_address_of_another_machine_is_named_in_the_error() {
        let error = bind(&["203.0.113.7:80".parse().unwrap()]).unwrap_err();
        assert!(
            error.to_string().starts_with("cannot listen on 203.0.113.7:80: "),
            "{error}"
        );
    }
}
