//! Holds long lines off a reader, which holds each line as a whole.
//!
//! Of a line that is longer than the limit, what is beyond the limit is passed over. Memory is that of the input's
//! buffer. Failures are the input's.
use std::io::{self, BufRead, Read};

use memchr::{memchr, memrchr};

pub struct Shortened<R> {
    input: R,
    limit: u64,
    /// Bytes of the present line that have been taken.
    taken: u64,
    /// The length of the last line that was shortened.
    long: Option<u64>,
}

impl<R: BufRead> Shortened<R> {
    pub fn new(input: R, limit: usize) -> Self {
        Shortened {
            input,
            limit: limit as u64,
            taken: 0,
            long: None,
        }
    }

    /// The whole length of the line that was read last, in bytes, if it was shortened.
    pub fn take_long(&mut self) -> Option<u64> {
        self.long.take()
    }

    fn pass_over(&mut self) -> io::Result<()> {
        let mut length = self.taken;
        loop {
            let buffer = self.input.fill_buf()?;
            let end = memchr(b'\n', buffer);
            let count = end.unwrap_or(buffer.len());
            let is_end = end.is_some() || buffer.is_empty();
            self.input.consume(count);
            length += count as u64;
            if length > self.limit {
                self.long = Some(length);
            }
            if is_end {
                return Ok(());
            }
        }
    }
}

impl<R: BufRead> BufRead for Shortened<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken >= self.limit {
            self.pass_over()?;
            let buffer = self.input.fill_buf()?;
            return Ok(&buffer[..buffer.len().min(1)]);
        }
        let buffer = self.input.fill_buf()?;
        let room = usize::try_from(self.limit - self.taken).unwrap_or(usize::MAX);
        Ok(&buffer[..buffer.len().min(room)])
    }

    fn consume(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        // What was looked at is still in the input's buffer.
        let taken = self.input.fill_buf().map_or(&[][..], |buffer| &buffer[..count]);
        self.taken = match memrchr(b'\n', taken) {
            Some(at) => (count - at - 1) as u64,
            None => self.taken + count as u64,
        };
        self.input.consume(count);
    }
}

impl<R: BufRead> Read for Shortened<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}
