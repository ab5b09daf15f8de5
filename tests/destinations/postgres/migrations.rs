//! `migrate`: from nothing, from the older table, twice, by several processes at once; and that `schema.sql` makes the
//! same table.

use std::process::Output;
use std::thread;

use support::Server;

use crate::postgres::forms::NUMBERED;
use crate::postgres::*;

/// Everything about tables, columns, keys and indexes of the table `rtcstats`.
const DUMP: &str = "
    SELECT to_jsonb(c)::text FROM information_schema.columns c WHERE table_name = 'rtcstats'
    UNION ALL SELECT (to_jsonb(t) - 'is_typed')::text FROM information_schema.tables t WHERE table_name = 'rtcstats'
    UNION ALL SELECT to_jsonb(k)::text FROM information_schema.key_column_usage k WHERE table_name = 'rtcstats'
    UNION ALL SELECT (to_jsonb(k))::text FROM information_schema.table_constraints k
        WHERE table_name = 'rtcstats' AND constraint_type <> 'CHECK'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename = 'rtcstats'
    UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'rtcstats'::regclass
    ORDER BY 1";

fn binary(cluster: &Cluster) -> Server {
    Server::prepare(&[
        ("RTCSTATS_DATABASE__BACKEND", "postgres"),
        ("RTCSTATS_DATABASE__POSTGRES__URL", &cluster.url()),
    ])
}

fn migrate(cluster: &Cluster) -> String {
    told(&binary(cluster).run(&["migrate"]))
}

fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn the_migrations_of_an_empty_database_make_what_schema_sql_makes() {
    let by_hand = with_schema();
    let by_steps = Cluster::start();
    let first = migrate(&by_steps);
    assert!(
        first.starts_with("migration 1 applied\nmigration 2 applied\nmigration 3 applied\nmigration 4 applied\n"),
        "{first}"
    );
    assert_eq!(by_steps.texts(DUMP), by_hand.texts(DUMP));
    assert!(by_steps.texts(DUMP).len() > 15);
    let again = migrate(&by_steps);
    assert!(
        !again.contains("applied") && again.contains("is at version 4"),
        "{again}"
    );
    // For a table that was made with the file, migrating adds nothing.
    migrate(&by_hand);
    assert_eq!(by_steps.texts(DUMP), by_hand.texts(DUMP));
    insert(&table(&by_hand.url()), &row(1)).expect("both take rows");
}

#[test]
fn programs_that_migrate_at_once_do_each_step_once() {
    let cluster = Cluster::start();
    let outputs: Vec<String> = thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| migrate(&cluster))).collect();
        runs.into_iter().map(|run| run.join().expect("it ends well")).collect()
    });
    let applied: usize = outputs.iter().map(|text| text.matches("applied").count()).sum();
    assert_eq!(applied, 4, "{outputs:?}");
    assert_eq!(cluster.number("SELECT count(*) FROM rtcstats_migrations"), 4);
}

#[test]
fn an_older_table_is_added_to_and_keeps_what_it_has() {
    let cluster = Cluster::start();
    cluster.execute(NUMBERED);
    cluster.execute("INSERT INTO rtcstats(rtcstats_user, blob_url, rating) VALUES ('old', 's3://old', 5)");
    let table = table(&cluster.url());
    insert(&table, &row(1)).expect("it works before");
    migrate(&cluster);
    let table = {
        drop(table);
        crate::postgres::table(&cluster.url())
    };
    insert(&table, &row(1)).expect("it works after");
    insert(&table, &row(2)).expect("it works after");
    let rows = "SELECT concat_ws(' ', id, rtcstats_user, rating, metadata->>'bytes', tenant) FROM rtcstats ORDER BY id";
    assert_eq!(cluster.texts(rows), ["1 old 5 acme", "2 user1 acme", "3 user0 2 acme"]);
    let lookups = "SELECT count(*) FROM pg_indexes WHERE tablename = 'rtcstats' AND indexdef LIKE '%hash (blob_url)%'";
    assert_eq!(cluster.number(lookups), 1, "looking for a row does not read the table");
    let types =
        "SELECT data_type::text FROM information_schema.columns WHERE table_name = 'rtcstats' AND column_name = 'id'";
    assert_eq!(cluster.texts(types), ["bigint"]);
}

#[test]
fn a_table_that_lost_its_key_gets_an_index_for_it() {
    let cluster = with_schema();
    cluster.execute("ALTER TABLE rtcstats DROP CONSTRAINT rtcstats_pkey");
    let id = row(1).id;
    cluster.execute(&format!("INSERT INTO rtcstats(id) VALUES ('{id}'), ('{id}')"));
    migrate(&cluster);
    assert_eq!(count(&cluster), 2, "what is there twice stays");
    let lookups = "SELECT count(*) FROM pg_indexes WHERE tablename = 'rtcstats' AND indexdef LIKE '%hash (id)%'";
    assert_eq!(cluster.number(lookups), 1);
}

#[test]
fn a_step_that_fails_undoes_all_and_a_newer_table_is_left_alone() {
    let cluster = Cluster::start();
    cluster.execute("CREATE VIEW rtcstats AS SELECT 1 AS id");
    let output = binary(&cluster).run(&["migrate"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("SQLSTATE"),
        "{output:?}"
    );
    let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
    assert_eq!(cluster.texts(tables), ["rtcstats"]);
    cluster.execute("DROP VIEW rtcstats");
    migrate(&cluster);
    cluster.execute(
        "INSERT INTO rtcstats_migrations(number) VALUES (99); DELETE FROM rtcstats_migrations WHERE number IN (3, 4)",
    );
    let output = binary(&cluster).run(&["migrate"]);
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("newer program"),
        "{output:?}"
    );
    assert_eq!(cluster.number("SELECT count(*) FROM rtcstats_migrations"), 3);
}

#[test]
fn a_table_that_is_gone_is_made_again_whatever_is_recorded_of_it() {
    let cluster = Cluster::start();
    migrate(&cluster);
    cluster.execute("DROP TABLE rtcstats");
    let again = migrate(&cluster);
    assert!(
        again.starts_with("migration 1 applied\n") && again.contains("is at version 4"),
        "{again}"
    );
    assert_eq!(count(&cluster), 0);
}

#[test]
fn without_postgres_there_is_nothing_to_migrate() {
    let output = Server::prepare(&[]).run(&["migrate"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("sqlite"), "{output:?}");
}
