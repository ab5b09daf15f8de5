//! The scan at start: what a crash left in each state is brought on.
//!
//! Runs on a worker, before any delivery and while the loop already serves. It deletes only what holds no message
//! (an empty recording), what another file replaces (a stale successor), or what a pack left unfinished. Whatever
//! is unclear is left where it is or moved to failed with a note.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

use super::files::Kind;
use super::packed::{Packed, Unsound};
use super::place::Place;
use super::queue;
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
    /// Sessions that a crash had cut off and that are sealed now.
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
/// `orphans` are the recordings that were there before this process recorded anything. Those that could not be
/// brought on are left in the list, with those of other instances: for another call, or for [`seal_orphans`].
///
/// # Errors
/// The operator's: a directory cannot be read, a file cannot be moved. A single recording that makes trouble is no
/// error.
pub fn recover(place: &Place, sync: &Sync, orphans: &mut Vec<Id>) -> io::Result<Recovered> {
    let adopted = place.adopt_others(orphans)?;
    tidy_packed(place, sync, orphans)?;
    Ok(Recovered {
        adopted,
        ..seal_orphans(place, orphans)
    })
}

/// The last part of [`recover`], which can be repeated by itself: keeps in `orphans` what the disk refuses for now.
pub fn seal_orphans(place: &Place, orphans: &mut Vec<Id>) -> Recovered {
    let mut found = Recovered::default();
    if fault::is_broken(Broken::RecoversNothing) {
        orphans.clear();
    }
    orphans.retain(|id| match seal_orphan(place, *id) {
        Ok(fate) => {
            found.count(fate);
            false
        }
        Err(error) => {
            log::error!("dump {id} cannot be recovered now, it stays in recording until it can: {error}");
            true
        }
    });
    found
}

impl Recovered {
    fn count(&mut self, fate: OrphanFate) {
        match fate {
            OrphanFate::Sealed => self.sealed += 1,
            OrphanFate::Empty => self.empty += 1,
            OrphanFate::Failed => self.failed += 1,
        }
    }
}

/// What became of a recording that nobody writes any more.
enum OrphanFate {
    Sealed,
    Empty,
    Failed,
}

/// Brings one recording that nobody writes any more to ready.
fn seal_orphan(place: &Place, id: Id) -> io::Result<OrphanFate> {
    let path = place.path(Kind::Recording, id);
    let file = File::options().read(true).append(true).open(&path)?;
    let length = file.metadata()?.len();
    let mut reader = Reader::new(BufReader::with_capacity(SCAN_BYTES_MAX, &file));
    let head = match reader.head() {
        Ok(head) if head.end == LineEnd::Feed => head.length,
        // A part of the head and nothing else: the write of the first message was cut short.
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
    if let Err(error) = close_orphan(file, &tail) {
        log::warn!("dump {id} is sealed without its closing line, which packing adds: {error}");
    }
    place.seal(id)?;
    Ok(OrphanFate::Sealed)
}

/// A recording without a whole message, of which the first two lines have `head` bytes. Nobody was told that anything
/// in it is kept, so the beginning of a first message may go; what cannot be one is damage, and that is kept.
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

/// True for JSON, whole but for its end.
fn is_beginning(text: &[u8]) -> bool {
    let result = serde_json::from_slice::<serde::de::IgnoredAny>(text);
    result.map_or_else(|error| error.is_eof(), |_| true)
}

/// Cuts a torn last line off and adds the closing line, unless the crash came between the closing line and the rename.
///
/// A full disk may keep it from doing so, or let it do half of it: packing leaves a torn last line out as well.
fn close_orphan(mut file: File, tail: &Tail) -> io::Result<()> {
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
    file.write_all(&line)?;
    fault::point("close orphan");
    Ok(())
}

/// Removes what an interrupted pack left, and settles which of two successors counts.
fn tidy_packed(place: &Place, sync: &Sync, orphans: &mut Vec<Id>) -> io::Result<()> {
    for id in place.ids(Kind::Partial)? {
        remove_litter(place, Kind::Partial, id?);
    }
    for id in place.ids(Kind::Manifest)? {
        let id = id?;
        // An unfinished pack, or the last of what the removal of a delivered dump has left.
        if !place.exists(Kind::Packed, id)? {
            lift_tombstone(place, id)?;
            remove_litter(place, Kind::Manifest, id);
        }
    }
    // Ready is listed, and not asked for each packed file: there a directory that cannot be read now would look like
    // dumps that are not in it, and what a power cut has torn would be delivered in their place.
    for id in place.ids(Kind::Ready)? {
        is_superseded(place, sync, id?, Kind::Ready);
    }
    // A power cut can also take the rename to ready, and leave what was packed after it.
    orphans.retain(|id| !is_superseded(place, sync, *id, Kind::Recording));
    Ok(())
}

/// As [`choose_successor`], for one of many; true if it is the packed one. What is not clear now is left as it is, and
/// delivery comes to it again.
fn is_superseded(place: &Place, sync: &Sync, id: Id, lines: Kind) -> bool {
    match choose_successor(place, sync, id, lines) {
        Ok(successor) => successor == Successor::Packed,
        Err(error) => {
            log::warn!("it is not clear yet which file of dump {id} counts: {error}");
            false
        }
    }
}

/// A dump that was being erased has lost its packed file first, and nobody would meet its tombstone any more. Where
/// packing was not finished, delivery has still to meet it.
fn lift_tombstone(place: &Place, id: Id) -> io::Result<()> {
    for lines in [Kind::Recording, Kind::Ready] {
        if place.exists(lines, id)? {
            return Ok(());
        }
    }
    // A process that takes an instance over names the manifest here first, and may have been killed then.
    if queue::holds_packed(place.spool(), id)? {
        return Ok(());
    }
    if let Err(error) = tombstone::lift(place.spool(), id) {
        log::warn!("the tombstone of dump {id} is of no use and cannot be removed: {error}");
    }
    Ok(())
}

/// Which of the files of a dump counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Successor {
    /// What it was packed from goes with the next sync.
    Packed,
    /// It is to be packed, for the first time or again.
    Lines,
}

/// Chooses between the packed dump and the `lines` beside it. A power cut can leave the packed file's name without its
/// content, so the name alone proves nothing.
///
/// # Errors
/// The operator's: a file cannot be looked at or removed. What cannot be read now is neither trusted nor given up.
pub fn choose_successor(place: &Place, sync: &Sync, id: Id, lines: Kind) -> io::Result<Successor> {
    if !place.exists(Kind::Packed, id)? {
        return Ok(Successor::Lines);
    }
    match Packed::open(place, id) {
        Ok(_) => {
            sync.remove_replaced(id, lines);
            return Ok(Successor::Packed);
        }
        Err(Unsound::Unclear(error)) => return Err(error),
        Err(Unsound::Gone | Unsound::Manifest(_) | Unsound::Object) => {}
    }
    place.remove(Kind::Packed, id)?;
    place.remove(Kind::Manifest, id)?;
    Ok(Successor::Lines)
}

/// Litter that cannot be removed is in nobody's way, so recovery goes on.
fn remove_litter(place: &Place, kind: Kind, id: Id) {
    if let Err(error) = place.remove(kind, id) {
        let file = place.path(kind, id);
        log::warn!("{} is of no use and cannot be removed: {error}", file.display());
    }
}

#[cfg(test)]
mod tests;
