//! Fault points: places where a test lets the process die, between two file operations that must be safe to part.
//!
//! Without the cargo feature `fault-points` every call here is empty and vanishes from the binary. With it, a
//! test installs a hook for its own thread. The hook may unwind (a simulated crash) but must not touch the spool.

#[cfg(feature = "fault-points")]
mod armed {
    use std::cell::RefCell;

    type Hook = Box<dyn FnMut(&'static str)>;

    thread_local! {
        static HOOK: RefCell<Option<Hook>> = const { RefCell::new(None) };
    }

    /// Calls the hook of this thread, if one is installed, with the name of the operation that has just been done.
    pub fn point(name: &'static str) {
        let taken = HOOK.with(|hook| hook.borrow_mut().take());
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
