//! Reads the answer to one HTTP/1.1 request: its head whole, its body as far as the caller wants it.
//!
//! What is read is bounded: the head by `S3_HEAD_BYTES_MAX`, a body by the caller, who is either given its pieces or
//! takes them from a [`Body`]. An answer that ends before its framing says so is an error, never a short answer (RFC
//! 9112, 6.3 and 8); only where it has no framing at all does the end of the connection end the body, whole or not.
//! Interim answers are skipped. Failures: the connection's, or [`NOT_HTTP`] for bytes that are no answer.
use std::fmt;
use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;

use crate::limits::S3_HEAD_BYTES_MAX;

/// An answer whose body is not longer than the request allowed; what is longer is cut off.
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// How the end of a body is found, and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// There is nothing more.
    None,
    Length(u64),
    /// The size of a chunk comes next.
    Chunked,
    /// So much is left of a chunk, and the end of its line.
    Chunk(u64),
    UntilClosed,
}

/// Whether an answer to this method has a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    Body,
    HeadAlone,
}

impl Answer {
    #[cfg(test)]
    pub fn of(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers.iter();
        Answer {
            status,
            headers: headers
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    /// The same answer, with what was read of its body elsewhere.
    #[must_use]
    pub fn with_body(self, body: Vec<u8>) -> Answer {
        Answer { body, ..self }
    }

    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The values of a header that each vendor has with a prefix of its own: `x-amz-version-id`, `x-oss-version-id`.
    pub fn vendors(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter_map(move |(known, value)| {
            let vendor = known.strip_prefix("x-")?.strip_suffix(name)?.strip_suffix('-')?;
            (!vendor.is_empty() && !vendor.contains('-')).then_some(value.as_str())
        })
    }

    /// Whether there is a header whose name begins so.
    pub fn has_header_like(&self, prefix: &str) -> bool {
        self.headers.iter().any(|(name, _)| name.starts_with(prefix))
    }
}

/// Bodies and headers may repeat keys and signatures.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({})", self.status)
    }
}

/// Reads an answer. Its body is given to `sink` piece by piece, until that has enough.
///
/// # Errors
/// The connection's, or that this is no answer.
pub fn read(
    wire: impl Read,
    expect: Expect,
    sink: &mut dyn FnMut(u16, &[u8]) -> ControlFlow<()>,
) -> io::Result<Answer> {
    let (answer, mut body) = begin(wire, expect)?;
    loop {
        let piece = body.fill_buf()?;
        let length = piece.len();
        if length == 0 || sink(answer.status, piece).is_break() {
            return Ok(answer);
        }
        body.consume(length);
    }
}

/// Reads the head of an answer. What follows is read from the body, which has the wire from now on.
///
/// # Errors
/// As [`read`].
pub fn begin<R: Read>(wire: R, expect: Expect) -> io::Result<(Answer, Body<R>)> {
    let mut input = Input::new(wire);
    loop {
        let (answer, framing) = input.head(expect)?;
        if answer.status >= 200 {
            return Ok((answer, Body { input, framing }));
        }
    }
}

/// The body of an answer, without its framing. It ends where the framing says so, and fails if that never comes.
pub struct Body<R> {
    input: Input<R>,
    framing: Framing,
}

impl<R: Read> Body<R> {
    /// How much of the body is at hand; more is read if that is nothing. 0 at the end.
    fn ready(&mut self) -> io::Result<usize> {
        loop {
            let left = match self.framing {
                Framing::None | Framing::Length(0) => return Ok(0),
                Framing::Chunked => {
                    self.framing = self.input.chunk()?;
                    continue;
                }
                Framing::Chunk(0) => {
                    self.input.end_of_chunk()?;
                    self.framing = Framing::Chunked;
                    continue;
                }
                Framing::Length(left) | Framing::Chunk(left) => left,
                Framing::UntilClosed => u64::MAX,
            };
            if self.input.unused().is_empty() && !self.input.more()? {
                return match self.framing {
                    Framing::UntilClosed => Ok(0),
                    _ => Err(io::ErrorKind::UnexpectedEof.into()),
                };
            }
            return Ok(usize::try_from(left)
                .unwrap_or(usize::MAX)
                .min(self.input.unused().len()));
        }
    }
}

impl<R: Read> BufRead for Body<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let length = self.ready()?;
        Ok(&self.input.unused()[..length])
    }

    fn consume(&mut self, count: usize) {
        self.input.used += count;
        if let Framing::Length(left) | Framing::Chunk(left) = &mut self.framing {
            *left -= count as u64;
        }
    }
}

