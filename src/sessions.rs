//! The engine: it runs the life of every connection without sockets. Bytes and time go in, commands come out.
//!
//! A driver (`reactor`, or a simulation) copies what its sockets bring into [`Engine`] and carries out what
//! [`Engine::next_command`] says. The server's promises are kept here: lines are in the file before anything that could
//! acknowledge them is released, and a dump is sealed before its close frame is sent. Never here: sockets, clocks,
//! threads, destinations. Files are reached only through `spool`. Every limit stands in [`Options`] or in `limits`.
//! There are two kinds of failures: the peer's, which `connection` answers, and the disk's. While the disk refuses the
//! lines of a session, that session's socket is not read.

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
mod tally;
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
