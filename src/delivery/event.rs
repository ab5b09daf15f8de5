//! What the manager is told and what it hands out: the words between it and the hands.
use std::collections::HashSet;
use std::time::Duration;

use super::active::ListedUpTo;
use super::step::{Done, Step};
use crate::id::Id;
use crate::spool::Removal;

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// A dump of this process is in ready.
    Sealed(Id),
    /// Some `Sealed` found no room.
    Missed,
    /// A hand has taken a step.
    Done(Done),
    /// The sync thread has removed files.
    Removed(Id, Removal),
    Listed(Listed),
    Recovered(Recovered),
    /// Nothing is begun from now on.
    Stop,
}

/// The end of a look.
#[derive(Debug)]
pub struct Listed {
    /// Recordings that still cannot be sealed.
    pub orphans: Vec<Id>,
    /// Nothing if the disk could not be listed.
    pub found: Option<Found>,
}

/// What a look has found.
#[derive(Debug)]
pub struct Found {
    /// The oldest that are not known, in their order.
    pub ids: Vec<Id>,
    pub listed_up_to: ListedUpTo,
}

/// The end of the recovery.
#[derive(Debug)]
pub struct Recovered {
    /// Recordings that still cannot be sealed.
    pub orphans: Vec<Id>,
    pub result: Recovery,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    Done,
    /// The disk refused it, for this reason: it is tried again.
    Failed(String),
    /// It cannot be done; what is left waits for the next start.
    GivenUp,
}

/// What is to be done next, by who asked.
#[derive(Debug, PartialEq, Eq)]
pub enum Task {
    /// Recover the spool, with these recordings of earlier processes.
    Recover(Vec<Id>),
    /// Take this step with each of these dumps; more than one only for `Record` and `Note`.
    Take(Step, Vec<Id>),
    Look(Look),
    /// Nothing now, nor before this has passed unless something happens.
    Sleep(Duration),
    /// Nothing ever.
    End,
}

/// Take over what other processes left, seal what could not be sealed, list what waits on disk.
#[derive(Debug, PartialEq, Eq)]
pub struct Look {
    pub orphans: Vec<Id>,
    /// Ids that are not to be listed.
    pub known: HashSet<Id>,
    pub scope: Scope,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    All,
    /// In a long outage those that only wait would be met again and again, and the others stay unmasked behind them.
    Unpacked,
}
