//! One pass over a sealed dump: mask, compress, count; then the commit that makes it packed.
//!
//! Runs on a worker. Linear in the dump's length; memory is one line and the compressor, whatever the dump's size.
//! Nothing is unlinked here. Packing may be repeated at any time: it writes the same files again.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::time::UNIX_EPOCH;

use flate2::write::GzEncoder;
use flate2::{Compression, Crc};
use serde_json::{Map, Value};

use super::files::Kind;
use super::place::Place;
use super::ticket::{Manifest, Ticket};
use crate::dump::header::{self, Close, SIGNATURE, Seal};
use crate::dump::{Locate, MaskRules, Masker};
use crate::fault;
use crate::geo::Geo;
use crate::id::Id;
use crate::limits::SCAN_BYTES_MAX;
use crate::storage::{KeyParts, KeyTemplate};

/// What an operator decides about packing.
pub struct PackOptions {
    pub rules: MaskRules,
    pub geo: Option<Geo>,
    pub key: KeyTemplate,
}

/// Why a dump was not packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The file is no dump; no retry mends it. The text says what is wrong with it, without quoting it.
    #[error("{0}")]
    Dump(&'static str),
    /// The operator's: disk full, an I/O error.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Packs `ready/ID.jsonl` into `packed/`. A dump that is packed already is left as it is.
///
/// # Errors
/// See `PackError`.
pub fn pack(place: &Place, id: Id, options: &PackOptions) -> Result<Manifest, PackError> {
    if place.path(Kind::Packed, id).exists() {
        return Ok(Manifest::read(place, id)?);
    }
    pack_anew(place, id, options).inspect_err(|_| {
        // A full disk must not stay full of a dump that is packed in part.
        let _ = place.remove(Kind::Partial, id);
    })
}

fn pack_anew(place: &Place, id: Id, options: &PackOptions) -> Result<Manifest, PackError> {
    let file = File::open(place.path(Kind::Ready, id))?;
    let sealed_by = file
        .metadata()?
        .modified()?
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_millis() as u64);
    let output = BufWriter::with_capacity(SCAN_BYTES_MAX, File::create(place.path(Kind::Partial, id))?);
    let locate = options.geo.as_ref().map(|geo| |address| geo.lookup(address));
    let masker = Masker::new(options.rules, locate.as_ref().map(|locate| locate as &Locate));
    let mut filter = Filter::new(BufReader::with_capacity(SCAN_BYTES_MAX, file), output, masker);
    let head = filter.head()?;
    let close = filter.events(sealed_by)?;
    let (counts, object_crc32) = filter.finish()?;
    fault::point("partial");
    let manifest = Manifest {
        object_crc32: Some(object_crc32),
        ..manifest(id, head, &close, counts, options)
    };
    manifest.write(place)?;
    place.commit(id)?;
    Ok(manifest)
}

/// The first two lines: metadata as it is stored, and the ticket that was in it.
struct Head {
    metadata: Map<String, Value>,
    ticket: Ticket,
}

#[derive(Clone, Copy)]
struct Counts {
    messages: u64,
    bytes: u64,
}

/// Reads lines, writes masked and compressed ones.
struct Filter<'a, R, W: Write> {
    input: R,
    output: GzEncoder<Summed<W>>,
    masker: Masker<'a>,
    line: Vec<u8>,
    /// Where the line begins in the input, and where the next does.
    begin: u64,
    end: u64,
    masked: Vec<u8>,
    counts: Counts,
}

impl<'a, R: BufRead, W: Write> Filter<'a, R, W> {
    fn new(input: R, output: W, masker: Masker<'a>) -> Self {
        Self {
            input,
            output: GzEncoder::new(Summed::new(output), Compression::new(GZIP_LEVEL)),
            masker,
            line: Vec::new(),
            begin: 0,
            end: 0,
            masked: Vec::new(),
            counts: Counts { messages: 0, bytes: 0 },
        }
    }

    /// Copies the signature and the masked metadata line without the ticket.
    fn head(&mut self) -> Result<Head, PackError> {
        if !self.next()? || [&self.line[..], b"\n"].concat() != SIGNATURE {
            return Err(PackError::Dump("the first line is not RTCStatsDump"));
        }
        if !self.next()? {
            return Err(PackError::Dump("there is no metadata line"));
        }
        let (mut metadata, ticket) =
            header::read_head(&self.line).map_err(|_| PackError::Dump("the second line is not a metadata object"))?;
        let ticket = ticket.and_then(|ticket| serde_json::from_value(ticket).ok());
        let ticket = ticket.unwrap_or_else(|| Ticket {
            start: metadata.get("startTime").and_then(Value::as_u64).unwrap_or(0),
            ..Ticket::default()
        });
        self.masker.metadata(&mut metadata);
        self.put(SIGNATURE)?;
        let mut line = serde_json::to_vec(&metadata).map_err(io::Error::other)?;
        line.push(b'\n');
        self.put(&line)?;
        Ok(Head { metadata, ticket })
    }

