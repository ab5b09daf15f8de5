//! What is known of the queue on disk: up to where its ids are known, and what has left since the last listing began.
//!
//! Nothing here lists a disk. Limits: the ids that are forgotten during one listing are as many as may wait for
//! removals; beyond that the listing is of no use.
use std::collections::HashSet;

use super::listed_up_to::ListedUpTo;
use crate::id::Id;

/// See the head comment.
#[derive(Debug, Default)]
pub struct Listing {
    /// Later ids may be on disk without being known, because there was no room for them.
    up_to: ListedUpTo,
    state: State,
}

/// Whether the disk is being listed.
#[derive(Debug, Default)]
enum State {
    #[default]
    No,
    UnderWay {
        /// The ids forgotten since the listing began.
        forgotten: HashSet<Id>,
    },
    /// Too many ids were forgotten meanwhile: the list cannot be used.
    Spoiled,
}

impl Listing {
    /// A listing begins. Ids that are forgotten from now on count as not listed.
    pub fn begin(&mut self) {
        self.up_to = ListedUpTo::All;
        self.state = State::UnderWay {
            forgotten: HashSet::new(),
        };
    }

    pub fn is_under_way(&self) -> bool {
        !matches!(self.state, State::No)
    }

    /// The listing ends: those of `ids` that have not been forgotten meanwhile, and may be in the list by chance.
    pub fn end(&mut self, ids: Vec<Id>) -> Vec<Id> {
        match std::mem::take(&mut self.state) {
            State::UnderWay { forgotten } => ids.into_iter().filter(|id| !forgotten.contains(id)).collect(),
            State::No | State::Spoiled => Vec::new(),
        }
    }

    /// The id is no longer known. At most `most` may be forgotten during one listing.
    pub fn forget(&mut self, id: Id, most: usize) {
        if let State::UnderWay { forgotten } = &mut self.state {
            forgotten.insert(id);
            if forgotten.len() > most {
                self.state = State::Spoiled;
                self.limit(ListedUpTo::Nothing);
            }
        }
    }

    /// The ids on disk are known at most up to here.
    pub fn limit(&mut self, up_to: ListedUpTo) {
        self.up_to = self.up_to.min(up_to);
    }

    /// Whether ids that are not known may come before this one.
    pub fn hides(&self, id: Id) -> bool {
        self.up_to.hides(id)
    }

    /// Whether all ids on disk are known.
    pub fn is_complete(&self) -> bool {
        self.up_to == ListedUpTo::All
    }
}
