//! Objects in a bucket of Amazon S3, or of a server that speaks its protocol.
//!
//! `options` is what the operator configured, `credentials` is where keys come from, `client` makes one request,
//! `multipart` stores large objects, and `error` is the table of what is retried. An object appears whole or not at all
//! (the protocol guarantees this) and is durable when `put` returns. Retries are made by delivery, not here, and the
//! text of answers is never kept. Limits: an object below `S3_SINGLE_BYTES_MAX` is in memory twice while it is sent; of
//! a larger object, one part is. Failures: `StorageError`.
mod client;
mod credentials;
mod error;
mod multipart;
mod options;

use std::fmt::Display;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::error::StorageError;
use super::name::{check_key, key_below, push_path};
use super::removed::Removed;
use super::source::Source;
use super::upload::Upload;
use crate::limits::S3_SINGLE_BYTES_MAX;
use crate::unfit::Unfit;
use client::Client;
use error::{Blame, Error};
use multipart::Failure;
pub use options::{KeyPair, PathStyle, S3Options};

/// A bucket. Clones share its credentials.
#[derive(Debug, Clone)]
pub struct S3 {
    client: Arc<Client>,
    name: String,
}

impl S3 {
    /// The bucket of these options. Contacts nobody yet.
    ///
    /// # Errors
    /// The first option that is not valid.
    pub fn new(options: S3Options) -> Result<S3, Unfit> {
        let client = Client::new(options)?;
        Ok(S3 {
            name: format!("bucket {}", client.base()),
            client: Arc::new(client),
        })
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
            self.client.put(key, content).map_err(|error| self.blame(&error))?;
        }
        self.url(key)
    }

    pub(super) fn url(&self, key: &str) -> Result<String, StorageError> {
        check_key(key).map_err(StorageError::Key)?;
        let mut url = self.client.base();
        push_path(key.as_bytes(), &mut url);
        Ok(url)
    }

    /// The key of the object that a row points to.
    pub(super) fn key_of(&self, blob_url: &str) -> Result<String, StorageError> {
        key_below(&self.client.base(), blob_url).map_err(StorageError::Foreign)
    }

    pub(super) fn abandon(&self, key: &str, upload: &mut Upload<'_>) -> Result<(), StorageError> {
        multipart::abandon_all(&self.client, key, upload).map_err(|failure| self.failed(failure))
    }

    /// A store's answer to a delete is the same whether the object existed or not, so it is asked for the object first.
    /// If it does not allow that question, the object counts as existing.
    pub(super) fn remove(&self, key: &str) -> Result<Removed, StorageError> {
        let was_there = match self.client.exists(key) {
            Err(error) if error.status == Some(403) => true,
            answer => answer.map_err(|error| self.service(&error))?,
        };
        self.client.delete(key).map_err(|error| self.service(&error))?;
        Ok(Removed::from(was_there))
    }

    pub(super) fn probe(&self) -> Result<(), StorageError> {
        self.client.probe().map_err(|error| match error.status {
            Some(403) => self.service(&format!(
                "{error}; this check needs s3:ListBucket, dumps need s3:PutObject"
            )),
            _ => self.service(&error),
        })
    }

    fn failed(&self, failure: Failure) -> StorageError {
        match failure {
            Failure::Store(error) => self.blame(&error),
            Failure::Here(error) => error,
        }
    }

    fn blame(&self, error: &Error) -> StorageError {
        match error.blame {
            Blame::Dump => StorageError::Rejected {
                store: self.name.clone(),
                cause: error.to_string(),
            },
            Blame::Destination | Blame::Credentials => self.service(error),
        }
    }

    fn service(&self, cause: &dyn Display) -> StorageError {
        StorageError::Service {
            store: self.name.clone(),
            cause: cause.to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
