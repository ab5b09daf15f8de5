//! Tries to break the real binary: odd peers, too many of them, no descriptors, no disk, signals, more processes.
//!
//! Each test names a sentence of what the server promises and shows the cause, not a time: what is answered, what is on
//! disk, which calls are made. Times in here are guards against hanging. Some tests need root, for mounting a small
//! disk and for tracing; they say so when it is missing.

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
mod support;
