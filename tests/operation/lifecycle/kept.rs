//! Rows that do not go although nobody says so: row security, triggers, rules, references. `erase` and `[retention]`
//! tell it, and what such a row leads to stays.

use std::fs;

use support::{Client, Cluster, Server, wait_until};

use crate::lifecycle::erase::{SECRET, told};

/// What keeps a row from being deleted, and how that is undone.
const KEEPS_FROM_ERASING: [(&str, &str, &str); 9] = [
    (
        "no policy for DELETE",
        "ALTER TABLE rtcstats ENABLE ROW LEVEL SECURITY; CREATE POLICY look ON rtcstats FOR SELECT USING (true);
         CREATE POLICY put ON rtcstats FOR INSERT WITH CHECK (true)",
        "DROP POLICY look ON rtcstats; DROP POLICY put ON rtcstats; ALTER TABLE rtcstats DISABLE ROW LEVEL SECURITY",
    ),
    (
        "a policy for the rows of others",
        "ALTER TABLE rtcstats ENABLE ROW LEVEL SECURITY; CREATE POLICY look ON rtcstats FOR SELECT USING (true);
         CREATE POLICY del ON rtcstats FOR DELETE USING (rtcstats_user = 'bob')",
        "DROP POLICY look ON rtcstats; DROP POLICY del ON rtcstats; ALTER TABLE rtcstats DISABLE ROW LEVEL SECURITY",
    ),
    (
        "a trigger that returns NULL",
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER keep BEFORE DELETE ON rtcstats FOR EACH ROW EXECUTE FUNCTION keep()",
        "DROP TRIGGER keep ON rtcstats; DROP FUNCTION keep()",
    ),
    (
        "a trigger that puts the row back",
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql
             AS 'BEGIN INSERT INTO rtcstats SELECT old.*; RETURN old; END';
         CREATE TRIGGER keep AFTER DELETE ON rtcstats FOR EACH ROW EXECUTE FUNCTION keep()",
        "DROP TRIGGER keep ON rtcstats; DROP FUNCTION keep()",
    ),
    (
        "a trigger that raises",
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''audited''; END';
         CREATE TRIGGER keep BEFORE DELETE ON rtcstats FOR EACH ROW EXECUTE FUNCTION keep()",
        "DROP TRIGGER keep ON rtcstats; DROP FUNCTION keep()",
    ),
    (
        "a rule",
        "CREATE RULE keep AS ON DELETE TO rtcstats DO INSTEAD NOTHING",
        "DROP RULE keep ON rtcstats",
    ),
    (
        "a reference",
        "CREATE TABLE refers (id uuid REFERENCES rtcstats (id)); INSERT INTO refers SELECT id FROM rtcstats",
        "DROP TABLE refers",
    ),
    (
        "a reference that is checked at the COMMIT",
        "CREATE TABLE refers (id uuid REFERENCES rtcstats (id) DEFERRABLE INITIALLY DEFERRED);
         INSERT INTO refers SELECT id FROM rtcstats",
        "DROP TABLE refers",
    ),
    (
        "no privilege",
        "REVOKE DELETE ON rtcstats FROM collector",
        "GRANT DELETE ON rtcstats TO collector",
    ),
];

