//! Takes the events of a dump, one by one, and makes a model of them.
use std::io;

use super::binary::{Binary, Encoding};
use super::budget::Budget;
use super::call::Call;
use super::characteristics;
use super::client::Client;
use super::connection::{Connection, Rest};
use super::descriptions::Descriptions;
use super::events::Events;
use super::facts::Facts;
use super::head::{self, Head, Polls, Report, Source, VERSION, number};
use super::judgement::Judgement;
use super::model::Model;
use super::sampling::Plan;
use super::series::{Collected, Collector, Lend, Omitted};
use super::stretch::Whole;
use super::table::{Still, Table};
use super::words::short;
use crate::dump::clock;
use crate::dump::decode::{Event, Method, Value};
use crate::dump::internals::Flag;
use crate::dump::open::{Dump, Format};
use crate::features::Extractor;
use crate::findings::{End, Examination, Settings};
use crate::limits::VIEW_PAGE_BYTES_MAX;

/// See the head of the file.
pub struct Builder {
    source: Source,
    clock: clock::Clock,
    /// The first and the last moment, once there is one.
    span: Option<(f64, f64)>,
    server_start: Option<f64>,
    first: Option<f64>,
    facts: Facts,
    client: Client,
    connections: Vec<Connection>,
    descriptions: Descriptions,
    budget: Budget,
    events: Events,
    examination: Examination,
    extractor: Extractor,
    collector: Collector,
    binary: Binary,
    page_bytes: usize,
}

/// Whether an event is shown. Findings and features are always those of the whole dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Shown,
    Left,
}

/// What the builder cannot know of the dump.
#[derive(Debug, Default)]
pub struct Ending {
    /// What of it was not read beside what the dump's own notes say, in words.
    pub words: Vec<String>,
    pub masked: bool,
}

impl Builder {
    /// For a dump of which no event has been read. `lend` gives room for what does not fit into memory.
    pub fn new(name: &str, dump: &mut Dump<'_>, settings: &Settings, lend: Lend) -> Builder {
        let examination = Examination::of(dump, settings);
        let metadata = dump.metadata();
        let format = dump.format();
        Builder {
            source: Source {
                name: name.to_owned(),
                form: match format {
                    Format::RtcStats => "library",
                    Format::Internals => "internals",
                    Format::BrowserExport => "export",
                },
                format: format.name(),
                flags: dump.flags().iter().map(Flag::name).collect(),
                ..Source::default()
            },
            clock: clock::Clock::of(format, metadata),
            span: None,
            server_start: metadata.get("startTime").and_then(serde_json::Value::as_f64),
            first: None,
            facts: Facts::of(metadata),
            client: Client::default(),
            connections: Vec::new(),
            descriptions: Descriptions::default(),
            budget: Budget::default(),
            events: Events::default(),
            examination,
            extractor: Extractor::of(dump),
            collector: Collector::new(lend),
            binary: Binary::default(),
            page_bytes: VIEW_PAGE_BYTES_MAX,
        }
    }

    /// Asks for a page of another size.
    pub fn limit(&mut self, page_bytes: usize) {
        self.page_bytes = page_bytes;
    }

    /// Takes the next event.
    pub fn event(&mut self, event: &Event<'_>, part: Part) {
        self.examination.event(event);
        self.extractor.event(event);
        // What has no time is shown at the last one.
        let known = self.clock.time(event.timestamp);
        let time = known.or(self.span.map(|(_, end)| end)).unwrap_or_default();
        let index = event.connection.index.checked_sub(1);
        if let Some(index) = index {
            while self.connections.len() <= index {
                self.connections.push(Connection::default());
            }
            self.connections[index].seen(event.connection.sent, known);
        }
        let name = event.method.name();
        if index.is_none()
            && let Value::Json(value) = event.value
        {
            self.facts.event(&name, value);
            // The server writes this line.
            if name == "close" {
                self.source.closing = Some(short(value));
            }
        }
        if part == Part::Left {
            if let (Value::Reports(_), Some(index)) = (event.value, index) {
                self.collector.pass(index);
            }
            return;
        }
        if known.is_some() {
            let (start, end) = self.span.unwrap_or((time, time));
            self.span = Some((start.min(time), end.max(time)));
            self.first = self.first.or(known);
        }
        let is_statistics = matches!(event.method, Method::Known(method) if method.name == "getStats");
        match (event.value, index) {
            (Value::Reports(reports), Some(index)) => self.collector.poll(index, time, reports),
            (Value::Json(_), _) if is_statistics => {}
            (Value::Json(value), _) => {
                let row = self.events.event(time, event, &name, value);
                let call = Call {
                    time,
                    name: &name,
                    value,
                    extra: event.extra,
                    row,
                };
                self.call(index, &call);
            }
            (Value::Reports(_), None) => {}
        }
    }

