//! How many workers may pack at a time: packing takes a whole core, the rest of a delivery mostly waits.
//!
//! One core is kept for the loop thread, where there is more than one. Whoever waits here waits for another worker's
//! pass over one dump, never for a destination.
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Leave to pack; dropped when it is done, also by a panic.
#[derive(Debug)]
#[must_use]
pub struct Permit<'a>(&'a Packers);

#[derive(Debug)]
pub struct Packers {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Packers {
    /// For `cores` cores; at least one packs.
    pub fn new(cores: usize) -> Packers {
        Packers {
            free: Mutex::new(cores.saturating_sub(1).max(1)),
            freed: Condvar::new(),
        }
    }

    /// For the cores that this process may use; one if that cannot be known.
    pub fn of_this_machine() -> Packers {
        Packers::new(thread::available_parallelism().map_or(1, usize::from))
    }

    /// Waits until fewer than may are packing.
    pub fn enter(&self) -> Permit<'_> {
        let waiting = self.freed.wait_while(self.free(), |free| *free == 0);
        *waiting.unwrap_or_else(PoisonError::into_inner) -= 1;
        Permit(self)
    }

    fn free(&self) -> MutexGuard<'_, usize> {
        // A number is whole at each step, so a panic elsewhere does not spoil it.
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.0.free() += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn as_many_pack_as_there_are_cores_less_one() {
        for (cores, most) in [(0, 1), (1, 1), (2, 1), (4, 3)] {
            let packers = Packers::new(cores);
            let (inside, highest) = (AtomicUsize::new(0), AtomicUsize::new(0));
            thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        for _ in 0..50 {
                            let _permit = packers.enter();
                            highest.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                            thread::yield_now();
                            inside.fetch_sub(1, Ordering::SeqCst);
                        }
                    });
                }
            });
            assert!(highest.into_inner() <= most);
            assert_eq!(*packers.free(), most);
        }
    }

    #[test]
    fn a_panic_gives_its_leave_back() {
        let packers = Packers::new(2);
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            let _permit = packers.enter();
            std::panic::resume_unwind(Box::new(()));
        }));
        assert!(unwound.is_err());
        drop(packers.enter());
    }
}
