//! Dumps that a browser has written, as events of a client library.
use std::io;

use serde_json::{Map, Value};

use crate::dump::decode::Event;
use crate::dump::internals::{Export, Flags, Internals};
use crate::dump::notes::{Loss, Notes};
use crate::dump::seen::Seen;

pub enum Imported {
    Internals(Box<Internals>),
    Export(Box<Export>),
}

impl Imported {
    /// Makes the next event. False at the end.
    pub fn advance(&mut self) -> io::Result<bool> {
        match self {
            Imported::Internals(internals) => internals.advance(),
            Imported::Export(export) => export.advance(),
        }
    }

    /// The event that has been made.
    pub fn event(&self) -> Event<'_> {
        match self {
            Imported::Internals(internals) => internals.event(),
            Imported::Export(export) => export.event(),
        }
    }

    fn own_notes(&self) -> &Notes {
        match self {
            Imported::Internals(internals) => internals.notes(),
            Imported::Export(export) => export.notes(),
        }
    }

    /// Tells what was not read.
    pub fn tell(&self, notes: &mut Notes) {
        let own = self.own_notes();
        own.iter().for_each(|note| notes.push(note.line, note.loss.clone()));
        if own.others() > 0 {
            notes.push(
                0,
                Loss::Other(format!("there are {} more notes like these", own.others())),
            );
        }
    }

    pub fn flags(&self) -> Flags {
        match self {
            Imported::Internals(internals) => internals.flags(),
            Imported::Export(export) => export.flags(),
        }
    }

    pub fn connection_flags(&self) -> Vec<Flags> {
        match self {
            Imported::Internals(internals) => internals.connection_flags(),
            Imported::Export(export) => export.connection_flags(),
        }
    }

    pub fn origins(&self) -> &[(String, usize)] {
        match self {
            Imported::Internals(internals) => internals.origins(),
            Imported::Export(export) => export.origins(),
        }
    }

    pub fn url_of(&self, connection: usize) -> Option<&str> {
        match self {
            Imported::Internals(internals) => internals.url_of(connection),
            Imported::Export(export) => export.url_of(connection),
        }
    }

    pub fn reports(&self, connection: usize) -> Option<Seen<'_>> {
        match self {
            Imported::Internals(internals) => internals.reports(connection).map(Seen::Kept),
            Imported::Export(export) => export.reports(connection).map(Seen::Kept),
        }
    }

    /// What the second line of a dump of the server would say.
    pub fn metadata(&self, wanted: Option<&str>) -> Map<String, Value> {
        let mut metadata = Map::new();
        match (wanted, self.origins()) {
            (Some(origin), _) => metadata.insert("origin".to_owned(), origin.into()),
            (None, [(origin, _)]) => metadata.insert("origin".to_owned(), origin.clone().into()),
            (None, _) => None,
        };
        if let Imported::Internals(internals) = self
            && let Some(agent) = internals.user_agent()
        {
            metadata.insert("userAgent".to_owned(), agent.into());
        }
        metadata
    }
}
