//! The bounds of a sweep, and of how far its clock is trusted.
//!
//! Named and reasoned like all others; they have a file of their own only because they are many.

/// Stored files that a sweep holds in memory: about 300 bytes each, so 1.2 MB. The folder is walked once for every so
/// many files that are removed, which is a minute of listing for an hour of removing.
pub const RETENTION_OBJECTS_MAX: usize = 4096;

/// Seconds between two sweeps. Files that are too old or too many may stay this much longer.
pub const RETENTION_PAUSE_S_MAX: u64 = 10 * 60;

/// How far ahead of the clock, in seconds, the time of a stored file may be and still count as now. A clock that was
/// set in local time is wrong by at most 14 hours; what is further ahead comes from a clock that was wrong. A file that
/// is ahead by less stays at most this much longer.
pub const RETENTION_AHEAD_S_MAX: u64 = 24 * 60 * 60;

/// How far the clock may be before the last sweep, in seconds, and still agree with it: one pause between two sweeps,
/// which is far more than a time service steps a clock that it has set once.
pub const RETENTION_BACK_S_MAX: u64 = RETENTION_PAUSE_S_MAX;

/// The clock may be past the last sweep by half of `max_age`, and by this many seconds in any case. If it has jumped so
/// far, each dump was still kept for half its time. An hour is six pauses, so that a restart or a slow sweep is no
/// jump, and no whole `max_age` passes unseen unless that is shorter than an hour.
pub const RETENTION_JUMP_S_MIN: u64 = 60 * 60;

/// For so many seconds the sweeps only tell what is too old, when the clock has disagreed with the last sweep: time to
/// read one line of the log. It is short beside any `max_age` that counts in days, and sweeps must agree all the while.
pub const RETENTION_DOUBT_S: u64 = 60 * 60;
