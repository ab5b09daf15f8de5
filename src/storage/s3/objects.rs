//! What is asked about whole objects and their versions, and what an answer has to say to count.
//!
//! A status alone is never taken for a deed. An object is stored when the answer is a 200 with an ETag. The ETag is
//! compared only if it can be a check sum of the content: 32 hexadecimal digits, and no word of encryption in the
//! answer (a bucket may encrypt by default). Where it differs, the object itself is compared. An object counts as
//! removed only by an answer of the store's own, and a marker that hides it is told apart. Failures: [`Error`].
use std::io::Read;
use std::ops::ControlFlow;

use md5::{Digest, Md5};

use super::answer::Answer;
use super::client::{Call, Client, Makes};
use super::error::{Error, is_web_page};
use super::signature::hex;
use super::transport::Method;
use super::xml::{self, VersioningConfiguration, Versions};
use crate::limits::{S3_ANSWER_BYTES_MAX, S3_LIST_PAGES_MAX};
use crate::storage::name::FEATURES_ENDING;

/// Whether a store's word for what it has stored can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Receipt {
    /// Its ETag is that of the content, or is none that could be compared.
    Fits,
    /// Its ETag looks like a check sum, but not like that of the content.
    Doubtful,
}

/// How far an object was compared with what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    Whole,
    /// Only its length could be asked for, if that: the key may not read.
    Length(Error),
}

/// What asking for an object says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub existence: Existence,
    pub versions: Versioning,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existence {
    There,
    Gone,
    /// The key may not ask.
    Unknown,
}

/// Whether an answer names a version or a delete marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Versioning {
    NotSaid,
    /// Google numbers each object as a generation, whether or not it keeps those before.
    Generation,
    Named,
    /// There is a marker that hides what was there before.
    Marked,
}

/// Whether a list was read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Reached,
    Ahead,
}

impl Client {
    /// Stores a whole object.
    pub fn put(&self, key: &str, content: &[u8]) -> Result<(Receipt, Answer), Error> {
        let answer = self.ask(&Call {
            makes: Makes::Object,
            content_type: Some(content_type(key)),
            ..Call::new(Method::Put, key, &[], content)
        })?;
        Ok((self.receipt(&answer, content)?, answer))
    }

