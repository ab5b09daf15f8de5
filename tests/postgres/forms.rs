//! The forms of the table that are in use, and that none of them gets two rows of a dump.

use std::thread;

pub use crate::support::postgres::NUMBERED;
use crate::*;

const WITHOUT_KEY: &str = "ALTER TABLE rtcstats DROP CONSTRAINT rtcstats_pkey";

fn forms() -> [(Cluster, &'static str); 3] {
    let exact = with_schema();
    let keyless = with_schema();
    keyless.execute(WITHOUT_KEY);
    let numbered = Cluster::start();
    numbered.execute(NUMBERED);
    [(exact, "exact"), (keyless, "keyless"), (numbered, "numbered")]
}

#[test]
fn a_row_comes_back_as_it_was_written_in_every_form() {
    for (cluster, form) in forms() {
        let table = table(&cluster.url());
        table.probe().expect(form);
        table.insert(&row(1)).expect(form);
        table.insert(&Row { user: None, ..row(1) }).expect(form);
        table.insert(&row(2)).expect(form);
        assert_eq!(count(&cluster), 2, "{form}");
        let found = table.find(&all()).expect(form);
        if form == "numbered" {
            let expected = |n: u64| Row {
                id: n.to_string(),
                metadata: "null".into(),
                ..row(n)
            };
            assert_eq!(found, [expected(2), expected(1)]);
            let own = "SELECT DISTINCT host_identifier || ' ' || tenant FROM rtcstats";
            assert_eq!(cluster.texts(own), ["host-7 acme"]);
        } else {
            assert_eq!(
                found
                    .iter()
                    .map(|row| row.metadata.replace(": ", ":"))
                    .collect::<Vec<_>>(),
                [2, 1].map(|n| row(n).metadata.replace(": ", ":"))
            );
            let plain = |row: &Row| Row {
                metadata: String::new(),
                ..row.clone()
            };
            assert_eq!(
                found.iter().map(plain).collect::<Vec<_>>(),
                [2, 1].map(|n| plain(&row(n)))
            );
        }
    }
}

#[test]
fn a_row_is_found_released_and_removed_in_every_form() {
    for (cluster, form) in forms() {
        let table = table(&cluster.url());
        (1..=4).for_each(|n| table.insert(&row(n)).expect(form));
        let urls = |filter: Filter| -> Vec<Option<String>> {
            table
                .find(&filter)
                .expect(form)
                .into_iter()
                .map(|row| row.blob_url)
                .collect()
        };
        let url = |n| row(n).blob_url;
        let user = Some("user1".to_owned());
        assert_eq!(urls(Filter { user, ..all() }), [url(3), url(1)], "{form}");
        let (since_ms, until_ms) = (Some(1_600_000_000_002), Some(1_600_000_000_004));
        assert_eq!(
            urls(Filter {
                since_ms,
                until_ms,
                ..all()
            }),
            [url(3), url(2)],
            "{form}"
        );
        let id = Some(row(2).id);
        assert_eq!(urls(Filter { id, ..all() }), [url(2)], "{form}: by the dump's id");
        let id = Some("' OR true".to_owned());
        assert_eq!(urls(Filter { id, ..all() }), [], "{form}");
        let session = Some("s".to_owned());
        assert_eq!(urls(Filter { session, ..all() }), [], "{form}");
        assert_eq!(urls(Filter { limit: 1, ..all() }), [url(4)], "{form}");

        table.release_blob(&row(1), "retention").expect(form);
        table.remove(&row(2)).expect(form);
        table.remove(&row(2)).expect(form);
        let found = table.find(&all()).expect(form);
        assert_eq!(
            found.iter().map(|row| row.blob_url.clone()).collect::<Vec<_>>(),
            [url(4), url(3), None],
            "{form}"
        );
        if form != "numbered" {
            let metadata: serde_json::Value = serde_json::from_str(&found[2].metadata).expect("JSON");
            assert_eq!(
                (&metadata["blobRemoved"], &metadata["bytes"]),
                (&"retention".into(), &1.into())
            );
        }
        for row in found {
            table.remove(&row).expect(form);
        }
        assert_eq!(
            count(&cluster),
            0,
            "{form}: rows as find gives them, with and without an object"
        );
    }
}

#[test]
fn workers_that_deliver_the_same_dumps_at_once_write_each_once() {
    for (cluster, form) in forms() {
        // A snapshot that is older than the lock would let two rows through.
        cluster.execute("ALTER DATABASE postgres SET default_transaction_isolation = 'repeatable read'");
        let tables = [table(&cluster.url()), table(&cluster.url())];
        thread::scope(|scope| {
            for worker in 0..8 {
                let table = &tables[worker % 2];
                scope.spawn(move || (0..25).for_each(|n| table.insert(&row(n)).expect(form)));
            }
        });
        assert_eq!(count(&cluster), 25, "{form}");
        let connections = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rtcstats-server'";
        assert!(
            cluster.number(connections) <= 8,
            "{form}: one connection a worker at most"
        );
    }
}

#[test]
fn what_json_and_text_of_postgres_refuse_is_replaced() {
    let cluster = with_schema();
    let table = table(&cluster.url());
    let odd = Row {
        user: Some("a\0b".into()),
        metadata: r#"{"a":"\u0000","b":"\ud800x","c":"\ud83d\ude00"}"#.into(),
        ..row(1)
    };
    table.insert(&odd).expect("the row is taken");
    let found = table.find(&all()).expect("it is found").remove(0);
    assert_eq!(found.user.as_deref(), Some("a\u{fffd}b"));
    let metadata: serde_json::Value = serde_json::from_str(&found.metadata).expect("JSON");
    assert_eq!(
        metadata,
        serde_json::json!({"a": "\u{fffd}", "b": "\u{fffd}x", "c": "😀"})
    );
}

#[test]
fn a_refused_row_is_told_by_its_code_and_disturbs_no_other() {
    let cluster = with_schema();
    cluster.execute("ALTER TABLE rtcstats ADD CHECK (rtcstats_user <> 'user1')");
    cluster.execute("ALTER TABLE rtcstats ALTER rtcstats_conference TYPE varchar(4)");
    let table = table(&cluster.url());
    let long = Row {
        conference: Some("a secret name".into()),
        ..row(2)
    };
    for (row, state) in [(row(1), "23514"), (long, "22001")] {
        let error = table.insert(&row).expect_err("it is refused");
        assert!(error.is_permanent(), "{error}");
        let told = error.to_string();
        assert!(
            told.contains(state) && !told.contains("user1") && !told.contains("secret"),
            "{told}"
        );
        table.insert(&crate::row(4)).expect("others go on");
    }
    let connections = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rtcstats-server'";
    assert_eq!(cluster.number(connections), 1, "a refusal does not cost the connection");
}

#[test]
fn what_is_wrong_with_the_table_is_the_destinations_and_mended_without_a_restart() {
    let cluster = Cluster::start();
    let table = table(&cluster.url());
    let told = |what: &str| {
        let error = table.insert(&row(1)).expect_err(what);
        assert!(!error.is_permanent(), "{error}");
        assert!(table.probe().is_err(), "{what}");
        error.to_string()
    };
    assert!(told("no table").contains("rtcstats-server migrate"));
    cluster.execute("CREATE TABLE rtcstats(id uuid, tenant text NOT NULL)");
    assert!(told("a column without a value").contains("\"tenant\""));
    cluster.execute("DROP TABLE rtcstats; CREATE TABLE rtcstats(id integer)");
    assert!(told("no key").contains("neither"));
    cluster.execute(&format!("DROP TABLE rtcstats; {SCHEMA}"));
    table.insert(&row(1)).expect("the table is there");
    cluster.execute("ALTER TABLE rtcstats DROP features_url");
    assert!(table.insert(&row(2)).is_err(), "the columns are another");
    table.insert(&row(2)).expect("they were looked at again");
    assert_eq!(count(&cluster), 2);
    cluster.execute("CREATE ROLE reader LOGIN; GRANT SELECT ON rtcstats TO reader");
    let reader = crate::table(&cluster.url().replace("postgres@", "reader@"));
    assert!(reader.probe().expect_err("no right").to_string().contains("may not"));
    assert!(
        reader
            .insert(&row(3))
            .expect_err("no right")
            .to_string()
            .contains("42501")
    );
}

#[test]
fn the_table_may_be_named_with_its_schema() {
    let cluster = Cluster::start();
    cluster.execute("CREATE SCHEMA \"Stats\"");
    let options = PostgresOptions {
        table: "Stats.call 'data'".into(),
        ..options(&cluster.socket())
    };
    let Database::Postgres(postgres) = open(&options) else {
        unreachable!("it was made of options for PostgreSQL")
    };
    assert_eq!(postgres.migrate().expect("it is made").steps, [1, 2, 3]);
    Database::Postgres(postgres)
        .insert(&row(1))
        .expect("it takes rows, over the socket");
    assert_eq!(cluster.number("SELECT count(*) FROM \"Stats\".\"call 'data'\""), 1);
    assert_eq!(
        cluster.texts("SELECT schemaname || tablename FROM pg_tables WHERE schemaname IN ('public')"),
        Vec::<String>::new()
    );
}
