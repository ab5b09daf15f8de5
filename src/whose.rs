//! Whose fault a failed step of delivery is, which decides what becomes of the dump.

use std::io;

use rustix::io::Errno;

/// Asked of every error of a store or a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// This dump's alone: no retry mends it, so it steps aside. Others go on.
    Dump,
    /// The destination's: every dump would meet it, so all of them wait until it works again.
    Destination,
    /// This machine's (no descriptor, no memory, a full spool): the step is tried again, the destination is not blamed.
    Machine,
}

/// Descriptors or memory ran out: the state of this machine, whatever was asked of it.
pub fn machine_is_short(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM)
    )
}
