//! `erase` in buckets that keep what is deleted, or say so: versions, locks, markers, and stores that answer otherwise.
//! Erased is what cannot be read any more, in no version; everything else is told, and its row stays.

use std::fs;

use support::moto::BUCKET;
use support::strict_s3::{Answer, Reply, Request, StrictS3, Versioning};
use support::{Client, Moto, Server, wait_until};

use crate::lifecycle::erase::{SECRET, told};

/// What a bucket does about one dump.
struct Case {
    what: &'static str,
    /// Before the dump is stored.
    before: fn(&StrictS3),
    /// After it is stored.
    after: fn(&StrictS3),
    /// What is said if it is kept.
    kept: Option<&'static str>,
}

fn nothing(_: &StrictS3) {}

fn versions(store: &StrictS3) {
    set(store, Versioning::On);
}

fn set(store: &StrictS3, versioning: Versioning) {
    store.change(|store| store.buckets.get_mut(BUCKET).expect("the bucket").versioning = versioning);
}

/// Another program has deleted the object, so that only its marker is met.
fn mark(store: &StrictS3) {
    store.change(|store| {
        let key = store.buckets[BUCKET].keys.keys().next().expect("an object").clone();
        store.delete(BUCKET, &key, None);
    });
}

fn is_delete(request: &Request) -> bool {
    request.method == "DELETE"
}

const CASES: [Case; 13] = [
    Case {
        what: "no versions",
        before: nothing,
        after: nothing,
        kept: None,
    },
    Case {
        what: "versions",
        before: versions,
        after: nothing,
        kept: None,
    },
    Case {
        what: "versions that began after the dump was stored",
        before: nothing,
        after: versions,
        kept: None,
    },
    Case {
        what: "versions that are suspended now",
        before: versions,
        after: |store| set(store, Versioning::Off),
        kept: None,
    },
    Case {
        what: "a marker of another program",
        before: versions,
        after: mark,
        kept: None,
    },
    Case {
        what: "versions that the key may not list",
        before: versions,
        after: |store| store.deny(&["s3:ListBucketVersions"]),
        kept: Some("s3:ListBucketVersions"),
    },
    Case {
        what: "versions that the key may not delete",
        before: versions,
        after: |store| store.deny(&["s3:DeleteObjectVersion"]),
        kept: Some("s3:DeleteObjectVersion"),
    },
    Case {
        what: "a lock",
        before: versions,
        after: |store| set(store, Versioning::Locked),
        kept: Some("lock"),
    },
    Case {
        what: "a key that may not delete",
        before: nothing,
        after: |store| store.deny(&["s3:DeleteObject"]),
        kept: Some("s3:DeleteObject"),
    },
    Case {
        what: "a key that may only delete",
        before: nothing,
        after: |store| store.deny(&["s3:GetObject", "s3:ListBucket", "s3:ListBucketVersions"]),
        kept: None,
    },
    Case {
        what: "404 for what is gone",
        before: nothing,
        after: |store| {
            store.change(|store| store.buckets.get_mut(BUCKET).expect("the bucket").keys.clear());
            store.answer(|request| is_delete(request).then(|| Reply::error(404, "NoSuchKey").into()));
        },
        kept: None,
    },
    Case {
        what: "404 for what was there a moment ago",
        before: nothing,
        after: |store| {
            let gone = || Answer::done_but(Reply::error(404, "NoSuchKey"));
            store.answer(move |request| is_delete(request).then(gone));
        },
        kept: None,
    },
    Case {
        what: "204 and nothing done",
        before: nothing,
        after: |store| store.answer(|request| is_delete(request).then(|| Reply::status(204).into())),
        kept: Some("can still be read"),
    },
];

fn deliver(server: &Server, user: &str, rows: usize) -> String {
    let (_, token, _) = told(server, &["token", "--user", user]);
    let mut client = Client::open(server.address(), &format!("/?rtcstats-token={}", token.trim()));
    client.send("[\"said\",null,null,0]");
    client.close(None);
    wait_until("its row", || server.rows().len() == rows);
    wait_until("the spool to be empty", || server.spooled().is_empty());
    let rows = server.rows();
    let row = rows.iter().find(|row| row.user.as_deref() == Some(user));
    row.expect("a row of this user").id.clone()
}

