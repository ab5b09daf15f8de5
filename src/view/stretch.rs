//! A part of a dump whose page has not all polls: what a page that is served asks for when one looks closer.
//!
//! All values of the dump stay as their changes, in the room that was lent when the page was made; a part is read from
//! the chunks that reach into it. It is written as the page's data are, but for base64: the head has the polls of all
//! connections and the series, and nothing else. If even the part does not fit, it is thinned like a page.
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use super::binary::{Binary, Form};
use super::head::{Clock, Polls, Series, VERSION, number};
use super::sampling::Plan;
use super::series::Collected;
use super::table::{Still, Table};

/// All values of a dump.
#[derive(Debug)]
pub struct Whole {
    collected: Collected,
    is_thinned: bool,
}

#[derive(Serialize)]
struct Head {
    version: u32,
    clock: Clock,
    connections: Vec<Connection>,
    series: Vec<Series>,
}

#[derive(Serialize)]
struct Connection {
    polls: Polls,
}

impl Whole {
    pub(super) fn new(collected: Collected, plan: &Plan) -> Whole {
        Whole {
            collected,
            is_thinned: plan.samplings.iter().any(Option::is_some),
        }
    }

    /// Whether the page has less.
    pub fn is_thinned(&self) -> bool {
        self.is_thinned
    }

    /// What there is from one time to another (ms since 1970), packed with gzip. Before it is packed, the numbers take
    /// so many bytes at most, or little more.
    ///
    /// # Errors
    /// Those of the room that was lent.
    pub fn between(&self, from: f64, to: f64, bytes: usize) -> io::Result<Vec<u8>> {
        let part = self.collected.between(from, to)?;
        let binary = Binary::default();
        let table = Table::of(&part, &Plan::new(&part, bytes, &[]), Still::Series, &binary)?;
        let connections = table.connections.into_iter();
        let head = Head {
            version: VERSION,
            clock: Clock {
                start: number(from),
                end: number(to),
                server_offset: None,
            },
            connections: connections.map(|(polls, _)| Connection { polls }).collect(),
            series: table.series,
        };
        binary.set_form(Form::Places);
        let head = serde_json::to_vec(&head)?;
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&u32::try_from(head.len()).unwrap_or(u32::MAX).to_le_bytes())?;
        packed.write_all(&head)?;
        binary.with(|bytes| packed.write_all(bytes))?;
        packed.finish()
    }
}
