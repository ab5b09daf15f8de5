//! One request as it came over the wire: the raw request line and headers, and what they mean.
//!
//! Percent signs are decoded once and nothing else is: a plus is a plus. Names of headers are compared without case.
//! Failures: a head that is no request of HTTP/1.1 gives `None`, and the connection is closed.

use std::io::{self, Read, Write};

/// A longer head is none of a client that we know.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// A request, and what came of it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    /// The second word of the request line, untouched.
    pub target: String,
    /// In their order, without blanks around values.
    pub headers: Vec<(String, String)>,
    /// Of a recorded request only the first [`Request::KEPT_BYTES`].
    pub body: Vec<u8>,
    pub body_length: usize,
    /// The status of the answer; zero for none.
    pub status: u16,
    /// Why the mock refused it: the code of its answer.
    pub refusal: Option<String>,
}

impl Request {
    /// So much of a body is recorded.
    pub const KEPT_BYTES: usize = 16 * 1024;

    /// Reads head and body. `None`: the peer has closed, or this is no request.
    pub fn read(stream: &mut (impl Read + Write)) -> io::Result<Option<Request>> {
        let Some((head, mut body)) = read_head(stream)? else {
            return Ok(None);
        };
        let Some(mut request) = Request::parse(&head) else {
            return Ok(None);
        };
        if request
            .header("expect")
            .is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
        {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let length = request.header("content-length").and_then(|value| value.parse().ok());
        let missing = length.unwrap_or(0_usize).saturating_sub(body.len());
        stream.take(missing as u64).read_to_end(&mut body)?;
        (request.body_length, request.body) = (body.len(), body);
        Ok(Some(request))
    }

    /// The head without its empty line.
    pub fn parse(head: &[u8]) -> Option<Request> {
        let text = String::from_utf8(head.to_vec()).ok()?;
        let mut lines = text.split("\r\n");
        let mut words = lines.next()?.splitn(3, ' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        words.next().filter(|version| version.starts_with("HTTP/1."))?;
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_owned(), value.trim().to_owned()))
        };
        Some(Request {
            method,
            target,
            headers: lines
                .filter(|line| !line.is_empty())
                .map(header)
                .collect::<Option<_>>()?,
            ..Request::default()
        })
    }

    /// The values of this header, joined as HTTP joins them.
    pub fn header(&self, name: &str) -> Option<String> {
        let same = |(known, _): &&(String, String)| known.eq_ignore_ascii_case(name);
        let values: Vec<&str> = self
            .headers
            .iter()
            .filter(same)
            .map(|(_, value)| value.as_str())
            .collect();
        (!values.is_empty()).then(|| values.join(","))
    }

    /// The path as it was sent. A target in absolute form, as proxies get it, loses its scheme and host.
    pub fn raw_path(&self) -> &str {
        let path = self.origin_form().split('?').next();
        path.filter(|path| !path.is_empty()).unwrap_or("/")
    }

    pub fn raw_query(&self) -> &str {
        self.origin_form().split_once('?').map_or("", |(_, query)| query)
    }

    fn origin_form(&self) -> &str {
        match self.target.split_once("://") {
            Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                rest.find(['/', '?']).map_or("/", |begin| &rest[begin..])
            }
            _ => &self.target,
        }
    }

    /// The path with its percent signs decoded.
    pub fn path(&self) -> String {
        String::from_utf8_lossy(&unpercent(self.raw_path())).into_owned()
    }

    /// Names and values of the query, decoded, in their order.
    pub fn parameters(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let pairs = self.raw_query().split('&').filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (unpercent(name), unpercent(value)))
            .collect()
    }

    /// The value of one parameter; empty if it has none.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let all = self.parameters().into_iter();
        let mut values = all
            .filter(|(known, _)| known == name.as_bytes())
            .map(|(_, value)| value);
        values.next().map(|value| String::from_utf8_lossy(&value).into_owned())
    }

    pub fn is(&self, method: &str, words: &str) -> bool {
        self.method == method && self.target.contains(words)
    }
}

/// Decodes `%XX` and nothing else.
pub fn unpercent(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    decoded
}

/// The head, and what has been read of the body.
fn read_head(stream: &mut impl Read) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let (mut read, mut buffer) = (Vec::new(), [0; 16 * 1024]);
    loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let body = read.split_off(end + 4);
            read.truncate(end);
            return Ok(Some((read, body)));
        }
        match stream.read(&mut buffer)? {
            0 => return Ok(None),
            _ if read.len() > HEAD_BYTES_MAX => return Ok(None),
            length => read.extend_from_slice(&buffer[..length]),
        }
    }
}