    fn call(&mut self, index: Option<usize>, call: &Call<'_>) {
        match index {
            Some(index) => {
                self.client.track(call, &mut self.budget);
                self.connections[index].call(call, index, &mut self.descriptions, &mut self.budget);
            }
            None => self.client.call(call, &mut self.budget),
        }
    }

    /// There are no more events of this dump.
    ///
    /// # Errors
    /// Those of the room that was lent.
    pub fn finish(self, dump: &Dump<'_>, ending: Ending) -> io::Result<Model> {
        Ok(self.finish_whole(dump, ending)?.0)
    }

    /// The same, with all values, of which the model may have a part only.
    ///
    /// # Errors
    /// Those of the room that was lent.
    pub fn finish_whole(mut self, dump: &Dump<'_>, ending: Ending) -> io::Result<(Model, Whole)> {
        let (start, end) = self.span.unwrap_or_default();
        self.source.notes = dump.notes().iter().map(ToString::to_string).collect();
        self.source.notes.extend(ending.words);
        self.source.complete = dump.is_whole();
        self.source.masked = ending.masked;
        let offset = self.server_start.zip(self.first).map(|(server, first)| server - first);
        let features = self.extractor.finish(|connection| dump.reports(connection));
        let judgement = Judgement::of(&self.examination.finish(match dump.is_whole() {
            true => End::Whole,
            false => End::Torn,
        }));
        let collected = self.collector.finish()?;
        self.source.notes.extend(omissions(&self.budget, &collected));
        // Names repeat, so gzip makes a tenth of them.
        let names = collected.head_bytes() / 8;
        let texts = self.events.text_bytes() + self.descriptions.text_bytes() + self.budget.used() + names;
        let moments: Vec<_> = self.connections.iter().map(|one| one.moments(&judgement)).collect();
        let plan = Plan::new(&collected, room(self.page_bytes, texts), &moments);
        if let Some(step) = plan.samplings.iter().flatten().map(|sampling| sampling.step).max() {
            self.source.notes.push(format!(
                "to keep the page small, most values are those of one poll in {step}, and of all polls near findings \
                 and changes of state"
            ));
        }
        let table = Table::of(&collected, &plan, Still::Constant, &self.binary)?;
        let rest = Rest {
            collected: &collected,
            places: &table.places,
            client: &self.client,
            descriptions: &self.descriptions,
            start,
        };
        let connections = joined(self.connections, table.connections, &rest, &self.binary)?;
        let (events, rows) = self.events.finish(start, &self.binary);
        let head = Head {
            version: VERSION,
            source: self.source,
            clock: head::Clock {
                start: number(start),
                end: number(end),
                server_offset: offset.map(number),
            },
            facts: self.facts.finish(end - start, &connections),
            judgement,
            features: characteristics::features(&features),
            client: head::Client {
                calls: self.client.finish(),
            },
            connections,
            sdp: self.descriptions.finish(&rows),
            events,
            series: table.series,
            headline: table.headline,
        };
        let model = Model {
            head,
            binary: self.binary,
        };
        Ok((model, Whole::new(collected, &plan)))
    }
}

/// What of the dump the page has not, or not as it was, in words.
fn omissions(budget: &Budget, collected: &Collected) -> Vec<String> {
    let mut notes = Vec::new();
    if budget.omitted() > 0 {
        let omitted = budget.omitted();
        notes.push(format!(
            "{omitted} states, candidates and calls were left out of the page's stories"
        ));
    }
    let omitted = collected.omitted();
    if omitted != Omitted::default() {
        let Omitted { series, polls } = omitted;
        notes.push(format!(
            "the page has no room for {series} values and {polls} polls; one connection can be asked for alone"
        ));
    }
    if collected.turned_back() > 0 {
        let polls = collected.turned_back();
        notes.push(format!(
            "a clock was turned back: {polls} polls are shown at the time of the one before"
        ));
    }
    notes
}

/// What the binary part may have, so that base64 of it and of all texts fits into the page even if gzip finds nothing.
fn room(page_bytes: usize, texts: usize) -> usize {
    (page_bytes.saturating_sub(SCRIPT_BYTES) / 4 * 3).saturating_sub(texts)
}

/// Script, packed, and style.
const SCRIPT_BYTES: usize = 192 * 1024;

/// The connections with their statistics.
fn joined(
    connections: Vec<Connection>,
    statistics: Vec<(Polls, Vec<Report>)>,
    rest: &Rest<'_>,
    binary: &Binary,
) -> io::Result<Vec<head::Connection>> {
    let mut statistics = statistics.into_iter();
    let one = |(at, connection): (usize, Connection)| {
        let (polls, reports) = statistics.next().unwrap_or_else(|| {
            let times = binary.array(Encoding::Varint(1.0), std::iter::empty());
            let none = Polls {
                count: 0,
                times,
                sampled: None,
            };
            (none, Vec::new())
        });
        connection.finish(at, polls, reports, rest)
    };
    connections.into_iter().enumerate().map(one).collect()
}
