//! A process that shows the calls of a server, and what is said to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use support::Server;

pub const CLOSE: &str = "Connection: close\r\n";

/// A process that shows the calls of a server.
pub struct Site {
    child: Child,
    /// Path and query of the printed URL, and its authority.
    pub entry: String,
    pub authority: String,
}

impl Site {
    pub fn start(server: &Server, arguments: &[&str]) -> Site {
        let mut command = server.command(&[&["view", "--listen"], arguments].concat());
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let url = lines.find_map(|line| {
            let line = line.expect("text");
            let at = line.find("http")?;
            Some(line[at..].trim().to_owned())
        });
        let url = url.expect("it prints its URL");
        let (authority, entry) = url
            .split_once("://")
            .and_then(|(_, rest)| rest.split_once('/'))
            .expect("a URL");
        Site {
            child,
            entry: format!("/{entry}"),
            authority: authority.to_owned(),
        }
    }

    /// One request with these further lines of its head; the answer.
    pub fn ask(&self, path: &str, further: &str) -> String {
        String::from_utf8_lossy(&self.bytes(path, further)).into_owned()
    }

    pub fn bytes(&self, path: &str, further: &str) -> Vec<u8> {
        let stream = TcpStream::connect(&self.authority).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time");
        exchange(
            stream,
            &format!(
                "GET {path} HTTP/1.1\r\nHost: {}\r\n{CLOSE}{further}\r\n",
                self.authority
            ),
        )
    }

    /// The line of a head that lets in.
    pub fn cookie(&self) -> String {
        let answer = self.ask(&self.entry, "");
        let cookie = answer
            .lines()
            .find_map(|line| line.strip_prefix("set-cookie: "))
            .expect("a cookie");
        format!("Cookie: {}\r\n", cookie.split(';').next().expect("a pair"))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn exchange(mut stream: impl Read + Write, request: &str) -> Vec<u8> {
    stream.write_all(request.as_bytes()).expect("it is sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    answer
}

pub fn told(stream: impl Read + Write, request: &str) -> String {
    String::from_utf8_lossy(&exchange(stream, request)).into_owned()
}

pub fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}
