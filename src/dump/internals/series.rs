//! Series of values: a JSON array within a JSON string, read value by value.
//!
//! Only a chunk is in memory, so a series may have any length. Values come out with the escapes of the outer string
//! undone; whether they are JSON is for the caller to find out. Each byte is looked at once.
use std::io;

use super::cursor::Place;
use super::kept::Kept;
use super::string;
use crate::dump::steps;
use crate::limits::INTERNALS_CHUNK_BYTES;

/// What a byte of the string means for the array in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It belongs to a value, or lies between two.
    Inside,
    /// It separates two values.
    Separator,
    /// It ends the array.
    End,
}

/// Finds the separators of the array, through both layers of escapes.
#[derive(Clone, Copy, Debug, Default)]
struct Splitter {
    outer: Outer,
    /// Behind a backslash of the inner text.
    escaped: bool,
    quoted: bool,
    depth: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Outer {
    #[default]
    Plain,
    /// Behind a backslash.
    Escape,
    /// Within `\uXXXX`: the digits to come, and the number so far.
    Digits(u8, u32),
}

impl Splitter {
    fn within() -> Self {
        Splitter {
            depth: 1,
            ..Splitter::default()
        }
    }

    #[inline]
    fn step(&mut self, byte: u8) -> Step {
        steps::count(1);
        match self.outer {
            Outer::Plain if byte != b'\\' => return self.inner(byte),
            Outer::Plain => self.outer = Outer::Escape,
            Outer::Escape if byte == b'u' => self.outer = Outer::Digits(4, 0),
            Outer::Escape => {
                self.outer = Outer::Plain;
                let blank = matches!(byte, b'n' | b'r' | b't' | b'b' | b'f');
                return self.inner(if blank { b' ' } else { byte });
            }
            Outer::Digits(more, number) => {
                let number = number << 4 | char::from(byte).to_digit(16).unwrap_or_default();
                self.outer = Outer::Digits(more - 1, number);
                if more == 1 {
                    self.outer = Outer::Plain;
                    return self.inner(u8::try_from(number).unwrap_or(0xff));
                }
            }
        }
        Step::Inside
    }

    #[inline]
    fn inner(&mut self, byte: u8) -> Step {
        if self.quoted {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.quoted = false,
                _ => {}
            }
            return Step::Inside;
        }
        match byte {
            b'"' => self.quoted = true,
            b'[' | b'{' => self.depth = self.depth.saturating_add(1),
            b']' | b'}' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    return Step::End;
                }
            }
            b',' if self.depth == 1 => return Step::Separator,
            _ => {}
        }
        Step::Inside
    }
}

/// The values of one series, from one of them on.
pub struct Values<'a> {
    kept: &'a Kept,
    /// What has not been read into the chunk.
    rest: Place,
    chunk: &'a mut Vec<u8>,
    at: usize,
    split: Splitter,
    /// Bytes to read at a time.
    step: usize,
    done: bool,
}

impl<'a> Values<'a> {
    /// `place` is the inside of the string. The chunk is working memory.
    pub fn new(kept: &'a Kept, place: Place, chunk: &'a mut Vec<u8>) -> Self {
        Values::read(kept, place, INTERNALS_CHUNK_BYTES, Splitter::default(), chunk)
    }

    /// Goes on where another one was, as `offset` has told. About `bytes` will be read.
    pub fn resume(kept: &'a Kept, place: Place, bytes: usize, chunk: &'a mut Vec<u8>) -> Self {
        Values::read(
            kept,
            place,
            bytes.clamp(64, INTERNALS_CHUNK_BYTES),
            Splitter::within(),
            chunk,
        )
    }

    fn read(kept: &'a Kept, rest: Place, step: usize, split: Splitter, chunk: &'a mut Vec<u8>) -> Self {
        chunk.clear();
        Values {
            kept,
            rest,
            chunk,
            at: 0,
            split,
            step,
            done: false,
        }
    }

    /// Where the next value begins, behind the first.
    pub fn offset(&self) -> u64 {
        self.rest.start - (self.chunk.len() - self.at) as u64
    }

