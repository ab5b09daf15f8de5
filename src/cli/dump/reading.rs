//! What every command that reads events does before and after: it opens the dump, and says what of it was not read.
use crate::cli::failure::Failure;
use crate::cli::input::{Load, Source};
use crate::cli::output::warn;
use crate::cli::progress::Shown;
use crate::dump::notes::{Loss, Notes};
use crate::dump::open::Dump;

/// An open dump with its name.
pub struct Reading {
    pub name: String,
    pub dump: Dump<'static>,
}

/// Opens a dump.
///
/// # Errors
/// It cannot be found or is none.
pub fn open(source: &Source, shown: Shown, load: Load<'_>) -> Result<Reading, Failure> {
    let input = source.open(shown, load)?;
    let dump = Dump::open(input.bytes).map_err(|error| Failure::runtime(&input.name, error))?;
    Ok(Reading { name: input.name, dump })
}

/// Warns of what was not read. A line that was skipped is no failure, but a dump that ends too early is.
///
/// # Errors
/// The end of the dump is missing.
pub fn tell(name: &str, notes: &Notes) -> Result<(), Failure> {
    let is_end = |loss: &Loss| matches!(loss, Loss::Hole | Loss::Damaged { .. } | Loss::Bomb(_));
    let (ends, skipped): (Vec<_>, Vec<_>) = notes.iter().partition(|note| is_end(&note.loss));
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
