//! Why an object was not stored, sorted by who can repair it: time and the operator, or nobody (only this dump is
//! affected).
//!
//! An error never contains a key or a path below the store's root: keys are made of claims, and claims never reach a
//! log. It does not contain the text of a store's answer either, which may repeat a key or a signature.
use std::io;
use std::path::PathBuf;

use crate::whose::{Whose, machine_is_short};

/// The failure of one `put`, `get`, `remove` or `probe`.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// None of our templates could have rendered the key in the dump's manifest (RFC 3986 dot segments, control
    /// characters, absolute): the manifest was damaged or made by someone else.
    #[error("the object key of this dump is not usable: {0}")]
    Key(&'static str),
    /// The file system cannot hold this one name or size.
    #[error("folder {root} cannot hold this dump: {cause}")]
    Refused { root: PathBuf, cause: io::Error },
    /// The packed file itself cannot be read.
    #[error("the packed file of this dump cannot be read: {0}")]
    Source(io::Error),
    /// The packed file was read, but its content is not what packing wrote.
    #[error("the packed file of this dump is damaged")]
    Damaged,
    /// The folder as a whole: full, read-only, not mounted, or without permission.
    #[error("folder {root}: {cause}")]
    Destination { root: PathBuf, cause: io::Error },
    /// The object store refuses only this object.
    #[error("{store} does not take this dump: {cause}")]
    Rejected { store: String, cause: String },
    /// A rule of the object store, which its operator can change, keeps this object from being stored or removed.
    #[error("{store} does not take this dump as it is configured: {cause}")]
    Ruled { store: String, cause: String },
    /// This machine ran short of something on the way to the object store.
    #[error("{store}: {cause}")]
    Short { store: String, cause: String },
    /// The object store as a whole: unreachable, forbidden, missing or failing.
    #[error("{store}: {cause}")]
    Service { store: String, cause: String },
    /// The spool could not write the note that must exist before an upload in parts begins, or this machine ran short
    /// of something.
    #[error("the upload cannot begin: {0}")]
    Local(io::Error),
    /// An object that was to be removed can still be read.
    #[error("the object of this dump is still there: {0}")]
    Kept(String),
    /// There is no such object, although the store as a whole answers.
    #[error("{store} does not have this object: it was removed, or its row is older than this store")]
    Missing { store: String },
    /// A rule or a right that the store's operator can change keeps this object from being read.
    #[error("{store} does not give this object: {cause}")]
    Unreadable { store: String, cause: String },
    /// A `blob_url` that names nothing in this store.
    #[error("the URL of this dump's object is not usable: {0}")]
    Foreign(&'static str),
}

impl StorageError {
    /// Who can repair it.
    pub fn whose(&self) -> Whose {
        match self {
            StorageError::Key(_)
            | StorageError::Refused { .. }
            | StorageError::Source(_)
            | StorageError::Damaged
            | StorageError::Rejected { .. }
            | StorageError::Missing { .. }
            | StorageError::Foreign(_) => Whose::Dump,
            StorageError::Ruled { .. } | StorageError::Unreadable { .. } | StorageError::Kept(_) => Whose::Rule,
            StorageError::Destination { cause, .. } if machine_is_short(cause) => Whose::Machine,
            StorageError::Destination { .. } | StorageError::Service { .. } => Whose::Destination,
            StorageError::Local(_) | StorageError::Short { .. } => Whose::Machine,
        }
    }

    /// The packed file could not be read. That is this dump's fault, unless the machine is short of something.
    pub(super) fn unread(cause: io::Error) -> StorageError {
        if machine_is_short(&cause) {
            StorageError::Local(cause)
        } else {
            StorageError::Source(cause)
        }
    }
}
