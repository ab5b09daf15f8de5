//! Features beside their dumps in a bucket: one object for each dump, which never holds the dump back and goes with it.

use std::sync::atomic::{AtomicUsize, Ordering};

use rtcstats_server::spool::{self, ToExtract};
use rusqlite::Connection;
use support::moto::BUCKET;
use support::stored::{FEATURES, features_of};
use support::strict_s3::{Answer, Reply};
use support::{Moto, Recorded, Server, StrictS3, each_at_once, wait_until};

use crate::s3::{assert_emptied, assert_held_back, prepare_for, rows, session, start, told};

#[test]
fn each_dump_has_those_of_its_lines_beside_it() {
    let moto = Moto::start();
    let headers = "RTCSTATS_STORAGE__S3__HEADERS__X-AMZ-";
    let server = start(&moto, &[(&format!("{headers}STORAGE-CLASS"), "STANDARD_IA")]);
    let recorded = ["short-session", "turn-relay", "derived-line-zoo"].map(Recorded::named);
    for recorded in &recorded {
        let lines: Vec<&str> = recorded.messages.iter().map(String::as_str).collect();
        session(&server, &lines);
    }
    rows(&server, 3);
    assert_emptied(&server);
    let (objects, dumps) = (moto.objects(BUCKET), moto.dumps(BUCKET));
    assert_eq!((objects.len(), dumps.len()), (6, 3));
    for dump in dumps {
        let key = features_of(dump.key.as_ref()).display().to_string();
        let features = objects.iter().find(|object| object.key == key).expect(&key);
        let kind = (features.content_type.as_str(), features.storage_class.as_str());
        assert_eq!(kind, ("application/json", "STANDARD_IA"));
        let lines = dump.lines().join("\n") + "\n";
        let made = spool::extracted(&mut lines.as_bytes(), &ToExtract::default()).expect("lines in memory");
        assert!(made.features == Some(Ok(features.content.clone())), "{key}");
        let url = format!("{}/{BUCKET}/{key}", moto.endpoint());
        let leading = server
            .rows()
            .into_iter()
            .filter(|row| row.features_url.as_ref() == Some(&url));
        assert_eq!(leading.count(), 1, "{url}");
    }
}

/// What a store can say of the features alone.
type Refusal = (&'static str, fn() -> Reply);

const REFUSALS: [Refusal; 6] = [
    ("a permission for some keys", || Reply::error(403, "AccessDenied")),
    ("a firewall that dislikes the body", || Reply::page(403)),
    ("a header that a rule dislikes", || Reply::error(400, "InvalidRequest")),
    ("too much", || Reply::error(400, "EntityTooLarge")),
    ("an object that may not be replaced", || Reply::status(412)),
    ("a lock of WebDAV", || Reply::status(423)),
];

#[test]
fn features_that_are_refused_hold_no_dump_back() {
    each_at_once(
        &REFUSALS,
        |(name, _)| (*name).to_owned(),
        |(_, reply)| {
            let store = StrictS3::start();
            let reply = *reply;
            store.answer(move |request| request.is("PUT", FEATURES).then(|| Answer::from(reply())));
            let mut server = prepare_for(&store);
            server.restart();
            session(&server, &["[1]"]);
            rows(&server, 1);
            assert_emptied(&server);
            assert_eq!((store.dumps().len(), store.objects().len()), (1, 1));
            let row = server.rows().remove(0);
            let why = row.metadata["featuresMissing"].as_str().unwrap_or_default();
            assert!(
                row.features_url.is_none() && why.starts_with("the store refused them: "),
                "{row:?}"
            );
            let log = server.log();
            assert!(
                log.contains("goes without features: ") && !log.contains("is down"),
                "{log}"
            );
            store.answer_plainly();
            let (done, said) = told(&server, &["features", "--backfill"]);
            assert!(done, "{said}");
            let row = server.rows().remove(0);
            assert!(
                row.features_url.is_some() && row.metadata.get("featuresMissing").is_none(),
                "{row:?}"
            );
            assert_eq!((store.dumps().len(), store.objects().len()), (1, 2));
        },
    );
}

/// What says nothing about the features but something about the store.
type Outage = (&'static str, fn() -> Answer);

const OUTAGES: [Outage; 4] = [
    ("a store that is overloaded", || Reply::error(503, "SlowDown").into()),
    ("a store that fails", || Reply::status(500).into()),
    ("a connection that is closed", || Answer::Close),
    ("an answer that never comes, though all was done", || Answer::Cut),
];

#[test]
fn a_store_that_fails_at_the_features_delays_the_dump_with_them() {
    each_at_once(
        &OUTAGES,
        |(name, _)| (*name).to_owned(),
        |(_, answer)| {
            let store = StrictS3::start();
            let (answer, failed) = (*answer, AtomicUsize::new(0));
            store.answer(move |request| {
                let fails = request.is("PUT", FEATURES) && failed.fetch_add(1, Ordering::Relaxed) < 2;
                fails.then(answer)
            });
            let mut server = prepare_for(&store);
            server.restart();
            session(&server, &["[1]"]);
            wait_until("a second try", || store.count("PUT", FEATURES) >= 2);
            assert_held_back(&server, 1);
            assert!(server.rows().is_empty());
            server.kill();
            server.restart();
            rows(&server, 1);
            assert_emptied(&server);
            let row = server.rows().remove(0);
            assert!(
                row.features_url.is_some() && row.metadata.get("featuresMissing").is_none(),
                "{row:?}"
            );
            assert_eq!((store.dumps().len(), store.objects().len()), (1, 2));
        },
    );
}

/// Where the features are follows from where the dump is. What the row says of them is for readers; only where it leads
/// to something that cannot be removed, nothing is, and that is told.
#[test]
fn features_go_with_their_dump_whatever_the_row_says() {
    for says in [
        "NULL",
        "blob_url",
        "'https://elsewhere.example/dumps/foreign.features.json'",
    ] {
        let store = StrictS3::start();
        let mut server = prepare_for(&store);
        server.restart();
        ["[1]", "[2]"].iter().for_each(|line| session(&server, &[line]));
        rows(&server, 2);
        assert_emptied(&server);
        let id = server.rows().remove(0).id;
        set_features_url(&server, &id, says);
        let erase = || told(&server, &["erase", "--id", &id, "--yes"]);
        if says.contains("elsewhere") {
            let (done, said) = erase();
            assert!(!done && said.contains("it lies outside of this store"), "{said}");
            assert_eq!((store.objects().len(), server.rows().len()), (4, 2));
            set_features_url(&server, &id, "NULL");
        }
        let (done, said) = erase();
        assert!(done, "{said}");
        let left = store.objects();
        assert!(
            left.len() == 2 && left.iter().all(|(key, _)| !key.contains(&id)),
            "{says}: {left:?}"
        );
        assert_eq!(server.rows().len(), 1);
    }
}

fn set_features_url(server: &Server, id: &str, expression: &str) {
    let catalogue = Connection::open(server.data().join("catalog.db")).expect("the catalogue opens");
    let update = format!("UPDATE rtcstats SET features_url = {expression} WHERE id = '{id}'");
    assert_eq!(catalogue.execute(&update, []).expect("it is done"), 1);
}
