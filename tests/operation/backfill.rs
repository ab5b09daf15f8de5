//! `features --backfill`: what is stored without features gets those that packing would have made, and nothing else is
//! touched.

mod remote;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc;

use rusqlite::Connection;
use serde_json::Value;
use support::{Client, Recorded, Server, StrictS3, wait_until};

/// Sends a session with these messages.
fn send(server: &Server, messages: &[String]) {
    let mut client = Client::open(server.address(), "/");
    messages.iter().for_each(|message| client.send(message));
    client.close(None);
}

/// A server that stores dumps there without features.
fn without_features(store: &StrictS3) -> Server {
    let mut server = Server::prepare(&[("RTCSTATS_FEATURES__ENABLED", "false")]);
    for (name, value) in store.environment() {
        server.set(&name, &value);
    }
    server.restart();
    server
}

fn told(server: &Server, arguments: &[&str]) -> (i32, String, String) {
    let output = server.run(arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let code = output.status.code().expect("it ends by itself");
    (code, text(output.stdout), text(output.stderr))
}

fn sql(server: &Server, text: &str) {
    let catalogue = Connection::open(server.data().join("catalog.db")).expect("the catalogue opens");
    catalogue.execute_batch(text).expect("it is done");
}

fn number(server: &Server, text: &str) -> i64 {
    let catalogue = Connection::open(server.data().join("catalog.db")).expect("the catalogue opens");
    catalogue.query_row(text, [], |row| row.get(0)).expect("a number")
}

fn features(server: &Server) -> BTreeMap<PathBuf, String> {
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("features");
        (path, text)
    };
    server.features().into_iter().map(read).collect()
}

/// What rows tell of findings, each.
fn found(server: &Server) -> Vec<Value> {
    let rows = server.rows().into_iter();
    rows.map(|row| {
        assert!(row.metadata.get("findingsMissing").is_none());
        row.metadata["findings"].clone()
    })
    .collect()
}

#[test]
fn all_recorded_dumps_get_byte_for_byte_what_packing_has_made() {
    let mut server = Server::start(&[("RTCSTATS_FEATURES__TABLES", "true")]);
    let mut recorded = Recorded::all();
    // A session without a message is no dump.
    recorded.retain(|recorded| !recorded.messages.is_empty());
    assert!(recorded.len() >= 33, "only {}", recorded.len());
    recorded.iter().for_each(|recorded| send(&server, &recorded.messages));
    let count = recorded.len();
    server.delivered(count);
    server.stop();
    let packed = features(&server);
    let urls: Vec<_> = server.rows().into_iter().map(|row| row.features_url).collect();
    let rows_found = found(&server);
    assert!(rows_found.iter().all(Value::is_object), "{rows_found:?}");
    let content = |table| {
        let all = "SELECT count(*) * 1000003 + sum(length(CAST(duration AS TEXT)) * 31 + length(hex(start_time))) FROM";
        number(&server, &format!("{all} rtcstats_features_{table}"))
    };
    let tables = ["client", "connection", "track"];
    let written = tables.map(content);
    assert_eq!(
        number(&server, "SELECT count(*) FROM rtcstats_features_client"),
        count as i64
    );
    // As if an earlier version had stored them.
    packed
        .keys()
        .for_each(|path| std::fs::remove_file(path).expect("it is removed"));
    sql(
        &server,
        "UPDATE rtcstats SET features_url = NULL, metadata = json_remove(metadata, '$.findings')",
    );
    for table in tables {
        sql(&server, &format!("DROP TABLE rtcstats_features_{table}"));
    }
    let meant = format!("{count} stored dumps without features; nothing was changed\n");
    let dry = told(&server, &["features", "--backfill", "--dry-run"]);
    assert_eq!(dry, (0, meant, String::new()));
    assert!(server.features().is_empty());
    let done = told(&server, &["features", "--backfill"]);
    assert_eq!(
        done,
        (
            0,
            format!("{count} stored dumps got features and findings\n"),
            String::new()
        )
    );
    let made = features(&server);
    for (path, text) in &packed {
        assert_eq!(made.get(path), Some(text), "{}", path.display());
    }
    assert_eq!(made.len(), packed.len());
    let again: Vec<_> = server.rows().into_iter().map(|row| row.features_url).collect();
    assert_eq!(again, urls);
    assert_eq!(tables.map(content), written);
    assert_eq!(found(&server), rows_found);
    let none = told(&server, &["features", "--backfill"]);
    let words = "0 stored dumps got features and findings\n";
    assert_eq!(none, (0, words.to_owned(), String::new()));
    lacking_findings(&mut server, &packed, &rows_found);
}

