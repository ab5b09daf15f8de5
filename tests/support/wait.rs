//! Waiting for a cause instead of sleeping for a time.
//!
//! The limit is a guard against hanging on a busy machine, never something a test measures.

use std::time::{Duration, Instant};

/// After this long a wait has failed; generous, because two cores may build and test at the same time.
pub const GUARD: Duration = Duration::from_secs(90);

/// How often a condition is looked at.
const INTERVAL: Duration = Duration::from_millis(20);

/// Waits until `look` gives something and returns it.
///
/// # Panics
/// After [`GUARD`], naming `what` was waited for.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            begin.elapsed() < GUARD,
            "waited {} s in vain for: {what}",
            GUARD.as_secs()
        );
        std::thread::sleep(INTERVAL);
    }
}

/// Waits until `condition` holds.
///
/// # Panics
/// After [`GUARD`], naming `what` was waited for.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    wait_for(what, || condition().then_some(()));
}
