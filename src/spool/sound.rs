//! Whether what lies on disk is what was written there: asked before anything relies on it alone.
//!
//! A power cut leaves names without content, and disks lose bits. Nothing here changes a file. Time is linear in what is
//! unpacked; memory is one buffer.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::path::Path;

use flate2::bufread::GzDecoder;

use crate::limits::SCAN_BYTES_MAX;

/// The file unpacks to its end, where gzip's own checksum and length stand (RFC 1952, section 2.3.1).
///
/// # Errors
/// The disk's; damaged content is no error but `false`.
pub fn unpacks(file: &Path) -> io::Result<bool> {
    let mut input = BufReader::with_capacity(SCAN_BYTES_MAX, File::open(file)?);
    match io::copy(&mut GzDecoder::new(&mut input), &mut io::sink()) {
        Ok(_) => Ok(input.fill_buf()?.is_empty()),
        Err(error) if says_damaged(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What the decoder itself finds wrong has no number of the system's.
fn says_damaged(error: &io::Error) -> bool {
    error.raw_os_error().is_none()
        && matches!(
            error.kind(),
            ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    #[test]
    fn only_a_whole_gzip_file_unpacks() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&[b'x'; 1000]).unwrap();
        let whole = encoder.finish().unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() - 6] ^= 1;
        let longer = [&whole[..], b"x"].concat();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        for (bytes, sound) in [
            (&whole[..], true),
            (&whole[..whole.len() - 1], false),
            (&whole[..5], false),
            (b"", false),
            (&flipped, false),
            (&longer, false),
        ] {
            std::fs::write(&file, bytes).unwrap();
            assert_eq!(unpacks(&file).unwrap(), sound, "{} bytes", bytes.len());
        }
        assert!(unpacks(&folder.path().join("nothing")).is_err());
    }
}
