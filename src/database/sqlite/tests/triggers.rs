//! Tests of what triggers in the catalogue do to a row, which SQLite reports as success.
use super::*;

#[test]
fn a_row_that_a_trigger_keeps_is_not_told_as_removed() {
    for (body, name) in [
        ("SELECT RAISE(IGNORE)", "passed over"),
        ("SELECT RAISE(ABORT, 'secret')", "refused"),
        ("INSERT INTO rtcstats SELECT OLD.*", "put back"),
    ] {
        let (_temp, path, sqlite) = catalogue();
        insert(&sqlite, &row(1)).unwrap();
        let when = if name == "put back" { "AFTER" } else { "BEFORE" };
        let body = body.replace("OLD.*", "OLD.id, OLD.created_at, '', '', '', '', '', '', '', ''");
        let rule = format!("CREATE TRIGGER d {when} DELETE ON rtcstats BEGIN {body}; END");
        let rule = format!("{rule}; CREATE TRIGGER u BEFORE UPDATE ON rtcstats BEGIN SELECT RAISE(IGNORE); END");
        Connection::open(&path).unwrap().execute_batch(&rule).unwrap();
        for kept in [
            sqlite.would_remove(&row(1).reference()).unwrap(),
            sqlite.remove(&row(1).reference()).unwrap(),
            sqlite.release_blob(&row(1).reference(), "max_age").unwrap(),
        ] {
            assert!(
                matches!(&kept, RowRemoval::Kept(why) if why.contains("catalogue") && !why.contains("secret")),
                "{name}: {kept:?}"
            );
        }
        assert_eq!(sqlite.find(&all()).unwrap().len(), 1, "{name}");
    }
}
