//! Dumps that are uploaded in parts: they arrive complete in the bucket, however often the server dies during the
//! upload, and nothing is left beside them.

use support::gate::{Gate, Hold, Rule};
use support::large::{self, IN_PARTS, MEBIBYTE};
use support::moto::{BUCKET, Object};
use support::{Moto, wait_until};

use crate::s3::{assert_emptied, assert_waiting, prepare, rows, start};

fn assert_whole(object: &Object, messages: &[String]) {
    let lines = object.lines();
    assert_eq!(lines.len(), messages.len() + 3);
    assert!(lines[2..lines.len() - 1] == *messages, "the lines differ");
    assert_eq!(object.content_type, "application/gzip");
}

#[test]
fn thirty_megabytes_go_in_parts() {
    let moto = Moto::start();
    let gate = Gate::start(moto.address());
    let mut server = prepare(&gate.endpoint(), moto.key(), &[]);
    server.set("RTCSTATS_STORAGE__S3__HEADERS__X-AMZ-STORAGE-CLASS", "STANDARD_IA");
    server.set("RTCSTATS_STORAGE__S3__HEADERS__X-AMZ-META-ORIGIN", "a test");
    server.restart();
    let messages = large::session(&server, 30 * MEBIBYTE);
    let urls = rows(&server, 1);
    assert_emptied(&server);
    let objects = moto.dumps(BUCKET);
    assert_eq!((objects.len(), moto.uploads().len()), (1, 0));
    assert_eq!(urls[0], format!("{}/{BUCKET}/{}", gate.endpoint(), objects[0].key));
    assert!(
        objects[0].content.len() > 30 * MEBIBYTE,
        "{} bytes",
        objects[0].content.len()
    );
    assert_whole(&objects[0], &messages);
    assert_eq!(objects[0].storage_class, "STANDARD_IA");
    assert_eq!(objects[0].metadata.get("origin").map(String::as_str), Some("a test"));
    let parts = gate.lines().iter().filter(|line| line.contains("partNumber=")).count();
    assert_eq!(parts, objects[0].content.len().div_ceil(8 * MEBIBYTE));
    // The peak of the process's memory: one or two messages, a part and its copy, and the program itself.
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).expect("the server runs");
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("a peak");
    let peak: usize = peak.trim().trim_end_matches(" kB").parse().expect("a number");
    assert!(peak < 128 * 1024, "{peak} KiB");
}

/// One dump, and a kill at each step of its upload: when the store has begun it but it is not noted yet; before the
/// first part; between two parts; when the last part has arrived; when the object is complete but nobody knows.
#[test]
fn kills_between_the_parts_leave_one_object_and_no_part() {
    let moto = Moto::start();
    let gate = Gate::start(moto.address());
    let mut server = prepare(&gate.endpoint(), moto.key(), &[]);
    let rule = |hold, words| Rule { hold, words };
    // Which request is held, and which uploads the store has then.
    let moments = [
        (rule(Hold::Answer, "POST ?uploads"), 1),
        (rule(Hold::Request, "?partNumber=1&"), 1),
        (rule(Hold::Request, "?partNumber=2&"), 1),
        (rule(Hold::Answer, "?partNumber=3&"), 1),
        (rule(Hold::Answer, "POST ?uploadId="), 0),
    ];
    let mut messages = None;
    for (rule, uploads) in moments {
        gate.hold(rule);
        server.restart();
        messages.get_or_insert_with(|| large::session(&server, IN_PARTS));
        wait_until(rule.words, || gate.holds());
        server.kill();
        assert_eq!(moto.uploads().len(), uploads, "{}", rule.words);
        assert_waiting(&server, 1);
    }
    assert_eq!(moto.dumps(BUCKET).len(), 1);
    gate.open();
    server.restart();
    rows(&server, 1);
    assert_emptied(&server);
    let objects = moto.dumps(BUCKET);
    assert_eq!((objects.len(), moto.uploads().len()), (1, 0));
    assert_whole(&objects[0], &messages.expect("a session"));
}

/// A connection breaks in the middle of a part: the next attempt aborts the upload.
#[test]
fn a_broken_connection_leaves_no_part() {
    let moto = Moto::start();
    let gate = Gate::start(moto.address());
    gate.hold(Rule {
        hold: Hold::Answer,
        words: "?partNumber=2&",
    });
    let mut server = prepare(&gate.endpoint(), moto.key(), &[]);
    server.restart();
    let messages = large::session(&server, IN_PARTS);
    wait_until("the second part", || gate.holds());
    gate.open();
    rows(&server, 1);
    assert_emptied(&server);
    let objects = moto.dumps(BUCKET);
    assert_eq!((objects.len(), moto.uploads().len()), (1, 0));
    assert_whole(&objects[0], &messages);
}

/// The search for unfinished uploads does not touch those of other servers in the same bucket.
#[test]
fn two_servers_share_a_bucket() {
    let moto = Moto::start();
    let (one, two) = (start(&moto, &[]), start(&moto, &[]));
    let messages = large::session(&one, IN_PARTS);
    large::session(&two, IN_PARTS);
    rows(&one, 1);
    rows(&two, 1);
    let objects = moto.dumps(BUCKET);
    assert_eq!((objects.len(), moto.uploads().len()), (2, 0));
    objects.iter().for_each(|object| assert_whole(object, &messages));
}
