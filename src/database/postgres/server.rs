//! A table on a server, and every call to it: how long it may take, what it finds there, and what its errors are
//! called.
//!
//! What is asked and written is decided elsewhere, but for the listing of rows without features and for migrating,
//! which need nothing else. Limits: `Patience`, `DATABASE_MIGRATE_MS_MAX`, `DATABASE_SEARCH_MS_MAX`. Failures:
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
use super::state;
use super::table::TableName;
use crate::database::error::DatabaseError;
use crate::database::features::FeatureTables;
use crate::database::row::{Linked, RowRef};
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

    pub fn without_features(&self, after: Option<&RowRef>, limit: usize) -> Result<Vec<RowRef>, DatabaseError> {
        let rows = self.call(self.searching(), async |client, layout, begin| {
            client.batch_execute(begin).await?;
            let rows = lacking::list(client, layout, self.features.as_ref(), after, limit).await?;
            client.batch_execute("COMMIT").await?;
            Ok(rows)
        });
        rows.map_err(|error| self.unavailable(&error))
    }

    pub fn count_without_features(&self) -> Result<u64, DatabaseError> {
        let count = self.call(self.searching(), async |client, layout, begin| {
            client.batch_execute(begin).await?;
            let count = lacking::count(client, layout, self.features.as_ref()).await?;
            client.batch_execute("COMMIT").await?;
            Ok(count)
        });
        count.map_err(|error| self.unavailable(&error))
    }

    pub fn link_features(&self, row: &RowRef, url: &str, text: &[u8]) -> Result<Linked, DatabaseError> {
        let linked = self.call(self.patience, async |client, layout, begin| {
            if let Some(why) = self.lacking(layout) {
                return Ok(Err(why));
            }
            let tables = self.features.as_ref();
            Ok(Ok(lacking::link(client, layout, begin, tables, row, (url, text)).await?))
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
