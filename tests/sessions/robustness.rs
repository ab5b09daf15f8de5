//! Tries to break the real binary: odd peers, too many of them, no descriptors, no disk, signals, several processes.
//!
//! Each test names a promise of the server and shows the cause, not a time: what is answered, what is on disk, which
//! calls are made. Times are used here only as guards against hanging. Some tests need root, to mount a small disk or
//! to trace; without it they fail and say so.

mod calls;
mod descriptors;
mod disk;
mod dumps;
mod instances;
mod listening;
mod peers;
mod process;
mod refusing;
mod sealed;
mod stop;
