//! Objects in a bucket of Amazon S3 or of a server that speaks its protocol.
//!
//! `options` is what the operator said, `credentials` where keys come from, `client` one request, `multipart` large
//! objects, `trouble` the table of what is retried. An object appears whole or not at all, which is the protocol's own
//! promise, and is durable when `put` returns. Never here: retries (delivery's), the text of answers. Limits: an object
//! below `S3_SINGLE_BYTES_MAX` is in memory twice while it is sent, of a larger one a part. Failures: `StorageError`.
mod client;
mod credentials;
mod multipart;
mod options;
mod trouble;

use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::error::StorageError;
use super::name::{check_key, key_below, push_path};
use super::upload::Upload;
use crate::limits::S3_SINGLE_BYTES_MAX;
use crate::unfit::Unfit;
use client::Client;
use multipart::Failure;
pub use options::{KeyPair, PathStyle, S3Options};
use trouble::{Blame, Trouble};

/// A bucket. Clones share its credentials.
#[derive(Debug, Clone)]
pub struct S3 {
    client: Arc<Client>,
    name: String,
}

impl S3 {
    /// The bucket of these options; reaches nobody yet.
    ///
    /// # Errors
    /// The first option that cannot be meant.
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

    pub(super) fn put(&self, file: &Path, key: &str, upload: &mut Upload<'_>) -> Result<String, StorageError> {
        check_key(key).map_err(StorageError::Key)?;
        let source = File::open(file).map_err(StorageError::unread)?;
        let length = source.metadata().map_err(StorageError::unread)?.len();
        if length >= S3_SINGLE_BYTES_MAX {
            multipart::put(&self.client, source, length, key, upload).map_err(|failure| self.failed(failure))?;
        } else {
            multipart::abandon(&self.client, key, upload).map_err(|failure| self.failed(failure))?;
            let mut content = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
            (&source)
                .take(S3_SINGLE_BYTES_MAX)
                .read_to_end(&mut content)
                .map_err(StorageError::unread)?;
            self.client.put(key, content).map_err(|trouble| self.blame(&trouble))?;
        }
        self.url(key)
    }

    pub(super) fn url(&self, key: &str) -> Result<String, StorageError> {
        check_key(key).map_err(StorageError::Key)?;
        let mut url = self.client.base();
        push_path(key.as_bytes(), &mut url);
        Ok(url)
    }

    /// The key of the object that a row leads to.
    pub(super) fn key_of(&self, blob_url: &str) -> Result<String, StorageError> {
        key_below(&self.client.base(), blob_url).map_err(StorageError::Foreign)
    }

    pub(super) fn abandon(&self, key: &str, upload: &mut Upload<'_>) -> Result<(), StorageError> {
        multipart::abandon_all(&self.client, key, upload).map_err(|failure| self.failed(failure))
    }

    /// A store answers alike whether there was an object to delete, so it is asked for the object first. Where that is
    /// not allowed, it counts as there.
    pub(super) fn remove(&self, key: &str) -> Result<bool, StorageError> {
        let was_there = match self.client.exists(key) {
            Err(trouble) if trouble.status == Some(403) => true,
            answer => answer.map_err(|trouble| self.service(&trouble))?,
        };
        self.client.delete(key).map_err(|trouble| self.service(&trouble))?;
        Ok(was_there)
    }

    pub(super) fn probe(&self) -> Result<(), StorageError> {
        self.client.probe().map_err(|trouble| match trouble.status {
            Some(403) => self.service(&format!(
                "{trouble}; this check needs s3:ListBucket, dumps need s3:PutObject"
            )),
            _ => self.service(&trouble),
        })
    }

    fn failed(&self, failure: Failure) -> StorageError {
        match failure {
            Failure::Store(trouble) => self.blame(&trouble),
            Failure::Here(error) => error,
        }
    }

    fn blame(&self, trouble: &Trouble) -> StorageError {
        match trouble.blame {
            Blame::Dump => StorageError::Rejected {
                store: self.name.clone(),
                cause: trouble.to_string(),
            },
            Blame::Destination | Blame::Credentials => self.service(trouble),
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
