//! Reading what is stored: `Storage::get`, whole and in parts, from moto, a strict store, and a store that is away or
//! says something else.

use std::io::Read;
use std::net::TcpListener;

use rtcstats_server::redact::Secret;
use rtcstats_server::storage::{ByteRange, KeyPair, S3, S3Options, Storage, StorageError, Upload};
use rtcstats_server::whose::Whose;
use support::moto::{BUCKET, Key};
use support::strict_s3::{Answer, Reply, Request};
use support::{Moto, StrictS3};

fn store(endpoint: &str, (id, secret): Key) -> Storage {
    let options = S3Options {
        bucket: BUCKET.to_owned(),
        endpoint: Some(endpoint.to_owned()),
        key_pair: Some(KeyPair {
            id: Secret::new(id),
            secret: Secret::new(secret),
        }),
        ..S3Options::default()
    };
    rtcstats_server::tls::install();
    S3::new(options).expect("options that fit").into()
}

/// Stores these bytes, and returns the URL.
fn put(store: &Storage, key: &str, content: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), content).expect("it is written");
    let mut note = |_: Option<&str>| Ok(());
    let mut upload = Upload {
        id: None,
        note: &mut note,
    };
    store.put(file.path(), key, None, &mut upload).expect("it is stored")
}

fn read(store: &Storage, url: &str, from: u64, length: Option<u64>) -> (Option<u64>, Vec<u8>) {
    let mut content = store.get(url, ByteRange { from, length }).expect("it can be read");
    let mut bytes = Vec::new();
    content.read_to_end(&mut bytes).expect("it comes to its end");
    (content.length(), bytes)
}

/// Each part, as long as the store says it is.
fn reads_every_part(store: &Storage, key: &str) {
    let content: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
    let end = content.len() as u64;
    let url = put(store, key, &content);
    for (from, length, expected) in [
        (0, None, 0..content.len()),
        (0, Some(2), 0..2),
        (0, Some(0), 0..0),
        (77, Some(3), 77..80),
        (77, None, 77..content.len()),
        (end - 1, Some(9), content.len() - 1..content.len()),
        (end, None, 0..0),
        (end + 9, Some(1), 0..0),
    ] {
        let (said, bytes) = read(store, &url, from, length);
        assert!(
            bytes == content[expected.clone()],
            "{from} {length:?}: {} bytes",
            bytes.len()
        );
        assert_eq!(said, Some(expected.len() as u64), "{from} {length:?}");
    }
}

#[test]
fn an_object_is_read_whole_and_in_parts() {
    let moto = Moto::start();
    reads_every_part(&store(&moto.endpoint(), moto.key().clone()), "a b/é+~'(1)/a.jsonl.gz");
    let strict = StrictS3::start();
    reads_every_part(&store(&strict.endpoint(), strict.key()), "a b/é+~'(1)/a.jsonl.gz");
    let ranges = strict.requests().iter().filter(|request| request.status == 206).count();
    assert!(ranges > 0, "only parts are sent");
}

/// A proxy may take the header away, and some stores do not know it.
#[test]
fn a_store_without_ranges_gives_the_same() {
    let strict = StrictS3::start();
    let store = store(&strict.endpoint(), strict.key());
    let url = put(&store, "a", b"0123456789");
    strict.answer(|request: &Request| (request.method == "GET").then(|| Reply::status(200).body("0123456789").into()));
    assert_eq!(read(&store, &url, 3, Some(4)), (Some(4), b"3456".to_vec()));
    assert_eq!(read(&store, &url, 3, None), (Some(7), b"3456789".to_vec()));
    assert_eq!(read(&store, &url, 30, None), (Some(0), Vec::new()));
}

struct Unread {
    name: &'static str,
    script: fn(&Request) -> Option<Answer>,
    denied: &'static [&'static str],
    whose: Whose,
    says: &'static str,
}

fn if_get(request: &Request, reply: Reply) -> Option<Answer> {
    (request.method == "GET").then(|| reply.into())
}

