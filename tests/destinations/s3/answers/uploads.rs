//! Uploads in parts: ids as stores give them, and answers that are sparse, odd or wrong.
//!
//! One dump is large enough for parts and goes through all cases of a table; the server is killed between two of them,
//! so that each begins with what the one before has left.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use support::large::{self, IN_PARTS};
use support::strict_s3::{Answer, Reply, Request};
use support::{Dump, Server, StrictS3, wait_until};

use crate::s3::{assert_emptied, assert_waiting, prepare_for, rows, says, session, told};

/// Writes an answer with this id.
type Form = fn(&str) -> String;

/// Ids of uploads, and the answer to CreateMultipartUpload that names them.
const IDS: [(&str, Form); 8] = [
    // Cloudflare R2.
    ("AB+c/d==", |id| {
        format!(
            "<InitiateMultipartUploadResult><Bucket>dumps</Bucket><Key>k</Key><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
        )
    }),
    // Without bucket and key.
    ("a&b", |id| {
        format!("<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>")
    }),
    // Looks encoded but is not.
    ("x%2By", |id| {
        format!(
            "<?xml version='1.0'?><InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
        )
    }),
    // Ceph, with a name space.
    ("2~Xl+M/iszJktw==", |id| {
        format!(
            "<InitiateMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Key>k</Key><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
        )
    }),
    // All that has a meaning in a URL.
    ("../x?y#z:;=@ é", |id| {
        format!("<InitiateMultipartUploadResult><UploadId>{id}</UploadId><Bucket/></InitiateMultipartUploadResult>")
    }),
    // With elements that nobody knows, and line ends as people indent.
    ("12.ab_c-d~", |id| {
        format!(
            "<InitiateMultipartUploadResult>\n  <Odd><A/></Odd>\n  <Key>k</Key>\n  <UploadId>{id}</UploadId>\n</InitiateMultipartUploadResult>\n"
        )
    }),
    // Written as references.
    ("&lt;\"'&gt;", |id| {
        format!("<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>")
    }),
    // Backblaze B2.
    ("4_z27c88f1d182b150646ff0b16_f1004ba650fe24e6b_d20120812", |id| {
        format!("<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>")
    }),
];

fn is_begin(request: &Request) -> bool {
    request.is("POST", "?uploads")
}

/// A store with these ids, whose answers to their begins are those of the table. Second parts hang until `pass`.
fn store_with_ids(pass: &Arc<AtomicBool>) -> StrictS3 {
    let store = StrictS3::start();
    store.change(|store| store.upload_ids = IDS.iter().map(|(id, _)| (*id).to_owned()).collect());
    let pass = Arc::clone(pass);
    store.answer(move |request| {
        if is_begin(request) {
            return Some(Answer::Alter(Box::new(in_form)));
        }
        let hangs = request.is("PUT", "partNumber=2") && !pass.load(Ordering::Acquire);
        hangs.then_some(Answer::Hang)
    });
    store
}

/// The same id in the form of its line.
fn in_form(reply: Reply) -> Reply {
    let text = String::from_utf8(reply.body.clone()).expect("text");
    let within = |(_, rest): (&str, &str)| rest.split_once("</UploadId>").map(|(id, _)| id.to_owned());
    let escaped = text.split_once("<UploadId>").and_then(within).expect("an id");
    let plain = escaped
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    match IDS.iter().find(|(id, _)| *id == plain) {
        Some((_, form)) => reply.body(&form(&escaped)),
        None => reply,
    }
}

#[test]
fn ids_are_kept_as_they_are_given_and_encoded_where_they_go() {
    let pass = Arc::new(AtomicBool::new(false));
    let store = store_with_ids(&pass);
    let mut server = prepare_for(&store);
    let mut messages = Vec::new();
    let (last, first) = IDS.split_last().expect("some");
    for (id, _) in first {
        let before = store.count("PUT", "partNumber=2");
        server.restart();
        if messages.is_empty() {
            messages = large::session(&server, IN_PARTS);
        }
        wait_until(&format!("the second part of {id}"), || {
            store.count("PUT", "partNumber=2") > before
        });
        server.kill();
        assert_eq!(store.uploads(), [*id]);
        assert_waiting(&server, 1);
    }
    pass.store(true, Ordering::Release);
    server.restart();
    rows(&server, 1);
    assert_emptied(&server);
    let ids: Vec<&str> = first.iter().map(|(id, _)| *id).collect();
    let (aborted, completed) = store.change(|store| (store.aborted.clone(), store.completed.clone()));
    assert_eq!(
        (aborted, completed),
        (ids.into_iter().map(str::to_owned).collect(), vec![last.0.to_owned()])
    );
    assert_whole(&store, &server, &messages);
    let refused: Vec<_> = store
        .requests()
        .into_iter()
        .filter(|request| request.refusal.is_some())
        .collect();
    assert!(refused.is_empty(), "{refused:?}");
}

