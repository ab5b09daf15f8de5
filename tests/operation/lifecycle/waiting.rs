//! `erase` while dumps wait for a bucket or a database. A dump that it marks never arrives, or is removed again if it
//! has arrived.
//!
//! Each server has one worker, so it is known which dump is where: the worker holds the first one, and the others wait.

use support::forms;
use support::gate::{Hold, Rule};
use support::{Gate, Remote, wait_until};

use crate::lifecycle::erase::told;
use crate::lifecycle::remote::{Call, Site, start};

const MEBIBYTE: usize = 1024 * 1024;

const FIRST: Call = ("s1", "alice", "weekly");
const BEHIND: Call = ("s2", "alice", "weekly");
const OTHER: Call = ("s3", "bob", "weekly");

/// A server that is not started yet.
fn prepare(remote: &Remote, name: &'static str, endpoint: &str, schema: Option<&'static str>) -> Site {
    let mut site = Site::prepare(remote, name, Some(endpoint), schema);
    site.server.set("RTCSTATS_DELIVERY__WORKERS", "1");
    site
}

/// Letters in an order that gzip cannot use, so that a million of them pack to more than half as many bytes.
fn noise(length: usize) -> String {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let letters = (0..length).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b"ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ"[(state >> 40) as usize % 40])
    });
    format!(r#"["custom",null,"{}",1]"#, letters.collect::<String>())
}

/// Asserts that nothing of alice's is left, and everything of the others.
fn assert_gone(remote: &Remote, sites: &[Site], labels: &[&str]) {
    wait_until("empty spools", || !sites.iter().any(Site::has_waiting));
    let tombstones =
        |site: &Site| std::fs::read_dir(site.server.data().join("spool/erased")).map_or(0, Iterator::count);
    wait_until("the tombstones to go", || {
        sites.iter().all(|site| tombstones(site) == 0)
    });
    crate::lifecycle::remote::assert_stored(remote, sites, labels);
    assert_eq!(remote.moto.uploads(), Vec::<String>::new(), "uploads in parts are left");
}

fn erase(site: &Site, said: &str) {
    let (code, out, error) = told(&site.server, &["erase", "--user", "alice"]);
    assert!(
        code == 0 && out.contains("Nothing was erased"),
        "{}: {out}{error}",
        site.name
    );
    let (code, out, error) = told(&site.server, &["erase", "--user", "alice", "--yes"]);
    assert!(code == 0 && out.contains(said), "{}: {out}{error}", site.name);
}

/// One put has not arrived, one has arrived without an answer, and one in parts stops in the middle.
#[test]
fn what_waits_for_the_bucket_never_arrives() {
    let remote = start();
    let rule = |hold, words| Rule { hold, words };
    let moments = [
        ("a", Some("exact"), rule(Hold::Request, "PUT /dumps/")),
        ("b", Some("numbered"), rule(Hold::Answer, "PUT /dumps/")),
        ("c", Some("keyless"), rule(Hold::Request, "partNumber=2&")),
        ("d", None, rule(Hold::Answer, "PUT /dumps/")),
    ];
    let (mut sites, mut gates) = (Vec::new(), Vec::new());
    for (name, schema, rule) in moments {
        let gate = Gate::start(remote.moto.address());
        gate.hold(rule);
        let mut site = prepare(&remote, name, &gate.endpoint(), schema);
        site.server.restart();
        let mut first = site.open(FIRST);
        if rule.words.contains("part") {
            let noise = noise(3 * MEBIBYTE);
            (0..9).for_each(|_| first.send(&noise));
        }
        first.close(None);
        wait_until(rule.words, || gate.holds());
        [BEHIND, OTHER].into_iter().for_each(|call| site.open(call).close(None));
        sites.push(site);
        gates.push(gate);
    }
    let live = sites[0].open(("s4", "alice", "weekly"));
    let bucket = remote.dumps();
    let arrived: Vec<usize> = sites.iter().map(|site| site.objects(&bucket).len()).collect();
    assert_eq!((arrived, remote.moto.uploads().len()), (vec![0, 1, 0, 1], 1));
    let said = "0 stored dumps are erased, 2 were in the spool; 2 wait there";
    sites.iter().for_each(|site| erase(site, said));
    gates.iter().for_each(Gate::open);
    assert_gone(&remote, &sites[1..], &["s3"]);
    live.close(None);
    assert_gone(&remote, &sites[..1], &["s3", "s4"]);
}

/// First inserts fail while the table can be read, then the whole cluster is unreachable: objects are stored, rows
/// wait.
#[test]
fn what_waits_for_the_database_goes_again() {
    let mut remote = start();
    let endpoint = remote.moto.endpoint();
    let schemas = forms::FORMS;
    let mut sites: Vec<Site> = ["a", "b", "c"]
        .into_iter()
        .zip(schemas)
        .map(|(name, schema)| prepare(&remote, name, &endpoint, Some(schema)))
        .collect();
    remote.cluster.execute(REFUSING);
    for (site, schema) in sites.iter_mut().zip(schemas) {
        remote.cluster.execute(&format!(
            "CREATE TRIGGER refuses BEFORE INSERT ON {schema}.rtcstats EXECUTE FUNCTION refuses()"
        ));
        site.server.restart();
        [FIRST, BEHIND, OTHER]
            .into_iter()
            .for_each(|call| site.open(call).close(None));
    }
    let live = sites[0].open(("s4", "alice", "weekly"));
    let arrived = |count: usize| {
        let bucket = remote.dumps();
        sites.iter().all(|site| site.objects(&bucket).len() == count)
    };
    wait_until("all objects", || arrived(3));
    sites
        .iter()
        .for_each(|site| erase(site, "0 stored dumps are erased, 2 were in the spool; 2 wait there"));
    // What was marked stays marked.
    sites[1].server.kill();
    sites[1].server.restart();
    remote.cluster.execute("DROP FUNCTION refuses() CASCADE");
    assert_gone(&remote, &sites[1..], &["s3"]);
    live.close(None);
    assert_gone(&remote, &sites[..1], &["s3", "s4"]);

    remote.cluster.stop();
    let calls = [("s5", "alice", "weekly"), ("s6", "bob", "weekly")];
    for site in &sites {
        calls.into_iter().for_each(|call| site.open(call).close(None));
    }
    wait_until("the objects of alice", || {
        let bucket = remote.dumps();
        sites
            .iter()
            .all(|site| site.objects(&bucket).iter().any(|object| object.starts_with("s5 ")))
    });
    let away = "database postgres on 127.0.0.1";
    for site in &sites {
        let (code, _, error) = told(&site.server, &["erase", "--user", "alice"]);
        assert!(code == 1 && error.contains(away), "{error}");
        let (code, _, error) = told(&site.server, &["erase", "--user", "alice", "--yes"]);
        let said = "1 dumps in the spool are erased nevertheless, 1 of them when the server comes to them";
        assert!(code == 1 && error.contains(away) && error.contains(said), "{error}");
    }
    remote.cluster.restart();
    assert_gone(&remote, &sites[1..], &["s3", "s6"]);
    assert_gone(&remote, &sites[..1], &["s3", "s4", "s6"]);
}

/// Refuses as a server does that is about to stop, which says nothing about the row.
const REFUSING: &str = "CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '57P03'; END $$";
