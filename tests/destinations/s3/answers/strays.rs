//! Uploads of which nothing is noted here, because the answer to their begin was lost: they are found in the store's
//! list and aborted, however sparse the list is; a list that cannot be read is told once and holds nothing up. Where
//! the store fails or does not say that an upload is gone, an erased dump's tombstone stays.

use std::sync::atomic::{AtomicBool, Ordering};

use support::large::{self, IN_PARTS};
use support::strict_s3::{Answer, Reply, Request};
use support::{StrictS3, wait_until};

use crate::s3::{assert_emptied, prepare_for, rows, told};

type Change = fn(Reply) -> Reply;
type Named<T> = (&'static str, T);
type Script = fn(&Request) -> Option<Answer>;

/// What becomes of the list of uploads, which has whole entries.
const LISTS: [Named<Change>; 6] = [
    ("whole", |list| list),
    ("without the storage class", |list| without(list, &["StorageClass"])),
    ("without dates and owners", |list| {
        without(list, &["StorageClass", "Initiated", "Owner", "Initiator"])
    }),
    ("without the ids of owners", |list| without(list, &["ID"])),
    ("without prefix, marker and limit", |list| {
        without(list, &["Prefix", "Bucket", "Name", "IsTruncated"])
    }),
    ("with a name space", |list| {
        let named = "<ListMultipartUploadsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
        changed(list, |text| text.replace("<ListMultipartUploadsResult>", named))
    }),
];

/// Lists that tell nothing.
const UNREADABLE: [Named<fn() -> Reply>; 4] = [
    ("forbidden", || Reply::error(403, "AccessDenied")),
    ("not known there", || Reply::error(501, "NotImplemented")),
    ("a page to sign in at", || Reply::page(200)),
    ("cut off", || {
        Reply::xml(200, "<ListMultipartUploadsResult><Upload><Key>")
    }),
];

fn changed(reply: Reply, change: impl Fn(String) -> String) -> Reply {
    let text = String::from_utf8(reply.body.clone()).expect("text");
    reply.body(&change(text))
}

fn without(reply: Reply, elements: &[&str]) -> Reply {
    changed(reply, |mut text| {
        for element in elements {
            let (begin, end) = (format!("<{element}>"), format!("</{element}>"));
            while let Some((before, rest)) = text.split_once(&begin) {
                let (_, after) = rest.split_once(&end).expect("an end");
                text = format!("{before}{after}");
            }
        }
        text
    })
}

/// A script that answers lists of uploads so, carries the first begin out and loses its answer. What comes after it
/// hangs, so that this process makes no second try before it is killed.
fn lose_one_begin(
    list: impl Fn() -> Answer + Send + Sync + 'static,
) -> impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static {
    let is_lost = AtomicBool::new(false);
    move |request| match request.method.as_str() {
        _ if is_lost.load(Ordering::Acquire) => Some(Answer::Hang),
        "POST" if request.target.contains("?uploads") => {
            is_lost.store(true, Ordering::Release);
            Some(Answer::Cut)
        }
        "GET" if request.parameter("uploads").is_some() => Some(list()),
        _ => None,
    }
}

/// Each begin is carried out and its answer lost; the next process must find and abort it.
#[test]
fn a_key_and_an_id_are_enough_to_abort_an_upload() {
    let store = StrictS3::start();
    store.change(|store| store.page = 1);
    let mut server = prepare_for(&store);
    for (number, (name, list)) in LISTS.into_iter().enumerate() {
        store.answer(lose_one_begin(move || Answer::Alter(Box::new(list))));
        server.restart();
        if number == 0 {
            large::session(&server, IN_PARTS);
        }
        wait_until(&format!("a begin without an answer: {name}"), || {
            store.count("POST", "?uploads") > number
        });
        server.kill();
        assert_eq!((store.uploads().len(), aborted(&store)), (1, number), "{name}");
    }
    // Two at once, in two pages of the list.
    let key = store.change(|store| store.uploads[0].key.clone());
    store.change(|store| store.begin("dumps", &key, String::new()));
    store.answer_plainly();
    server.restart();
    rows(&server, 1);
    assert_emptied(&server);
    assert_eq!((store.uploads().len(), aborted(&store)), (0, LISTS.len() + 1));
}

fn aborted(store: &StrictS3) -> usize {
    store.change(|store| store.aborted.len())
}

/// Once for each process, however often the dump is tried.
#[test]
fn a_list_that_cannot_be_read_is_told_once_and_holds_nothing_up() {
    let store = StrictS3::start();
    let mut server = prepare_for(&store);
    for (number, (name, reply)) in UNREADABLE.into_iter().enumerate() {
        store.answer(lose_one_begin(move || reply().into()));
        let before = server.log().len();
        server.restart();
        if number == 0 {
            large::session(&server, IN_PARTS);
        }
        wait_until(&format!("a begin: {name}"), || store.uploads().len() > number);
        server.kill();
        let log = server.log().split_off(before);
        let warnings = log.lines().filter(|line| is_about_uploads(line)).count();
        assert_eq!(warnings, 1, "{name}: {log}");
    }
    store.answer(|request| request.parameter("uploads").and_then(|_| forbidden(request)));
    server.restart();
    rows(&server, 1);
    assert_emptied(&server);
    assert_eq!((store.uploads().len(), store.dumps().len()), (UNREADABLE.len(), 1));
}

/// What leaves open whether parts of an erased dump are still there.
const OPEN: [Named<Script>; 6] = [
    ("a list that is asked to slow down", |request| {
        is_list(request).then(|| Reply::error(503, "SlowDown").into())
    }),
    ("a list that fails", |request| {
        is_list(request).then(|| Reply::status(500).into())
    }),
    ("a list without an answer", |request| {
        is_list(request).then_some(Answer::Close)
    }),
    ("an abort that is a proxy's 404", |request| {
        is_abort(request).then(|| Reply::status(404).body("not found").into())
    }),
    ("an abort that is a page to sign in at", |request| {
        is_abort(request).then(|| Reply::page(200).into())
    }),
    ("an abort that will be done some time", |request| {
        is_abort(request).then(|| Reply::status(202).into())
    }),
];

fn is_list(request: &Request) -> bool {
    request.method == "GET" && request.parameter("uploads").is_some()
}

fn is_abort(request: &Request) -> bool {
    request.is("DELETE", "uploadId=")
}

/// Each process tries the tombstone that the one before has left.
#[test]
fn an_erased_dump_is_not_forgotten_while_its_parts_may_be_there() {
    let store = StrictS3::start();
    let mut server = prepare_for(&store);
    store.answer(lose_one_begin(|| Answer::Alter(Box::new(|list| list))));
    server.restart();
    large::session(&server, IN_PARTS);
    wait_until("a begin without an answer", || store.count("POST", "?uploads") > 0);
    server.kill();
    let name = server.spooled()[0]
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let (id, _) = name.split_once('.').expect("an id");
    let (_, said) = told(&server, &["erase", "--id", id, "--yes"]);
    assert!(said.contains("1 wait there"), "{said}");
    for (name, script) in OPEN {
        store.forget_requests();
        store.answer(script);
        server.restart();
        wait_until(name, || {
            store.requests().iter().any(|request| script(request).is_some())
        });
        server.kill();
        assert_eq!(store.uploads().len(), 1, "{name}");
    }
    store.answer_plainly();
    server.restart();
    wait_until("the upload to be aborted", || store.uploads().is_empty());
    wait_until("the tombstone to go", || {
        std::fs::read_dir(server.data().join("spool/erased")).is_ok_and(|mut left| left.next().is_none())
    });
    assert_eq!((aborted(&store), store.dumps().len()), (1, 0));
}

fn forbidden(request: &Request) -> Option<Answer> {
    (request.method == "GET").then(|| Reply::error(403, "AccessDenied").into())
}

fn is_about_uploads(line: &str) -> bool {
    line.contains("WARN") && line.contains("upload")
}
