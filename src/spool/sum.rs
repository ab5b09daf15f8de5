//! The check sum that packing makes of each file: the CRC-32 of gzip (RFC 1952).
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use flate2::Crc;

use crate::limits::SCAN_BYTES_MAX;

/// Of a whole file.
///
/// # Errors
/// The file system's.
pub fn of_file(file: &Path) -> io::Result<u32> {
    let mut file = File::open(file)?;
    let (mut crc, mut buffer) = (Crc::new(), vec![0; SCAN_BYTES_MAX]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(crc.sum()),
            Ok(length) => crc.update(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

pub fn of(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}
