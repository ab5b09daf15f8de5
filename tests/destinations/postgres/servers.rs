//! What a server lacks or forbids as a whole: rights, the search path, encodings, a standby; and what is told of it.

use std::thread;

use support::wait_until;

use crate::postgres::rules::lines;
use crate::postgres::*;

const NOTHING: &str = "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;";

/// Functions and operators that another has put before those of the server.
const LURE: &str = "CREATE SCHEMA lure; CREATE ROLE lured LOGIN BYPASSRLS; GRANT ALL ON rtcstats TO lured;
     GRANT USAGE ON SCHEMA lure TO lured; ALTER ROLE lured SET search_path = lure, pg_catalog, public;
     CREATE FUNCTION lure.pg_advisory_xact_lock(bigint) RETURNS void LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'none' USING ERRCODE = '0A000'; END $$;
     CREATE FUNCTION lure.pg_advisory_xact_lock(integer, integer) RETURNS void LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'none' USING ERRCODE = '0A000'; END $$;
     CREATE FUNCTION lure.no(text, text) RETURNS boolean LANGUAGE sql AS $$ SELECT false $$;
     CREATE OPERATOR lure.= (LEFTARG = text, RIGHTARG = text, FUNCTION = lure.no);
     CREATE FUNCTION lure.to_regclass(text) RETURNS regclass LANGUAGE sql AS $$ SELECT NULL::regclass $$;
     CREATE FUNCTION lure.jsonb_typeof(jsonb) RETURNS text LANGUAGE sql AS $$ SELECT 'null' $$";

/// A role, or a database, and what the probe and an insert say for it.
#[test]
fn what_the_server_lacks_or_forbids_is_named() {
    let cluster = with_schema();
    cluster.execute(
        "CREATE ROLE collector LOGIN; GRANT ALL ON rtcstats TO collector;
         CREATE ROLE fenced LOGIN; GRANT ALL ON rtcstats TO fenced; ALTER ROLE fenced SET default_transaction_read_only = on;
         CREATE ROLE hurried LOGIN; GRANT ALL ON rtcstats TO hurried; ALTER ROLE hurried SET lock_timeout = 50;
         CREATE ROLE walled LOGIN; GRANT ALL ON rtcstats TO walled; ALTER TABLE rtcstats ENABLE ROW LEVEL SECURITY;
         CREATE POLICY a ON rtcstats TO collector, fenced, hurried USING (true)",
    );
    cluster.execute(LURE);
    let of = |role: &str| table(&cluster.url().replace("postgres@", &format!("{role}@")));
    for (role, words) in [
        ("fenced", "read-only"),
        ("walled", "row security has no policy that lets it in"),
    ] {
        let table = of(role);
        let trials = lines(&table.rehearse());
        assert!(
            trials
                .lines()
                .any(|line| line.starts_with("refused") && line.contains(words)),
            "{role}: {trials}"
        );
        let error = insert(&table, &row(1)).expect_err(role);
        assert!(
            error.whose() == Whose::Destination && error.to_string().contains(words),
            "{role}: {error}"
        );
    }
    for (n, role) in [(2, "collector"), (3, "lured"), (4, "hurried")] {
        let table = of(role);
        let trials = lines(&table.rehearse());
        assert!(trials.lines().all(|line| line.starts_with("fine")), "{role}: {trials}");
        assert_eq!(insert(&table, &row(n)).expect(role), Written::Now);
        assert_eq!(insert(&table, &row(n)).expect(role), Written::Before);
        let id = Some(row(n).id.into());
        let found = table.find(&Filter {
            id,
            labels: row(n).labels,
            ..all()
        });
        assert_eq!(found.expect(role).len(), 1, "{role}");
        let released = table.release_blob(&row(n).reference(), "max_age");
        assert_eq!(released.expect(role), RowRemoval::Done);
        let metadata = cluster.texts("SELECT metadata::text FROM rtcstats").remove(0);
        assert!(
            metadata.contains("bytes") && metadata.contains("max_age"),
            "{role}: {metadata}"
        );
        assert_eq!(table.remove(&row(n).reference()).expect(role), RowRemoval::Done);
    }
    cluster.execute("GRANT CREATE ON SCHEMA public TO lured");
    let lured = PostgresOptions {
        table: "public.another".into(),
        ..options(&cluster.url().replace("postgres@", "lured@"))
    };
    let Database::Postgres(lured) = open(&lured) else {
        unreachable!("it was made of options for PostgreSQL")
    };
    assert_eq!(
        lured.migrate().expect("nothing on the path is in the way").steps,
        [1, 2, 3, 4]
    );
    let mut other = cluster.client();
    let mut lock = other.transaction().expect("a transaction begins");
    lock.batch_execute("LOCK TABLE rtcstats").expect("the table is locked");
    let error = insert(&of("hurried"), &row(5)).expect_err("the table is locked");
    assert!(error.to_string().contains("locked by somebody else"), "{error}");
}

