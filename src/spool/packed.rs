//! Whether a packed dump is what packing wrote. This is the only judge of that, and it is asked before anything relies
//! on the packed dump alone.
//!
//! A power cut can leave names without content, and disks lose bits. Nothing here changes a file. The time is linear in
//! the packed file, or, if its manifest has no check sum that fits it, in the size of its unpacked content. The memory
//! is one buffer. If something cannot be read at the moment, that says nothing about the dump: a sound dump must not be
//! given up because of a short disturbance.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::path::Path;

use flate2::bufread::GzDecoder;

use super::files::{Instance, Kind};
use super::manifest::Manifest;
use super::sum;
use crate::id::Id;
use crate::limits::SCAN_BYTES_MAX;

/// A packed dump that can be stored and recorded.
#[derive(Debug)]
pub struct Packed {
    pub manifest: Manifest,
}

/// Why there is no such dump.
#[derive(Debug, thiserror::Error)]
pub enum Unsound {
    /// There is no packed file: the dump is not packed, or was removed meanwhile.
    #[error("its packed file is gone")]
    Gone,
    /// The manifest is missing or is not what packing wrote; the text says which.
    #[error("{0}")]
    Manifest(&'static str),
    #[error("its packed file is damaged")]
    Object,
    /// It cannot be decided at the moment.
    #[error(transparent)]
    Unclear(#[from] io::Error),
}

impl Packed {
    /// Checks the manifest and every byte of the packed file.
    ///
    /// # Errors
    /// See `Unsound`.
    pub fn open(instance: &Instance, id: Id) -> Result<Packed, Unsound> {
        Packed::judge(instance, id, Kind::Manifest, Kind::Packed)
    }

    /// Like [`open`](Packed::open), for a dump in `failed`.
    ///
    /// # Errors
    /// See `Unsound`.
    pub(super) fn open_failed(instance: &Instance, id: Id) -> Result<Packed, Unsound> {
        Packed::judge(instance, id, Kind::FailedManifest, Kind::FailedPacked)
    }

    /// Checks the manifest alone. This is for the stage after the sync that followed packing, when nothing can have
    /// happened to the packed file, and for callers who only ask whose dump it is.
    ///
    /// # Errors
    /// See `Unsound`. That the packed file is gone is noticed only if the manifest is gone, too.
    pub fn trusted(instance: &Instance, id: Id) -> Result<Packed, Unsound> {
        Packed::trust(instance, id, Kind::Manifest, Kind::Packed)
    }

    /// Like [`trusted`](Packed::trusted), for a dump in `failed`.
    ///
    /// # Errors
    /// See `Unsound`.
    pub(super) fn trusted_failed(instance: &Instance, id: Id) -> Result<Packed, Unsound> {
        Packed::trust(instance, id, Kind::FailedManifest, Kind::FailedPacked)
    }

    fn judge(instance: &Instance, id: Id, manifest: Kind, object: Kind) -> Result<Packed, Unsound> {
        let packed = Packed::trust(instance, id, manifest, object)?;
        let sum = packed.manifest.object_crc32;
        match is_whole(&instance.path(object, id), sum) {
            Ok(true) => Ok(packed),
            Ok(false) => Err(Unsound::Object),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(Unsound::Gone),
            Err(error) => Err(Unsound::Unclear(error)),
        }
    }

    fn trust(instance: &Instance, id: Id, manifest: Kind, object: Kind) -> Result<Packed, Unsound> {
        let read = Manifest::read_kind(instance, manifest, id).map_err(|error| match error.kind() {
            ErrorKind::NotFound if !instance.exists(object, id).unwrap_or(true) => Unsound::Gone,
            ErrorKind::NotFound => Unsound::Manifest("its manifest is missing"),
            ErrorKind::InvalidData => Unsound::Manifest("its manifest is damaged"),
            _ => Unsound::Unclear(error),
        })?;
        read.check(id).map_err(Unsound::Manifest)?;
        Ok(Packed { manifest: read })
    }
}

/// Whether its bytes have the check sum that was made when they were written, or at least the dump in them is whole.
fn is_whole(file: &Path, written: Option<u32>) -> io::Result<bool> {
    if written.is_some() && written == Some(sum::of_file(file)?) {
        return Ok(true);
    }
    unpacks(file)
}

/// Whether the file unpacks to its end, where gzip's own checksum and length stand (RFC 1952, section 2.3.1). Damaged
/// content gives `false` and not an error.
fn unpacks(file: &Path) -> io::Result<bool> {
    let mut input = BufReader::with_capacity(SCAN_BYTES_MAX, File::open(file)?);
    match io::copy(&mut GzDecoder::new(&mut input), &mut io::sink()) {
        Ok(_) => Ok(input.fill_buf()?.is_empty()),
        Err(error) if says_damaged(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What the decoder itself finds wrong carries no error number of the operating system.
fn says_damaged(error: &io::Error) -> bool {
    error.raw_os_error().is_none()
        && matches!(
            error.kind(),
            ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof
        )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use flate2::write::GzEncoder;
    use flate2::{Compression, Crc};

    use super::super::place::Place;
    use super::*;

    fn gzip() -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&[b'x'; 1000]).unwrap();
        encoder.finish().unwrap()
    }

    fn manifest(id: Id, object_crc32: Option<u32>) -> Manifest {
        let text = format!(r#"{{"id":"{id}","key":"{id}","metadata":{{}},"start":1,"end":2}}"#);
        let plain: Manifest = serde_json::from_str(&text).unwrap();
        Manifest { object_crc32, ..plain }
    }

    #[test]
    fn only_a_whole_file_is_sound_with_its_sum_and_without() {
        let whole = gzip();
        let mut crc = Crc::new();
        crc.update(&whole);
        let mut flipped = whole.clone();
        flipped[whole.len() - 6] ^= 1;
        let longer = [&whole[..], b"x"].concat();
        let folder = tempfile::tempdir().unwrap();
        let (place, id) = (Place::open(folder.path()).unwrap(), Id::new());
        for sum in [None, Some(crc.sum())] {
            manifest(id, sum).write(&place).unwrap();
            for (bytes, sound) in [
                (&whole[..], true),
                (&whole[..whole.len() - 1], false),
                (&whole[..5], false),
                (b"", false),
                (&flipped, false),
                (&longer, false),
            ] {
                fs::write(place.path(Kind::Packed, id), bytes).unwrap();
                let judged = Packed::open(&place, id);
                assert_eq!(judged.is_ok(), sound, "{} bytes", bytes.len());
                assert!(sound || matches!(judged, Err(Unsound::Object)));
            }
        }
        let other = manifest(id, Some(0));
        other.write(&place).unwrap();
        fs::write(place.path(Kind::Packed, id), &whole).unwrap();
        assert!(Packed::open(&place, id).is_ok(), "the dump in it is whole all the same");
    }

    #[test]
    fn what_is_missing_or_cannot_be_read_is_told_apart_from_damage() {
        let folder = tempfile::tempdir().unwrap();
        let (place, id) = (Place::open(folder.path()).unwrap(), Id::new());
        assert!(matches!(Packed::open(&place, id), Err(Unsound::Gone)));
        manifest(id, None).write(&place).unwrap();
        assert!(matches!(Packed::open(&place, id), Err(Unsound::Gone)));
        assert!(Packed::trusted(&place, id).is_ok());
        let file = place.path(Kind::Manifest, id);
        fs::write(place.path(Kind::Packed, id), gzip()).unwrap();
        fs::write(&file, fs::read(&file).unwrap().to_ascii_uppercase()).unwrap();
        assert_eq!(
            Packed::open(&place, id).unwrap_err().to_string(),
            "its manifest is damaged"
        );
        fs::remove_file(&file).unwrap();
        assert_eq!(
            Packed::open(&place, id).unwrap_err().to_string(),
            "its manifest is missing"
        );
        fs::create_dir(&file).unwrap();
        assert!(matches!(Packed::open(&place, id), Err(Unsound::Unclear(_))));
    }
}
