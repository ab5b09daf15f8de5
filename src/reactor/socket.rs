//! The byte transport of one connection: a non-blocking TCP stream that is edge-triggered.
//!
//! The rule that says when an edge is used up stands here and nowhere else. Nothing here blocks, allocates or
//! interprets.

use std::io::{self, Read, Write};

use mio::net::TcpStream;

/// What one read brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Arrival {
    /// This many bytes; `drained` says that there will be no more until the next edge.
    Bytes { count: usize, drained: bool },
    /// There is nothing until the next edge.
    Nothing,
    /// The peer has finished sending, or the connection is broken: nothing will ever come again.
    End,
}

/// One connection's socket.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    /// An event said that the peer's direction is closed, so after a short read there may still be more to read.
    read_closed: bool,
}

impl Socket {
    pub fn new(stream: TcpStream) -> Socket {
        Socket {
            stream,
            read_closed: false,
        }
    }

    pub fn note_read_closed(&mut self) {
        self.read_closed = true;
    }

    /// Reads once into `scratch`.
    ///
    /// A read that does not fill the buffer has emptied the socket, and what comes later raises a new edge (epoll(7),
    /// question 9). Relying on this saves one call per message. A FIN that came together with data raises no edge of
    /// its own. So if the event had the read-closed flag, we read on to the end.
    pub fn read(&mut self, scratch: &mut [u8]) -> Arrival {
        loop {
            return match self.stream.read(scratch) {
                Ok(0) => Arrival::End,
                Ok(count) => Arrival::Bytes {
                    count,
                    drained: count < scratch.len() && !self.read_closed,
                },
                Err(error) => match error.kind() {
                    io::ErrorKind::Interrupted => continue,
                    io::ErrorKind::WouldBlock => Arrival::Nothing,
                    _ => Arrival::End,
                },
            };
        }
    }

    /// Writes as much as the socket takes; returns how much that was.
    ///
    /// # Errors
    /// The peer's: the connection is broken.
    pub fn write(&mut self, mut bytes: &[u8]) -> io::Result<usize> {
        let mut written = 0;
        while !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    written += count;
                    bytes = &bytes[count..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(written)
    }

    /// Tells the peer that nothing more will come, while we go on reading.
    pub fn finish_sending(&self) {
        // A peer that is gone already makes this fail, and then there is nobody to tell.
        let _ = self.stream.shutdown(std::net::Shutdown::Write);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn pair() -> (std::net::TcpStream, Socket) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let server = listener.accept().unwrap().0;
        server.set_nonblocking(true).unwrap();
        (client, Socket::new(TcpStream::from_std(server)))
    }

    fn read_when_there(socket: &mut Socket, scratch: &mut [u8]) -> Arrival {
        let guard = Instant::now() + Duration::from_secs(60);
        loop {
            match socket.read(scratch) {
                Arrival::Nothing => assert!(Instant::now() < guard, "nothing came"),
                arrival => return arrival,
            }
        }
    }

    #[test]
    fn a_short_read_has_emptied_the_socket() {
        let (mut client, mut socket) = pair();
        client.write_all(b"abc").unwrap();
        let arrival = read_when_there(&mut socket, &mut [0; 16]);
        assert_eq!(
            arrival,
            Arrival::Bytes {
                count: 3,
                drained: true
            }
        );
        assert_eq!(socket.read(&mut [0; 16]), Arrival::Nothing);
    }

    #[test]
    fn a_fin_behind_the_data_is_read_on_to() {
        let (mut client, mut socket) = pair();
        client.write_all(b"abc").unwrap();
        drop(client);
        socket.note_read_closed();
        let arrival = read_when_there(&mut socket, &mut [0; 16]);
        assert_eq!(
            arrival,
            Arrival::Bytes {
                count: 3,
                drained: false
            }
        );
        assert_eq!(socket.read(&mut [0; 16]), Arrival::End);
    }

    #[test]
    fn a_full_socket_takes_a_part() {
        let (_client, mut socket) = pair();
        let bytes = vec![0; 64 << 20];
        let written = socket.write(&bytes).unwrap();
        assert!(written > 0 && written < bytes.len());
        assert_eq!(socket.write(&bytes).unwrap(), 0);
    }
}