/// A server that may do with its table what its owner has granted, and one stored dump of alice.
fn start() -> (Cluster, Server, String) {
    let cluster = Cluster::start();
    cluster.execute(include_str!("../../../schema.sql"));
    cluster.execute("CREATE ROLE collector LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON rtcstats TO collector");
    let server = Server::start(&[
        ("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET),
        ("RTCSTATS_DATABASE__BACKEND", "postgres"),
        (
            "RTCSTATS_DATABASE__POSTGRES__URL",
            &cluster.url().replace("postgres@", "collector@"),
        ),
    ]);
    let id = deliver(&server, &cluster);
    (cluster, server, id)
}

/// A session of alice.
fn say(server: &Server) {
    let (_, token, _) = told(server, &["token", "--user", "alice"]);
    let mut client = Client::open(server.address(), &format!("/?rtcstats-token={}", token.trim()));
    client.send("[\"said\",null,null,0]");
    client.close(None);
}

fn deliver(server: &Server, cluster: &Cluster) -> String {
    say(server);
    wait_until("the row", || cluster.number("SELECT count(*) FROM rtcstats") == 1);
    wait_until("the spool to be empty", || server.spooled().is_empty());
    server.dumps().remove(0).id()
}

#[test]
fn a_row_that_cannot_go_keeps_its_object_and_is_told() {
    let (cluster, server, id) = start();
    let left = || (server.dumps().len(), cluster.number("SELECT count(*) FROM rtcstats"));
    for (what, keep, undo) in KEEPS_FROM_ERASING {
        cluster.execute(keep);
        let (code, out, _) = told(&server, &["erase", "--user", "alice"]);
        assert_eq!((code, out.matches("\nstored ").count()), (0, 1), "{what}: {out}");
        let (code, out, error) = told(&server, &["erase", "--user", "alice", "--yes"]);
        assert!(
            code == 1 && out.contains("0 stored dumps are erased"),
            "{what}: {out}{error}"
        );
        assert!(error.contains(&format!("dump {id}: ")), "{what}: {error}");
        assert_eq!(left(), (1, 1), "{what}");
        cluster.execute(undo);
    }
    let (code, out, error) = told(&server, &["erase", "--user", "alice", "--yes"]);
    assert!(code == 0 && out.contains("1 stored dumps are erased"), "{out}{error}");
    assert_eq!(left(), (0, 0));
}

/// The same for the catalogue, which an operator may have given a trigger.
#[test]
fn a_row_of_the_catalogue_that_cannot_go_keeps_its_object() {
    let server = Server::start(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)]);
    say(&server);
    let id = server.delivered(1).remove(0).id();
    wait_until("the spool to be empty", || server.spooled().is_empty());
    let catalogue = rusqlite::Connection::open(server.data().join("catalog.db")).unwrap();
    for deed in ["RAISE(IGNORE)", "RAISE(ABORT, 'audited')", "RAISE(ROLLBACK, 'audited')"] {
        let trigger = format!("CREATE TRIGGER keep BEFORE DELETE ON rtcstats BEGIN SELECT {deed}; END");
        catalogue.execute_batch(&trigger).unwrap();
        let (code, out, error) = told(&server, &["erase", "--user", "alice", "--yes"]);
        assert!(
            code == 1 && out.contains("0 stored dumps are erased"),
            "{deed}: {out}{error}"
        );
        assert!(error.contains(&format!("dump {id}: ")), "{deed}: {error}");
        assert_eq!((server.dumps().len(), server.rows().len()), (1, 1), "{deed}");
        catalogue.execute_batch("DROP TRIGGER keep").unwrap();
    }
    assert_eq!(told(&server, &["erase", "--user", "alice", "--yes"]).0, 0);
    assert_eq!((server.dumps().len(), server.rows().len()), (0, 0));
}

/// What keeps a row from being marked.
const KEEPS_FROM_MARKING: [(&str, &str, &str); 4] = [
    (
        "no policy for UPDATE",
        "ALTER TABLE rtcstats ENABLE ROW LEVEL SECURITY; CREATE POLICY look ON rtcstats FOR SELECT USING (true)",
        "DROP POLICY look ON rtcstats; ALTER TABLE rtcstats DISABLE ROW LEVEL SECURITY",
    ),
    (
        "a trigger that returns NULL",
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER keep BEFORE UPDATE ON rtcstats FOR EACH ROW EXECUTE FUNCTION keep()",
        "DROP TRIGGER keep ON rtcstats; DROP FUNCTION keep()",
    ),
    (
        "a trigger that puts the value back",
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN old; END';
         CREATE TRIGGER keep BEFORE UPDATE ON rtcstats FOR EACH ROW EXECUTE FUNCTION keep()",
        "DROP TRIGGER keep ON rtcstats; DROP FUNCTION keep()",
    ),
    (
        "a rule",
        "CREATE RULE keep AS ON UPDATE TO rtcstats DO INSTEAD NOTHING",
        "DROP RULE keep ON rtcstats",
    ),
];

#[test]
fn retention_leaves_the_object_of_a_row_that_it_cannot_mark() {
    let (cluster, mut server, id) = start();
    assert!(server.stop().success());
    server.set("RTCSTATS_RETENTION__MAX_BYTES", "1");
    for (what, keep, undo) in KEEPS_FROM_MARKING {
        cluster.execute(keep);
        let before = server.log().len();
        server.restart();
        wait_until(&format!("the word of the sweep, with {what}"), || {
            let has = |line: &str| line.contains("cannot let 1 stored dumps go") && line.contains(&id);
            server.log()[before..].lines().any(has)
        });
        assert!(server.stop().success());
        assert_eq!(server.dumps().len(), 1, "{what}");
        let kept = "SELECT count(*) FROM rtcstats WHERE blob_url IS NOT NULL";
        assert_eq!(cluster.number(kept), 1, "{what}");
        cluster.execute(undo);
    }
    server.restart();
    wait_until("the dump to go", || server.dumps().is_empty());
    assert_eq!(
        cluster.texts("SELECT metadata->>'blobRemoved' FROM rtcstats"),
        ["max_bytes"]
    );
}

