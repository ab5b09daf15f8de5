//! PostgreSQL as a destination, with a real server that is started, stopped, frozen and cut off: every dump gets one
//! row.
//!
//! What concerns the table and the connection is tested on the database room itself; the delivery of a dump is tested
//! on the real binary. The database servers belong to the tests and are removed afterwards.

mod batches;
mod binary;
mod certificates;
mod faults;
mod features;
mod findings;
mod forms;
mod kept;
mod migrations;
mod others;
mod pooler;
mod rotation;
mod ruled;
mod rules;
mod security;
mod servers;

use std::time::Duration;

use rtcstats_server::database::{
    Database, DatabaseError, Filter, Found, Patience, Postgres, PostgresOptions, Row, RowKey, RowRemoval, SslMode,
    Written,
};
use rtcstats_server::labels::Labels;
use rtcstats_server::redact::Secret;
use rtcstats_server::time::UnixMs;
use rtcstats_server::whose::Whose;
use support::Cluster;

const SCHEMA: &str = include_str!("../../schema.sql");

fn options(url: &str) -> PostgresOptions {
    PostgresOptions {
        url: Some(Secret::new(url)),
        ..PostgresOptions::default()
    }
}

/// The table at `url`, with time limits that keep a test with a frozen server short.
fn table(url: &str) -> Database {
    open(&options(url))
}

fn open(options: &PostgresOptions) -> Database {
    let patience = Patience {
        connect: Duration::from_secs(4),
        statement: Duration::from_secs(3),
        call: Duration::from_secs(4),
        ..Patience::default()
    };
    Database::Postgres(Postgres::new(options).expect("usable options").with_patience(patience))
}

/// A cluster with the table of `schema.sql`.
fn with_schema() -> Cluster {
    let cluster = Cluster::start();
    cluster.execute(SCHEMA);
    cluster
}

fn row(n: u64) -> Row {
    Row {
        id: format!("01900000-0000-7000-8000-{n:012}").parse().expect("an id"),
        created_at: UnixMs(1_700_000_000_000 + n),
        labels: Labels {
            user: Some(format!("user{}", n % 2)),
            conference: Some("room".to_owned()),
            session: None,
        },
        metadata: format!(r#"{{"bytes": {n}, "hostIdentifier": "host-7"}}"#),
        blob_url: Some(format!("https://b.example/01900000-0000-7000-8000-{n:012}.jsonl.gz")),
        features_url: None,
        session_start: UnixMs(1_600_000_000_000 + n),
        session_end: UnixMs(1_600_000_001_000 + n),
        features: None,
    }
}

/// Writes one row, which is what most of these tests are about.
fn insert(table: &Database, row: &Row) -> Result<Written, DatabaseError> {
    let mut written = table.insert(std::slice::from_ref(row))?;
    assert_eq!(written.len(), 1);
    written.remove(0)
}

fn all() -> Filter {
    Filter {
        limit: 1_000,
        ..Filter::default()
    }
}

fn count(cluster: &Cluster) -> i64 {
    cluster.number("SELECT count(*) FROM rtcstats")
}
