//! Stores large objects in parts, read from disk, and leaves nothing behind, however the process ends.
//!
//! An upload that was begun earlier is not continued but aborted: only the store knows which of its parts arrived
//! whole, and sending one dump takes a minute at most. The upload's id is in the manifest before the first part is
//! sent. A crash may come between the store's answer and that note. So the store is also asked for the uploads under
//! this key, which only this dump has. An upload that the store has lost is begun anew, once; what the store refuses
//! about an old upload never keeps the dump from being stored. Limits: one part in memory. Failures: the upload is
//! aborted at once if the store still answers, otherwise by the next try.
use std::io::Read;

use s3::serde_types::Part;

use super::client::Client;
use super::error::Error;
use super::objects::Receipt;
use crate::fault;
use crate::limits::{S3_PART_BYTES, S3_PARTS_COUNT_MAX, UPLOAD_ID_BYTES_MAX};
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

/// Removes everything that earlier tries may have left in the store.
pub fn abandon_all(client: &Client, key: &str, upload: &mut Upload<'_>) -> Result<(), Failure> {
    abandon(client, key, upload)?;
    // Not every access key may list uploads, and not every store can. Then what is left from that one moment is removed
    // by the bucket's lifecycle rule. A store that does not answer just now may do so later.
    let strays = match client.uploads(key) {
        Err(error) if error.is_refusal() || error.is_unknown_request() || error.is_odd() => {
            client.uploads_stay(&error);
            Vec::new()
        }
        answer => answer?,
    };
    for id in strays {
        abort(client, key, &id)?;
        fault::point("stray upload aborted");
    }
    Ok(())
}

/// Removes the upload that an earlier try has noted, if there is one.
pub fn abandon(client: &Client, key: &str, upload: &mut Upload<'_>) -> Result<(), Failure> {
    let Some(id) = &upload.id else {
        return Ok(());
    };
    // The manifest may be damaged. No store gives such an id.
    if (1..=UPLOAD_ID_BYTES_MAX).contains(&id.len()) && !id.chars().any(char::is_control) {
        abort(client, key, id)?;
        fault::point("upload aborted");
    }
    note(upload, None)
}

/// An upload that may not be aborted stays. That is no reason not to store the dump.
fn abort(client: &Client, key: &str, id: &str) -> Result<(), Error> {
    match client.abort(key, id) {
        Err(error) if error.is_refusal() => {
            client.uploads_stay(&error);
            Ok(())
        }
        answer => answer,
    }
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
    let receipt = match put_once(client, source, key, upload) {
        Err(Failure::Store(error)) if error.is_upload_lost() => {
            source
                .rewind()
                .map_err(|cause| Failure::Here(StorageError::unread(cause)))?;
            put_once(client, source, key, upload)?
        }
        result => result?,
    };
    if receipt == Receipt::Doubtful {
        source
            .rewind()
            .map_err(|cause| Failure::Here(StorageError::unread(cause)))?;
        client.settle(key, source, length)?;
    }
    Ok(())
}

fn put_once(client: &Client, source: &mut Source, key: &str, upload: &mut Upload<'_>) -> Result<Receipt, Failure> {
    let id = client.begin(key)?;
    fault::point("upload begun");
    let sent = note(upload, Some(&id)).and_then(|()| {
        fault::point("upload noted");
        let (receipt, parts) = send(client, source, key, &id)?;
        fault::point("upload sent");
        Ok(receipt.max(client.complete(key, &id, parts)?))
    });
    if let Err(failure) = &sent
        && failure.leaves_an_answering_store()
    {
        // The first failure gives the reason. If this call fails too, the next try finds the note and aborts.
        let _ = client.abort(key, &id);
    }
    sent
}

fn send(client: &Client, source: &mut Source, key: &str, upload: &str) -> Result<(Receipt, Vec<Part>), Failure> {
    let (mut receipt, mut parts) = (Receipt::Fits, Vec::new());
    let mut content = Vec::with_capacity(S3_PART_BYTES);
    for number in 1.. {
        content.clear();
        let read = source.by_ref().take(S3_PART_BYTES as u64).read_to_end(&mut content);
        read.map_err(|cause| Failure::Here(StorageError::unread(cause)))?;
        if content.is_empty() {
            break;
        }
        let (own, part) = client.part(key, upload, number, &content)?;
        receipt = receipt.max(own);
        parts.push(part);
        fault::point("upload part");
    }
    source.verify().map_err(Failure::Here)?;
    Ok((receipt, parts))
}

fn note(upload: &mut Upload<'_>, id: Option<&str>) -> Result<(), Failure> {
    (upload.note)(id).map_err(|cause| Failure::Here(StorageError::Local(cause)))?;
    upload.id = id.map(str::to_owned);
    Ok(())
}

impl Failure {
    /// After a failed connection, another one would only cost its time limit again.
    fn leaves_an_answering_store(&self) -> bool {
        match self {
            Failure::Store(error) => error.status.is_some(),
            Failure::Here(_) => true,
        }
    }
}
