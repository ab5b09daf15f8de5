//! The one way on which requests leave towards a store, a token service or a metadata service.
//!
//! A request goes to the origin that it names, over the proxy of the environment or directly, and nowhere else: no
//! redirect is followed, whatever the answer says. Every request has a connection of its own and is made once; trying
//! again is decided elsewhere. Limits: `S3_SILENCE_S_MAX` for connecting and for each silence, a time for the whole
//! request and a number of bytes for its answer, both given with it. Failures: [`Unanswered`]; an answer is never one,
//! whatever its status.
use std::fmt;
use std::io::{self, IoSlice};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::answer::{self, Answer, Body, Expect};
use super::origin::{Origin, Scheme};
use super::proxy::{Proxies, Proxy};
use super::wire::{Dialler, Hearing, Wire, WireError, secured};
use crate::limits::{S3_HEAD_BYTES_MAX, S3_TLS_S_MAX};
use crate::tls::{self, Check, Demands, Greeting, Versions};

/// Makes requests. It is built once, and all workers share it.
pub struct Transport {
    proxies: Proxies,
    dialler: Dialler,
    tls: Mutex<Option<(Instant, tls::Client)>>,
}

/// One request, as it goes over the wire. It has no `Debug`, because its headers carry signatures and tokens.
pub struct Request<'a> {
    pub method: Method,
    pub origin: &'a Origin,
    /// Path and query, percent-encoded: byte for byte what is sent, and what was signed.
    pub target: &'a str,
    /// Without `Host`, `Content-Length` and `Connection`.
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
    /// From resolving the name to the end of the answer.
    pub time: Duration,
    /// What is longer of the answer's body is not read.
    pub answer_bytes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Delete,
    Get,
    Head,
    Post,
    Put,
}

/// Why no answer came.
#[derive(Debug)]
pub enum Unanswered {
    /// This name has no address.
    Unresolved(String),
    /// The proxy of the environment cannot be used, or refuses.
    Proxy(String),
    /// Connecting or speaking failed.
    Io(io::Error),
    /// The server's certificate is not accepted.
    Certificate { error: io::Error, advice: String },
    /// There is an answer, but not one of HTTP.
    NotHttp,
    /// No certificates to check the server's with.
    Tls(String),
}

impl Transport {
    /// With the proxies of the environment. Connects to nobody yet.
    pub fn new() -> Transport {
        Transport::over(Proxies::of_environment())
    }

    /// Never over a proxy: for services of this machine.
    pub fn direct() -> Transport {
        Transport::over(Proxies::none())
    }

    fn over(proxies: Proxies) -> Transport {
        Transport {
            proxies,
            dialler: Dialler::default(),
            tls: Mutex::new(None),
        }
    }

