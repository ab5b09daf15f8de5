//! Compares what is stored after a takeover with what the sessions had said.
//!
//! It is the same for both pairs of destinations: each dump of a label exists once, masked, closed as its fate says,
//! and has a row of its own with the claims of its token.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use support::stored::{FEATURES, features_of, files_below};
use support::{Dump, Remote, Server, wait_until};

use crate::takeover::said::{ADDRESS_MASKED, Fate, SESSIONS, masked, user};

/// When the recordings were last written, which becomes the end of their sessions: as text and since 1970.
const LAST_WRITE: &str = "2040-01-02T03:04:05.678Z";
const LAST_WRITE_SINCE_1970: Duration = Duration::from_millis(2_209_086_245_678);

/// Sets this time for all recordings, because neither a copy of a spool nor a checkout keeps such times.
pub fn set_last_write(server: &Server) {
    let recordings = files_below(&server.data().join("spool")).into_iter();
    for file in recordings.filter(|file| file.to_string_lossy().contains("/recording/")) {
        let file = File::options().append(true).open(file).expect("a recording");
        file.set_modified(SystemTime::UNIX_EPOCH + LAST_WRITE_SINCE_1970)
            .expect("its time can be set");
    }
}

/// Id, user, conference, session and end of each row.
type Rows = Vec<[String; 5]>;

/// Starts the server on a spool that was left, with a folder and SQLite, and checks what becomes of it.
pub fn takes_over(server: &mut Server) {
    takes_over_and(server, |server| {
        let features = server.features().into_iter();
        let features = features.map(|path| path.to_string_lossy().into_owned());
        (server.dumps(), features.collect(), rows_of_catalogue(server))
    });
}

/// The same with a bucket and PostgreSQL.
pub fn takes_over_to(remote: &Remote, server: &mut Server) {
    remote.configure(server);
    takes_over_and(server, |server| {
        let failed = server.spooled().len();
        assert!(failed == 0 || server.spooled().iter().all(|file| is_failed(file)));
        let dumps = remote.dumps();
        remote.assert_rows_of(&dumps);
        assert_eq!(remote.moto.uploads(), Vec::<String>::new(), "uploads in parts are left");
        let features = remote.features();
        assert_eq!(remote.features_of_rows(), features, "rows and features");
        (dumps, features, rows_of_table(remote))
    });
}

fn takes_over_and(server: &mut Server, look: impl Fn(&Server) -> (Vec<Dump>, Vec<String>, Rows)) {
    set_last_write(server);
    server.restart();
    settles(server);
    let (dumps, features, rows) = look(server);
    assert_stored(&dumps, &rows, &[Fate::Delivered, Fate::CutOff]);
    assert_features(&dumps, features);
    let mut failed = server.spooled();
    failed.retain(|file| !file.to_string_lossy().ends_with(FEATURES));
    assert_eq!(failed.len(), 2, "the failed one has a packed file and a manifest");
    let retry = server.run(&["spool", "retry", "--failed"]);
    assert!(retry.status.success(), "{retry:?}");
    // A server looks at the disk when it starts, but only within a minute while it runs.
    assert!(server.stop().success());
    server.restart();
    wait_until("the spool to be empty", || server.spooled().is_empty());
    let (dumps, features, rows) = look(server);
    assert_stored(&dumps, &rows, &[Fate::Delivered, Fate::CutOff, Fate::Failed]);
    assert_features(&dumps, features);
}

/// Waits until only failed dumps, and no tombstones, are left in the spool.
fn settles(server: &Server) {
    wait_until("only failed dumps to be in the spool", || {
        server.spooled().iter().all(|file| is_failed(file))
    });
    let tombstones = server.data().join("spool/erased");
    wait_until("the tombstones to go", || files_below(&tombstones).is_empty());
}

fn is_failed(file: &Path) -> bool {
    file.to_string_lossy().contains("/failed/")
}

/// The sessions with these fates are stored, each once, and no others.
fn assert_stored(dumps: &[Dump], rows: &Rows, fates: &[Fate]) {
    let expected = SESSIONS.iter().filter(|(_, fate)| fates.contains(fate));
    let expected: BTreeMap<&str, Fate> = expected.copied().collect();
    let mut of_dumps: Vec<String> = dumps.iter().map(label).collect();
    of_dumps.sort();
    assert!(of_dumps.iter().eq(expected.keys()), "stored: {of_dumps:?}");
    assert_eq!(rows.len(), dumps.len(), "rows and dumps");
    for dump in dumps {
        let label = label(dump);
        assert_content(dump, &label, expected[&*label]);
        let [_, user_of_row, conference, session, end] = rows
            .iter()
            .find(|[id, ..]| *id == dump.id())
            .unwrap_or_else(|| panic!("{label} has no row"));
        assert_eq!([user_of_row, conference, session], [user(&label), "weekly", &label]);
        assert_eq!(
            end == LAST_WRITE,
            expected[&*label] == Fate::CutOff,
            "{label} ended at {end}"
        );
    }
}

/// What is packed now has features, and what an older version has packed may go without. No others are there.
fn assert_features(dumps: &[Dump], mut features: Vec<String>) {
    for dump in dumps {
        let (label, path) = (label(dump), features_of(&dump.path));
        let found = features.iter().position(|features| Path::new(features) == path);
        let is_packed_now = ["recording", "ready"].iter().any(|state| label.starts_with(state));
        assert!(found.is_some() || !is_packed_now, "{label} has no features");
        found.map(|found| features.remove(found));
    }
    assert!(features.is_empty(), "features of nothing: {features:?}");
}

fn assert_content(dump: &Dump, label: &str, fate: Fate) {
    assert!(*dump.messages() == masked(label), "{label}: other lines are stored");
    assert_eq!(
        dump.metadata()["remoteAddresses"],
        Value::from(vec![ADDRESS_MASKED]),
        "{label}"
    );
    assert_eq!(dump.close_code() == 1006, fate == Fate::CutOff, "{label}");
    let text = dump.lines.concat();
    let secrets = [
        crate::takeover::said::ADDRESS,
        "203.0.113.77",
        "1:2:3:4",
        "rtcstatsServer",
        "eyJ",
    ];
    secrets
        .iter()
        .for_each(|secret| assert!(!text.contains(secret), "{label} tells {secret}"));
}

/// What the session called itself in its first line.
fn label(dump: &Dump) -> String {
    let first: Value = serde_json::from_str(&dump.messages()[0]).expect("a line is JSON");
    first[2].as_str().expect("a label").to_owned()
}

fn rows_of_catalogue(server: &Server) -> Rows {
    let text = |value: Option<String>| value.expect("a claim of the token");
    let rows = server.rows().into_iter().map(|row| {
        let rusqlite::types::Value::Text(end) = row.end else {
            panic!("{}: the end is no text", row.id)
        };
        [row.id, text(row.user), text(row.conference), text(row.session), end]
    });
    rows.collect()
}

fn rows_of_table(remote: &Remote) -> Rows {
    let query = "SELECT concat_ws(' ', id, rtcstats_user, rtcstats_conference, rtcstats_session, \
                 to_char(session_end AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')) FROM rtcstats";
    let row = |text: &String| {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        words.try_into().expect("five words")
    };
    remote.cluster.texts(query).iter().map(row).collect()
}
