//! The note of an upload in parts. A store keeps such an upload until it is completed or aborted, also when this
//! program crashes.
//!
//! The caller stores the dump's manifest. With this type, a backend reads and writes the one member of it that holds
//! the note.
use std::io;

/// What is known of an upload in parts of the dump that is being put.
pub struct Upload<'a> {
    /// The id that an earlier try noted. Its parts may still be there.
    pub id: Option<String>,
    /// Writes a new id durably, before the first part is sent. `None` means that there is no upload any more.
    pub note: &'a mut dyn FnMut(Option<&str>) -> io::Result<()>,
}

impl<'a> Upload<'a> {
    /// Of an object without a note.
    pub fn unnoted(note: &'a mut dyn FnMut(Option<&str>) -> io::Result<()>) -> Upload<'a> {
        Upload { id: None, note }
    }
}
