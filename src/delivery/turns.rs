//! Whose turn is next: the queue whose first dump is taken now.
//!
//! The oldest goes first. Rows are written when no object waits to be stored, so that many go together, or when enough
//! wait or the first has waited long enough. Nothing here changes a queue. Limits: pack slots, `RECORD_WAIT_MS_MAX`,
//! `ROWS_PER_INSERT_MAX`.
use std::time::{Duration, Instant};

use super::active::ActiveSet;
use super::stage::Rank;
use super::step::Step;
use crate::limits::{RECORD_WAIT_MS_MAX, ROWS_PER_INSERT_MAX};

/// See the head comment.
#[derive(Debug)]
pub struct Turns {
    pack_slots: usize,
    /// Since when dumps have been waiting for their row, if some are.
    unrecorded_since: Instant,
    gate: Gate,
}

/// What may go on, as far as the syncs of the disks decide that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    Open,
    /// A sync works again. What is not packed comes first, because its last lines may be lost behind the cache.
    PackFirst,
    /// Syncs fail. Dumps are packed, which writes them anew, and nothing leaves the spool.
    Unsynced,
}

impl Turns {
    pub fn new(pack_slots: usize, now: Instant) -> Turns {
        Turns {
            pack_slots: pack_slots.max(1),
            unrecorded_since: now,
            gate: Gate::Open,
        }
    }

    /// Whether one more hand may pack.
    pub fn may_pack(&self, active: &ActiveSet) -> bool {
        active.busy(Step::Pack) < self.pack_slots
    }

    /// Whether no more hands pack than may.
    #[cfg(debug_assertions)]
    pub fn is_kept(&self, active: &ActiveSet) -> bool {
        active.busy(Step::Pack) <= self.pack_slots
    }

    /// From now on the rows that wait have not waited yet: some were taken, or the first one has come.
    pub fn rows_begin(&mut self, now: Instant) {
        self.unrecorded_since = now;
    }

    /// Syncs fail, or work again.
    pub fn syncs(&mut self, is_failing: bool) {
        self.gate = match (is_failing, self.gate) {
            (true, _) => Gate::Unsynced,
            (false, Gate::Open) => Gate::Open,
            (false, _) => Gate::PackFirst,
        };
    }

    /// Whether only packing goes on.
    pub fn are_unsynced(&self) -> bool {
        self.gate == Gate::Unsynced
    }

    /// If nothing is left to be packed first, all else goes on.
    pub fn open(&mut self, active: &ActiveSet) {
        if self.gate == Gate::PackFirst && active.waiting(Step::Judge) + active.waiting(Step::Pack) == 0 {
            self.gate = Gate::Open;
        }
    }

    /// The step whose queue has the next dump. Only one hand at a time writes rows, unless the database is down: then
    /// nothing is written but by the one that tries it.
    pub fn choose(&self, active: &ActiveSet, database_is_up: bool, now: Instant) -> Option<Step> {
        let waits = |step: &Step| Some((active.first(*step)?, *step));
        if let Some(((rank, _), _)) = waits(&Step::Record)
            && self.gate == Gate::Open
            && (active.busy(Step::Record) == 0 || !database_is_up)
            && self.rows_are_due(rank, active, now)
        {
            return Some(Step::Record);
        }
        let has_slot = self.may_pack(active);
        [Step::Judge, Step::Pack, Step::Put, Step::Erase]
            .iter()
            .filter(|step| **step != Step::Pack || has_slot)
            .filter(|step| self.gate == Gate::Open || matches!(step, Step::Judge | Step::Pack))
            .filter_map(waits)
            .min_by_key(|(first, _)| *first)
            .map(|(_, step)| step)
    }

    fn rows_are_due(&self, first: Rank, active: &ActiveSet, now: Instant) -> bool {
        first == Rank::Attempt
            || now.saturating_duration_since(self.unrecorded_since) >= RECORD_WAIT
            || active.waiting(Step::Record) >= ROWS_PER_INSERT_MAX
            || active.waiting(Step::Put) == 0
    }
}

pub const RECORD_WAIT: Duration = Duration::from_millis(RECORD_WAIT_MS_MAX);
