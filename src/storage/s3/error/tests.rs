//! What answers come to: whose fault, in which words, and never more of an answer than its code.
use super::*;

fn body(code: &str) -> String {
    format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>of alice</Message></Error>")
}

fn error(status: u16, headers: &[(&str, &str)], body: &str) -> Error {
    Error::answer(&Answer::of(status, headers, body), "us-east-1")
}

#[test]
fn only_what_names_the_object_gives_a_dump_up() {
    for (status, code, blame) in [
        (400, "EntityTooLarge", Blame::Dump),
        (400, "KeyTooLongError", Blame::Dump),
        (413, "", Blame::Rule),
        (404, "NoSuchUpload", Blame::Rule),
        (400, "InvalidPart", Blame::Rule),
        (400, "ExpiredToken", Blame::Credentials),
        (403, "InvalidAccessKeyId", Blame::Credentials),
        (403, "", Blame::Credentials),
        (400, "BadDigest", Blame::Destination),
        (400, "KMS.DisabledException", Blame::Destination),
        (400, "", Blame::Destination),
        (404, "NoSuchBucket", Blame::Destination),
        (301, "PermanentRedirect", Blame::Destination),
        (409, "OperationAborted", Blame::Destination),
        (503, "SlowDown", Blame::Destination),
        (200, "InternalError", Blame::Destination),
        (200, "SlowDown", Blame::Destination),
    ] {
        let error = error(status, &[], &body(code));
        assert_eq!(error.blame, blame, "{status} {code}: {error}");
    }
}

#[test]
fn of_an_answer_only_its_code_is_told() {
    let told = error(403, &[], &body("SignatureDoesNotMatch")).to_string();
    assert_eq!(
        told,
        "the secret access key is not that of the id (403 SignatureDoesNotMatch)"
    );
    for odd in ["alice bob", "a<b", "\u{1b}[2J", &"x".repeat(CODE_BYTES_MAX + 1)] {
        assert_eq!(error(500, &[], &body(odd)).to_string(), "the store fails (500)");
    }
    assert_eq!(error(502, &[], "alice <html>").to_string(), "the store fails (502)");
}

#[test]
fn each_odd_answer_says_what_to_do() {
    const NEW: &[(&str, &str)] = &[("x-amz-bucket-region", "eu-west-1")];
    const OWN: &[(&str, &str)] = &[("x-amz-bucket-region", "us-east-1")];
    const EVIL: &[(&str, &str)] = &[("x-amz-bucket-region", "alice\u{7}")];
    const HTML: &[(&str, &str)] = &[("content-type", "text/html; charset=utf-8")];
    const REGION: &str = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>";
    type Case<'a> = (u16, &'a [(&'a str, &'a str)], &'a str, &'a str);
    const CASES: [Case<'_>; 15] = [
        (
            301,
            NEW,
            "",
            "the bucket is in eu-west-1: set storage.s3.region to it (301)",
        ),
        (
            400,
            NEW,
            "",
            "the bucket is in eu-west-1: set storage.s3.region to it (400)",
        ),
        (
            400,
            &[],
            REGION,
            "the bucket is in eu-west-1: set storage.s3.region to it (400 Author",
        ),
        (400, OWN, "", "the request is refused (400)"),
        (403, NEW, "", "no permission, or a wrong key (403)"),
        (
            301,
            EVIL,
            "",
            "it sends elsewhere, which is not followed: storage.s3.region or",
        ),
        (
            307,
            &[("location", "http://other")],
            "",
            "it sends elsewhere, which is not followed: storage.s3.reg",
        ),
        (302, HTML, "log in", "a web page came instead of a store's answer"),
        (
            404,
            &[],
            "\n<!DOCTYPE html><html>",
            "a web page came instead of a store's answer",
        ),
        (403, HTML, "no", "a web page came instead of a store's answer"),
        (
            413,
            HTML,
            "<html>",
            "the object is too large for the store, or for a proxy before it (413)",
        ),
        (407, &[], "", "the proxy wants a user and a password"),
        (507, &[], "", "the store is full"),
        (
            503,
            &[],
            "<Error><Code>SlowDown</Code></Error>",
            "the store asks to go slower (503 SlowDown)",
        ),
        (304, &[], "", "it sends elsewhere"),
    ];
    for (status, headers, body, expected) in CASES {
        let told = error(status, headers, body).to_string();
        assert!(told.starts_with(expected), "{status} {headers:?} {body}: {told}");
    }
}

