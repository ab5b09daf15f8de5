//! `schema.sql` and the SQLite catalogue describe the same table: same columns, same order, same indexes.
use rtcstats_server::database::Sqlite;
use rusqlite::Connection;

const SCHEMA: &str = include_str!("../../schema.sql");

fn catalogue() -> (tempfile::TempDir, Connection) {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("catalog.db");
    Sqlite::open(&path).unwrap();
    (temp, Connection::open(path).unwrap())
}

fn texts(connection: &Connection, query: &str) -> Vec<String> {
    let mut statement = connection.prepare(query).unwrap();
    statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

#[test]
fn the_columns_are_the_same() {
    let (_temp, connection) = catalogue();
    let table = SCHEMA
        .split_once("CREATE TABLE public.rtcstats(")
        .unwrap()
        .1
        .split_once(");")
        .unwrap()
        .0;
    let columns: Vec<_> = table
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| *word != "CONSTRAINT")
        .map(str::to_owned)
        .collect();
    assert_eq!(columns.len(), 10);
    assert_eq!(
        columns,
        texts(
            &connection,
            "SELECT name FROM pragma_table_info('rtcstats') ORDER BY cid"
        )
    );
    assert!(table.contains("PRIMARY KEY (id)"));
    assert_eq!(
        texts(
            &connection,
            "SELECT name FROM pragma_table_info('rtcstats') WHERE pk = 1"
        ),
        ["id"]
    );
}

#[test]
fn the_indexes_are_the_same() {
    let (_temp, connection) = catalogue();
    let mut postgres: Vec<_> = SCHEMA
        .lines()
        .filter(|line| line.starts_with("CREATE INDEX"))
        .map(|line| line.trim_end_matches(';').replace("public.", ""))
        .collect();
    postgres.sort();
    let sqlite = texts(
        &connection,
        "SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql NOT NULL ORDER BY name",
    );
    assert_eq!((postgres.len(), sqlite.len()), (5, 5));
    // What was found is in an index of its own kind on each side; the schema tells the other one as well.
    let of_findings = |index: &String| index.contains("rtcstats_findings_idx");
    let (own, mut sqlite): (Vec<String>, Vec<String>) = sqlite.into_iter().partition(of_findings);
    postgres.retain(|index| !of_findings(index));
    sqlite.sort();
    assert_eq!(postgres, sqlite);
    let expression = own[0].split_once("(session_start, id, ").unwrap().1;
    assert!(SCHEMA.contains(expression.trim_end_matches(')')), "{expression}");
}
