//! A line in the log about a call that does not come back.
//!
//! The call itself is not ended: the kernel offers no way to. Where no thread can be started, there is no line.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;

use crate::limits::PATIENCE;

/// Makes `call` on this thread. If it takes longer than [`PATIENCE`], the log names `what` is waited for, and says so
/// when it is over.
pub fn patiently<T>(what: &str, call: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        let (done, waits) = channel::<()>();
        let watch = move || {
            if waits.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                log::warn!("waiting for {what}: the file system does not answer");
                // It ends when the sender is dropped.
                let _ = waits.recv();
                log::info!("no longer waiting for {what}");
            }
        };
        let _ = thread::Builder::new()
            .name("patience".into())
            .spawn_scoped(scope, watch);
        let answer = call();
        drop(done);
        answer
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_comes_through_at_once() {
        let begin = std::time::Instant::now();
        assert_eq!(patiently("nothing", || 7), 7);
        assert!(begin.elapsed() < PATIENCE);
    }
}
