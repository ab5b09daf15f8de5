//! PostgreSQL as a destination, with a real server that is started, stopped, frozen and cut off: every dump one row.
//!
//! What concerns the table and the connection is shown on the database room itself, what concerns the journey of a dump
//! on the real binary. The servers are the tests' own and gone afterwards.

#[path = "postgres/binary.rs"]
mod binary;
#[path = "postgres/faults.rs"]
mod faults;
#[path = "postgres/forms.rs"]
mod forms;
#[path = "postgres/migrations.rs"]
mod migrations;
#[path = "postgres/pooler.rs"]
mod pooler;
#[path = "postgres/security.rs"]
mod security;
mod support;

use std::time::Duration;

use rtcstats_server::database::{Database, Filter, Patience, Postgres, PostgresOptions, Row, SslMode};
use rtcstats_server::redact::Secret;
use support::Cluster;

const SCHEMA: &str = include_str!("../schema.sql");

fn options(url: &str) -> PostgresOptions {
    PostgresOptions {
        url: Some(Secret::new(url)),
        ..PostgresOptions::default()
    }
}

/// The table at `url`, with waits that keep a test with a frozen server short.
fn table(url: &str) -> Database {
    open(&options(url))
}

fn open(options: &PostgresOptions) -> Database {
    let patience = Patience {
        connect: Duration::from_secs(4),
        statement: Duration::from_secs(3),
        call: Duration::from_secs(4),
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
        id: format!("01900000-0000-7000-8000-{n:012}"),
        created_at_ms: 1_700_000_000_000 + n,
        user: Some(format!("user{}", n % 2)),
        conference: Some("room".to_owned()),
        session: None,
        metadata: format!(r#"{{"bytes": {n}, "hostIdentifier": "host-7"}}"#),
        blob_url: Some(format!("https://b.example/01900000-0000-7000-8000-{n:012}.jsonl.gz")),
        features_url: None,
        session_start_ms: 1_600_000_000_000 + n,
        session_end_ms: 1_600_000_001_000 + n,
    }
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
