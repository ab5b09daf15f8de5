//! What every command that reads events does before and after: it opens the dump, and says what of it was not read.
use std::io::{self, BufReader, BufWriter, Read, Seek};

use crate::cli::failure::Failure;
use crate::cli::input::{Load, Source};
use crate::cli::masked::Masked;
use crate::cli::output::warn;
use crate::cli::progress::Shown;
use crate::dump::notes::Notes;
use crate::dump::open::{Dump, Form, Plain};
use crate::dump::{MaskRules, Masker};
use crate::limits::DUMP_LINE_BYTES_MAX;

/// Which dump, and what of it.
#[derive(Debug, clap::Args)]
pub struct Part {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    page: Page,
}

/// Whose part of a browser's dump.
#[derive(Clone, Debug, clap::Args)]
pub struct Page {
    /// Of a dump that a browser has written, read only what the pages of this origin did (scheme://host:port)
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
}

impl Part {
    /// For commands that take more than one dump, or none.
    pub fn new(source: Source, page: Page) -> Part {
        Part { source, page }
    }
}

/// An open dump with its name.
pub struct Reading {
    pub name: String,
    pub dump: Dump<'static>,
}

/// Opens a dump.
///
/// # Errors
/// It cannot be found or is none, or it has no page of the origin that was asked for.
pub fn open(part: &Part, shown: Shown, load: Load<'_>) -> Result<Reading, Failure> {
    let input = part.source.open(shown, load)?;
    opened(part, input.name, input.bytes)
}

/// Opens a dump that is masked while it is read. One that is a single JSON object is masked first, into a file without
/// a name.
///
/// # Errors
/// Those of `open`, and of that file.
pub fn open_masked(part: &Part, shown: Shown, load: Load<'_>) -> Result<Reading, Failure> {
    let input = part.source.open(shown, load)?;
    let failed = |error: &dyn std::fmt::Display| Failure::runtime(&input.name, error);
    let plain = Plain::open(input.bytes).map_err(|error| failed(&error))?;
    let form = plain.form();
    let lines = BufReader::new(plain);
    if form != Form::Object {
        let masked = Masked::new(lines, DUMP_LINE_BYTES_MAX);
        return opened(part, input.name, Box::new(masked));
    }
    let masked = (|| {
        let mut file = BufWriter::new(tempfile::tempfile()?);
        Masker::new(MaskRules::default(), None).internals(lines, &mut file)?;
        let mut file = file.into_inner()?;
        file.rewind()?;
        Ok(file)
    })();
    let file = masked.map_err(|error: io::Error| failed(&error))?;
    opened(part, input.name, Box::new(file))
}

fn opened(part: &Part, name: String, bytes: Box<dyn Read>) -> Result<Reading, Failure> {
    let wanted = part.page.origin.as_deref();
    let dump = Dump::open_of(bytes, wanted).map_err(|error| Failure::runtime(&name, error))?;
    if let Some(wanted) = wanted.filter(|wanted| !dump.has_origin(wanted)) {
        let origins: Vec<&str> = dump.origins().iter().map(|(origin, _)| &**origin).collect();
        let why = match &origins[..] {
            [] => format!("has no page of {wanted}, and does not say of which page it is"),
            origins => format!("has no page of {wanted}, only of {}", origins.join(", ")),
        };
        return Err(Failure::runtime(&name, why));
    }
    Ok(Reading { name, dump })
}

/// Warns of what was not read. A line that was skipped is no failure, but a dump that ends too early is.
///
/// # Errors
/// The end of the dump is missing.
pub fn tell(name: &str, notes: &Notes) -> Result<(), Failure> {
    let (ends, skipped): (Vec<_>, Vec<_>) = notes.iter().partition(|note| note.loss.is_end());
    for note in skipped {
        warn(format_args!("{name}: {note}"));
    }
    if notes.others() > 0 {
        warn(format_args!("{name}: {} more lines like these", notes.others()));
    }
    let ends: Vec<String> = ends.iter().map(|note| format!("{name}: {note}")).collect();
    match ends.is_empty() {
        true => Ok(()),
        false => Err(Failure::Runtime(ends.join("\n"))),
    }
}
