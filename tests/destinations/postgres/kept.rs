//! What keeps a row in its table, or keeps it from being seen, while the server reports success. One cluster has a
//! schema for each case.

use crate::postgres::rules::lines;
use crate::postgres::*;

/// What is reported of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Removal {
    Done,
    Absent,
    Kept(&'static str),
    /// An error that every row meets.
    Fails(&'static str),
}
use Removal::{Absent, Done, Fails, Kept};

struct Case {
    name: &'static str,
    /// Changes to a table as `schema.sql` makes it, in which the user `collector` may do everything.
    sql: &'static str,
    removed: Removal,
    released: Removal,
    /// How many rows are there when both were tried.
    left: i64,
    /// A part of the probe's warning.
    warns: &'static str,
    hides: bool,
}

const fn case(name: &'static str, sql: &'static str, removed: Removal, released: Removal, left: i64) -> Case {
    Case {
        name,
        sql,
        removed,
        released,
        left,
        warns: "",
        hides: false,
    }
}

const NOTHING: &str = "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;";

/// `released` is tried first, on the same row.
const CASES: &[Case] = &[
        case("plain", "", Done, Done, 0),
        Case {
            warns: "its trigger \"Keep\"",
            ..case(
                "trigger that returns nothing",
                "{NOTHING} CREATE TRIGGER \"Keep\" BEFORE DELETE OR UPDATE ON rtcstats FOR EACH ROW EXECUTE FUNCTION nothing()",
                Kept("its trigger \"Keep\""),
                Kept("its trigger \"Keep\""),
                1,
            )
        },
        Case {
            warns: "its rule keep",
            ..case(
                "rules",
                "CREATE RULE keep AS ON DELETE TO rtcstats DO INSTEAD NOTHING;
                 CREATE RULE keep_too AS ON UPDATE TO rtcstats DO INSTEAD NOTHING",
                Kept("its rule keep"),
                Kept("its rule keep"),
                1,
            )
        },
        Case {
            warns: "its trigger back",
            ..case(
                "trigger that puts the URL back",
                "CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN NEW.blob_url := OLD.blob_url; RETURN NEW; END $$;
                 CREATE TRIGGER back BEFORE UPDATE ON rtcstats FOR EACH ROW EXECUTE FUNCTION back()",
                Done,
                Kept("its trigger back"),
                0,
            )
        },
        Case {
            warns: "a trigger raises an exception",
            ..case(
                "trigger that raises",
                "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE '%', OLD.rtcstats_user; END $$;
                 CREATE TRIGGER no BEFORE DELETE ON rtcstats FOR EACH ROW EXECUTE FUNCTION no()",
                Kept("a trigger raises an exception (SQLSTATE P0001)"),
                Done,
                1,
            )
        },
        case(
            "foreign key of another table, at the commit",
            "CREATE TABLE bills(dump uuid CONSTRAINT billed REFERENCES rtcstats DEFERRABLE INITIALLY DEFERRED);
             CREATE FUNCTION bill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 EXECUTE format('INSERT INTO %I.bills VALUES ($1)', TG_TABLE_SCHEMA) USING NEW.id; RETURN NEW; END $$;
             CREATE TRIGGER bill AFTER INSERT ON rtcstats FOR EACH ROW WHEN (NEW.rtcstats_user = 'user1')
             EXECUTE FUNCTION bill(); GRANT ALL ON bills TO collector",
            Kept("the foreign key \"billed\""),
            Done,
            1,
        ),
        Case {
            warns: "GRANT",
            ..case(
                "no right",
                "REVOKE DELETE, UPDATE ON rtcstats FROM collector",
                Fails("no permission"),
                Fails("no permission"),
                1,
            )
        },
        Case {
            warns: "row security",
            ..case(
                "no policy for changes",
                "ALTER TABLE rtcstats ENABLE ROW LEVEL SECURITY;
                 CREATE POLICY i ON rtcstats FOR INSERT WITH CHECK (true); CREATE POLICY s ON rtcstats FOR SELECT USING (true)",
                Kept("row security"),
                Kept("row security"),
                1,
            )
        },
        Case {
            warns: "row security may hide rows",
            hides: true,
            ..case(
                "policy for inserts alone",
                "ALTER TABLE rtcstats ENABLE ROW LEVEL SECURITY; CREATE POLICY i ON rtcstats FOR INSERT WITH CHECK (true)",
                Kept("row security hides the row"),
                Kept("row security hides the row"),
                1,
            )
        },
        Case {
            warns: "row security may hide rows",
            hides: true,
            ..case(
                "policy that hides old sessions",
                "ALTER TABLE rtcstats ENABLE ROW LEVEL SECURITY; CREATE POLICY a ON rtcstats USING (true);
                 CREATE POLICY r ON rtcstats AS RESTRICTIVE FOR SELECT USING (session_start > '2025-01-01')",
                Kept("row security hides the row"),
                Kept("row security hides the row"),
                1,
            )
        },
        case(
            "row security that lets all through",
            "ALTER TABLE rtcstats ENABLE ROW LEVEL SECURITY; CREATE POLICY a ON rtcstats TO collector USING (true)",
            Done,
            Done,
            0,
        ),
        Case {
            hides: true,
            warns: "row security may hide rows",
            ..case(
                "row security that is forced upon the owner",
                "ALTER TABLE rtcstats ENABLE ROW LEVEL SECURITY; ALTER TABLE rtcstats FORCE ROW LEVEL SECURITY;
                 CREATE POLICY i ON rtcstats FOR INSERT WITH CHECK (true);
                 GRANT ALL ON SCHEMA {schema} TO collector; ALTER TABLE rtcstats OWNER TO collector",
                Kept("row security hides the row"),
                Kept("row security hides the row"),
                1,
            )
        },
];

fn of_collector(cluster: &Cluster, schema: &str) -> Database {
    open(&PostgresOptions {
        table: format!("{schema}.rtcstats"),
        ..options(&cluster.url().replace("postgres@", "collector@"))
    })
}

fn made(cluster: &Cluster, schema: &str, sql: &str) -> Database {
    let sql = sql.replace("{schema}", schema).replace("{NOTHING}", NOTHING);
    cluster.execute(&format!(
        "{SCHEMA}; CREATE SCHEMA {schema}; ALTER TABLE public.rtcstats SET SCHEMA {schema};
         GRANT USAGE ON SCHEMA {schema} TO collector; GRANT ALL ON {schema}.rtcstats TO collector;
         SET search_path = {schema}, public; {sql}"
    ));
    of_collector(cluster, schema)
}

fn told(removal: &Result<RowRemoval, DatabaseError>, expected: Removal) -> bool {
    match (removal, expected) {
        (Ok(RowRemoval::Done), Done) | (Ok(RowRemoval::Absent), Absent) => true,
        (Ok(RowRemoval::Kept(why)), Kept(words)) => why.contains(words) && !why.contains("user1"),
        (Err(error), Fails(words)) => error.whose() == Whose::Destination && error.to_string().contains(words),
        _ => false,
    }
}

#[test]
fn what_keeps_or_hides_a_row_is_told_and_counts_neither_as_done_nor_as_absent() {
    let cluster = Cluster::start();
    cluster.execute("CREATE ROLE collector LOGIN");
    let mut wrong = Vec::new();
    for (n, case) in CASES.iter().enumerate() {
        let (name, schema) = (case.name, format!("case{n}"));
        let table = made(&cluster, &schema, case.sql);
        let trials = lines(&table.rehearse());
        let warns = trials
            .lines()
            .any(|line| line.starts_with("warning") && line.contains(case.warns));
        if trials.contains("refused") || warns == case.warns.is_empty() {
            wrong.push(format!(
                "{name}: the probe does not warn of {:?}:\n{trials}",
                case.warns
            ));
        }
        // A second time, as after a kill: one row, whether it can be seen or not.
        let inserted = [insert(&table, &row(1)), insert(&table, &row(1))].map(Result::ok);
        let hides = table.may_hide_rows().expect("it can be asked");
        let reference = row(1).reference();
        let would = table.would_remove(&reference);
        let released = table.release_blob(&reference, "max_age");
        let removed = table.remove(&reference);
        let other = table.remove(&row(9).reference());
        let left = cluster.number(&format!("SELECT count(*) FROM {schema}.rtcstats"));
        if inserted != [Some(Written::Now), Some(Written::Before)] || (hides, left) != (case.hides, case.left) {
            wrong.push(format!("{name}: {inserted:?}, hides {hides}, {left} left"));
        }
        if !told(&would, case.removed) || !told(&removed, case.removed) || !told(&released, case.released) {
            wrong.push(format!(
                "{name}: would {would:?}, removed {removed:?}, released {released:?}"
            ));
        }
        let absent = matches!(case.removed, Fails(_)) || told(&other, Absent);
        if !absent {
            wrong.push(format!("{name}: a row that never was: {other:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const HIDDEN: &str = "ALTER TABLE rtcstats ENABLE ROW LEVEL SECURITY;
     CREATE POLICY i ON rtcstats FOR INSERT WITH CHECK (true)";

/// What such a table demands of rows, which one with nothing but its key does not meet.
const DEMANDS: &[(&str, &str)] = &[
    ("nothing", HIDDEN),
    ("a label", "{HIDDEN}; ALTER TABLE rtcstats ALTER rtcstats_conference SET NOT NULL"),
    (
        "a label of its own, by its policy",
        "ALTER TABLE rtcstats ENABLE ROW LEVEL SECURITY;
         CREATE POLICY i ON rtcstats FOR INSERT WITH CHECK (rtcstats_conference = 'room')",
    ),
    (
        "a label of its own, by a CHECK",
        "{HIDDEN}; ALTER TABLE rtcstats ADD CHECK (rtcstats_conference IS NOT NULL AND rtcstats_conference = 'room')",
    ),
    (
        "a label that another table has",
        "{HIDDEN}; CREATE TABLE rooms(name text PRIMARY KEY); INSERT INTO rooms VALUES ('room');
         ALTER TABLE rtcstats ALTER rtcstats_conference SET NOT NULL, ADD FOREIGN KEY (rtcstats_conference) REFERENCES rooms",
    ),
    (
        "URLs that are unique too",
        "{HIDDEN}; ALTER TABLE rtcstats ALTER metadata SET NOT NULL, ADD UNIQUE (blob_url)",
    ),
    (
        "URLs that have been unique for longer",
        "{HIDDEN}; ALTER TABLE rtcstats DROP CONSTRAINT rtcstats_pkey, ADD UNIQUE (blob_url), ADD PRIMARY KEY (id)",
    ),
    (
        "the key at the commit",
        "{HIDDEN}; ALTER TABLE rtcstats DROP CONSTRAINT rtcstats_pkey, ADD PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED",
    ),
];

#[test]
fn a_row_that_never_was_is_absent_whatever_rows_have_to_meet_and_a_hidden_one_is_told() {
    let cluster = Cluster::start();
    cluster.execute("CREATE ROLE collector LOGIN");
    let mut wrong = Vec::new();
    for (n, (name, sql)) in DEMANDS.iter().enumerate() {
        let schema = format!("case{n}");
        let table = made(&cluster, &schema, &sql.replace("{HIDDEN}", HIDDEN));
        let (absent, hidden) = (row(9).reference(), row(1).reference());
        let before = [table.would_remove(&absent), table.remove(&absent)];
        let inserted = [insert(&table, &row(1)), insert(&table, &row(1))].map(Result::ok);
        let kept = [
            table.would_remove(&hidden),
            table.release_blob(&hidden, "max_age"),
            table.remove(&hidden),
        ];
        let after = table.remove(&absent);
        // After a restart, which knows no row but the one that is to go.
        let restarted = of_collector(&cluster, &schema);
        let kept = kept
            .into_iter()
            .chain([restarted.would_remove(&hidden), restarted.remove(&hidden)]);
        let left = cluster.number(&format!("SELECT count(*) FROM {schema}.rtcstats"));
        if (inserted, left) != ([Some(Written::Now), Some(Written::Before)], 1) {
            wrong.push(format!("{name}: {inserted:?}, {left} left"));
        }
        if !before.iter().chain([&after]).all(|removal| told(removal, Absent)) {
            wrong.push(format!("{name}: a row that never was: {before:?}, {after:?}"));
        }
        let kept: Vec<_> = kept.collect();
        let is_told = |removal| told(removal, Kept("row security hides the row"));
        if !kept.iter().all(is_told) {
            wrong.push(format!("{name}: {kept:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Indexes of a table whose rows cannot be seen, and whether they keep a dump from getting a second row.
const INDEXES: &[(&str, bool)] = &[
    ("SELECT 1", false),
    ("CREATE UNIQUE INDEX ON rtcstats (rtcstats_session) INCLUDE (id)", false),
    ("CREATE UNIQUE INDEX ON rtcstats (id, created_at)", false),
    (
        "CREATE UNIQUE INDEX ON rtcstats (id) WHERE rtcstats_user = 'user0'",
        false,
    ),
    ("CREATE UNIQUE INDEX ON rtcstats ((id::text))", false),
    ("CREATE INDEX ON rtcstats (id)", false),
    ("CREATE UNIQUE INDEX ON rtcstats (blob_url)", false),
    ("CREATE UNIQUE INDEX ON rtcstats (id) INCLUDE (rtcstats_session)", true),
    ("CREATE UNIQUE INDEX ON rtcstats (session_start, id)", true),
    (
        "ALTER TABLE rtcstats ADD UNIQUE (id) DEFERRABLE INITIALLY DEFERRED",
        true,
    ),
];

#[test]
fn a_table_that_hides_rows_and_could_take_one_twice_takes_none_until_it_has_an_index() {
    let cluster = Cluster::start();
    cluster.execute("CREATE ROLE collector LOGIN");
    for (n, (index, is_enough)) in INDEXES.iter().enumerate() {
        let schema = format!("case{n}");
        let sql = format!("{HIDDEN}; ALTER TABLE rtcstats DROP CONSTRAINT rtcstats_pkey; {index}");
        let table = made(&cluster, &schema, &sql);
        if !is_enough {
            assert_eq!(table.find(&all()).expect("reading needs none of this"), [], "{index}");
            let trials = lines(&table.rehearse());
            assert!(
                trials.starts_with("refused") && trials.contains("make a unique index on id"),
                "{index}: {trials}"
            );
            for error in [
                table.probe().expect_err(index),
                insert(&table, &row(1)).expect_err(index),
            ] {
                assert_eq!(error.whose(), Whose::Destination, "{index}: {error}");
                assert!(
                    error.to_string().contains("make a unique index on id"),
                    "{index}: {error}"
                );
            }
            // The server names the older one of several indexes that have the value.
            cluster.execute(&format!(
                "DROP INDEX IF EXISTS {schema}.rtcstats_id_idx, {schema}.rtcstats_blob_url_idx;
                 CREATE UNIQUE INDEX ON {schema}.rtcstats (id)"
            ));
        }
        table.probe().expect(index);
        assert_eq!(insert(&table, &row(1)).expect(index), Written::Now);
        assert_eq!(insert(&table, &row(1)).expect(index), Written::Before, "{index}");
        assert_eq!(
            cluster.number(&format!("SELECT count(*) FROM {schema}.rtcstats")),
            1,
            "{index}"
        );
    }
}
