//! Objects in a bucket of Amazon S3, or of a server that speaks its protocol.
//!
//! `options` is what the operator configured, `credentials` is where keys come from, `transport` is the one way on
//! which requests leave, `client` signs one and judges its answer with `error` and its table in `blame`. `objects` and
//! `parts` say what is asked, `multipart` stores large objects, `reading` gives them back, `removal` removes them with
//! all versions, `rehearsal` tries the whole way once. An object appears whole or not at all (the protocol guarantees
//! this) and is durable when `put` returns. Retries are made by delivery, not here, and the text of answers is never
//! kept. Limits: an object below `S3_SINGLE_BYTES_MAX` is in memory while it is sent; of a larger object, one part is.
//! Failures: `StorageError`.
mod address;
mod answer;
mod blame;
mod client;
mod credentials;
pub(super) mod download;
mod error;
mod multipart;
mod objects;
mod options;
pub(super) mod origin;
mod parts;
mod proxy;
mod reading;
mod rehearsal;
mod removal;
mod signature;
pub(super) mod transport;
mod wire;
mod xml;

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::content::{ByteRange, Content};
use super::error::StorageError;
use super::name::{check_key, key_below, push_path};
use super::removed::Removed;
use super::source::Source;
use super::upload::Upload;
use crate::limits::S3_SINGLE_BYTES_MAX;
use crate::trial::Trial;
use crate::unfit::Unfit;
use address::Address;
use client::Client;
use error::{Blame, Error};
use multipart::Failure;
use objects::Receipt;
pub use options::{KeyPair, PathStyle, S3Options};

/// A bucket. Clones share its credentials.
#[derive(Debug, Clone)]
pub struct S3 {
    client: Arc<Client>,
    name: String,
    /// The name of the one object that trials make.
    sample: String,
}

impl S3 {
    /// The bucket of these options. Contacts nobody yet.
    ///
    /// # Errors
    /// The first option that is not valid.
    pub fn new(options: S3Options) -> Result<S3, Unfit> {
        let sample = rehearsal::sample(&options.key);
        let client = Client::new(options)?;
        Ok(S3 {
            sample,
            name: format!("bucket {}", client.address().base()),
            client: Arc::new(client),
        })
    }

    /// What looks like a mistake in valid options, and what to write.
    pub fn doubt(options: &S3Options) -> Option<String> {
        Address::new(options).ok()?.doubt()
    }

    pub(super) fn describe(&self) -> &str {
        &self.name
    }

    pub(super) fn put(
        &self,
        file: &Path,
        key: &str,
        crc32: Option<u32>,
        upload: &mut Upload<'_>,
    ) -> Result<String, StorageError> {
        check_key(key).map_err(StorageError::Key)?;
        let mut source = Source::open(file, crc32).map_err(StorageError::unread)?;
        let length = source.length().map_err(StorageError::unread)?;
        if length >= S3_SINGLE_BYTES_MAX {
            multipart::put(&self.client, &mut source, length, key, upload).map_err(|failure| self.failed(failure))?;
        } else {
            multipart::abandon(&self.client, key, upload).map_err(|failure| self.failed(failure))?;
            let mut content = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
            let whole = source.by_ref().take(S3_SINGLE_BYTES_MAX);
            { whole }.read_to_end(&mut content).map_err(StorageError::unread)?;
            source.verify()?;
            self.put_at_once(key, &content).map_err(|error| self.blame(&error))?;
        }
        self.url(key)
    }

    fn put_at_once(&self, key: &str, content: &[u8]) -> Result<(), Error> {
        match self.client.put(key, content) {
            Ok((Receipt::Fits, _)) => Ok(()),
            Ok((Receipt::Doubtful, _)) => self.client.settle(key, &mut { content }, content.len() as u64),
            Err(error) => Err(error),
        }
    }

    pub(super) fn url(&self, key: &str) -> Result<String, StorageError> {
        check_key(key).map_err(StorageError::Key)?;
        let mut url = self.client.address().base();
        push_path(key.as_bytes(), &mut url);
        Ok(url)
    }

    /// The key of the object that a row points to.
    pub(super) fn key_of(&self, blob_url: &str) -> Result<String, StorageError> {
        key_below(&self.client.address().base(), blob_url).map_err(StorageError::Foreign)
    }

    pub(super) fn abandon(&self, key: &str, upload: &mut Upload<'_>) -> Result<(), StorageError> {
        multipart::abandon_all(&self.client, key, upload).map_err(|failure| self.failed(failure))
    }

    pub(super) fn remove(&self, key: &str) -> Result<Removed, StorageError> {
        removal::remove(&self.client, key).map_err(|error| self.blame(&error))
    }

    pub(super) fn get(&self, key: &str, range: ByteRange) -> Result<Content, StorageError> {
        check_key(key).map_err(StorageError::Key)?;
        self.client.read(key, range).map_err(|error| self.unread(error))
    }

    /// What keeps an object from being read. Nothing is tried with another object, as it is after a put: who only reads
    /// writes nothing.
    fn unread(&self, error: Error) -> StorageError {
        let store = self.name.clone();
        if error.is_missing() {
            return StorageError::Missing { store };
        }
        let is_about_one = matches!(error.blame, Blame::Dump | Blame::Rule);
        let error = match error.is_forbidden() {
            true => error.advised(
                "grant s3:GetObject to whoever reads dumps, which collecting does not need; without s3:ListBucket a store \
                 answers so as well where the object is gone",
            ),
            false => error,
        };
        let cause = error.to_string();
        match error.blame {
            Blame::Machine => StorageError::Short { store, cause },
            Blame::Credentials if error.is_forbidden() => StorageError::Unreadable { store, cause },
            _ if is_about_one => StorageError::Unreadable { store, cause },
            _ => StorageError::Service { store, cause },
        }
    }

    /// Tells the operator, before the first dump is sent, which proxy is used.
    pub(super) fn announce(&self) {
        rehearsal::announce(&self.client);
    }

    pub(super) fn probe(&self) -> Result<(), StorageError> {
        rehearsal::probe(&self.client).map_err(|error| self.blame(&error))
    }

    pub(super) fn rehearse(&self) -> Vec<Trial> {
        rehearsal::rehearse(&self.client, &self.name, &self.sample)
    }

    fn failed(&self, failure: Failure) -> StorageError {
        match failure {
            Failure::Store(error) => self.blame(&error.of_parts()),
            Failure::Here(error) => error,
        }
    }

    fn blame(&self, error: &Error) -> StorageError {
        let (store, cause) = (self.name.clone(), error.to_string());
        match error.blame {
            Blame::Dump => StorageError::Rejected { store, cause },
            Blame::Rule => StorageError::Ruled { store, cause },
            Blame::Machine => StorageError::Short { store, cause },
            Blame::Destination | Blame::Credentials
                if error.may_be_about_one() && rehearsal::takes_others(&self.client, &self.sample) =>
            {
                StorageError::Ruled { store, cause }
            }
            Blame::Credentials => {
                // Nothing can be stored with these keys. They may have ended, or others may be ready.
                self.client.doubt_keys();
                StorageError::Service { store, cause }
            }
            Blame::Destination => StorageError::Service { store, cause },
        }
    }
}

#[cfg(test)]
mod tests;
