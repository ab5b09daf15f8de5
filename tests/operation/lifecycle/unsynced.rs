//! A sync that fails once: the kernel says so once, and what was written since the last sync may be gone although it
//! can be read. What was packed then is packed again, what was stored is stored again, and each dump arrives once.

use support::{Client, Server, wait_until};

/// Which folders lie on a disk of their own, and which sync fails, counted over all disks.
const CASES: [(&[&str], usize); 8] = [
    (&[], 1),
    (&[], 2),
    (&[], 3),
    (&[], 4),
    (&["RTCSTATS_STORAGE__DIRECTORY__PATH"], 2),
    (&["RTCSTATS_STORAGE__DIRECTORY__PATH"], 4),
    (&["RTCSTATS_DATABASE__SQLITE__PATH"], 4),
    (
        &["RTCSTATS_STORAGE__DIRECTORY__PATH", "RTCSTATS_DATABASE__SQLITE__PATH"],
        6,
    ),
];

#[test]
fn what_a_failed_sync_may_have_lost_is_written_again() {
    for (elsewhere, which) in CASES {
        arrives_although(elsewhere, which);
    }
}

fn arrives_although(elsewhere: &[&str], which: usize) {
    let other = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a folder");
    let mut server = Server::prepare(&[("RTCSTATS_SPOOL__SYNC_INTERVAL", "200ms")]);
    for name in elsewhere {
        server.set(name, &other.path().join(&name[9..14]).to_string_lossy());
    }
    let inject = format!("-einject=syncfs:error=EIO:when={which}");
    server.wrap(&[
        "strace",
        "-D",
        "-f",
        "-qq",
        "-o/dev/null",
        "-etrace=syncfs",
        &inject,
        "--",
    ]);
    server.restart();
    let mut live = Client::open(server.address(), "/");
    let mut sent = 0;
    let failed = || server.log().contains("the disks cannot be synced");
    wait_until("a sync to fail", || {
        live.send(&format!("[\"live\",null,null,{sent}]"));
        live.sync();
        let mut client = Client::open(server.address(), "/");
        client.send(&format!("[\"done\",null,null,{sent}]"));
        client.close(None);
        sent += 1;
        failed()
    });
    wait_until("the next sync", || server.log().contains("the disks are synced again"));
    live.close(None);
    let count = sent + 1;
    wait_until("the spool to be empty", || server.spooled().is_empty());
    let found = server.run(&["find", "--json", "--limit", "1000"]);
    let rows = String::from_utf8(found.stdout).expect("text");
    assert_eq!(rows.lines().count(), count, "{elsewhere:?} {which}: {rows}");
    let objects = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let url = row["blob_url"].as_str().expect("a URL").to_owned();
        std::fs::metadata(url.trim_start_matches("file://")).is_ok_and(|metadata| metadata.len() > 0)
    };
    assert!(rows.lines().all(objects), "{elsewhere:?} {which}: {rows}");
    assert!(
        server.log().contains("not yet safe against a power cut"),
        "{}",
        server.log()
    );
    assert!(!server.log().contains("goes to failed"), "{}", server.log());
}
