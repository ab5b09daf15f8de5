//! What a table of an operator's own making does to rows: which it takes, which it refuses and by whose fault, and what
//! the probe says of it. One cluster has a schema for each case.

use rtcstats_server::trial::{Trial, Verdict};

use crate::postgres::*;

/// What becomes of a row of the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serving {
    Taken,
    /// It waits by itself, and others are taken.
    Rule,
    /// No row is taken: all wait.
    Table,
}
use Serving::{Rule, Table, Taken};

/// What the probe says, and a part of the words.
#[derive(Debug, Clone, Copy)]
pub enum Probe {
    Fine,
    Warning(&'static str),
    Refused(&'static str),
}
use Probe::{Fine, Refused, Warning};

/// Changes to a table as `schema.sql` makes it, what becomes of `row(1)` of `user1` in session `s`, and the words for
/// it.
pub const CASES: &[(&str, &str, Serving, &str, Probe)] = &[
    ("char(n) with room", "ALTER TABLE rtcstats ALTER rtcstats_user TYPE char(64)", Taken, "", Fine),
    (
        "char(n) without",
        "ALTER TABLE rtcstats ALTER rtcstats_user TYPE char(3)",
        Table,
        "\"rtcstats_user\" (character(3))",
        Refused("\"rtcstats_user\" (character(3))"),
    ),
    (
        "varchar with room",
        "ALTER TABLE rtcstats ALTER rtcstats_user TYPE varchar(8)",
        Taken,
        "",
        Refused("long or rare values are refused: a value does not fit its column \"rtcstats_user\" (character varying(8))"),
    ),
    (
        "varchar with room for some",
        "ALTER TABLE rtcstats ALTER rtcstats_session TYPE varchar(8);
         ALTER TABLE rtcstats ALTER rtcstats_user TYPE varchar(4)",
        Table,
        "\"rtcstats_user\" (character varying(4))",
        Refused("\"rtcstats_user\" (character varying(4))"),
    ),
    (
        "URL without room",
        "ALTER TABLE rtcstats ALTER blob_url TYPE varchar(10)",
        Table,
        "\"blob_url\" (character varying(10))",
        Refused("no row is taken: a value does not fit its column \"blob_url\""),
    ),
    (
        "URL with room for most",
        "ALTER TABLE rtcstats ALTER blob_url TYPE varchar(255)",
        Taken,
        "",
        Warning("\"blob_url\" (character varying(255))"),
    ),
    (
        "number for a text",
        "ALTER TABLE rtcstats ALTER rtcstats_user TYPE integer USING 1",
        Table,
        "\"rtcstats_user\" (integer)",
        Refused("\"rtcstats_user\" (integer)"),
    ),
    (
        "enum for a text",
        "CREATE TYPE room AS ENUM ('a', 'b'); ALTER TABLE rtcstats ALTER rtcstats_conference TYPE room USING 'a'",
        Table,
        "\"rtcstats_conference\" (",
        Refused("\"rtcstats_conference\" ("),
    ),
    (
        "array for a text",
        "ALTER TABLE rtcstats ALTER rtcstats_session TYPE text[] USING '{}'",
        Table,
        "\"rtcstats_session\" (text[])",
        Refused("\"rtcstats_session\" (text[])"),
    ),
    (
        "number for a time",
        "ALTER TABLE rtcstats ALTER session_end TYPE bigint USING 1",
        Table,
        "\"session_end\" (bigint)",
        Refused("\"session_end\" (bigint)"),
    ),
    ("text for a time", "ALTER TABLE rtcstats ALTER session_end TYPE text", Taken, "", Fine),
    (
        "date for a time",
        "ALTER TABLE rtcstats ALTER session_end TYPE date",
        Taken,
        "",
        Warning("session_end (date)"),
    ),
    (
        "domain with a length",
        "CREATE DOMAIN short AS varchar(4); ALTER TABLE rtcstats ALTER rtcstats_user TYPE short",
        Table,
        "\"rtcstats_user\" (",
        Refused("\"rtcstats_user\" ("),
    ),
    (
        "domain with a CHECK",
        "CREATE DOMAIN other AS text CHECK (VALUE <> 'user1'); ALTER TABLE rtcstats ALTER rtcstats_user TYPE other",
        Rule,
        "\"rtcstats_user\" (",
        Fine,
    ),
    (
        "type that cuts",
        "ALTER TABLE rtcstats ALTER rtcstats_conference TYPE name",
        Taken,
        "",
        Warning("rtcstats_conference (name)"),
    ),
    (
        "citext",
        "CREATE EXTENSION IF NOT EXISTS citext SCHEMA public; ALTER TABLE rtcstats ALTER rtcstats_user TYPE public.citext",
        Taken,
        "",
        Fine,
    ),
    ("CHECK of one", "ALTER TABLE rtcstats ADD CONSTRAINT c CHECK (rtcstats_user <> 'user1')", Rule, "the CHECK \"c\"", Fine),
    (
        "CHECK of all",
        "ALTER TABLE rtcstats ADD CONSTRAINT c CHECK (blob_url LIKE 's3:%')",
        Table,
        "the CHECK \"c\"",
        Refused("the CHECK \"c\""),
    ),
    (
        "label demanded in a form",
        "ALTER TABLE rtcstats ADD CONSTRAINT c CHECK (rtcstats_user LIKE 'acme-%')",
        Rule,
        "the CHECK \"c\"",
        Refused("the CHECK \"c\""),
    ),
    (
        "foreign key",
        "CREATE TABLE names(name text PRIMARY KEY);
         ALTER TABLE rtcstats ADD CONSTRAINT f FOREIGN KEY (rtcstats_user) REFERENCES names DEFERRABLE INITIALLY DEFERRED",
        Rule,
        "the foreign key \"f\"",
        Refused("the foreign key \"f\""),
    ),
    (
        "no partition",
        "DROP TABLE rtcstats; CREATE TABLE rtcstats(id uuid, blob_url text, session_start timestamptz)
         PARTITION BY RANGE (session_start)",
        Table,
        "there is no partition for it",
        Refused("there is no partition for it"),
    ),
    (
        "no partition for old sessions",
        "DROP TABLE rtcstats; CREATE TABLE rtcstats(id uuid, blob_url text, session_start timestamptz, metadata jsonb)
         PARTITION BY RANGE (session_start);
         CREATE TABLE p PARTITION OF rtcstats FOR VALUES FROM ('2025-01-01') TO ('2125-01-01')",
        Rule,
        "there is no partition for it",
        Warning("rtcstats_user"),
    ),
    (
        "trigger that drops all",
        "CREATE FUNCTION drop_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
         CREATE TRIGGER t BEFORE INSERT ON rtcstats FOR EACH ROW EXECUTE FUNCTION drop_it()",
        Table,
        "a trigger or a rule drops it",
        Refused("a trigger or a rule drops it"),
    ),
    (
        "trigger that drops one",
        "CREATE FUNCTION drop_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
         CREATE TRIGGER t BEFORE INSERT ON rtcstats FOR EACH ROW WHEN (NEW.rtcstats_user = 'user1')
         EXECUTE FUNCTION drop_it()",
        Rule,
        "a trigger or a rule drops it",
        Fine,
    ),
    (
        "rule that drops all",
        "CREATE RULE r AS ON INSERT TO rtcstats DO INSTEAD NOTHING",
        Table,
        "a trigger or a rule drops it",
        Refused("a trigger or a rule drops it"),
    ),
    (
        "trigger that raises for one",
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'no %', NEW.rtcstats_user USING CONSTRAINT = NEW.rtcstats_user; END $$;
         CREATE TRIGGER t BEFORE INSERT ON rtcstats FOR EACH ROW WHEN (NEW.rtcstats_user = 'user1')
         EXECUTE FUNCTION no()",
        Rule,
        "a trigger raises an exception (SQLSTATE P0001)",
        Fine,
    ),
    (
        "trigger that changes a label",
        "CREATE FUNCTION low() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN NEW.rtcstats_user := lower(NEW.rtcstats_user); RETURN NEW; END $$;
         CREATE TRIGGER t BEFORE INSERT ON rtcstats FOR EACH ROW EXECUTE FUNCTION low()",
        Taken,
        "",
        Warning("rtcstats_user (text) \"probe"),
    ),
    (
        "trigger that moves rows away",
        "CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN EXECUTE format('DELETE FROM %s WHERE id = $1', TG_RELID::regclass) USING NEW.id; RETURN NULL; END $$;
         CREATE TRIGGER t AFTER INSERT ON rtcstats FOR EACH ROW EXECUTE FUNCTION away()",
        Taken,
        "",
        Refused("moves it elsewhere"),
    ),
    (
        "filled by a trigger",
        "ALTER TABLE rtcstats ADD tenant text NOT NULL;
         CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.tenant := 'acme'; RETURN NEW; END $$;
         CREATE TRIGGER t BEFORE INSERT ON rtcstats FOR EACH ROW EXECUTE FUNCTION fill()",
        Taken,
        "",
        Warning("\"tenant\""),
    ),
    (
        "filled by a domain",
        "CREATE DOMAIN tenant AS text DEFAULT 'acme'; ALTER TABLE rtcstats ADD tenant tenant NOT NULL",
        Taken,
        "",
        Fine,
    ),
    (
        "filled by nothing",
        "ALTER TABLE rtcstats ADD tenant text NOT NULL",
        Table,
        "the column \"tenant\" takes no null",
        Refused("the column \"tenant\" takes no null"),
    ),
    (
        "generated by the table",
        "ALTER TABLE rtcstats DROP rtcstats_session;
         ALTER TABLE rtcstats ADD rtcstats_session text GENERATED ALWAYS AS (upper(rtcstats_user)) STORED",
        Taken,
        "",
        Warning("rtcstats_session"),
    ),
    (
        "view with a trigger",
        "ALTER TABLE rtcstats RENAME TO base; CREATE VIEW rtcstats AS SELECT * FROM base;
         CREATE FUNCTION put() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             EXECUTE format('INSERT INTO %I.base SELECT ($1).*', TG_TABLE_SCHEMA) USING NEW; RETURN NEW; END $$;
         CREATE TRIGGER t INSTEAD OF INSERT ON rtcstats FOR EACH ROW EXECUTE FUNCTION put()",
        Taken,
        "",
        Fine,
    ),
    (
        "view that checks",
        "ALTER TABLE rtcstats RENAME TO base;
         CREATE VIEW rtcstats AS SELECT * FROM base WHERE rtcstats_user IS DISTINCT FROM 'user1' WITH CHECK OPTION",
        Rule,
        "the CHECK OPTION of a view",
        Fine,
    ),
    (
        "index that takes no long values",
        "CREATE FUNCTION long(text) RETURNS text IMMUTABLE LANGUAGE sql AS
         $$ SELECT CASE $1 WHEN 'user1' THEN string_agg(md5(n::text), '') END FROM generate_series(1, 999) AS n $$;
         CREATE INDEX ON rtcstats (long(rtcstats_user))",
        Rule,
        "a value is too long for an index",
        Fine,
    ),
];

/// Makes a table of its own in a schema of its own, with its changes made, and returns its name.
pub fn make(cluster: &Cluster, n: usize, sql: &str) -> String {
    let schema = format!("case{n}");
    cluster.execute(&format!(
        "{SCHEMA}; CREATE SCHEMA {schema}; ALTER TABLE public.rtcstats SET SCHEMA {schema};
         SET search_path = {schema}, public; {sql}"
    ));
    format!("{schema}.rtcstats")
}

/// The same, opened.
pub fn made(cluster: &Cluster, n: usize, sql: &str) -> Database {
    open(&PostgresOptions {
        table: make(cluster, n, sql),
        ..options(&cluster.url())
    })
}

pub fn of_a_session() -> Row {
    let labels = Labels {
        session: Some("s".to_owned()),
        ..row(1).labels
    };
    Row { labels, ..row(1) }
}

pub fn served(table: &Database, row: &Row) -> (Serving, String) {
    match table.insert(std::slice::from_ref(row)) {
        Ok(mut answers) => match answers.remove(0) {
            Ok(_) => (Taken, String::new()),
            Err(error) => {
                assert_eq!(error.whose(), Whose::Rule, "{error}");
                (Rule, error.to_string())
            }
        },
        Err(error) => {
            assert_eq!(error.whose(), Whose::Destination, "{error}");
            (Table, error.to_string())
        }
    }
}

/// What the probe has found, a line each.
pub fn lines(trials: &[Trial]) -> String {
    let told = trials.iter().map(|trial| match &trial.verdict {
        Verdict::Fine(_) => format!("fine {}\n", trial.what),
        Verdict::Warning { found, mend } => format!("warning {}: {found}; {mend}\n", trial.what),
        Verdict::Refused { found, mend } => format!("refused {}: {found}; {mend}\n", trial.what),
    });
    told.collect()
}

fn agrees(trials: &[Trial], expected: Probe) -> bool {
    let has = |words: &str| lines(trials).lines().any(|line| line.contains(words));
    let refused = trials.iter().any(Trial::is_refusal);
    let warned = trials
        .iter()
        .any(|trial| matches!(trial.verdict, Verdict::Warning { .. }));
    match expected {
        Fine => !refused && !warned,
        Warning(words) => !refused && warned && has(words),
        Refused(words) => refused && has(words),
    }
}

#[test]
fn each_rule_of_a_table_is_told_by_serving_and_by_the_probe() {
    let cluster = Cluster::start();
    let mut wrong = Vec::new();
    for (n, (name, sql, serving, words, probe)) in CASES.iter().enumerate() {
        let table = made(&cluster, n, sql);
        let trials = table.rehearse();
        if !agrees(&trials, *probe) {
            wrong.push(format!("{name}: not {probe:?}:\n{}", lines(&trials)));
        }
        let left = cluster.number(&format!("SELECT count(*) FROM case{n}.rtcstats"));
        let (served, told) = served(&table, &of_a_session());
        if (served, told.contains(words)) != (*serving, true) || told.contains("user1") || told.contains("b.example") {
            wrong.push(format!("{name}: not {serving:?} {words:?}: {served:?} {told}"));
        }
        if let Err(error) = table.find(&all()) {
            wrong.push(format!("{name}: reading needs none of this: {error}"));
        }
        if left != 0 {
            wrong.push(format!("{name}: the probe leaves {left} rows"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
