//! One request to the bucket: signed with valid keys, made once, and its answer judged.
//!
//! `objects` and `parts` say what is asked; here is how. The text that is signed is the text that is sent. Trying again
//! is decided elsewhere. Limits: `S3_REQUEST_S_MAX` for each request, more for a long answer, `S3_ANSWER_BYTES_MAX` for
//! its answer. Errors contain no keys of objects.
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use attohttpc::header::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use time::OffsetDateTime;

use super::address::Address;
use super::answer::Answer;
use super::credentials::{Credentials, Fault, Keys, Services};
use super::error::{Blame, Error};
use super::options::{Headers, S3Options};
use super::signature::{Signed, Signer, hex_sha256, query};
use super::transport::{Method, Request, Transport, Unanswered};
use super::xml;
use crate::limits::{S3_ANSWER_BYTES_MAX, S3_PART_BYTES, S3_PARTS_COUNT_MAX, S3_REQUEST_S_MAX};
use crate::storage::name::push_path;
use crate::unfit::Unfit;

/// The bucket, and what is needed to speak to it.
#[derive(Debug)]
pub struct Client {
    address: Address,
    headers: Headers,
    credentials: Credentials,
    transport: Transport,
    direct: Transport,
    told: Mutex<HashSet<String>>,
}

/// One request to the bucket (`key` is empty) or to an object.
pub struct Call<'a> {
    pub method: Method,
    pub key: &'a str,
    pub query: &'a [(&'a str, &'a str)],
    pub makes: Makes,
    pub content_type: Option<&'static str>,
    /// Which bytes of the object are asked for, as its header says it (RFC 9110, 14.2).
    pub range: Option<String>,
    pub body: &'a [u8],
    pub time: Duration,
}

/// Which of the configured headers a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Makes {
    /// Those of a new object.
    Object,
    /// Those without which a store does not even answer.
    Nothing,
}

impl Client {
    /// Contacts nobody yet.
    ///
    /// # Errors
    /// The first option that is not valid.
    pub fn new(options: S3Options) -> Result<Client, Unfit> {
        Ok(Client {
            address: Address::new(&options)?,
            headers: Headers::new(&options)?,
            credentials: Credentials::new(&options),
            transport: Transport::new(),
            direct: Transport::direct(),
            told: Mutex::default(),
        })
    }

    pub fn address(&self) -> &Address {
        &self.address
    }

    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// The keys that requests are signed with now.
    ///
    /// # Errors
    /// There are none.
    pub fn keys(&self) -> Result<Keys, Fault> {
        self.credentials.get(&Services {
            transport: &self.transport,
            direct: &self.direct,
            region: &self.address.region,
        })
    }

    /// Warns of something that holds for the whole bucket: once, however many objects meet it.
    pub fn warn_once(&self, what: &str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if !told.contains(what) && told.len() < WARNINGS_COUNT_MAX {
            log::warn!("bucket {}: {what}", self.address.base());
            told.insert(what.to_owned());
        }
    }

    /// Where the bucket's name may stand at the wrong place, the option for it is named.
    pub fn hinted(&self, error: Error) -> Error {
        if self.address.path_style {
            error
        } else {
            error.advised("if the store does not know buckets by their host names, set storage.s3.path_style = true")
        }
    }

    /// Makes a request that is to succeed.
    ///
    /// # Errors
    /// No answer came, or one that reports no success.
    pub fn ask(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let answer = self.send(call)?;
        self.judged(answer)
    }

    /// An answer of success, or the error that it is.
    pub fn judged(&self, answer: Answer) -> Result<Answer, Error> {
        let is_error = std::str::from_utf8(&answer.body).is_ok_and(|body| xml::root(body).as_deref() == Some("Error"));
        if (200..=299).contains(&answer.status) && !is_error {
            return Ok(answer);
        }
        let error = Error::answer(&answer, &self.address.region);
        // A key that may not do this one thing is right, and another one from the same source may not either.
        if error.blame == Blame::Credentials && !error.is_forbidden() {
            self.doubt_keys();
        }
        Err(error)
    }

    /// Has the keys renewed before the next request.
    pub fn doubt_keys(&self) {
        self.credentials.refused();
    }

    pub fn send(&self, call: &Call<'_>) -> Result<Answer, Error> {
        self.signed(call, |request| self.transport.ask(&request))
    }

