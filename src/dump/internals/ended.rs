//! The last statistics of connections whose events have all been shown.
//!
//! Events come connection by connection, and what is computed from the last values asks for them at the end. So they
//! are kept, up to `INTERNALS_ENDED_BYTES_MAX`.
use crate::dump::reports::Reports;
use crate::limits::INTERNALS_ENDED_BYTES_MAX;

#[derive(Default)]
pub struct Ended {
    /// By the index of the connection. The client has none.
    kept: Vec<Option<Reports>>,
    bytes: usize,
    /// How many found no room.
    pub lost: u64,
    scratch: Vec<u8>,
}

impl Ended {
    /// A connection has ended.
    pub fn keep(&mut self, connection: usize, reports: Reports) {
        if reports.is_empty() {
            return;
        }
        self.scratch.clear();
        reports.write_json(&mut self.scratch);
        // Each value costs about as much again as its text and name.
        let bytes = 2 * self.scratch.len();
        self.scratch = Vec::new();
        if self.bytes + bytes > INTERNALS_ENDED_BYTES_MAX {
            self.lost += 1;
            return;
        }
        self.bytes += bytes;
        if self.kept.len() <= connection {
            self.kept.resize_with(connection + 1, || None);
        }
        self.kept[connection] = Some(reports);
    }

    pub fn get(&self, connection: usize) -> Option<&Reports> {
        self.kept.get(connection)?.as_ref()
    }
}
