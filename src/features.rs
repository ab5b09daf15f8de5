//! What a call was like: features of the client, of each connection and of each track, extracted from decoded events.
//!
//! One pass over the events, in their order; no event values are built. The statistics are looked at where they live in
//! the decoder: only reports that an event has changed, and last values only when a report goes or at the end. What is
//! unexpected counts as missing. Nothing here fails.
//!
//! Limits: `FEATURE_…` in `limits`. Beyond them things are left out, and how often that happened is a feature itself.
//! The memory of an extractor is at most 64 MiB and 4 KiB for each connection, whatever the dump has.
//!
//! Names, nesting and values are those of the Node.js implementation of rtcstats, whose queries go on working;
//! `docs/features.md` tells every definition, where it comes from, and where ours differ on purpose.
mod asked;
mod call;
mod client;
mod configuration;
mod connection;
mod direction;
mod feature;
mod first_pair;
mod form;
mod ice;
mod keep;
mod last;
mod negotiation;
mod options;
mod output;
mod path;
mod place;
mod rank;
mod rows;
mod sizes;
mod stream;
mod tables;
mod tracks;
mod value;

use std::borrow::Cow;

use call::Call;
use client::Client;
use connection::Connection;
use keep::{Keeper, Kept};

use crate::dump::decode::{Decoder, Event, Method, Value as Content};
use crate::dump::internals::Flags;
use crate::dump::json::{Json, Text};
use crate::dump::open::Dump;
use crate::dump::seen::Seen;
use crate::limits::{DUMP_CONNECTIONS_MAX, FEATURE_CONNECTION_BYTES_MAX};

pub use crate::dump::form::{Form, Need};
pub use asked::ASKED;
pub use feature::{Column, Feature};
pub use options::FeaturesOptions;
pub use output::{Cell, Features, Table, columns};
pub use rows::{column_name, database_tables};
pub use tables::{CLIENT, EVENTS, STATISTICS, TRACK};
pub use value::Value;

const _: () = assert!(size_of::<Connection>() <= FEATURE_CONNECTION_BYTES_MAX);

/// Extracts features from the events of one dump.
#[derive(Debug, Default)]
pub struct Extractor {
    client: Client,
    connections: Vec<Connection>,
    /// Of the connections of a browser's dump, which are known from the beginning.
    forms: Vec<Form>,
    keeper: Keeper,
}

impl Extractor {
    /// For the dump of a client library.
    pub fn new() -> Extractor {
        Extractor::default()
    }

    /// For a dump of any form, of which no event has been read yet. What its form cannot show will be absent.
    pub fn of(dump: &Dump<'_>) -> Extractor {
        let form = |flags| Form::new(dump.format(), flags);
        let mut extractor = Extractor {
            forms: dump.connection_flags().into_iter().map(form).collect(),
            ..Extractor::default()
        };
        extractor.client.form = form(Flags::default());
        extractor
    }

    /// A decoder that gives what features ask for, and keeps nothing else.
    pub fn decoder() -> Decoder {
        Decoder::selective(&ASKED)
    }

    /// Takes the next event of the dump.
    pub fn event(&mut self, event: &Event<'_>) {
        let Some(index) = event.connection.index.checked_sub(1) else {
            self.client_event(event);
            return;
        };
        if self.connections.len() <= index && !self.grow(index) {
            return;
        }
        let (connection, keeper) = (&mut self.connections[index], &mut self.keeper);
        if connection.identifier.is_none() {
            connection.identifier = identifier(event.connection.sent, keeper);
        }
        match (is_statistics(&event.method), &event.value) {
            (true, Content::Reports(reports)) => connection.statistics(event.timestamp, reports, keeper),
            (true, Content::Json(_)) => connection.no_statistics(event.timestamp),
            (false, _) => connection.call(&call(event, &name(&event.method)), keeper),
        }
    }

    fn client_event(&mut self, event: &Event<'_>) {
        let name = name(&event.method);
        // A browser writes this one for itself.
        if self.client.form.is_library() || name != "create" {
            self.client.span.extend(event.timestamp);
        }
        if !is_statistics(&event.method) {
            self.client.call(&call(event, &name), &mut self.keeper);
        }
    }

    /// Makes room for the connection of this number. Connections come in the order of their first events.
    fn grow(&mut self, index: usize) -> bool {
        let fits = index < DUMP_CONNECTIONS_MAX;
        if fits {
            while self.connections.len() <= index {
                let form = self.forms.get(self.connections.len()).copied();
                self.connections.push(Connection::of(form.unwrap_or_default()));
            }
        } else {
            self.keeper.omit();
        }
        fits
    }

    /// There are no more events. `reports` gives the statistics of a connection (its index as in `Event`) as they are
    /// at the end; the last values of all streams are taken from there.
    pub fn finish<'a>(mut self, reports: impl Fn(usize) -> Option<Seen<'a>>) -> Features {
        if !self.client.form.is_library() {
            self.include_connections();
        }
        let keeper = &mut self.keeper;
        let finish =
            |(index, connection): (usize, Connection)| connection.finish(reports(index + 1).as_deref(), keeper);
        let connections = self.connections.into_iter().enumerate().map(finish).collect();
        self.client.omitted = Some(self.keeper.omitted()).filter(|count| *count > 0);
        Features::new(self.client, connections)
    }

    /// Of a browser's dump, nothing says when the client began but what is known to have begun.
    fn include_connections(&mut self) {
        let known = self.connections.iter().filter(|one| !one.form.lacks(Need::Creation));
        let begins = known.filter_map(|connection| connection.span.begin());
        begins.for_each(|begin| self.client.span.include(begin));
    }
}

/// The name of a connection as a JSON string. One that was sent as something else is the text of that.
fn identifier(sent: Json<'_>, keeper: &mut Keeper) -> Option<Kept> {
    match sent.as_text() {
        Some(_) => keeper.value(sent),
        None => {
            let text = String::from_utf8_lossy(sent.raw());
            keeper.text(&format!("\"{}\"", String::from_utf8_lossy(&Text::escaped(&text))))
        }
    }
}

fn is_statistics(method: &Method<'_>) -> bool {
    matches!(method, Method::Known(method) if method.name == "getStats")
}

fn name<'a>(method: &Method<'a>) -> Cow<'a, str> {
    match method {
        Method::Known(method) => Cow::Borrowed(method.name),
        Method::Other(sent) => sent.as_text().map(Text::to_str).unwrap_or_default(),
    }
}

fn call<'a>(event: &Event<'a>, method: &'a str) -> Call<'a> {
    Call {
        time: event.timestamp,
        method,
        value: match event.value {
            Content::Json(value) => value,
            Content::Reports(_) => Json::NULL,
        },
        extra: event.extra.into_iter().next(),
    }
}

#[cfg(test)]
mod tests;
