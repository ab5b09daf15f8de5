//! `view`: makes a page of a dump, and opens it.
//!
//! The page is one file that needs nothing else and asks nobody for anything. Without `-o` it goes to the folder for
//! temporary files, readable by its owner alone. Failures: the dump cannot be read, or not to its end; then the page is
//! of what was read, and says so.
mod browser;
mod choice;
mod listen;
mod write;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

use super::dump::{explain, reading};
use super::failure::Failure;
use super::input::{self, Load};
use super::output::{note, print, print_json, warn};
use super::progress::Shown;
use super::visible::visible;
use crate::config::Size;
use crate::findings::Settings;
use crate::view::series::lend_file;
use crate::view::{Builder, Ending, Model, page, pair};

/// Makes one HTML file of a dump, with what was wrong, a time line, charts, the signalling and all events, and opens it
/// in the browser. It works offline and sends nothing anywhere.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The dump: a file, - for standard input, the id of a stored dump, or a URL
    #[arg(required_unless_present = "listen")]
    dump: Option<OsString>,
    /// Another one, which is shown beside it on one axis
    #[arg(value_name = "DUMP2")]
    other: Option<OsString>,
    #[command(flatten)]
    bound: input::Bound,
    #[command(flatten)]
    page: reading::Page,
    #[command(flatten)]
    choice: choice::Choice,
    #[command(flatten)]
    listen: listen::Listening,
    /// Write the page to this file (- for standard output) and do not open it
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print the page's data as JSON instead: times in ms since 1970, units beside each series
    #[arg(long, conflicts_with = "output")]
    json: bool,
    /// The most that the page may take; of a dump that has more, values are thinned where nothing happened
    #[arg(long, value_name = "SIZE", default_value = "20MiB")]
    max_size: Size,
}

/// Writes the page.
pub fn run(arguments: &Arguments, load: Load<'_>) -> Result<(), Failure> {
    let Some(dump) = &arguments.dump else {
        return listen::run(&arguments.listen, page_bytes(arguments), load);
    };
    let settings = explain::settings(load);
    let one = made(arguments, dump, &settings, load)?;
    let other = arguments
        .other
        .as_ref()
        .map(|other| made(arguments, other, &settings, load))
        .transpose()?;
    if arguments.json {
        let mut text = Vec::new();
        for made in std::iter::once(&one).chain(&other) {
            made.model.write_json(&mut text);
            text.push(b'\n');
        }
        print_json(&String::from_utf8_lossy(&text))?;
    } else {
        let page = match &other {
            Some(other) => pair(&one.model, &other.model),
            None => page(&one.model),
        };
        let Size(most) = arguments.max_size;
        if page.len() as u64 > most {
            warn(format_args!(
                "the page has {} bytes, more than --max-size: its script, texts and names alone take that",
                page.len()
            ));
        }
        match &arguments.output {
            Some(path) => write::to(path, &page)?,
            None => show(&write::beside(&one.name, &page)?)?,
        }
    }
    one.ended?;
    other.map_or(Ok(()), |other| other.ended)
}

/// What was made of one dump.
struct Made {
    name: String,
    model: Model,
    /// Whether it was read to its end.
    ended: Result<(), Failure>,
}

fn made(arguments: &Arguments, dump: &OsString, settings: &Settings, load: Load<'_>) -> Result<Made, Failure> {
    let source = input::Source::new(dump.clone(), arguments.bound);
    let part = reading::Part::new(source, arguments.page.clone());
    let mut reading = match arguments.choice.mask() {
        choice::Mask::No => reading::open(&part, Shown::AtTheEnd, load)?,
        choice::Mask::Yes => reading::open_masked(&part, Shown::AtTheEnd, load)?,
    };
    let mut choosing = arguments.choice.choosing();
    let mut builder = Builder::new(&reading.name, &mut reading.dump, settings, lend_file());
    builder.limit(page_bytes(arguments));
    let ended = reading.dump.each(|event| builder.event(event, choosing.part(event)));
    let ended = ended.map_err(|error| Failure::runtime(&reading.name, error));
    let failure = ended.as_ref().err().map(ToString::to_string);
    let ending = Ending {
        words: failure.into_iter().chain(arguments.choice.note()).collect(),
        masked: arguments.choice.mask() == choice::Mask::Yes,
    };
    let model = builder.finish(&reading.dump, ending);
    let model = model.map_err(|error| Failure::runtime("temporary file", error))?;
    let told = ended.and_then(|()| reading::tell(&reading.name, reading.dump.notes()));
    Ok(Made {
        name: reading.name,
        model,
        ended: told,
    })
}

/// What one dump may take.
fn page_bytes(arguments: &Arguments) -> usize {
    let Size(all) = arguments.max_size;
    let all = usize::try_from(all).unwrap_or(usize::MAX);
    if arguments.other.is_some() { all / 2 } else { all }
}

/// Opens the page, and says where it is: a browser that has a folder for temporary files of its own finds nothing
/// there, and the opener does not know.
fn show(path: &std::path::Path) -> Result<(), Failure> {
    let has_person = std::io::stdout().is_terminal();
    let place = path.to_string_lossy();
    if has_person && browser::open(path) {
        note(format_args!("opened {place}"));
        return Ok(());
    }
    print(&format!("{}\n", visible(&place)))
}