#[test]
fn what_an_encoding_lacks_becomes_a_question_mark_and_the_row_is_taken() {
    let cluster = Cluster::start();
    let odd = |n| Row {
        labels: Labels {
            user: Some("Jürgen 😀".to_owned()),
            conference: Some("\0日本".to_owned()),
            session: None,
        },
        metadata: r#"{"userAgent":"\ud83d\ude00 é \u65e5","n":"\u000a"}"#.to_owned(),
        ..row(n)
    };
    for (encoding, user, conference, agent) in [
        ("LATIN1", "Jürgen ?", "???", "? é ?"),
        ("WIN1252", "Jürgen ?", "???", "? é ?"),
        ("EUC_JP", "Jürgen ?", "?日本", "? é 日"),
        ("KOI8R", "J?rgen ?", "???", "? ? ?"),
        ("SQL_ASCII", "Jürgen 😀", "\u{fffd}日本", "😀 é 日"),
        ("UTF8", "Jürgen 😀", "\u{fffd}日本", "😀 é 日"),
    ] {
        let name = encoding.to_lowercase();
        cluster.execute(&format!(
            "CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"
        ));
        let url = format!("{}{name}", cluster.url().trim_end_matches("postgres"));
        let mut client = postgres::Client::connect(&url, postgres::NoTls).expect("the database is there");
        client.batch_execute(SCHEMA).expect("the table is made");
        let table = table(&url);
        let trials = lines(&table.rehearse());
        let warned = trials.contains(&format!("the encoding {encoding} of the database lacks"));
        assert!(
            !trials.contains("refused") && warned != user.contains('😀'),
            "{encoding}: {trials}"
        );
        let written = table.insert(&[row(1), odd(2), row(3)]).expect(encoding);
        assert!(
            written.iter().all(|row| matches!(row, Ok(Written::Now))),
            "{encoding}: {written:?}"
        );
        let found = table
            .find(&Filter {
                id: Some(row(2).id.into()),
                ..all()
            })
            .expect(encoding)
            .remove(0);
        let metadata: serde_json::Value = serde_json::from_str(&found.metadata).expect("JSON");
        let kept = (
            found.labels.user.as_deref(),
            found.labels.conference.as_deref(),
            &metadata["userAgent"],
        );
        assert_eq!(kept, (Some(user), Some(conference), &agent.into()), "{encoding}");
        assert_eq!(metadata["n"], "\n");
        let sought = Labels {
            user: Some("Jürgen 😀".to_owned()),
            ..Labels::default()
        };
        match table.find(&Filter {
            labels: sought,
            ..all()
        }) {
            Ok(found) => assert_eq!(found.len(), 1, "{encoding}"),
            Err(error) => assert!(
                !user.contains('😀') && error.to_string().contains("question mark"),
                "{error}"
            ),
        }
    }
}

/// The file that makes a server a standby.
#[test]
fn a_standby_is_told() {
    let mut cluster = with_schema();
    cluster.execute("CHECKPOINT");
    cluster.stop();
    cluster.write("data/standby.signal", "");
    cluster.restart();
    let table = table(&cluster.url());
    let trials = lines(&table.rehearse());
    assert!(
        trials.starts_with("refused") && trials.contains("read-only, perhaps a standby"),
        "{trials}"
    );
    assert!(
        table
            .probe()
            .expect_err("it cannot be written")
            .to_string()
            .contains("standby")
    );
    assert_eq!(table.find(&all()).expect("it can be read").len(), 0);
}

/// Several at once share a table with a trigger that drops every other row: each is told its own.
#[test]
fn a_dropped_row_of_a_batch_is_told_among_the_others() {
    let cluster = with_schema();
    cluster.execute(&format!(
        "{NOTHING} CREATE TRIGGER t BEFORE INSERT ON rtcstats FOR EACH ROW WHEN (NEW.rtcstats_user = 'user1')
         EXECUTE FUNCTION nothing()"
    ));
    let table = table(&cluster.url());
    thread::scope(|scope| {
        for worker in 0..2 {
            let table = &table;
            scope.spawn(move || {
                let rows: Vec<Row> = (0..20).map(|n| row(worker * 10 + n)).collect();
                let answers = table.insert(&rows).expect("the server answers");
                for (row, answer) in rows.iter().zip(answers) {
                    let dropped = row.labels.user.as_deref() == Some("user1");
                    assert_eq!(answer.is_err(), dropped, "{answer:?}");
                }
            });
        }
    });
    wait_until("all of user0", || count(&cluster) == 15);
}
