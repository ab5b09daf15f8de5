//! What a server goes through with one fault, from before the fault to after it.

use support::proxy;
use support::trace::{Trace, assert_allowed};

use crate::outage::faults::{Case, Fault, Wait};
use crate::outage::process::Process;
use crate::outage::site::{Live, REFUSED_USER, Site};

/// The default of `delivery.workers`.
pub const WORKERS: usize = 4;

/// So many that some dumps wait behind others.
const SESSIONS: usize = 2 * WORKERS;

pub fn endure(case: &Case, site: &mut Site) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let trace = Trace::attach(&site.server, folder.path());
    site.name = case.name;
    site.live = vec![site.open("alice"), site.open("bob")];
    site.live.iter_mut().for_each(Live::go_on);
    site.session("alice");
    site.wait("everything to work", Site::is_idle);
    let before = Process::of(&site.server);
    let logged = site.server.log().len();

    case.fault.begin(site);
    let waiting = sessions_meanwhile(case, site);
    site.live.iter_mut().for_each(Live::go_on);
    case.fault.strike(site);
    wait_until_met(case, site, logged);
    assert_waiting(case, site, waiting);
    site.live.iter_mut().for_each(Live::go_on);
    // The library gives each request a thread that enforces its time limit. The thread may still run when its request
    // is over.
    site.wait("no more threads than the workers need", |site| {
        Process::of(&site.server).threads <= before.threads + WORKERS
    });
    assert!(
        site.server.get("/healthcheck").starts_with("HTTP/1.1 200 "),
        "{}",
        case.name
    );

    case.fault.end(site);
    site.live.iter_mut().for_each(Live::go_on);
    site.session("bob");
    site.wait("the queue to be empty", Site::is_idle);
    for live in std::mem::take(&mut site.live) {
        site.close(live);
    }
    site.wait("the spool to be empty", |site| site.server.spooled().is_empty());
    let (calls, lines) = trace.detach();
    assert_allowed(&calls, &lines);
    for expected in ["accept4", "openat", "write", "rename"] {
        assert!(calls.contains(expected), "the trace is not of the loop: {calls:?}");
    }
}

/// Runs sessions that begin and end during the fault, and returns how many.
fn sessions_meanwhile(case: &Case, site: &mut Site) -> usize {
    let in_parts = matches!(case.fault, Fault::Store(proxy::Fault::ResetInBody(_)));
    if in_parts {
        // It comes first and alone, because while the store is down only one dump at a time is tried.
        site.large_session();
        site.wait("an upload in parts to be broken off", |site| site.store.seen().met > 0);
        assert_eq!(site.remote().moto.uploads().len(), 1, "uploads in parts under way");
    }
    for number in 0..SESSIONS {
        let refused = case.fault == Fault::Row && number == SESSIONS / 2;
        site.session(if refused { REFUSED_USER } else { "alice" });
    }
    SESSIONS + usize::from(in_parts)
}

/// Waits until the server has met the fault: its log says so after position `logged`, or the proxy on its way has seen
/// it.
fn wait_until_met(case: &Case, site: &mut Site, logged: usize) {
    site.wait(&format!("the log to say {:?}", case.says), |site| {
        site.server.log()[logged..].contains(case.says)
    });
    site.wait("the proxy to meet the server", |site| {
        case.fault.seen(site).is_none_or(|seen| seen.met > 0)
    });
}

fn assert_waiting(case: &Case, site: &mut Site, count: usize) {
    let packed = |site: &mut Site, count| {
        site.wait("all that waits to be packed", |site| {
            site.files("packed", ".jsonl.gz").len() == count && site.files("ready", "").is_empty()
        });
    };
    match case.fault.wait() {
        Wait::Packed => packed(site, count),
        Wait::Spooled => assert_eq!(queued(site), count, "{}", case.name),
        Wait::OneWaits => {
            packed(site, 1);
            let log = site.server.log();
            assert!(!log.contains("is down"), "one row is no outage: {log}");
        }
        Wait::Unseen => {}
    }
    assert_eq!(site.files("failed", ".jsonl.gz").len(), 0, "{}", case.name);
}

/// Dumps under way. The unmasked file of a packed dump stays until the next sync.
fn queued(site: &Site) -> usize {
    let files = [site.files("ready", ".jsonl"), site.files("packed", ".jsonl.gz")].concat();
    let id = |file: &std::path::PathBuf| {
        file.with_extension("")
            .with_extension("")
            .file_name()
            .map(ToOwned::to_owned)
    };
    files.iter().map(id).collect::<std::collections::BTreeSet<_>>().len()
}
