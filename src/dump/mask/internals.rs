//! Masks dumps of chrome://webrtc-internals: one JSON object whose values are often JSON, or texts of other forms,
//! within strings.
//!
//! The text is copied while it is read. Each string is undone, masked by the rule of its place (`place`), and written
//! again only if that has changed it; every other byte stays. Numbers and structure are checked on the way. From the
//! first byte on that is no JSON, everything is masked as text. Memory is the longest string, at most
//! `INTERNALS_STRING_BYTES_MAX`. Failures are those of input and output, and a longer string.
mod place;

use std::io::{self, BufRead, Read, Write};

use place::{Frame, Place};

use super::masker::Masker;
use super::rule::Rule;
use crate::dump::internals::{is_member, string};
use crate::dump::steps;
use crate::limits::{DUMP_LINE_BYTES_MAX, INTERNALS_STRING_BYTES_MAX, NESTING_LEVELS_MAX};

/// What a text was that has been masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Dump,
    /// A dump that is cut off, or no JSON from some byte on. What is behind that was masked as text.
    Part,
    /// It has no member that such a dump has.
    Other,
}

impl Seen {
    fn ended(self, is_whole: bool) -> Seen {
        match self {
            Seen::Dump if !is_whole => Seen::Part,
            seen => seen,
        }
    }
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Value,
    /// The first value or member of an array or object, or its end.
    First,
    Member,
    Colon,
    /// A comma or the end.
    Next,
}

struct Walk<'m, 'a, R, W> {
    masker: &'m mut Masker<'a>,
    input: R,
    output: W,
    frames: Vec<Frame>,
    expect: Expect,
    seen: Seen,
    /// The inside of the present string.
    raw: Vec<u8>,
    masked: Vec<u8>,
}

impl Masker<'_> {
    /// Masks a whole dump of webrtc-internals, uncompressed, and tells whether it was one. If not, everything has been
    /// masked as text.
    ///
    /// # Errors
    /// Those of input and output, and a string that is longer than `INTERNALS_STRING_BYTES_MAX`.
    pub fn internals(&mut self, input: impl BufRead, output: impl Write) -> io::Result<Seen> {
        let mut walk = Walk {
            masker: self,
            input,
            output,
            frames: Vec::new(),
            expect: Expect::Value,
            seen: Seen::Other,
            raw: Vec::new(),
            masked: Vec::new(),
        };
        walk.mark()?;
        while let Some(byte) = walk.next()? {
            if !walk.token(byte)? {
                return walk.rest();
            }
        }
        walk.output.flush()?;
        Ok(walk.seen.ended(walk.frames.is_empty()))
    }
}