#[test]
fn erased_is_what_cannot_be_read_any_more() {
    let store = StrictS3::start();
    let mut server = Server::prepare(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)]);
    for (name, value) in store.environment() {
        server.set(&name, &value);
    }
    server.restart();
    let left = || store.change(|store| store.buckets[BUCKET].keys.values().map(Vec::len).sum::<usize>());
    for case in CASES {
        let what = case.what;
        (case.before)(&store);
        let id = deliver(&server, "alice", 1);
        (case.after)(&store);
        let (code, out, error) = told(&server, &["erase", "--user", "alice", "--yes"]);
        let erased = usize::from(case.kept.is_none());
        assert!(
            out.contains(&format!("{erased} stored dumps are erased")),
            "{what}: {out}{error}"
        );
        assert_eq!(
            (code, server.rows().len()),
            (1 - i32::try_from(erased).unwrap(), 1 - erased),
            "{what}: {error}"
        );
        assert_eq!(left() == 0, case.kept.is_none(), "{what}");
        if let Some(words) = case.kept {
            assert!(error.contains(&id) && error.contains(words), "{what}: {error}");
            store.answer_plainly();
            store.deny(&[]);
            set(&store, Versioning::On);
            assert_eq!(
                told(&server, &["erase", "--user", "alice", "--yes"]).0,
                0,
                "{what}: afterwards"
            );
            assert_eq!((left(), server.rows().len()), (0, 0), "{what}: afterwards");
        }
        store.answer_plainly();
        store.deny(&[]);
        set(&store, Versioning::Off);
    }
}

/// The store as a whole refuses: nothing is known of the object.
#[test]
fn a_bucket_that_is_away_is_not_an_object_that_is_gone() {
    let store = StrictS3::start();
    let mut server = Server::prepare(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)]);
    for (name, value) in store.environment() {
        server.set(&name, &value);
    }
    server.restart();
    deliver(&server, "alice", 1);
    for (status, code) in [(404, "NoSuchBucket"), (503, "SlowDown"), (403, "InvalidAccessKeyId")] {
        store.answer(move |_| Some(Reply::error(status, code).into()));
        let (exit, out, error) = told(&server, &["erase", "--user", "alice", "--yes"]);
        assert!(
            exit == 1 && out.contains("0 stored dumps are erased"),
            "{code}: {out}{error}"
        );
        assert_eq!((store.objects().len(), server.rows().len()), (2, 1), "{code}");
    }
}

/// Its row could not be written yet, so that delivery erases it, and the bucket keeps a version.
#[test]
fn a_dump_in_the_spool_whose_object_is_kept_waits_by_itself() {
    let store = StrictS3::start();
    versions(&store);
    let mut server = Server::prepare(&[]);
    for (name, value) in store.environment() {
        server.set(&name, &value);
    }
    let catalogue = server.data().join("catalog.db");
    fs::create_dir_all(&catalogue).expect("a folder in the way");
    server.restart();
    let mut client = Client::open(server.address(), "/");
    client.send("[\"said\",null,null,0]");
    client.close(None);
    wait_until("dump and features", || store.objects().len() == 2);
    let id = store.dumps()[0].0.trim_end_matches(".jsonl.gz").to_owned();
    server.kill();
    fs::remove_dir(&catalogue).expect("it is empty");
    set(&store, Versioning::Locked);
    let (code, _, error) = told(&server, &["erase", "--id", &id, "--yes"]);
    assert!(
        code == 1 && error.contains("1 of them when the server comes to them"),
        "{error}"
    );
    server.restart();
    wait_until("the word that it waits", || {
        let has = |line: &str| line.contains(&format!("dump {id} waits by itself")) && line.contains("lock");
        server.log().lines().any(has)
    });
    let left = || store.change(|store| store.buckets[BUCKET].keys.values().map(Vec::len).sum::<usize>());
    assert!(left() > 0 && !server.spooled().is_empty());
    set(&store, Versioning::On);
    wait_until("the spool to be empty", || server.spooled().is_empty());
    assert_eq!((left(), server.rows().len()), (0, 0));
}

/// How a bucket of another kind keeps what is deleted, and whether `erase` can delete it all the same.
const BUCKETS: [(&str, bool); 4] = [
    ("versions", true),
    ("suspended", true),
    ("legal-hold", false),
    ("retention", false),
];

/// The same with a store that others have written.
#[test]
fn versions_and_locks_of_another_store() {
    let moto = Moto::start();
    for (kind, goes) in BUCKETS {
        let bucket = format!("kept-{kind}");
        moto.create_keeping_bucket(&bucket, kind);
        let mut server = Server::prepare(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)]);
        for (name, value) in Moto::environment(&moto.endpoint(), moto.key()) {
            server.set(&name, &value);
        }
        server.set("RTCSTATS_STORAGE__S3__BUCKET", &bucket);
        server.restart();
        let id = deliver(&server, "alice", 1);
        moto.keep(&bucket, kind);
        let (code, out, error) = told(&server, &["erase", "--user", "alice", "--yes"]);
        let erased = usize::from(goes);
        assert!(
            out.contains(&format!("{erased} stored dumps are erased")),
            "{kind}: {out}{error}"
        );
        assert_eq!((code == 0, server.rows().len()), (goes, 1 - erased), "{kind}: {error}");
        assert_eq!(moto.versions(&bucket).is_empty(), goes, "{kind}");
        assert!(goes || error.contains(&id), "{kind}: {error}");
    }
}
