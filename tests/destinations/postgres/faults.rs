//! Faults between the server and its database. A repeated insert always ends with one row.

use std::thread;
use std::time::Instant;

use support::proxy::Fault::{CutAfter, CutBefore};
use support::wait::GUARD;
use support::{Proxy, wait_until};

use crate::postgres::forms::NUMBERED;
use crate::postgres::*;

const COMMIT: &str = "COMMIT\0";

/// Tries until it works, as delivery does. Returns how often it failed.
fn insert_in_the_end(table: &Database, row: &Row) -> usize {
    let begin = Instant::now();
    let mut failures = 0;
    while let Err(error) = insert(table, row) {
        assert!(error.whose() == Whose::Destination, "{error}");
        assert!(begin.elapsed() < GUARD, "still failing: {error}");
        failures += 1;
        thread::sleep(Duration::from_millis(50));
    }
    failures
}

#[test]
fn a_connection_that_is_cut_at_any_moment_makes_neither_two_rows_nor_none() {
    let numbered = Cluster::start();
    numbered.execute(NUMBERED);
    let keyless = with_schema();
    keyless.execute("ALTER TABLE rtcstats DROP CONSTRAINT rtcstats_pkey");
    for (cluster, form) in [(&numbered, "numbered"), (&keyless, "keyless")] {
        let proxy = Proxy::start(cluster.address());
        let table = table(&proxy.url());
        // COMMIT with its end, because BEGIN says READ COMMITTED.
        let cuts = ["BEGIN", "INSERT", COMMIT].map(|word| [CutBefore(word), CutAfter(word)]);
        for (n, cut) in (0..).zip(cuts.concat()) {
            insert(&table, &row(100 + n)).expect("nothing is cut yet");
            proxy.set(Some(cut));
            let error = insert(&table, &row(n)).expect_err("the connection was cut");
            assert!(
                error.whose() == Whose::Destination && proxy.seen().met == 1,
                "{form} {cut:?}: {error}"
            );
            proxy.set(None);
            let written = cluster.number(&format!(
                "SELECT count(*) FROM rtcstats WHERE blob_url LIKE '%-{n:012}.%'"
            ));
            assert_eq!(written, i64::from(cut == CutAfter(COMMIT)), "{form} {cut:?}");
            insert_in_the_end(&table, &row(n));
        }
        assert_eq!(count(cluster), 12, "{form}");
        // A cut before the first answer of a new connection is the same case.
        proxy.set(Some(CutAfter("user")));
        let table = crate::postgres::table(&proxy.url());
        assert!(insert(&table, &row(1)).is_err() && proxy.seen().met == 1);
        proxy.set(None);
        insert_in_the_end(&table, &row(1));
        assert_eq!(count(cluster), 12, "{form}");
    }
}

#[test]
fn a_server_that_was_restarted_is_used_again() {
    let mut cluster = with_schema();
    let table = table(&cluster.url());
    insert(&table, &row(1)).expect("it works");
    cluster.stop();
    for _ in 0..3 {
        let error = insert(&table, &row(2)).expect_err("there is no server");
        assert!(error.whose() == Whose::Destination, "{error}");
    }
    assert!(table.probe().is_err());
    cluster.restart();
    insert_in_the_end(&table, &row(2));
    // Connections that broke while they were idle cause no failure.
    thread::sleep(Duration::from_millis(1_100));
    cluster.stop();
    cluster.restart();
    insert(&table, &row(3)).expect("a stale connection is replaced without a word");
    assert_eq!(count(&cluster), 3);
}

#[test]
fn a_frozen_server_blocks_no_worker_for_ever() {
    let cluster = with_schema();
    let table = table(&cluster.url());
    let over_socket = crate::postgres::table(&cluster.socket());
    insert(&table, &row(1)).expect("it works");
    insert(&over_socket, &row(2)).expect("it works");
    cluster.freeze();
    thread::scope(|scope| {
        // Used, idle and new connections, over both kinds of sockets. Each call returns.
        for (n, table) in [(3, &table), (4, &table), (5, &over_socket)] {
            scope.spawn(move || {
                for _ in 0..2 {
                    let error = insert(table, &row(n)).expect_err("the server is frozen");
                    assert!(
                        error.whose() == Whose::Destination && error.to_string().contains("no answer"),
                        "{error}"
                    );
                }
            });
        }
    });
    cluster.thaw();
    for n in 1..=5 {
        insert_in_the_end(&table, &row(n));
    }
    assert_eq!(count(&cluster), 5);
    let left = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'";
    wait_until("the server to give up what was left behind", || {
        cluster.number(left) == 0
    });
}

#[test]
fn a_locked_table_ends_with_the_servers_own_word() {
    let cluster = with_schema();
    let table = table(&cluster.url());
    let mut other = cluster.client();
    let mut lock = other.transaction().expect("a transaction begins");
    lock.batch_execute("LOCK TABLE rtcstats").expect("the table is locked");
    let error = insert(&table, &row(1)).expect_err("the table is locked");
    assert!(
        error.whose() == Whose::Destination && error.to_string().contains("57014"),
        "{error}"
    );
    lock.rollback().expect("the lock is gone");
    insert_in_the_end(&table, &row(1));
    assert_eq!(count(&cluster), 1);
}

#[test]
fn a_commit_is_on_disk_whatever_the_database_is_set_to() {
    let cluster = with_schema();
    cluster.execute("ALTER DATABASE postgres SET synchronous_commit = off");
    cluster.execute(
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN NEW.features_url := current_setting('synchronous_commit'); RETURN NEW; END $$;
         CREATE TRIGGER note BEFORE INSERT ON rtcstats FOR EACH ROW EXECUTE FUNCTION note()",
    );
    insert(&table(&cluster.url()), &row(1)).expect("it works");
    assert_eq!(cluster.texts("SELECT features_url FROM rtcstats"), ["on"]);
    assert_eq!(cluster.texts("SELECT current_setting('synchronous_commit')"), ["off"]);
}
