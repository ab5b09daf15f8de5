//! What the database holds open while a store answers.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use support::{Cluster, StrictS3, wait_until};

use crate::s3::{prepare_for, session, told};

/// A store may take minutes, and a transaction that waits for it would hold up everybody else who writes the table.
#[test]
fn no_transaction_is_open_while_the_store_answers() {
    let cluster = Cluster::start();
    cluster.execute(include_str!("../../../../schema.sql"));
    for is_postgres in [false, true] {
        let store = StrictS3::start();
        let mut server = prepare_for(&store);
        if is_postgres {
            server.set("RTCSTATS_DATABASE__BACKEND", "postgres");
            server.set("RTCSTATS_DATABASE__POSTGRES__URL", &cluster.url());
        }
        server.restart();
        session(&server, &["[1]"]);
        wait_until("the dump to be delivered", || {
            store.dumps().len() == 1 && server.spooled().is_empty()
        });
        let (locks, url, catalogue) = (
            Arc::new(Mutex::new(Vec::new())),
            cluster.url(),
            server.data().join("catalog.db"),
        );
        let seen = Arc::clone(&locks);
        store.answer(move |request| {
            if request.method == "DELETE" {
                seen.lock()
                    .expect("no panic")
                    .push(open_transactions(is_postgres.then_some(&url), &catalogue));
            }
            None
        });
        let key = &store.dumps()[0].0;
        let id = key
            .rsplit('/')
            .next()
            .and_then(|name| name.strip_suffix(".jsonl.gz"))
            .expect("the name of a dump");
        let (done, said) = told(&server, &["erase", "--id", id, "--yes"]);
        assert!(done, "{said}");
        let locks = locks.lock().expect("no panic");
        assert!(!locks.is_empty() && locks.iter().all(|open| *open == 0), "{locks:?}");
        assert!(store.objects().is_empty());
    }
}

/// How many transactions of others are open, or, of a catalogue, whether its lock is taken.
fn open_transactions(postgres: Option<&String>, catalogue: &Path) -> i64 {
    match postgres {
        Some(url) => {
            let mut client = postgres::Client::connect(url, postgres::NoTls).expect("a connection");
            let sql = "SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid() \
                       AND backend_type = 'client backend'";
            client.query_one(sql, &[]).expect("an answer").get(0)
        }
        None => {
            let catalogue = rusqlite::Connection::open(catalogue).expect("the catalogue opens");
            catalogue.busy_timeout(Duration::ZERO).expect("it can be set");
            i64::from(catalogue.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_err())
        }
    }
}
