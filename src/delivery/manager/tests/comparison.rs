//! Compares the manager with the naive model in random steps, the same for the same seed: whatever the manager hands
//! out, the model would hand out too. At the end of each run nothing works any more, and the hands must come to rest.
use super::model::Model;
use super::*;

/// A small random generator (xorshift): one seed always gives the same run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        from.get(self.below(from.len())).cloned()
    }
}

/// One run: the manager, the model, and what happens around them.
struct Run {
    desk: Desk,
    model: Model,
    dice: Dice,
    slots: usize,
    /// Every id that ever existed. The disk may list any of them.
    ids: Vec<Id>,
    in_hands: Vec<(Step, Id)>,
    looking: bool,
    /// How often each kind of task has come up.
    met: [usize; Step::ALL.len() + 2],
}

impl Run {
    fn new(seed: u64) -> Run {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let bounds = Bounds {
            active: 1 + dice.below(12),
            removals: 1 + dice.below(16),
            held: dice.below(8),
        };
        let slots = 1 + dice.below(3);
        let desk = Desk::bounded(slots, bounds);
        let model = Model::new(bounds, desk.now);
        Run {
            desk,
            model,
            dice,
            slots,
            ids: Vec::new(),
            in_hands: Vec::new(),
            looking: false,
            met: [0; Step::ALL.len() + 2],
        }
    }

    fn step(&mut self) {
        match self.dice.below(20) {
            0..3 => {
                let id = Id::new();
                self.ids.push(id);
                self.tell(Event::Sealed(id));
            }
            3 => self.told_again(),
            4 => {
                let ms = [1, 100, 1000, 6000, 70_000][self.dice.below(5)];
                self.desk.pass(Duration::from_millis(ms));
            }
            5 if self.dice.below(10) == 0 => self.tell(Event::Missed),
            6..9 => self.remove(),
            9 => self.end_look(),
            10..15 => self.finish(),
            _ => self.next(),
        }
    }

    fn tell(&mut self, event: Event) {
        self.model.handle(&event, self.desk.now);
        self.desk.tell(event);
    }

    fn told_again(&mut self) {
        if let Some(id) = self.dice.pick(&self.ids) {
            self.tell(Event::Sealed(id));
        }
    }

    /// Removes files of any dump: the manager must know what that dump waits for.
    fn remove(&mut self) {
        let removal = [Removal::Replaced, Removal::Delivered][self.dice.below(2)];
        if let Some(id) = self.dice.pick(&self.ids) {
            self.tell(Event::Removed(id, removal));
        }
    }

    fn end_look(&mut self) {
        if !std::mem::take(&mut self.looking) {
            return;
        }
        let mut ids: Vec<_> = (0..self.dice.below(8))
            .filter_map(|_| self.dice.pick(&self.ids))
            .collect();
        ids.sort();
        ids.dedup();
        let listed_up_to = match (self.dice.below(4), ids.last()) {
            (0, _) => ListedUpTo::Nothing,
            (1, Some(last)) => ListedUpTo::Id(*last),
            _ => ListedUpTo::All,
        };
        let found = (self.dice.below(8) != 0).then_some(Found { ids, listed_up_to });
        let orphans = Vec::new();
        self.tell(Event::Listed(Listed { orphans, found }));
    }

    fn finish(&mut self) {
        if self.in_hands.is_empty() {
            return;
        }
        let at = self.dice.below(self.in_hands.len());
        let (step, id) = self.in_hands.swap_remove(at);
        let [spool, storage, database] = Destination::ALL;
        let outcomes = match step {
            Step::Judge => vec![
                Outcome::Next(Step::Pack),
                Outcome::Next(Step::Put),
                Outcome::Next(Step::Put),
                Outcome::Next(Step::Record),
                Outcome::Next(Step::Erase),
                Outcome::Packed,
                Outcome::Gone,
                Outcome::Delivered,
                fails(spool),
            ],
            Step::Pack => vec![Outcome::Packed, Outcome::Packed, Outcome::Refused, fails(spool)],
            Step::Put => vec![
                Outcome::Next(Step::Record),
                Outcome::Next(Step::Record),
                fails(storage),
                ruled(storage),
                fails(spool),
                Outcome::Next(Step::Judge),
            ],
            Step::Record => vec![
                Outcome::Delivered,
                Outcome::Delivered,
                fails(database),
                ruled(database),
                fails(spool),
            ],
            Step::Note => vec![Outcome::Noted, Outcome::Noted, Outcome::Noted, fails(spool)],
            Step::Erase => vec![
                Outcome::Delivered,
                fails(storage),
                fails(database),
                ruled(database),
                fails(spool),
            ],
        };
        let outcome = self.dice.pick(&outcomes).unwrap();
        let failed = match &outcome {
            Outcome::Deferred(failure) => Some(failure.destination),
            _ => None,
        };
        let mut worked = step.needs().to_vec();
        worked.retain(|destination| Some(*destination) != failed && self.dice.below(4) != 0);
        self.tell(Event::Done(Done { id, outcome, worked }));
    }

