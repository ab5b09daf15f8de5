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
//! There are no retries, no log lines except about a file that cannot be read any more and features that are refused,
//! and no values of rows in errors. Failures: [`DatabaseError`].
mod change;
mod encoding;
mod features;
mod findings;
mod insert;
mod lacking;
mod layout;
mod link;
mod migrate;
mod options;
mod origin;
mod patience;
mod pool;
mod proof;
mod refusal;
mod rehearsal;
mod search;
mod server;
mod state;
mod table;
mod target;

use std::borrow::Cow;
use std::slice;

use super::error::DatabaseError;
use super::features::FeatureTables;
use super::row::{Ending, Row, RowRef, RowRemoval, Written};
use super::specimen;
use crate::trial::Trial;
use crate::unfit::Unfit;
use link::LinkError;
pub use migrate::Migrated;
pub use options::PostgresOptions;
use origin::Origin;
pub use patience::Patience;
use proof::Proof;
use refusal::Refusal;
use rehearsal::{Rehearsed, Stop};
use server::Server;
pub use target::SslMode;

/// A table on a server. All workers share it.
#[derive(Debug)]
pub struct Postgres {
    server: Server,
    proof: Proof,
}

impl Postgres {
    /// The table that the options name. Does not connect yet.
    ///
    /// # Errors
    /// An option that cannot be used. Its value is left out if it is a secret.
    pub fn new(options: &PostgresOptions) -> Result<Postgres, Unfit> {
        let wrong = |key| move |message| Unfit { key, message };
        let target = Origin::new(options).map_err(wrong("url"))?;
        let table = options.table.parse().map_err(wrong("table"))?;
        Ok(Postgres {
            server: Server::new(target, table),
            proof: Proof::default(),
        })
    }

