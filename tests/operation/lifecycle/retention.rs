//! `[retention]` as an operator switches it on: the oldest copies are removed, their rows stay.

use std::time::{Duration, SystemTime};

use support::{Client, Server, wait_until};

fn deliver(server: &Server, count: usize) {
    for number in 0..count {
        let mut client = Client::open(server.address(), "/");
        client.send(&format!("[\"number\",null,{number},0]"));
        client.close(None);
    }
    server.delivered(count);
    wait_until("the spool to be empty", || server.spooled().is_empty());
}

#[test]
fn what_is_too_old_goes_from_the_store_and_stays_in_the_catalogue() {
    let mut server = Server::start(&[]);
    assert!(server.log().contains("see [retention]"), "an operator is told once");
    deliver(&server, 3);
    let old = server.dumps().remove(1);
    let file = std::fs::File::options().write(true).open(&old.path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(40 * 86_400))
        .unwrap();
    assert!(server.stop().success());
    server.set("RTCSTATS_RETENTION__MAX_AGE", "30d");
    server.restart();
    wait_until("the old dump to go", || !old.path.exists());
    assert_eq!((server.dumps().len(), server.rows().len()), (2, 3));
    for row in server.rows() {
        let reason = row.metadata["blobRemoved"].as_str();
        assert_eq!(reason, (row.id == old.id()).then_some("max_age"));
        assert_eq!(row.blob_url.is_none(), row.id == old.id());
        assert_eq!(row.metadata["numberOfMessages"], 1);
    }
    let found = server.run(&["find"]);
    assert_eq!(String::from_utf8(found.stdout).unwrap().lines().count(), 4);
}
