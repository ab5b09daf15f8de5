//! Calls to a file system whose answer is not taken for the deed.
//!
//! A file system behind a network repeats what was not answered in time, and then says ENOENT, EEXIST, EIO or ESTALE
//! of a rename, a link or a removal that it has done. So after an error what is there decides (`entry`), and a file
//! whose write failed is written anew (`output`). Others refuse what is only a help: links, the sync of all at once
//! (`sync`), a count of free blocks (`space`). And some do not answer at all, which must not pass in silence
//! (`patience`).
//!
//! Nothing here decides which file goes where, and nothing costs a further call unless one has failed. An answer that
//! says "done" is believed. Errors are those of the file system, with their number.

mod entry;
mod interrupted;
mod output;
mod patience;
pub mod probes;
mod space;
mod sync;

pub use entry::{
    Identity, Linked, create_anew, link, link_or_copy, make_folder, make_folders, remove, remove_rest, rename,
    rename_by_name,
};
pub use interrupted::{cut, open_to_append, uninterrupted};
pub use output::Output;
pub use patience::patiently;
pub use space::free_bytes;
pub use sync::{Known, sync_file_system, sync_folder, sync_is_offered, sync_known, sync_whole};
