//! How long this process and the server wait for each other, and the beginning of a transaction that keeps to it.
use std::time::Duration;

use crate::limits::{DATABASE_CALL_MS_MAX, DATABASE_CONNECT_MS_MAX, DATABASE_PROOF_S_MAX, DATABASE_STATEMENT_MS_MAX};

/// How long this process waits. An operator gets the defaults.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub connect: Duration,
    /// For one statement, by the server's clock.
    pub statement: Duration,
    /// For a whole call, by our clock.
    pub call: Duration,
    /// How long a row that was taken shows that the table takes rows.
    pub proof: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            connect: Duration::from_millis(DATABASE_CONNECT_MS_MAX),
            statement: Duration::from_millis(DATABASE_STATEMENT_MS_MAX),
            call: Duration::from_millis(DATABASE_CALL_MS_MAX),
            proof: Duration::from_secs(DATABASE_PROOF_S_MAX),
        }
    }
}

impl Patience {
    /// Begins a transaction with its own limits. A commit must be on the server's disk, because the dump's files are
    /// removed after it. And a transaction that we abandoned must not keep its lock.
    /// `prelude` comes before whatever calls a function.
    pub fn begin(&self, prelude: &str) -> String {
        let ms = self.statement.as_millis();
        format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED{prelude}; SET LOCAL statement_timeout = {ms}; \
             SET LOCAL idle_in_transaction_session_timeout = {ms}; \
             SELECT pg_catalog.set_config('synchronous_commit', 'on', true) \
             WHERE pg_catalog.current_setting('synchronous_commit') = 'off'"
        )
    }
}
