//! The request head, and all answers that are not a WebSocket: errors, health, "not here".
//!
//! A body that follows a request is read and dropped. There is no keep-alive: each answer ends the connection. No
//! extension of the WebSocket protocol is used, and no header names this program. Limits: the caller bounds the bytes
//! of a head; its lines are bounded by [`HEADER_LINES_MAX`]. Failures: [`Mistake`]s, which the answer explains.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::mistake::Mistake;
use super::policy::Admission;
use super::refusal::Refusal;
use super::status::Status;
use crate::limits::HEADER_LINES_MAX;

#[cfg(test)]
mod tests;

/// A parsed request head, borrowed from the bytes it came in.
#[derive(Debug)]
pub(super) struct Request<'a> {
    method: &'a str,
    /// The request target as it came (RFC 9112, section 3.2).
    pub(super) target: &'a str,
    minor_version: u8,
    headers: Vec<httparse::Header<'a>>,
}

/// How a request is answered with plain HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Healthy,
    NotFound,
    MethodNotAllowed,
    HeadTooSlow,
    Unavailable,
    Mistaken(Mistake),
}

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wish<'a> {
    /// A WebSocket, with this key.
    Upgrade(&'a [u8]),
    /// A plain answer, without its body if the request was a HEAD.
    Plain { answer: Answer, head_only: bool },
}

/// The length of the request head in `bytes`, including its final empty line. An earlier call has searched the first
/// `seen` bytes.
pub(super) fn head_len(bytes: &[u8], seen: usize) -> Option<usize> {
    // The parser skips empty lines before a request (RFC 9112, section 2.2), so they do not end it.
    let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?;
    let from = seen.saturating_sub(2).max(start);
    memchr::memchr_iter(b'\n', &bytes[from..])
        .map(|at| from + at)
        .find_map(|at| match bytes[at + 1..] {
            [b'\n', ..] => Some(at + 2),
            [b'\r', b'\n', ..] => Some(at + 3),
            _ => None,
        })
}

impl<'a> Request<'a> {
    /// Parses a head. `None` means that its end is missing.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Option<Request<'a>>, Mistake> {
        let mut headers = vec![httparse::EMPTY_HEADER; HEADER_LINES_MAX];
        let mut request = httparse::Request::new(&mut headers);
        let complete = match request.parse(bytes) {
            Ok(status) => status.is_complete(),
            Err(httparse::Error::TooManyHeaders) => return Err(Mistake::HeadTooLarge),
            Err(_) => return Err(Mistake::of_bytes(bytes)),
        };
        let (Some(method), Some(target), Some(minor_version)) = (request.method, request.path, request.version) else {
            return Ok(None);
        };
        let lines = request.headers.len();
        headers.truncate(lines);
        Ok(complete.then_some(Request {
            method,
            target,
            minor_version,
            headers,
        }))
    }

    /// The values of a header, one for each of its lines, in the order in which they came.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value)
    }

    /// The elements of a comma-separated header from all its lines, without blanks around them. Empty ones do not count
    /// (RFC 9110, section 5.6.1).
    pub(super) fn elements(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.values(name)
            .flat_map(|value| value.split(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|element| !element.is_empty())
    }

    /// Decides what to do, except whether a session is let in.
    pub(super) fn wish(&self) -> Wish<'a> {
        let head_only = self.method == "HEAD";
        let answer = match self.upgrade_key() {
            Some(Ok(key)) => return Wish::Upgrade(key),
            Some(Err(mistake)) => Answer::Mistaken(mistake),
            None => self.plain_answer(),
        };
        Wish::Plain { answer, head_only }
    }

    fn plain_answer(&self) -> Answer {
        let is_get = matches!(self.method, "GET" | "HEAD");
        match self.host_mistake() {
            Some(mistake) => Answer::Mistaken(mistake),
            None if is_get && path_of(self.target) == "/healthcheck" => Answer::Healthy,
            None if self.values("sec-websocket-key").next().is_some() => Answer::Mistaken(Mistake::NoUpgrade),
            None if is_get => Answer::NotFound,
            None => Answer::MethodNotAllowed,
        }
    }

    /// The key of a WebSocket upgrade, checked as RFC 6455, section 4.2.1, requires. `None` if this is not an upgrade.
    fn upgrade_key(&self) -> Option<Result<&'a [u8], Mistake>> {
        self.has("upgrade", b"websocket").then(|| match self.upgrade_mistake() {
            Some(mistake) => Err(mistake),
            None => {
                let mut keys = self.values("sec-websocket-key").map(<[u8]>::trim_ascii);
                let key = keys.next().filter(|key| keys.next().is_none() && is_key(key));
                key.ok_or(Mistake::Key)
            }
        })
    }

    /// What is wrong with an upgrade apart from its key. What a proxy can have spoiled comes first.
    fn upgrade_mistake(&self) -> Option<Mistake> {
        let mut versions = self.elements("sec-websocket-version");
        if self.method != "GET" {
            Some(Mistake::Method)
        } else if self.minor_version == 0 {
            Some(Mistake::OldVersion)
        } else if !self.has("connection", b"upgrade") {
            Some(Mistake::NoConnection)
        } else if self.has_body() {
            Some(Mistake::Body)
        } else if versions.next() != Some(b"13") || versions.next().is_some() {
            self.host_mistake().or(Some(Mistake::Version))
        } else {
            self.host_mistake()
        }
    }

    /// Whether a header that is a list has this element.
    fn has(&self, name: &str, token: &[u8]) -> bool {
        self.elements(name).any(|element| element.eq_ignore_ascii_case(token))
    }

    /// There must be exactly one `Host`, except in HTTP/1.0 (RFC 9112, section 3.2).
    fn host_mistake(&self) -> Option<Mistake> {
        match self.values("host").count() {
            0 if self.minor_version > 0 => Some(Mistake::NoHost),
            0 | 1 => None,
            _ => Some(Mistake::ManyHosts),
        }
    }

    /// Whether a body follows. Its bytes would be mistaken for frames. A length may be repeated (RFC 9110, section
    /// 8.6) and may have zeros in front.
    fn has_body(&self) -> bool {
        let is_zero = |length: &[u8]| !length.is_empty() && length.iter().all(|digit| *digit == b'0');
        self.values("transfer-encoding").next().is_some()
            || self.values("content-length").any(|value| {
                !value
                    .split(|byte| *byte == b',')
                    .all(|length| is_zero(length.trim_ascii()))
            })
    }
}

