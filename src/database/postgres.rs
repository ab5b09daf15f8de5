//! PostgreSQL 12 or newer, or a server that behaves like it: exactly one row for each dump, whatever breaks.
//!
//! **Once.** A transaction takes an advisory lock for each dump's id, looks for the rows, and writes those that are
//! missing (`insert`). Workers, processes and machines that deliver the same dump wait for each other. If an answer was
//! lost, the next try finds the rows. If a connection was cut, its locks stay until the server notices and rolls back.
//! The isolation is READ COMMITTED, so that the look sees what was committed while the transaction waited for a lock.
//! **Bounded.** Each call has a limit by this process's clock (`link`), in addition to the server's own limit for each
//! statement. A frozen server costs a worker at most `DATABASE_CONNECT_MS_MAX` or `DATABASE_CALL_MS_MAX` plus a check,
//! and then counts as down.
//! **Connections.** There are as many as callers at the same time, so at most one for each worker. Unused ones wait in
//! a list, the last used on top. After every failure a new one is made. Nothing depends on the state of a session
//! (settings are LOCAL, locks belong to the transaction, statements have no name), so poolers in transaction mode work.
//!
//! There are no retries, no log lines except about a file that cannot be read any more, and no values of rows in
//! errors. Failures: [`DatabaseError`].
mod change;
mod insert;
mod layout;
mod link;
mod migrate;
mod options;
mod origin;
mod search;
mod state;
mod table;
mod target;

use std::borrow::Cow;
use std::slice;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_postgres::{Client, Error};

use super::error::DatabaseError;
use super::key::RowRef;
use super::row::{Ending, Filter, Found, Row, RowRemoval, Written};
use crate::limits::{
    DATABASE_AGE_S_MAX, DATABASE_CALL_MS_MAX, DATABASE_CONNECT_MS_MAX, DATABASE_IDLE_MS_MAX, DATABASE_MIGRATE_MS_MAX,
    DATABASE_SEARCH_MS_MAX, DATABASE_STATEMENT_MS_MAX,
};
use crate::unfit::Unfit;
use layout::{Layout, Statement};
use link::{Link, LinkError};
pub use migrate::Migrated;
pub use options::PostgresOptions;
use origin::Origin;
use table::TableName;
pub use target::SslMode;

/// How long this process waits. An operator gets the defaults.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub connect: Duration,
    /// For one statement, by the server's clock.
    pub statement: Duration,
    /// For a whole call, by our clock.
    pub call: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            connect: Duration::from_millis(DATABASE_CONNECT_MS_MAX),
            statement: Duration::from_millis(DATABASE_STATEMENT_MS_MAX),
            call: Duration::from_millis(DATABASE_CALL_MS_MAX),
        }
    }
}

/// A connection, with what was found at its other end.
#[derive(Debug)]
struct Session {
    link: Link,
    layout: Layout,
    born: Instant,
    used: Instant,
}

/// A table on a server. All workers share it.
#[derive(Debug)]
pub struct Postgres {
    target: Origin,
    table: TableName,
    patience: Patience,
    idle: Mutex<Vec<Session>>,
}

impl Postgres {
    /// The table that the options name. Does not connect yet.
    ///
    /// # Errors
    /// An option that cannot be used. Its value is left out if it is a secret.
    pub fn new(options: &PostgresOptions) -> Result<Postgres, Unfit> {
        let wrong = |key| move |message| Unfit { key, message };
        Ok(Postgres {
            target: Origin::new(options).map_err(wrong("url"))?,
            table: options.table.parse().map_err(wrong("table"))?,
            patience: Patience::default(),
            idle: Mutex::default(),
        })
    }

