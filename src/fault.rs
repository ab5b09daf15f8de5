//! Fault points: places between two file operations, at which a test lets the process die to show that this does no
//! harm. Also the rules that a test breaks, to show that this is noticed.
//!
//! Without the cargo feature `fault-points` every call here is empty and vanishes from the binary. With it, a test
//! installs a hook for its own thread. The hook may unwind (a simulated crash) but must not touch the spool. For the
//! real binary with this feature, the variable `RTCSTATS_FAULT_KILL=NAME:COUNT` names the pass of a fault point at
//! which the process kills itself, and `RTCSTATS_FAULT_BREAK=NAME` the rule that it breaks. In the same form,
//! `RTCSTATS_FAULT_STUMBLE` lets code that must not matter to the rest panic, as if it had a fault.

/// A rule of the server that a test can break. Each is checked only at the place that keeps the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Answers before the lines of the turn are written.
    AnswersFirst,
    /// Answers although the disk has refused the lines.
    AnswersWhenRefused,
    /// Answers while lines wait for the flush interval.
    AnswersWhenBuffered,
    /// Answers while lines of a session that is over are only in memory.
    AnswersWhenUnsealed,
    /// Sends the close frame and seals the dump afterwards.
    SealsLater,
    /// Seals a dump without the lines of its session's last turn.
    SealsUnwritten,
    /// Gives up a dump that cannot be sealed at once.
    DropsUnsealed,
    /// Appends again what the disk has already taken in part.
    AppendsTwice,
    /// Leaves a torn line in the file and appends after it.
    KeepsTornLine,
    /// Forgets at a start what an earlier process left in `recording`.
    RecoversNothing,
    /// Removes the sealed dump before it is packed.
    UnlinksFirst,
    /// Removes files after their successors are written, without a sync in between.
    UnlinksUnsynced,
    /// Writes the row of a dump that is not stored.
    RecordsUnstored,
    /// Removes the files of a dump whose row was not written.
    RemovesUnrecorded,
    /// Sets a dump aside because a destination is down.
    RefusesDeferred,
    /// Takes what a failed sync should have made durable for durable once a later one has worked.
    TrustsFailedSync,
    /// Takes what an earlier process has packed for durable because it can be read.
    TrustsTheCache,
    /// Gives a dump that is found on disk to a second hand, although one has it already.
    TakesTwice,
}

impl Broken {
    pub const ALL: [Broken; 18] = [
        Broken::AnswersFirst,
        Broken::AnswersWhenRefused,
        Broken::AnswersWhenBuffered,
        Broken::AnswersWhenUnsealed,
        Broken::SealsLater,
        Broken::SealsUnwritten,
        Broken::DropsUnsealed,
        Broken::AppendsTwice,
        Broken::KeepsTornLine,
        Broken::RecoversNothing,
        Broken::UnlinksFirst,
        Broken::UnlinksUnsynced,
        Broken::RecordsUnstored,
        Broken::RemovesUnrecorded,
        Broken::RefusesDeferred,
        Broken::TrustsFailedSync,
        Broken::TrustsTheCache,
        Broken::TakesTwice,
    ];
}

#[cfg(feature = "fault-points")]
mod armed {
    use std::cell::{Cell, RefCell};
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use rustix::process::{Signal, getpid, kill_process};

    use super::Broken;

