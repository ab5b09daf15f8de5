//! The body of an answer while it comes, for whoever reads an object.
//!
//! Failures are told in words for a person: a body that ends too early is an error and never the end.
use std::io::{self, BufRead, Read};

use super::answer::Body;
use super::wire::Wire;

/// What is still to come of an answer.
pub struct Download(Body<Box<dyn Wire>>);

impl Download {
    pub fn new(body: Body<Box<dyn Wire>>) -> Download {
        Download(body)
    }

    /// What comes next, without taking it; nothing at the end.
    ///
    /// # Errors
    /// As of reading.
    pub fn beginning(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf().map_err(in_words)
    }
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(in_words)
    }
}

fn in_words(error: io::Error) -> io::Error {
    let what = match error.kind() {
        io::ErrorKind::UnexpectedEof => "the connection was closed before the end of the object",
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => "the rest of the object does not come",
        _ => return error,
    };
    io::Error::new(error.kind(), what)
}
