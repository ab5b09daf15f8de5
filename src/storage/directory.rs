//! Objects as files in a folder of the operator's: the store that needs no set-up.
//!
//! A packed dump is hard-linked to its place, so there is no second copy and no moment when half of it is visible. If
//! the link is refused, for whatever reason, the dump is copied to a hidden name beside the target, synced and renamed.
//! A half-written file never has its final name. A missing root is not created when a dump is stored: if a disk is not
//! mounted, the disk below must not be filled. Limits: one buffer of 64 KiB. Failures: [`StorageError`], of a copy and
//! never of a link. After a crash, what is left under the hidden name is overwritten when the same dump is put again.
//! Where file systems cannot be synced as a whole, each object is durable when its put returns.
mod rehearsal;

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::Errno;

use super::content::{ByteRange, Content};
use super::error::StorageError;
use super::name::{check_key, key_below, push_path};
use super::source::Source;
use crate::disk::{self, Linked, Output};
use crate::limits::COPY_BUFFER_BYTES;
use crate::trial::Trial;
use crate::whose::machine_is_short;

/// A folder of dumps. It holds only paths, so any number of workers may use it, or clones of it, at once.
#[derive(Debug, Clone)]
pub struct Directory {
    root: PathBuf,
    /// Links of earlier tries are not trusted, since a sync has failed. Clones share it.
    is_distrustful: Arc<AtomicBool>,
}

impl Directory {
    /// The store in the folder `root`. Touches no disk, except to learn the working directory if the path is relative.
    ///
    /// # Errors
    /// The working directory is not known, or the path is empty.
    pub fn new(root: &Path) -> io::Result<Directory> {
        Ok(Directory {
            root: std::path::absolute(root)?,
            is_distrustful: Arc::default(),
        })
    }

    /// From now on an object that is there already is copied anew, and not compared or taken for the same: a failed
    /// sync has left what can be read, but may be lost.
    pub(super) fn distrust_links(&self) {
        self.is_distrustful.store(true, Ordering::Relaxed);
    }

    /// Makes the root and the folders above it. Meant for the start of a server, not for every put (see the head
    /// comment).
    ///
    /// # Errors
    /// The file system's. The server can go on, because every put will report the same.
    pub fn prepare(&self) -> Result<(), StorageError> {
        disk::make_folders(&self.root).map_err(|cause| self.destination(cause))
    }

