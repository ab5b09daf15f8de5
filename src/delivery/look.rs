//! What is done to the spool as a whole: recovering it, and looking at what waits in it.
//!
//! Steps of single dumps and repetitions are elsewhere. Problems are logged and reported. Limit: `ACTIVE_IDS_MAX` ids
//! in one listing.
use std::collections::HashSet;

use super::event::{Found, Listed, Look, Recovery, RecoveryEnd, Scope};
use super::listed_up_to::ListedUpTo;
use super::visit::Parts;
use crate::limits::ACTIVE_IDS_MAX;
use crate::spool::recover::{self, adopt_others, seal_orphans};
use crate::spool::{Id, Kind, Place, tombstone};

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
    let erased = erased(place, erasable, &is_packed);
    let skip = |id| known.contains(&id) || (scope == Scope::Unpacked && is_packed(id));
    let most = ACTIVE_IDS_MAX - erased.len();
    let listed = place.oldest(most, &skip);
    let trouble = listed.as_ref().err();
    let trouble =
        trouble.map(|error| format!("the spool cannot be listed, this is tried again within a minute: {error}"));
    place.tell("the list of the spool", trouble.as_deref(), "");
    let found = listed.ok().map(|ids| {
        let listed_up_to = match ids.last() {
            _ if scope == Scope::Unpacked => ListedUpTo::Nothing,
            Some(last) if ids.len() == most => ListedUpTo::Id(*last),
            _ => ListedUpTo::All,
        };
        let ids = ids.into_iter().chain(erased).collect();
        Found { ids, listed_up_to }
    });
    Listed { orphans, found }
}

/// Those of the known ids that are to be erased. They get half of a listing at most, so that they never crowd out new
/// ids, and what is not packed yet comes first: it needs neither space nor a destination.
fn erased(place: &Place, erasable: HashSet<Id>, is_packed: &dyn Fn(Id) -> bool) -> Vec<Id> {
    let candidates: Vec<Id> = erasable.into_iter().collect();
    // Where that cannot be found out now, the next look tries again.
    let mut erased = tombstone::of(place.spool(), &candidates).unwrap_or_default();
    erased.sort_by_cached_key(|id| (is_packed(*id), *id));
    erased.truncate(ACTIVE_IDS_MAX / 2);
    erased
}

fn log_recovered(found: &recover::Recovered) {
    if *found != recover::Recovered::default() {
        log::info!("the spool is recovered: {found}");
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::super::testing::Bench;
    use super::*;

    fn touch(bench: &Bench, kind: Kind, count: usize) -> Vec<Id> {
        let ids: Vec<Id> = (0..count).map(|_| Id::new()).collect();
        ids.iter()
            .for_each(|id| drop(File::create(bench.place.path(kind, *id)).unwrap()));
        ids
    }

    fn look_at(bench: &Bench, known: &[Id], scope: Scope) -> Found {
        let task = Look {
            orphans: Vec::new(),
            known: known.iter().copied().collect(),
            erasable: known.iter().copied().collect(),
            scope,
        };
        look(&bench.parts(), task).found.unwrap()
    }

    /// In a long outage, each look brings the same ids again.
    #[test]
    fn thousands_that_are_to_be_erased_leave_room_for_others() {
        let bench = Bench::new(true);
        let packed = touch(&bench, Kind::Packed, ACTIVE_IDS_MAX + 100);
        let ready = touch(&bench, Kind::Ready, 10);
        let known = [&packed[..], &ready[..]].concat();
        fs::create_dir_all(bench.place.path(Kind::Tombstone, packed[0]).parent().unwrap()).unwrap();
        known
            .iter()
            .for_each(|id| drop(File::create(bench.place.path(Kind::Tombstone, *id)).unwrap()));
        let new = touch(&bench, Kind::Ready, ACTIVE_IDS_MAX);
        for (scope, listed_up_to) in [
            (Scope::All, ListedUpTo::Id(new[ACTIVE_IDS_MAX / 2 - 1])),
            (Scope::Unpacked, ListedUpTo::Nothing),
        ] {
            let found = look_at(&bench, &known, scope);
            let (others, erased) = found.ids.split_at(ACTIVE_IDS_MAX / 2);
            assert_eq!(others, &new[..ACTIVE_IDS_MAX / 2], "{scope:?}");
            let expected = [&ready[..], &packed[..ACTIVE_IDS_MAX / 2 - 10]].concat();
            assert_eq!(erased, expected, "{scope:?}: those that are not packed come first");
            assert_eq!(found.listed_up_to, listed_up_to);
        }
    }

    #[test]
    fn without_tombstones_a_listing_is_for_what_is_not_known() {
        let bench = Bench::new(true);
        let (known, new) = (touch(&bench, Kind::Packed, 10), touch(&bench, Kind::Ready, 10));
        let found = look_at(&bench, &known, Scope::All);
        assert_eq!((found.ids, found.listed_up_to), (new, ListedUpTo::All));
    }
}
