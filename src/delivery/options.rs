//! What an operator decides about delivery.
use serde::{Deserialize, Serialize};

use crate::lenient;
use crate::limits;
use crate::unfit::{self, Unfit};
use crate::units::Period;

/// Finished dumps on their way to store and database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct DeliveryOptions {
    /// Threads that mask, compress and store finished dumps; from 1 to 256.
    #[serde(deserialize_with = "lenient::count")]
    pub workers: usize,
}

/// How the server ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct StopOptions {
    /// How long a shutdown may take: the answers of peers, then deliveries that are under way, then the last sync. What
    /// is not delivered by then waits on disk, and a call that does not return is not waited for.
    pub shutdown_time: Period,
}

impl DeliveryOptions {
    /// The values that are not valid.
    pub fn unfit(&self) -> Vec<Unfit> {
        Vec::from_iter(unfit::count("workers", self.workers, 1..=limits::WORKERS_COUNT_MAX))
    }
}

impl StopOptions {
    /// The values that are not valid.
    pub fn unfit(&self) -> Vec<Unfit> {
        Vec::from_iter(unfit::some_time("shutdown_time", self.shutdown_time))
    }
}

impl Default for DeliveryOptions {
    fn default() -> Self {
        DeliveryOptions {
            workers: limits::WORKERS_COUNT_DEFAULT,
        }
    }
}

impl Default for StopOptions {
    fn default() -> Self {
        StopOptions {
            shutdown_time: Period(limits::SHUTDOWN_TIME_DEFAULT),
        }
    }
}