/// As if a version without findings had stored the dumps of a server, and the oldest one before there were features.
fn lacking_findings(server: &mut Server, packed: &BTreeMap<PathBuf, String>, rows_found: &[Value]) {
    let count = packed.len();
    let (oldest, _) = packed.first_key_value().expect("at least one");
    for (path, text) in packed {
        let bare = text.split_once(",\"findings\":{\"verdict\"").expect("findings").0;
        std::fs::write(path, format!("{bare}}}")).expect("it is written");
    }
    std::fs::remove_file(oldest).expect("it is removed");
    sql(
        server,
        "UPDATE rtcstats SET metadata = json_remove(metadata, '$.findings');
         UPDATE rtcstats SET features_url = NULL, metadata = json_set(metadata, '$.findingsMissing', 'why')
             WHERE id = (SELECT min(id) FROM rtcstats)",
    );
    let more = count - 1;
    let dry = told(server, &["features", "--backfill", "--dry-run"]);
    let meant = format!("1 stored dump without features, {more} more without findings; nothing was changed\n");
    assert_eq!(dry, (0, meant, String::new()));
    server.set("RTCSTATS_FINDINGS__ENABLED", "false");
    let done = told(server, &["features", "--backfill"]);
    let unasked = (0, "1 stored dump got features\n".to_owned(), String::new());
    assert_eq!(done, unasked, "nothing else is wanted");
    server.set("RTCSTATS_FINDINGS__ENABLED", "true");
    let done = told(server, &["features", "--backfill"]);
    let words = format!("0 stored dumps got features and findings, {count} more got findings\n");
    assert_eq!(done, (0, words, String::new()));
    assert_eq!((&features(server), &found(server)[..]), (packed, rows_found));
}

/// What cannot be done for one dump stops no other, and the next run does what is left.
#[test]
fn a_dump_that_fails_is_told_and_the_others_go_on() {
    let mut server = Server::start(&[("RTCSTATS_FEATURES__ENABLED", "false")]);
    let recorded = Recorded::named("short-session");
    (0..3).for_each(|_| send(&server, &recorded.messages));
    let dumps = server.delivered_bare(3);
    server.stop();
    let away = server.data().join("away");
    std::fs::rename(&dumps[1].path, &away).expect("it is moved");
    // Another one was erased as far as its object.
    let released = format!("UPDATE rtcstats SET blob_url = NULL WHERE id = '{}'", dumps[2].id());
    sql(&server, &released);
    let (code, out, err) = told(&server, &["features", "--backfill"]);
    assert_eq!(
        (code, out.as_str()),
        (1, "1 stored dump got features and findings\n"),
        "{err}"
    );
    let id = dumps[1].id();
    assert!(err.contains(&format!("warning: dump {id}: ")), "{err}");
    assert!(
        err.ends_with("error: 1 stored dump still without features or findings\n"),
        "{err}"
    );
    std::fs::write(&dumps[1].path, "no dump").expect("it is written");
    let (code, _, err) = told(&server, &["features", "--backfill"]);
    assert!(code == 1 && err.contains("its object is no dump"), "{err}");
    std::fs::rename(&away, &dumps[1].path).expect("it is moved back");
    let (code, out, err) = told(&server, &["features", "--backfill"]);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (0, "1 stored dump got features and findings\n", "")
    );
    let made = features(&server);
    assert_eq!(made.len(), 2, "none for the one without an object");
    let erased = told(&server, &["erase", "--id", &id, "--yes"]);
    assert_eq!(erased.0, 0, "{erased:?}");
    assert_eq!(features(&server).len(), 1);
}

