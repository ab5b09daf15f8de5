//! The scan at start: whatever a crash has left in each state is moved on to the next one.
//!
//! Runs on a worker, before any delivery and while the loop already serves. It deletes only files that hold no message
//! (an empty recording), that another file replaces (a stale successor), or that a pack left unfinished. Whatever is
//! unclear is left where it is, or moved to `failed` with a note.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::files::Kind;
use super::place::Place;
use super::queue;
use super::successor;
use super::sync::Sync;
use super::tombstone;
use crate::dump::header::{Close, write_close};
use crate::dump::reader::{HeadError, LineEnd, Reader, Tail};
use crate::fault::{self, Broken};
use crate::id::Id;
use crate::limits::SCAN_BYTES_MAX;
use crate::time::UnixMs;

/// What the scan found, for the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Sessions that a crash had cut off and that are now sealed.
    pub sealed: usize,
    /// Recordings without a whole message.
    pub empty: usize,
    /// Files moved to failed.
    pub failed: usize,
    /// Files taken over from instances that no process holds.
    pub adopted: usize,
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} sessions that were cut off are sealed, {} without a message are removed, {} files are in failed, \
             {} files are taken over from other processes",
            self.sealed, self.empty, self.failed, self.adopted
        )
    }
}

/// Recovers the spool.
///
/// `orphans` are the recordings that existed before this process recorded anything. Those that could not be moved on
/// stay in the list, together with those taken over from other instances: for another call, or for [`seal_orphans`].
///
/// # Errors
/// For the operator to solve: a directory cannot be read, a file cannot be moved. Trouble with a single recording, or
/// with what other processes have left, is no error: both are tried again later.
pub fn recover(place: &Place, sync: &Sync, orphans: &mut Vec<Id>) -> io::Result<Recovered> {
    let adopted = adopt_others(place, orphans);
    tidy_packed(place, sync, orphans)?;
    Ok(Recovered {
        adopted,
        ..seal_orphans(place, orphans)
    })
}

/// The first part of [`recover`], which can be repeated alone. Returns how many files were taken over.
pub fn adopt_others(place: &Place, orphans: &mut Vec<Id>) -> usize {
    let adopted = place.adopt_others(orphans);
    let trouble = adopted
        .as_ref()
        .err()
        .map(|error| format!("what other processes left cannot be taken over now, this is tried again: {error}"));
    place.tell("what other processes left", trouble.as_deref(), "");
    adopted.unwrap_or(0)
}

/// The last part of [`recover`], which can be repeated alone. What the disk refuses for now stays in `orphans`.
pub fn seal_orphans(place: &Place, orphans: &mut Vec<Id>) -> Recovered {
    let mut found = Recovered::default();
    if fault::is_broken(Broken::RecoversNothing) {
        orphans.clear();
    }
    let mut causes = BTreeSet::new();
    orphans.retain(|id| match seal_orphan(place, *id) {
        Ok(fate) => {
            found.count(fate);
            false
        }
        Err(error) => {
            causes.insert(error.to_string());
            true
        }
    });
    tell_unsealed(place, orphans, causes);
    found
}

/// A disk that refuses one refuses all of them, so they are told together.
fn tell_unsealed(place: &Place, orphans: &[Id], causes: BTreeSet<String>) {
    let causes = causes.into_iter().collect::<Vec<_>>().join("; ");
    let trouble = format!("recordings that were cut off cannot be recovered now and stay until they can: {causes}");
    let example = match orphans {
        [] => return place.tell(CUT_OFF, None, ""),
        [only] => format!(" (dump {only})"),
        [first, others @ ..] => format!(" (dump {first} and {} more)", others.len()),
    };
    place.tell(CUT_OFF, Some(&trouble), &example);
}

const CUT_OFF: &str = "recordings that were cut off";

impl Recovered {
    fn count(&mut self, fate: OrphanFate) {
        match fate {
            OrphanFate::Sealed => self.sealed += 1,
            OrphanFate::Empty => self.empty += 1,
            OrphanFate::Failed => self.failed += 1,
            OrphanFate::Gone => {}
        }
    }
}

/// What became of a recording that nobody writes to any more.
enum OrphanFate {
    Sealed,
    Empty,
    Failed,
    /// It has been moved on or removed already.
    Gone,
}

/// Moves one recording that nobody writes to any more to `ready`.
fn seal_orphan(place: &Place, id: Id) -> io::Result<OrphanFate> {
    let path = place.path(Kind::Recording, id);
    let file = match File::options().read(true).append(true).open(&path) {
        // The move into this instance had failed, or this call's predecessor has moved it on without being told so.
        // If the folder is missing, it may come back with the file in it.
        Err(error)
            if error.kind() == io::ErrorKind::NotFound
                && path.parent().is_some_and(Path::is_dir)
                && !place.exists(Kind::Recording, id)? =>
        {
            return Ok(OrphanFate::Gone);
        }
        opened => opened?,
    };
    let length = file.metadata()?.len();
    let mut reader = Reader::new(BufReader::with_capacity(SCAN_BYTES_MAX, &file));
    let head = match reader.head() {
        Ok(head) if head.end == LineEnd::Feed => head.length,
        // Part of the head and nothing else: the write of the first message was cut short.
        Ok(_) | Err(HeadError::TornSignature | HeadError::TornMetadata) => length,
        Err(HeadError::Io(error)) => return Err(error),
        Err(HeadError::Signature | HeadError::Metadata(_)) => {
            place.fail(
                id,
                "The file does not begin with a whole RTCStatsDump line and a metadata object.\n",
            )?;
            return Ok(OrphanFate::Failed);
        }
    };
    let tail = Tail::of(&mut &file, length)?;
    if tail.whole <= head {
        return remove_empty(place, id, &file, head);
    }
    if let Err(error) = close_orphan(&file, &tail) {
        log::warn!("dump {id} is sealed without its closing line, which packing adds: {error}");
    }
    place.seal(id, &file)?;
    Ok(OrphanFate::Sealed)
}

