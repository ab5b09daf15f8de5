//! Goes through the JSON of a kept text and says where things are, without holding more than a chunk of it.
//!
//! Objects and arrays are visited member by member by calls that are as deep as what is asked for; everything else is
//! passed by without recursion, whatever its depth. Structure is checked only as far as needed to find the way. A text
//! that ends too early, or is no JSON, stops the visit; what was visited before stays.
use std::io;
use std::ops::Range;

use memchr::memchr2;

use super::kept::Kept;
use super::string;
use crate::dump::steps;
use crate::limits::{INTERNALS_CHUNK_BYTES, NESTING_LEVELS_MAX};

/// Where in the text something is. For strings: what stands between the quotes.
pub type Place = Range<u64>;

/// Why a visit ended.
#[derive(Debug)]
pub enum Stop {
    /// The text ends within a value.
    Ends,
    /// This offset is no JSON.
    Invalid(u64),
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Io(error)
    }
}

/// The first read of a text; the next ones are larger.
const FIRST_BYTES: usize = 2048;

pub struct Cursor<'a> {
    kept: &'a Kept,
    chunk: Vec<u8>,
    /// The offset of the chunk in the text, and the place in the chunk.
    begin: u64,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(kept: &'a Kept, offset: u64) -> Self {
        Cursor {
            kept,
            chunk: Vec::new(),
            begin: offset,
            at: 0,
        }
    }

    pub fn kept(&self) -> &'a Kept {
        self.kept
    }

    pub fn offset(&self) -> u64 {
        self.begin + self.at as u64
    }

    /// What is left of the chunk, or of the next one.
    fn rest(&mut self) -> Result<&[u8], Stop> {
        steps::count(1);
        if self.at == self.chunk.len() {
            self.begin += self.at as u64;
            self.at = 0;
            // Most records are short, and there may be many.
            let length = (2 * self.chunk.len()).clamp(FIRST_BYTES, INTERNALS_CHUNK_BYTES);
            self.chunk.resize(length, 0);
            let count = self.kept.read_at(self.begin, &mut self.chunk)?;
            self.chunk.truncate(count);
        }
        match &self.chunk[self.at..] {
            [] => Err(Stop::Ends),
            rest => Ok(rest),
        }
    }

    /// The next byte that is no blank.
    pub fn peek(&mut self) -> Result<u8, Stop> {
        loop {
            let rest = self.rest()?;
            match rest
                .iter()
                .position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
            {
                Some(at) => {
                    let byte = rest[at];
                    self.at += at;
                    return Ok(byte);
                }
                None => self.at = self.chunk.len(),
            }
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Stop> {
        if self.peek()? != byte {
            return Err(self.invalid());
        }
        self.at += 1;
        Ok(())
    }

    pub fn invalid(&self) -> Stop {
        Stop::Invalid(self.offset())
    }

    /// Passes a string and says where it was. `None` if the value is something else, which is passed as well.
    pub fn string(&mut self) -> Result<Option<Place>, Stop> {
        if self.peek()? != b'"' {
            self.skip()?;
            return Ok(None);
        }
        self.quoted().map(Some)
    }

    fn quoted(&mut self) -> Result<Place, Stop> {
        self.expect(b'"')?;
        let start = self.offset();
        loop {
            let rest = self.rest()?;
            match memchr2(b'"', b'\\', rest) {
                Some(at) if rest[at] == b'"' => {
                    self.at += at + 1;
                    return Ok(start..self.offset() - 1);
                }
                Some(at) => {
                    self.at += at + 1;
                    self.rest()?;
                    self.at += 1;
                }
                None => self.at = self.chunk.len(),
            }
        }
    }

    /// Passes a value and says where it was.
    pub fn value(&mut self) -> Result<Place, Stop> {
        self.peek()?;
        let start = self.offset();
        self.skip()?;
        Ok(start..self.offset())
    }

    /// Passes a value.
    pub fn skip(&mut self) -> Result<(), Stop> {
        let mut depth = 0;
        loop {
            match self.peek()? {
                b'"' => {
                    self.quoted()?;
                }
                b'{' | b'[' => {
                    if depth == NESTING_LEVELS_MAX {
                        return Err(self.invalid());
                    }
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b':' if depth > 0 => {
                    self.at += 1;
                    continue;
                }
                _ => self.scalar()?,
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn scalar(&mut self) -> Result<(), Stop> {
        let mut length = 0;
        loop {
            let rest = match self.rest() {
                Ok(rest) => rest,
                // A number at the end of the text is whole.
                Err(Stop::Ends) if length > 0 => return Ok(()),
                Err(stop) => return Err(stop),
            };
            let inside = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
            let (count, end) = (rest.iter().take_while(|byte| inside(byte)).count(), rest.len());
            length += count;
            self.at += count;
            if count < end {
                return if length > 0 { Ok(()) } else { Err(self.invalid()) };
            }
        }
    }

    /// Visits the members of an object. A value that is none is passed by. `visit` takes or passes each value.
    pub fn members(&mut self, mut visit: impl FnMut(&mut Self, Place) -> Result<(), Stop>) -> Result<(), Stop> {
        if self.peek()? != b'{' {
            return self.skip();
        }
        self.at += 1;
        loop {
            match self.peek()? {
                b'}' => break,
                b',' => self.at += 1,
                _ => {
                    let name = self.quoted()?;
                    self.expect(b':')?;
                    visit(self, name)?;
                }
            }
        }
        self.at += 1;
        Ok(())
    }

    /// Visits the elements of an array, in the same way.
    pub fn elements(&mut self, mut visit: impl FnMut(&mut Self) -> Result<(), Stop>) -> Result<(), Stop> {
        if self.peek()? != b'[' {
            return self.skip();
        }
        self.at += 1;
        loop {
            match self.peek()? {
                b']' => break,
                b',' => self.at += 1,
                _ => visit(self)?,
            }
        }
        self.at += 1;
        Ok(())
    }

    /// The characters of a string, if it is no longer than this.
    pub fn text(&self, place: &Place, bytes_max: usize) -> Result<Option<Vec<u8>>, Stop> {
        if place.end - place.start > bytes_max as u64 {
            return Ok(None);
        }
        Ok(Some(string::decode(&self.raw(place)?)))
    }

    /// The bytes at a place.
    pub fn raw(&self, place: &Place) -> Result<Vec<u8>, Stop> {
        let within = place.start.checked_sub(self.begin).map(|start| start as usize);
        let within = within.and_then(|start| self.chunk.get(start..start + (place.end - place.start) as usize));
        match within {
            Some(bytes) => Ok(bytes.to_vec()),
            None => Ok(self.kept.part(place.clone())?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &[u8]) -> Kept {
        Kept::take(text, &b""[..]).unwrap().0
    }

    fn skipped(text: &[u8]) -> Result<u64, Stop> {
        let kept = kept(text);
        let mut cursor = Cursor::new(&kept, 0);
        cursor.skip()?;
        Ok(cursor.offset())
    }

    #[test]
    fn members_are_found_across_chunks() {
        let long = "x\\\"\\\\".repeat(INTERNALS_CHUNK_BYTES);
        let text = format!(r#" {{ "a" : "{long}", "b":[1, {{"c":null}} ,"x"], "d\n":-1.5e3,}}"#);
        let kept = kept(text.as_bytes());
        let mut found = Vec::new();
        let visited = Cursor::new(&kept, 0).members(|cursor, name| {
            let value = cursor.value()?;
            found.push((cursor.text(&name, 100)?.unwrap(), cursor.raw(&value)?));
            Ok(())
        });
        assert!(visited.is_ok());
        let quoted = format!("\"{long}\"");
        let expected = [
            (b"a".to_vec(), quoted.into_bytes()),
            (b"b".to_vec(), br#"[1, {"c":null} ,"x"]"#.to_vec()),
            (b"d\n".to_vec(), b"-1.5e3".to_vec()),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_visited_before_the_text_ends_stays() {
        let kept = kept(br#"{"a":[1,2,3"#);
        let mut count = 0;
        let visited = Cursor::new(&kept, 0).members(|cursor, _| {
            cursor.elements(|cursor| {
                cursor.skip()?;
                count += 1;
                Ok(())
            })
        });
        assert!(matches!(visited, Err(Stop::Ends)));
        assert_eq!(count, 3);
    }

    #[test]
    fn no_text_takes_the_visit_astray() {
        assert_eq!(skipped(b"12").ok(), Some(2));
        assert_eq!(skipped(br#"{"a":[{}]}x"#).ok(), Some(10));
        let deep = [b'['; NESTING_LEVELS_MAX + 1];
        for text in [
            &b""[..],
            b"{",
            b"\"",
            b"\"\\",
            b"[1",
            b"}",
            b",",
            b"\xff",
            b"[\xff]",
            &deep,
        ] {
            assert!(skipped(text).is_err(), "{text:?}");
        }
    }
}