impl<R: BufRead, W: Write> Walk<'_, '_, R, W> {
    /// Copies a byte order mark.
    fn mark(&mut self) -> io::Result<()> {
        if self.input.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            self.input.consume(3);
            self.output.write_all(b"\xef\xbb\xbf")?;
        }
        Ok(())
    }

    fn next(&mut self) -> io::Result<Option<u8>> {
        steps::count(1);
        let byte = self.input.fill_buf()?.first().copied();
        self.input.consume(usize::from(byte.is_some()));
        Ok(byte)
    }

    /// Copies what begins with this byte. False if it is not JSON; then what was read of it is in `raw`.
    fn token(&mut self, byte: u8) -> io::Result<bool> {
        let in_object = self.frames.last().is_some_and(|frame| frame.is_object);
        match (self.expect, byte) {
            (_, b' ' | b'\t' | b'\r' | b'\n') => {}
            (Expect::Next, b',') if !self.frames.is_empty() => {
                self.expect = if in_object { Expect::Member } else { Expect::Value };
            }
            (Expect::Colon, b':') => self.expect = Expect::Value,
            (Expect::Next | Expect::First, b'}') if in_object => self.close(),
            (Expect::Next | Expect::First, b']') if !self.frames.is_empty() && !in_object => self.close(),
            (Expect::Member | Expect::First, b'"') if in_object => return self.string(Expect::Colon),
            (Expect::Value | Expect::First, _) if self.expect == Expect::Value || !in_object => match byte {
                b'"' => return self.string(Expect::Next),
                b'{' | b'[' if self.frames.len() < NESTING_LEVELS_MAX => self.open(byte == b'{'),
                _ => return self.scalar(byte),
            },
            _ => {
                self.raw.clear();
                self.raw.push(byte);
                return Ok(false);
            }
        }
        self.output.write_all(&[byte])?;
        Ok(true)
    }

    fn open(&mut self, is_object: bool) {
        let place = self.frames.last().map_or(Place::Top, Frame::inner);
        self.frames.push(Frame::new(place, is_object));
        self.expect = Expect::First;
    }

    fn close(&mut self) {
        self.frames.pop();
        self.expect = Expect::Next;
    }

    /// A number or a word of JSON.
    fn scalar(&mut self, first: u8) -> io::Result<bool> {
        self.raw.clear();
        self.raw.push(first);
        loop {
            let byte = self.input.fill_buf()?.first().copied();
            match byte.filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')) {
                Some(byte) if self.raw.len() < SCALAR_BYTES_MAX => self.raw.push(byte),
                _ => break,
            }
            self.input.consume(1);
        }
        let follows = self.input.fill_buf()?.first().copied();
        let ends = follows.is_none_or(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n'));
        if !ends || crate::dump::json::Json::parse(&self.raw).is_err() {
            return Ok(false);
        }
        self.expect = Expect::Next;
        self.output.write_all(&self.raw)?;
        Ok(true)
    }

    /// A string, whose first quote has been read. If the text ends within it, it is masked as far as it goes.
    fn string(&mut self, then: Expect) -> io::Result<bool> {
        let closed = self.read_string()?;
        self.expect = then;
        let text = string::decode(&self.raw);
        let rule = match (then, self.frames.last_mut()) {
            (Expect::Colon, _) | (_, None) => Rule::Text,
            (_, Some(frame)) => frame.rule(&text),
        };
        self.masked.clear();
        self.masker.inner(&text, rule, &mut self.masked);
        if self.masked != text {
            self.raw.clear();
            string::write(&self.masked, &mut self.raw);
            self.raw.pop();
            self.raw.remove(0);
        }
        self.output.write_all(b"\"")?;
        self.output.write_all(&self.raw)?;
        self.output.write_all(if closed { b"\"" } else { b"" })?;
        self.raw.clear();
        if then == Expect::Colon && self.frames.len() == 1 && is_member(&text) {
            self.seen = Seen::Dump;
        }
        if let (Expect::Colon, Some(frame)) = (then, self.frames.last_mut()) {
            frame.name(text);
        }
        Ok(closed)
    }

    /// Reads a string up to its last quote into `raw`. False if there is none.
    fn read_string(&mut self) -> io::Result<bool> {
        self.raw.clear();
        loop {
            let room = (INTERNALS_STRING_BYTES_MAX - self.raw.len()) as u64;
            if room == 0 {
                let error = format!("a string is longer than {INTERNALS_STRING_BYTES_MAX} bytes");
                return Err(io::Error::new(io::ErrorKind::InvalidData, error));
            }
            if self.input.by_ref().take(room).read_until(b'"', &mut self.raw)? == 0 {
                return Ok(false);
            }
            let inside = self.raw.strip_suffix(b"\"");
            let slashes = inside.map(|inside| inside.iter().rev().take_while(|byte| **byte == b'\\').count());
            if slashes.is_some_and(|slashes| slashes % 2 == 0) {
                self.raw.pop();
                return Ok(true);
            }
        }
    }

    /// Masks as text what is left, beginning with `raw`.
    fn rest(mut self) -> io::Result<Seen> {
        let mut line = std::mem::take(&mut self.raw);
        loop {
            let room = DUMP_LINE_BYTES_MAX as u64;
            let count = self.input.by_ref().take(room).read_until(b'\n', &mut line)?;
            if count == 0 && line.is_empty() {
                self.output.flush()?;
                return Ok(self.seen.ended(false));
            }
            self.masked.clear();
            self.masker.damaged(&line, &mut self.masked);
            self.output.write_all(&self.masked)?;
            line.clear();
        }
    }
}

/// A number of JSON is shorter. What is longer is masked as text.
const SCALAR_BYTES_MAX: usize = 400;

#[cfg(test)]
mod tests;
