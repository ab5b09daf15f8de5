//! The steps that one dump takes, and what each can end in: the words between who decides (`manager`) and who does
//! (`deliver`).
use super::availability::Destination;
use crate::id::Id;

/// One step of a dump. Every step may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Look what there is of it on disk, and whether that is whole: for a dump that was found there, and for one that
    /// has waited for a destination.
    Judge,
    /// Mask and compress.
    Pack,
    /// Store the packed file.
    Put,
    /// Write its row. Several dumps may take this step together.
    Record,
    /// Its row has to wait: note that it is stored, so that it is not sent again. Several may take this step together.
    Note,
    /// An operator asked for it to be erased: object, row and files go.
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

    /// What the step cannot do without.
    pub fn needs(self) -> &'static [Destination] {
        match self {
            Step::Judge | Step::Note => &[],
            Step::Pack => &[Destination::Spool],
            Step::Put => &[Destination::Storage],
            Step::Record => &[Destination::Database],
            Step::Erase => &[Destination::Storage, Destination::Database],
        }
    }

    /// Whether this step, or one that comes behind it without a pause, needs the destination.
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
    /// Packed, and the sync thread was told to remove the unmasked file. Nothing leaves the spool before that has
    /// happened: else a power cut could take what was stored here, or leave less of the dump here than was stored
    /// elsewhere, and the next start would store that in its place.
    Packed,
    /// Stored and recorded, or erased on an operator's word, and the sync thread was told to remove its files.
    Delivered,
    /// There is no such dump: another run had delivered it.
    Gone,
    /// It lies in failed, with a note.
    Refused,
    /// Noted as stored: it waits for the database.
    Noted,
    /// A destination failed; the dump is to be tried again.
    Deferred(Failure),
}

/// The failure of a destination, which another dump would have met as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub destination: Destination,
    /// For the log: never content of a dump.
    pub cause: String,
}

/// The report on one step of one dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub id: Id,
    pub outcome: Outcome,
    /// The destinations that did what they were asked for; of the others nothing is known but what `outcome` says.
    pub worked: Vec<Destination>,
}
