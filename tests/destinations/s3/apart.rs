//! What a store refuses of one object alone: that dump waits by itself with its reason, and the others are delivered.

use std::sync::{Arc, Mutex};

use support::strict_s3::{Answer, Reply, Request};
use support::{Server, StrictS3, wait_until};

use crate::s3::{assert_emptied, rows, session};

/// How the put of one object is refused, and what the list of the spool says about it.
type Refusal = (&'static str, fn() -> Reply, &'static str);

const REFUSALS: [Refusal; 6] = [
    (
        "a policy of the bucket",
        || Reply::error(403, "AccessDenied"),
        "403 AccessDenied",
    ),
    ("the same without words", || Reply::status(403), "(403)"),
    ("a proxy's limit for bodies", || Reply::page(413), "(413)"),
    (
        "a name that may not be replaced",
        || Reply::error(412, "PreconditionFailed"),
        "412 PreconditionFailed",
    ),
    (
        "an object in an archive",
        || Reply::error(403, "InvalidObjectState"),
        "403 InvalidObjectState",
    ),
    (
        "a method that is not allowed there",
        || Reply::error(405, "MethodNotAllowed"),
        "405 MethodNotAllowed",
    ),
];

/// The objects that are refused: those of the list, and the next one if that is asked for.
#[derive(Default)]
struct Refused {
    targets: Vec<String>,
    next: bool,
}

/// Takes every other object.
fn refuse(store: &StrictS3, refused: &Arc<Mutex<Refused>>, reply: fn() -> Reply) {
    let refused = Arc::clone(refused);
    store.answer(move |request: &Request| {
        if request.method != "PUT" || !request.target.contains(".jsonl.gz") {
            return None;
        }
        let mut refused = refused.lock().expect("no case has failed");
        // A dump of an earlier case that is tried again is not the next one.
        if refused.next && !refused.targets.contains(&request.target) {
            refused.next = false;
            refused.targets.push(request.target.clone());
        }
        refused.targets.contains(&request.target).then(|| Answer::from(reply()))
    });
}

#[test]
fn an_object_that_is_refused_alone_holds_up_no_other() {
    let store = StrictS3::start();
    let mut server = Server::prepare(&[]);
    for (name, value) in store.environment() {
        server.set(&name, &value);
    }
    server.restart();
    let refused = Arc::new(Mutex::new(Refused::default()));
    for (number, (name, reply, why)) in REFUSALS.into_iter().enumerate() {
        refuse(&store, &refused, reply);
        refused.lock().expect("no case has failed").next = true;
        session(&server, &["[1]"]);
        wait_until(&format!("a refusal: {name}"), || {
            refused.lock().expect("no case has failed").targets.len() > number
        });
        session(&server, &["[2]"]);
        rows(&server, number + 1);
        wait_until(&format!("the reason in the list: {name}"), || {
            listed(&server).contains(why)
        });
        let log = server.log();
        assert!(!log.contains("is down") && !log.contains("/failed/"), "{name}: {log}");
        assert!(!listed(&server).contains("failed"), "{name}: {}", listed(&server));
    }
    server.kill();
    store.answer_plainly();
    server.restart();
    rows(&server, 2 * REFUSALS.len());
    assert_emptied(&server);
    let dumps = store.dumps().into_iter().filter(|(key, _)| key.ends_with(".jsonl.gz"));
    assert_eq!(dumps.count(), 2 * REFUSALS.len());
}

fn listed(server: &Server) -> String {
    let output = server.run(&["spool", "list"]);
    String::from_utf8(output.stdout).expect("text")
}