#[test]
fn what_is_odd_about_parts_holds_up_large_dumps_only() {
    let code = |code: &str| format!("<Error><Code>{code}</Code></Error>");
    for (status, body, blame) in [
        (200, code("InternalError"), Blame::Rule),
        (200, "<html>log in</html>".to_owned(), Blame::Rule),
        (501, code("NotImplemented"), Blame::Rule),
        (400, code("InvalidRequest"), Blame::Rule),
        (200, code("SlowDown"), Blame::Destination),
        (503, code("SlowDown"), Blame::Destination),
        (500, String::new(), Blame::Destination),
        (404, code("NoSuchBucket"), Blame::Destination),
        (404, String::new(), Blame::Rule),
        (404, "<html>not found</html>".to_owned(), Blame::Rule),
        (403, code("InvalidAccessKeyId"), Blame::Credentials),
        (301, String::new(), Blame::Destination),
    ] {
        assert_eq!(error(status, &[], &body).of_parts().blame, blame, "{status} {body}");
    }
    let odd = Error::odd(&Answer::of(200, &[], ""), "no id").of_parts();
    assert_eq!(odd.blame, Blame::Rule);
}

#[test]
fn a_refusal_may_be_about_one_object_unless_it_is_about_all() {
    let code = |code: &str| format!("<Error><Code>{code}</Code></Error>");
    const NEW: &[(&str, &str)] = &[("x-amz-bucket-region", "eu-west-1")];
    for (status, headers, body, expected) in [
        (403, &[][..], code("AccessDenied"), true),
        (403, &[], String::new(), true),
        (403, &[], "<html>blocked</html>".to_owned(), true),
        (400, &[], code("InvalidRequest"), true),
        (409, &[], code("OperationAborted"), true),
        (412, &[], String::new(), true),
        (423, &[], String::new(), true),
        (401, &[], String::new(), false),
        (404, &[], code("NoSuchBucket"), false),
        (407, &[], String::new(), false),
        (408, &[], String::new(), false),
        (429, &[], String::new(), false),
        (400, NEW, String::new(), false),
        (400, &[], code("ExpiredToken"), false),
        (403, &[], code("InvalidAccessKeyId"), false),
        (403, &[], code("RequestTimeTooSkewed"), false),
        (503, &[], String::new(), false),
        (301, &[], String::new(), false),
        (200, &[], code("InternalError"), false),
    ] {
        let error = error(status, headers, &body);
        assert_eq!(error.may_be_about_one(), expected, "{status} {body}: {error}");
    }
}

#[test]
fn the_clock_is_compared_with_the_stores() {
    let then = OffsetDateTime::now_utc() - time::Duration::minutes(25);
    let date = then.format(&Rfc2822).unwrap().replace("+0000", "GMT");
    let told = error(403, &[("date", &date)], &body("RequestTimeTooSkewed")).to_string();
    assert_eq!(
        told,
        "this machine's clock is wrong: 25 min ahead of the store's (403 RequestTimeTooSkewed)"
    );
    assert!(ahead(&Answer::of(200, &[("date", "yesterday")], "")).is_none());
}

#[test]
fn a_page_is_never_a_missing_object() {
    assert!(error(404, &[], "").is_missing());
    assert!(error(404, &[("content-type", "text/html")], "").is_missing());
    assert!(error(404, &[], &body("NoSuchKey")).is_missing_by_name());
    for (body, headers) in [
        (body("NoSuchBucket"), [("x", "")]),
        ("<html>not found</html>".to_owned(), [("x", "")]),
        ("not found".to_owned(), [("content-type", "text/html")]),
    ] {
        let error = error(404, &headers, &body);
        assert!(!error.is_missing() && !error.is_missing_by_name(), "{error}");
    }
}
