//! `erase` with a bucket: what is told to be erased cannot be read any more, in no version; otherwise its row stays and
//! the command fails.

mod transactions;

use support::stored::FEATURES;
use support::strict_s3::{Answer, Content, Reply, Request, Versioning};
use support::{Server, StrictS3, each_at_once, wait_until};

use crate::s3::{assert_emptied, prepare_for, rows, session, told};

type Script = fn(&Request) -> Option<Answer>;

struct Case {
    name: &'static str,
    versioning: Versioning,
    /// What happens to the stored object before it is erased.
    before: fn(&StrictS3, &str),
    denied: &'static [&'static str],
    script: Script,
    is_erased: bool,
    /// What the command says.
    says: &'static [&'static str],
}

const PLAIN: Case = Case {
    name: "a bucket without versions",
    versioning: Versioning::Off,
    before: |_, _| {},
    denied: &[],
    script: |_| None,
    is_erased: true,
    says: &[],
};

const CASES: [Case; 29] = [
    PLAIN,
    Case {
        name: "the same with a key that may only delete",
        denied: &[
            "s3:GetObject",
            "s3:ListBucket",
            "s3:ListBucketVersions",
            "s3:GetBucketVersioning",
        ],
        says: &["grant s3:GetObject to have it asked"],
        ..PLAIN
    },
    Case {
        name: "a bucket with versions",
        versioning: Versioning::On,
        ..PLAIN
    },
    Case {
        name: "the same with a key that may not read",
        versioning: Versioning::On,
        denied: &["s3:GetObject", "s3:GetObjectVersion"],
        says: &["grant s3:GetObject to have it asked"],
        ..PLAIN
    },
    Case {
        name: "an object that was stored three times, in lists of one entry",
        versioning: Versioning::On,
        before: |store, key| {
            store.change(|store| store.page = 1);
            stored_again(store, key);
            stored_again(store, key);
        },
        ..PLAIN
    },
    Case {
        name: "an object that a marker hides already",
        versioning: Versioning::On,
        before: |store, key| drop(store.change(|store| store.delete("dumps", key, None))),
        ..PLAIN
    },
    Case {
        name: "a marker between two versions",
        versioning: Versioning::On,
        before: |store, key| {
            store.change(|store| store.delete("dumps", key, None));
            stored_again(store, key);
        },
        ..PLAIN
    },
    Case {
        name: "a bucket with versions and a key that may not list them",
        versioning: Versioning::On,
        denied: &["s3:ListBucketVersions"],
        is_erased: false,
        says: &["s3:ListBucketVersions"],
        ..PLAIN
    },
    Case {
        name: "a bucket with versions and a key that may not delete them",
        versioning: Versioning::On,
        denied: &["s3:DeleteObjectVersion"],
        is_erased: false,
        says: &["s3:DeleteObjectVersion"],
        ..PLAIN
    },
    Case {
        name: "a bucket with versions whose list has none, as behind a proxy that filters",
        versioning: Versioning::On,
        script: |request| listed(request, Reply::xml(200, "<ListVersionsResult></ListVersionsResult>")),
        is_erased: false,
        says: &["lists none"],
        ..PLAIN
    },
    Case {
        name: "the same where the list has another key's alone",
        versioning: Versioning::On,
        script: |request| {
            let other = "<Version><Key>other</Key><VersionId>1</VersionId></Version>";
            listed(
                request,
                Reply::xml(200, &format!("<ListVersionsResult>{other}</ListVersionsResult>")),
            )
        },
        is_erased: false,
        says: &["lists none"],
        ..PLAIN
    },
    Case {
        name: "a list of versions that is a page to sign in at",
        versioning: Versioning::On,
        script: |request| listed(request, Reply::page(200)),
        is_erased: false,
        says: &["could not be listed"],
        ..PLAIN
    },
    Case {
        name: "a list of versions that is cut off",
        versioning: Versioning::On,
        script: |request| listed(request, Reply::xml(200, "<ListVersionsResult><Version><Key>")),
        is_erased: false,
        says: &["could not be listed"],
        ..PLAIN
    },
    Case {
        name: "a list of objects in its place, of a store that does not know the question",
        versioning: Versioning::On,
        script: |request| listed(request, Reply::xml(200, "<ListBucketResult></ListBucketResult>")),
        is_erased: false,
        says: &["could not be listed"],
        ..PLAIN
    },
    Case {
        name: "versions and markers as another vendor names them",
        versioning: Versioning::On,
        script: |_| Some(Answer::Alter(Box::new(|reply| renamed(reply, "x-oss-")))),
        ..PLAIN
    },
    Case {
        name: "a marker of another vendor's and a list that is forbidden",
        versioning: Versioning::On,
        denied: &["s3:ListBucketVersions"],
        script: |_| Some(Answer::Alter(Box::new(|reply| renamed(reply, "x-obs-")))),
        is_erased: false,
        says: &["s3:ListBucketVersions"],
        ..PLAIN
    },
    Case {
        name: "Google with object versioning, which names generations only",
        versioning: Versioning::On,
        script: |request| generations(request),
        is_erased: false,
        says: &["older generations"],
        ..PLAIN
    },
    Case {
        name: "Google without object versioning",
        script: |request| generations(request),
        ..PLAIN
    },
    Case {
        name: "the same with a key that may not ask for it",
        denied: &["s3:GetBucketVersioning"],
        script: |request| generations(request),
        says: &["storage.buckets.get"],
        ..PLAIN
    },
    Case {
        name: "a bucket that locks its objects",
        versioning: Versioning::Locked,
        is_erased: false,
        says: &["lock"],
        ..PLAIN
    },
    Case {
        name: "a key that may not delete",
        denied: &["s3:DeleteObject"],
        is_erased: false,
        says: &["s3:DeleteObject"],
        ..PLAIN
    },
    Case {
        name: "a store that answers 404 for what is gone",
        before: |store, key| {
            let features = key.replace(".jsonl.gz", FEATURES);
            store.change(|store| [key, &features].map(|key| store.delete("dumps", key, None)));
        },
        script: |request| (request.method == "DELETE").then(|| Reply::error(404, "NoSuchKey").into()),
        ..PLAIN
    },
    Case {
        name: "a store that answers 404 after it has removed it",
        script: |request| (request.method == "DELETE").then(|| Answer::done_but(Reply::error(404, "NoSuchKey"))),
        ..PLAIN
    },
    Case {
        name: "a 204 after which it can still be read",
        script: |request| (request.method == "DELETE").then(|| Reply::status(204).into()),
        is_erased: false,
        says: &["can still be read"],
        ..PLAIN
    },
    Case {
        name: "a marker in a store that tells of no versions before",
        script: |request| {
            let reply = Reply::status(204).with("x-amz-delete-marker", "true");
            (request.method == "DELETE").then(|| reply.into())
        },
        is_erased: false,
        says: &[],
        ..PLAIN
    },
    Case {
        name: "202: it will be removed some time",
        script: |request| (request.method == "DELETE").then(|| Reply::status(202).into()),
        is_erased: false,
        says: &["202"],
        ..PLAIN
    },
    Case {
        name: "a page to sign in at",
        script: |request| (request.method == "DELETE").then(|| Reply::page(200).into()),
        is_erased: false,
        says: &[],
        ..PLAIN
    },
    Case {
        name: "an error in a 200",
        script: |request| (request.method == "DELETE").then(|| Reply::error(200, "InternalError").into()),
        is_erased: false,
        says: &["InternalError"],
        ..PLAIN
    },
    Case {
        name: "a redirect",
        script: |request| {
            let away = Reply::status(307).with("Location", "http://127.0.0.1:1/");
            (request.method == "DELETE").then(|| away.into())
        },
        is_erased: false,
        says: &["307"],
        ..PLAIN
    },
];