    /// The absolute path of the store.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn put(&self, file: &Path, key: &str, crc32: Option<u32>) -> Result<String, StorageError> {
        check_key(key).map_err(StorageError::Key)?;
        let target = self.root.join(key);
        let packed = PackedFile { file, crc32 };
        match self.place(packed, &target) {
            Ok(()) => Ok(file_url(&target)),
            Err(Fault::Dump(error)) => Err(error),
            Err(Fault::Source(cause)) => Err(StorageError::Source(cause)),
            Err(Fault::Any(cause)) => Err(self.blame(file, cause)),
        }
    }

    pub(super) fn probe(&self) -> Result<(), StorageError> {
        // One name for all, since nobody would look for what a process that was killed has left under its own.
        let path = self.root.join(".probe.tmp");
        let written = File::create(&path).and_then(|mut file| file.write_all(&[0]));
        let removed = disk::remove(&path);
        written.and(removed.map(drop)).map_err(|cause| self.destination(cause))
    }

    /// Tries the way of an object from `spool` to here; `what` names the store. The folder is made.
    pub(super) fn rehearse(&self, what: &str, spool: &Path) -> Vec<Trial> {
        match self.prepare() {
            Ok(()) => rehearsal::rehearse(what, &self.root, spool),
            Err(error) => vec![Trial::refused(what, error, "")],
        }
    }

    pub(super) fn url(&self, key: &str) -> Result<String, StorageError> {
        check_key(key).map_err(StorageError::Key)?;
        Ok(file_url(&self.root.join(key)))
    }

    /// The key of the object that a row points to.
    pub(super) fn key_of(&self, blob_url: &str) -> Result<String, StorageError> {
        let base = format!("{}/", file_url(&self.root));
        key_below(&base, blob_url).map_err(StorageError::Foreign)
    }

    pub(super) fn get(&self, key: &str, range: ByteRange) -> Result<Content, StorageError> {
        check_key(key).map_err(StorageError::Key)?;
        let opened = File::open(self.root.join(key)).and_then(|mut file| {
            let metadata = file.metadata()?;
            if !metadata.is_file() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            // Beyond what a file can have there is nothing.
            file.seek(SeekFrom::Start(range.from.min(metadata.len())))?;
            Ok((file, range.within(metadata.len())))
        });
        match opened {
            Ok((file, length)) => Ok(Content::new(Some(length), file.take(length))),
            // If the root is missing, the folder is not mounted, and the file may well exist.
            Err(cause) if cause.kind() == io::ErrorKind::NotFound && self.root.is_dir() => {
                let store = format!("folder {}", self.root.display());
                Err(StorageError::Missing { store })
            }
            Err(cause) if is_of_one_file(&cause) => Err(StorageError::Unreadable {
                store: format!("folder {}", self.root.display()),
                cause: cause.to_string(),
            }),
            Err(cause) => Err(self.destination(cause)),
        }
    }

    /// Folders stay, even empty ones: another put may be about to use them.
    pub(super) fn remove(&self, key: &str) -> Result<bool, StorageError> {
        check_key(key).map_err(StorageError::Key)?;
        let target = self.root.join(key);
        // What was left when the process was killed while it copied. Nobody would find it later.
        match remove_if_there(&hidden_name(&target)) {
            Err(cause) if !concerns_one_name(&cause) => return Err(self.destination(cause)),
            _ => {}
        }
        match disk::remove(&target) {
            Ok(was_there) => Ok(was_there),
            // If the root is missing, the folder is not mounted, and the file may well exist.
            Err(cause) if cause.kind() == io::ErrorKind::NotFound && self.root.is_dir() => Ok(false),
            Err(cause) if concerns_one_name(&cause) => Err(StorageError::Refused {
                root: self.root.clone(),
                cause,
            }),
            Err(cause) => Err(self.destination(cause)),
        }
    }

    fn place(&self, packed: PackedFile<'_>, target: &Path) -> Result<(), Fault> {
        let mut linked = disk::link(packed.file, target);
        if matches!(&linked, Linked::Refused(error) if error.kind() == io::ErrorKind::NotFound) {
            self.make_parents(target)?;
            linked = disk::link(packed.file, target);
        }
        match linked {
            Linked::Done => self.settle(target),
            Linked::Exists => self.replace(packed, target),
            Linked::Refused(_) => self.copy(packed, target),
        }
    }

    /// Makes a link durable by itself, unless a sync of the whole file system will do it.
    fn settle(&self, target: &Path) -> Result<(), Fault> {
        if disk::sync_is_offered() {
            return Ok(());
        }
        File::open(target)?.sync_all()?;
        Ok(self.sync_parents(target)?)
    }

    /// The target exists. It is from an earlier try (good, if it is whole), or it is torn or older and is replaced at
    /// once.
    fn replace(&self, packed: PackedFile<'_>, target: &Path) -> Result<(), Fault> {
        if self.is_distrustful.load(Ordering::Relaxed) {
            return self.copy(packed, target);
        }
        let (ours, theirs) = (fs::metadata(packed.file).map_err(Fault::Source)?, fs::metadata(target)?);
        if (ours.dev(), ours.ino()) == (theirs.dev(), theirs.ino()) {
            return self.settle(target);
        }
        if ours.len() == theirs.len() && same_content(packed, target)? {
            File::open(target)?.sync_all()?;
            return Ok(self.sync_parents(target)?);
        }
        // The file there may be whole, and ours may be the one that lost a bit.
        packed.verify()?;
        let hidden = hidden_name(target);
        remove_if_there(&hidden)?;
        match disk::link(packed.file, &hidden) {
            Linked::Done => {
                disk::rename_by_name(&hidden, target)?;
                self.settle(target)
            }
            Linked::Exists | Linked::Refused(_) => self.copy(packed, target),
        }
    }

    /// The copy is durable when this returns, because the spool's sync does not reach another file system.
    fn copy(&self, packed: PackedFile<'_>, target: &Path) -> Result<(), Fault> {
        let hidden = hidden_name(target);
        remove_if_there(&hidden)?;
        let copied = copy_content(packed, &hidden).and_then(|copy| Ok(disk::rename(&copy, &hidden, target)?));
        if copied.is_err() {
            // Half a copy must not keep a full disk full. The first error is the one that gives the reason.
            let _ = fs::remove_file(&hidden);
        }
        copied?;
        Ok(self.sync_parents(target)?)
    }

    fn make_parents(&self, target: &Path) -> io::Result<()> {
        let mut folder = self.root.clone();
        let below = target.strip_prefix(&self.root).unwrap_or(target);
        for segment in below.parent().into_iter().flatten() {
            folder.push(segment);
            match disk::make_folder(&folder) {
                // A file is in the way. The copy says so.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => made?,
            }
        }
        Ok(())
    }

    /// Makes the names durable, including those of folders that were just made.
    fn sync_parents(&self, target: &Path) -> io::Result<()> {
        for folder in target
            .ancestors()
            .skip(1)
            .take_while(|folder| folder.starts_with(&self.root))
        {
            disk::sync_folder(folder)?;
        }
        Ok(())
    }

    /// The error of a call with two paths does not say which path it is about. This finds out; it runs only after a
    /// failure.
    fn blame(&self, file: &Path, cause: io::Error) -> StorageError {
        if machine_is_short(&cause) {
            return self.destination(cause);
        }
        match File::open(file) {
            Err(error) if !machine_is_short(&error) => return StorageError::Source(error),
            _ => {}
        }
        if self.root.is_dir() && concerns_one_name(&cause) {
            return StorageError::Refused {
                root: self.root.clone(),
                cause,
            };
        }
        self.destination(cause)
    }

    fn destination(&self, cause: io::Error) -> StorageError {
        StorageError::Destination {
            root: self.root.clone(),
            cause,
        }
    }
}

