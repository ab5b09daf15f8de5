//! `[database.postgres]`: what has to be given, where it may come from, and that no message contains the password.
use super::*;

const URL: &str = "postgres://collector:hunter2@db.example:5433/calls?sslmode=verify-full";

#[test]
fn the_connection_string_comes_from_the_file_the_environment_or_a_file_of_its_own() {
    let backend = ("RTCSTATS_DATABASE__BACKEND", "postgres");
    let place = folder("");
    let file = place.directory.path().join("url");
    fs::write(&file, format!("{URL}\n")).unwrap();
    let by_file = place.load(&[
        backend,
        ("RTCSTATS_DATABASE__POSTGRES__URL_FILE", file.to_str().unwrap()),
    ]);
    let by_value = place.load(&[backend, ("RTCSTATS_DATABASE__POSTGRES__URL", URL)]);
    let text = format!(
        "[database]\nbackend = 'postgres'\n[database.postgres]\nurl = '{URL}'\ntable = 'a.b'\nsslmode = 'require'"
    );
    for loaded in [by_file.unwrap(), by_value.unwrap(), load(&text, &[])] {
        let store = loaded.config.row_store().unwrap();
        assert!(
            store.describe().ends_with(" in database calls on db.example:5433"),
            "{}",
            store.describe()
        );
        let printed = format!("{loaded:?} {loaded:#?} {} {store:?}", loaded.to_toml());
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}

#[test]
fn what_is_wrong_is_told_at_its_place_without_the_string() {
    let with = |text: &str| {
        error(&format!(
            "[database]\nbackend = 'postgres'\n[database.postgres]\n{text}"
        ))
    };
    for (text, told) in [
        (
            "",
            "defaults: database.postgres.url: is missing; write it like postgres://user:password@host:5432/database",
        ),
        ("url = ''", "config.toml:4: database.postgres.url: names no host"),
        (
            "url = 'hunter2'",
            "config.toml:4: database.postgres.url: is no connection string",
        ),
        (
            "url = 'postgres://u:hunter2@h/d'\nurl_file = '/x'",
            "config.toml:5: database.postgres.url_file: is given beside url; leave one of them out",
        ),
        (
            "url_file = '/nonexistent/file'",
            "config.toml:4: database.postgres.url_file: /nonexistent/file cannot be read",
        ),
        (
            "url = 'postgres://u:hunter2@h/d'\ntable = 'a.b.c'",
            "config.toml:5: database.postgres.table: \"a.b.c\" is no table",
        ),
        (
            "url = 'postgres://u:hunter2@h/d'\nsslmode = 'full'",
            "config.toml:5: database.postgres.sslmode: unknown value `full`, expected one of `disable`, `prefer`",
        ),
        (
            "url = 5",
            "config.toml:4: database.postgres.url: must be a text in quotes",
        ),
    ] {
        let error = with(text);
        assert!(error.starts_with(told) && !error.contains("hunter2"), "{text}: {error}");
    }
}

#[test]
fn a_server_that_is_named_but_not_chosen_is_warned_of() {
    let warnings = load(
        &format!("[server]\nlisten = '127.0.0.1:1'\n[database.postgres]\nurl = '{URL}'"),
        &[],
    )
    .warnings;
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("database.backend = \"postgres\"") && !warnings[0].contains("hunter2"));
}
