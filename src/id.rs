//! The id of a dump: a UUID version 7 (RFC 9562, section 5.7), so that sorting ids sorts dumps by their start.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

/// Names one dump in every state, in the object store and in the database. Order is order of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Id(Uuid);

impl Id {
    /// A new id from the clock and the system's random source.
    #[expect(
        clippy::new_without_default,
        reason = "a default that differs at every call would mislead"
    )]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// When its session began by the clock of that moment. `None` if another program made the id in another way.
    pub fn born(self) -> Option<SystemTime> {
        if self.0.get_version_num() != 7 {
            return None;
        }
        let (seconds, nanoseconds) = self.0.get_timestamp()?.to_unix();
        UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds))
    }

    /// The id within the name of a file or an object. Every key that a template makes has one in its last part.
    pub fn in_name(name: &str) -> Option<Id> {
        (0..name.len()).find_map(|at| name.get(at..at + Hyphenated::LENGTH)?.parse().ok())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

/// The text is not a hyphenated UUID.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a dump id: an id is a UUID such as 019aa1b2-0000-7000-8000-000000000000")]
pub struct NotAnId;

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        // Only the spelling that Display writes may name a file. Another spelling of the same number would be a second
        // name.
        let uuid = Uuid::try_parse(text).map_err(|_| NotAnId)?;
        let id = Self(uuid);
        (id.to_string() == text).then_some(id).ok_or(NotAnId)
    }
}

impl From<Uuid> for Id {
    fn from(uuid: Uuid) -> Id {
        Id(uuid)
    }
}

impl From<Id> for Uuid {
    fn from(id: Id) -> Uuid {
        id.0
    }
}

impl From<Id> for String {
    fn from(id: Id) -> String {
        id.to_string()
    }
}

impl TryFrom<String> for Id {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        text.parse()
    }
}

#[cfg(test)]
impl Id {
    /// An id that was made at this time.
    pub fn at(time: SystemTime) -> Id {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let time = uuid::Timestamp::from_unix(uuid::NoContext, since.as_secs(), since.subsec_nanos());
        Uuid::new_v7(time).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_and_sort_by_creation() {
        let ids: Vec<Id> = (0..100).map(|_| Id::new()).collect();
        assert!(ids.is_sorted());
        assert_eq!(ids[7].to_string().parse(), Ok(ids[7]));
    }

    #[test]
    fn an_id_tells_when_it_was_made_and_is_found_in_a_name() {
        let id: Id = "018bcfe5-687b-7000-8000-000000000000".parse().unwrap();
        let born = UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
        assert_eq!(id.born(), Some(born));
        let of_another_kind: Id = "018bcfe5-687b-4000-8000-000000000000".parse().unwrap();
        assert_eq!(of_another_kind.born(), None);
        assert_eq!(Id::in_name(&format!("alice-\u{e9}-{id}.jsonl.gz")), Some(id));
        assert_eq!(Id::in_name("notes.txt"), None);
    }

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        let text = Id::new().to_string();
        assert_eq!(text.to_uppercase().parse::<Id>(), Err(NotAnId));
        assert_eq!(text.replace('-', "").parse::<Id>(), Err(NotAnId));
        assert_eq!("".parse::<Id>(), Err(NotAnId));
    }
}
