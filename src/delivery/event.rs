//! What the manager is told and what it hands out: the messages between the manager and the hands.
use std::collections::HashSet;
use std::time::Duration;

use super::listed_up_to::ListedUpTo;
use super::step::{Done, Step};
use crate::id::Id;
use crate::spool::Removal;
use crate::spool::sync::Health;

/// What has happened.
#[derive(Debug)]
pub enum Event {
    /// A dump of this process is in ready.
    Sealed(Id),
    /// There was no room for some `Sealed` events.
    Missed,
    /// A hand has taken a step.
    Done(Done),
    /// The sync thread has removed files.
    Removed(Id, Removal),
    /// Syncs have begun to fail, have failed once more, or work again.
    Synced(Health),
    Listed(Listed),
    Recovered(RecoveryEnd),
    /// No new work begins from now on.
    Stop,
}

/// The result of a look at the disk.
#[derive(Debug)]
pub struct Listed {
    /// Recordings that still cannot be sealed.
    pub orphans: Vec<Id>,
    /// `None` if the disk could not be listed.
    pub found: Option<Found>,
}

/// What a look has found.
#[derive(Debug, Default)]
pub struct Found {
    /// The oldest ids that are not known yet, in order, and then known ones that are to be erased.
    pub ids: Vec<Id>,
    pub listed_up_to: ListedUpTo,
}

/// The result of the recovery.
#[derive(Debug)]
pub struct RecoveryEnd {
    /// Recordings that still cannot be sealed.
    pub orphans: Vec<Id>,
    pub result: Recovery,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    Done,
    /// The disk refused the recovery, for this reason. It is tried again.
    Failed(String),
    /// The recovery cannot be done. What is left waits for the next start.
    GivenUp,
}

/// What a hand that asks for work does next.
#[derive(Debug, PartialEq, Eq)]
pub enum Task {
    /// Recover the spool, including these recordings of earlier processes.
    Recover(Vec<Id>),
    /// Take this step with each of these dumps. More than one dump only for `Record` and `Note`.
    Take(Step, Vec<Id>),
    Look(Look),
    /// There is nothing to do before this time has passed, unless something happens.
    Sleep(Duration),
    /// There will never be anything to do again.
    End,
}

/// Take over what other processes left, seal what could not be sealed before, and list what waits on disk.
#[derive(Debug, PartialEq, Eq)]
pub struct Look {
    pub orphans: Vec<Id>,
    /// Ids that must not be listed.
    pub known: HashSet<Id>,
    /// Those of the known ids that are listed if they are to be erased.
    pub erasable: HashSet<Id>,
    pub scope: Scope,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    All,
    /// In a long outage, a look at everything would find the same waiting dumps again and again, and the dumps behind
    /// them would stay unmasked.
    Unpacked,
}
