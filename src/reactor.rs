//! The loop: one thread, one poll, every socket.
//!
//! It copies what sockets bring into `sessions::Engine`, carries out the engine's commands, and hands sealed dumps to
//! delivery. Never here: decisions about a session, files, parsing, calls to storage or database. Its limits stand in
//! `limits`.

mod core;
mod listen;
mod options;
mod signals;
mod socket;

pub use self::core::{Parts, Reactor};
pub use listen::{BindError, Bound, Listener, bind, listen, rehearse};
pub use options::ListenOptions;
pub use signals::stopping;
