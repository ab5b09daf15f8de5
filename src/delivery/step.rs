//! The steps that one dump takes, and how each can end: the messages between `manager`, which decides, and `deliver`,
//! which does them.
use super::availability::Destination;
use crate::id::Id;

/// One step of a dump. Every step may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Look which files of the dump are on disk and whether they are whole. For a dump that was found on disk, and for
    /// one that has waited for a destination.
    Judge,
    /// Mask and compress.
    Pack,
    /// Store the packed file.
    Put,
    /// Write its row. Several dumps may take this step together.
    Record,
    /// Its row has to wait: note that it is stored, so that it is not sent again. Several may take this step together.
    Note,
    /// An operator has asked to erase it: remove its object, row and files.
    Erase,
}

impl Step {
    pub const ALL: [Step; 6] = [
        Step::Judge,
        Step::Pack,
        Step::Put,
        Step::Record,
        Step::Note,
        Step::Erase,
    ];

    /// The destinations that the step needs.
    pub fn needs(self) -> &'static [Destination] {
        match self {
            Step::Judge | Step::Note => &[],
            Step::Pack => &[Destination::Spool],
            Step::Put => &[Destination::Storage],
            Step::Record => &[Destination::Database],
            Step::Erase => &[Destination::Storage, Destination::Database],
        }
    }

    /// Whether this step, or one that follows it without a pause, needs the destination.
    pub fn leads_to(self, destination: Destination) -> bool {
        match self {
            Step::Judge => true,
            Step::Pack => destination == Destination::Spool,
            Step::Put | Step::Erase => destination != Destination::Spool,
            Step::Record => destination == Destination::Database,
            Step::Note => false,
        }
    }
}

/// How a step of one dump ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It can take this step now.
    Next(Step),
    /// It is packed, and the sync thread was told to remove the unmasked file. Until that has happened, nothing leaves
    /// the spool. Otherwise a power cut could destroy what was stored on this machine, or leave less of the dump here
    /// than was stored elsewhere, and the next start would store that shorter dump in its place.
    Packed,
    /// It is stored and recorded, or erased because an operator asked for it. The sync thread was told to remove its
    /// files.
    Delivered,
    /// There is no such dump: another run has delivered it.
    Gone,
    /// It was moved to failed, with a note.
    Refused,
    /// It is noted as stored and waits for the database.
    Noted,
    /// A destination failed. The dump is to be tried again.
    Deferred(Failure),
    /// The destination works, but a rule of its own refuses this dump, which is to wait by itself.
    Ruled(Failure),
}

/// Why a destination did not do what was asked: as another dump would have met it as well, or by a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    pub destination: Destination,
    /// The cause for the log. It never has content of a dump.
    pub cause: String,
}

/// The report on one step of one dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub id: Id,
    pub outcome: Outcome,
    /// The destinations that did what they were asked. Of the others, only what `outcome` says is known.
    pub worked: Vec<Destination>,
}
