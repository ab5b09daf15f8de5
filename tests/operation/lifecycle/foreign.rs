//! `erase` touches nothing outside the configured bucket or folder, whatever a row says. If the bucket does not answer
//! for an object, the row stays, so that the object is found again.

use std::fs;
use std::process::Stdio;

use support::gate::{Hold, Rule};
use support::{Gate, Remote, wait_for, wait_until};

use crate::lifecycle::erase::told;
use crate::lifecycle::remote::{Site, assert_stored, deliver, start};

const ID: &str = "019aa1b2-0000-7000-8000-000000000000";

/// Rows of the same user whose objects lie elsewhere, beside one of each kind that is the server's own.
#[test]
fn an_object_outside_of_bucket_or_folder_is_refused_and_nothing_of_it_touched() {
    let remote = start();
    let gate = Gate::start(remote.moto.address());
    let sites = [
        Site::start(&remote, "a", Some(&gate.endpoint()), Some("exact")),
        Site::start(&remote, "b", Some(&gate.endpoint()), Some("keyless")),
        Site::start(&remote, "c", None, Some("numbered")),
    ];
    let bucket = deliver(&remote, &sites, &[("s1", "alice", "weekly"), ("s2", "bob", "weekly")]);
    let dumps = sites[2].server.data().join("dumps");
    let precious = [
        dumps.with_file_name("precious.jsonl.gz"),
        dumps.with_file_name("dumps-of-others.jsonl.gz"),
    ];
    precious
        .iter()
        .for_each(|file| fs::write(file, b"not the server's").expect("it is written"));
    let base = format!("{}/dumps", gate.endpoint());
    let of_bucket = [
        format!("{}/others/{ID}.jsonl.gz", gate.endpoint()),
        format!("{base}-of-others/{ID}.jsonl.gz"),
        format!("{base}{ID}.jsonl.gz"),
        format!("{base}/../others/{ID}.jsonl.gz"),
        format!("{base}/a/%2e%2e/{ID}.jsonl.gz"),
        format!("{base}/{ID}.jsonl.gz?versionId=1"),
        format!("{}/{ID}.jsonl.gz", base.replace("http:", "https:")),
        format!("http://127.0.0.1:1/dumps/{ID}.jsonl.gz"),
        format!("file://{}", precious[0].display()),
        base.clone(),
    ];
    let of_folder = [
        format!("file://{}", precious[0].display()),
        format!("file://{}", precious[1].display()),
        format!("file://{}/../precious.jsonl.gz", dumps.display()),
        format!("file://{}/a/..%2F..%2Fprecious.jsonl.gz", dumps.display()),
        format!("file://localhost{}/x.jsonl.gz", dumps.display()),
        format!("{base}/{ID}.jsonl.gz"),
    ];
    for (site, urls) in sites.iter().zip([&of_bucket[..], &of_bucket, &of_folder]) {
        refuses(&remote, site, urls);
    }
    let own = |label| {
        sites[..2]
            .iter()
            .map(|site| site.id(&bucket, label))
            .collect::<Vec<_>>()
    };
    let removals: Vec<String> = gate
        .lines()
        .into_iter()
        .filter(|line| line.starts_with("DELETE ") && !line.contains(".features.json"))
        .collect();
    let expected = ["a", "b"].iter().zip(own("s1"));
    let expected: Vec<String> = expected
        .map(|(name, id)| format!("DELETE /dumps/{name}/alice/{id}.jsonl.gz HTTP/1.1"))
        .collect();
    assert_eq!(removals, expected, "only these requests would take something away");
    assert!(!gate.lines().iter().any(|line| line.contains(ID) || line.contains("..")));
    assert!(precious.iter().all(|file| file.exists()));
    let bucket = remote.dumps();
    for site in &sites {
        assert_eq!(site.objects(&bucket).len(), 1, "{}: bob's is left", site.name);
    }
}

/// Adds a row for each URL, erases twice, and checks what is left and what was reported.
fn refuses(remote: &Remote, site: &Site, urls: &[String]) {
    let table = format!("{}.rtcstats", site.schema().expect("a table of PostgreSQL"));
    for url in urls {
        remote.cluster.execute(&format!(
            "INSERT INTO {table} (rtcstats_user, rtcstats_session, blob_url) VALUES ('alice', 'foreign', '{url}')"
        ));
    }
    let left = || {
        remote.cluster.texts(&format!(
            "SELECT blob_url FROM {table} WHERE rtcstats_user = 'alice' ORDER BY blob_url COLLATE \"C\""
        ))
    };
    let mut sorted = urls.to_vec();
    sorted.sort();
    for erased in [1, 0] {
        let (code, out, error) = told(&site.server, &["erase", "--user", "alice", "--yes"]);
        assert!(
            code == 1 && out.contains(&format!("{erased} stored dumps are erased")),
            "{out}{error}"
        );
        assert_eq!(error.lines().count(), urls.len(), "one line each: {error}");
        for url in urls {
            let told = error.lines().filter(|line| line.ends_with(&format!(": {url}")));
            let is_clear = |line: &str| line.starts_with("error: dump ") && line.contains("not usable");
            assert!(
                told.clone().count() == 1 && told.clone().all(is_clear),
                "{url}: {error}"
            );
        }
        assert_eq!(left(), sorted, "the rows stay");
    }
}

/// First the request is lost, then its answer; the command is killed while it waits.
#[test]
fn what_was_interrupted_is_erased_the_next_time() {
    let remote = start();
    let gate = Gate::start(remote.moto.address());
    let site = Site::start(&remote, "a", Some(&gate.endpoint()), Some("numbered"));
    let sites = [site];
    let bucket = deliver(&remote, &sites, &[("s1", "alice", "weekly"), ("s2", "bob", "weekly")]);
    let site = &sites[0];
    let left = |objects, rows| {
        let bucket = remote.dumps();
        assert_eq!(
            (site.objects(&bucket).len(), site.rows(&remote.cluster).len()),
            (objects, rows)
        );
    };
    let spawn = || {
        let mut command = site.server.command(&["erase", "--user", "alice", "--yes"]);
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        quiet.spawn().expect("the binary starts")
    };
    gate.hold(Rule {
        hold: Hold::Request,
        words: "DELETE ",
    });
    let mut erase = spawn();
    wait_until("the request", || gate.holds());
    gate.open();
    let status = wait_for("its end", || erase.try_wait().expect("one's own child"));
    assert_eq!(status.code(), Some(1), "it says that it has failed");
    left(2, 2);
    gate.hold(Rule {
        hold: Hold::Answer,
        words: "DELETE ",
    });
    let mut erase = spawn();
    wait_until("the answer", || gate.holds());
    erase.kill().expect("one's own child");
    erase.wait().expect("it has ended");
    left(1, 2);
    gate.open();
    let id = site.id(&bucket, "s1");
    let (code, out, error) = told(&site.server, &["erase", "--id", &id, "--yes"]);
    assert!(code == 0 && out.contains("1 stored dumps are erased"), "{out}{error}");
    assert_stored(&remote, &sites, &["s2"]);
}