fn renamed(mut reply: Reply, prefix: &str) -> Reply {
    for (name, _) in &mut reply.headers {
        if let Some(rest) = name.strip_prefix("x-amz-") {
            *name = format!("{prefix}{rest}");
        }
    }
    reply
}

fn generations(request: &Request) -> Option<Answer> {
    let is_object = request.target.contains(".gz") && request.parameter("versions").is_none();
    is_object.then(|| {
        Answer::Alter(Box::new(|reply| {
            let reply = reply.without("x-amz-version-id").without("x-amz-delete-marker");
            match reply.status {
                200 | 204 => reply.with("x-goog-generation", "1764124800000001"),
                _ => reply,
            }
        }))
    })
}

fn listed(request: &Request, reply: Reply) -> Option<Answer> {
    request.parameter("versions").map(|_| reply.into())
}

fn stored_again(store: &StrictS3, key: &str) {
    store.change(|store| store.put("dumps", key, &Request::default()));
}

#[test]
fn what_is_told_to_be_erased_cannot_be_read() {
    each_at_once(
        &CASES,
        |case| case.name.to_owned(),
        |case| {
            let store = StrictS3::start();
            store.change(|store| store.buckets.get_mut("dumps").expect("one").versioning = case.versioning);
            let mut server = prepare_for(&store);
            server.restart();
            session(&server, &["[1]"]);
            rows(&server, 1);
            assert_emptied(&server);
            let key = store.dumps()[0].0.clone();
            stored_again(&store, &format!("{key}.old"));
            (case.before)(&store, &key);
            store.deny(case.denied);
            store.answer(case.script);
            let id = server.rows()[0].id.clone();
            let (done, said) = told(&server, &["erase", "--id", &id, "--yes"]);
            assert_eq!(done, case.is_erased, "{said}");
            case.says
                .iter()
                .for_each(|words| assert!(said.contains(words), "{words}: {said}"));
            let (left, beside) = (versions(&store, &key), versions(&store, &format!("{key}.old")));
            assert_eq!(beside, 1, "another object was touched");
            assert_eq!(server.rows().len(), usize::from(!case.is_erased), "{said}");
            assert!(
                if case.is_erased { left == 0 } else { left > 0 },
                "{left} are left: {said}"
            );
            assert!(case.is_erased || said.contains("0 stored dumps are erased"), "{said}");
        },
    );
}

