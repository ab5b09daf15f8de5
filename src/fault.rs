//! Fault points: places where a test lets the process die, between two file operations that must be safe to part.
//!
//! Without the cargo feature `fault-points` every call here is empty and vanishes from the binary. With it, a
//! test installs a hook for its own thread. The hook may unwind (a simulated crash) but must not touch the spool.
//! Of the real binary with the feature the variable `RTCSTATS_FAULT_KILL=NAME:COUNT` names the pass at which it kills itself.

#[cfg(feature = "fault-points")]
mod armed {
    use std::cell::RefCell;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use rustix::process::{Signal, getpid, kill_process};

    type Hook = Box<dyn FnMut(&'static str)>;

    thread_local! {
        static HOOK: RefCell<Option<Hook>> = const { RefCell::new(None) };
    }

    /// `NAME:COUNT`: at the so-manieth pass of this point, counted over all threads, the process kills itself.
    const KILL: &str = "RTCSTATS_FAULT_KILL";

    struct Kill {
        name: String,
        left: AtomicU64,
    }

    fn kill() -> Option<&'static Kill> {
        static ARMED: OnceLock<Option<Kill>> = OnceLock::new();
        let read = || {
            let text = std::env::var(KILL).ok()?;
            let (name, count) = text.split_once(':')?;
            let left = AtomicU64::new(count.parse().ok()?);
            let name = name.to_owned();
            Some(Kill { name, left })
        };
        ARMED.get_or_init(read).as_ref()
    }

    fn die_here(name: &str) {
        if let Some(kill) = kill()
            && kill.name == name
            && kill.left.fetch_sub(1, Ordering::SeqCst) == 1
        {
            // Nothing of this process runs on behind this: no destructor, no other thread.
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }

    /// Calls the hook of this thread, if one is installed, with the name of the operation that has just been done.
    pub fn point(name: &'static str) {
        let taken = HOOK.with(|hook| hook.borrow_mut().take());
        die_here(name);
        // The hook is out of its cell while it runs, so that one which unwinds leaves the cell empty: a crash
        // happens once, and what the test does afterwards to look at the ruins is not crashed again.
        if let Some(mut hook) = taken {
            hook(name);
            HOOK.with(|cell| *cell.borrow_mut() = Some(hook));
        }
    }

    /// Installs (or with `None` removes) the hook of this thread.
    pub fn install(hook: Option<Hook>) {
        HOOK.with(|cell| *cell.borrow_mut() = hook);
    }
}

#[cfg(feature = "fault-points")]
pub use armed::{install, point};

/// Marks that the named file operation has just been done. Empty in every build but the simulation's.
#[cfg(not(feature = "fault-points"))]
#[inline(always)]
pub fn point(_name: &'static str) {}