    /// Uses other waiting times than the default ones.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Postgres {
        Postgres { patience, ..self }
    }

    /// Names table, database and servers.
    pub fn describe(&self) -> String {
        format!("PostgreSQL table {} in {}", self.table, self.target.describe())
    }

    pub(super) fn insert(&self, rows: &[Cow<'_, Row>]) -> Result<Vec<Result<Written, DatabaseError>>, DatabaseError> {
        let written = self.call(self.patience, async |client, layout, begin| {
            insert::insert(client, layout, begin, rows).await
        });
        match written {
            Ok(written) => Ok(written.into_iter().map(Ok).collect()),
            Err(error) => match state::of_row(&error) {
                None => Err(self.unavailable(&error)),
                Some(code) if rows.len() == 1 => Ok(vec![Err(self.refused(&code))]),
                Some(_) => self.insert_each(rows),
            },
        }
    }

    /// One of several rows was refused, and all were rolled back. Writing each row alone shows which ones are refused.
    fn insert_each(&self, rows: &[Cow<'_, Row>]) -> Result<Vec<Result<Written, DatabaseError>>, DatabaseError> {
        let alone = rows.iter().map(|row| self.insert(slice::from_ref(row)));
        let written = alone.collect::<Result<Vec<_>, _>>()?;
        Ok(written.into_iter().flatten().collect())
    }

    pub(super) fn remove(&self, row: &RowRef) -> Result<RowRemoval, DatabaseError> {
        self.change(Ending::Commit, |layout| layout.remove(row))
    }

    pub(super) fn would_remove(&self, row: &RowRef) -> Result<RowRemoval, DatabaseError> {
        self.change(Ending::Rollback, |layout| layout.remove(row))
    }

    pub(super) fn release_blob(&self, row: &RowRef, reason: &str) -> Result<RowRemoval, DatabaseError> {
        self.change(Ending::Commit, |layout| layout.release_blob(row, reason))
    }

    fn change(
        &self,
        ending: Ending,
        what: impl FnOnce(&Layout) -> (Statement, Statement),
    ) -> Result<RowRemoval, DatabaseError> {
        let changed = self.call(self.patience, async |client, layout, begin| {
            change::change(client, layout, begin, what(layout), ending).await
        });
        changed.map_err(|error| self.unavailable(&error))
    }

    /// Checks the table and what the user may do with it.
    pub(super) fn probe(&self) -> Result<(), DatabaseError> {
        let may = format!(
            "SELECT has_any_column_privilege({0}, 'INSERT') AND has_any_column_privilege({0}, 'SELECT'),
                    pg_is_in_recovery()",
            self.table.literal()
        );
        let probed = self.call(self.patience, async |client, _, _| {
            let row = client.query_typed_one(&may, &[]).await?;
            Ok((row.try_get::<_, bool>(0)?, row.try_get::<_, bool>(1)?))
        });
        match probed {
            Ok((true, false)) => Ok(()),
            Ok((may, _)) => {
                let cause = if may {
                    "the server is a standby"
                } else {
                    "the user may not read and insert"
                };
                Err(self.unavailable(&LinkError::Unfit(cause.into())))
            }
            Err(error) => Err(self.unavailable(&error)),
        }
    }

    pub(super) fn find(&self, filter: &Filter) -> Result<Vec<Found>, DatabaseError> {
        let search = Duration::from_millis(DATABASE_SEARCH_MS_MAX);
        let patience = Patience {
            statement: search,
            call: search + self.patience.call,
            ..self.patience
        };
        let found = self.call(patience, async |client, layout, begin| {
            client.batch_execute(begin).await?;
            let rows = search::find(client, layout, filter).await?;
            client.batch_execute("COMMIT").await?;
            Ok(rows)
        });
        found.map_err(|error| self.unavailable(&error))
    }

    /// Makes the table, or adds to it what is missing.
    ///
    /// # Errors
    /// The server cannot be reached or refuses. The table is then unchanged.
    pub fn migrate(&self) -> Result<Migrated, DatabaseError> {
        let limit = Duration::from_millis(DATABASE_MIGRATE_MS_MAX);
        let run = || {
            let link = Link::connect(&self.target, self.patience.connect)?;
            let migrated = link.run(limit, async |client| migrate::migrate(client, &self.table).await)?;
            link.close();
            Ok(migrated)
        };
        run().map_err(|error: LinkError| self.unavailable(&error))
    }

    /// Does one piece of work on a new or used connection. The work is given the text that begins a transaction.
    fn call<T>(
        &self,
        patience: Patience,
        work: impl AsyncFnOnce(&Client, &Layout, &str) -> Result<T, Error>,
    ) -> Result<T, LinkError> {
        let begin = begin(patience.statement);
        let mut session = self.session()?;
        let Session { link, layout, .. } = &session;
        let result = link.run(patience.call, async |client| work(client, layout, &begin).await);
        // After a row was refused, the connection can still be used. After any other failure, that is not certain.
        let usable = match &result {
            Ok(_) => true,
            Err(error) => {
                let rollback = async |client: &Client| client.batch_execute("ROLLBACK").await;
                state::of_row(error).is_some() && link.run(patience.call, rollback).is_ok()
            }
        };
        if usable {
            session.used = Instant::now();
            self.idle().push(session);
        }
        result
    }

    /// The connection that was used last if it still works, otherwise a new one.
    fn session(&self) -> Result<Session, LinkError> {
        let taken = self.idle().pop();
        if let Some(session) = taken {
            let idle = session.used.elapsed() > Duration::from_millis(DATABASE_IDLE_MS_MAX);
            if session.born.elapsed() > Duration::from_secs(DATABASE_AGE_S_MAX) {
                session.link.close();
            } else if !idle || session.link.is_alive() {
                return Ok(session);
            } else {
                // Whatever has ended one of them has ended all, and each check takes time.
                self.idle().clear();
            }
        }
        let link = Link::connect(&self.target, self.patience.connect)?;
        let table = &self.table;
        let layout = link.run(self.patience.call, async |client| Layout::read(client, table).await)?;
        let now = Instant::now();
        Ok(Session {
            link,
            layout: layout.map_err(LinkError::Unfit)?,
            born: now,
            used: now,
        })
    }

    /// A panic of another worker does no harm to the list: a connection is in it only while nobody uses it.
    fn idle(&self) -> MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refused(&self, code: &str) -> DatabaseError {
        DatabaseError::Refused {
            table: self.table.to_string(),
            cause: format!("SQLSTATE {code}"),
        }
    }

    fn unavailable(&self, error: &LinkError) -> DatabaseError {
        let (server, cause) = (self.target.describe(), state::told(error));
        if error.is_this_machines() {
            return DatabaseError::Machine {
                database: server,
                cause,
            };
        }
        DatabaseError::Server { server, cause }
    }
}

/// Begins a transaction with its own limits. A commit must be on the server's disk, because the dump's files are
/// removed after it. And a transaction that we abandoned must not keep its lock.
fn begin(statement: Duration) -> String {
    let ms = statement.as_millis();
    format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = {ms}; \
         SET LOCAL idle_in_transaction_session_timeout = {ms}; \
         SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"
    )
}
