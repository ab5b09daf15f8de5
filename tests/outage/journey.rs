//! What a server goes through with one fault, from before it to after it.

use crate::faults::{Case, Fault, Wait};
use crate::process::Process;
use crate::site::{Live, REFUSED_USER, Site};
use crate::support::proxy;
use crate::support::trace::{Trace, assert_allowed};
use crate::support::wait_until;

/// `delivery.workers`, its default.
pub const WORKERS: usize = 4;

/// So that some dumps wait behind others.
const SESSIONS: usize = 2 * WORKERS;

pub fn endure(case: &Case, site: &mut Site) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let trace = Trace::attach(&site.server, folder.path());
    let mut live = [site.open("alice"), site.open("bob")];
    live.iter_mut().for_each(Live::go_on);
    site.session("alice");
    wait_until(&format!("{}: everything to work", case.name), || site.is_idle());
    let before = Process::of(&site.server);
    let logged = site.server.log().len();

    case.fault.begin(site);
    let waiting = sessions_meanwhile(case, site);
    live.iter_mut().for_each(Live::go_on);
    case.fault.strike(site);
    wait_until_met(case, site, logged);
    assert_waiting(case, site, waiting);
    live.iter_mut().for_each(Live::go_on);
    // The library gives each request a thread that ends it in time, and one that is over may not have ended yet.
    wait_until(&format!("{}: threads for the workers only", case.name), || {
        Process::of(&site.server).threads <= before.threads + WORKERS
    });
    assert!(
        site.server.get("/healthcheck").starts_with("HTTP/1.1 200 "),
        "{}",
        case.name
    );

    case.fault.end(site);
    live.iter_mut().for_each(Live::go_on);
    site.session("bob");
    wait_until(&format!("{}: the queue to be empty", case.name), || site.is_idle());
    live.into_iter().for_each(|live| site.close(live));
    wait_until(&format!("{}: the spool to be empty", case.name), || {
        site.server.spooled().is_empty()
    });
    let (calls, lines) = trace.detach();
    assert_allowed(&calls, &lines);
    for expected in ["accept4", "openat", "write", "rename"] {
        assert!(calls.contains(expected), "the trace is not of the loop: {calls:?}");
    }
}

/// Sessions that begin and end during the fault; how many.
fn sessions_meanwhile(case: &Case, site: &mut Site) -> usize {
    for number in 0..SESSIONS {
        let refused = case.fault == Fault::Row && number == SESSIONS / 2;
        site.session(if refused { REFUSED_USER } else { "alice" });
    }
    if !matches!(case.fault, Fault::Store(proxy::Fault::ResetInBody(_))) {
        return SESSIONS;
    }
    site.large_session();
    SESSIONS + 1
}

/// Its log tells since it had this length, and the proxy on its way.
fn wait_until_met(case: &Case, site: &Site, logged: usize) {
    wait_until(&format!("{}: the log to say {:?}", case.name, case.says), || {
        site.server.log()[logged..].contains(case.says)
    });
    wait_until(&format!("{}: the proxy to meet the server", case.name), || {
        case.fault.seen(site).is_none_or(|seen| seen.met > 0)
    });
}

fn assert_waiting(case: &Case, site: &Site, count: usize) {
    let failed = match case.fault.wait() {
        Wait::Packed => {
            wait_until(&format!("{}: all dumps to be packed", case.name), || {
                site.files("packed", ".jsonl.gz").len() == count && site.files("ready", "").is_empty()
            });
            0
        }
        Wait::Spooled => {
            // The unmasked file of one that is packed goes with the next sync.
            let mut ids: Vec<_> = [site.files("ready", ".jsonl"), site.files("packed", ".jsonl.gz")]
                .concat()
                .iter()
                .map(|file| file.file_name().map(|name| name.to_string_lossy()[..36].to_owned()))
                .collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), count, "{}", case.name);
            0
        }
        Wait::OneFails => {
            wait_until("the good ones to be delivered", || site.is_idle());
            let note = site.files("failed", ".jsonl.gz")[0]
                .with_extension("")
                .with_extension("txt");
            let note = std::fs::read_to_string(note).expect("there is a note");
            assert!(note.contains(case.says) && note.contains("spool retry"), "{note}");
            let log = site.server.log();
            assert!(!log.contains("is down"), "one row is no outage: {log}");
            1
        }
        Wait::Unseen => 0,
    };
    assert_eq!(site.files("failed", ".jsonl.gz").len(), failed, "{}", case.name);
}
