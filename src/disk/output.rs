//! A file that is written from its beginning to its end, or not at all.

use std::fs::File;
use std::io::{self, ErrorKind, Write};

/// Writes like the file, but a write that was interrupted is an error and not repeated by whoever calls: it may have
/// been done, and a second one would double the bytes. The whole file is written anew instead.
#[derive(Debug)]
pub struct Output(pub File);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(|error| match error.kind() {
            ErrorKind::Interrupted => io::Error::other(error.to_string()),
            _ => error,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