/// Removes a recording without a whole message, whose first two lines have `head` bytes. Nobody was told that anything
/// in it is kept, so the beginning of a first message may be lost. What cannot be such a beginning is damage, and is
/// kept.
fn remove_empty(place: &Place, id: Id, file: &File, head: u64) -> io::Result<OrphanFate> {
    let mut input = BufReader::with_capacity(SCAN_BYTES_MAX, file);
    input.seek(SeekFrom::Start(head))?;
    let mut text = Vec::new();
    input.read_to_end(&mut text)?;
    if text.first() == Some(&b'[') && !is_beginning(&text) {
        place.fail(
            id,
            "The file has no whole message, and what it has instead is not the beginning of one.\n",
        )?;
        return Ok(OrphanFate::Failed);
    }
    place.remove(Kind::Recording, id)?;
    Ok(OrphanFate::Empty)
}

/// Whether this is JSON that lacks nothing but its end.
fn is_beginning(text: &[u8]) -> bool {
    let result = serde_json::from_slice::<serde::de::IgnoredAny>(text);
    result.map_or_else(|error| error.is_eof(), |_| true)
}

/// Cuts a torn last line off and adds the closing line, unless the crash came between the closing line and the rename.
///
/// If a full disk prevents this or lets only half of it be done, that is no harm: packing leaves a torn last line out
/// as well.
fn close_orphan(mut file: &File, tail: &Tail) -> io::Result<()> {
    let last_write = UnixMs::from(file.metadata()?.modified()?);
    if file.metadata()?.len() > tail.whole {
        file.set_len(tail.whole)?;
        fault::point("cut orphan");
    }
    if tail.close.is_some() {
        return Ok(());
    }
    let mut line = Vec::new();
    write_close(&Close::cut_off(last_write), &mut line);
    line.push(b'\n');
    // Once: an interrupted write may have been done, and a second line would count as one of the session.
    let written = file.write(&line)?;
    fault::point("close orphan");
    if written < line.len() {
        return Err(io::ErrorKind::WriteZero.into());
    }
    Ok(())
}

/// Removes what an interrupted pack left, and decides which of two files of a dump counts.
fn tidy_packed(place: &Place, sync: &Sync, orphans: &mut Vec<Id>) -> io::Result<()> {
    for id in place.ids(Kind::Partial)? {
        remove_litter(place, Kind::Partial, id?);
    }
    remove_lone_features(place)?;
    for id in place.ids(Kind::Manifest)? {
        let id = id?;
        // An unfinished pack, or the last file that the removal of a delivered dump has left.
        if !place.exists(Kind::Packed, id)? {
            lift_tombstone(place, id)?;
            remove_litter(place, Kind::Manifest, id);
        }
    }
    // `ready` is listed as a whole instead of being asked for each packed file. Otherwise, if the directory could not
    // be read at the moment, it would seem that its dumps were not there, and files that a power cut has torn would be
    // delivered in their place.
    for id in place.ids(Kind::Ready)? {
        // Delivery settles which one counts.
        let _ = is_superseded(place, id?);
    }
    // A power cut can also undo the rename to `ready`, and yet leave what was packed after it. What can be read after a
    // power cut is durable.
    orphans.retain(|id| {
        let is_superseded = is_superseded(place, *id);
        if is_superseded {
            sync.remove_replaced(*id, Kind::Recording, sync.health().failures);
        }
        !is_superseded
    });
    Ok(())
}

/// Features belong to a packed dump. An earlier version leaves them where they are when it takes that dump away, and
/// removes the dump without them.
fn remove_lone_features(place: &Place) -> io::Result<()> {
    for (features, packed) in [
        (Kind::Features, Kind::Packed),
        (Kind::FailedFeatures, Kind::FailedPacked),
    ] {
        for id in place.ids(features)? {
            let id = id?;
            if !place.exists(packed, id)? {
                remove_litter(place, features, id);
            }
        }
    }
    Ok(())
}

/// Whether the packed file counts, and not the lines beside it. If that is unclear at the moment, everything is left as
/// it is, and delivery decides later.
fn is_superseded(place: &Place, id: Id) -> bool {
    match successor::choose(place, id) {
        Ok(packed) => packed.is_some(),
        Err(error) => {
            log::warn!("it is not clear yet which file of dump {id} counts: {error}");
            false
        }
    }
}

/// Removes the tombstone of a dump whose packed file was lost first while it was being erased, since nobody would meet
/// that tombstone any more. If packing was only not finished, the tombstone stays, because delivery has still to meet
/// it.
fn lift_tombstone(place: &Place, id: Id) -> io::Result<()> {
    for lines in [Kind::Recording, Kind::Ready] {
        if place.exists(lines, id)? {
            return Ok(());
        }
    }
    // A process that takes an instance over first gives the manifest a name here, and may have been killed then.
    if queue::holds_packed(place.spool(), id)? {
        return Ok(());
    }
    if let Err(error) = tombstone::lift(place.spool(), id) {
        log::warn!("the tombstone of dump {id} is of no use and cannot be removed: {error}");
    }
    Ok(())
}

/// Litter that cannot be removed does no harm, so recovery goes on.
fn remove_litter(place: &Place, kind: Kind, id: Id) {
    if let Err(error) = place.remove(kind, id) {
        let file = place.path(kind, id);
        log::warn!("{} is of no use and cannot be removed: {error}", file.display());
    }
}

#[cfg(test)]
mod tests;
