//! What a removal has come to.
//!
//! A store's word that it did what was asked does not say that nothing is left: a bucket with versions hides an object
//! and keeps it, and a lock keeps it too. What is still there is a value of its own here, so that nobody takes it for
//! erased.
use super::error::StorageError;

/// What became of an object that was to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    /// It is gone now.
    Now,
    /// It was gone before.
    Before,
    /// The object, or a version of it, can still be read: why, and what to do. Without its name.
    Kept(String),
}

impl Removed {
    /// Takes an object that is still there as an error.
    ///
    /// # Errors
    /// [`StorageError::Kept`]
    pub fn or_kept(self) -> Result<(), StorageError> {
        match self {
            Removed::Now | Removed::Before => Ok(()),
            Removed::Kept(why) => Err(StorageError::Kept(why)),
        }
    }
}

impl From<bool> for Removed {
    fn from(was_there: bool) -> Removed {
        if was_there { Removed::Now } else { Removed::Before }
    }
}
