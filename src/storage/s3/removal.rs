//! Removes an object, and says what it has come to.
//!
//! A store's answer to DELETE is the same whether the object existed or not, and also where it only hides the object
//! behind a marker. So the object is asked for before and after. Where an answer names a version or a marker, all
//! versions of exactly this key are listed and removed. Google names generations only, so the bucket is asked whether
//! it keeps them. A key that may not ask, list or read removes objects of a bucket without versions all the same, which
//! is told once. What is still there is [`Removed::Kept`], with the reason and what to do; that is about this object,
//! and others go on. Limits: `S3_REMOVAL_ROUNDS_MAX` lists. Failures: [`Error`], where the store as a whole does not
//! answer or does not know us.
use super::client::Client;
use super::error::Error;
use super::objects::{End, Existence, Versioning};
use crate::limits::S3_REMOVAL_ROUNDS_MAX;
use crate::storage::removed::Removed;

/// Removes the object and all its versions.
///
/// # Errors
/// The store's as a whole.
pub fn remove(client: &Client, key: &str) -> Result<Removed, Error> {
    let before = client.look(key)?;
    if before.versions == Versioning::Generation
        && let Some(kept) = kept_generations(client)?
    {
        return Ok(kept);
    }
    let deleted = match before.versions {
        // A marker hides it already; another one would change nothing.
        Versioning::Marked => Versioning::Marked,
        Versioning::Named | Versioning::Generation | Versioning::NotSaid => match client.delete(key, None) {
            Err(error) if error.is_refusal() || error.is_odd() => return Ok(refused(&error)),
            answer => answer?,
        },
    };
    let had_versions = match before.versions.max(deleted) {
        Versioning::NotSaid | Versioning::Generation => Found::Nothing,
        named => match remove_versions(client, key, named)? {
            Ok(found) => found,
            Err(kept) => return Ok(kept),
        },
    };
    match client.look(key)?.existence {
        Existence::Gone => {}
        Existence::There => {
            return Ok(Removed::Kept(
                "the store says that it is removed, but it can still be read; a lock, or a copy elsewhere, may hold it: \
                 try again later"
                    .to_owned(),
            ));
        }
        Existence::Unknown => client.warn_once(
            "whether removed objects can still be read cannot be asked, so the store's word is taken; grant \
             s3:GetObject to have it asked",
        ),
    }
    Ok(match (before.existence, had_versions) {
        (Existence::Gone, Found::Nothing) => Removed::Before,
        _ => Removed::Now,
    })
}

/// Asked before anything is removed: afterwards nothing would show that an older generation is there.
fn kept_generations(client: &Client) -> Result<Option<Removed>, Error> {
    match client.keeps_versions()? {
        Some(false) => Ok(None),
        Some(true) => Ok(Some(Removed::Kept(
            "the bucket keeps older generations of objects, which cannot be removed by this way, so it was left as it is; \
             switch object versioning off"
                .to_owned(),
        ))),
        None => {
            client.warn_once(
                "whether older generations of removed objects are kept cannot be asked; grant the right to read the \
                 bucket's settings (storage.buckets.get), and see that object versioning is off",
            );
            Ok(None)
        }
    }
}

/// Whether there were versions to remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    Versions,
}

fn remove_versions(client: &Client, key: &str, named: Versioning) -> Result<Result<Found, Removed>, Error> {
    let mut found = Found::Nothing;
    for _ in 0..S3_REMOVAL_ROUNDS_MAX {
        let (versions, end) = match client.versions(key) {
            // Some stores number each object and keep no versions.
            Err(error) if error.is_unknown_request() && named != Versioning::Marked => return Ok(Ok(found)),
            Err(error) if error.is_refusal() || error.is_odd() => return Ok(Err(unlisted(&error))),
            answer => answer?,
        };
        if versions.is_empty() && end == End::Reached {
            return Ok(match (found, named) {
                // A marker is listed itself. A version may have been the one that the first delete has removed.
                (Found::Nothing, Versioning::Marked) => Err(Removed::Kept(CONTRADICTION.to_owned())),
                _ => Ok(found),
            });
        }
        for version in &versions {
            match client.delete(key, Some(version)) {
                Err(error) if error.is_refusal() || error.is_odd() => return Ok(Err(refused(&error))),
                answer => answer?,
            };
            found = Found::Versions;
        }
    }
    Ok(Err(Removed::Kept(
        "its versions are listed again after they were removed: try again later".to_owned(),
    )))
}

const CONTRADICTION: &str = "the store names a marker that hides it, but lists none, so what is left cannot be \
                             found; look with its own tools, or at a proxy that changes its answers";

fn refused(error: &Error) -> Removed {
    Removed::Kept(format!(
        "the store does not remove it: {error}. Grant s3:DeleteObject, and s3:DeleteObjectVersion where the bucket keeps \
         versions; if the bucket locks objects, wait until its retention is over"
    ))
}

fn unlisted(error: &Error) -> Removed {
    Removed::Kept(format!(
        "the bucket keeps versions of it, which could not be listed: {error}. Grant s3:ListBucketVersions and \
         s3:DeleteObjectVersion, or let a lifecycle rule remove versions that are not current"
    ))
}
