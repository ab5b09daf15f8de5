//! What becomes of a session: one object with the masked dump, and one row with its URL.

use rtcstats_server::redact::Secret;
use rtcstats_server::storage::{Copies, Copying, Directory, KeyPair, Removed, S3, S3Options, Storage};
use rtcstats_server::whose::Whose;
use support::moto::BUCKET;
use support::{Dump, Moto, Server};

use crate::s3::{assert_emptied, prepare, rows, session, start};

const CANDIDATE: &str =
    r#"["onicecandidate","PC_0",{"candidate":"candidate:1 1 udp 2122260223 203.0.113.77 50000 typ host"},3]"#;

#[test]
fn a_session_becomes_one_object_and_one_row() {
    let moto = Moto::start();
    let headers = "RTCSTATS_STORAGE__S3__HEADERS__X-AMZ-";
    let server = start(
        &moto,
        &[
            ("RTCSTATS_STORAGE__S3__KEY", "{date}/{user}/{id}.jsonl.gz"),
            (&format!("{headers}STORAGE-CLASS"), "STANDARD_IA"),
            (&format!("{headers}META-ORIGIN"), "a test"),
        ],
    );
    session(&server, &[CANDIDATE, r#"["custom",null,{"text":"héllo"},7]"#]);
    let urls = rows(&server, 1);
    assert_emptied(&server);
    let objects = moto.dumps(BUCKET);
    assert_eq!((objects.len(), server.dumps().len()), (1, 0));
    let object = &objects[0];
    assert_eq!(urls[0], format!("{}/{BUCKET}/{}", moto.endpoint(), object.key));
    let id = server.rows()[0].id.clone();
    assert!(object.key.ends_with(&format!("/_/{id}.jsonl.gz")), "{}", object.key);
    assert_eq!(
        (object.content_type.as_str(), object.storage_class.as_str()),
        ("application/gzip", "STANDARD_IA")
    );
    assert_eq!(object.metadata.get("origin").map(String::as_str), Some("a test"));
    let lines = object.lines();
    assert_eq!((lines.len(), lines[0].as_str()), (5, "RTCStatsDump"));
    assert_eq!(lines[2], CANDIDATE.replace("203.0.113.77", "203.0.113.x"));
    assert_eq!(lines[3], r#"["custom",null,{"text":"héllo"},7]"#);
    assert!(lines[4].starts_with(r#"["close",null,1005,"#), "{}", lines[4]);
    assert!(
        server
            .log()
            .contains(&format!("bucket {}/{BUCKET}/ answers", moto.endpoint()))
    );
    assert!(moto.uploads().is_empty());
}

/// The bucket gets byte for byte what the folder store would have got.
#[test]
fn the_object_is_the_dump_that_the_folder_store_has() {
    let moto = Moto::start();
    let folder = Server::start(&[]);
    let bucket = start(&moto, &[]);
    for server in [&folder, &bucket] {
        for lines in [&["[]"][..], &["no JSON from 203.0.113.77"], &[CANDIDATE, "[1]", ""]] {
            session(server, lines);
        }
    }
    let events = |lines: &[String]| lines[2..lines.len() - 1].to_vec();
    let mut stored: Vec<_> = folder
        .delivered(3)
        .iter()
        .map(|dump: &Dump| events(&dump.lines))
        .collect();
    rows(&bucket, 3);
    let mut objects: Vec<_> = moto
        .dumps(BUCKET)
        .iter()
        .map(|object| events(&object.lines()))
        .collect();
    stored.sort();
    objects.sort();
    assert_eq!(objects, stored);
    assert!(objects.iter().any(|lines| lines.len() == 1));
}

/// A name of the greatest length that S3 accepts, with everything that URLs and signatures have to encode.
#[test]
fn odd_names_are_signed_and_named_alike() {
    let moto = Moto::start();
    let server = start(
        &moto,
        &[("RTCSTATS_STORAGE__S3__KEY", "a b/é+~'(1)*!$&=;:@,%41/{id}.jsonl.gz")],
    );
    session(&server, &["[1]"]);
    let urls = rows(&server, 1);
    let id = server.rows()[0].id.clone();
    assert_eq!(
        moto.dumps(BUCKET)[0].key,
        format!("a b/é+~'(1)*!$&=;:@,%41/{id}.jsonl.gz")
    );
    assert_eq!(
        urls[0],
        format!(
            "{}/{BUCKET}/a%20b/%C3%A9%2B~%27%281%29%2A%21%24%26%3D%3B%3A%40%2C%2541/{id}.jsonl.gz",
            moto.endpoint()
        )
    );
}

#[test]
fn a_probe_tells_what_is_wrong_before_the_server_starts() {
    let moto = Moto::start();
    let mut server = prepare(&moto.endpoint(), moto.key(), &[]);
    std::fs::create_dir(server.data()).expect("a data folder");
    let check = |server: &Server| {
        let output = server.run(&["check-config", "--probe"]);
        let told = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(told).expect("text"))
    };
    let (good, told) = check(&server);
    assert!(
        good && told.contains(&format!("# probe: ok  storage bucket {}/{BUCKET}/", moto.endpoint())),
        "{told}"
    );
    assert!(!told.contains(&moto.key().1), "a secret was printed");
    server.set("RTCSTATS_STORAGE__S3__BUCKET", "missing");
    let (good, told) = check(&server);
    assert!(
        !good && told.contains("the bucket does not exist (404 NoSuchBucket)"),
        "{told}"
    );
    server.set("RTCSTATS_STORAGE__S3__SECRET_ACCESS_KEY", "wrong");
    let (good, told) = check(&server);
    assert!(
        !good && told.contains("(403 SignatureDoesNotMatch)") && !told.contains("wrong\""),
        "{told}"
    );
}

#[test]
fn an_object_is_removed_by_its_url_and_nothing_else_is() {
    let moto = Moto::start();
    let server = start(&moto, &[]);
    session(&server, &["[1]"]);
    session(&server, &["[2]"]);
    let urls = rows(&server, 2);
    let store = |bucket: &str| {
        let (id, secret) = moto.key().clone();
        let options = S3Options {
            bucket: bucket.to_owned(),
            endpoint: Some(moto.endpoint()),
            key_pair: Some(KeyPair {
                id: Secret::new(id),
                secret: Secret::new(secret),
            }),
            ..S3Options::default()
        };
        let bucket = S3::new(options).expect("options that fit");
        let copies = Copies::new(
            Directory::new(&server.data().join("copies")).expect("a path"),
            Copying::Off,
        );
        Storage::from(bucket).with_copies(copies)
    };
    for foreign in [
        &urls[0].replace(BUCKET, "other"),
        &format!("{}?versionId=1", urls[0]),
        "file:///etc/passwd",
    ] {
        let error = store(BUCKET).remove(foreign).expect_err("a foreign URL");
        assert_eq!(error.whose(), Whose::Dump, "{foreign}");
    }
    assert_eq!(moto.dumps(BUCKET).len(), 2);
    assert_eq!(store(BUCKET).remove(&urls[0]).expect("it is removed"), Removed::Now);
    assert_eq!(store(BUCKET).remove(&urls[0]).expect("it is gone"), Removed::Before);
    let left = moto.dumps(BUCKET);
    assert_eq!(left.len(), 1);
    assert!(urls[1].ends_with(&left[0].key));
    let missing = urls[1].replace(BUCKET, "other");
    let error = store("other").remove(&missing).expect_err("no bucket");
    assert_eq!(error.whose(), Whose::Destination);
}