const UNREAD: [Unread; 8] = [
    Unread {
        name: "no right to read",
        script: |_| None,
        denied: &["s3:GetObject"],
        whose: Whose::Rule,
        says: "grant s3:GetObject to whoever reads dumps, which collecting does not need",
    },
    Unread {
        name: "gone",
        script: |request| if_get(request, Reply::error(404, "NoSuchKey")),
        denied: &[],
        whose: Whose::Dump,
        says: "does not have this object",
    },
    Unread {
        name: "no such bucket",
        script: |request| if_get(request, Reply::error(404, "NoSuchBucket")),
        denied: &[],
        whose: Whose::Destination,
        says: "the bucket does not exist",
    },
    Unread {
        name: "in an archive",
        script: |request| if_get(request, Reply::error(403, "InvalidObjectState")),
        denied: &[],
        whose: Whose::Rule,
        says: "the object is in an archive",
    },
    Unread {
        name: "a wrong key",
        script: |request| if_get(request, Reply::error(403, "SignatureDoesNotMatch")),
        denied: &[],
        whose: Whose::Destination,
        says: "the secret access key is not that of the id",
    },
    Unread {
        name: "another part",
        script: |request| {
            if_get(
                request,
                Reply::status(206).with("Content-Range", "bytes 0-1/9").body("ab"),
            )
        },
        denied: &[],
        whose: Whose::Destination,
        says: "another part of the object",
    },
    Unread {
        name: "a page to sign in at",
        script: |request| if_get(request, Reply::page(200)),
        denied: &[],
        whose: Whose::Destination,
        says: "a web page came",
    },
    Unread {
        name: "nothing",
        script: |request| (request.method == "GET").then_some(Answer::Close),
        denied: &[],
        whose: Whose::Destination,
        says: "the connection was closed",
    },
];

#[test]
fn what_keeps_an_object_from_being_read_is_told_with_what_to_do() {
    for case in UNREAD {
        let strict = StrictS3::start();
        let store = store(&strict.endpoint(), strict.key());
        let url = put(&store, "alice/a.jsonl.gz", b"0123456789");
        strict.answer(case.script);
        strict.deny(case.denied);
        strict.forget_requests();
        let part = ByteRange { from: 5, length: None };
        let error = store.get(&url, part).expect_err(case.name);
        let told = error.to_string();
        assert!(told.contains(case.says), "{}: {told}", case.name);
        assert!(!told.contains("alice") && !told.contains(&strict.key().1), "{told}");
        assert_eq!(error.whose(), case.whose, "{}: {told}", case.name);
        let requests = strict.requests();
        assert!(requests.iter().all(|request| request.method == "GET"), "{}", case.name);
    }
}

#[test]
fn an_object_that_is_cut_off_fails_at_its_end() {
    let strict = StrictS3::start();
    let store = store(&strict.endpoint(), strict.key());
    let url = put(&store, "a", b"0123456789");
    strict.answer(|request| {
        if_get(
            request,
            Reply::status(200).with("Content-Length", "11").body("0123456789"),
        )
    });
    let mut content = store.get(&url, ByteRange::ALL).expect("it begins");
    let mut bytes = Vec::new();
    let error = content.read_to_end(&mut bytes).expect_err("it does not end");
    assert_eq!(bytes, b"0123456789", "what came is given");
    assert_eq!(
        error.to_string(),
        "the connection was closed before the end of the object"
    );
}

#[test]
fn nothing_is_asked_of_another_store() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let store = store(&endpoint, ("id".to_owned(), "secret".to_owned()));
    let away = store
        .get(&format!("{endpoint}/{BUCKET}/a"), ByteRange::ALL)
        .expect_err("it is away");
    assert_eq!(away.whose(), Whose::Destination);
    for foreign in ["https://example.org/dumps/a", "file:///etc/passwd", "a"] {
        let error = store.get(foreign, ByteRange::ALL).expect_err("another store's");
        assert!(matches!(error, StorageError::Foreign(_)), "{foreign}: {error}");
    }
}
