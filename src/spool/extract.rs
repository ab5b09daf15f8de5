//! The features of one dump from its masked lines: what packing makes of them while it writes them, and what is made of
//! a stored dump later, byte for byte the same.
//!
//! A fault in the code of a feature ends here. The dump goes on without features, and `Missing` says so. What that code
//! has left behind by then is never used again. Nothing is known here of files.
use std::io::{self, BufRead};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::dump::decode::{Decoder, Event, LineError};
use crate::fault;
use crate::features::Extractor;

/// Takes the lines of one dump.
pub struct Extraction {
    reader: Result<Box<LineReader>, Missing>,
}

/// Why a dump has no features. The text is part of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    #[error("the program failed at them")]
    Failed,
}

impl Extraction {
    #[expect(clippy::new_without_default, reason = "it takes lines; an empty one is of no use")]
    pub fn new() -> Extraction {
        Extraction {
            reader: contained(|| Box::new(LineReader::new())),
        }
    }

    /// Takes the next line behind the head of the dump, as the masking has just made it and without its line feed. So
    /// it is JSON, which is not checked again. The closing line is one.
    pub fn masked(&mut self, line: &[u8]) {
        self.take(|reader| reader.line(line, Decoder::valid_line));
    }

    /// The same for a line that may be anything.
    pub fn line(&mut self, line: &[u8]) {
        self.take(|reader| reader.line(line, Decoder::line));
    }

    fn take(&mut self, work: impl FnOnce(&mut LineReader)) {
        if let Ok(reader) = &mut self.reader
            && let Err(missing) = contained(|| work(reader))
        {
            self.reader = Err(missing);
        }
    }

    /// The content of ID.features.json.
    ///
    /// # Errors
    /// See [`Missing`].
    pub fn finish(self) -> Result<Vec<u8>, Missing> {
        let reader = self.reader?;
        contained(|| reader.finish())
    }
}

/// The content of ID.features.json of a masked dump, which `input` gives from its beginning, unpacked.
///
/// # Errors
/// Those of `input`.
pub fn features_of(input: &mut dyn BufRead) -> io::Result<Result<Vec<u8>, Missing>> {
    let (mut extraction, mut line) = (Extraction::new(), Vec::new());
    for number in 0_u64.. {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if number >= HEAD_LINES {
            extraction.line(line.strip_suffix(b"\n").unwrap_or(&line));
        }
    }
    Ok(extraction.finish())
}

/// Signature and metadata.
const HEAD_LINES: u64 = 2;

fn contained<T>(work: impl FnOnce() -> T) -> Result<T, Missing> {
    let work = || {
        fault::stumble("features");
        work()
    };
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| Missing::Failed)
}

type Decode = for<'a> fn(&'a mut Decoder, &'a [u8]) -> Result<Option<Event<'a>>, LineError>;

/// Decodes lines and takes their features.
struct LineReader {
    decoder: Decoder,
    extractor: Extractor,
}

impl LineReader {
    fn new() -> LineReader {
        LineReader {
            decoder: Extractor::decoder(),
            extractor: Extractor::new(),
        }
    }

    /// A line that is no event has no features.
    fn line(&mut self, line: &[u8], decode: Decode) {
        if let Ok(Some(event)) = decode(&mut self.decoder, line) {
            self.extractor.event(&event);
        }
    }

    fn finish(self) -> Vec<u8> {
        let LineReader { decoder, extractor } = self;
        let mut text = Vec::new();
        extractor
            .finish(|connection| decoder.reports(connection))
            .write_json(&mut text);
        text
    }
}
