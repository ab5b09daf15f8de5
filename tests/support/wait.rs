//! Waits for a cause instead of sleeping for a time.
//!
//! The limit only prevents hanging on a busy machine; no test measures it.

use std::time::{Duration, Instant};

/// A wait fails after this time. It is generous, because two cores may build and test at the same time.
pub const GUARD: Duration = Duration::from_secs(90);

/// The time between two checks of a condition.
const INTERVAL: Duration = Duration::from_millis(20);

/// Waits until `look` returns something, and returns that.
///
/// # Panics
/// After [`GUARD`], with `what` was waited for.
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
/// After [`GUARD`], with `what` was waited for.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    wait_for(what, || condition().then_some(()));
}
