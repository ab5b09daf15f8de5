//! Watches what keeps dumps waiting, about once a second: the log gets one line when something has not answered for
//! some seconds and one when it has, and operators find the present causes noted in the spool.
//!
//! This decides nothing, and delivery does not wait for it. What is down has been told already. Limits:
//! `SLOW_TOLD_S_MAX`. A note that cannot be written is written later.
use std::time::{Duration, Instant};

use super::availability::Destination;
use super::calls::Calls;
use super::causes::{Causes, Moment};
use crate::limits::SLOW_TOLD_S_MAX;
use crate::spool::Place;
use crate::spool::sync::Present;
use crate::spool::why::Why;

/// See the head comment.
#[derive(Debug)]
pub struct Watch {
    destinations: [Slow; Destination::ALL.len()],
    sync: Slow,
    noted: Option<Why>,
}

/// Whether something is slow to answer.
#[derive(Debug)]
struct Slow {
    name: String,
    /// Since when it has not answered, if that was told.
    told: Option<Instant>,
    told_at: Option<Instant>,
}

impl Watch {
    /// The names of the destinations are those of the log, in the order of [`Destination::ALL`].
    pub fn new(names: [String; Destination::ALL.len()]) -> Watch {
        Watch {
            destinations: names.map(Slow::new),
            sync: Slow::new("the sync of the disks".to_owned()),
            noted: None,
        }
    }

    /// Tells the log what has changed, and returns what is to be noted.
    pub fn look(&mut self, causes: &Causes, calls: &Calls, sync: &Present, moment: Moment) -> Why {
        let mut why = causes.why(moment);
        let places = [&mut why.spool, &mut why.storage, &mut why.database];
        for ((destination, slow), place) in Destination::ALL.into_iter().zip(&mut self.destinations).zip(places) {
            let since = calls.slow(destination, moment.now);
            if place.is_some() {
                slow.told = None;
            } else if let Some(since) = slow.see(since, moment.now) {
                *place = Some(moment.cause(&slow.words(), since));
            }
        }
        let slow_since = self.sync.see(sync.slow_since(moment.now), moment.now);
        let slow = slow_since.map(|since| moment.cause(&self.sync.words(), since));
        let failed = sync.failure.as_ref().map(|(text, since)| moment.cause(text, *since));
        why.spool = why.spool.or(failed).or(slow);
        why
    }

    /// Notes it in the spool, unless that is there already.
    pub fn note(&mut self, why: Why, place: &Place) {
        if !self.noted.as_ref().is_some_and(|noted| is_the_same(noted, &why)) && why.write(place).is_ok() {
            self.noted = Some(why);
        }
    }
}

/// Whether nothing has changed but that clocks do not run alike.
fn is_the_same(noted: &Why, why: &Why) -> bool {
    let texts = |why: &Why| {
        let all = [&why.spool, &why.storage, &why.database];
        all.map(|cause| cause.as_ref().map(|cause| cause.text.clone()))
    };
    let dumps = |why: &Why| {
        let of = why
            .dumps
            .iter()
            .map(|refused| (refused.cause.text.clone(), refused.ids.clone()));
        of.collect::<Vec<_>>()
    };
    texts(noted) == texts(why) && dumps(noted) == dumps(why)
}

impl Slow {
    fn new(name: String) -> Slow {
        Slow {
            name,
            told: None,
            told_at: None,
        }
    }

    fn words(&self) -> String {
        format!("{} does not answer", self.name)
    }

    /// Tells when it begins and when it ends. Returns since when it has not answered.
    fn see(&mut self, since: Option<Instant>, now: Instant) -> Option<Instant> {
        match (since, self.told) {
            (Some(since), None) if self.told_at.is_none_or(|at| now >= at + TOLD) => {
                let seconds = now.saturating_duration_since(since).as_secs();
                log::warn!("{} has not answered for {seconds} s, dumps wait for it", self.name);
                self.told = Some(since);
                self.told_at = Some(now);
            }
            (None, Some(began)) => {
                let seconds = now.saturating_duration_since(began).as_secs();
                log::info!("{} has answered after {seconds} s", self.name);
                self.told = None;
            }
            _ => {}
        }
        since
    }
}

const TOLD: Duration = Duration::from_secs(SLOW_TOLD_S_MAX);

#[cfg(test)]
mod tests {
    use super::super::availability::{Attempt, Pauses};
    use super::super::calls::patience;
    use super::super::destinations::Destinations;
    use super::super::held::Held;
    use super::super::step::Failure;
    use super::*;
    use crate::id::Id;
    use crate::limits::{SLOW_CALL_S_MAX, SLOW_PUT_S_MAX, WHY_IDS_MAX};
    use crate::time::UnixMs;

