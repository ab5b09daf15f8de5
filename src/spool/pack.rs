//! One pass over a sealed dump: it masks, compresses, counts, and extracts features and findings from what it has
//! masked. Then comes the commit that makes the dump packed.
//!
//! Runs on a worker. The time is linear in the dump's length; the memory is one line, 32 KiB of others and the
//! compressor, whatever the dump's size. Nothing is unlinked here. Packing may be repeated at any time: it writes the
//! same files again.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};

use flate2::write::GzEncoder;
use flate2::{Compression, Crc};
use serde_json::{Map, Value};

use super::extract::{Extracted, Extraction, ToExtract};
use super::features::PackedFeatures;
use super::files::Kind;
use super::manifest::Manifest;
use super::place::Place;
use crate::disk;
use crate::dump::header::{Close, SIGNATURE, Seal, Ticket, write_close};
use crate::dump::reader::{Content, Head, HeadError, LineEnd, Reader};
use crate::dump::{Locate, MaskRules, Masker};
use crate::fault::{self, Broken};
use crate::features::FeaturesOptions;
use crate::findings::Settings;
use crate::geo::Geo;
use crate::id::Id;
use crate::limits::SCAN_BYTES_MAX;
use crate::storage::{KeyParts, KeyTemplate};
use crate::time::UnixMs;

/// What an operator decides about packing.
pub struct PackOptions {
    pub rules: MaskRules,
    pub geo: Option<Geo>,
    pub key: KeyTemplate,
    pub features: FeaturesOptions,
    /// By what dumps are examined; without it they are not.
    pub findings: Option<Settings>,
}

impl PackOptions {
    /// What is extracted of each dump.
    pub fn to_extract(&self) -> Option<ToExtract> {
        ToExtract::of(self.features, self.findings.as_ref())
    }
}

/// Why a dump was not packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The file is not a dump, and no retry will change that. The text says what is wrong with it, without quoting it.
    #[error("{0}")]
    Dump(&'static str),
    /// A problem that the operator must solve: a full disk, an I/O error.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Packs `ready/ID.jsonl` into `packed/`. A dump that is already packed is left as it is.
///
/// # Errors
/// See `PackError`.
pub fn pack(place: &Place, id: Id, options: &PackOptions) -> Result<Manifest, PackError> {
    match pack_unless_packed(place, id, options)? {
        Some(manifest) => Ok(manifest),
        None => Ok(Manifest::read(place, id)?),
    }
}

/// As [`pack`], but `None` if the dump is already packed. Whoever finds such a file has to judge it first.
///
/// # Errors
/// See `PackError`.
pub fn pack_unless_packed(place: &Place, id: Id, options: &PackOptions) -> Result<Option<Manifest>, PackError> {
    if place.path(Kind::Packed, id).exists() {
        return Ok(None);
    }
    pack_again(place, id, options).map(Some)
}

/// As [`pack`], but a dump that is already packed is packed once more, and both files are written anew.
///
/// # Errors
/// See `PackError`.
pub fn pack_again(place: &Place, id: Id, options: &PackOptions) -> Result<Manifest, PackError> {
    pack_anew(place, id, options).inspect_err(|_| {
        // A full disk must not stay full of a dump that is packed only in part.
        let _ = place.remove(Kind::Partial, id);
    })
}

fn pack_anew(place: &Place, id: Id, options: &PackOptions) -> Result<Manifest, PackError> {
    let file = File::open(place.path(Kind::Ready, id))?;
    if fault::is_broken(Broken::UnlinksFirst) {
        place.remove(Kind::Ready, id)?;
    }
    let last_write = || Ok(UnixMs::from(file.metadata()?.modified()?));
    let output = BufWriter::with_capacity(SCAN_BYTES_MAX, disk::create_anew(&place.path(Kind::Partial, id))?);
    let locate = options.geo.as_ref().map(|geo| |address| geo.lookup(address));
    let masker = Masker::new(options.rules, locate.as_ref().map(|locate| locate as &Locate));
    let mut reader = Reader::new(BufReader::with_capacity(SCAN_BYTES_MAX, &file));
    let mut packer = Packer::new(output, masker);
    packer.extraction = options.to_extract().as_ref().map(Extraction::new);
    let (metadata, ticket) = packer.head(reader.head()?)?;
    let close = packer.events(&mut reader, &last_write)?;
    let extracted = packer.extraction.take().map(Extraction::finish);
    let (counts, object_crc32, output) = packer.finish()?;
    fault::point("partial");
    let manifest = Manifest {
        object_crc32: Some(object_crc32),
        ..manifest(id, (metadata, ticket), &close, counts, options)
    };
    let manifest = match extracted {
        Some(extracted) => with_extracted(place, manifest, extracted)?,
        None => manifest,
    };
    manifest.write(place)?;
    place.commit(id, &output.get_ref().0)?;
    Ok(manifest)
}

/// Writes the features, and has the row say what was found; or that there is none of them. An earlier pack may have
/// left some.
fn with_extracted(place: &Place, mut manifest: Manifest, extracted: Extracted) -> io::Result<Manifest> {
    let id = manifest.id;
    match extracted.features {
        Some(Ok(text)) => manifest.features = Some(PackedFeatures::write(place, id, &text)?),
        Some(Err(missing)) => {
            log::error!("dump {id} is packed without features: {missing}");
            manifest.lack_features(&missing.to_string());
            place.remove(Kind::Features, id)?;
        }
        None => {}
    }
    if let Some(findings) = &extracted.findings {
        if let Err(missing) = findings {
            log::error!("dump {id} is packed without findings: {missing}");
        }
        manifest.tell_findings(findings);
    }
    Ok(manifest)
}

impl From<HeadError> for PackError {
    fn from(error: HeadError) -> PackError {
        match error {
            HeadError::Signature | HeadError::TornSignature => PackError::Dump("the first line is not RTCStatsDump"),
            HeadError::TornMetadata => NO_METADATA,
            HeadError::Metadata(_) => PackError::Dump("the second line is not a metadata object"),
            HeadError::Io(error) => PackError::Io(error),
        }
    }
}

const NO_METADATA: PackError = PackError::Dump("there is no metadata line");

#[derive(Clone, Copy)]
struct Counts {
    messages: u64,
    bytes: u64,
}

/// Takes lines; writes them masked and compressed.
struct Packer<'a, W: Write> {
    output: GzEncoder<Summed<W>>,
    masker: Masker<'a>,
    /// Reads each line once it is masked, and never before.
    extraction: Option<Extraction>,
    /// Masked lines, until there are enough of them. Each of the steps has so much code that it would push that of the
    /// others out of the processor's cache with every line.
    masked: Vec<u8>,
    /// Where each of these lines ends, with its line feed.
    ends: Vec<usize>,
    counts: Counts,
}

