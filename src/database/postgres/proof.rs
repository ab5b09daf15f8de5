//! The row that the table took last: it shows that rows are taken, and what such a row looks like.
//!
//! Only rows that were committed count. It is never printed, and what is written of it again is undone. Limit: one row.
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::database::row::Row;
use crate::database::specimen;

/// The last row, and when it was taken.
#[derive(Default)]
pub struct Proof(Mutex<Option<Box<(Instant, Row)>>>);

impl Proof {
    pub fn renew(&self, row: &Row) {
        *self.last() = Some(Box::new((Instant::now(), row.clone())));
    }

    /// Whether a row was taken within that time.
    pub fn is_younger_than(&self, age: Duration) -> bool {
        self.last().as_ref().is_some_and(|last| last.0.elapsed() < age)
    }

    /// A row like the last one, of another dump.
    pub fn another(&self) -> Option<Row> {
        self.last().as_ref().map(|last| specimen::like(&last.1))
    }

    /// A panic of another worker does it no harm.
    fn last(&self) -> MutexGuard<'_, Option<Box<(Instant, Row)>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Proof")
    }
}
