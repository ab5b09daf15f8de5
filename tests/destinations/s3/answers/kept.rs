//! Answers to the put of an object that look like success: without a sign that the object is there, the dump stays.

use support::strict_s3::{Answer, Encryption, Reply, Request};
use support::{StrictS3, each_at_once};

use crate::s3::answers::{is_delivered_when_mended, waits_saying};
use crate::s3::{assert_emptied, prepare_for, rows, says, session};

struct Odd {
    name: &'static str,
    /// What the put of an object is answered with. Nothing is stored.
    reply: fn() -> Reply,
    /// What the log must say.
    says: &'static [&'static str],
}

const ETAG: &str = "\"d41d8cd98f00b204e9800998ecf8427e\"";

/// None of them stores anything.
const ODD: [Odd; 14] = [
    Odd {
        name: "200 without an ETag",
        reply: || Reply::status(200),
        says: &["ETag"],
    },
    Odd {
        name: "204, as a server of WebDAV answers a put",
        reply: || Reply::status(204),
        says: &["(204)"],
    },
    Odd {
        name: "201, as a server of WebDAV answers the first put",
        reply: || Reply::status(201).with("ETag", ETAG),
        says: &["(201)"],
    },
    Odd {
        name: "202 of a queue",
        reply: || Reply::status(202).with("ETag", ETAG),
        says: &["(202)"],
    },
    Odd {
        name: "203 of a proxy that changes answers",
        reply: || Reply::status(203).with("ETag", ETAG),
        says: &["(203)"],
    },
    Odd {
        name: "206",
        reply: || Reply::status(206).with("ETag", ETAG),
        says: &["(206)"],
    },
    Odd {
        name: "a page to sign in at",
        reply: || Reply::page(200),
        says: &["is down"],
    },
    Odd {
        name: "the same page from a file, which has an ETag",
        reply: || Reply::page(200).with("ETag", "\"5f3c1b2a-33\""),
        says: &["is down"],
    },
    Odd {
        name: "another answer with an ETag, of whoever stands before the store",
        reply: || {
            Reply::status(200)
                .with("ETag", "\"5f3c\"")
                .with("Content-Type", "application/json")
                .body("{}")
        },
        says: &["is down"],
    },
    Odd {
        name: "an error in a 200",
        reply: || Reply::error(200, "InternalError"),
        says: &["InternalError"],
    },
    Odd {
        name: "an error in a 200 with an ETag",
        reply: || Reply::error(200, "SlowDown").with("ETag", ETAG),
        says: &["SlowDown"],
    },
    Odd {
        name: "an empty ETag",
        reply: || Reply::status(200).with("ETag", "\"\""),
        says: &["ETag"],
    },
    Odd {
        name: "the ETag of other content",
        reply: || Reply::status(200).with("ETag", ETAG),
        says: &["is down"],
    },
    Odd {
        name: "less than its length says",
        reply: || Reply::page(200).with("Content-Length", "4000").with("ETag", ETAG),
        says: &["the connection was closed before the answer"],
    },
];

fn is_object_put(request: &Request) -> bool {
    request.method == "PUT" && request.target.contains(".jsonl.gz")
}

#[test]
fn what_only_looks_stored_stays() {
    each_at_once(
        &ODD,
        |case| case.name.to_owned(),
        |case| {
            let reply = case.reply;
            let store = StrictS3::scripted(move |request| is_object_put(request).then(|| reply().into()));
            let server = waits_saying(&store, case.says);
            assert!(store.dumps().is_empty());
            is_delivered_when_mended(&store, server);
        },
    );
}

struct Good {
    name: &'static str,
    encryption: Encryption,
    /// What becomes of the answer to the put, which is carried out.
    alter: fn(Reply) -> Reply,
    denied: &'static [&'static str],
    /// What is asked about the object afterwards, and how often.
    asked: (&'static str, usize),
    says: &'static [&'static str],
}

/// All of them store.
const GOOD: [Good; 6] = [
    Good {
        name: "an ETag that is an MD5",
        encryption: Encryption::Plain,
        alter: |reply| reply,
        denied: &["s3:GetObject"],
        asked: ("GET", 0),
        says: &[],
    },
    Good {
        name: "a bucket that encrypts by default",
        encryption: Encryption::Kms,
        alter: |reply| reply,
        denied: &["s3:GetObject"],
        asked: ("GET", 0),
        says: &[],
    },
    Good {
        name: "an ETag that is none of 32 hex digits",
        encryption: Encryption::Plain,
        alter: |reply| reply.with("ETag", "\"CPTCxYe3y4ADEAE=\""),
        denied: &["s3:GetObject"],
        asked: ("GET", 0),
        says: &[],
    },
    Good {
        name: "an ETag in capitals and without quotes",
        encryption: Encryption::Plain,
        alter: |reply| {
            let (_, etag) = reply
                .headers
                .iter()
                .find(|(name, _)| name == "ETag")
                .expect("one")
                .clone();
            reply.with("ETag", &etag.trim_matches('"').to_uppercase())
        },
        denied: &["s3:GetObject"],
        asked: ("GET", 0),
        says: &[],
    },
    Good {
        name: "another MD5 of a gateway that encrypts without a word: read back and compared",
        encryption: Encryption::Plain,
        alter: |reply| reply.with("ETag", ETAG),
        denied: &[],
        asked: ("GET", 1),
        says: &[],
    },
    Good {
        name: "the same where reading is not allowed: its length is compared, and a warning is told",
        encryption: Encryption::Kms,
        alter: |reply| reply.without("x-amz-server-side-encryption"),
        denied: &[],
        asked: ("HEAD", 1),
        says: &[
            "WARN",
            "the key may not read objects to compare them",
            "Grant s3:GetObject to have it compared",
        ],
    },
];

#[test]
fn an_etag_is_compared_only_where_it_is_an_md5() {
    each_at_once(
        &GOOD,
        |case| case.name.to_owned(),
        |case| {
            let store = StrictS3::start();
            store.change(|store| store.buckets.get_mut("dumps").expect("it is there").encryption = case.encryption);
            store.deny(case.denied);
            let (alter, no_get) = (case.alter, case.asked.0 == "HEAD");
            store.answer(move |request| match request.method.as_str() {
                "GET" if no_get => Some(Reply::error(403, "AccessDenied").into()),
                _ if is_object_put(request) => Some(Answer::Alter(Box::new(alter))),
                _ => None,
            });
            let mut server = prepare_for(&store);
            server.restart();
            session(&server, &["[1]"]);
            rows(&server, 1);
            assert_emptied(&server);
            assert_eq!(store.dumps().len(), 1);
            case.says.iter().for_each(|words| says(&server, words));
            let (method, count) = case.asked;
            assert_eq!(store.count(method, ".jsonl.gz"), count);
            let log = server.log();
            let warns = log.contains("s3:GetObject");
            assert!(!log.contains("is down") && warns != case.says.is_empty(), "{log}");
        },
    );
}
