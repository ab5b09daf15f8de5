//! Decides which lines are news for the log where the same would be said again and again.
//!
//! [`Recurring`] is for what happens to many (sessions that are refused, dumps that wait): the first of a kind is told
//! at once, and once a minute how many more there were while they go on. [`Standing`] is for what stays as it is from
//! try to try: it is told when it begins, when its cause changes, and when it is over. Nothing here writes to the log,
//! and time is an argument. Limits: whoever counts bounds the kinds. There are no failures.
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::{Duration, Instant};

/// How often the same is told.
pub const TOLD_EVERY: Duration = Duration::from_secs(60);

/// What happened in this minute, by its kind.
#[derive(Debug)]
pub struct Recurring<K> {
    counts: BTreeMap<K, Count>,
}

#[derive(Debug)]
struct Count {
    /// When it was told last.
    told: Instant,
    /// How often it came since then.
    more: u64,
}

impl<K> Default for Recurring<K> {
    fn default() -> Self {
        Recurring {
            counts: BTreeMap::new(),
        }
    }
}

impl<K: Ord + Clone> Recurring<K> {
    /// Counts one of this kind. True if it is to be told now.
    pub fn is_news(&mut self, kind: K, now: Instant) -> bool {
        match self.counts.entry(kind) {
            Entry::Occupied(mut count) => {
                count.get_mut().more += 1;
                false
            }
            Entry::Vacant(place) => {
                place.insert(Count { told: now, more: 0 });
                true
            }
        }
    }

    /// Whether the kind is counted, or may be as one of so many.
    pub fn has_room_for(&self, kind: &K, most: usize) -> bool {
        self.counts.len() < most || self.counts.contains_key(kind)
    }

    /// How many more there were of the kinds whose minute is over. A kind that did not come again is new the next time.
    /// To be asked about once a second.
    pub fn due(&mut self, now: Instant) -> Vec<(K, u64)> {
        let mut due = Vec::new();
        self.counts.retain(|kind, count| {
            if now.saturating_duration_since(count.told) < TOLD_EVERY {
                return true;
            }
            let more = std::mem::take(&mut count.more);
            count.told = now;
            due.extend((more > 0).then(|| (kind.clone(), more)));
            more > 0
        });
        due
    }

    /// What has only been counted so far, at the end.
    pub fn rest(&mut self) -> Vec<(K, u64)> {
        let counts = std::mem::take(&mut self.counts).into_iter();
        let untold = counts.filter(|(_, count)| count.more > 0);
        untold.map(|(kind, count)| (kind, count.more)).collect()
    }
}

/// What is wrong at present, by what it is wrong with.
#[derive(Debug, Default)]
pub struct Standing {
    told: BTreeMap<String, String>,
}

/// What is new about something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    Nothing,
    /// It is wrong, or wrong for another cause than before.
    Wrong,
    /// It is no longer wrong.
    Over,
}

impl Standing {
    /// Hears how it is now: `cause` is `None` if nothing is wrong.
    pub fn hear(&mut self, what: &str, cause: Option<&str>) -> News {
        match (self.told.get(what), cause) {
            (None, None) => News::Nothing,
            (Some(told), Some(cause)) if told == cause => News::Nothing,
            (_, Some(cause)) => {
                self.told.insert(what.to_owned(), cause.to_owned());
                News::Wrong
            }
            (Some(_), None) => {
                self.told.remove(what);
                News::Over
            }
        }
    }

    /// What was told to be wrong and is not over, with its cause.
    pub fn wrong(&self) -> impl Iterator<Item = (&str, &str)> {
        self.told.iter().map(|(what, cause)| (what.as_str(), cause.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_told_at_once_and_the_others_once_a_minute() {
        let (mut recurring, start) = (Recurring::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(recurring.is_news("one", at(0)));
        for second in 1..=50 {
            assert!(!recurring.is_news("one", at(second)));
            assert_eq!(recurring.due(at(second)), []);
        }
        assert!(recurring.is_news("two", at(55)));
        assert_eq!(recurring.due(at(60)), [("one", 50)]);
        assert!(!recurring.is_news("one", at(61)));
        assert_eq!(recurring.due(at(119)), []);
        assert_eq!(recurring.due(at(120)), [("one", 1)]);
        assert_eq!(recurring.due(at(180)), []);
        assert!(recurring.is_news("one", at(181)), "it is new");
        assert!(!recurring.is_news("one", at(182)));
        assert_eq!(recurring.rest(), [("one", 1)]);
        assert_eq!(recurring.rest(), []);
    }

    #[test]
    fn there_is_room_for_so_many_kinds_and_for_those_that_are_counted() {
        let (mut recurring, now) = (Recurring::default(), Instant::now());
        assert!(recurring.is_news(1, now) && recurring.is_news(2, now));
        assert_eq!(
            [1, 2, 3].map(|kind| recurring.has_room_for(&kind, 2)),
            [true, true, false]
        );
        assert!(recurring.has_room_for(&3, 3));
    }

    #[test]
    fn what_stands_is_told_when_it_changes() {
        let mut standing = Standing::default();
        let said = [
            ("a", None, News::Nothing),
            ("a", Some("full"), News::Wrong),
            ("a", Some("full"), News::Nothing),
            ("b", Some("full"), News::Wrong),
            ("a", Some("gone"), News::Wrong),
            ("a", None, News::Over),
            ("a", None, News::Nothing),
            ("a", Some("gone"), News::Wrong),
        ];
        for (what, cause, expected) in said {
            assert_eq!(standing.hear(what, cause), expected, "{what} {cause:?}");
        }
        assert_eq!(standing.wrong().collect::<Vec<_>>(), [("a", "gone"), ("b", "full")]);
    }
}