impl<R: Read> Read for Body<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// What was read and not used yet.
struct Input<R> {
    wire: R,
    buffer: Vec<u8>,
    used: usize,
}

impl<R: Read> Input<R> {
    fn new(wire: R) -> Input<R> {
        Input {
            wire,
            buffer: Vec::new(),
            used: 0,
        }
    }

    fn unused(&self) -> &[u8] {
        &self.buffer[self.used..]
    }

    /// Reads some more. False at the end of the connection.
    fn more(&mut self) -> io::Result<bool> {
        self.buffer.drain(..self.used);
        self.used = 0;
        let length = self.buffer.len();
        self.buffer.resize(length + READ_BYTES, 0);
        let count = loop {
            match self.wire.read(&mut self.buffer[length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // A server that ends TLS without saying so. Whether something is missing, the framing tells.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break Ok(0),
                result => break result,
            }
        };
        self.buffer.truncate(length + *count.as_ref().unwrap_or(&0));
        count.map(|count| count > 0)
    }

    fn need_more(&mut self) -> io::Result<()> {
        if self.more()? {
            Ok(())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }

    fn head(&mut self, expect: Expect) -> io::Result<(Answer, Framing)> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; HEADERS_COUNT_MAX];
            let mut response = httparse::Response::new(&mut headers);
            match response.parse(self.unused()) {
                Ok(httparse::Status::Complete(length)) => {
                    let answer = Answer {
                        status: response.code.unwrap_or(0),
                        headers: response.headers.iter().map(owned).collect(),
                        body: Vec::new(),
                    };
                    self.used += length;
                    let framing = framing(&answer, expect)?;
                    return Ok((answer, framing));
                }
                Ok(httparse::Status::Partial) if self.unused().len() < S3_HEAD_BYTES_MAX => self.need_more()?,
                _ => return Err(not_http()),
            }
        }
    }

    /// RFC 9112, 7.1. What follows the last chunk is not read: the connection is not used again.
    fn chunk(&mut self) -> io::Result<Framing> {
        loop {
            // The parser takes a line without digits for a zero, and so for the end.
            if self.unused().first().is_some_and(|first| !first.is_ascii_hexdigit()) {
                return Err(not_http());
            }
            match httparse::parse_chunk_size(self.unused()) {
                Ok(httparse::Status::Complete((used, length))) => {
                    self.used += used;
                    return Ok(match length {
                        0 => Framing::None,
                        length => Framing::Chunk(length),
                    });
                }
                Ok(httparse::Status::Partial) if self.unused().len() < S3_HEAD_BYTES_MAX => self.need_more()?,
                _ => return Err(not_http()),
            }
        }
    }

    fn end_of_chunk(&mut self) -> io::Result<()> {
        while self.unused().len() < 2 {
            self.need_more()?;
        }
        if !self.unused().starts_with(b"\r\n") {
            return Err(not_http());
        }
        self.used += 2;
        Ok(())
    }
}

fn owned(header: &httparse::Header<'_>) -> (String, String) {
    let value = String::from_utf8_lossy(header.value).trim().to_owned();
    (header.name.to_ascii_lowercase(), value)
}

/// RFC 9112, 6.3.
fn framing(answer: &Answer, expect: Expect) -> io::Result<Framing> {
    if expect == Expect::HeadAlone || matches!(answer.status, 100..=199 | 204 | 304) {
        return Ok(Framing::None);
    }
    if let Some(coding) = answer.header("transfer-encoding") {
        return match coding.eq_ignore_ascii_case("chunked") {
            true => Ok(Framing::Chunked),
            false => Err(not_http()),
        };
    }
    let mut lengths = answer.headers.iter().filter(|(name, _)| name == "content-length");
    let Some((_, first)) = lengths.next() else {
        return Ok(Framing::UntilClosed);
    };
    let length = first.parse().ok().filter(|_| first.bytes().all(|b| b.is_ascii_digit()));
    match length {
        Some(length) if lengths.all(|(_, other)| other == first) => Ok(Framing::Length(length)),
        _ => Err(not_http()),
    }
}

/// Whether these bytes were no answer of an HTTP server.
pub fn is_not_http(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidData && error.get_ref().is_some_and(|inner| inner.to_string() == NOT_HTTP)
}

fn not_http() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, NOT_HTTP)
}

const NOT_HTTP: &str = "this is no answer of an HTTP server";
const READ_BYTES: usize = 16 * 1024;
const HEADERS_COUNT_MAX: usize = 100;

#[cfg(test)]
mod tests;
