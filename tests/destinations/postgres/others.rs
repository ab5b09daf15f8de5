//! What a table's word on one row says of others: the row of another dump is not this one's, and a row that is refused
//! does not make a table one that takes none. One cluster has a schema for each case.

use crate::postgres::rules::Serving::{Rule, Table, Taken};
use crate::postgres::rules::{made, of_a_session, served};
use crate::postgres::*;

/// Unique indexes in which the key of a dump is no part of what must be unique.
const CARRIED: &[&str] = &[
    "CREATE UNIQUE INDEX u ON rtcstats (rtcstats_session) INCLUDE (id)",
    "CREATE UNIQUE INDEX u ON rtcstats (rtcstats_conference, rtcstats_session) INCLUDE (blob_url, id)",
    "CREATE UNIQUE INDEX u ON rtcstats (lower(rtcstats_session)) INCLUDE (id)",
    "DROP TABLE rtcstats; CREATE TABLE rtcstats(id bigint GENERATED ALWAYS AS IDENTITY, blob_url text, rtcstats_session text);
     CREATE UNIQUE INDEX u ON rtcstats (rtcstats_session) INCLUDE (blob_url)",
];

#[test]
fn the_row_of_another_dump_in_a_unique_index_is_not_taken_for_this_ones() {
    let cluster = Cluster::start();
    for (n, sql) in CARRIED.iter().enumerate() {
        let table = made(&cluster, n, sql);
        let other = Row {
            labels: of_a_session().labels,
            ..row(2)
        };
        assert_eq!(served(&table, &of_a_session()), (Taken, String::new()), "{sql}");
        let (serving, told) = served(&table, &other);
        assert!(
            serving == Rule && told.contains("the unique index \"u\""),
            "{sql}: {told}"
        );
        assert_eq!(insert(&table, &of_a_session()).expect(sql), Written::Before);
    }
}

/// Tables that take neither of the rows that are made up, and what refuses every row later on.
const OWN_FORMS: &[&str] = &[
    "CREATE TABLE users(name text PRIMARY KEY); INSERT INTO users VALUES ('user1');
     ALTER TABLE rtcstats ALTER rtcstats_user SET NOT NULL, ADD FOREIGN KEY (rtcstats_user) REFERENCES users",
    "ALTER TABLE rtcstats ADD CHECK (rtcstats_user IS NOT NULL AND rtcstats_user = 'user1')",
    "ALTER TABLE rtcstats ADD CHECK (rtcstats_user IS NOT NULL AND rtcstats_user = 'user1'), ADD UNIQUE (blob_url)",
    "ALTER TABLE rtcstats ADD CHECK (rtcstats_user IS NOT NULL AND rtcstats_user = 'user1'), ADD UNIQUE (rtcstats_session)",
];

#[test]
fn a_table_that_took_a_row_is_not_down_for_one_that_it_refuses() {
    let cluster = Cluster::start();
    for (n, sql) in OWN_FORMS.iter().enumerate() {
        made(&cluster, n, sql);
        let options = PostgresOptions {
            table: format!("case{n}.rtcstats"),
            ..options(&cluster.url())
        };
        let patience = Patience {
            proof: Duration::ZERO,
            ..Patience::default()
        };
        let table = Postgres::new(&options).expect("usable options").with_patience(patience);
        let table = Database::Postgres(table);
        assert_eq!(served(&table, &of_a_session()), (Taken, String::new()), "{sql}");
        let (serving, told) = served(&table, &row(2));
        assert_eq!(serving, Rule, "{sql}: {told}");
        cluster.execute(&format!(
            "ALTER TABLE case{n}.rtcstats ADD CONSTRAINT shut CHECK (false) NOT VALID"
        ));
        let (serving, told) = served(&table, &row(3));
        assert_eq!(serving, Table, "{sql}: {told}");
    }
}