    /// Appends the next value, without blanks around it. `None` at the end. What is cut off at the end is a value, too.
    ///
    /// # Errors
    /// The temporary file's.
    pub fn next(&mut self, out: &mut Vec<u8>) -> io::Result<Option<()>> {
        let begin = out.len();
        while !self.done {
            let fresh = self.split.depth == 0;
            let Some(byte) = self.byte()? else {
                self.done = true;
                break;
            };
            match self.split.step(byte) {
                // The bracket that begins the array.
                Step::Inside if fresh && self.split.depth == 1 => continue,
                Step::Inside => out.push(byte),
                Step::Separator => break,
                Step::End => self.done = true,
            }
        }
        if memchr::memchr(b'\\', &out[begin..]).is_some() {
            let plain = string::decode(&out[begin..]);
            out.truncate(begin);
            out.extend_from_slice(&plain);
        }
        let blank = out[begin..]
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        out.drain(begin..begin + blank);
        while out.len() > begin && out.last().is_some_and(u8::is_ascii_whitespace) {
            out.pop();
        }
        // An empty text that is not the last one stands between two commas.
        Ok((out.len() > begin || !self.done).then_some(()))
    }

    #[inline]
    fn byte(&mut self) -> io::Result<Option<u8>> {
        if self.at == self.chunk.len() {
            let count = (self.rest.end - self.rest.start).min(self.step as u64) as usize;
            self.chunk.resize(count, 0);
            let count = self.kept.read_at(self.rest.start, self.chunk)?;
            self.chunk.truncate(count);
            self.rest.start += count as u64;
            self.at = 0;
        }
        let byte = self.chunk.get(self.at).copied();
        self.at += usize::from(byte.is_some());
        Ok(byte)
    }

    /// How many values there are.
    ///
    /// # Errors
    /// The temporary file's.
    pub fn count(mut self) -> io::Result<u32> {
        let (mut count, mut content) = (0u32, false);
        while let Some(byte) = self.byte()? {
            let fresh = self.split.depth == 0;
            match self.split.step(byte) {
                Step::Inside => content |= !fresh && !byte.is_ascii_whitespace(),
                Step::Separator => {
                    count = count.saturating_add(1);
                    content = false;
                }
                Step::End => break,
            }
        }
        Ok(count.saturating_add(u32::from(content)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Vec<String> {
        let kept = Kept::take(raw.as_bytes(), &b""[..]).unwrap().0;
        let (mut chunk, mut found) = (Vec::new(), Vec::new());
        let mut offset = None;
        loop {
            let mut again = Vec::new();
            let mut values = match offset {
                None => Values::new(&kept, 0..raw.len() as u64, &mut again),
                Some(offset) => Values::resume(&kept, offset..raw.len() as u64, 1, &mut chunk),
            };
            let mut out = b"x".to_vec();
            if values.next(&mut out).unwrap().is_none() {
                break;
            }
            offset = Some(values.offset());
            let ends = values.done;
            found.push(String::from_utf8(out[1..].to_vec()).unwrap());
            if ends {
                break;
            }
        }
        let count = Values::new(&kept, 0..raw.len() as u64, &mut chunk).count().unwrap();
        assert_eq!(count as usize, found.len(), "{raw}");
        found
    }

    #[test]
    fn values_are_split_through_both_layers() {
        for (raw, values) in [
            ("[]", &[][..]),
            ("", &[]),
            ("[1]", &["1"]),
            ("[1,-2.5e3 , true,null]", &["1", "-2.5e3", "true", "null"]),
            (r#"[\"a\",\"b,]\",\"\"]"#, &["\"a\"", "\"b,]\"", "\"\""]),
            (r#"[\"q\\\"q\",\"\\\\\",1]"#, &[r#""q\"q""#, r#""\\""#, "1"]),
            (r#"[{\"a\":[1,2],\"b\":3},{}]"#, &[r#"{"a":[1,2],"b":3}"#, "{}"]),
            (r#"[\u0022x,\u0022,2]"#, &["\"x,\"", "2"]),
            (r"[1,\n 2]", &["1", "2"]),
            ("[1,2", &["1", "2"]),
            (r#"[\"cut"#, &["\"cut"]),
        ] {
            assert_eq!(read(raw), values, "{raw}");
        }
    }
}
