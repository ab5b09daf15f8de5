//! Which part of a dump is shown, and whether it is masked first.
use crate::cli::dump::filter::{Time, is_named};
use crate::dump::decode::Event;
use crate::view::Part;

/// The options of it.
#[derive(Debug, clap::Args)]
pub struct Choice {
    /// Mask addresses and device names first, as the server does before it stores a dump
    #[arg(long)]
    mask: bool,
    /// Show only what happened from this time on: 90s or 1500ms after the first event, or 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<Time>,
    /// Show only what happened before such a time
    #[arg(long, value_name = "TIME")]
    until: Option<Time>,
    /// Show only this connection (PC_0) and the client itself; can be repeated
    #[arg(long, value_name = "NAME")]
    connection: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    Yes,
    No,
}

/// A choice at work on one dump.
pub struct Choosing<'a> {
    choice: &'a Choice,
    begin: Option<f64>,
}

impl Choice {
    pub fn mask(&self) -> Mask {
        if self.mask { Mask::Yes } else { Mask::No }
    }

    pub fn choosing(&self) -> Choosing<'_> {
        Choosing {
            choice: self,
            begin: None,
        }
    }

    /// What a reader of the page has to know of it.
    pub fn note(&self) -> Option<String> {
        let is_whole = self.since.is_none() && self.until.is_none() && self.connection.is_empty();
        (!is_whole).then(|| "Only a part of the dump was asked for; findings and features are of all of it.".to_owned())
    }
}

impl Choosing<'_> {
    pub fn part(&mut self, event: &Event<'_>) -> Part {
        let begin = *self.begin.get_or_insert(event.timestamp);
        let Choice {
            since,
            until,
            connection,
            ..
        } = self.choice;
        let is_early = since.is_some_and(|since| event.timestamp < since.absolute(begin));
        let is_late = until.is_some_and(|until| event.timestamp >= until.absolute(begin));
        let is_other = event.connection.index > 0 && !connection.is_empty();
        match is_early || is_late || (is_other && !connection.iter().any(|name| is_named(event, name))) {
            true => Part::Left,
            false => Part::Shown,
        }
    }
}
