//! The store that checks signatures strictly is held against what others say: AWS's published examples, and Amazon's
//! own library.
//!
//! Otherwise a fault of it would be taken for one of the server, or would hide one.

use std::path::Path;
use std::process::Command;

use support::StrictS3;
use support::place;
use support::strict_s3::signature::check;
use support::strict_s3::store::{Bucket, Versioning};
use support::strict_s3::{AccessKey, Request};
use time::OffsetDateTime;
use time::macros::datetime;

/// "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk (AWS Signature Version
/// 4)", its four examples: request line, headers, body, and the signature that they must have.
const EXAMPLES: [(&str, &[&str], &str, &str, &str); 4] = [
    (
        "GET /test.txt HTTP/1.1",
        &["Range: bytes=0-9", EMPTY],
        "",
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ),
    (
        "PUT /test$file.text HTTP/1.1",
        &[
            "Date: Fri, 24 May 2013 00:00:00 GMT",
            "x-amz-storage-class: REDUCED_REDUNDANCY",
            "x-amz-content-sha256: 44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
        ],
        "Welcome to Amazon S3.",
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ),
    (
        "GET /?lifecycle HTTP/1.1",
        &[EMPTY],
        "",
        "host;x-amz-content-sha256;x-amz-date",
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ),
    (
        "GET /?max-keys=2&prefix=J HTTP/1.1",
        &[EMPTY],
        "",
        "host;x-amz-content-sha256;x-amz-date",
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
];

const EMPTY: &str = "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const MIDNIGHT: OffsetDateTime = datetime!(2013-05-24 00:00 UTC);

fn example(number: usize) -> Request {
    let (line, headers, body, signed, signature) = EXAMPLES[number];
    let head = format!(
        "{line}\r\nHost: examplebucket.s3.amazonaws.com\r\nx-amz-date: 20130524T000000Z\r\n{}\r\nAuthorization: \
         AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders={signed},\
         Signature={signature}",
        headers.join("\r\n")
    );
    let mut request = Request::parse(head.as_bytes()).expect("a request");
    request.body = body.as_bytes().to_vec();
    request
}

/// The code with which it is refused; empty if it is not.
fn verdict(request: &Request, now: OffsetDateTime) -> &'static str {
    let key = AccessKey {
        id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
        token: None,
    };
    check(request, &[key], "us-east-1", now).map_or_else(|refusal| refusal.code, |()| "")
}

#[test]
fn the_published_examples_have_the_published_signatures() {
    for (number, (line, ..)) in EXAMPLES.iter().enumerate() {
        assert_eq!(verdict(&example(number), MIDNIGHT), "", "{line}");
    }
}

#[test]
fn whatever_is_changed_is_refused() {
    type Change = fn(&mut Request);
    let changes: [(&str, Change); 9] = [
        ("SignatureDoesNotMatch", |request| {
            request.target = "/test.txt+".to_owned()
        }),
        ("SignatureDoesNotMatch", |request| {
            request.target = "/test.txt?a".to_owned()
        }),
        ("SignatureDoesNotMatch", |request| request.method = "HEAD".to_owned()),
        ("SignatureDoesNotMatch", |request| set(request, "range", "bytes=0-8")),
        ("SignatureDoesNotMatch", |request| {
            set(request, "host", "examplebucket.s3.amazonaws.com:80")
        }),
        ("XAmzContentSHA256Mismatch", |request| request.body = b"more".to_vec()),
        ("AccessDenied", |request| set(request, "x-amz-acl", "private")),
        ("AccessDenied", |request| set(request, "content-type", "text/plain")),
        ("InvalidToken", |request| set(request, "x-amz-security-token", "")),
    ];
    for (number, (code, change)) in changes.into_iter().enumerate() {
        let mut request = example(0);
        change(&mut request);
        assert_eq!(verdict(&request, MIDNIGHT), code, "change {number}");
    }
    let late = MIDNIGHT + time::Duration::minutes(16);
    assert_eq!(verdict(&example(0), late), "RequestTimeTooSkewed");
    assert_eq!(verdict(&example(0), MIDNIGHT - time::Duration::minutes(14)), "");
}

fn set(request: &mut Request, name: &str, value: &str) {
    request.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    request.headers.push((name.to_owned(), value.to_owned()));
}

/// The script makes its own assertions about what the library is told; see there.
#[test]
fn amazons_library_gets_on_with_it() {
    let ids = ["plain", "AB+c/d==", "2~Xl+M/iszJktw==", "a b", "a&b", "x%2By", "ü/é"];
    let store = StrictS3::start();
    store.change(|store| {
        store.upload_ids = [ids, ids].concat().into_iter().map(str::to_owned).collect();
        for (name, versioning) in [("versions", Versioning::On), ("locked", Versioning::Locked)] {
            let bucket = Bucket {
                versioning,
                ..Bucket::default()
            };
            store.buckets.insert(name.to_owned(), bucket);
        }
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/destinations/strict/boto.py");
    let (id, secret) = store.key();
    let mut command = Command::new(place::tools().join("moto/bin/python"));
    command.arg(script).args([&store.endpoint(), &id, &secret]).args(ids);
    let output = command.output().expect("Python is installed: tests/tools.sh does it");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert_eq!(
        (store.uploads().len(), store.change(|store| store.aborted.len())),
        (0, ids.len())
    );
    let refused = store.requests().into_iter().filter_map(|request| request.refusal);
    let codes: Vec<String> = refused.filter(|code| !code.starts_with("NoSuch")).collect();
    let expected = [
        "SignatureDoesNotMatch",
        "InvalidAccessKeyId",
        "InvalidToken",
        "AuthorizationHeaderMalformed",
    ];
    assert_eq!(codes, expected);
}
