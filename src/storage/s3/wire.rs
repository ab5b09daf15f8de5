//! One connection: its bytes, plain or through TLS, with a limit for each silence and one for the whole request.
//!
//! A name is resolved by a thread of its own, because the system's resolver has no time limit; a thread that is given
//! up ends by itself when the resolver does. Of several addresses the one that answered last is tried first, and no
//! other gets more than a share of the time, so that one which swallows packets does not cost every request its limit.
//! Nothing here knows HTTP. Failures: [`WireError`].
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustls::{ClientConfig, ClientConnection, StreamOwned};

use super::origin::{Host, Origin};
use crate::limits::{S3_ADDRESS_S_MAX, S3_SILENCE_S_MAX};

/// What a request is written to and its answer read from.
pub trait Wire: Read + Write + Send {
    /// Reads without writing anything, not even what TLS holds back. It goes on where writing has failed: what came
    /// before the other side closed is still there.
    ///
    /// # Errors
    /// As of reading.
    fn hear(&mut self, buffer: &mut [u8]) -> io::Result<usize>;
}

/// Reads what came, and never writes.
pub struct Hearing<'a, W: ?Sized>(pub &'a mut W);

impl<W: Wire + ?Sized> Read for Hearing<'_, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.hear(buffer)
    }
}

impl<W: Wire + ?Sized> Wire for Box<W> {
    fn hear(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (**self).hear(buffer)
    }
}

impl<W: Wire> Wire for StreamOwned<ClientConnection, W> {
    fn hear(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.conn.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
            }
            self.conn.read_tls(&mut Hearing(&mut self.sock))?;
            self.conn.process_new_packets().map_err(io::Error::other)?;
        }
    }
}

/// Why there is no connection.
#[derive(Debug)]
pub enum WireError {
    /// The name has no address.
    Unresolved(String),
    Io(io::Error),
}

impl From<io::Error> for WireError {
    fn from(error: io::Error) -> WireError {
        WireError::Io(error)
    }
}

/// Makes connections, and remembers which addresses answer.
#[derive(Debug, Default)]
pub struct Dialler {
    answered: Mutex<Option<IpAddr>>,
}

/// A socket on which every wait ends.
struct Bounded {
    stream: TcpStream,
    deadline: Instant,
    reading: Duration,
    writing: Duration,
}

impl Dialler {
    /// Connects to `origin`, without TLS.
    ///
    /// # Errors
    /// No address takes the connection before the deadline.
    pub fn dial(&self, origin: &Origin, deadline: Instant) -> Result<impl Wire + use<>, WireError> {
        let connecting = deadline.min(Instant::now() + SILENCE);
        let mut addresses = addresses(origin, connecting)?;
        let answered = *self.answered();
        addresses.sort_by_key(|address| Some(address.ip()) != answered);
        let stream = first_that_answers(&addresses, connecting)?;
        if addresses.len() > 1 {
            *self.answered() = stream.peer_addr().ok().map(|address| address.ip());
        }
        // The end of a request must not wait for the acknowledgement of what went before it.
        stream.set_nodelay(true)?;
        Ok(Bounded::new(stream, deadline)?)
    }

    fn answered(&self) -> std::sync::MutexGuard<'_, Option<IpAddr>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// TLS over `wire`, once the server has shown the certificate of `host`.
///
/// # Errors
/// The handshake's; those of certificates are rustls' own words.
pub fn secured<W: Wire>(mut wire: W, host: &Host, config: &Arc<ClientConfig>) -> io::Result<impl Wire + use<W>> {
    let name = host
        .certified()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no certificate can have this host's name"))?;
    let mut session = ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
    while session.is_handshaking() {
        session.complete_io(&mut wire)?;
    }
    Ok(StreamOwned::new(session, wire))
}

fn addresses(origin: &Origin, until: Instant) -> Result<Vec<SocketAddr>, WireError> {
    let name = match &origin.host {
        Host::Address(address) => return Ok(vec![SocketAddr::new(*address, origin.port)]),
        Host::Name(name) => name.clone(),
    };
    let (found, finding) = mpsc::sync_channel(1);
    let asked = (name.clone(), origin.port);
    thread::Builder::new()
        .name("resolver".to_owned())
        // The receiver may have given up.
        .spawn(move || drop(found.send(asked.to_socket_addrs().map(Vec::from_iter))))?;
    match finding.recv_timeout(until.saturating_duration_since(Instant::now())) {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Ok(_) => Err(WireError::Unresolved(name)),
        Err(_) => Err(WireError::Io(io::Error::new(
            io::ErrorKind::TimedOut,
            "no answer of the name server in time",
        ))),
    }
}

fn first_that_answers(addresses: &[SocketAddr], until: Instant) -> io::Result<TcpStream> {
    let mut last = io::ErrorKind::TimedOut.into();
    for (at, address) in addresses.iter().enumerate() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        let is_last = at + 1 == addresses.len();
        let share = if is_last { left } else { left.min(ADDRESS) };
        match TcpStream::connect_timeout(address, share) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

impl Bounded {
    fn new(stream: TcpStream, deadline: Instant) -> io::Result<Bounded> {
        stream.set_read_timeout(Some(SILENCE))?;
        stream.set_write_timeout(Some(SILENCE))?;
        Ok(Bounded {
            stream,
            deadline,
            reading: SILENCE,
            writing: SILENCE,
        })
    }

    /// What one wait may take now. The kernel is told only when that becomes less.
    fn allowed(&self) -> io::Result<Duration> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(left.min(SILENCE))
    }
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let allowed = self.allowed()?;
        if allowed < self.reading {
            self.stream.set_read_timeout(Some(allowed))?;
            self.reading = allowed;
        }
        self.stream.read(buffer)
    }
}

impl Wire for Bounded {
    fn hear(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read(buffer)
    }
}

impl Write for Bounded {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[io::IoSlice::new(buffer)])
    }

    fn write_vectored(&mut self, buffers: &[io::IoSlice<'_>]) -> io::Result<usize> {
        let allowed = self.allowed()?;
        if allowed < self.writing {
            self.stream.set_write_timeout(Some(allowed))?;
            self.writing = allowed;
        }
        self.stream.write_vectored(buffers)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const SILENCE: Duration = Duration::from_secs(S3_SILENCE_S_MAX);
const ADDRESS: Duration = Duration::from_secs(S3_ADDRESS_S_MAX);

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn an_address_that_refuses_does_not_hide_the_next() {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap();
        let refusing = gone.local_addr().unwrap();
        drop(gone);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let answering = listener.local_addr().unwrap();
        let until = Instant::now() + SILENCE;
        let stream = first_that_answers(&[refusing, answering], until).unwrap();
        assert_eq!(stream.peer_addr().unwrap(), answering);
        let error = first_that_answers(&[refusing], until).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn a_request_whose_time_is_over_neither_reads_nor_writes() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut wire = Bounded::new(stream, Instant::now()).unwrap();
        assert_eq!(wire.write(b"x").unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(wire.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn a_name_without_an_address_is_told_apart() {
        let origin = Origin::parse("http://dumps.invalid:9000").unwrap();
        let error = addresses(&origin, Instant::now() + SILENCE).unwrap_err();
        assert!(matches!(error, WireError::Unresolved(name) if name == "dumps.invalid"));
    }
}