    struct Scene {
        watch: Watch,
        destinations: Destinations,
        held: Held,
        calls: Calls,
        sync: Present,
        start: Instant,
    }

    impl Scene {
        fn new() -> Scene {
            let names = || ["spool", "store", "catalogue"].map(str::to_owned);
            let start = Instant::now();
            Scene {
                watch: Watch::new(names()),
                destinations: Destinations::new(names(), Pauses::default()),
                held: Held::new(2 * WHY_IDS_MAX, Pauses::default()),
                calls: Calls::new(start),
                sync: Present::default(),
                start,
            }
        }

        fn at(&self, seconds: u64) -> Instant {
            self.start + Duration::from_secs(seconds)
        }

        fn begin(&self, hand: usize, destination: Destination, seconds: u64) {
            let caller = self.calls.of(hand);
            caller.begin(destination, patience(destination), self.at(seconds));
        }

        fn look(&mut self, seconds: u64) -> Why {
            let moment = Moment {
                now: self.at(seconds),
                unix: UnixMs(1_000_000 + seconds * 1000),
            };
            let causes = Causes {
                destinations: &self.destinations,
                held: &self.held,
            };
            self.watch.look(&causes, &self.calls, &self.sync, moment)
        }
    }

    fn words(cause: Option<&crate::spool::why::Cause>) -> Option<(&str, u64)> {
        cause.map(|cause| (cause.text.as_str(), cause.since.0))
    }

    #[test]
    fn what_does_not_answer_is_a_cause_until_it_does() {
        let mut scene = Scene::new();
        scene.begin(0, Destination::Storage, 10);
        assert_eq!(scene.look(10 + SLOW_PUT_S_MAX - 1), Why::default());
        let why = scene.look(10 + SLOW_PUT_S_MAX);
        assert_eq!(words(why.storage.as_ref()), Some(("store does not answer", 1_010_000)));
        scene.calls.of(0).end();
        assert_eq!(scene.look(100), Why::default());
        scene.sync.under_way = Some(scene.at(100));
        let why = scene.look(100 + SLOW_CALL_S_MAX);
        assert_eq!(
            words(why.spool.as_ref()),
            Some(("the sync of the disks does not answer", 1_100_000))
        );
        scene.sync.failure = Some(("cannot be synced".to_owned(), scene.at(90)));
        let why = scene.look(100 + SLOW_CALL_S_MAX);
        assert_eq!(words(why.spool.as_ref()), Some(("cannot be synced", 1_090_000)));
    }

    #[test]
    fn what_is_down_is_told_by_its_own_cause() {
        let mut scene = Scene::new();
        let (who, at) = (Attempt::Dump(Id::new()), scene.at(5));
        scene.destinations[Destination::Database].failed(who, "no table", at, 0);
        scene.begin(1, Destination::Database, 5);
        let why = scene.look(100);
        assert_eq!(words(why.database.as_ref()), Some(("no table", 1_005_000)));
        assert!(why.storage.is_none() && why.spool.is_none());
    }

    #[test]
    fn the_oldest_that_rules_refuse_are_named_by_cause() {
        let mut scene = Scene::new();
        let ids: Vec<Id> = (0..WHY_IDS_MAX + 5).map(|_| Id::new()).collect();
        // They are refused in another order than that of their age.
        for (number, id) in ids.iter().enumerate().rev() {
            let (destination, cause) = (Destination::Database, ["one", "two"][number % 2].to_owned());
            let at = scene.at(number as u64);
            scene.held.hold(*id, Failure { destination, cause }, at, 0);
        }
        let why = scene.look(10_000);
        let texts: Vec<_> = why.dumps.iter().map(|refused| refused.cause.text.as_str()).collect();
        assert_eq!(texts, ["one", "two"]);
        assert_eq!(why.dumps[1].cause.since.0, 1_001_000);
        let named: usize = why.dumps.iter().map(|refused| refused.ids.len()).sum();
        assert_eq!(named, WHY_IDS_MAX);
        let mut told: Vec<Id> = why.dumps.iter().flat_map(|refused| refused.ids.clone()).collect();
        told.sort();
        assert_eq!(told, ids[..WHY_IDS_MAX], "the oldest");
        // What waits for something else makes room for others.
        scene.held.put_off(ids[0]);
        let why = scene.look(10_000);
        let told: Vec<Id> = why.dumps.iter().flat_map(|refused| refused.ids.clone()).collect();
        assert!(!told.contains(&ids[0]) && told.contains(&ids[WHY_IDS_MAX]));
    }
}