    /// Makes one request, and reads its answer.
    ///
    /// # Errors
    /// No answer came.
    pub fn ask(&self, request: &Request<'_>) -> Result<Answer, Unanswered> {
        let mut body = Vec::new();
        let most = request.answer_bytes;
        let answer = self.fetch(request, &mut |_, piece| {
            body.extend_from_slice(&piece[..piece.len().min(most - body.len())]);
            if body.len() < most {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        Ok(answer.with_body(body))
    }

    /// Makes one request, and gives `sink` the answer's status with each piece of its body until that has enough.
    ///
    /// # Errors
    /// No answer came.
    pub fn fetch(
        &self,
        request: &Request<'_>,
        sink: &mut dyn FnMut(u16, &[u8]) -> ControlFlow<()>,
    ) -> Result<Answer, Unanswered> {
        let expect = match request.method {
            Method::Head => Expect::HeadAlone,
            _ => Expect::Body,
        };
        let (mut wire, written) = self.send(request)?;
        let Err(error) = written else {
            return answer::read(wire, expect, sink).map_err(Unanswered::from);
        };
        // A server may refuse and close before it has read everything. Then its answer says more than the broken pipe.
        // But nobody can have done what he has not heard to the end.
        match answer::read(Hearing(&mut *wire), expect, sink) {
            Ok(answer) if answer.status >= 300 => Ok(answer),
            _ => Err(Unanswered::from(error)),
        }
    }

    /// Makes one request with GET, and gives the body of its answer to be read; the time of the request holds for that
    /// as well.
    ///
    /// # Errors
    /// No answer came.
    pub fn download(&self, request: &Request<'_>) -> Result<(Answer, Body<Box<dyn Wire>>), Unanswered> {
        let (wire, written) = self.send(request)?;
        written.map_err(Unanswered::from)?;
        answer::begin(wire, Expect::Body).map_err(Unanswered::from)
    }

    /// Writes a request, and gives the connection with what became of that.
    fn send(&self, request: &Request<'_>) -> Result<(Box<dyn Wire>, io::Result<()>), Unanswered> {
        request.check().map_err(Unanswered::Io)?;
        let deadline = Instant::now() + request.time;
        let proxy = self.proxy(request.origin)?;
        let mut wire = self.connect(request.origin, proxy, deadline)?;
        let via = proxy.filter(|_| request.origin.scheme == Scheme::Http);
        let head = head(request, via);
        let written = write(&mut *wire, head.as_bytes(), request.body);
        Ok((wire, written))
    }

    /// The way to `origin`, in words for an operator; `None` if it is asked directly.
    ///
    /// # Errors
    /// The proxy cannot be used.
    pub fn way(&self, origin: &Origin) -> Result<Option<String>, Unanswered> {
        Ok(self.proxy(origin)?.map(Proxy::to_string))
    }

    /// A variable that names a proxy for other programs, but not here.
    pub fn ignored_variable(&self, origin: &Origin) -> Option<&'static str> {
        self.proxies.ignored(origin)
    }

    fn proxy(&self, origin: &Origin) -> Result<Option<&Proxy>, Unanswered> {
        let way = self.proxies.on_the_way(origin);
        way.map_err(|unusable| Unanswered::Proxy(unusable.to_string()))
    }

    fn connect(&self, origin: &Origin, proxy: Option<&Proxy>, deadline: Instant) -> Result<Box<dyn Wire>, Unanswered> {
        let Some(proxy) = proxy else {
            return self.open(origin, deadline);
        };
        let mut wire = self.open(&proxy.origin, deadline).map_err(|error| match error {
            Unanswered::Unresolved(_) => Unanswered::Proxy(format!("the name of the proxy {proxy} has no address")),
            error => Unanswered::Proxy(format!("the proxy {proxy} does not answer: {error}")),
        })?;
        match origin.scheme {
            Scheme::Http => Ok(wire),
            Scheme::Https => {
                tunnel(&mut *wire, origin, proxy)?;
                self.secure(wire, origin)
            }
        }
    }

    fn open(&self, origin: &Origin, deadline: Instant) -> Result<Box<dyn Wire>, Unanswered> {
        let wire = self.dialler.dial(origin, deadline).map_err(|error| match error {
            WireError::Unresolved(name) => Unanswered::Unresolved(name),
            WireError::Io(error) => Unanswered::from(error),
        })?;
        match origin.scheme {
            Scheme::Http => Ok(Box::new(wire)),
            Scheme::Https => self.secure(wire, origin),
        }
    }

    fn secure<W: Wire + 'static>(&self, wire: W, origin: &Origin) -> Result<Box<dyn Wire>, Unanswered> {
        let (config, advice) = self
            .tls()?
            .config()
            .map_err(|error| Unanswered::Tls(error.to_string()))?;
        match secured(wire, &origin.host, &Arc::new(config)) {
            Ok(wire) => Ok(Box::new(wire)),
            Err(error) => Err(match advice.take() {
                Some(advice) => Unanswered::Certificate { error, advice },
                None => Unanswered::from(error),
            }),
        }
    }

    /// Certificates that were replaced are seen after a short while, without reading them for each request.
    fn tls(&self) -> Result<tls::Client, Unanswered> {
        let mut held = self.tls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, tls)) = &*held
            && since.elapsed() < Duration::from_secs(S3_TLS_S_MAX)
        {
            return Ok(tls.clone());
        }
        let made = tls::Client::new(Demands {
            check: Check::Name,
            roots: None,
            setting: "SSL_CERT_FILE",
            versions: Versions::default(),
            greeting: Greeting::default(),
        });
        let tls = made.map_err(|error| Unanswered::Tls(error.to_string()))?;
        *held = Some((Instant::now(), tls.clone()));
        Ok(tls)
    }
}

impl Request<'_> {
    /// What would end a line of the head ends up in no head, wherever it comes from.
    fn check(&self) -> io::Result<()> {
        let is_line = |text: &str| !text.chars().any(|c| c.is_control() && c != '\t');
        let are_lines = self.headers.iter().all(|(name, value)| is_line(name) && is_line(value));
        if is_line(self.target) && are_lines {
            return Ok(());
        }
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "a header of the request has a control character, so it is not sent",
        ))
    }
}

