//! Reads an object, whole or a part of it, as its bytes come.
//!
//! The head of the answer is judged before anything is given: only a 200, or a 206 that begins where it was asked to,
//! is the object. A store that does not know ranges sends the whole object, of which the beginning is left out here.
//! Limits: `S3_GET_S_MAX` for the whole object and `S3_SILENCE_S_MAX` for one silence. Failures: [`Error`] before the
//! first byte; behind it the reader fails, so that half an object is never taken for a whole one.
use std::io::{self, Read};
use std::time::Duration;

use super::answer::Answer;
use super::client::{Call, Client};
use super::download::Download;
use super::error::{Error, is_web_page};
use super::transport::{Method, Request};
use crate::limits::{S3_ANSWER_BYTES_MAX, S3_GET_S_MAX};
use crate::storage::content::{ByteRange, Content};

impl Client {
    /// The bytes of an object.
    pub fn read(&self, key: &str, range: ByteRange) -> Result<Content, Error> {
        let call = Call {
            range: header(range),
            ..Call::new(Method::Get, key, &[], &[])
        };
        let (answer, body) = self.signed(&call, |request| {
            self.transport().download(&Request {
                time: Duration::from_secs(S3_GET_S_MAX),
                ..request
            })
        })?;
        let mut body = Download::new(body);
        match answer.status {
            200 | 206 => self.object(answer, body, range),
            // Nothing is behind the end of the object.
            416 if range.from > 0 => Ok(Content::new(Some(0), io::empty())),
            _ => {
                let mut told = Vec::new();
                // What does not come of the explanation is missing there; the status is known.
                let _ = body.by_ref().take(S3_ANSWER_BYTES_MAX as u64).read_to_end(&mut told);
                let answer = answer.with_body(told);
                match self.judged(answer) {
                    Err(error) => Err(error),
                    Ok(answer) => Err(Error::odd(&answer, "the answer is not the object")),
                }
            }
        }
    }

    fn object(&self, answer: Answer, mut body: Download, range: ByteRange) -> Result<Content, Error> {
        let broken = |error: io::Error| Error::unanswered(&error.into());
        let beginning = body.beginning().map_err(broken)?.to_vec();
        let answer = answer.with_body(beginning);
        if is_web_page(&answer) {
            return Err(Error::odd(&answer, "a page came instead of the object"));
        }
        let said = answer.header("content-length").and_then(|length| length.parse().ok());
        let begin = answer.header("content-range").and_then(first_byte);
        let left_out = match (answer.status, begin) {
            (206, Some(begin)) if begin == range.from => 0,
            (206, _) => {
                return Err(Error::odd(
                    &answer,
                    "another part of the object came than was asked for",
                ));
            }
            _ => range.from,
        };
        io::copy(&mut body.by_ref().take(left_out), &mut io::sink()).map_err(broken)?;
        let part = ByteRange {
            from: left_out,
            ..range
        };
        let length = said.map(|said| part.within(said));
        Ok(Content::new(length, body.take(range.length.unwrap_or(u64::MAX))))
    }
}

/// RFC 9110, 14.1.2. A part of no bytes cannot be asked for, and so is one byte, which is not given on.
fn header(range: ByteRange) -> Option<String> {
    let ByteRange { from, length } = range;
    match length {
        None if from == 0 => None,
        None => Some(format!("bytes={from}-")),
        Some(length) => Some(format!("bytes={from}-{}", from.saturating_add(length.max(1) - 1))),
    }
}

/// RFC 9110, 14.4: `bytes 5-9/10`.
fn first_byte(content_range: &str) -> Option<u64> {
    let range = content_range.trim().strip_prefix("bytes")?.trim_start();
    range.split_once('-')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_asked_for_as_the_protocol_counts() {
        for (from, length, expected) in [
            (0, None, None),
            (5, None, Some("bytes=5-")),
            (5, Some(3), Some("bytes=5-7")),
            (0, Some(1), Some("bytes=0-0")),
            (0, Some(0), Some("bytes=0-0")),
            (
                u64::MAX,
                Some(9),
                Some("bytes=18446744073709551615-18446744073709551615"),
            ),
        ] {
            assert_eq!(header(ByteRange { from, length }).as_deref(), expected);
        }
    }

    #[test]
    fn the_beginning_of_a_part_is_read_from_what_the_store_says() {
        for (said, expected) in [
            ("bytes 5-9/10", Some(5)),
            ("bytes 0-0/*", Some(0)),
            ("bytes */10", None),
            ("items 5-9/10", None),
            ("", None),
        ] {
            assert_eq!(first_byte(said), expected, "{said}");
        }
    }
}
