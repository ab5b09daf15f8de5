//! SIGTERM, SIGINT and SIGHUP: the first one is an event of the loop, the second one ends the process at once.
//!
//! The second one works whatever the process is doing at the time, even if a worker hangs on a destination.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use mio::event::Source;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

/// The loop's source of signals.
pub struct Signals {
    inner: signal_hook_mio::v1_0::Signals,
}

/// Each of these starts the shutdown. Whoever starts the server with SIGHUP ignored (nohup) wants it to go on when the
/// terminal closes.
pub fn stopping() -> Vec<i32> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    match ignored(&status) & (1 << (SIGHUP - 1)) {
        0 => vec![SIGTERM, SIGINT, SIGHUP],
        _ => vec![SIGTERM, SIGINT],
    }
}

/// The signals that are ignored, as the kernel shows them (proc_pid_status(5), `SigIgn`). Zero if it does not.
fn ignored(status: &str) -> u64 {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

/// The exit status after a second signal. What was undelivered waits on disk, but nobody waited for the peers.
const SECOND_SIGNAL_STATUS: i32 = 1;

impl Signals {
    /// Takes over all signals that end the server in order. SIGHUP is one of them: a terminal that closes sends it, and
    /// without a handler it would end the process at once.
    ///
    /// # Errors
    /// The system's: no descriptor for the pipe that wakes the loop.
    pub fn new() -> io::Result<Signals> {
        let signals = stopping();
        let once = Arc::new(AtomicBool::new(false));
        for &signal in &signals {
            // Handlers run in the order of registration: the exit looks at the flag before this signal sets it.
            flag::register_conditional_shutdown(signal, SECOND_SIGNAL_STATUS, Arc::clone(&once))?;
            flag::register(signal, Arc::clone(&once))?;
        }
        Ok(Signals {
            inner: signal_hook_mio::v1_0::Signals::new(&signals)?,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_is_read() {
        assert_eq!(ignored("Name:\tx\nSigIgn:\t0000000000001001\nSigCgt:\tff\n"), 0x1001);
        assert_eq!(ignored(""), 0);
    }
}