    /// Compares an object with what `source` reads, which is of this length.
    pub fn compare(&self, key: &str, source: &mut dyn Read, length: u64) -> Result<Compared, Error> {
        let (mut same, mut count, mut refusal) = (true, 0, Vec::new());
        let call = Call::new(Method::Get, key, &[], &[]).answered_with(length);
        let answer = self.fetch(&call, &mut |status, piece| {
            if status != 200 {
                refusal.extend_from_slice(piece);
                return if refusal.len() < S3_ANSWER_BYTES_MAX {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                };
            }
            count += piece.len() as u64;
            let mut ours = vec![0; piece.len()];
            same &= source.read_exact(&mut ours).is_ok() && ours == piece;
            if same {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        let answer = answer.with_body(refusal);
        let other = "the store gives back other content than it was sent";
        match answer.status {
            200 if same && count == length => Ok(Compared::Whole),
            200 => Err(Error::odd(&answer, other)),
            _ => match self.judged(answer) {
                Err(error) if error.is_refusal() => self.compare_length(key, length, error),
                Err(error) => Err(error),
                Ok(answer) => Err(Error::odd(&answer, other)),
            },
        }
    }

    /// Compares an object whose ETag does not fit. Where the key may not read it, the store's word is taken.
    pub fn settle(&self, key: &str, source: &mut dyn Read, length: u64) -> Result<(), Error> {
        if let Compared::Length(refusal) = self.compare(key, source, length)? {
            self.warn_once(&format!(
                "the ETags of objects are not their check sums, and the key may not read objects to compare them \
                 ({refusal}); what the store says is believed. Grant s3:GetObject to have it compared"
            ));
        }
        Ok(())
    }

    /// The weaker comparison, for a key that may not read.
    fn compare_length(&self, key: &str, length: u64, refusal: Error) -> Result<Compared, Error> {
        match self.ask(&Call::new(Method::Head, key, &[], &[])) {
            Ok(answer)
                if answer
                    .header("content-length")
                    .is_some_and(|said| said.parse() != Ok(length)) =>
            {
                Err(Error::odd(
                    &answer,
                    "the store has an object of another length than it was sent",
                ))
            }
            Err(error) if !error.is_refusal() => Err(error),
            _ => Ok(Compared::Length(refusal)),
        }
    }

    /// Asks for an object.
    pub fn look(&self, key: &str) -> Result<Seen, Error> {
        let call = Call::new(Method::Head, key, &[], &[]);
        let answer = self.send(&call)?;
        let versions = Versioning::of(&answer);
        let seen = |existence| Ok(Seen { existence, versions });
        match self.judged(answer) {
            Ok(_) => seen(Existence::There),
            Err(error) if error.is_missing() => seen(Existence::Gone),
            // 405 is the answer for a delete marker.
            Err(error) if error.is_refusal() => seen(match versions {
                Versioning::Marked => Existence::Gone,
                _ => Existence::Unknown,
            }),
            Err(error) => Err(error),
        }
    }

    /// Asks for the bucket itself, which tells a missing bucket from a missing object.
    pub fn look_at_bucket(&self) -> Result<(), Error> {
        self.ask(&Call::new(Method::Head, "", &[], &[])).map(drop)
    }

    /// The same with an answer that has words: HEAD has none.
    pub fn list_one(&self) -> Result<(), Error> {
        let query = [("list-type", "2"), ("max-keys", "1")];
        self.ask(&Call::new(Method::Get, "", &query, &[])).map(drop)
    }

    /// Removes an object, or one version of it. One that the store says to be gone counts as removed.
    pub fn delete(&self, key: &str, version: Option<&str>) -> Result<Versioning, Error> {
        let query: &[_] = match &version {
            Some(version) => &[("versionId", *version)],
            None => &[],
        };
        match self.ask(&Call::new(Method::Delete, key, query, &[])) {
            Ok(answer) if matches!(answer.status, 200 | 204) && !is_web_page(&answer) => Ok(Versioning::of(&answer)),
            Ok(answer) => Err(Error::odd(
                &answer,
                "the answer does not say that the object is removed",
            )),
            Err(error) if error.is_missing_by_name() => Ok(Versioning::NotSaid),
            Err(error) => Err(error),
        }
    }

    /// The ids of some versions and delete markers of exactly this key, and whether these are all.
    pub fn versions(&self, key: &str) -> Result<(Vec<String>, End), Error> {
        let (mut found, mut at) = (Vec::new(), None::<(String, String)>);
        for _ in 0..S3_LIST_PAGES_MAX {
            let mut query = vec![("versions", ""), ("prefix", key)];
            if let Some((key, version)) = &at {
                query.extend([("key-marker", key.as_str()), ("version-id-marker", version.as_str())]);
            }
            query.retain(|(name, value)| *name != "version-id-marker" || !value.is_empty());
            let answer = self.ask(&Call::new(Method::Get, "", &query, &[]))?;
            let page: Versions = xml::read(&answer.body, &["ListVersionsResult", "ListObjectVersionsResult"])
                .ok_or_else(|| Error::odd(&answer, "its list of versions was not understood"))?;
            let all = page.versions.into_iter().chain(page.markers);
            found.extend(all.filter(|one| one.key == key).map(|one| one.version_id));
            let next = page.next_key_marker.filter(|next| next.as_str() <= key);
            match next {
                Some(next) if xml::goes_on(page.is_truncated.as_ref()) => {
                    at = Some((next, page.next_version_id_marker.unwrap_or_default()));
                }
                _ => return Ok((found, End::Reached)),
            }
        }
        Ok((found, End::Ahead))
    }

    /// Whether the bucket keeps what is removed. `None` where the key may not ask, or the store does not say.
    pub fn keeps_versions(&self) -> Result<Option<bool>, Error> {
        let answer = match self.ask(&Call::new(Method::Get, "", &[("versioning", "")], &[])) {
            Err(error) if error.is_refusal() || error.is_odd() => return Ok(None),
            answer => answer?,
        };
        let read: Option<VersioningConfiguration> = xml::read(&answer.body, &["VersioningConfiguration"]);
        Ok(read.map(|read| read.status.as_deref() == Some("Enabled")))
    }

    /// 200 with an ETag, which is compared if it can be.
    pub fn receipt(&self, answer: &Answer, content: &[u8]) -> Result<Receipt, Error> {
        let etag = answer
            .header("etag")
            .map(|etag| etag.trim_start_matches("W/").trim_matches('"'));
        let etag = match etag {
            Some(etag) if answer.status == 200 && !etag.is_empty() && !is_web_page(answer) => etag,
            _ => {
                let odd = Error::odd(
                    answer,
                    "the answer has no ETag, so nothing shows that the object is stored",
                );
                return Err(self.hinted(odd));
            }
        };
        // A store has nothing to say here. What does may stand before it, so the object itself has to show it.
        if !answer.body.is_empty() {
            return Ok(Receipt::Doubtful);
        }
        let is_sum = etag.len() == 32 && etag.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_sum || answer.has_header_like("x-amz-server-side-encryption") {
            return Ok(Receipt::Fits);
        }
        Ok(match etag.eq_ignore_ascii_case(&hex(&Md5::digest(content))) {
            true => Receipt::Fits,
            false => Receipt::Doubtful,
        })
    }
}

impl Versioning {
    fn of(answer: &Answer) -> Versioning {
        let is_marked = answer
            .vendors("delete-marker")
            .any(|said| said.eq_ignore_ascii_case("true"));
        if is_marked {
            Versioning::Marked
        } else if answer.vendors("version-id").next().is_some() {
            Versioning::Named
        } else if answer.header("x-goog-generation").is_some() {
            Versioning::Generation
        } else {
            Versioning::NotSaid
        }
    }
}

/// What an object is (RFC 6713, RFC 8259). No template gives a dump the ending of features.
pub fn content_type(key: &str) -> &'static str {
    match key.ends_with(FEATURES_ENDING) {
        true => "application/json",
        false => "application/gzip",
    }
}
