//! PgBouncer in transaction mode between server and database: every transaction may run on another database connection.

use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;

use support::server::free_port;
use support::{wait_for, wait_until};

use crate::postgres::rules::lines;
use crate::postgres::*;

/// A pooler with fewer connections than it has clients. It ends with the test.
struct Pooler {
    child: Child,
    port: u16,
}

impl Pooler {
    fn start(cluster: &Cluster, mode: &str) -> Pooler {
        let port = free_port();
        let settings = format!(
            "[databases]\npostgres = host=127.0.0.1 port={} user=postgres\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = {mode}\ndefault_pool_size = 2\n",
            cluster.port()
        );
        let file = cluster.write("pooler.ini", &settings);
        let child = cluster
            .command(Path::new("/usr/sbin/pgbouncer"))
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Pooler {
            child: child.expect("the pooler starts"),
            port,
        }
    }

    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // It may have ended by itself. In any case nothing of it may outlive the test.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_pooler_that_mixes_transactions_does_no_harm() {
    let cluster = Cluster::start();
    cluster.execute(forms::NUMBERED);
    let pooler = Pooler::start(&cluster, "transaction");
    let table = table(&pooler.url());
    wait_for("the pooler to take connections", || table.probe().ok());
    thread::scope(|scope| {
        for worker in 0..6 {
            let table = &table;
            // Each dump is sent by three workers.
            scope.spawn(move || {
                let batch: Vec<Row> = (0..50).map(row).collect();
                let written = table.insert(&batch).expect("they are written");
                assert!(written.iter().all(Result::is_ok));
                for n in 0..25 {
                    insert(table, &row(n + worker % 2 * 25)).expect("it is written");
                }
            });
        }
    });
    assert_eq!(
        (count(&cluster), table.find(&all()).expect("they are found").len()),
        (50, 50)
    );
    let others =
        "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    // The connection of the count above may need a moment to end; those of the pooler stay.
    wait_until("the pooler's connections to be all", || cluster.number(others) <= 2);
    let mut through = postgres::Client::connect(&pooler.url(), postgres::NoTls).expect("the pooler takes connections");
    let answer = through.simple_query("SHOW statement_timeout").expect("it answers");
    let left = answer.iter().find_map(|message| match message {
        postgres::SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    assert_eq!(left, Some("0"), "no setting is left on a connection that others get");
}

/// A transaction is impossible there, so the probe and the log say what to set.
#[test]
fn a_pooler_that_mixes_statements_is_told_with_what_to_set() {
    let cluster = with_schema();
    let pooler = Pooler::start(&cluster, "statement");
    let table = table(&pooler.url());
    let told = |text: &str| text.contains("set pool_mode = transaction or session");
    wait_until("the pooler to answer", || {
        let error = insert(&table, &row(1)).expect_err("no transaction is possible");
        assert_eq!(error.whose(), Whose::Destination, "{error}");
        told(&error.to_string())
    });
    let error = table.probe().expect_err("no transaction is possible");
    assert!(told(&error.to_string()), "{error}");
    let trials = lines(&table.rehearse());
    assert!(trials.starts_with("refused") && told(&trials), "{trials}");
    let error = table.find(&all()).expect_err("no transaction is possible");
    assert!(told(&error.to_string()), "{error}");
    let Database::Postgres(postgres) = &table else {
        unreachable!("it was made of options for PostgreSQL")
    };
    assert!(told(
        &postgres.migrate().expect_err("no transaction is possible").to_string()
    ));
    assert_eq!(count(&cluster), 0);
}
