//! `dump check`: holds a dump against the format, line by line.
//!
//! What is found is what a reader stumbles over: lines that are no events, values of another type than the method has,
//! a head or a closing line that is missing. Memory is that of reading. The exit status is 1 if anything was found.
use std::io::{self, BufWriter, Write};

use super::reading;
use crate::cli::failure::Failure;
use crate::cli::figures::count;
use crate::cli::input::Load;
use crate::cli::progress::Shown;
use crate::dump::clock::ABSOLUTE_MS_MIN;
use crate::dump::decode::{Event, Method};
use crate::dump::json::Kind;
use crate::dump::open::{Dump, Format};
use crate::dump::table::Carries;

/// Lists what of a dump is not as the format has it, with the number of its line in the uncompressed dump.
///
/// The exit status is 1 if there is anything.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    source: reading::Part,
}

/// Prints what is found.
pub fn run(arguments: &Arguments, load: Load<'_>) -> Result<(), Failure> {
    let mut reading = reading::open(&arguments.source, Shown::AtTheEnd, load)?;
    let mut found = Findings {
        output: BufWriter::new(io::stdout().lock()),
        count: 0,
    };
    // What a browser writes has neither our metadata nor a closing line, in its own form no lines, and where nothing
    // happened no time.
    let is_of_server = reading.dump.format() == Format::RtcStats;
    let mut state = State {
        needs_time: is_of_server,
        is_closed: false,
    };
    for what in head(&reading.dump).iter().filter(|_| is_of_server) {
        found.tell(2, what)?;
    }
    let mut noted = 0;
    let ended = loop {
        let next = reading.dump.next();
        let seen = match next {
            Ok(Some(event)) => Some(state.event(&event)),
            Ok(None) => None,
            Err(error) => break Err(Failure::runtime(&reading.name, error)),
        };
        // What was skipped before this event comes first.
        noted = found.notes(&reading.dump, noted)?;
        let line = reading.dump.line();
        match seen {
            Some(what) => what.iter().try_for_each(|what| found.tell(line, what))?,
            None => break Ok(()),
        }
    };
    let line = reading.dump.line();
    if is_of_server && !state.is_closed && ended.is_ok() {
        found.tell(
            line,
            "the closing line is missing: the dump was cut off, or its session has not ended",
        )?;
    }
    found.end(line, reading.dump.notes().others())?;
    ended?;
    match found.count {
        0 => Ok(()),
        1 => Err(Failure::Runtime(format!("{}: 1 finding", reading.name))),
        number => Err(Failure::Runtime(format!(
            "{}: {} findings",
            reading.name,
            count(number)
        ))),
    }
}

/// Where findings go.
struct Findings<W: Write> {
    output: W,
    count: u64,
}

impl<W: Write> Findings<W> {
    fn tell(&mut self, line: u64, what: &str) -> Result<(), Failure> {
        self.count += 1;
        let written = match line {
            0 => writeln!(self.output, "{what}"),
            line => writeln!(self.output, "line {line}: {what}"),
        };
        written.map_err(|error| Failure::output(&error))
    }

    /// What the reader has skipped since then.
    fn notes(&mut self, dump: &Dump<'_>, from: usize) -> Result<usize, Failure> {
        let mut number = from;
        for note in dump.notes().iter().skip(from) {
            self.count += 1;
            number += 1;
            writeln!(self.output, "{note}").map_err(|error| Failure::output(&error))?;
        }
        Ok(number)
    }

    fn end(&mut self, lines: u64, others: u64) -> Result<(), Failure> {
        self.count += others;
        let last = match (self.count, others) {
            (0, _) if lines == 0 => "nothing is odd\n".to_owned(),
            (0, _) => format!("{} lines, as the format has them\n", count(lines)),
            (_, 0) => String::new(),
            (_, others) => format!("and {} more lines that were skipped\n", count(others)),
        };
        let written = self
            .output
            .write_all(last.as_bytes())
            .and_then(|()| self.output.flush());
        written.map_err(|error| Failure::output(&error))
    }
}

/// What of the second line is not as the format has it.
fn head(dump: &Dump<'_>) -> Vec<String> {
    let metadata = dump.metadata();
    let mut found = Vec::new();
    let mut expect = |name: &str, kind: &str, fits: fn(&serde_json::Value) -> bool| match metadata.get(name) {
        None => found.push(format!("the metadata have no {name}")),
        Some(value) if !fits(value) => found.push(format!("{name} of the metadata is no {kind}")),
        Some(_) => {}
    };
    expect("fileFormat", "number", |value| value.is_u64());
    expect("startTime", "time in ms", |value| value.is_number());
    expect("url", "text", |value| value.is_string());
    found
}

/// What has been seen so far.
struct State {
    /// The next event has to have an absolute time.
    needs_time: bool,
    is_closed: bool,
}

impl State {
    /// What is wrong with this event.
    fn event(&mut self, event: &Event<'_>) -> Vec<String> {
        let mut found = Vec::new();
        // A session without a message has its closing line alone, which counts from the last message.
        let needs_time = std::mem::replace(&mut self.needs_time, false) && !is_closing(event);
        if needs_time && event.timestamp < ABSOLUTE_MS_MIN {
            found.push("the first time stamp is not absolute".to_owned());
        }
        if std::mem::replace(&mut self.is_closed, is_closing(event)) {
            found.push("it stands behind the closing line".to_owned());
        }
        let connection = event.connection.sent.kind();
        if !matches!(connection, Kind::Null | Kind::String) {
            found.push(format!("the connection is no text, but {}", named(connection)));
        }
        match event.method {
            Method::Other(sent) => match sent.kind() {
                Kind::String => {}
                Kind::Number => found.push(format!("no method has the number {}", event.method.name())),
                kind => found.push(format!(
                    "the method is neither a name nor a number, but {}",
                    named(kind)
                )),
            },
            Method::Known(method) => {
                if let Some(json) = event.value.json()
                    && let Some(wanted) = wanted(method.carries)
                    && !matches!(json.kind(), Kind::Null)
                    && json.kind() != wanted
                {
                    let (is, should) = (named(json.kind()), named(wanted));
                    found.push(format!("the value of {} is {is}, not {should}", method.name));
                }
            }
        }
        found
    }
}

/// The server's own last line. The page's connections have names, and its own events are others.
fn is_closing(event: &Event<'_>) -> bool {
    let is_close = matches!(event.method, Method::Known(method) if method.name == "close");
    is_close && event.connection.index == 0 && event.value.json().is_some_and(|code| code.kind() == Kind::Number)
}

/// The type that a value of this kind has unless it is null; none where the format leaves it open.
fn wanted(carries: Carries) -> Option<Kind> {
    match carries {
        Carries::State => Some(Kind::String),
        Carries::Statistics => Some(Kind::Object),
        Carries::Candidate | Carries::CandidateError | Carries::Description => Some(Kind::Object),
        Carries::Configuration => Some(Kind::Object),
        Carries::Nothing | Carries::Constraints | Carries::Devices | Carries::Tracks | Carries::Text => None,
    }
}

fn named(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Bool => "a truth value",
        Kind::Number => "a number",
        Kind::String => "a text",
        Kind::Array => "an array",
        Kind::Object => "an object",
    }
}
