//! Tests of the three forms of the table, and of tables that cannot hold a dump's row exactly once.
use super::*;
use crate::labels::Labels;
use crate::time::UnixMs;

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn column(name: &str, kind: &str) -> Column {
    Column {
        name: name.into(),
        base: kind.into(),
        kind: kind.into(),
        class: if kind == "text" { Class::Text } else { Class::Other },
        length: None,
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
        features: None,
    }
}

#[test]
fn only_what_exists_is_written_and_looked_up_by_the_id() {
    let layout = Layout::of(
        &table(),
        vec![column("id", "uuid"), column("metadata", "jsonb"), column("x", "text")],
        Facts::default(),
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
            Facts::default(),
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
        assert!(
            layout
                .remove(&row().reference())
                .0
                .sql
                .ends_with("WHERE blob_url = CAST($1::text AS text)")
        );
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
    let told = |columns: Vec<Column>| Layout::of(&table(), columns, Facts::default()).map(drop).unwrap_err();
    assert!(told(vec![]).contains("migrate"));
    assert!(told(vec![column("id", "bigint")]).contains("neither"));
}

#[test]
fn what_a_trigger_may_fill_is_left_to_the_server() {
    let demanding = Column {
        demanded: true,
        ..column("tenant", "text")
    };
    let layout = Layout::of(&table(), vec![column("id", "uuid"), demanding], Facts::default());
    assert_eq!(layout.unwrap().demanded, ["tenant"]);
}

#[test]
fn texts_are_compared_as_a_whole_whatever_their_type() {
    let layout = Layout::of(&table(), vec![column("id", "uuid")], Facts::default()).unwrap();
    let same = |name: &str, base: &str, class| {
        let column = Column {
            class,
            ..column(name, base)
        };
        layout.same(&column, "$1")
    };
    for (name, base, class, condition) in [
        (
            "rtcstats_user",
            "text",
            Class::Text,
            "rtcstats_user = CAST($1::text AS text)",
        ),
        (
            "rtcstats_user",
            "bpchar",
            Class::Text,
            "rtcstats_user = CAST($1::text AS bpchar)",
        ),
        ("rtcstats_user", "name", Class::Other, "rtcstats_user::text = $1::text"),
        (
            "rtcstats_user",
            "integer",
            Class::Other,
            "rtcstats_user::text = $1::text",
        ),
        ("rtcstats_user", "mood", Class::Other, "rtcstats_user::text = $1::text"),
        ("id", "uuid", Class::Other, "id = CAST($1::text AS uuid)"),
        ("id", "integer", Class::Other, "id = CAST($1::text AS integer)"),
        ("id", "text", Class::Text, "id = CAST($1::text AS text)"),
    ] {
        assert_eq!(same(name, base, class), condition);
    }
}

#[test]
fn what_is_longer_than_its_column_needs_no_question() {
    let short = |most| Column {
        length: Some(most),
        ..column("rtcstats_user", "text")
    };
    for (most, value, told) in [(2, "äö", false), (2, "äöü", true), (2, "ab   ", false)] {
        let layout = Layout::of(&table(), vec![column("id", "uuid"), short(most)], Facts::default()).unwrap();
        let labels = Labels {
            user: Some(value.into()),
            ..Labels::default()
        };
        let row = Row { labels, ..row() };
        let suspects = layout.suspects(&row);
        let too_long = suspects
            .iter()
            .any(|(column, ask)| column.name == "rtcstats_user" && ask.is_none());
        assert_eq!(too_long, told, "{value}");
    }
}
