//! The engine: every connection's life without sockets. Bytes and time go in, commands come out.
//!
//! A driver (`reactor`, or a simulation) copies what its sockets bring into [`Engine`] and carries out what
//! [`Engine::next_command`] says. What is promised is kept here: lines are in the file before anything that could
//! acknowledge them is released, and a dump is sealed before its close frame is. Never here: sockets, clocks, threads,
//! destinations; files only through `spool`. Every bound stands in [`Options`] or in `limits`. Failures are the peer's,
//! which `connection` answers, or the disk's: its session is then not read until the disk takes its lines.

mod batch;
mod check;
mod command;
mod disk;
mod engine;
mod options;
mod peer;
mod room;
mod seal;
mod slots;
mod stop;
mod timers;
mod turn;
mod unsealed;
#[cfg(feature = "fault-points")]
mod view;

#[cfg(test)]
mod tests;

pub use command::{Cause, Command, Now, Role};
pub use engine::{Engine, Options};
pub use options::{HostOptions, SessionLimits};
pub use slots::{KEY_TOKEN_END, Key, Mirror};
#[cfg(feature = "fault-points")]
pub use view::{Stage, View};
