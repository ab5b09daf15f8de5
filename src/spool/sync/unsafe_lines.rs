//! Which dumps had lines that a sync should have made durable and has not: their names, for the log.
//!
//! Such lines are readable, and go on as always; but a power cut, or a file system that drops what it could not write,
//! may still take them, and no later sync says so. Nothing is changed here. Limits: `UNSAFE_IDS_MAX`.

use std::fs;
use std::time::{Duration, SystemTime};

use crate::id::Id;
use crate::limits::UNSAFE_IDS_MAX;
use crate::spool::files::{Instance, Kind};

/// Names the dumps that were written since the last sync that has worked.
pub fn tell_unsafe_lines(instance: &Instance, since: SystemTime) {
    // The clock of a file system is coarser than that of the system.
    let since = since.checked_sub(Duration::from_secs(1)).unwrap_or(since);
    let ids = written_since(instance, since);
    if ids.is_empty() {
        return;
    }
    let names: Vec<String> = ids.iter().take(UNSAFE_IDS_MAX).map(Id::to_string).collect();
    let more = match ids.len().saturating_sub(UNSAFE_IDS_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    log::error!(
        "a sync has failed: the last lines of these dumps are not yet safe against a power cut: {}{more}",
        names.join(", ")
    );
}

/// Of the dumps that are not packed, those that were written since then.
fn written_since(instance: &Instance, since: SystemTime) -> Vec<Id> {
    let mut ids = Vec::new();
    for kind in [Kind::Recording, Kind::Ready] {
        let Ok(found) = instance.ids(kind) else { continue };
        let is_new = |id: &Id| {
            let written = fs::metadata(instance.path(kind, *id)).and_then(|metadata| metadata.modified());
            written.is_ok_and(|written| written >= since)
        };
        ids.extend(found.flatten().filter(is_new));
    }
    ids.sort();
    ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::Place;

    #[test]
    fn those_that_were_written_since_then_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::open(folder.path()).unwrap();
        let mut ids = Vec::new();
        for (kind, age_s) in [
            (Kind::Recording, 0),
            (Kind::Ready, 0),
            (Kind::Ready, 3600),
            (Kind::Packed, 0),
        ] {
            let id = Id::new();
            let file = fs::File::create(place.path(kind, id)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age_s))
                .unwrap();
            ids.push(id);
        }
        let since = SystemTime::now() - Duration::from_secs(60);
        assert_eq!(written_since(&place, since), ids[..2]);
    }
}