    /// Uses other waiting times than the default ones.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Postgres {
        let server = Server {
            patience,
            ..self.server
        };
        Postgres { server, ..self }
    }

    /// Also writes the features of dumps to these tables.
    #[must_use]
    pub fn with_feature_tables(self, tables: FeatureTables) -> Postgres {
        let features = Some(tables);
        let server = Server {
            features,
            ..self.server
        };
        Postgres { server, ..self }
    }

    /// Names table, database and servers.
    pub fn describe(&self) -> String {
        self.server.describe()
    }

    pub(super) fn insert(&self, rows: &[Cow<'_, Row>]) -> Result<Vec<Result<Written, DatabaseError>>, DatabaseError> {
        let answers = self.take(rows)?;
        let taken = rows
            .iter()
            .zip(&answers)
            .rfind(|(_, answer)| **answer == Ok(Written::Now));
        if let Some((row, _)) = taken {
            self.proof.renew(row);
        }
        let refused = rows.iter().zip(&answers).find(|(_, answer)| answer.is_err());
        if let Some((row, Err(refusal))) = refused
            && self.takes_nothing(refusal)
        {
            let cause = format!(
                "the table {} takes no row: {}",
                self.server.table,
                self.cause(refusal, row)?
            );
            return Err(self.server.unavailable(&LinkError::Unfit(cause)));
        }
        let answers = rows.iter().zip(answers).map(|(row, answer)| match answer {
            Ok(written) => Ok(Ok(written)),
            Err(refusal) => Ok(Err(self.server.refused(self.cause(&refusal, row)?))),
        });
        answers.collect()
    }

    /// One answer for each row. If one of several is refused, all were rolled back, and writing each row alone shows
    /// which ones are refused.
    fn take(&self, rows: &[Cow<'_, Row>]) -> Result<Vec<Result<Written, Refusal>>, DatabaseError> {
        match self.write(rows, Ending::Commit) {
            Ok(written) => Ok(written.into_iter().map(|row| row.ok_or(Refusal::Swallowed)).collect()),
            Err(error) => match Refusal::of(&error) {
                None => Err(self.server.unavailable(&error)),
                Some(refusal) if self.server.features.is_some() && rows.len() == 1 && rows[0].features.is_some() => {
                    self.take_bare(&rows[0], &refusal)
                }
                Some(refusal) if rows.len() == 1 => match self.is_of_the_key(&refusal, &rows[0])? {
                    true => Ok(vec![Ok(Written::Before)]),
                    false => Ok(vec![Err(refusal)]),
                },
                Some(_) => {
                    let alone = rows.iter().map(|row| self.take(slice::from_ref(row)));
                    let answers = alone.collect::<Result<Vec<_>, _>>()?;
                    Ok(answers.into_iter().flatten().collect())
                }
            },
        }
    }

    /// Takes a row without its features, which may be what was refused.
    fn take_bare(&self, row: &Row, refusal: &Refusal) -> Result<Vec<Result<Written, Refusal>>, DatabaseError> {
        let bare = Row {
            features: None,
            ..row.clone()
        };
        let answers = self.take(&[Cow::Owned(bare)])?;
        if answers.iter().all(Result::is_ok) {
            let (id, cause) = (row.id, refusal.cause());
            log::warn!("the features of dump {id} are not in their tables, which refuse them: {cause}");
        }
        Ok(answers)
    }

    fn write(&self, rows: &[Cow<'_, Row>], ending: Ending) -> Result<Vec<Option<Written>>, LinkError> {
        let written = self.server.call(self.server.patience, async |client, layout, begin| {
            if let Some(why) = layout.repeats().or_else(|| self.server.lacking(layout)) {
                return Ok(Err(why));
            }
            let rows = encoding::fitted(client, &layout.facts.encoding, rows).await?;
            Ok(Ok(insert::insert(
                client,
                layout,
                begin,
                &rows,
                self.server.features.as_ref(),
                ending,
            )
            .await?))
        })?;
        written.map_err(|why| self.server.unfit(why))
    }

    /// Whether there is a row of the dump, which only its unique index shows: row security hides it. An older unique
    /// index speaks first if it has the row too; then the key is asked for by other rows.
    fn is_of_the_key(&self, refusal: &Refusal, row: &Row) -> Result<bool, DatabaseError> {
        if refusal.unique_index().is_none() {
            return Ok(false);
        }
        let row = row.reference();
        let answer = self.server.call(self.server.patience, async |client, layout, begin| {
            Ok(refusal::is_of_the_key(client, layout, begin, refusal).await?
                || (layout.facts.hides
                    && change::sight(client, layout, begin, &row, &self.samples(&row)).await? == change::Sight::Hidden))
        });
        answer.map_err(|error| self.server.unavailable(&error))
    }

    /// Whether no row would be taken at all, so that it is no matter of this one. A row that was taken a moment ago
    /// says that some are. Otherwise rows are tried and undone: plain ones, with and without labels, and one like the
    /// last that was taken. One of them may be against a rule that has its reasons. A type that is not one of texts
    /// refuses whatever has a label. A value that must be unique and is there already was taken once.
    fn takes_nothing(&self, refusal: &Refusal) -> bool {
        if self.proof.is_younger_than(self.server.patience.proof) {
            return false;
        }
        let is_refused = |row: Row| match self.write(&[Cow::Owned(row)], Ending::Rollback) {
            Ok(written) => written.contains(&None),
            Err(error) => Refusal::of(&error).is_some_and(|refusal| refusal.unique_index().is_none()),
        };
        is_refused(specimen::plain())
            && (refusal.is_of_type() || is_refused(specimen::unlabelled()))
            && self.proof.another().is_none_or(is_refused)
    }

    /// Why the row was refused. Which columns do not fit is asked of the server.
    fn cause(&self, refusal: &Refusal, row: &Row) -> Result<String, DatabaseError> {
        Ok(self
            .explained(refusal, row)
            .map_err(|error| self.server.unavailable(&error))?
            .cause())
    }

    fn explained(&self, refusal: &Refusal, row: &Row) -> Result<Refusal, LinkError> {
        if !refusal.has_misfits() {
            return Ok(refusal.clone());
        }
        let misfits = self.server.call(self.server.patience, async |client, layout, _| {
            let row = encoding::fitted(client, &layout.facts.encoding, &[Cow::Borrowed(row)])
                .await?
                .remove(0);
            refusal::misfits(client, layout.suspects(&row)).await
        })?;
        Ok(refusal.clone().with(misfits))
    }

    pub(super) fn remove(&self, row: &RowRef) -> Result<RowRemoval, DatabaseError> {
        self.changed(self.server.call(self.server.patience, async |client, layout, begin| {
            change::remove(client, layout, begin, row, &self.samples(row), Ending::Commit).await
        }))
    }

    pub(super) fn would_remove(&self, row: &RowRef) -> Result<RowRemoval, DatabaseError> {
        self.changed(self.server.call(self.server.patience, async |client, layout, begin| {
            change::remove(client, layout, begin, row, &self.samples(row), Ending::Rollback).await
        }))
    }

    pub(super) fn release_blob(&self, row: &RowRef, reason: &str) -> Result<RowRemoval, DatabaseError> {
        self.changed(self.server.call(self.server.patience, async |client, layout, begin| {
            change::release(client, layout, begin, row, &self.samples(row), reason).await
        }))
    }

    /// Rows that the table may take: this very one if it is known, which it has perhaps taken.
    fn samples(&self, row: &RowRef) -> Vec<Row> {
        let written = row.written.as_deref().cloned().into_iter();
        written.chain([specimen::plain()]).chain(self.proof.another()).collect()
    }

    /// What a rule of the table refuses for this row alone stays as it is.
    fn changed(&self, changed: Result<RowRemoval, LinkError>) -> Result<RowRemoval, DatabaseError> {
        changed.or_else(|error| match Refusal::of(&error) {
            Some(refusal) => Ok(RowRemoval::Kept(format!(
                "the table {} refuses it: {}",
                self.server.table,
                refusal.cause()
            ))),
            None => Err(self.server.unavailable(&error)),
        })
    }

    /// Whether row security may hide rows from this user.
    pub(super) fn may_hide_rows(&self) -> Result<bool, DatabaseError> {
        let hides = self
            .server
            .call(self.server.patience, async |_, layout, _| Ok(layout.facts.hides));
        hides.map_err(|error| self.server.unavailable(&error))
    }

    /// Checks the table and what the user may do with it. Cheap, and leaves nothing behind.
    pub(super) fn probe(&self) -> Result<(), DatabaseError> {
        let may = format!(
            "SELECT pg_catalog.has_any_column_privilege({0}, 'INSERT')
                    AND pg_catalog.has_any_column_privilege({0}, 'SELECT'),
                    pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only') = 'on'",
            self.server.table.literal()
        );
        let probed = self.server.call(self.server.patience, async |client, layout, begin| {
            client.batch_execute(begin).await?;
            let row = client.query_typed_one(&may, &[]).await?;
            client.batch_execute("ROLLBACK").await?;
            let may = [row.try_get::<_, bool>(0)?, row.try_get(1)?, row.try_get(2)?];
            Ok((may, layout.repeats().or_else(|| self.server.lacking(layout))))
        });
        let cause = match probed {
            Ok(([true, false, false], None)) => return Ok(()),
            Ok(([true, false, false], Some(why))) => why,
            Ok(([_, true, _], _)) => "the server is a standby".into(),
            Ok(([_, _, true], _)) => "the server is read-only (default_transaction_read_only)".into(),
            Ok(_) => "the user may not read and insert".into(),
            Err(error) => return Err(self.server.unavailable(&error)),
        };
        Err(self.server.unavailable(&self.server.unfit(cause)))
    }

    /// Tries the whole way of a row once, and leaves none behind.
    pub(super) fn rehearse(&self) -> Vec<Trial> {
        let place = format!("database {}", self.describe());
        let what = |deed: &str| format!("{place}: {deed}");
        let (hard, plain) = (specimen::hard(), specimen::plain());
        let (mut trials, stopped) = self.try_row(&place, &hard);
        let lacking = self
            .server
            .lacking_now()
            .map(|why| Trial::refused(what("tables of features"), why, ""));
        trials.extend(lacking);
        let Some((deed, stop)) = stopped else { return trials };
        let refusal = match stop {
            Stop::Swallowed => Refusal::Swallowed,
            Stop::Failed(error) => match Refusal::of(&error) {
                Some(refusal) => self.explained(&refusal, &hard).unwrap_or(refusal),
                None => {
                    trials.push(Trial::refused(what(deed), state::told(&error), state::mend(&error)));
                    return trials;
                }
            },
        };
        let (mut others, stopped) = self.try_row(&place, &plain);
        let cause = refusal.cause();
        trials.push(match stopped {
            Some(_) => Trial::refused(what(deed), format!("no row is taken: {cause}"), refusal.mend()),
            // How long URLs are depends on storage.key, and few are as long as this one.
            None if refusal
                .misfits()
                .iter()
                .all(|misfit| misfit.starts_with("\"blob_url\""))
                && refusal.is_of_type() =>
            {
                Trial::warning(what(deed), format!("a long URL is refused: {cause}"), refusal.mend())
            }
            None => Trial::refused(
                what(deed),
                format!("long or rare values are refused: {cause}"),
                refusal.mend(),
            ),
        });
        trials.append(&mut others);
        trials
    }

    fn try_row(&self, place: &str, row: &Row) -> (Vec<Trial>, Option<(&'static str, Stop)>) {
        let tried = self.server.call(self.server.patience, async |client, layout, begin| {
            Ok(rehearsal::run(client, layout, begin, place, row).await)
        });
        // What is left of a failure in the middle is not used again.
        self.server.pool.clear();
        match tried {
            Ok(Rehearsed { trials, stopped }) => (trials, stopped),
            Err(error) => (Vec::new(), Some(("connect", Stop::Failed(error)))),
        }
    }

    /// Makes the table, or adds to it what is missing.
    ///
    /// # Errors
    /// The server cannot be reached or refuses. The table is then unchanged.
    pub fn migrate(&self) -> Result<Migrated, DatabaseError> {
        self.server.migrate()
    }

    /// What reads rows, and adds to them what they lack.
    pub(super) fn server(&self) -> &Server {
        &self.server
    }
}