    /// Masks every event line and writes the closing one, made here if the seal could not write it.
    fn events(&mut self, sealed_by: u64) -> Result<Close, PackError> {
        let mut close = None;
        while self.next()? {
            if self.has_hole() {
                close = Some(self.hole(sealed_by)?);
                break;
            }
            // Only the last line of the file can be the closing one: a message that looks like it is a message.
            close = header::read_close(&self.line).filter(|_| matches!(self.input.fill_buf(), Ok([])));
            if close.is_none() {
                self.event()?;
            }
        }
        let seal = Seal {
            end: sealed_by,
            recovered: true,
        };
        let close = close.unwrap_or(Close {
            code: CUT_OFF,
            idle_ms: 0,
            seal: Some(seal),
        });
        self.masked.clear();
        header::write_close(&Close { seal: None, ..close }, &mut self.masked);
        self.put_masked()?;
        Ok(close)
    }

    /// No line has zeros of its own (`dump::event`). A block that was lost has many, or one at its edge; a single one
    /// elsewhere is a bit that was lost, and no reason to give up the rest of the dump.
    fn has_hole(&self) -> bool {
        memchr::memchr_iter(0, &self.line).any(|at| {
            let offset = (self.begin + at as u64) % BLOCK_BYTES;
            self.line.get(at + 1) == Some(&0) || offset == 0 || offset == BLOCK_BYTES - 1
        })
    }

    /// A power cut took what was written here and left something behind it: the dump ends before, as one that was cut
    /// off. Of the rest only the closing line is looked at, for when the session ended.
    fn hole(&mut self, sealed_by: u64) -> io::Result<Close> {
        let mut end = sealed_by;
        while self.next()? {
            let seal = header::read_close(&self.line).and_then(|close| close.seal);
            end = seal.map_or(sealed_by, |seal| seal.end);
        }
        Ok(Close {
            code: CUT_OFF,
            idle_ms: 0,
            seal: Some(Seal { end, recovered: true }),
        })
    }

    fn event(&mut self) -> io::Result<()> {
        self.masked.clear();
        self.masker.line(&self.line, &mut self.masked);
        self.counts.messages += 1;
        self.put_masked()
    }

    fn put_masked(&mut self) -> io::Result<()> {
        self.masked.push(b'\n');
        self.output.write_all(&self.masked)?;
        self.counts.bytes += self.masked.len() as u64;
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.counts.bytes += bytes.len() as u64;
        self.output.write_all(bytes)
    }

    /// Reads the next whole line without its end. A torn last line, which only a failed seal can leave, is no line.
    fn next(&mut self) -> io::Result<bool> {
        self.line.clear();
        let length = self.input.read_until(b'\n', &mut self.line)?;
        (self.begin, self.end) = (self.end, self.end + length as u64);
        Ok(self.line.pop_if(|last| *last == b'\n').is_some())
    }

    /// With the sum of all that was written.
    fn finish(self) -> io::Result<(Counts, u32)> {
        let mut output = self.output.finish()?;
        output.flush()?;
        Ok((self.counts, output.crc.sum()))
    }
}

/// Sums up what it passes on.
struct Summed<W> {
    output: W,
    crc: Crc,
}

impl<W> Summed<W> {
    fn new(output: W) -> Summed<W> {
        Summed {
            output,
            crc: Crc::new(),
        }
    }
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.output.write(bytes)?;
        self.crc.update(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

fn manifest(id: Id, head: Head, close: &Close, counts: Counts, options: &PackOptions) -> Manifest {
    let Head { mut metadata, ticket } = head;
    let seal = close.seal.unwrap_or(Seal {
        end: ticket.start,
        recovered: true,
    });
    metadata.insert("numberOfMessages".into(), counts.messages.into());
    metadata.insert("bytes".into(), counts.bytes.into());
    metadata.insert("closeCode".into(), close.code.into());
    metadata.insert("hostIdentifier".into(), ticket.host.into());
    metadata.insert("recovered".into(), seal.recovered.into());
    let key = options.key.render(&KeyParts {
        id: &id.to_string(),
        start_ms: ticket.start,
        user: ticket.user.as_deref(),
        conference: ticket.conference.as_deref(),
        session: ticket.session.as_deref(),
    });
    Manifest {
        id,
        key,
        user: ticket.user,
        conference: ticket.conference,
        session: ticket.session,
        metadata: Value::Object(metadata),
        start: ticket.start,
        end: seal.end.max(ticket.start),
        upload: None,
        stored: None,
        object_crc32: None,
    }
}

/// Level 3 packs at 180 MB/s where level 6 packs at 71 for a few per cent less: a dump is written once and read rarely.
const GZIP_LEVEL: u32 = 3;

/// What file systems write at once, or a divisor of it.
const BLOCK_BYTES: u64 = 4096;

/// RFC 6455, section 7.4.1: the connection ended without a close frame.
pub(super) const CUT_OFF: u16 = 1006;

#[cfg(test)]
mod tests;
