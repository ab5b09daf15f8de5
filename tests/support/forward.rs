//! An HTTP forward proxy, as companies have one: requests in absolute form and CONNECT, with or without a password.
//!
//! It knows its own hosts, and leads each of them to an address of this machine; all others it answers with 502. It
//! notes each request's first line and what it was told about the user, and serves one request per connection. Threads
//! end with their connections or with the test.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::gate::head;

/// One request that came to the proxy.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method and its target: `CONNECT s3.example.org:443`, `PUT http://s3.example.org/dumps/a`.
    pub line: String,
    /// User and password, if they were sent: `user:password`.
    pub user: Option<String>,
    pub status: u16,
}

/// A running proxy on 127.0.0.1.
#[derive(Clone)]
pub struct Forward {
    address: SocketAddr,
    /// Where the hosts are, by their lower-case names without a port.
    hosts: Arc<BTreeMap<String, SocketAddr>>,
    /// What must be sent, if anything: `user:password`.
    user: Option<String>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Forward {
    /// A proxy that lets everyone through to these hosts.
    pub fn start(hosts: &[(&str, SocketAddr)]) -> Forward {
        Forward::start_for(None, hosts)
    }

    /// A proxy that asks for `user:password`.
    pub fn start_for(user: Option<&str>, hosts: &[(&str, SocketAddr)]) -> Forward {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let hosts = hosts.iter().map(|(name, address)| ((*name).to_owned(), *address));
        let forward = Forward {
            address: listener.local_addr().expect("an address"),
            hosts: Arc::new(hosts.collect()),
            user: user.map(str::to_owned),
            asked: Arc::default(),
        };
        let own = forward.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let forward = own.clone();
                // If a connection breaks, it is for the server under test to notice.
                thread::spawn(move || forward.serve(stream).ok());
            }
        });
        forward
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its address with this before the host, as it stands in a variable: `user:p%40ss`.
    pub fn url_for(&self, user: &str) -> String {
        format!("http://{user}@{}", self.address)
    }

    /// All requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn serve(&self, mut client: TcpStream) -> std::io::Result<()> {
        let head = String::from_utf8_lossy(&head(&mut client)?).into_owned();
        let mut lines = head.split("\r\n");
        let line = lines.next().unwrap_or_default();
        let (method, rest) = line.split_once(' ').unwrap_or_default();
        let target = rest.split(' ').next().unwrap_or_default();
        let headers: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        let user = headers.iter().find_map(|header| user_in(header));
        let place = self.place(method, target);
        let status = match &place {
            _ if self.user.is_some() && self.user != user => 407,
            None => 502,
            Some(_) => 200,
        };
        let asked = Asked {
            line: format!("{method} {target}"),
            user,
            status,
        };
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
        let (Some((authority, address)), 200) = (place, status) else {
            return write!(
                client,
                "HTTP/1.1 {status} No\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\n\
                 Connection: close\r\n\r\n"
            );
        };
        let mut server = TcpStream::connect(address)?;
        if method == "CONNECT" {
            client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
        } else {
            server.write_all(passed_on(method, target, authority, &headers).as_bytes())?;
        }
        join(client, server)
    }

    /// The authority that is meant, and where it is.
    fn place<'a>(&self, method: &str, target: &'a str) -> Option<(&'a str, SocketAddr)> {
        let authority = match method {
            "CONNECT" => target,
            _ => target.strip_prefix("http://")?.split(['/', '?']).next()?,
        };
        let name = match authority.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => authority,
        };
        Some((authority, *self.hosts.get(&name.to_ascii_lowercase())?))
    }
}

/// The user and password of a header, if it is the one for proxies.
fn user_in(header: &str) -> Option<String> {
    let (name, value) = header.split_once(':')?;
    let is_it = name.eq_ignore_ascii_case("proxy-authorization");
    let encoded = value.trim().strip_prefix("Basic ").filter(|_| is_it)?;
    String::from_utf8(STANDARD.decode(encoded).ok()?).ok()
}

/// The head as the server gets it: in origin form, with the host of the target (RFC 9112, section 3.2.2), and without
/// what was meant for the proxy.
fn passed_on(method: &str, target: &str, authority: &str, headers: &[&str]) -> String {
    let path = target.split_once(authority).map_or("/", |(_, path)| path);
    let slash = if path.starts_with('/') { "" } else { "/" };
    let is_kept = |header: &&&str| {
        let name = header.to_ascii_lowercase();
        !name.starts_with("proxy-") && !name.starts_with("host:")
    };
    let kept: String = headers
        .iter()
        .filter(is_kept)
        .map(|header| format!("{header}\r\n"))
        .collect();
    format!("{method} {slash}{path} HTTP/1.1\r\nHost: {authority}\r\n{kept}\r\n")
}

fn join(client: TcpStream, server: TcpStream) -> std::io::Result<()> {
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || pump(&mut from, &mut to));
    let (mut from, mut to) = (server, client);
    pump(&mut from, &mut to);
    Ok(())
}

fn pump(from: &mut (impl Read + ?Sized), to: &mut TcpStream) {
    // Either end may break the connection; the other one then sees its end.
    let _ = std::io::copy(from, to);
    let _ = to.shutdown(Shutdown::Write);
}
