//! One report with what belongs to it, as it is changed in place, and packed.
use super::bytes::{read, read_text, write, write_text};
use super::stored::Stored;

#[derive(Default)]
pub struct Kept {
    pub id: Vec<u8>,
    pub stored: Stored,
    /// The event that has given the report its own time stamp, or the one before it began. A later common one is newer.
    pub stamped: u32,
}

/// In place of an event: the report has been removed.
pub const REMOVED: u32 = u32::MAX;

impl Kept {
    /// Appends it all. `event` is the last one.
    pub fn pack(&self, event: u32, out: &mut Vec<u8>) {
        write(u64::from(self.stamped), out);
        write_text(&self.id, out);
        self.stored.pack(event, out);
    }

    /// What was packed.
    pub fn unpack(event: u32, from: &mut &[u8]) -> Kept {
        Kept {
            stamped: read(from) as u32,
            id: read_text(from).to_vec(),
            stored: Stored::unpack(event, from),
        }
    }
}
