//! Tests that need no server: the URLs, and that a missing answer is the destination's fault.
use std::net::TcpListener;

use super::*;
use crate::redact::Secret;
use crate::whose::Whose;

fn options(endpoint: Option<&str>, path_style: bool) -> S3Options {
    S3Options {
        bucket: "dumps".to_owned(),
        region: Some("eu-central-1".to_owned()),
        endpoint: endpoint.map(str::to_owned),
        path_style: path_style.into(),
        key_pair: Some(KeyPair {
            id: Secret::new("correct"),
            secret: Secret::new("horse"),
        }),
        ..S3Options::default()
    }
}

#[test]
fn objects_are_named_as_the_sdks_name_them() {
    for (endpoint, path_style, expected) in [
        (None, false, "bucket https://dumps.s3.eu-central-1.amazonaws.com/"),
        (None, true, "bucket https://s3.eu-central-1.amazonaws.com/dumps/"),
        (
            Some("https://s3.example.org/"),
            false,
            "bucket https://dumps.s3.example.org/",
        ),
        (
            Some("https://example.org/s3"),
            true,
            "bucket https://example.org/s3/dumps/",
        ),
        (
            Some("http://127.0.0.1:9000"),
            false,
            "bucket http://127.0.0.1:9000/dumps/",
        ),
    ] {
        let s3 = S3::new(options(endpoint, path_style)).unwrap();
        assert_eq!(s3.describe(), expected);
        assert!(!format!("{s3:?}").contains("horse"));
    }
}

#[test]
fn a_server_that_is_not_there_gives_no_dump_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let s3 = S3::new(options(Some(&endpoint), false)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.jsonl.gz");
    std::fs::write(&file, "content").unwrap();
    let mut note = |_: Option<&str>| Ok(());
    let mut upload = Upload {
        id: None,
        note: &mut note,
    };
    let error = s3.put(&file, "claim/a.jsonl.gz", None, &mut upload).unwrap_err();
    let told = error.to_string();
    assert!(
        error.whose() == Whose::Destination && told.contains("refused") && !told.contains("claim"),
        "{told}"
    );
    assert!(
        s3.put(&folder.path().join("b"), "b", None, &mut upload)
            .unwrap_err()
            .whose()
            == Whose::Dump
    );
    assert!(s3.put(&file, "../b", None, &mut upload).unwrap_err().whose() == Whose::Dump);
    assert!(s3.key_of("https://example.org/dumps/a").unwrap_err().whose() == Whose::Dump);
    assert_eq!(s3.key_of(&format!("{endpoint}/dumps/a")).unwrap(), "a");
    assert_eq!(s3.remove("a").unwrap_err().whose(), Whose::Destination);
    assert_eq!(s3.probe().unwrap_err().whose(), Whose::Destination);
}
