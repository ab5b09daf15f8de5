//! Where the site is listened for: an address of this machine alone, or a socket in the file system.
//!
//! Other addresses are refused: what others may see goes through their own ssh or TLS proxy. A socket file that nobody
//! listens on is replaced, any other file is left alone. It belongs to this user only, and goes with the process.
use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// An address as it is written: `127.0.0.1:9464`, `[::1]:9464`, `localhost:9464`, or `unix:/run/view.sock`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Address, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            return match path.is_empty() {
                true => Err("name a file behind unix:".to_owned()),
                false => Ok(Address::Unix(path.into())),
            };
        }
        let number = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        let address: SocketAddr = number.as_deref().unwrap_or(text).parse().map_err(|_| {
            "write an address and a port of this machine, such as 127.0.0.1:9464, or unix:PATH".to_owned()
        })?;
        match address.ip().is_loopback() {
            true => Ok(Address::Tcp(address)),
            false => Err(format!(
                "{} can be reached from other machines; listen on 127.0.0.1 or unix:PATH, and let others come through \
                 ssh -L or a TLS proxy of yours (--public-url)",
                address.ip()
            )),
        }
    }
}

/// A socket that is listened on.
#[derive(Debug)]
pub enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener, SocketFile),
}

/// The file of a socket, which is removed at the end.
#[derive(Debug)]
pub struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        // There is nobody left to tell; the next start replaces it.
        let _ = fs::remove_file(&self.0);
    }
}

impl Listener {
    /// Listens.
    ///
    /// # Errors
    /// The address is taken, or may not be used.
    pub fn bind(address: &Address) -> io::Result<Listener> {
        let listener = match address {
            Address::Tcp(address) => Listener::Tcp(TcpListener::bind(address)?),
            Address::Unix(path) => {
                make_way(path)?;
                let listener = UnixListener::bind(path)?;
                let file = SocketFile(path.clone());
                fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
                Listener::Unix(listener, file)
            }
        };
        match &listener {
            Listener::Tcp(socket) => socket.set_nonblocking(true)?,
            Listener::Unix(socket, _) => socket.set_nonblocking(true)?,
        }
        Ok(listener)
    }

    /// What a browser's URL has as host and port. For a socket file that is the other end of a tunnel.
    pub fn authority(&self) -> io::Result<String> {
        match self {
            Listener::Tcp(socket) => Ok(socket.local_addr()?.to_string()),
            Listener::Unix(..) => Ok(format!("localhost:{TUNNEL_PORT}")),
        }
    }
}

/// The port that the help tells for tunnels.
pub const TUNNEL_PORT: u16 = 9464;

fn make_way(path: &Path) -> io::Result<()> {
    let is_socket = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type().is_socket(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if is_socket && UnixStream::connect(path).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused) {
        return fs::remove_file(path);
    }
    let why = match is_socket {
        true => "another process listens there",
        false => "there is a file by this name that is no socket",
    };
    Err(io::Error::new(io::ErrorKind::AddrInUse, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_can_be_listened_on() {
        let tcp = |text: &str| Ok(Address::Tcp(text.parse().unwrap()));
        assert_eq!("127.0.0.1:1".parse(), tcp("127.0.0.1:1"));
        assert_eq!("[::1]:0".parse(), tcp("[::1]:0"));
        assert_eq!("localhost:7".parse(), tcp("127.0.0.1:7"));
        assert_eq!("unix:a/b".parse(), Ok(Address::Unix("a/b".into())));
        for text in [
            "0.0.0.0:1",
            "[::]:1",
            "192.0.2.1:80",
            "127.0.0.1",
            "9464",
            "unix:",
            "example.org:1",
            "",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_socket_file_is_this_users_and_goes_at_the_end_and_no_other_file_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("view.sock");
        let address = Address::Unix(path.clone());
        let listener = Listener::bind(&address).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let taken = Listener::bind(&address).unwrap_err();
        assert!(taken.to_string().contains("another process listens"), "{taken}");
        drop(listener);
        assert!(!path.exists());
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists(), "a killed process leaves it");
        drop(Listener::bind(&address).expect("it is replaced"));
        fs::write(&path, "mine").unwrap();
        assert!(Listener::bind(&address).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"mine");
    }
}