/// Columns that find more than the value that was asked for.
const ALIKE: [(&str, &str); 3] = [
    (
        "a collation without case",
        "CREATE COLLATION alike (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
         ALTER TABLE rtcstats ALTER rtcstats_user TYPE text COLLATE alike",
    ),
    (
        "a type without case",
        "CREATE EXTENSION citext; ALTER TABLE rtcstats ALTER rtcstats_user TYPE citext",
    ),
    (
        "blanks at the end",
        "ALTER TABLE rtcstats ALTER rtcstats_user TYPE char(20)",
    ),
];

#[test]
fn erase_takes_only_whole_values_and_what_it_has_listed() {
    for (what, alter) in ALIKE {
        let (cluster, server, _) = start();
        cluster.execute(alter);
        cluster.execute(
            "INSERT INTO rtcstats (id, created_at, rtcstats_user)
             SELECT gen_random_uuid(), now(), name FROM unnest(ARRAY['Alice', 'ALICE', 'adam', 'a', 'alice2']) AS name",
        );
        let (code, out, error) = told(&server, &["erase", "--user", "alice"]);
        assert_eq!((code, out.matches("\nstored ").count()), (0, 1), "{what}: {out}{error}");
        let (code, out, error) = told(&server, &["erase", "--user", "alice", "--yes"]);
        assert!(
            code == 0 && out.contains("1 stored dumps are erased"),
            "{what}: {out}{error}"
        );
        let left = "SELECT trim(rtcstats_user::text) FROM rtcstats ORDER BY rtcstats_user::text COLLATE \"C\"";
        assert_eq!(cluster.texts(left), ["ALICE", "Alice", "a", "adam", "alice2"], "{what}");
        assert!(
            fs::read_dir(server.data().join("dumps"))
                .unwrap()
                .flatten()
                .all(|file| !file.path().is_file())
        );
    }
}

/// What hides rows from the server's user, and how many of alice's it still sees.
const HIDES: [(&str, &str, usize); 3] = [
    (
        "a policy FOR INSERT only",
        "CREATE POLICY put ON rtcstats FOR INSERT WITH CHECK (true)",
        0,
    ),
    (
        "a policy for the rows of others",
        "CREATE POLICY look ON rtcstats FOR SELECT USING (rtcstats_user = 'bob')",
        0,
    ),
    (
        "a policy for one of two rows",
        "CREATE POLICY look ON rtcstats FOR SELECT USING (rtcstats_session IS NULL);
         CREATE POLICY del ON rtcstats FOR DELETE USING (true)",
        1,
    ),
];

#[test]
fn rows_that_may_be_hidden_are_told() {
    for (what, policy, seen) in HIDES {
        let (cluster, server, _) = start();
        cluster.execute(
            "INSERT INTO rtcstats (id, created_at, rtcstats_user, rtcstats_session)
             VALUES (gen_random_uuid(), now(), 'alice', 'hidden')",
        );
        let (code, out, error) = told(&server, &["find", "--user", "alice"]);
        assert_eq!((code, out.lines().count(), error.as_str()), (0, 3, ""), "{what}: {out}");
        cluster.execute(&format!("ALTER TABLE rtcstats ENABLE ROW LEVEL SECURITY; {policy}"));
        let (code, out, error) = told(&server, &["find", "--user", "alice"]);
        assert_eq!((code, out.lines().count()), (0, 1 + seen), "{what}: {out}");
        assert!(error.contains("row security may hide rows"), "{what}: {error}");
        let (code, out, _) = told(&server, &["erase", "--user", "alice"]);
        assert!(code == 0 && out.contains("row security may hide rows"), "{what}: {out}");
        let (code, out, error) = told(&server, &["erase", "--user", "alice", "--yes"]);
        assert!(
            code == 1 && error.contains("row security may hide rows"),
            "{what}: {out}{error}"
        );
        assert!(
            out.contains(&format!("{seen} stored dumps are erased")),
            "{what}: {out}{error}"
        );
        let left = 2 - i64::try_from(seen).unwrap();
        assert_eq!(cluster.number("SELECT count(*) FROM rtcstats"), left, "{what}");
    }
}