/// The file to put, and the check sum of its bytes if that is known.
#[derive(Clone, Copy)]
struct PackedFile<'a> {
    file: &'a Path,
    crc32: Option<u32>,
}

impl PackedFile<'_> {
    fn open(self) -> Result<Source, Fault> {
        Source::open(self.file, self.crc32).map_err(Fault::Source)
    }

    fn verify(self) -> Result<(), Fault> {
        if self.crc32.is_some() {
            let mut source = self.open()?;
            io::copy(&mut source, &mut io::sink()).map_err(Fault::Source)?;
            source.verify().map_err(Fault::Dump)?;
        }
        Ok(())
    }
}

/// What an error is about, as far as the call that met it can know.
enum Fault {
    Source(io::Error),
    /// It is known to be about the dump.
    Dump(StorageError),
    Any(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Fault::Any(error)
    }
}

/// Beside the target, so that the rename stays on one file system. Made from the target's name, so that the next try
/// for the same dump removes what a crash left (`KEY_SEGMENT_BYTES_MAX` leaves room for the five more bytes).
fn hidden_name(target: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".tmp");
    target.with_file_name(name)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match disk::remove(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Returns the copy, which is synced and still open.
fn copy_content(packed: PackedFile<'_>, to: &Path) -> Result<File, Fault> {
    let mut from = packed.open()?;
    let mut to = Output(File::create_new(to)?);
    let mut buffer = vec![0; COPY_BUFFER_BYTES];
    loop {
        let count = read_some(&mut from, &mut buffer).map_err(Fault::Source)?;
        if count == 0 {
            break;
        }
        to.write_all(&buffer[..count])?;
    }
    from.verify().map_err(Fault::Dump)?;
    to.0.sync_all()?;
    Ok(to.0)
}

fn same_content(packed: PackedFile<'_>, target: &Path) -> Result<bool, Fault> {
    let mut ours = packed.open()?;
    let mut theirs = File::open(target)?;
    let (mut left, mut right) = (vec![0; COPY_BUFFER_BYTES], vec![0; COPY_BUFFER_BYTES]);
    loop {
        let count = read_some(&mut ours, &mut left).map_err(Fault::Source)?;
        if count == 0 {
            return Ok(true);
        }
        match theirs.read_exact(&mut right[..count]) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            other => other?,
        }
        if left[..count] != right[..count] {
            return Ok(false);
        }
    }
}

fn read_some(file: &mut Source, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Errors that another dump would not meet: the name is too long or has bytes that this file system refuses, a file is
/// where a folder should be or the reverse, or the file is larger than this file system allows. All others (no space,
/// quota, read-only, no permission, root missing, input/output error …) are about the folder's state and can be
/// repaired.
fn concerns_one_name(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    matches!(
        errno,
        Some(Errno::NAMETOOLONG | Errno::ILSEQ | Errno::INVAL | Errno::NOTDIR | Errno::ISDIR | Errno::FBIG)
    )
}

/// What another object of the folder may well not meet.
fn is_of_one_file(error: &io::Error) -> bool {
    let kind = error.kind();
    concerns_one_name(error) || matches!(kind, io::ErrorKind::IsADirectory | io::ErrorKind::PermissionDenied)
}

/// RFC 8089 with an empty authority.
pub(super) fn file_url(path: &Path) -> String {
    let mut url = String::from("file://");
    push_path(path.as_os_str().as_bytes(), &mut url);
    url
}

#[cfg(test)]
mod tests;
