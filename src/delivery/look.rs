//! What is done to the spool as a whole: recovering it, and looking at what waits in it.
//!
//! Steps of single dumps and repetitions are elsewhere. Problems are logged and reported.
use std::collections::HashSet;

use super::event::{Found, Listed, Look, Recovery, RecoveryEnd, Scope};
use super::listed_up_to::ListedUpTo;
use super::visit::Parts;
use crate::limits::ACTIVE_IDS_MAX;
use crate::spool::recover::{self, adopt_others, seal_orphans};
use crate::spool::{Id, Kind, tombstone};

/// Recovers the spool, including these recordings of earlier processes.
pub fn recover(parts: &Parts, mut orphans: Vec<Id>) -> RecoveryEnd {
    let result = match recover::recover(&parts.place, &parts.sync, &mut orphans) {
        Ok(found) => {
            log_recovered(&found);
            Recovery::Done
        }
        Err(error) => Recovery::Failed(error.to_string()),
    };
    RecoveryEnd { orphans, result }
}

/// Takes over what processes left that have ended since the start, tries again to seal recordings that the disk refused
/// to let be sealed, and lists the oldest waiting dumps.
pub fn look(parts: &Parts, look: Look) -> Listed {
    let Look {
        mut orphans,
        known,
        erasable,
        scope,
    } = look;
    let place = &parts.place;
    let adopted = adopt_others(place, &mut orphans);
    let sealed = seal_orphans(place, &mut orphans);
    log_recovered(&recover::Recovered { adopted, ..sealed });
    let is_packed = |id| place.exists(Kind::Packed, id).unwrap_or(false);
    let candidates: Vec<Id> = erasable.into_iter().collect();
    // Where that cannot be found out now, the next look tries again.
    let erased: HashSet<Id> = tombstone::of(place.spool(), &candidates)
        .unwrap_or_default()
        .into_iter()
        .collect();
    let skip = |id| (known.contains(&id) && !erased.contains(&id)) || (scope == Scope::Unpacked && is_packed(id));
    let listed = place.oldest(ACTIVE_IDS_MAX, &skip);
    let trouble = listed.as_ref().err();
    let trouble =
        trouble.map(|error| format!("the spool cannot be listed, this is tried again within a minute: {error}"));
    place.tell("the list of the spool", trouble.as_deref(), "");
    let found = listed.ok().map(|ids| found(ids, scope));
    Listed { orphans, found }
}

fn found(ids: Vec<Id>, scope: Scope) -> Found {
    let listed_up_to = match ids.last() {
        _ if scope == Scope::Unpacked => ListedUpTo::Nothing,
        Some(last) if ids.len() == ACTIVE_IDS_MAX => ListedUpTo::Id(*last),
        _ => ListedUpTo::All,
    };
    Found { ids, listed_up_to }
}

fn log_recovered(found: &recover::Recovered) {
    if *found != recover::Recovered::default() {
        log::info!("the spool is recovered: {found}");
    }
}