#[test]
fn dumps_in_a_bucket_get_features_too() {
    let store = StrictS3::start();
    let server = without_features(&store);
    send(&server, &Recorded::named("short-session").messages);
    wait_until("a row", || server.rows().len() == 1);
    let names = || -> Vec<String> { store.objects().into_iter().map(|object| object.0).collect() };
    assert_eq!(names().len(), 1);
    store.deny(&["s3:GetObject"]);
    let refused = told(&server, &["features", "--backfill"]);
    assert!(
        refused.0 == 1 && refused.2.contains("grant s3:GetObject"),
        "{refused:?}"
    );
    store.answer_plainly();
    store.deny(&[]);
    // The server runs meanwhile.
    let done = told(&server, &["features", "--backfill"]);
    assert_eq!(
        (done.0, done.1.as_str()),
        (0, "1 stored dump got features and findings\n"),
        "{done:?}"
    );
    let row = &server.rows()[0];
    let url = row.features_url.clone().expect("a URL");
    let stored = names();
    assert!(
        stored.len() == 2 && stored.iter().any(|name| url.ends_with(name.as_str())),
        "{url} {stored:?}"
    );
}

/// The store holds what was stored before the process died; only the rows say what is left to do.
#[test]
fn a_run_that_is_killed_is_started_again_and_goes_on() {
    let store = StrictS3::start();
    let mut server = without_features(&store);
    (0..3).for_each(|_| send(&server, &Recorded::named("short-session").messages));
    wait_until("the rows", || server.rows().len() == 3);
    server.stop();
    let (stored, put) = mpsc::channel();
    store.answer(move |request| {
        let is_put = request.method == "PUT" && request.target.contains(".features.json");
        // The test may have seen enough.
        let _ = is_put.then(|| stored.send(()));
        None
    });
    let mut child = server.command(&["features", "--backfill"]).spawn().expect("it starts");
    put.recv().expect("a first object");
    child.kill().expect("it is killed");
    child.wait().expect("it has ended");
    store.answer_plainly();
    let left = number(&server, "SELECT count(*) FROM rtcstats WHERE features_url IS NULL");
    let done = told(&server, &["features", "--backfill"]);
    let number = if left == 1 {
        "1 stored dump".to_owned()
    } else {
        format!("{left} stored dumps")
    };
    assert_eq!((done.0, done.1), (0, format!("{number} got features and findings\n")));
    assert!(server.rows().iter().all(|row| row.features_url.is_some()));
    assert_eq!(store.objects().len(), 6, "each dump and its features, once");
}

#[test]
fn features_of_a_dump_that_is_erased_meanwhile_go_again() {
    let store = StrictS3::start();
    let mut server = without_features(&store);
    send(&server, &Recorded::named("short-session").messages);
    wait_until("a row", || server.rows().len() == 1);
    server.stop();
    let catalogue = server.data().join("catalog.db");
    store.answer(move |request| {
        if request.method == "PUT" && request.target.contains(".features.json") {
            let catalogue = Connection::open(&catalogue).expect("the catalogue opens");
            catalogue.execute_batch("DELETE FROM rtcstats").expect("it is done");
        }
        None
    });
    let done = told(&server, &["features", "--backfill"]);
    let words = "0 stored dumps got features and findings, 1 stored dump erased meanwhile\n";
    assert_eq!((done.0, done.1.as_str()), (0, words), "{}", done.2);
    let names: Vec<String> = store.objects().into_iter().map(|object| object.0).collect();
    assert!(names.len() == 1 && names[0].ends_with(".jsonl.gz"), "{names:?}");
}

#[test]
fn it_says_what_to_do() {
    let server = Server::prepare(&[]);
    let (code, _, err) = told(&server, &["features"]);
    assert!(code == 2 && err.contains("--backfill"), "{err}");
    let (code, _, err) = told(&server, &["features", "--backfill"]);
    assert!(code == 1 && err.contains("there is no catalogue"), "{err}");
}
