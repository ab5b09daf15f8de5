//! `dump mask`: does to a file or a stream what the server does to a dump before it stores it.
//!
//! It masks everything whatever the configuration says, because a person who calls it by hand wants that. What the
//! spool keeps beside the lines (the ticket, the seal) is taken out. Every other byte is copied. The memory is one
//! line. Failures: the input cannot be read or is not a dump; what was written until then is masked, too.
use std::io::{self, BufWriter, Write};

use crate::cli::failure::Failure;
use crate::cli::input::{Load, Source};
use crate::cli::masked::{Masked, plain};
use crate::cli::progress::Shown;

/// Reads a dump, plain or compressed (gzip, bzip2, zstd, brotli), and writes it masked and plain to standard output.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    source: Source,
}

/// Masks the file to standard output.
pub fn run(arguments: &Arguments, load: Load<'_>) -> Result<(), Failure> {
    let input = arguments.source.open(Shown::Meanwhile, load)?;
    let mut output = BufWriter::new(io::stdout().lock());
    let bytes = plain(input.bytes).map_err(|error| Failure::runtime(&input.name, error))?;
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
