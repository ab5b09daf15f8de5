//! Counts what recurs, so that the log says each thing once a minute and not once for each peer.
//!
//! The first of a kind is logged at once, and how many more there were once a minute while they go on. A remark, which
//! concerns the set-up and not one peer, is logged once. Kinds are closed sets, so they bound the memory.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::connection::{Action, Refusal, Remark};

/// How often a refusal is told.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// What was refused in this minute, and what was remarked since the start.
#[derive(Default)]
pub struct Tally {
    refusals: BTreeMap<Refusal, Count>,
    remarks: BTreeSet<Remark>,
}

struct Count {
    /// When it was told last.
    told: Instant,
    /// How often it came since then.
    more: u64,
}

impl Tally {
    /// Counts what an action says, and logs what is to be told at once.
    pub fn hear(&mut self, action: &Action, now: Instant) {
        match action {
            Action::Refused(refusal) => {
                if let Some(line) = self.refused(*refusal, now) {
                    log::info!("{line}");
                }
            }
            Action::Open(hello) => {
                let new = hello.remarks.iter().filter(|remark| self.remarks.insert(**remark));
                new.for_each(|remark| log::warn!("{remark} (this is said once)"));
            }
            _ => {}
        }
    }

    /// Logs the refusals whose minute is over. To be called about once a second.
    pub fn settle(&mut self, now: Instant) {
        self.due(now).iter().for_each(|line| log::info!("{line}"));
    }

    /// Logs what has only been counted so far, at the end.
    pub fn end(&mut self) {
        let counts = std::mem::take(&mut self.refusals);
        let untold = counts.into_iter().filter(|(_, count)| count.more > 0);
        untold.for_each(|(refusal, count)| log::info!("{}", line(refusal, count.more)));
    }

    /// Counts a refusal. Returns what the log is to say now.
    fn refused(&mut self, refusal: Refusal, now: Instant) -> Option<String> {
        if let Some(count) = self.refusals.get_mut(&refusal) {
            count.more += 1;
            return None;
        }
        self.refusals.insert(refusal, Count { told: now, more: 0 });
        Some(refusal.to_string())
    }

    /// What the log is to say of the refusals whose minute is over. A kind that did not come again is new the next
    /// time.
    fn due(&mut self, now: Instant) -> Vec<String> {
        let mut lines = Vec::new();
        self.refusals.retain(|refusal, count| {
            if now.saturating_duration_since(count.told) < TOLD_EVERY {
                return true;
            }
            let more = std::mem::take(&mut count.more);
            count.told = now;
            lines.extend((more > 0).then(|| line(*refusal, more)));
            more > 0
        });
        lines
    }
}

fn line(refusal: Refusal, more: u64) -> String {
    format!("{refusal} ({more} more in the last minute)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Denial;
    use crate::connection::CloseReason;

    const EXPIRED: Refusal = Refusal::Session(CloseReason::Denied(Denial::Expired));

    #[test]
    fn the_first_is_told_at_once_and_the_others_once_a_minute() {
        let (mut tally, start) = (Tally::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let first = "a session was refused: not authorized: the token has expired";
        assert_eq!(tally.refused(EXPIRED, at(0)).as_deref(), Some(first));
        for second in 1..=50 {
            assert_eq!(tally.refused(EXPIRED, at(second)), None);
            assert_eq!(tally.due(at(second)), [] as [&str; 0]);
        }
        let no_room = "503 was answered: there is no room for a session; see server.max_connections and spool.min_free";
        assert_eq!(tally.refused(Refusal::NoRoom, at(55)).as_deref(), Some(no_room));
        assert_eq!(tally.due(at(60)), [format!("{first} (50 more in the last minute)")]);
        assert_eq!(tally.refused(EXPIRED, at(61)), None);
        assert_eq!(tally.due(at(119)), [] as [&str; 0]);
        assert_eq!(tally.due(at(120)), [format!("{first} (1 more in the last minute)")]);
        assert_eq!(tally.due(at(180)), [] as [&str; 0]);
        assert_eq!(tally.refused(EXPIRED, at(181)).as_deref(), Some(first), "it is new");
    }
}
