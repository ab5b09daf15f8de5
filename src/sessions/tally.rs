//! Counts what recurs, so that the log says each thing once a minute and not once for each peer.
//!
//! The first of a kind is logged at once, and how many more there were once a minute while they go on. A remark, which
//! concerns the set-up and not one peer, is logged once. Kinds are closed sets, so they bound the memory.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::connection::{Action, Refusal, Remark};
use crate::news::Recurring;

/// What was refused in this minute, and what was remarked since the start.
#[derive(Default)]
pub struct Tally {
    refusals: Recurring<Refusal>,
    remarks: BTreeSet<Remark>,
}

impl Tally {
    /// Counts what an action says, and logs what is to be told at once. Every line of every session passes here.
    #[inline]
    pub fn hear(&mut self, action: &Action, now: Instant) {
        match action {
            Action::Refused(refusal) => self.tell_refused(*refusal, now),
            Action::Open(hello) => self.tell_new(&hello.remarks),
            _ => {}
        }
    }

    fn tell_refused(&mut self, refusal: Refusal, now: Instant) {
        if self.refusals.is_news(refusal, now) {
            log::info!("{refusal}");
        }
    }

    fn tell_new(&mut self, remarks: &[Remark]) {
        let new = remarks.iter().filter(|remark| self.remarks.insert(**remark));
        new.for_each(|remark| log::warn!("{remark} (this is said once)"));
    }

    /// Logs the refusals whose minute is over. To be called about once a second.
    pub fn settle(&mut self, now: Instant) {
        let due = self.refusals.due(now).into_iter().map(line);
        due.for_each(|line| log::info!("{line}"));
    }

    /// Logs what has only been counted so far, at the end.
    pub fn end(&mut self) {
        let rest = self.refusals.rest().into_iter().map(line);
        rest.for_each(|line| log::info!("{line}"));
    }
}

fn line((refusal, more): (Refusal, u64)) -> String {
    format!("{refusal} ({more} more in the last minute)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Denial;
    use crate::connection::CloseReason;

    #[test]
    fn a_refusal_is_named_with_how_many_more_there_were() {
        let expired = Refusal::Session(CloseReason::Denied(Denial::Expired));
        let first = "a session was refused: not authorized: the token has expired";
        assert_eq!(expired.to_string(), first);
        assert_eq!(line((expired, 50)), format!("{first} (50 more in the last minute)"));
        let no_room = "503 was answered: there is no room for a session; see server.max_connections and spool.min_free";
        assert_eq!(Refusal::NoRoom.to_string(), no_room);
    }
}
