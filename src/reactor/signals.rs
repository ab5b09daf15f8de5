//! SIGTERM and SIGINT: the first one is an event of the loop, the second one ends the process at once.
//!
//! The second one works whatever the process is doing at the time, even if a worker hangs on a destination.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use mio::event::Source;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// The loop's source of signals.
pub struct Signals {
    inner: signal_hook_mio::v1_0::Signals,
}

/// The exit status after a second signal. What was undelivered waits on disk, but nobody waited for the peers.
const SECOND_SIGNAL_STATUS: i32 = 1;

impl Signals {
    /// Takes over SIGTERM and SIGINT.
    ///
    /// # Errors
    /// The system's: no descriptor for the pipe that wakes the loop.
    pub fn new() -> io::Result<Signals> {
        let once = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            // Handlers run in the order of registration: the exit looks at the flag before this signal sets it.
            flag::register_conditional_shutdown(signal, SECOND_SIGNAL_STATUS, Arc::clone(&once))?;
            flag::register(signal, Arc::clone(&once))?;
        }
        Ok(Signals {
            inner: signal_hook_mio::v1_0::Signals::new([SIGTERM, SIGINT])?,
        })
    }

    pub fn source(&mut self) -> &mut impl Source {
        &mut self.inner
    }

    /// A signal has arrived since the last call.
    pub fn arrived(&mut self) -> bool {
        self.inner.pending().count() > 0
    }
}
