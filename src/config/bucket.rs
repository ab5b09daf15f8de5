//! `[storage.s3]` with its keys read from their files, and whether the store accepts it.
//!
//! It is looked at only if the bucket is the store in use. Half a key pair is an error: if the other half came from
//! elsewhere, the server would sign with keys that nobody intended. No error contains any part of a key.
use std::path::Path;

use super::keys::secret_of;
use super::sources::{Problem, Sources};
use super::tables::Config;
use crate::redact::Secret;
use crate::storage::{KeyPair, S3, S3Options, StorageBackend};

/// Reads the key pair into `config`, and returns everything that is wrong with the table.
pub fn complete(config: &mut Config, sources: &Sources) -> Vec<Problem> {
    if config.storage.backend != StorageBackend::S3 {
        return Vec::new();
    }
    let options = &mut config.storage.s3;
    let mut problems = Vec::new();
    match key_pair(options, sources) {
        Ok(pair) => options.key_pair = pair,
        Err(problem) => problems.push(problem),
    }
    if let Err(error) = S3::new(options.clone()) {
        problems.push(sources.problem(&format!("storage.s3.{}", error.key), error.message));
    }
    problems
}

fn key_pair(options: &S3Options, sources: &Sources) -> Result<Option<KeyPair>, Problem> {
    let id = either(
        "access_key_id",
        &options.access_key_id,
        options.access_key_id_file.as_deref(),
        sources,
    )?;
    let secret = either(
        "secret_access_key",
        &options.secret_access_key,
        options.secret_access_key_file.as_deref(),
        sources,
    )?;
    let lonely = |key: &str, other: &str| {
        let message = format!("is set without storage.s3.{other}; give both, or neither for the standard chain");
        sources.problem(&format!("storage.s3.{key}"), message)
    };
    match (id, secret) {
        (Some(id), Some(secret)) => Ok(Some(KeyPair { id, secret })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(lonely("access_key_id", "secret_access_key")),
        (None, Some(_)) => Err(lonely("secret_access_key", "access_key_id")),
    }
}

/// One half of the pair, given directly or in a file.
fn either(
    key: &str,
    value: &Option<Secret>,
    file: Option<&Path>,
    sources: &Sources,
) -> Result<Option<Secret>, Problem> {
    let (key, secret) = match (value, file) {
        (None, None) => return Ok(None),
        (Some(value), None) => (format!("storage.s3.{key}"), Ok(value.clone())),
        (None, Some(file)) => (format!("storage.s3.{key}_file"), secret_of(file)),
        (Some(_), Some(_)) => (
            format!("storage.s3.{key}_file"),
            Err(format!("is set beside storage.s3.{key}; give one of them")),
        ),
    };
    let is_usable = |secret: &Secret| {
        let text = secret.expose();
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
    };
    let message = match secret {
        Ok(secret) if is_usable(&secret) => return Ok(Some(secret)),
        Ok(_) => "is empty or has a blank or a character that no key has".to_string(),
        Err(message) => message,
    };
    Err(sources.problem(&key, message))
}
