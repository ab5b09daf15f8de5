//! The request head, and all answers that are not a WebSocket: errors, health, "not here".
//!
//! A body that follows a request is read and dropped. There is no keep-alive: each answer ends the connection. No
//! extension of the WebSocket protocol is used, and no header names this program. Limits: the caller bounds the bytes
//! of a head; its lines are bounded by [`HEADER_LINES_MAX`]. Failures: [`Answer`] values, all the peer's fault except
//! `Unavailable`.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::policy::Admission;
use crate::limits::{HEADER_LINES_MAX, RETRY_AFTER_S};

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

/// Why a request is answered with plain HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Healthy,
    BadRequest,
    NotFound,
    MethodNotAllowed,
    HeadTooSlow,
    UpgradeRequired,
    HeadTooLarge,
    Unavailable,
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
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Option<Request<'a>>, Answer> {
        let mut headers = vec![httparse::EMPTY_HEADER; HEADER_LINES_MAX];
        let mut request = httparse::Request::new(&mut headers);
        let complete = match request.parse(bytes) {
            Ok(status) => status.is_complete(),
            Err(httparse::Error::TooManyHeaders) => return Err(Answer::HeadTooLarge),
            Err(_) => return Err(Answer::BadRequest),
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

    /// The elements of a comma-separated header from all its lines, without blanks around them (RFC 9110, section
    /// 5.6.1).
    pub(super) fn elements(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.values(name)
            .flat_map(|value| value.split(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii)
    }

    /// Decides what to do, except whether a session is let in.
    pub(super) fn wish(&self) -> Wish<'a> {
        let head_only = self.method == "HEAD";
        let answer = match self.upgrade_key() {
            Some(Ok(key)) => return Wish::Upgrade(key),
            Some(Err(answer)) => answer,
            None => self.plain_answer(),
        };
        Wish::Plain { answer, head_only }
    }

    fn plain_answer(&self) -> Answer {
        match self.method {
            _ if !self.has_valid_host() => Answer::BadRequest,
            "GET" | "HEAD" if path_of(self.target) == "/healthcheck" => Answer::Healthy,
            "GET" | "HEAD" => Answer::NotFound,
            _ => Answer::MethodNotAllowed,
        }
    }

    /// The key of a WebSocket upgrade, checked as RFC 6455, section 4.2.1, requires. `None` if this is not an upgrade.
    fn upgrade_key(&self) -> Option<Result<&'a [u8], Answer>> {
        let has = |name, token: &[u8]| self.elements(name).any(|element| element.eq_ignore_ascii_case(token));
        if !has("upgrade", b"websocket") {
            return None;
        }
        let mut versions = self.elements("sec-websocket-version");
        let mut keys = self.values("sec-websocket-key");
        Some(if self.method != "GET" {
            Err(Answer::MethodNotAllowed)
        } else if self.minor_version == 0 || !has("connection", b"upgrade") || !self.has_valid_host() || self.has_body()
        {
            Err(Answer::BadRequest)
        } else if versions.next() != Some(b"13") || versions.next().is_some() {
            Err(Answer::UpgradeRequired)
        } else {
            match (keys.next(), keys.next()) {
                (Some(key), None) if is_key(key.trim_ascii()) => Ok(key.trim_ascii()),
                _ => Err(Answer::BadRequest),
            }
        })
    }

    /// Checks that there is exactly one `Host`, except in HTTP/1.0 (RFC 9112, section 3.2).
    fn has_valid_host(&self) -> bool {
        let hosts = self.values("host").count();
        hosts == 1 || (hosts == 0 && self.minor_version == 0)
    }

    /// Whether a body follows. Its bytes would be mistaken for frames.
    fn has_body(&self) -> bool {
        self.values("transfer-encoding").next().is_some() || self.values("content-length").any(|length| length != b"0")
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

    fn status(self) -> &'static str {
        match self {
            Answer::Healthy => "200 OK",
            Answer::BadRequest => "400 Bad Request",
            Answer::NotFound => "404 Not Found",
            Answer::MethodNotAllowed => "405 Method Not Allowed",
            Answer::HeadTooSlow => "408 Request Timeout",
            Answer::UpgradeRequired => "426 Upgrade Required",
            Answer::HeadTooLarge => "431 Request Header Fields Too Large",
            Answer::Unavailable => "503 Service Unavailable",
        }
    }

    /// The whole response. It tells the peer that the connection ends with it.
    pub(super) fn response(self, head_only: bool) -> Vec<u8> {
        let body = match self {
            Answer::Healthy => String::new(),
            _ => format!("{}\n", self.status()),
        };
        let mut response = format!("HTTP/1.1 {}\r\n{}", self.status(), self.own_headers());
        if !body.is_empty() {
            response += "Content-Type: text/plain; charset=utf-8\r\n";
        }
        response += &format!("Cache-Control: no-store\r\nContent-Length: {}\r\n\r\n", body.len());
        if !head_only {
            response += &body;
        }
        response.into_bytes()
    }

    fn own_headers(self) -> String {
        match self {
            Answer::MethodNotAllowed => "Allow: GET, HEAD\r\nConnection: close\r\n".to_string(),
            Answer::UpgradeRequired => {
                "Upgrade: websocket\r\nConnection: upgrade, close\r\nSec-WebSocket-Version: 13\r\n".to_string()
            }
            Answer::Unavailable => format!("Retry-After: {RETRY_AFTER_S}\r\nConnection: close\r\n"),
            _ => "Connection: close\r\n".to_string(),
        }
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
