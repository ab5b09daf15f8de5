//! The forms of the table that are in use. In none of them does a dump get two rows.

use std::thread;

pub use support::forms::NUMBERED;
use support::forms::WITHOUT_KEY;

use rtcstats_server::trial::Trial;

use crate::postgres::*;

pub fn forms() -> [(Cluster, &'static str); 3] {
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
        insert(&table, &row(1)).expect(form);
        insert(
            &table,
            &Row {
                labels: Labels::default(),
                ..row(1)
            },
        )
        .expect(form);
        insert(&table, &row(2)).expect(form);
        assert_eq!(count(&cluster), 2, "{form}");
        let found = table.find(&all()).expect(form);
        if form == "numbered" {
            let expected = |n: u64| Found {
                id: RowKey::Number(n.try_into().expect("a small number")),
                metadata: "null".into(),
                ..row(n).into()
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
            let plain = |row: &Found| Found {
                metadata: String::new(),
                ..row.clone()
            };
            assert_eq!(
                found.iter().map(plain).collect::<Vec<_>>(),
                [2, 1].map(|n| plain(&row(n).into()))
            );
        }
    }
}

#[test]
fn a_row_is_found_released_and_removed_in_every_form() {
    for (cluster, form) in forms() {
        let table = table(&cluster.url());
        for n in 1..=4 {
            insert(&table, &row(n)).expect(form);
        }
        let urls = |filter: Filter| -> Vec<Option<String>> {
            table
                .find(&filter)
                .expect(form)
                .into_iter()
                .map(|row| row.blob_url)
                .collect()
        };
        let url = |n| row(n).blob_url;
        let labels = Labels {
            user: Some("user1".to_owned()),
            ..Labels::default()
        };
        assert_eq!(urls(Filter { labels, ..all() }), [url(3), url(1)], "{form}");
        let (since, until) = (Some(UnixMs(1_600_000_000_002)), Some(UnixMs(1_600_000_000_004)));
        assert_eq!(urls(Filter { since, until, ..all() }), [url(3), url(2)], "{form}");
        let id = Some(row(2).id.into());
        assert_eq!(urls(Filter { id, ..all() }), [url(2)], "{form}: by the dump's id");
        let id = Some("' OR true".into());
        assert_eq!(urls(Filter { id, ..all() }), [], "{form}");
        let labels = Labels {
            session: Some("s".to_owned()),
            ..Labels::default()
        };
        assert_eq!(urls(Filter { labels, ..all() }), [], "{form}");
        assert_eq!(urls(Filter { limit: 1, ..all() }), [url(4)], "{form}");

        let released = table.release_blob(&row(1).reference(), "retention");
        assert_eq!(released.expect(form), RowRemoval::Done, "{form}");
        for (expected, there) in [(RowRemoval::Done, 3), (RowRemoval::Absent, 3)] {
            let second = row(2).reference();
            assert_eq!(table.would_remove(&second).expect(form), expected, "{form}");
            assert_eq!(table.remove(&second).expect(form), expected, "{form}");
            assert_eq!(count(&cluster), there, "{form}");
        }
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
            assert_eq!(table.would_remove(&row.reference()).expect(form), RowRemoval::Done);
            assert_eq!(table.remove(&row.reference()).expect(form), RowRemoval::Done);
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
        // A snapshot that is older than the lock would allow two rows.
        cluster.execute("ALTER DATABASE postgres SET default_transaction_isolation = 'repeatable read'");
        let tables = [table(&cluster.url()), table(&cluster.url())];
        thread::scope(|scope| {
            for worker in 0..8 {
                let table = &tables[worker % 2];
                scope.spawn(move || {
                    for n in 0..25 {
                        insert(table, &row(n)).expect(form);
                    }
                });
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
        labels: Labels {
            user: Some("a\0b".into()),
            ..Labels::default()
        },
        metadata: r#"{"a":"\u0000","b":"\ud800x","c":"\ud83d\ude00"}"#.into(),
        ..row(1)
    };
    insert(&table, &odd).expect("the row is taken");
    let found = table.find(&all()).expect("it is found").remove(0);
    assert_eq!(found.labels.user.as_deref(), Some("a\u{fffd}b"));
    let metadata: serde_json::Value = serde_json::from_str(&found.metadata).expect("JSON");
    assert_eq!(
        metadata,
        serde_json::json!({"a": "\u{fffd}", "b": "\u{fffd}x", "c": "😀"})
    );
}

#[test]
fn a_refused_row_is_told_by_its_code_and_column_and_disturbs_no_other() {
    let cluster = with_schema();
    cluster.execute("ALTER TABLE rtcstats ADD CHECK (rtcstats_user <> 'user1')");
    cluster.execute("ALTER TABLE rtcstats ALTER rtcstats_conference TYPE varchar(4)");
    let table = table(&cluster.url());
    let long = Row {
        labels: Labels {
            conference: Some("a secret name".into()),
            ..Labels::default()
        },
        ..row(2)
    };
    for (row, state) in [(row(1), "23514"), (long, "22001")] {
        let error = insert(&table, &row).expect_err("it is refused");
        assert_eq!(error.whose(), Whose::Rule, "{error}");
        let told = error.to_string();
        assert!(
            told.contains(state) && !told.contains("user1") && !told.contains("secret"),
            "{told}"
        );
        insert(&table, &crate::postgres::row(4)).expect("others go on");
    }
    let connections = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rtcstats-server'";
    assert_eq!(cluster.number(connections), 1, "a refusal does not cost the connection");
}

#[test]
fn what_is_wrong_with_the_table_is_the_destinations_and_mended_without_a_restart() {
    let cluster = Cluster::start();
    let table = table(&cluster.url());
    let told = |what: &str| {
        let error = insert(&table, &row(1)).expect_err(what);
        assert!(error.whose() == Whose::Destination, "{error}");
        assert!(table.rehearse().iter().any(Trial::is_refusal), "{what}");
        error.to_string()
    };
    assert!(told("no table").contains("rtcstats-server migrate"));
    cluster.execute("CREATE TABLE rtcstats(id uuid, tenant text NOT NULL)");
    assert!(told("a column without a value").contains("\"tenant\""));
    cluster.execute("DROP TABLE rtcstats; CREATE TABLE rtcstats(id integer)");
    assert!(told("no key").contains("neither"));
    cluster.execute(&format!("DROP TABLE rtcstats; {SCHEMA}"));
    insert(&table, &row(1)).expect("the table is there");
    cluster.execute("ALTER TABLE rtcstats DROP features_url");
    assert!(insert(&table, &row(2)).is_err(), "the columns are another");
    insert(&table, &row(2)).expect("they were looked at again");
    assert_eq!(count(&cluster), 2);
    cluster.execute("CREATE ROLE reader LOGIN; GRANT SELECT ON rtcstats TO reader");
    let reader = crate::postgres::table(&cluster.url().replace("postgres@", "reader@"));
    assert!(reader.probe().expect_err("no right").to_string().contains("may not"));
    assert!(
        insert(&reader, &row(3))
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
    assert_eq!(postgres.migrate().expect("it is made").steps, [1, 2, 3, 4]);
    insert(&Database::Postgres(postgres), &row(1)).expect("it takes rows, over the socket");
    assert_eq!(cluster.number("SELECT count(*) FROM \"Stats\".\"call 'data'\""), 1);
    assert_eq!(
        cluster.texts("SELECT schemaname || tablename FROM pg_tables WHERE schemaname IN ('public')"),
        Vec::<String>::new()
    );
}

/// If the table numbers its rows, an id is searched for in the name of the object and nowhere else.
#[test]
fn an_id_finds_its_own_dump_only_in_a_table_with_other_numbers() {
    let cluster = Cluster::start();
    cluster.execute(NUMBERED);
    let table = table(&cluster.url());
    let id = |n| row(n).id.to_string();
    let named = |n: u64, path: String| Row {
        blob_url: Some(format!("https://b.example/{path}")),
        ..row(n)
    };
    let after_the_first = Some(format!("after {}", id(1)));
    let rows = [
        named(1, format!("2026/x{}y.jsonl.gz", id(1))),
        named(2, format!("{}/{}.jsonl.gz", id(1), id(2))),
        Row {
            labels: Labels {
                session: after_the_first,
                ..row(3).labels
            },
            ..named(3, format!("after_{}-{}.jsonl.gz", id(1), id(3)))
        },
        named(4, id(4)),
    ];
    for row in &rows {
        insert(&table, row).expect("it is taken");
    }
    let released = table.release_blob(&rows[3].reference(), "max_age");
    assert_eq!(released.expect("its object is let go"), RowRemoval::Done);
    let numbers = |id: &str| -> Vec<String> {
        let id = Some(id.into());
        let found = table.find(&Filter { id, ..all() }).expect("it can be searched");
        found.into_iter().map(|row| row.id.to_string()).collect()
    };
    for n in 1..=3 {
        assert_eq!(numbers(&id(n)), [n.to_string()], "by the dump's id");
        assert_eq!(numbers(&id(n).to_uppercase()), [n.to_string()], "however it is written");
    }
    assert_eq!(numbers("4"), ["4"], "by the table's own number");
    for nothing in [id(4), id(5), "%".repeat(36), "_".repeat(36), id(1)[..35].to_owned()] {
        assert_eq!(numbers(&nothing), Vec::<String>::new(), "{nothing}");
    }
}
