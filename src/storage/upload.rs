//! The memory of an upload in parts, which a store keeps until it is completed or aborted, also over our crash.
//!
//! The store of the dump's manifest is the caller's; this is how a backend reads and writes that one member of it.
use std::io;

/// What is known of an upload in parts of the dump that is being put.
pub struct Upload<'a> {
    /// The id that an earlier attempt noted; its parts may still be there.
    pub id: Option<String>,
    /// Writes a new id down, durably, before the first part is sent; `None`: there is no upload any more.
    pub note: &'a mut dyn FnMut(Option<&str>) -> io::Result<()>,
}