    /// From now on nothing works: every dump is judged as before, and the step that follows fails. However many hands
    /// there are, they come to rest soon, as often as the clock lets them try again.
    fn fail_for_good(&mut self) {
        let fates = [
            (Step::Pack, Destination::Spool),
            (Step::Put, Destination::Spool),
            (Step::Put, Destination::Storage),
            (Step::Record, Destination::Spool),
            (Step::Record, Destination::Database),
            (Step::Erase, Destination::Spool),
            (Step::Erase, Destination::Database),
        ];
        // A rule may refuse for good as well.
        let ends = [fails, ruled];
        let (hands, shift) = (1 + self.dice.below(4), self.dice.below(fates.len()));
        // In half of the runs all dumps have the same fate, so that no other one ends the outage.
        let kinds = [1, fates.len()][self.dice.below(2)];
        for _ in 0..20 {
            let most = 20 * (1 + self.desk.manager.active.len());
            let mut tasks = 0;
            let mut is_resting = false;
            while !is_resting || !self.in_hands.is_empty() {
                let is_free = !is_resting && self.in_hands.len() < hands;
                if self.looking {
                    self.looking = false;
                    let (orphans, found) = (Vec::new(), None);
                    self.tell(Event::Listed(Listed { orphans, found }));
                } else if is_free && (self.in_hands.is_empty() || self.dice.below(2) == 0) {
                    let slept = self.met[Step::ALL.len()];
                    self.next();
                    is_resting = self.met[Step::ALL.len()] > slept;
                    tasks += 1;
                    assert!(tasks <= most, "{tasks} tasks at one instant");
                } else if !self.in_hands.is_empty() {
                    let at = self.dice.below(self.in_hands.len());
                    let (step, id) = self.in_hands.swap_remove(at);
                    let place = self.ids.iter().position(|known| *known == id).unwrap_or(0);
                    let (fated, destination) = fates[(place % kinds + shift) % fates.len()];
                    let outcome = match step {
                        Step::Judge => Outcome::Next(fated),
                        _ if step == fated && destination != Destination::Spool => ends[place % 2](destination),
                        _ if step == fated => fails(destination),
                        Step::Note => Outcome::Noted,
                        _ => Outcome::Next(Step::Judge),
                    };
                    let worked = Vec::new();
                    self.tell(Event::Done(Done { id, outcome, worked }));
                    is_resting = false;
                }
            }
            self.desk.pass(PAUSES.last);
        }
    }

    fn next(&mut self) {
        let expected = self.model.next(self.desk.now, self.slots);
        let task = self.desk.next();
        match (&task, expected) {
            (Task::Sleep(_), None) => self.met[Step::ALL.len()] += 1,
            (task, Some(expected)) => assert_eq!(task, &expected),
            (task, None) => panic!("{task:?}, where there is nothing to do"),
        }
        match task {
            Task::Look(_) => {
                self.looking = true;
                self.met[Step::ALL.len() + 1] += 1;
            }
            Task::Take(step, ids) => {
                self.met[step as usize] += 1;
                for id in ids {
                    assert!(self.in_hands.iter().all(|(_, other)| *other != id), "in two hands");
                    self.in_hands.push((step, id));
                }
            }
            _ => {}
        }
        let packing = self.in_hands.iter().filter(|(step, _)| *step == Step::Pack).count();
        assert!(packing <= self.slots);
    }
}

fn fails(destination: Destination) -> Outcome {
    let cause = "test".to_owned();
    Outcome::Deferred(Failure { destination, cause })
}

fn ruled(destination: Destination) -> Outcome {
    let cause = "test".to_owned();
    Outcome::Ruled(Failure { destination, cause })
}

#[test]
fn the_manager_does_what_a_naive_one_does() {
    let mut met = [0; Step::ALL.len() + 2];
    for seed in 0..300 {
        let mut run = Run::new(seed);
        for _ in 0..400 {
            run.step();
        }
        for (sum, count) in met.iter_mut().zip(run.met) {
            *sum += count;
        }
        run.fail_for_good();
        run.tell(Event::Stop);
        let last = std::iter::from_fn(|| Some(run.desk.next()));
        let mut last = last.skip_while(|task| matches!(task, Task::Take(Step::Note, _)));
        assert_eq!(last.next(), Some(Task::End));
    }
    assert!(met.iter().all(|count| *count > 100), "{met:?}");
}
