//! The same journey with every store that was tried: a probe, a small and a large dump, and their erasure.
//!
//! Real programs are spoken to in `make faults` (RTCSTATS_FAULTS=all), because building them takes minutes; the others
//! are imitated. `docs/stores.md` is made from the same table.

mod document;
mod table;

use std::process::{Child, Command, Stdio};

use support::large::{self, IN_PARTS};
use support::server::free_port;
use support::strict_s3::Setup;
use support::{Forward, Moto, Server, StrictS3, each_at_once, place, wait_until};
use tempfile::TempDir;

use crate::s3::{assert_emptied, rows, session, told};
use table::{KINDS, Kind, Style, Tried};

const PREFIX: &str = "RTCSTATS_STORAGE__S3__";

/// A server that delivers to a store of this kind, and what has to stay alive for it.
struct Site {
    server: Server,
    store: Option<StrictS3>,
    _real: Option<Real>,
}

fn site(kind: &Kind) -> Site {
    let (mut server, style) = (Server::prepare(&[]), kind.style == Style::Path);
    let (store, real) = match kind.tried {
        Tried::Imitated => (Some(imitated(kind, &mut server)), None),
        Tried::Real(program) => (None, Some(Real::start(program, &mut server))),
    };
    server.set(&format!("{PREFIX}REGION"), kind.region);
    server.set(&format!("{PREFIX}PATH_STYLE"), &style.to_string());
    Site {
        server,
        store,
        _real: real,
    }
}

/// A bucket in front of a host needs a name, which a proxy leads to the store.
fn imitated(kind: &Kind, server: &mut Server) -> StrictS3 {
    let store = StrictS3::start_with(Setup {
        region: kind.region.to_owned(),
        domain: Some("s3.example.org".to_owned()),
        ..Setup::default()
    });
    (kind.prepare)(&store);
    store.answer(kind.script);
    for (name, value) in store.environment() {
        server.set(&name, &value);
    }
    if kind.style == Style::Host {
        let proxy = Forward::start(&[("dumps.s3.example.org", store.address())]);
        server.set(&format!("{PREFIX}ENDPOINT"), "http://s3.example.org");
        server.set("http_proxy", &proxy.url());
    }
    store
}

/// A real store with its data in a folder of its own.
struct Real {
    child: Child,
    _folder: TempDir,
}

impl Real {
    fn start(program: &str, server: &mut Server) -> Real {
        let folder = TempDir::new().expect("a temporary folder can be made");
        std::fs::create_dir(folder.path().join("dumps")).expect("a bucket");
        let port = free_port().to_string();
        let (id, secret) = ("AKIDEXAMPLE", "wJalrXUtnFEMI-K7MDENG");
        let mut command = Command::new(place::tools().join(program).join("bin").join(program));
        command.args(["--host", "127.0.0.1", "--port", &port]);
        command
            .args(["--access-key", id, "--secret-key", secret])
            .arg(folder.path());
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("it is installed: tests/tools.sh faults");
        let endpoint = format!("http://127.0.0.1:{port}");
        for (name, value) in Moto::environment(&endpoint, &(id.to_owned(), secret.to_owned())) {
            server.set(&name, &value);
        }
        wait_until("the store to listen", || {
            std::net::TcpStream::connect(&endpoint[7..]).is_ok()
        });
        Real { child, _folder: folder }
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_everything_tried() -> bool {
    std::env::var("RTCSTATS_FAULTS").is_ok_and(|value| value == "all")
}

#[test]
fn every_store_takes_and_erases_dumps() {
    let kinds: Vec<&Kind> = KINDS
        .iter()
        .filter(|kind| is_everything_tried() || kind.tried == Tried::Imitated)
        .collect();
    each_at_once(
        &kinds,
        |kind| kind.name.to_owned(),
        |kind| {
            let mut site = site(kind);
            std::fs::create_dir_all(site.server.data()).expect("a data folder");
            let (done, said) = told(&site.server, &["check-config", "--probe"]);
            assert!(done, "{said}");
            site.server.restart();
            session(&site.server, &["[1]"]);
            // A large dump costs seconds; what differs between stores in uploads has a table of its own.
            let count = if is_everything_tried() {
                large::session(&site.server, IN_PARTS);
                2
            } else {
                1
            };
            rows(&site.server, count);
            assert_emptied(&site.server);
            let log = site.server.log();
            assert!(!log.contains("ERROR") && !log.contains("is down"), "{log}");
            erase_all(kind, &site, count);
        },
    );
}

fn erase_all(kind: &Kind, Site { server, store, .. }: &Site, count: usize) {
    for row in server.rows() {
        let (done, said) = told(server, &["erase", "--id", &row.id, "--yes"]);
        assert_eq!(done, !kind.name.contains("lock"), "{said}");
    }
    let left = if kind.name.contains("lock") { count } else { 0 };
    assert_eq!(server.rows().len(), left);
    if let Some(store) = store {
        let versions = |store: &mut support::strict_s3::Store| store.buckets["dumps"].keys.len();
        let kept = store.change(versions);
        assert!(
            if left == 0 { kept == 0 } else { kept > 0 },
            "{kept} keys have versions"
        );
    }
}