/// Of objects; markers hold nothing.
fn versions(store: &StrictS3, key: &str) -> usize {
    store.change(|store| {
        let versions = store.buckets["dumps"].keys.get(key).into_iter().flatten();
        versions
            .filter(|version| matches!(version.content, Content::Object { .. }))
            .count()
    })
}

/// A dump that is on its way is erased by the server: what a store answers for an object that was never there does not
/// keep it waiting.
#[test]
fn a_dump_on_its_way_is_erased_whatever_is_said_of_nothing() {
    const ANSWERS: [(&str, Script); 3] = [
        ("204 of Amazon", |_| None),
        ("404 NoSuchKey", |request| {
            (request.method == "DELETE").then(|| Reply::error(404, "NoSuchKey").into())
        }),
        ("404 NoSuchVersion", |request| {
            (request.method == "DELETE").then(|| Reply::error(404, "NoSuchVersion").into())
        }),
    ];
    each_at_once(
        &ANSWERS,
        |(name, _)| (*name).to_owned(),
        |(_, script)| {
            let store = StrictS3::scripted(|request| (request.method == "PUT").then_some(Answer::Hang));
            let mut server: Server = prepare_for(&store);
            server.restart();
            session(&server, &["[1]"]);
            wait_until("the put", || store.count("PUT", ".jsonl.gz") > 0);
            server.kill();
            let name = server.spooled()[0]
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let (id, _) = name.split_once('.').expect("an id");
            let (_, said) = told(&server, &["erase", "--id", id, "--yes"]);
            assert!(said.contains("1 wait there"), "{said}");
            store.answer(*script);
            let before = server.log().len();
            server.restart();
            assert_emptied(&server);
            let tombstones = server.data().join("spool/erased");
            wait_until("the tombstone to go", || {
                std::fs::read_dir(&tombstones).is_ok_and(|mut left| left.next().is_none())
            });
            let log = server.log().split_off(before);
            assert!(!log.contains("is down"), "{log}");
            assert!(store.objects().is_empty() && server.rows().is_empty());
        },
    );
}
