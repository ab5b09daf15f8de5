//! Takes the events of a dump, one by one, and makes a model of them.
use std::io;

use super::binary::{Binary, Encoding};
use super::connection::Connection;
use super::events::Events;
use super::facts::Facts;
use super::head::{self, Head, Polls, Source, VERSION};
use super::judgement::Judgement;
use super::model::Model;
use super::series::{Collector, Lend};
use super::table::Table;
use super::words::short;
use crate::dump::clock;
use crate::dump::decode::{Event, Method, Value};
use crate::dump::internals::Flag;
use crate::dump::open::{Dump, Format};
use crate::findings::{End, Examination, Settings};

/// See the head of the file.
#[derive(Debug)]
pub struct Builder {
    source: Source,
    clock: clock::Clock,
    /// The first and the last moment, once there is one.
    span: Option<(f64, f64)>,
    server_start: Option<f64>,
    first: Option<f64>,
    facts: Facts,
    connections: Vec<Connection>,
    events: Events,
    examination: Examination,
    collector: Collector,
    binary: Binary,
}

/// How reading the dump has ended.
#[derive(Debug, Default)]
pub struct Ending {
    /// What was not read, in words.
    pub notes: Vec<String>,
    /// The end of the dump is there.
    pub complete: bool,
    pub masked: bool,
}

impl Builder {
    /// For a dump of which no event has been read.
    pub fn new(name: &str, dump: &Dump<'_>, settings: &Settings, lend: Lend) -> Builder {
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
            connections: Vec::new(),
            events: Events::default(),
            examination: Examination::of(dump, settings),
            collector: Collector::new(lend),
            binary: Binary::default(),
        }
    }

    /// Takes the next event.
    pub fn event(&mut self, event: &Event<'_>) {
        self.examination.event(event);
        // What has no time is shown at the last one.
        let known = self.clock.time(event.timestamp);
        let time = known.or(self.span.map(|(_, end)| end)).unwrap_or_default();
        if known.is_some() {
            let (start, end) = self.span.unwrap_or((time, time));
            self.span = Some((start.min(time), end.max(time)));
            self.first = self.first.or(known);
        }
        let name = event.method.name();
        if let Some(index) = event.connection.index.checked_sub(1) {
            while self.connections.len() <= index {
                self.connections.push(Connection::default());
            }
            self.connections[index].event(event, time);
            if let Value::Reports(reports) = event.value {
                self.collector.poll(index, time, reports);
            }
        } else if let Value::Json(value) = event.value {
            self.facts.event(&name, value);
            // The server writes this line.
            if name == "close" {
                self.source.closing = Some(short(value));
            }
        }
        let is_protocol = matches!(event.method, Method::Known(_));
        if let Value::Json(value) = event.value
            && !(is_protocol && name == "getStats")
        {
            self.events.event(time, event, &name, value);
        }
    }

    /// There are no more events.
    ///
    /// # Errors
    /// Those of the room that was lent.
    pub fn finish(mut self, ending: Ending) -> io::Result<Model> {
        let (start, end) = self.span.unwrap_or_default();
        self.source.notes = ending.notes;
        self.source.complete = ending.complete;
        self.source.masked = ending.masked;
        let offset = self.server_start.zip(self.first).map(|(server, first)| server - first);
        let collected = self.collector.finish()?;
        let table = Table::of(&collected, &self.binary)?;
        let mut statistics = table.connections.into_iter();
        let mut connections = Vec::new();
        for (at, connection) in self.connections.into_iter().enumerate() {
            let (polls, reports) = statistics.next().unwrap_or_else(|| {
                let times = self.binary.array(Encoding::Varint(1.0), std::iter::empty());
                (Polls { count: 0, times }, Vec::new())
            });
            connections.push(connection.finish(at + 1, polls, reports));
        }
        let end_of_dump = if ending.complete { End::Whole } else { End::Torn };
        let judgement = Judgement::of(&self.examination.finish(end_of_dump));
        let head = Head {
            version: VERSION,
            source: self.source,
            clock: head::Clock {
                start: head::number(start),
                end: head::number(end),
                server_offset: offset.map(head::number),
            },
            facts: self.facts.finish(end - start),
            judgement,
            connections,
            events: self.events.finish(start, &self.binary),
            series: table.series,
        };
        Ok(Model {
            head,
            binary: self.binary,
        })
    }
}
