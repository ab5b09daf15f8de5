//! A rule of the catalogue that refuses the row of one session, as an operator's trigger does, until it is taken away.
//!
//! A dump that it refuses waits by itself: it does not fail, and the others pass.

use std::path::Path;

use rtcstats_server::delivery::{Destination, Outcome};
use rtcstats_server::spool::Id;
use rusqlite::{Connection, OpenFlags};

use super::server::Server;

impl Server<'_> {
    /// Makes a rule, or takes it away.
    pub fn change_a_rule(&mut self) {
        // The test itself opens a file.
        self.trouble.lift();
        let client = match self.world.ruled_out {
            None if self.world.next_client > 0 => Some(self.world.random.below(self.world.next_client)),
            _ => None,
        };
        if set(&self.world.catalogue(), client).is_ok() {
            self.world.ruled_out = client;
            self.world.once_ruled_out.extend(client);
        }
    }

    /// The operator mends what is wrong. A power cut may have brought an older rule back.
    pub fn mend_the_rule(&mut self) {
        self.world.ruled_out = None;
        // Without a table there is no rule.
        let _ = set(&self.world.catalogue(), None);
    }

    pub fn note_rule(&mut self, id: Id, outcome: &Outcome) {
        let client = self.world.records.iter().position(|record| record.id == Some(id));
        match outcome {
            Outcome::Ruled(_) if client.is_some_and(|client| self.world.once_ruled_out.contains(&client)) => {
                self.world.meet("a rule refused a dump");
            }
            Outcome::Ruled(_) => self
                .world
                .blame(format!("dump {id} was refused by a rule for another one")),
            Outcome::Deferred(failure)
                if failure.destination == Destination::Database
                    && self.world.ruled_out.is_some()
                    && !self.trouble.is_there() =>
            {
                self.world
                    .blame(format!("a rule for one dump keeps others back: {}", failure.cause));
            }
            _ => {}
        }
    }
}

fn set(catalogue: &Path, client: Option<usize>) -> rusqlite::Result<()> {
    let catalogue = Connection::open_with_flags(catalogue, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    catalogue.execute_batch("DROP TRIGGER IF EXISTS rule")?;
    let Some(client) = client else { return Ok(()) };
    catalogue.execute_batch(&format!(
        "CREATE TRIGGER rule BEFORE INSERT ON rtcstats
         WHEN json_extract(NEW.metadata, '$.url') = '/client-{client}'
         BEGIN SELECT RAISE(ABORT, 'a rule of the operator'); END"
    ))
}
