//! Why dumps wait at present, as the manager knows it, in the form in which operators are told.
use std::collections::BTreeMap;
use std::time::Instant;

use super::availability::Destination;
use super::destinations::Destinations;
use super::held::Held;
use crate::limits::WHY_IDS_MAX;
use crate::spool::why::{Cause, Refused, Why};
use crate::time::UnixMs;

/// A view of what the manager knows.
pub struct Causes<'a> {
    pub destinations: &'a Destinations,
    pub held: &'a Held,
}

/// The same moment on both clocks, so that one can be told in terms of the other.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub now: Instant,
    pub unix: UnixMs,
}

impl Moment {
    /// The cause, with the time of the wall clock since when it has been one.
    pub fn cause(self, text: &str, since: Instant) -> Cause {
        let ago = self.now.saturating_duration_since(since).as_millis();
        Cause {
            text: text.to_owned(),
            since: UnixMs(self.unix.0.saturating_sub(u64::try_from(ago).unwrap_or(0))),
        }
    }
}

impl Causes<'_> {
    pub fn why(&self, moment: Moment) -> Why {
        let of = |destination| {
            let (text, since) = self.destinations[destination].cause()?;
            Some(moment.cause(text, since))
        };
        Why {
            spool: of(Destination::Spool),
            storage: of(Destination::Storage),
            database: of(Destination::Database),
            dumps: self.refused(moment),
        }
    }

    /// The dumps that wait by themselves, the oldest of them, by cause.
    fn refused(&self, moment: Moment) -> Vec<Refused> {
        let mut by_cause: BTreeMap<&str, Refused> = BTreeMap::new();
        for (id, refusal) in self.held.present().take(WHY_IDS_MAX) {
            let cause = moment.cause(&refusal.failure.cause, refusal.since);
            let refused = by_cause.entry(&refusal.failure.cause).or_insert(Refused {
                cause: cause.clone(),
                ids: Vec::new(),
            });
            refused.cause.since = refused.cause.since.min(cause.since);
            refused.ids.push(id);
        }
        by_cause.into_values().collect()
    }
}