impl<'a, W: Write> Packer<'a, W> {
    fn new(output: W, masker: Masker<'a>) -> Self {
        Self {
            output: GzEncoder::new(Summed::new(output), Compression::new(GZIP_LEVEL)),
            masker,
            extraction: None,
            masked: Vec::new(),
            ends: Vec::new(),
            counts: Counts { messages: 0, bytes: 0 },
        }
    }

    /// Writes the signature and the masked metadata line without the ticket. Returns the metadata as it is stored.
    fn head(&mut self, head: Head) -> Result<(Map<String, Value>, Ticket), PackError> {
        if head.end == LineEnd::Missing {
            return Err(NO_METADATA);
        }
        let mut metadata = head.metadata;
        let ticket = head.ticket.unwrap_or_else(|| Ticket {
            start: UnixMs(metadata.get("startTime").and_then(Value::as_u64).unwrap_or(0)),
            ..Ticket::default()
        });
        self.masker.metadata(&mut metadata);
        self.put(SIGNATURE)?;
        let mut line = serde_json::to_vec(&metadata).map_err(io::Error::other)?;
        line.push(b'\n');
        self.put(&line)?;
        Ok((metadata, ticket))
    }

    /// Masks every event line and writes the closing line. If the seal could not write that line, it is made here. Only
    /// then is the time of the last write asked for: as far as is known, the session ended at that time.
    fn events(
        &mut self,
        reader: &mut Reader<impl BufRead>,
        last_write: &dyn Fn() -> io::Result<UnixMs>,
    ) -> io::Result<Close> {
        let close = loop {
            match reader.line()?.map(|line| line.content) {
                Some(Content::Event(line)) => self.event(line)?,
                Some(Content::Close(close)) => break close,
                // A power cut took what was written here, but left something that was written after it. The dump ends
                // before the hole, like one that was cut off. Of the rest only the closing line is used: it says when
                // the session ended.
                Some(Content::Hole(_)) => {
                    let seal = reader.close()?.and_then(|close| close.seal);
                    break Close::cut_off(seal.map_or_else(last_write, |seal| Ok(seal.end))?);
                }
                // A torn line here can only come from a failed seal.
                Some(Content::Torn(_)) | None => break Close::cut_off(last_write()?),
            }
        };
        write_close(&close.stored(), &mut self.masked);
        self.end_line()?;
        self.put_masked()?;
        Ok(close)
    }

    fn event(&mut self, line: &[u8]) -> io::Result<()> {
        self.masker.line(line, &mut self.masked);
        self.counts.messages += 1;
        self.end_line()
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.masked.push(b'\n');
        self.ends.push(self.masked.len());
        if self.masked.len() < MASKED_BYTES_MIN {
            return Ok(());
        }
        self.put_masked()
    }

    fn put_masked(&mut self) -> io::Result<()> {
        if let Some(extraction) = &mut self.extraction {
            let mut start = 0;
            for end in &self.ends {
                extraction.masked(&self.masked[start..end - 1]);
                start = *end;
            }
        }
        self.output.write_all(&self.masked)?;
        self.counts.bytes += self.masked.len() as u64;
        self.masked.clear();
        self.ends.clear();
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.counts.bytes += bytes.len() as u64;
        self.output.write_all(bytes)
    }

    /// Returns the counts, the check sum of everything that was written, and what it was written to.
    fn finish(self) -> io::Result<(Counts, u32, W)> {
        let mut output = self.output.finish()?;
        output.flush()?;
        Ok((self.counts, output.crc.sum(), output.output))
    }
}

/// Computes the check sum of what it passes on.
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

fn manifest(
    id: Id,
    (mut metadata, ticket): (Map<String, Value>, Ticket),
    close: &Close,
    counts: Counts,
    options: &PackOptions,
) -> Manifest {
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
        id,
        start: ticket.start,
        labels: &ticket.labels,
    });
    Manifest {
        id,
        key,
        labels: ticket.labels,
        metadata: Value::Object(metadata),
        start: ticket.start,
        end: seal.end.max(ticket.start),
        upload: None,
        stored: None,
        object_crc32: None,
        features: None,
    }
}

/// How many bytes of masked lines are taken on at once: a fraction of what a core's second cache holds.
const MASKED_BYTES_MIN: usize = 32 * 1024;

/// Level 3 packs at 180 MB/s, level 6 at 71 MB/s for a few per cent less. A dump is written once and read rarely.
const GZIP_LEVEL: u32 = 3;

#[cfg(test)]
mod tests;
