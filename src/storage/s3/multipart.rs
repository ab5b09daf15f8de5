//! Large objects in parts, from disk, with nothing left behind whatever ends the process.
//!
//! An upload that was begun earlier is never continued but aborted: which of its parts arrived whole is known to the
//! store alone, and one dump is a minute of sending at most. Its id is in the manifest before the first part; for the
//! moment between the store's answer and that note, the store is asked for uploads under this key, which only this dump
//! has. Limits: one part in memory, and the library's copy of it. Failures: the upload is aborted at once if the store
//! still answers, otherwise with the next try.
use std::io::Read;

use s3::serde_types::Part;

use super::client::Client;
use super::error::Error;
use crate::fault;
use crate::limits::{S3_PART_BYTES, S3_PARTS_COUNT_MAX};
use crate::storage::error::StorageError;
use crate::storage::source::Source;
use crate::storage::upload::Upload;

/// Why a large object was not stored.
pub enum Failure {
    Store(Error),
    Here(StorageError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Store(error)
    }
}

/// Removes all that earlier attempts can have left in the store.
pub fn abandon_all(client: &Client, key: &str, upload: &mut Upload<'_>) -> Result<(), Failure> {
    abandon(client, key, upload)?;
    // Not every key may list, and not every store can: then this one moment is left to the bucket's lifecycle rule.
    for id in client.uploads(key).unwrap_or_default() {
        client.abort(key, &id)?;
        fault::point("stray upload aborted");
    }
    Ok(())
}

/// Removes the upload that an earlier attempt has noted, if one has.
pub fn abandon(client: &Client, key: &str, upload: &mut Upload<'_>) -> Result<(), Failure> {
    let Some(id) = &upload.id else {
        return Ok(());
    };
    // What stands in the manifest goes into a URL: a damaged id is none.
    if id.bytes().all(|b| b.is_ascii_graphic() && !b"&?#%+/\\".contains(&b)) {
        client.abort(key, id)?;
        fault::point("upload aborted");
    }
    note(upload, None)
}

/// Stores what `source` reads, of `length` bytes, under `key`.
pub fn put(
    client: &Client,
    source: &mut Source,
    length: u64,
    key: &str,
    upload: &mut Upload<'_>,
) -> Result<(), Failure> {
    if length.div_ceil(S3_PART_BYTES as u64) > u64::from(S3_PARTS_COUNT_MAX) {
        return Err(Failure::Store(Error::too_large()));
    }
    abandon_all(client, key, upload)?;
    let id = client.begin(key)?;
    fault::point("upload begun");
    let sent = note(upload, Some(&id)).and_then(|()| {
        fault::point("upload noted");
        let parts = send(client, source, key, &id)?;
        fault::point("upload sent");
        Ok(client.complete(key, &id, parts)?)
    });
    if let Err(failure) = &sent
        && failure.leaves_an_answering_store()
    {
        // The first failure is the one that tells; if this one fails too, the next try aborts by the note.
        let _ = client.abort(key, &id);
    }
    sent
}

fn send(client: &Client, source: &mut Source, key: &str, upload: &str) -> Result<Vec<Part>, Failure> {
    let mut parts = Vec::new();
    let mut content = Vec::with_capacity(S3_PART_BYTES);
    for number in 1.. {
        content.clear();
        let read = source.by_ref().take(S3_PART_BYTES as u64).read_to_end(&mut content);
        read.map_err(|cause| Failure::Here(StorageError::unread(cause)))?;
        if content.is_empty() {
            break;
        }
        parts.push(client.part(key, upload, number, &content)?);
        fault::point("upload part");
    }
    source.verify().map_err(Failure::Here)?;
    Ok(parts)
}

fn note(upload: &mut Upload<'_>, id: Option<&str>) -> Result<(), Failure> {
    (upload.note)(id).map_err(|cause| Failure::Here(StorageError::Local(cause)))?;
    upload.id = id.map(str::to_owned);
    Ok(())
}

impl Failure {
    /// After a connection that failed another one would only cost its time limit again.
    fn leaves_an_answering_store(&self) -> bool {
        match self {
            Failure::Store(error) => error.status.is_some(),
            Failure::Here(_) => true,
        }
    }
}
