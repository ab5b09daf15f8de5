//! Tests of the three forms of the table, and of tables that cannot hold a dump's row exactly once.
use super::*;
use crate::labels::Labels;
use crate::time::UnixMs;

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn column(name: &str, kind: &str) -> Column {
    Column {
        name: name.into(),
        kind: kind.into(),
        fixed: false,
        demanded: false,
    }
}

fn table() -> TableName {
    "rtcstats".parse().unwrap()
}

fn row() -> Row {
    Row {
        id: ID.parse().unwrap(),
        created_at: UnixMs(0),
        labels: Labels {
            user: Some("u".into()),
            ..Labels::default()
        },
        metadata: r#"{"hostIdentifier":"h1"}"#.into(),
        blob_url: Some("https://b/0190-uuid".into()),
        features_url: None,
        session_start: UnixMs(0),
        session_end: UnixMs(0),
    }
}

#[test]
fn only_what_exists_is_written_and_looked_up_by_the_id() {
    let layout = Layout::of(
        &table(),
        vec![column("id", "uuid"), column("metadata", "jsonb"), column("x", "text")],
    );
    let statement = layout.unwrap().insert(&row());
    assert_eq!(
        statement.sql,
        "INSERT INTO \"rtcstats\" (id, metadata) SELECT CAST($1::text AS uuid), CAST($2::text AS jsonb) \
         WHERE NOT EXISTS (SELECT 1 FROM \"rtcstats\" WHERE id = CAST($1::text AS uuid))"
    );
    assert_eq!(
        statement.values,
        [Some(ID.into()), Some(r#"{"hostIdentifier":"h1"}"#.into())]
    );
}

#[test]
fn a_table_that_numbers_its_rows_is_looked_up_by_the_object() {
    for fixed in [false, true] {
        let id = Column {
            fixed,
            ..column("id", "bigint")
        };
        let layout = Layout::of(
            &table(),
            vec![id, column("blob_url", "text"), column("host_identifier", "text")],
        );
        let layout = layout.unwrap();
        let statement = layout.insert(&row());
        assert!(
            statement.sql.contains("(blob_url, host_identifier) SELECT") && statement.sql.contains("WHERE blob_url = ")
        );
        assert_eq!(
            statement.values,
            [Some("https://b/0190-uuid".into()), Some("h1".into())]
        );
        assert!(layout.remove(&row().reference()).0.sql.ends_with("WHERE blob_url = $1"));
        let found = RowRef {
            key: RowKey::Number(17),
            ..row().reference()
        };
        assert!(
            layout
                .remove(&found)
                .0
                .sql
                .ends_with("WHERE id = CAST($1::text AS bigint)")
        );
        let unknown = RowRef {
            blob_url: None,
            ..row().reference()
        };
        assert!(
            layout.remove(&unknown).0.sql.ends_with("WHERE false"),
            "never more than one row"
        );
    }
}

#[test]
fn a_table_that_cannot_hold_rows_says_why() {
    let told = |columns: Vec<Column>| Layout::of(&table(), columns).map(drop).unwrap_err();
    assert!(told(vec![]).contains("migrate"));
    assert!(told(vec![column("id", "bigint")]).contains("neither"));
    let demanding = Column {
        demanded: true,
        ..column("tenant", "text")
    };
    assert!(told(vec![column("id", "uuid"), demanding]).contains("\"tenant\""));
}
