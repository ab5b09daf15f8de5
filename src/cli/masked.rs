//! A dump that is masked while it is read, line by line.
//!
//! What the spool keeps beside the lines (the ticket, the seal) is taken out. Every other byte is copied. The memory is
//! one line, and a line that is longer than the caller allows is left out and noted. Failures: the input's, or that it
//! is no dump.
use std::io::{self, BufRead, Read};

use crate::dump::header::{Close, SIGNATURE, read_close, write_close};
use crate::dump::json::Json;
use crate::dump::lines::Shortened;
use crate::dump::notes::{Loss, Notes};
use crate::dump::open::{OpenError, check_version};
use crate::dump::reader::{Content, HeadError, LineEnd, Reader};
use crate::dump::{MaskRules, Masker};

/// Why the input was not masked to its end.
#[derive(Debug, thiserror::Error)]
pub enum MaskError {
    #[error("{0}")]
    NoDump(OpenError),
    #[error("{0}")]
    Input(io::Error),
}

impl From<HeadError> for MaskError {
    fn from(error: HeadError) -> MaskError {
        match error {
            HeadError::Io(error) => MaskError::Input(error),
            error => MaskError::NoDump(OpenError::Head(error)),
        }
    }
}

/// A dump, masked line by line.
pub struct Masked<R> {
    reader: Reader<Shortened<R>>,
    masker: Masker<'static>,
    place: Place,
    /// The number of the last line, counted from 1.
    line: u64,
    notes: Notes,
    end: End,
    /// The lines that were masked last, and how much of them was read.
    masked: Vec<u8>,
    read: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Head,
    Lines,
}

/// How the dump ends, as far as it was masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Whole,
    /// Within the line with this number. What there is of it has been masked as text.
    Torn(u64),
}

impl<R: BufRead> Masked<R> {
    /// Masks a dump that is not compressed. No line is longer than `line_bytes_max`.
    pub fn new(input: R, line_bytes_max: usize) -> Masked<R> {
        Masked {
            reader: Reader::new(Shortened::new(input, line_bytes_max)),
            masker: Masker::new(MaskRules::default(), None),
            place: Place::Head,
            line: 2,
            notes: Notes::default(),
            end: End::Whole,
            masked: Vec::new(),
            read: 0,
        }
    }

    /// The head, then each line.
    ///
    /// # Errors
    /// The input's, or that it is no dump.
    pub fn next(&mut self) -> Result<Option<&[u8]>, MaskError> {
        self.masked.clear();
        match self.place {
            Place::Head => self.head()?,
            Place::Lines => loop {
                let Some(line) = self.reader.line().map_err(MaskError::Input)? else {
                    return Ok(None);
                };
                self.line += 1;
                let kind = Kind::of(&line.content);
                match self.reader.input().take_long() {
                    Some(length) => self.notes.push(self.line, Loss::LongLine(length)),
                    None => {
                        let text = self.reader.text();
                        mask_line(kind, text, &mut self.masker, &mut self.masked);
                        // Other programs write no line feed at the end, and then the line is whole.
                        if kind == Kind::Torn && !text.trim_ascii().is_empty() && Json::parse(text).is_err() {
                            self.end = End::Torn(self.line);
                            self.masked.push(b'\n');
                        }
                        break;
                    }
                }
            },
        }
        self.place = Place::Lines;
        Ok(Some(&self.masked))
    }

    /// The lines that were left out so far.
    pub fn notes(&self) -> &Notes {
        &self.notes
    }

    /// How the dump ends, once `next` has found no more.
    pub fn end(&self) -> End {
        self.end
    }

    fn head(&mut self) -> Result<(), MaskError> {
        let head = self.reader.head()?;
        check_version(&head.metadata).map_err(MaskError::NoDump)?;
        let mut metadata = head.metadata;
        self.masker.metadata(&mut metadata);
        self.masked.extend_from_slice(SIGNATURE);
        serde_json::to_writer(&mut self.masked, &metadata).map_err(|error| MaskError::Input(error.into()))?;
        if head.end == LineEnd::Feed {
            self.masked.push(b'\n');
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Masked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.masked.len() {
            self.read = 0;
            if self.next().map_err(io::Error::other)?.is_none() {
                return Ok(0);
            }
        }
        let count = (&self.masked[self.read..]).read(buffer)?;
        self.read += count;
        Ok(count)
    }
}

/// What a line is, without its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Event,
    Close(Close),
    Torn,
}