impl From<io::Error> for Unanswered {
    fn from(error: io::Error) -> Unanswered {
        if answer::is_not_http(&error) {
            Unanswered::NotHttp
        } else {
            Unanswered::Io(error)
        }
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unanswered::Unresolved(name) => write!(f, "the name {name} has no address"),
            Unanswered::Proxy(why) | Unanswered::Tls(why) => f.write_str(why),
            Unanswered::Certificate { error, advice } => write!(f, "{error}; {advice}"),
            Unanswered::NotHttp => f.write_str("the answer is not one of an S3 server"),
            Unanswered::Io(error) => match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => f.write_str("no answer in time"),
                io::ErrorKind::UnexpectedEof => f.write_str("the connection was closed before the answer"),
                _ => error.fmt(f),
            },
        }
    }
}

impl Method {
    pub fn name(self) -> &'static str {
        match self {
            Method::Delete => "DELETE",
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transport")
    }
}

/// The head of a request. To a proxy that forwards it (`via`), it names the whole URL (RFC 9112, 3.2.2).
fn head(request: &Request<'_>, via: Option<&Proxy>) -> String {
    let Request {
        method,
        origin,
        target,
        headers,
        body,
        ..
    } = request;
    let whole = via.map_or(String::new(), |_| origin.to_string());
    let mut head = format!(
        "{} {whole}{target} HTTP/1.1\r\nHost: {}\r\n",
        method.name(),
        origin.authority()
    );
    if let Some(authorization) = via.and_then(|proxy| proxy.authorization.as_ref()) {
        head += &format!("Proxy-Authorization: {}\r\n", authorization.expose());
    }
    for (name, value) in *headers {
        head += &format!("{name}: {value}\r\n");
    }
    if matches!(method, Method::Put | Method::Post) || !body.is_empty() {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    head += "User-Agent: rtcstats-server\r\nConnection: close\r\n\r\n";
    head
}

/// Asks the proxy for a tunnel (RFC 9110, 9.3.6).
fn tunnel(wire: &mut dyn Wire, origin: &Origin, proxy: &Proxy) -> Result<(), Unanswered> {
    let target = format!("{}:{}", origin.host, origin.port);
    let authorization = proxy.authorization.as_ref();
    let authorization = authorization.map_or(String::new(), |value| {
        format!("Proxy-Authorization: {}\r\n", value.expose())
    });
    let head = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{authorization}\r\n");
    let refused = |told: &dyn fmt::Display| Unanswered::Proxy(format!("the proxy {proxy} {told}"));
    wire.write_all(head.as_bytes()).map_err(|error| refused(&error))?;
    let mut answer = Vec::new();
    // Byte by byte, because what follows belongs to TLS.
    while !answer.ends_with(b"\r\n\r\n") && answer.len() < S3_HEAD_BYTES_MAX {
        let mut byte = [0];
        wire.read_exact(&mut byte)
            .map_err(|error| match Unanswered::from(error) {
                Unanswered::Io(error) => refused(&format_args!("gives no tunnel: {}", Unanswered::Io(error))),
                other => other,
            })?;
        answer.extend(byte);
    }
    let answer = answer::read(&answer[..], Expect::HeadAlone, &mut |_, _| ControlFlow::Break(()));
    match answer.map(|answer| answer.status) {
        Ok(200..=299) => Ok(()),
        Ok(407) => Err(refused(
            &"answered with 407: it wants a user and a password in its URL, or others",
        )),
        Ok(status) => Err(refused(&format_args!("answered with {status}"))),
        Err(_) => Err(refused(&"is none: its answer is not one of HTTP")),
    }
}

/// A small body goes with the head in one call, and so does the beginning of a large one.
fn write(wire: &mut dyn Wire, mut head: &[u8], mut body: &[u8]) -> io::Result<()> {
    while !head.is_empty() || !body.is_empty() {
        let count = match wire.write_vectored(&[IoSlice::new(head), IoSlice::new(body)]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            count => count?,
        };
        let of_head = count.min(head.len());
        head = &head[of_head..];
        body = &body[count - of_head..];
    }
    wire.flush()
}

#[cfg(test)]
mod tests;
