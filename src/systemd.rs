//! What the service manager is told (sd_notify(3)), and whether the journal reads our log (systemd.exec(5),
//! JOURNAL_STREAM).
//!
//! No failure here stops the server. A missing or wrong NOTIFY_SOCKET means that nobody waits for the message; this is
//! logged at debug level and otherwise ignored. Without systemd every function does nothing.
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use rustix::fs::fstat;

/// Tells the service manager that connections are accepted.
pub fn notify_ready() {
    notify("READY=1");
}

/// Tells the service manager that the server is shutting down on purpose.
pub fn notify_stopping() {
    notify("STOPPING=1");
}

/// Whether standard error is the journal's stream: JOURNAL_STREAM holds that stream's device and inode number. If a
/// service starts a process with redirected output, the process inherits the variable but not the stream.
pub fn under_journal() -> bool {
    std::env::var("JOURNAL_STREAM").is_ok_and(|stream| {
        fstat(std::io::stderr()).is_ok_and(|stat| stream == format!("{}:{}", stat.st_dev, stat.st_ino))
    })
}

fn notify(message: &str) {
    if let Some(socket) = std::env::var_os("NOTIFY_SOCKET").filter(|socket: &OsString| !socket.is_empty())
        && let Err(error) = send(&socket, message)
    {
        log::debug!("The service manager could not be told {message}: {error}");
    }
}

/// A name that starts with `@` is an abstract one (unix(7)): the sign stands for the leading zero byte.
fn send(socket: &OsStr, message: &str) -> io::Result<()> {
    let address = match socket.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(socket)?,
    };
    let datagram = UnixDatagram::unbound()?;
    // The caller is the loop thread, which a manager that does not read must not stop.
    datagram.set_nonblocking(true)?;
    datagram.send_to_addr(message.as_bytes(), &address)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(datagram: &UnixDatagram) -> String {
        let mut buffer = [0; 64];
        let length = datagram.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    #[test]
    fn a_socket_in_the_file_system_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        send(path.as_os_str(), "READY=1").unwrap();
        assert_eq!(received(&manager), "READY=1");
    }

    #[test]
    fn an_abstract_socket_is_told() {
        let name = format!("rtcstats-server-test-{}", std::process::id());
        let manager = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        send(OsStr::new(&format!("@{name}")), "STOPPING=1").unwrap();
        assert_eq!(received(&manager), "STOPPING=1");
    }

    #[test]
    fn a_manager_that_is_gone_is_an_error_and_nothing_more() {
        assert!(send(OsStr::new("/nonexistent/notify"), "READY=1").is_err());
        assert!(send(OsStr::new("@rtcstats-server-nobody-listens"), "READY=1").is_err());
    }
}