    pub fn fetch(&self, call: &Call<'_>, sink: &mut dyn FnMut(u16, &[u8]) -> ControlFlow<()>) -> Result<Answer, Error> {
        self.signed(call, |request| self.transport.fetch(&request, sink))
    }

    /// Signs a request and has it sent.
    pub fn signed<T>(
        &self,
        call: &Call<'_>,
        send: impl FnOnce(Request<'_>) -> Result<T, Unanswered>,
    ) -> Result<T, Error> {
        let keys = self.keys().map_err(|fault| Error::credentials(&fault))?;
        let signer = Signer {
            key_id: keys.id.expose(),
            secret: keys.secret.expose(),
            region: &self.address.region,
            service: "s3",
            now: OffsetDateTime::now_utc(),
        };
        let origin = &self.address.origin;
        let path = self.path(call.key);
        let query = query(call.query);
        let sha256 = hex_sha256(call.body);
        let mut headers = vec![
            ("x-amz-content-sha256".to_owned(), sha256.clone()),
            ("x-amz-date".to_owned(), signer.date()),
        ];
        if let Some(token) = &keys.token {
            headers.push(("x-amz-security-token".to_owned(), token.expose().to_owned()));
        }
        headers.extend(call.further(&self.headers));
        headers.push(("host".to_owned(), origin.authority()));
        let authorization = signer.authorization(&Signed {
            method: call.method.name(),
            path: &path,
            query: &query,
            headers: &headers,
            sha256: &sha256,
        });
        headers.pop();
        headers.push(("authorization".to_owned(), authorization));
        let target = if query.is_empty() {
            path
        } else {
            format!("{path}?{query}")
        };
        let answer = send(Request {
            method: call.method,
            origin,
            target: &target,
            headers: &headers,
            body: call.body,
            time: call.time,
            answer_bytes: S3_ANSWER_BYTES_MAX,
        });
        answer.map_err(|cause| match Error::unanswered(&cause) {
            error if error.is_about_host() => self.hinted(error),
            error => error,
        })
    }

    fn path(&self, key: &str) -> String {
        let mut path = self.address.path.clone();
        if key.is_empty() && !path.is_empty() {
            return path;
        }
        path.push('/');
        push_path(key.as_bytes(), &mut path);
        path
    }
}

impl<'a> Call<'a> {
    pub fn new(method: Method, key: &'a str, query: &'a [(&'a str, &'a str)], body: &'a [u8]) -> Call<'a> {
        Call {
            method,
            key,
            query,
            makes: Makes::Nothing,
            content_type: None,
            range: None,
            body,
            time: REQUEST,
        }
    }

    /// The same with the time for an answer of this length: one request's for each part of it.
    #[must_use]
    pub fn answered_with(self, length: u64) -> Call<'a> {
        let parts = length
            .div_ceil(S3_PART_BYTES as u64)
            .clamp(1, S3_PARTS_COUNT_MAX.into());
        Call {
            time: REQUEST * u32::try_from(parts).unwrap_or(1),
            ..self
        }
    }

    /// The headers of this request beside those that each one has.
    fn further(&self, configured: &Headers) -> Vec<(String, String)> {
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let configured = match self.makes {
            Makes::Object => &configured.create,
            Makes::Nothing => &configured.always,
        };
        let configured = configured.iter();
        let mut headers: Vec<_> = configured
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect();
        if let Some(kind) = self.content_type {
            headers.push(("content-type".to_owned(), kind.to_owned()));
        }
        if let Some(range) = &self.range {
            headers.push(("range".to_owned(), range.clone()));
        }
        if !self.body.is_empty() {
            headers.push(("content-md5".to_owned(), STANDARD.encode(Md5::digest(self.body))));
        }
        headers
    }
}

const REQUEST: Duration = Duration::from_secs(S3_REQUEST_S_MAX);

/// More kinds of warnings than there are in the code; errors quoted in them may differ by their status.
const WARNINGS_COUNT_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_has_as_much_time_as_its_parts_had() {
        let part = S3_PART_BYTES as u64;
        for (length, requests) in [
            (0, 1),
            (1, 1),
            (part, 1),
            (part + 1, 2),
            (64 * part, 64),
            (u64::MAX, S3_PARTS_COUNT_MAX),
        ] {
            let call = Call::new(Method::Get, "a", &[], &[]).answered_with(length);
            assert_eq!(call.time, REQUEST * requests, "{length}");
        }
    }
}
