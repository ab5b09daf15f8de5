//! The loop: one thread, one poll, every socket.
//!
//! It reads sockets, drives connections, appends their lines to dumps and hands sealed dumps to delivery. Never here:
//! parsing, syncing, compressing, storage or database calls. Its only file calls are open, write, rename (and a
//! truncate after a short write). Every bound it keeps stands in `Options` or in `limits`.

mod core;
mod listen;
mod options;
mod peer;
mod signals;
mod slots;
mod socket;
mod stop;
mod timers;
mod turn;
mod turns;
mod upkeep;
mod welcome;

pub use self::core::{Options, Parts, Reactor};
pub use listen::{BindError, bind};
pub use options::{HostOptions, ListenOptions, SessionLimits};
pub use turn::Settings;
