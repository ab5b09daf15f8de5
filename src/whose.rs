//! Who is at fault when a step of delivery fails. This decides what becomes of the dump.

use std::io;

use rustix::io::Errno;

/// Every error of a store or a database is asked for this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Only this dump is at fault, and nobody who looks after the destination can mend that: no retry will help, so it
    /// is put aside and the others go on.
    Dump,
    /// The destination works, but a rule of its own refuses this one dump: the type or length of a column, a CHECK, a
    /// missing partition, a policy about one key. An operator can change the rule. So the dump waits by itself, and the
    /// destination stays open for the others.
    Rule,
    /// The destination is at fault: every dump would meet the same error, so all of them wait until it works again.
    Destination,
    /// This machine is at fault (no descriptor, no memory, a full spool): the step is tried again, and the destination
    /// is not blamed.
    Machine,
}

/// Whether descriptors or memory ran out: this is the state of this machine, whatever was asked of it.
pub fn machine_is_short(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM)
    )
}
