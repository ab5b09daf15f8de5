//! A table on a server, and every call to it: how long it may take, what it finds there, and what its errors are
//! called.
//!
//! What is asked and written is decided elsewhere, but for searching, listing what rows lack, and migrating, which need
//! nothing else. Limits: `Patience`, `DATABASE_MIGRATE_MS_MAX`, `DATABASE_SEARCH_MS_MAX`. Failures:
//! [`DatabaseError`], without values of rows.
use std::time::Duration;

use tokio_postgres::{Client, Error};

use super::features;
use super::lacking;
use super::layout::Layout;
use super::link::{Link, LinkError};
use super::migrate::{self, Migrated};
use super::origin::Origin;
use super::patience::Patience;
use super::pool::Pool;
use super::refusal::Refusal;
use super::search;
use super::state;
use super::table::TableName;
use crate::database::error::DatabaseError;
use crate::database::features::FeatureTables;
use crate::database::findings::Tally;
use crate::database::row::{Addition, Filter, Found, LackCounts, Lacking, Linked, RowRef, Wanted};
use crate::limits::{DATABASE_MIGRATE_MS_MAX, DATABASE_SEARCH_MS_MAX};

/// The table, and the connections to it.
#[derive(Debug)]
pub struct Server {
    pub target: Origin,
    pub table: TableName,
    pub patience: Patience,
    pub pool: Pool,
    /// The tables of features that get rows too.
    pub features: Option<FeatureTables>,
}

impl Server {
    pub fn new(target: Origin, table: TableName) -> Server {
        Server {
            target,
            table,
            patience: Patience::default(),
            pool: Pool::default(),
            features: None,
        }
    }

    /// Waiting times for what may read the whole table.
    pub fn searching(&self) -> Patience {
        let search = Duration::from_millis(DATABASE_SEARCH_MS_MAX);
        Patience {
            statement: search,
            call: search + self.patience.call,
            ..self.patience
        }
    }

    /// Names table, database and servers.
    pub fn describe(&self) -> String {
        format!("PostgreSQL table {} in {}", self.table, self.target.describe())
    }

    /// What the tables of features lack, if they are wanted.
    pub fn lacking(&self, layout: &Layout) -> Option<String> {
        features::lacking(layout, self.features.as_ref()?)
    }

    /// The same on a connection; nothing if there is none.
    pub fn lacking_now(&self) -> Option<String> {
        self.call(self.patience, async |_, layout, _| Ok(self.lacking(layout)))
            .ok()?
    }

    /// The table is looked at again for the next try.
    pub fn unfit(&self, why: String) -> LinkError {
        self.pool.clear();
        LinkError::Unfit(why)
    }

    pub fn find(&self, filter: &Filter) -> Result<Vec<Found>, DatabaseError> {
        self.read(async |client, layout| search::find(client, layout, filter).await)
    }

    pub fn tally(&self, filter: &Filter) -> Result<Tally, DatabaseError> {
        self.read(async |client, layout| search::tally(client, layout, filter).await)
    }

    pub fn lacking_rows(
        &self,
        wanted: Wanted,
        after: Option<&RowRef>,
        limit: usize,
    ) -> Result<Vec<Lacking>, DatabaseError> {
        let wanted = (wanted, self.features.as_ref());
        self.read(async |client, layout| lacking::list(client, layout, wanted, after, limit).await)
    }

    pub fn count_lacking_rows(&self, wanted: Wanted) -> Result<LackCounts, DatabaseError> {
        let tables = self.features.as_ref();
        self.read(async |client, layout| lacking::count(client, layout, wanted, tables).await)
    }

    /// Reads in a transaction what may be the whole table.
    fn read<T>(&self, work: impl AsyncFnOnce(&Client, &Layout) -> Result<T, Error>) -> Result<T, DatabaseError> {
        let read = self.call(self.searching(), async |client, layout, begin| {
            client.batch_execute(begin).await?;
            let read = work(client, layout).await?;
            client.batch_execute("COMMIT").await?;
            Ok(read)
        });
        read.map_err(|error| self.unavailable(&error))
    }

    pub fn complete(&self, row: &RowRef, addition: &Addition<'_>) -> Result<Linked, DatabaseError> {
        let linked = self.call(self.patience, async |client, layout, begin| {
            if let Some(why) = self.lacking(layout) {
                return Ok(Err(why));
            }
            let tables = self.features.as_ref();
            Ok(Ok(
                lacking::complete(client, layout, begin, tables, row, addition).await?
            ))
        });
        let linked = linked.and_then(|linked| linked.map_err(|why| self.unfit(why)));
        linked.map_err(|error| match Refusal::of(&error) {
            Some(refusal) => self.refused(refusal.cause()),
            None => self.unavailable(&error),
        })
    }

    /// Makes the table, or adds to it what is missing.
    ///
    /// # Errors
    /// The server cannot be reached or refuses. The table is then unchanged.
    pub fn migrate(&self) -> Result<Migrated, DatabaseError> {
        let limit = Duration::from_millis(DATABASE_MIGRATE_MS_MAX);
        let run = || {
            let link = Link::connect(&self.target, self.patience.connect)?;
            let migrated = link.run(limit, async |client| {
                migrate::migrate(client, &self.table, self.features.as_ref()).await
            })?;
            link.close();
            Ok(migrated)
        };
        run().map_err(|error: LinkError| self.unavailable(&error))
    }

    /// Does one piece of work on a new or used connection. The work is given the text that begins a transaction.
    pub fn call<T>(
        &self,
        patience: Patience,
        work: impl AsyncFnOnce(&Client, &Layout, &str) -> Result<T, Error>,
    ) -> Result<T, LinkError> {
        self.pool.call(&self.target, &self.table, patience, work)
    }

    pub fn refused(&self, cause: String) -> DatabaseError {
        DatabaseError::Refused {
            table: self.table.to_string(),
            cause,
        }
    }

    pub fn unavailable(&self, error: &LinkError) -> DatabaseError {
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
