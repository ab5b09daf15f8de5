//! `dump features`: the features of a call, as they are stored beside a dump, or as tables.
//!
//! The JSON is that of `ID.features.json`. In a table, features are rows and connections or tracks are columns; what is
//! absent everywhere has no row. Failures: the dump cannot be read, or not to its end; then the features are those of
//! what was read.
use super::reading;
use crate::cli::failure::Failure;
use crate::cli::input::Load;
use crate::cli::output::{print, print_json, table};
use crate::cli::paint::{Paint, Tone};
use crate::cli::progress::Shown;
use crate::cli::visible::visible;
use crate::features::{CLIENT, Cell, EVENTS, Extractor, Features, STATISTICS, TRACK};
use crate::limits::FEATURE_COLUMNS_SHOWN_MAX;

/// Prints what a database can be asked about many calls, for this one: each feature is defined in docs/features.md.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    source: reading::Part,
    /// Print the JSON that the server stores beside a dump
    #[arg(long)]
    json: bool,
}

/// Prints the features.
pub fn run(arguments: &Arguments, load: Load<'_>) -> Result<(), Failure> {
    let mut reading = reading::open(&arguments.source, Shown::AtTheEnd, load)?;
    let mut extractor = Extractor::of(&reading.dump);
    let ended = reading.dump.each(|event| extractor.event(event));
    let ended = ended.map_err(|error| Failure::runtime(&reading.name, error));
    let features = extractor.finish(|connection| reading.dump.reports(connection));
    match arguments.json {
        true => print_json(&json(&features))?,
        false => print(&tables(&features, Paint::of_stdout()))?,
    }
    ended?;
    reading::tell(&reading.name, reading.dump.notes())
}

fn json(features: &Features) -> String {
    let mut text = Vec::new();
    features.write_json(&mut text);
    text.push(b'\n');
    String::from_utf8_lossy(&text).into_owned()
}

fn tables(features: &Features, paint: Paint) -> String {
    let client: Vec<Row> = CLIENT.iter().map(|feature| (feature.name, feature.unit)).collect();
    let events = EVENTS.iter().map(|feature| (feature.name, feature.unit));
    let statistics = STATISTICS.iter().map(|feature| (feature.name, feature.unit));
    let connection: Vec<Row> = events.chain(statistics).collect();
    let track: Vec<Row> = TRACK.iter().map(|feature| (feature.name, feature.unit)).collect();
    let identifier = connection.iter().position(|(name, _)| *name == "connectionIdentifier");
    let name = |cells: &[Cell<'_>]| identifier.and_then(|at| cells.get(at)).map_or(ABSENT.to_owned(), text);
    let connections: Vec<Vec<Cell<'_>>> = features.connections().collect();
    let names: Vec<String> = connections.iter().map(|cells| name(cells)).collect();
    let of = |number: usize| names.get(number).cloned().unwrap_or_default();
    let tracks: Vec<Column<'_>> = features.tracks().map(|(number, cells)| (of(number), cells)).collect();
    let connections: Vec<Column<'_>> = names.iter().cloned().zip(connections).collect();
    let mut out = block("CLIENT", &client, &[("VALUE".to_owned(), features.client())], paint);
    for (heading, rows, columns) in [("CONNECTION", &connection, &connections), ("TRACK", &track, &tracks)] {
        for columns in columns.chunks(FEATURE_COLUMNS_SHOWN_MAX) {
            out += &format!("\n{}", block(heading, rows, columns, paint));
        }
    }
    out + &unknown(features, paint)
}

/// What a browser's dump does not show, and why; the document has all names.
fn unknown(features: &Features, paint: Paint) -> String {
    let mut lines = vec![vec!["MAY BE MISSING".to_owned(), "WHY".to_owned()]];
    for (need, names) in features.unknown() {
        let (_, why) = need.missing();
        let first = match &names[..] {
            [first, _, ..] => format!("{first} and {} more", names.len() - 1),
            _ => names.concat(),
        };
        lines.push(vec![first, why.to_owned()]);
    }
    match lines.len() {
        1 => String::new(),
        _ => format!("\n{}", paint.table(&table(&lines), Tone::Plain)),
    }
}

/// A feature and its unit.
type Row = (&'static str, &'static str);

/// What has features, and the features.
type Column<'a> = (String, Vec<Cell<'a>>);

/// One table: the features that have a value in any column.
fn block(heading: &str, rows: &[Row], columns: &[Column<'_>], paint: Paint) -> String {
    let mut first = vec![heading.to_owned(), "UNIT".to_owned()];
    first.extend(columns.iter().map(|(name, _)| name.clone()));
    let mut lines = vec![first];
    for (at, (name, unit)) in rows.iter().enumerate() {
        let cells = columns
            .iter()
            .map(|(_, cells)| cells.get(at).map_or(ABSENT.to_owned(), text));
        let cells: Vec<String> = cells.collect();
        if cells.iter().any(|cell| cell != ABSENT) {
            let mut line = vec![(*name).to_owned(), (*unit).to_owned()];
            line.extend(cells);
            lines.push(line);
        }
    }
    paint.table(&table(&lines), Tone::Plain)
}

const ABSENT: &str = "-";

fn text(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Null => ABSENT.to_owned(),
        Cell::Boolean(value) => value.to_string(),
        Cell::Integer(value) => value.to_string(),
        Cell::Real(value) => format!("{value:.4}")
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned(),
        Cell::Text(text) | Cell::Json(text) => visible(text),
    }
}
