//! The features of a packed dump beside it: ID.features.json, and what its manifest says of it.
//!
//! The dump never depends on this file. It is written before the manifest, so that a manifest which names it found it
//! complete; a power cut can take it nevertheless, and disks lose bits. Then it is made again from the packed dump,
//! with the same bytes.
use std::fs::{self, File};
use std::io::{self, BufReader, Write};

use flate2::bufread::MultiGzDecoder;
use serde::{Deserialize, Serialize};

use super::extract::{Missing, ToExtract, extracted};
use super::files::{DumpState, Instance, Kind};
use super::sum;
use crate::disk;
use crate::fault;
use crate::id::Id;
use crate::limits::SCAN_BYTES_MAX;

/// What the manifest says of the features. A dump that was packed without them has none of this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedFeatures {
    /// The CRC-32 (that of gzip, RFC 1952) of all bytes of the file.
    pub crc32: u32,
    /// The URL of their object, noted together with that of the dump (`Manifest::stored`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<String>,
    /// Why the row goes without them, which it says itself. Their object is not stored then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What was made again.
#[derive(Debug)]
pub struct Renewed {
    pub features: PackedFeatures,
    /// As in `Extracted`.
    pub findings: Option<Result<String, Missing>>,
}

/// Why features could not be made again.
#[derive(Debug, thiserror::Error)]
pub enum NotRenewed {
    #[error(transparent)]
    Missing(#[from] Missing),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl PackedFeatures {
    /// Writes ID.features.json. A crash may leave it torn, but it counts only beside the packed file, which is
    /// committed later.
    pub(super) fn write(instance: &Instance, id: Id, text: &[u8]) -> io::Result<PackedFeatures> {
        disk::create_anew(&instance.path(Kind::Features, id))?.write_all(text)?;
        fault::point("features");
        Ok(PackedFeatures::of(text))
    }

    /// Whether their object is still to be stored, or to be stored again.
    pub fn are_to_be_stored(&self) -> bool {
        self.stored.is_none() && self.refused.is_none()
    }

    /// Whether the file has the bytes that were written. One that cannot be read has not.
    pub fn are_whole(&self, instance: &Instance, id: Id) -> bool {
        sum::of_file(&instance.path(Kind::Features, id)).is_ok_and(|sum| sum == self.crc32)
    }

    /// Makes the file again from the packed dump. It is complete at any moment, and durable when this returns. With it
    /// comes what the row has of the findings, if there are to be some.
    ///
    /// # Errors
    /// The dump has no features, or one of the files cannot be read or written.
    pub fn renewed(instance: &Instance, id: Id, what: &ToExtract) -> Result<Renewed, NotRenewed> {
        let packed = File::open(instance.path(Kind::Packed, id))?;
        let unpacked = MultiGzDecoder::new(BufReader::with_capacity(SCAN_BYTES_MAX, packed));
        let made = extracted(&mut BufReader::with_capacity(SCAN_BYTES_MAX, unpacked), what)?;
        let text = made.features.transpose()?.unwrap_or_default();
        replace(instance, id, &text)?;
        Ok(Renewed {
            features: PackedFeatures::of(&text),
            findings: made.findings,
        })
    }

    /// Writes a file that is whole once more, since a failed sync may have lost what can be read.
    pub(super) fn write_anew(instance: &Instance, id: Id) -> io::Result<()> {
        replace(instance, id, &fs::read(instance.path(Kind::Features, id))?)
    }

    fn of(text: &[u8]) -> PackedFeatures {
        PackedFeatures {
            crc32: sum::of(text),
            stored: None,
            refused: None,
        }
    }
}

/// Writes the file with these bytes. It is complete at any moment, and durable when this returns.
fn replace(instance: &Instance, id: Id, text: &[u8]) -> io::Result<()> {
    let write = || {
        let mut file = disk::create_anew(&instance.path(Kind::Partial, id))?;
        file.write_all(text)?;
        file.0.sync_all()?;
        instance.rename_open(&file.0, id, Kind::Partial, Kind::Features)
    };
    write().inspect_err(|_| {
        // A full disk must not stay full of this file. The first error is the one that says what is wrong.
        let _ = instance.remove(Kind::Partial, id);
    })?;
    fault::point("features renewed");
    disk::sync_folder(&instance.folder(DumpState::Packed))
}
