//! Tests of what triggers in the catalogue do to a row, which SQLite reports as success.
use super::*;
use crate::trial::Verdict;

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

/// What becomes of the row of `user1` where a trigger or a condition of the operator's meets it, and of the probe.
#[test]
fn what_a_catalogue_refuses_or_drops_is_told_and_waits() {
    for (name, sql, whose, probe) in [
        (
            "dropped for one",
            "CREATE TRIGGER t BEFORE INSERT ON rtcstats WHEN NEW.rtcstats_user = 'user1'
             BEGIN SELECT RAISE(IGNORE); END",
            Some(Whose::Rule),
            "fine",
        ),
        (
            "dropped for all",
            "CREATE TRIGGER t BEFORE INSERT ON rtcstats BEGIN SELECT RAISE(IGNORE); END",
            Some(Whose::Destination),
            "refused",
        ),
        (
            "refused for all",
            "CREATE TRIGGER t BEFORE INSERT ON rtcstats BEGIN SELECT RAISE(ROLLBACK, 'secret'); END",
            Some(Whose::Destination),
            "refused",
        ),
        (
            "a unique index on another column",
            "CREATE UNIQUE INDEX one_for_each ON rtcstats (rtcstats_conference);
             INSERT INTO rtcstats(id, created_at, rtcstats_conference) VALUES ('x', '', 'room')",
            Some(Whose::Rule),
            "fine",
        ),
        (
            "changed afterwards",
            "CREATE TRIGGER t AFTER INSERT ON rtcstats
             BEGIN UPDATE rtcstats SET rtcstats_user = lower(rtcstats_user) WHERE id = NEW.id; END",
            None,
            "warning",
        ),
        ("left alone", "SELECT 1", None, "fine"),
    ] {
        let (_temp, path, sqlite) = catalogue();
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let before = sqlite.find(&all()).unwrap().len();
        let worst = sqlite.rehearse().into_iter().map(|trial| match trial.verdict {
            Verdict::Fine(_) => "fine",
            Verdict::Warning { .. } => "warning",
            Verdict::Refused { .. } => "refused",
        });
        assert_eq!(worst.max(), Some(probe), "{name}");
        assert_eq!(
            sqlite.find(&all()).unwrap().len(),
            before,
            "{name}: the probe leaves nothing"
        );
        let error = insert(&sqlite, &row(1)).err();
        assert_eq!(error.as_ref().map(DatabaseError::whose), whose, "{name}: {error:?}");
        assert!(
            !error.is_some_and(|error| error.to_string().contains("secret")),
            "{name}"
        );
        let told = sqlite.insert(&batch(&[1, 2]));
        assert_eq!(told.is_err(), whose == Some(Whose::Destination), "{name}");
    }
}

#[test]
fn a_catalogue_that_cannot_be_written_is_refused_by_the_probe() {
    let (_temp, path, sqlite) = catalogue();
    insert(&sqlite, &row(1)).unwrap();
    let reader = Sqlite::open_read_only(&path).unwrap();
    for trials in [
        reader.rehearse(),
        Sqlite::new(Path::new("/dev/null/x.db")).unwrap().rehearse(),
    ] {
        assert!(trials.iter().any(Trial::is_refusal), "{trials:?}");
    }
    assert_eq!(sqlite.find(&all()).unwrap(), [found(1)]);
}