/// Checks for 16 bytes in base64. Unused bits of the last character may be set, because some clients send 22 random
/// characters.
fn is_key(key: &[u8]) -> bool {
    let config = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&STANDARD, config)
        .decode(key)
        .is_ok_and(|bytes| bytes.len() == 16)
}

/// The path of a target, without the query. The target may be absolute (RFC 9112, section 3.2.2).
fn path_of(target: &str) -> &str {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let authority = ["http://", "https://"].iter().find_map(|scheme| {
        let (head, rest) = path.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    });
    match authority {
        Some(rest) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => path,
    }
}

impl Answer {
    /// A server that would refuse a session is not healthy.
    pub(super) fn under(self, admission: Admission) -> Answer {
        match (self, admission) {
            (Answer::Healthy, Admission::Unavailable) => Answer::Unavailable,
            (answer, _) => answer,
        }
    }

    pub(super) fn status(self) -> Status {
        match self {
            Answer::Healthy => Status::Ok,
            Answer::NotFound => Status::NotFound,
            Answer::MethodNotAllowed => Status::MethodNotAllowed,
            Answer::HeadTooSlow => Status::RequestTimeout,
            Answer::Unavailable => Status::Unavailable,
            Answer::Mistaken(mistake) => mistake.status(),
        }
    }

    /// What the operator is told of this answer. A request that asked for nothing here, or for nothing yet, is none of
    /// their business.
    pub(super) fn refusal(self) -> Option<Refusal> {
        match self {
            Answer::Mistaken(mistake) => Some(Refusal::Request(mistake)),
            Answer::Unavailable => Some(Refusal::NoRoom),
            Answer::Healthy | Answer::NotFound | Answer::MethodNotAllowed | Answer::HeadTooSlow => None,
        }
    }

    /// The whole response. It tells the peer that the connection ends with it.
    pub(super) fn response(self, head_only: bool) -> Vec<u8> {
        let status = self.status();
        let body = match self {
            Answer::Healthy => String::new(),
            Answer::Mistaken(mistake) => format!("{}\nThis request was refused: {mistake}.\n", status.line()),
            _ => format!("{}\n", status.line()),
        };
        let mut response = format!("HTTP/1.1 {}\r\n{}", status.line(), status.headers());
        if !body.is_empty() {
            response += "Content-Type: text/plain; charset=utf-8\r\n";
        }
        response += &format!("Cache-Control: no-store\r\nContent-Length: {}\r\n\r\n", body.len());
        if !head_only {
            response += &body;
        }
        response.into_bytes()
    }
}

/// The answer to an upgrade (RFC 6455, section 4.2.2). It names the sub-protocol if one was chosen, and never an
/// extension.
pub(super) fn switching_protocols(key: &[u8], protocol: Option<&str>) -> Vec<u8> {
    let accept = tungstenite::handshake::derive_accept_key(key);
    let mut response = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n"
    );
    if let Some(protocol) = protocol {
        response += &format!("Sec-WebSocket-Protocol: {protocol}\r\n");
    }
    response += "\r\n";
    response.into_bytes()
}

/// A token as RFC 9110, section 5.6.2, defines it.
pub(super) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty()
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}
