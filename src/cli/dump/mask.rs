//! `dump mask`: does to a file or a stream what the server does to a dump before it stores it.
//!
//! It masks everything whatever the configuration says, because a person who calls it by hand wants that. What the
//! spool keeps beside the lines (the ticket, the seal) is taken out. Every other byte is copied. The memory is one
//! line, or one string of a dump of chrome://webrtc-internals. Failures: the input cannot be read or is not a dump;
//! what was written until then is masked, too.
use std::io::{self, BufRead, BufWriter, Write};

use crate::cli::failure::Failure;
use crate::cli::input::{Load, Source};
use crate::cli::masked::{Masked, plain};
use crate::cli::progress::Shown;
use crate::dump::{MaskRules, Masker};

/// Reads a dump, plain or compressed (gzip, bzip2, zstd, brotli), and writes it masked and plain to standard output.
/// A dump of chrome://webrtc-internals stays one.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    source: Source,
}

/// Masks the file to standard output.
pub fn run(arguments: &Arguments, load: Load<'_>) -> Result<(), Failure> {
    let input = arguments.source.open(Shown::Meanwhile, load)?;
    let mut output = BufWriter::new(io::stdout().lock());
    let mut bytes = plain(input.bytes).map_err(|error| Failure::runtime(&input.name, error))?;
    if begins_an_object(&mut bytes).map_err(|error| Failure::runtime(&input.name, error))? {
        let mut masker = Masker::new(MaskRules::default(), None);
        let masked = masker.internals(bytes, &mut output);
        return masked.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::output(&error),
            _ => Failure::runtime(&input.name, error),
        });
    }
    let mut masked = Masked::new(bytes);
    loop {
        match masked.next() {
            Ok(Some(line)) => output.write_all(line).map_err(|error| Failure::output(&error))?,
            Ok(None) => return output.flush().map_err(|error| Failure::output(&error)),
            Err(error) => {
                output.flush().map_err(|error| Failure::output(&error))?;
                return Err(Failure::runtime(input.name, error));
            }
        }
    }
}

/// Whether the text is one JSON object, as the dumps of chrome://webrtc-internals are.
fn begins_an_object(text: &mut impl BufRead) -> io::Result<bool> {
    let begin = text.fill_buf()?;
    let begin = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begin);
    Ok(begin.trim_ascii_start().starts_with(b"{"))
}
