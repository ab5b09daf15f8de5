//! Tries to break the real binary: odd peers, too many of them, no descriptors, no disk, signals, several processes.
//!
//! Each test names a promise of the server and shows the cause, not a time: what is answered, what is on disk, which
//! calls are made. Times are used here only as guards against hanging. Some tests need root, to mount a small disk or
//! to trace; without it they fail and say so.

#[path = "robustness/calls.rs"]
mod calls;
#[path = "robustness/descriptors.rs"]
mod descriptors;
#[path = "robustness/disk.rs"]
mod disk;
#[path = "robustness/dumps.rs"]
mod dumps;
#[path = "robustness/instances.rs"]
mod instances;
#[path = "robustness/listening.rs"]
mod listening;
#[path = "robustness/peers.rs"]
mod peers;
#[path = "robustness/process.rs"]
mod process;
#[path = "robustness/sealed.rs"]
mod sealed;
#[path = "robustness/stop.rs"]
mod stop;
