//! The last resort of a stop: the process ends when the shutdown time is over, whatever its threads are doing.
//!
//! A call to a disk that hangs can be made by any thread, that of the loop too, and no other thread can end it. What
//! was read is in files then, or was never acknowledged, so the next start finds it as after a kill. This waits for the
//! first signal in a thread of its own. Failures: there is no descriptor or no thread.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use signal_hook::low_level::{exit, pipe};

use crate::limits::LAST_WORD;
use crate::reactor;

/// See the head comment.
pub struct Backstop {
    are_sealed: Arc<AtomicBool>,
}

impl Backstop {
    /// From now on the process ends `limit` after the first signal at the latest.
    ///
    /// # Errors
    /// The system's: no descriptor, no thread.
    pub fn start(limit: Duration) -> io::Result<Backstop> {
        let (mut told, tell) = UnixStream::pair()?;
        for signal in reactor::stopping() {
            pipe::register(signal, tell.try_clone()?)?;
        }
        let are_sealed = Arc::new(AtomicBool::new(false));
        let known = Arc::clone(&are_sealed);
        thread::Builder::new().name("backstop".to_owned()).spawn(move || {
            if told.read_exact(&mut [0]).is_ok() {
                thread::sleep(limit);
                end(known.load(Ordering::SeqCst));
            }
        })?;
        Ok(Backstop { are_sealed })
    }

    /// What is cut off from now on is only work that the next start repeats, and no failure.
    pub fn sessions_are_sealed(&self) {
        self.are_sealed.store(true, Ordering::SeqCst);
    }
}

/// The log may lie on the disk that hangs.
fn end(are_sealed: bool) -> ! {
    let (done, said) = mpsc::channel::<()>();
    let _ = thread::Builder::new().name("last-word".to_owned()).spawn(move || {
        let left = match are_sealed {
            true => "dumps",
            false => "sessions, which count as cut off, and dumps",
        };
        log::warn!("the shutdown time is over and a call does not return: {left} are left to the next start");
        drop(done);
    });
    let _ = said.recv_timeout(LAST_WORD);
    exit(if are_sealed { 0 } else { 1 })
}
