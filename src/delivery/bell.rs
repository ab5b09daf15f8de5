//! Wakes sleeping hands, one at a time, without a lock.
//!
//! Before it sleeps, a hand first lies down, then looks once more for work, and only then parks. Whoever brings work
//! first puts it where hands look for it, and then rings. So either the hand finds the work, or the ring finds the
//! hand. A ring wakes only a hand that sleeps, and a sealed dump wakes only hands that could take it.
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;

/// The bell. Clones ring for the same hands.
#[derive(Clone, Debug)]
pub struct Bell {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    beds: Vec<Bed>,
    wants_sealed: AtomicBool,
}

/// The place where one hand sleeps.
#[derive(Debug, Default)]
struct Bed {
    hand: OnceLock<Thread>,
    is_taken: AtomicBool,
}

impl Bell {
    /// A bell for this number of hands.
    pub fn new(hands: usize) -> Bell {
        let shared = Shared {
            beds: (0..hands).map(|_| Bed::default()).collect(),
            wants_sealed: AtomicBool::new(false),
        };
        let shared = Arc::new(shared);
        Bell { shared }
    }

    /// The calling thread is this hand.
    pub fn enter(&self, hand: usize) {
        self.shared.beds[hand].hand.get_or_init(thread::current);
    }

    /// From now on rings find the hand. False if the hand has been lying since an earlier call and was not rung for:
    /// then it may sleep.
    pub fn lie_down(&self, hand: usize) -> bool {
        let was_taken = self.shared.beds[hand].is_taken.swap(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        !was_taken
    }

    /// Sleeps until the hand is rung for or the time is over.
    pub fn sleep(&self, hand: usize, time: Duration) {
        thread::park_timeout(time);
        self.get_up(hand);
    }

    /// From now on rings do not find the hand. False if one has already found it.
    pub fn get_up(&self, hand: usize) -> bool {
        self.shared.beds[hand].is_left()
    }

    /// Wakes one sleeping hand, if there is one.
    pub fn ring(&self) {
        fence(Ordering::SeqCst);
        let bed = self.shared.beds.iter().find(|bed| bed.is_left());
        if let Some(hand) = bed.and_then(|bed| bed.hand.get()) {
            hand.unpark();
        }
    }

    /// Rings for a sealed dump, which has been put where hands find it.
    pub fn ring_for_sealed(&self) {
        fence(Ordering::SeqCst);
        if self.shared.wants_sealed.load(Ordering::SeqCst) {
            self.ring();
        }
    }

    /// Says whether a dump that is sealed from now on should wake a sleeping hand. The hand calls this before it looks
    /// for such dumps itself.
    pub fn want_sealed(&self, wanted: bool) {
        self.shared.wants_sealed.store(wanted, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }
}

impl Bed {
    /// True if this call has made the hand get up.
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
