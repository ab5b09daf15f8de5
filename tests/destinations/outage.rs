//! The real binary during faults. All that may happen to a bucket and a database happens to real ones, one fault after
//! the other from one list (`outage/faults.rs`), while sessions come, stay and go.
//!
//! Shown for each fault: the server has met it, the loop thread makes no call that could wait, sessions go on, dumps
//! wait on disk, and afterwards each dump is one object and one row, without a restart. Most of the time these tests
//! wait for the pauses before retries and for the time limits of libraries. So all faults happen at the same time, each
//! to its own server.

mod backlog;
mod faults;
mod journey;
mod process;
mod site;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;

use support::{Dump, Remote};

use faults::{CASES, Case};
use journey::endure;
use site::{Session, Site};

/// Needed by faults of a single row: a table with the names whose rows are refused.
const REFUSAL: &str = "CREATE TABLE refused(name text);
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT FROM refused WHERE name = NEW.rtcstats_user) THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON rtcstats FOR EACH ROW EXECUTE FUNCTION refuse()";

#[test]
fn every_fault_delays_dumps_and_nothing_else() {
    let (alone, together): (Vec<_>, Vec<_>) = CASES.iter().partition(|case| case.fault.is_of_all());
    thread::scope(|scope| {
        scope.spawn(move || one_after_the_other(&alone));
        all_at_once(&together);
    });
}

/// For faults that would affect every server: each gets its own destination. The destination dies with the thread that
/// has started it.
fn one_after_the_other(cases: &[&'static Case]) {
    let remote = Mutex::new(Remote::start());
    let mut site = Site::start(cases[0], &remote);
    cases.iter().for_each(|case| endure(case, &mut site));
    let sent = std::mem::take(&mut site.sent);
    drop(site);
    let remote = remote.into_inner().expect("no case panicked");
    assert_delivered(&remote.settled(), sent);
}

/// One destination behind proxies. Each fault happens in its own proxy.
fn all_at_once(cases: &[&'static Case]) {
    let remote = Mutex::new(Remote::start());
    remote.lock().expect("nobody panicked").cluster.execute(REFUSAL);
    let one = |case: &'static Case| {
        let mut site = Site::start(case, &remote);
        endure(case, &mut site);
        std::mem::take(&mut site.sent)
    };
    let sent = thread::scope(|scope| {
        let start = |case: &&'static Case| {
            let (case, builder) = (*case, thread::Builder::new().name(case.name.to_owned()));
            builder.spawn_scoped(scope, move || one(case)).expect("a thread starts")
        };
        let threads: Vec<_> = cases.iter().map(start).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("a case failed, see above"))
            .collect()
    });
    let remote = remote.into_inner().expect("no case panicked");
    assert_delivered(&remote.settled(), sent);
}

/// Asserts that the dumps are those of these sessions, each once and whole. Each session's first line is unique.
fn assert_delivered(dumps: &[Dump], sent: Vec<Session>) {
    let delivered = dumps.iter().map(Dump::messages).filter(|lines| !lines.is_empty());
    let mut names: Vec<&str> = delivered.map(|lines| lines[0].as_str()).collect();
    names.sort_unstable();
    let mut sent: BTreeMap<String, Session> = sent.into_iter().map(|lines| (lines[0].clone(), lines)).collect();
    assert_eq!(names, sent.keys().collect::<Vec<_>>(), "sessions delivered and sent");
    for dump in dumps {
        let lines = sent.remove(&dump.messages()[0]);
        assert!(
            lines.as_deref() == Some(dump.messages()),
            "not as sent: {}",
            dump.messages()[0]
        );
    }
}
