//! Runs the cases of a table.

use std::panic;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// So many cases run at the same time.
const AT_ONCE: usize = 4;

/// Runs all cases, a few of them at the same time, because they mostly wait. A case that fails does not keep the others
/// from running.
///
/// # Panics
/// At the end, with the names of all that have failed.
pub fn each_at_once<T: Sync>(cases: &[T], name: impl Fn(&T) -> String + Sync, run: impl Fn(&T) + Sync) {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(cases.len()) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let run = panic::AssertUnwindSafe(|| run(case));
                    if panic::catch_unwind(run).is_err() {
                        eprintln!("this was the case: {}", name(case));
                        failed.lock().expect("nobody panics with it").push(name(case));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().expect("nobody panics with it");
    assert!(failed.is_empty(), "failed: {failed:#?}");
}
