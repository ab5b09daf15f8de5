//! Wakes hands that sleep, one at a time, without a lock.
//!
//! A hand lies down, looks once more whether there is something to do, and only then parks; whoever has something puts
//! it where it will be found, and then rings. So either the hand finds it or the ring finds the hand. Nobody is woken
//! who does not sleep, and a dump that is sealed wakes nobody who could not take it.
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;

/// Clones ring the same hands.
#[derive(Clone, Debug)]
pub struct Bell {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    beds: Vec<Bed>,
    wants_sealed: AtomicBool,
}

/// Where one hand sleeps.
#[derive(Debug, Default)]
struct Bed {
    hand: OnceLock<Thread>,
    is_taken: AtomicBool,
}

impl Bell {
    /// For so many hands.
    pub fn new(hands: usize) -> Bell {
        let shared = Shared {
            beds: (0..hands).map(|_| Bed::default()).collect(),
            wants_sealed: AtomicBool::new(false),
        };
        let shared = Arc::new(shared);
        Bell { shared }
    }

    /// The thread that calls is this hand.
    pub fn enter(&self, hand: usize) {
        self.shared.beds[hand].hand.get_or_init(thread::current);
    }

    /// From now on rings find the hand. False if it lay down before and was not rung since: then it may sleep.
    pub fn lie_down(&self, hand: usize) -> bool {
        let was_taken = self.shared.beds[hand].is_taken.swap(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        !was_taken
    }

    /// Until it is rung for, or the time is over.
    pub fn sleep(&self, hand: usize, time: Duration) {
        thread::park_timeout(time);
        self.get_up(hand);
    }

    /// From now on rings do not find the hand. False if one has.
    pub fn get_up(&self, hand: usize) -> bool {
        self.shared.beds[hand].is_left()
    }

    /// Wakes one that sleeps, if one does.
    pub fn ring(&self) {
        fence(Ordering::SeqCst);
        let bed = self.shared.beds.iter().find(|bed| bed.is_left());
        if let Some(hand) = bed.and_then(|bed| bed.hand.get()) {
            hand.unpark();
        }
    }

    /// A dump that is sealed has been put where hands find it.
    pub fn ring_for_sealed(&self) {
        fence(Ordering::SeqCst);
        if self.shared.wants_sealed.load(Ordering::SeqCst) {
            self.ring();
        }
    }

    /// Whether a dump that is sealed now would find a hand that sleeps of use. To be called before the hand looks for
    /// such dumps itself.
    pub fn want_sealed(&self, wanted: bool) {
        self.shared.wants_sealed.store(wanted, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }
}

impl Bed {
    /// True if this call got the hand out of it.
    fn is_left(&self) -> bool {
        self.is_taken.swap(false, Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_gets_one_hand_up_and_finds_none_that_is_not_down() {
        let bell = Bell::new(2);
        bell.ring();
        assert!(bell.lie_down(0) && bell.lie_down(1));
        assert!(!bell.lie_down(0), "nobody has rung since");
        bell.ring();
        assert!(bell.lie_down(0), "it was rung for");
        assert!(bell.get_up(0) && bell.get_up(1));
        bell.ring();
        assert!(!bell.get_up(0) && !bell.get_up(1));
    }

    #[test]
    fn a_dump_that_is_sealed_rings_only_when_that_is_of_use() {
        let bell = Bell::new(1);
        bell.lie_down(0);
        bell.ring_for_sealed();
        assert!(bell.get_up(0));
        bell.want_sealed(true);
        bell.lie_down(0);
        bell.ring_for_sealed();
        assert!(!bell.get_up(0));
    }

    #[test]
    fn who_is_rung_for_before_it_sleeps_does_not_sleep() {
        let bell = Bell::new(1);
        bell.enter(0);
        bell.lie_down(0);
        bell.ring();
        let hours = Duration::from_secs(3600);
        bell.sleep(0, hours);
        assert!(!bell.get_up(0));
    }
}
