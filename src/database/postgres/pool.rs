//! Connections that wait for their next use. There are as many as callers at the same time; the last used is on top.
//!
//! What is idle or old is checked or replaced before it is used. After every failure but the refusal of a row a new
//! connection is made. Limits: `DATABASE_IDLE_MS_MAX`, `DATABASE_AGE_S_MAX`. Failures: [`LinkError`].
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_postgres::{Client, Error};

use super::layout::Layout;
use super::link::{Link, LinkError};
use super::origin::Origin;
use super::patience::Patience;
use super::refusal::Refusal;
use super::table::TableName;
use crate::limits::{DATABASE_AGE_S_MAX, DATABASE_IDLE_MS_MAX};

/// A connection, with what was found at its other end.
#[derive(Debug)]
struct Session {
    link: Link,
    layout: Layout,
    born: Instant,
    used: Instant,
}

/// The connections to one table.
#[derive(Debug, Default)]
pub struct Pool {
    idle: Mutex<Vec<Session>>,
}

impl Pool {
    /// Does one piece of work on a new or used connection. The work is given the text that begins a transaction.
    pub fn call<T>(
        &self,
        origin: &Origin,
        table: &TableName,
        patience: Patience,
        work: impl AsyncFnOnce(&Client, &Layout, &str) -> Result<T, Error>,
    ) -> Result<T, LinkError> {
        let mut session = self.session(origin, table, patience)?;
        let Session { link, layout, .. } = &session;
        let begin = patience.begin(&layout.facts.prelude);
        let result = link.run(patience.call, async |client| work(client, layout, &begin).await);
        // After a row was refused, the connection can still be used. After any other failure, that is not certain.
        let usable = match &result {
            Ok(_) => true,
            Err(error) => {
                let rollback = async |client: &Client| client.batch_execute("ROLLBACK").await;
                Refusal::of(error).is_some() && link.run(patience.call, rollback).is_ok()
            }
        };
        if usable {
            session.used = Instant::now();
            self.idle().push(session);
        }
        result
    }

    /// The connection that was used last if it still works, otherwise a new one.
    fn session(&self, origin: &Origin, table: &TableName, patience: Patience) -> Result<Session, LinkError> {
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
        let link = Link::connect(origin, patience.connect)?;
        let layout = link.run(patience.connect, async |client| Layout::read(client, table).await)?;
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

    /// Gives up all connections that wait.
    pub fn clear(&self) {
        self.idle().clear();
    }
}
