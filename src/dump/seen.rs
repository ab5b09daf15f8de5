//! The statistics of a connection, wherever they are: where the decoder changes them, or woken for whoever asks.
use std::ops::Deref;

use super::reports::Reports;

/// See the head of the file.
pub enum Seen<'a> {
    Kept(&'a Reports),
    Woken(Box<Reports>),
}

impl<'a> Seen<'a> {
    /// Reports that may rest.
    pub(super) fn of(reports: &'a Reports) -> Seen<'a> {
        match reports.is_resting() {
            true => Seen::Woken(Box::new(reports.woken())),
            false => Seen::Kept(reports),
        }
    }
}

impl Deref for Seen<'_> {
    type Target = Reports;

    fn deref(&self) -> &Reports {
        match self {
            Seen::Kept(reports) => reports,
            Seen::Woken(reports) => reports,
        }
    }
}
