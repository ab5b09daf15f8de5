//! Which dumps are meant: all of the given values fit, each in full.
//!
//! A database may compare in another way (without case, or without blanks at the end), so that what it finds is
//! compared once more.
use clap::builder::NonEmptyStringValueParser;

use crate::database::{Filter, Found, RowKey};
use crate::labels::Labels;
use crate::spool::queue::Entry;
use crate::spool::{Id, Unsound};

/// The values that a dump has to have.
#[derive(Debug, clap::Args)]
pub struct Selection {
    /// Sessions of this user, written in full
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    user: Option<String>,
    /// Sessions of this conference, written in full
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    conference: Option<String>,
    /// This session, written in full
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    session: Option<String>,
    /// The dump of this id
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    id: Option<String>,
}

impl Selection {
    /// Without any value, every dump would fit.
    pub fn says_what(&self) -> bool {
        self.id.is_some() || self.names_labels()
    }

    /// What to ask the database for.
    pub fn filter(&self) -> Filter {
        Filter {
            id: self.id.as_deref().map(RowKey::from),
            labels: Labels {
                user: self.user.clone(),
                conference: self.conference.clone(),
                session: self.session.clone(),
            },
            limit: usize::MAX,
            ..Filter::default()
        }
    }

    /// Whether a row has the labels that are asked for.
    pub fn fits_row(&self, row: &Found) -> bool {
        self.fits_labels(&row.labels)
    }

    /// Whether a dump in the spool fits.
    ///
    /// # Errors
    /// It is not possible to tell whose dump it is.
    pub fn fits_entry(&self, entry: &Entry) -> Result<bool, Unsound> {
        let own = RowKey::from(entry.id);
        if self.id.as_deref().is_some_and(|id| RowKey::from(id) != own) {
            return Ok(false);
        }
        if !self.names_labels() {
            return Ok(true);
        }
        Ok(entry.ticket()?.is_some_and(|ticket| self.fits_labels(&ticket.labels)))
    }

    fn names_labels(&self) -> bool {
        [&self.user, &self.conference, &self.session]
            .iter()
            .any(|given| given.is_some())
    }

    fn fits_labels(&self, own: &Labels) -> bool {
        let fits = |given: &Option<String>, own: &Option<String>| given.is_none() || given == own;
        fits(&self.user, &own.user) && fits(&self.conference, &own.conference) && fits(&self.session, &own.session)
    }
}

/// The dump that a row is about. In a table that numbers its rows, the name of the object says so.
pub fn dump_of(row: &Found) -> Option<Id> {
    match &row.id {
        RowKey::Dump(id) => Some(*id),
        _ => Id::in_name(row.blob_url.as_deref()?.rsplit('/').next()?),
    }
}