    type Hook = Box<dyn FnMut(&'static str)>;

    thread_local! {
        static HOOK: RefCell<Option<Hook>> = const { RefCell::new(None) };
        static BROKEN: Cell<Option<Broken>> = const { Cell::new(None) };
        static STUMBLES: Cell<(&'static str, u64)> = const { Cell::new(("", 0)) };
    }

    /// Names the rule that all threads of the process break.
    const BREAK: &str = "RTCSTATS_FAULT_BREAK";

    fn broken() -> Option<Broken> {
        static ASKED: OnceLock<Option<Broken>> = OnceLock::new();
        let read = || {
            let name = std::env::var(BREAK).ok()?;
            Broken::ALL.into_iter().find(|rule| format!("{rule:?}") == name)
        };
        BROKEN.get().or_else(|| *ASKED.get_or_init(read))
    }

    /// Makes the code of this thread break a rule, or with `None` keep all of them.
    pub fn break_rule(rule: Option<Broken>) {
        BROKEN.set(rule);
    }

    /// Whether this rule is broken.
    pub fn is_broken(rule: Broken) -> bool {
        broken() == Some(rule)
    }

    /// Whether any rule is broken.
    pub fn is_anything_broken() -> bool {
        broken().is_some()
    }

    /// `NAME:COUNT`: the process kills itself when this point is passed for the COUNTth time, counted over all threads.
    const KILL: &str = "RTCSTATS_FAULT_KILL";

    /// `NAME:COUNT`: the code panics when it comes here for the COUNTth time, counted over all threads.
    const STUMBLE: &str = "RTCSTATS_FAULT_STUMBLE";

    struct Moment {
        name: String,
        left: AtomicU64,
    }

    impl Moment {
        fn in_variable(variable: &str) -> Option<Moment> {
            let text = std::env::var(variable).ok()?;
            let (name, count) = text.split_once(':')?;
            let left = AtomicU64::new(count.parse().ok()?);
            let name = name.to_owned();
            Some(Moment { name, left })
        }

        fn has_come(&self, name: &str) -> bool {
            self.name == name && self.left.fetch_sub(1, Ordering::SeqCst) == 1
        }
    }

    fn die_here(name: &str) {
        static ARMED: OnceLock<Option<Moment>> = OnceLock::new();
        let kill = ARMED.get_or_init(|| Moment::in_variable(KILL));
        if kill.as_ref().is_some_and(|kill| kill.has_come(name)) {
            // Nothing of this process runs after this: no destructor, no other thread.
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }

    /// Calls the hook of this thread, if one is installed, with the name of the operation that has just been done.
    pub fn point(name: &'static str) {
        let taken = HOOK.with(|hook| hook.borrow_mut().take());
        die_here(name);
        // The hook is taken out of its cell while it runs, so that a hook which unwinds leaves the cell empty. A crash
        // then happens once, and what the test does afterwards to look at the remains does not crash again.
        if let Some(mut hook) = taken {
            hook(name);
            HOOK.with(|cell| *cell.borrow_mut() = Some(hook));
        }
    }

    /// Panics if a test wants this code to have a fault. Which part of the program it is, `name` says.
    pub fn stumble(name: &'static str) {
        static ARMED: OnceLock<Option<Moment>> = OnceLock::new();
        let stumble = ARMED.get_or_init(|| Moment::in_variable(STUMBLE));
        let is_here = STUMBLES.with(|left| match left.get() {
            (meant, now) if meant == name => {
                left.set((meant, now.saturating_sub(1)));
                now == 1
            }
            _ => false,
        });
        let stumbles = is_here || stumble.as_ref().is_some_and(|stumble| stumble.has_come(name));
        assert!(!stumbles, "a test wants {name} to fail");
    }

    /// Lets this thread stumble when it comes to the code of this name for the `count`th time; 0 means not at all.
    pub fn stumble_after(name: &'static str, count: u64) {
        STUMBLES.set((name, count));
    }

    /// Installs the hook of this thread, or with `None` removes it.
    pub fn install(hook: Option<Hook>) {
        HOOK.with(|cell| *cell.borrow_mut() = hook);
    }
}

#[cfg(feature = "fault-points")]
pub use armed::{break_rule, install, is_anything_broken, is_broken, point, stumble, stumble_after};

/// Marks that the named file operation has just been done. Empty in every build but the simulation's.
#[cfg(not(feature = "fault-points"))]
#[inline(always)]
pub fn point(_name: &'static str) {}

/// Marks code whose faults must not matter to the rest. Empty in every build but the simulation's.
#[cfg(not(feature = "fault-points"))]
#[inline(always)]
pub fn stumble(_name: &'static str) {}

/// Whether a test has broken this rule. Constant in every build but the simulation's.
#[cfg(not(feature = "fault-points"))]
#[inline(always)]
pub const fn is_broken(_rule: Broken) -> bool {
    false
}

/// Whether a test has broken any rule. Constant in every build but the simulation's.
#[cfg(not(feature = "fault-points"))]
#[inline(always)]
pub const fn is_anything_broken() -> bool {
    false
}