impl Kind {
    fn of(content: &Content) -> Kind {
        match content {
            Content::Close(close) => Kind::Close(*close),
            Content::Event(_) | Content::Hole(_) => Kind::Event,
            Content::Torn(_) => Kind::Torn,
        }
    }
}

/// Writes a line with the line end that it has: in dumps of other servers the closing line has none.
fn mask_line(kind: Kind, line: &[u8], masker: &mut Masker, masked: &mut Vec<u8>) {
    match kind {
        Kind::Close(close) => write_close(&close.stored(), masked),
        Kind::Event => masker.line(line, masked),
        Kind::Torn => {
            match read_close(line) {
                Some(close) => write_close(&close.stored(), masked),
                None => masker.line(line, masked),
            }
            return;
        }
    }
    masked.push(b'\n');
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Write};

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::dump::open::{Dump, Plain};

    const HEAD: &str = "RTCStatsDump\n{\"url\":\"/\",\"startTime\":1,\"fileFormat\":3}\n";

    fn masked(input: &[u8]) -> Result<String, String> {
        let plain = Plain::open(input).map_err(|error| error.to_string())?;
        io::read_to_string(Masked::new(BufReader::new(plain), usize::MAX)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_dump_is_taken_plain_or_compressed_in_any_number_of_members() {
        let dump = format!("{HEAD}[1,null,2,3]\n[\"close\",null,1000,5]");
        assert_eq!(masked(dump.as_bytes()).unwrap(), dump);
        let (head, rest) = dump.as_bytes().split_at(30);
        let compress = |bytes: &[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        assert_eq!(masked(&compress(dump.as_bytes())).unwrap(), dump);
        assert_eq!(masked(&[compress(head), compress(rest)].concat()).unwrap(), dump);
        let torn = &compress(dump.as_bytes())[..40];
        assert!(masked(torn).is_err(), "a torn file is no success");
    }

    #[test]
    fn what_the_spool_adds_is_taken_out() {
        let spooled = "RTCStatsDump\n{\"url\":\"/\",\"rtcstatsServer\":{\"user\":\"alice\"}}\n[1,null,2,3]\n[\"close\",null,1000,{\"end\":9,\"recovered\":false},5]\n";
        let expected = "RTCStatsDump\n{\"url\":\"/\"}\n[1,null,2,3]\n[\"close\",null,1000,5]\n";
        assert_eq!(masked(spooled.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn what_is_no_dump_is_refused_as_wherever_a_dump_is_read() {
        for input in [
            "",
            "x",
            "secret\n{}\n",
            "RTCStatsDump",
            "RTCStatsDump\n",
            "RTCStatsDump\nsecret\n",
            "RTCStatsDump\n[\"secret\"]\n",
            "RTCStatsDump\n{\"fileFormat\":2}\n[1,null,2,3]\n",
            "RTCStatsDump\n{\"fileFormat\":4}\n[\"create\",null,{},3]\n",
        ] {
            let told = masked(input.as_bytes()).unwrap_err();
            let read = Dump::open(input.as_bytes()).err().map(|error| error.to_string());
            assert_eq!(Some(told), read, "{input:?}");
        }
    }

    #[test]
    fn a_dump_that_is_cut_off_ends_with_a_line_feed_and_is_told() {
        for (end, masked, torn) in [
            ("", "", End::Whole),
            ("[1,null,2,3]", "[1,null,2,3]", End::Whole),
            ("[1,null,2,3]\n", "[1,null,2,3]\n", End::Whole),
            ("  ", "[\"unparsed\",null,\"  \",0]", End::Whole),
            (
                "[1,null,\"203.0.113.31",
                "[\"unparsed\",null,\"[1,null,\\\"203.0.113.x\",0]\n",
                End::Torn(3),
            ),
        ] {
            let dump = format!("{HEAD}{end}");
            let mut masker = Masked::new(dump.as_bytes(), usize::MAX);
            let text = io::read_to_string(&mut masker).unwrap();
            assert_eq!((text, masker.end()), (format!("{HEAD}{masked}"), torn), "{end}");
        }
    }
}