fn assert_whole(store: &StrictS3, server: &Server, messages: &[String]) {
    let objects = store.dumps();
    assert_eq!((objects.len(), store.uploads().len()), (1, 0));
    let file = server.data().join("read-back.jsonl.gz");
    std::fs::write(&file, &objects[0].1).expect("a file");
    assert!(Dump::read(&file).messages() == messages, "the lines differ");
}

#[test]
fn an_upload_of_an_erased_dump_is_aborted_by_its_id() {
    let pass = Arc::new(AtomicBool::new(false));
    let store = store_with_ids(&pass);
    let mut server = prepare_for(&store);
    server.restart();
    large::session(&server, IN_PARTS);
    wait_until("the second part", || store.count("PUT", "partNumber=2") > 0);
    server.kill();
    let packed = server.spooled();
    let name = packed[0].file_name().expect("a name").to_string_lossy().into_owned();
    let (id, _) = name.split_once('.').expect("an id");
    let (_, said) = told(&server, &["erase", "--id", id, "--yes"]);
    assert!(said.contains("1 wait there"), "{said}");
    server.restart();
    assert_emptied(&server);
    wait_until("the tombstone to go", || {
        std::fs::read_dir(server.data().join("spool/erased")).is_ok_and(|mut left| left.next().is_none())
    });
    assert_eq!(store.change(|store| store.aborted.clone()), ["AB+c/d=="]);
    assert!(store.uploads().is_empty() && store.dumps().is_empty() && server.rows().is_empty());
}

struct Step {
    name: &'static str,
    script: fn(&Request) -> Option<Answer>,
    /// What the log must say about the large dump.
    says: &'static [&'static str],
}

fn only(is_it: bool, answer: impl Into<Answer>) -> Option<Answer> {
    is_it.then(|| answer.into())
}

fn is_completion(request: &Request) -> bool {
    request.is("POST", "?uploadId=")
}

/// Each of them keeps the large dump from being stored, whatever the status says.
const STEPS: [Step; 9] = [
    Step {
        name: "a begin without an id",
        script: |request| {
            let empty = "<InitiateMultipartUploadResult><Bucket>dumps</Bucket></InitiateMultipartUploadResult>";
            only(is_begin(request), Reply::xml(200, empty))
        },
        says: &[],
    },
    Step {
        name: "a begin that is a page to sign in at",
        script: |request| only(is_begin(request), Reply::page(200)),
        says: &[],
    },
    Step {
        name: "a store that has no uploads in parts",
        script: |request| only(is_begin(request), Reply::error(501, "NotImplemented")),
        says: &["501 NotImplemented"],
    },
    Step {
        name: "a part that is accepted without an ETag",
        script: |request| only(request.is("PUT", "partNumber="), Reply::status(200)),
        says: &["ETag"],
    },
    Step {
        name: "an upload that the store has lost",
        script: |request| only(request.is("PUT", "partNumber=2"), Reply::error(404, "NoSuchUpload")),
        says: &["404 NoSuchUpload"],
    },
    Step {
        name: "a completion that fails in a 200, as Amazon documents it",
        script: |request| only(is_completion(request), Reply::error(200, "InternalError")),
        says: &["InternalError"],
    },
    Step {
        name: "a completion without a word",
        script: |request| only(is_completion(request), Reply::status(200)),
        says: &[],
    },
    Step {
        name: "a completion that is a page to sign in at",
        script: |request| only(is_completion(request), Reply::page(200)),
        says: &[],
    },
    Step {
        name: "a part that was damaged on its way",
        script: |request| {
            let etag = "\"d41d8cd98f00b204e9800998ecf8427e\"";
            only(
                request.is("PUT", "partNumber=1"),
                Answer::Alter(Box::new(move |reply| reply.with("ETag", etag))),
            )
        },
        says: &[],
    },
];

/// What is wrong with uploads in parts concerns large dumps only: small ones are delivered beside them.
#[test]
fn an_odd_upload_is_tried_again_and_small_dumps_pass_it() {
    let store = StrictS3::start();
    let mut server = prepare_for(&store);
    let mut messages = Vec::new();
    for (number, step) in STEPS.iter().enumerate() {
        store.answer(step.script);
        let before = store.count("POST", "?uploads");
        server.restart();
        if messages.is_empty() {
            messages = large::session(&server, IN_PARTS);
        }
        wait_until(&format!("a try: {}", step.name), || {
            store.count("POST", "?uploads") > before
        });
        session(&server, &["[1]"]);
        rows(&server, number + 1);
        step.says.iter().for_each(|words| says(&server, words));
        server.kill();
        assert_eq!(store.dumps().len(), number + 1, "{}", step.name);
        let (_, why) = told(&server, &["spool", "list"]);
        assert!(why.contains("packed"), "{}: {why}", step.name);
    }
    store.answer_plainly();
    server.restart();
    rows(&server, STEPS.len() + 1);
    assert_emptied(&server);
    assert!(store.uploads().is_empty(), "{:?}", store.uploads());
    assert_eq!(store.dumps().len(), STEPS.len() + 1);
}
