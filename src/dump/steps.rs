//! Counts the steps of reading in unit tests, so that they can show that time is linear in the bytes without a clock.
//!
//! What may look at many bytes or at many entries counts them here. In the product this is nothing.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// So many bytes or entries are looked at.
#[inline(always)]
pub fn count(steps: usize) {
    #[cfg(test)]
    STEPS.set(STEPS.get() + steps as u64);
    #[cfg(not(test))]
    let _ = steps;
}

/// The steps that some work takes on this thread.
#[cfg(test)]
pub fn of(work: impl FnOnce()) -> u64 {
    let before = STEPS.get();
    work();
    STEPS.get() - before
}
