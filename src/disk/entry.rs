//! Changes of names: rename, link, removal, folder. After an error, what is there tells whether it was done.
//!
//! "Source gone and target ours" is done. Ours is what has the device and inode number of the file that was to be moved
//! or, where a file system gives a file a new number with its new name, its length and time of last change as well: all
//! names that are moved here hold the id of a dump, so nobody else makes them.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::output::Output;

/// What stays with a file when its name changes.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    node: (u64, u64),
    content: (u64, i64, i64),
}

impl Identity {
    /// # Errors
    /// The file system cannot tell.
    pub fn of(file: &File) -> io::Result<Identity> {
        file.metadata().map(|metadata| Identity::new(&metadata))
    }

    /// Of the entry itself; a symbolic link is not followed.
    ///
    /// # Errors
    /// There is none, or the file system cannot tell.
    pub fn at(path: &Path) -> io::Result<Identity> {
        fs::symlink_metadata(path).map(|metadata| Identity::new(&metadata))
    }

    fn new(metadata: &Metadata) -> Identity {
        Identity {
            node: (metadata.dev(), metadata.ino()),
            content: (metadata.len(), metadata.mtime(), metadata.mtime_nsec()),
        }
    }

    /// Whether both are names of one file.
    pub fn is_linked_to(&self, other: &Identity) -> bool {
        self.node == other.node
    }

    fn was_moved_to(&self, other: &Identity) -> bool {
        self.node == other.node || self.content == other.content
    }
}

/// Renames a file that is open, and replaces what has the name.
///
/// # Errors
/// It was not done, or it cannot be found out at the moment whether it was; a later call finds out.
pub fn rename(file: &File, from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to).or_else(|error| match is_moved(Identity::of(file), from, to) {
        true => Ok(()),
        false => Err(error),
    })
}

/// Like [`rename`], for a file that is not open. It is looked at before, which costs a call.
///
/// # Errors
/// As for `rename`. `NotFound` is said only if there was none before.
pub fn rename_by_name(from: &Path, to: &Path) -> io::Result<()> {
    let moved = Identity::at(from)?;
    fs::rename(from, to).or_else(|error| match is_moved(Ok(moved), from, to) {
        true => Ok(()),
        // The caller would take it for a file that somebody else has taken away.
        false if error.kind() == ErrorKind::NotFound && Identity::at(from).is_ok() => Err(io::Error::other(error)),
        false => Err(error),
    })
}

fn is_moved(moved: io::Result<Identity>, from: &Path, to: &Path) -> bool {
    is_absent(from) && matches!((moved, Identity::at(to)), (Ok(moved), Ok(there)) if moved.was_moved_to(&there))
}

/// How an attempt to give a file a second name has ended.
#[derive(Debug)]
pub enum Linked {
    /// Both names are of one file, by this call or an earlier one.
    Done,
    /// Another file has the name.
    Exists,
    /// There is no such name, for whatever reason: another file system, one without links, too many of them, a rule of
    /// the kernel's … Only a copy can tell whether the name can be had at all.
    Refused(io::Error),
}

/// Gives `from` the name `to` as well.
pub fn link(from: &Path, to: &Path) -> Linked {
    let Err(error) = fs::hard_link(from, to) else {
        return Linked::Done;
    };
    match (Identity::at(from), Identity::at(to)) {
        (Ok(ours), Ok(there)) if ours.is_linked_to(&there) => Linked::Done,
        (_, Ok(_)) => Linked::Exists,
        _ => Linked::Refused(error),
    }
}

/// Gives `from` the name `to` as well, unless another file has it. Where there are no links, `to` becomes a durable
/// copy, which is made under the name `partial`: it is never seen in part, and never written over the file itself.
///
/// # Errors
/// Those of the copy alone. `NotFound` is that of `from`.
pub fn link_or_copy(from: &Path, to: &Path, partial: &Path) -> io::Result<Linked> {
    let linked = link(from, to);
    if let Linked::Refused(_) = linked {
        copy(from, to, partial).inspect_err(|_| {
            // A full disk must not stay full of it. The first error is the one that gives the reason.
            let _ = fs::remove_file(partial);
        })?;
    }
    Ok(linked)
}

fn copy(from: &Path, to: &Path, partial: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let mut target = create_anew(partial)?;
    io::copy(&mut source, &mut target)?;
    target.0.sync_all()?;
    rename(&target.0, partial, to)
}

/// Begins a file. A file that has the name is removed and not written over: it may have another name as well, and a
/// sync that has failed may have lost what is in it.
///
/// # Errors
/// There is none, or one that stays.
pub fn create_anew(path: &Path) -> io::Result<Output> {
    let created = File::create_new(path).or_else(|error| match error.kind() {
        ErrorKind::AlreadyExists => remove(path).and_then(|_| File::create_new(path)),
        _ => Err(error),
    });
    created.map(Output)
}

/// Removes a file. False if there was none in its folder.
///
/// # Errors
/// It is still there, or this cannot be found out. Also if the folder is missing: it may come back with the file in it.
pub fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if is_absent(path) && has_folder(path) => Ok(error.kind() != ErrorKind::NotFound),
        Err(error) => Err(error),
    }
}

/// Like [`remove`], for a file that is gone as a rule and harmless if it is not: that there is none is believed, which
/// saves a call.
///
/// # Errors
/// As for `remove`.
pub fn remove_rest(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound && has_folder(path) => Ok(false),
        Err(_) if is_absent(path) && has_folder(path) => Ok(true),
        removed => removed.map(|()| true),
    }
}

fn has_folder(path: &Path) -> bool {
    path.parent().is_some_and(Path::is_dir)
}

/// Makes a folder in one that exists, unless it is there.
///
/// # Errors
/// It is not there afterwards.
pub fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir(path).or_else(|error| match path.is_dir() {
        true => Ok(()),
        false => Err(error),
    })
}

/// Makes a folder and those above it, unless they are there.
///
/// # Errors
/// It is not there afterwards.
pub fn make_folders(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path).or_else(|error| match path.is_dir() {
        true => Ok(()),
        false => Err(error),
    })
}

fn is_absent(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

#[cfg(test)]
mod tests;
