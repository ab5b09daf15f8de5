//! `dump mask`: does to a file or a stream what the server does to a dump before it stores it.
//!
//! It masks everything whatever the configuration says, because a person who calls it by hand wants that. What the
//! spool keeps beside the lines (the ticket, the seal) is taken out. Every other byte is copied. The memory is one
//! line, or one string of a dump of chrome://webrtc-internals; a line that is longer than is read is left out with a
//! warning. Failures: the input cannot be read, is not a dump, or ends within a line; what was written until then is
//! masked, too.
use std::io::{self, BufReader, BufWriter, Write};

use super::reading;
use crate::cli::failure::Failure;
use crate::cli::input::{Load, Source};
use crate::cli::masked::{End, Masked};
use crate::cli::output::Json;
use crate::cli::progress::Shown;
use crate::dump::mask::Seen;
use crate::dump::open::{Form, Plain};
use crate::dump::{MaskRules, Masker};
use crate::limits::DUMP_LINE_BYTES_MAX;

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
    let mut output = BufWriter::new(Json::of_stdout());
    let plain = Plain::open(input.bytes).map_err(|error| Failure::runtime(&input.name, error))?;
    let form = plain.form();
    let bytes = BufReader::new(plain);
    if form == Form::Object {
        let mut masker = Masker::new(MaskRules::default(), None);
        return match masker.internals(bytes, &mut output) {
            Ok(Seen::Dump) => Ok(()),
            Ok(Seen::Part) => Err(Failure::runtime(
                &input.name,
                "the dump is cut off or damaged; what is behind that was masked as text",
            )),
            Ok(Seen::Other) => Err(Failure::runtime(
                &input.name,
                "this is no dump, but other JSON: all of it was masked as text",
            )),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::output(&error)),
            Err(error) => Err(Failure::runtime(&input.name, error)),
        };
    }
    let mut masked = Masked::new(bytes, DUMP_LINE_BYTES_MAX);
    loop {
        match masked.next() {
            Ok(Some(line)) => output.write_all(line).map_err(|error| Failure::output(&error))?,
            Ok(None) => {
                output.flush().map_err(|error| Failure::output(&error))?;
                reading::tell(&input.name, masked.notes())?;
                return match masked.end() {
                    End::Whole => Ok(()),
                    End::Torn(line) => Err(Failure::runtime(
                        &input.name,
                        format_args!("the file ends within line {line}; what there is of it was masked as text"),
                    )),
                };
            }
            Err(error) => {
                output.flush().map_err(|error| Failure::output(&error))?;
                return Err(Failure::runtime(input.name, error));
            }
        }
    }
}
