//! Features in both destinations of production: objects in a bucket, and tables in PostgreSQL.

use support::{Recorded, Remote, Server};

use super::{send, told};

const TABLES: [&str; 3] = ["client", "connection", "track"];

/// All rows of the three tables as JSON, in order.
fn tables(remote: &Remote) -> Vec<Vec<String>> {
    let rows = |table| {
        let all = format!("SELECT to_jsonb(f)::text FROM rtcstats_features_{table} f ORDER BY 1");
        remote.cluster.texts(&all)
    };
    TABLES.map(rows).to_vec()
}

/// All objects with features: key and content.
fn objects(remote: &Remote) -> Vec<(String, Vec<u8>)> {
    let all = remote.moto.objects(support::moto::BUCKET).into_iter();
    all.filter(|object| object.key.ends_with(".features.json"))
        .map(|object| (object.key, object.content))
        .collect()
}

#[test]
fn in_bucket_and_tables_a_backfill_makes_what_packing_has_made() {
    let remote = Remote::start();
    let mut server = Server::prepare(&[("RTCSTATS_FEATURES__TABLES", "true")]);
    remote.configure(&mut server);
    let made = told(&server, &["migrate"]);
    assert_eq!(made.0, 0, "{made:?}");
    server.restart();
    let names = ["short-session", "turn-relay", "derived-line-zoo"];
    names
        .iter()
        .for_each(|name| send(&server, &Recorded::named(name).messages));
    let found = || {
        let all = "SELECT (metadata -> 'findings')::text FROM rtcstats ORDER BY id";
        remote.cluster.texts(all)
    };
    let read = || (objects(&remote), tables(&remote), found());
    support::wait_until("the rows", || remote.row_count() == names.len());
    let dumps = remote.delivered(&server);
    assert_eq!(dumps.len(), names.len());
    server.stop();
    let packed = read();
    assert!(packed.0.len() == 3 && packed.1[0].len() == 3, "{packed:?}");
    assert!(packed.1.iter().all(|rows| !rows.is_empty()), "{packed:?}");
    assert!(packed.2.iter().all(|found| found.starts_with('{')), "{packed:?}");
    // As if an earlier version had stored them. The objects are written over.
    let puts = || remote.moto.requests("PUT", ".features.json");
    assert_eq!(puts(), 3);
    remote.cluster.execute(
        "UPDATE rtcstats SET features_url = NULL, metadata = metadata - 'findings';
         UPDATE rtcstats SET features_url = 'older' WHERE id = (SELECT id FROM rtcstats ORDER BY id DESC LIMIT 1)",
    );
    for table in TABLES {
        // The youngest has features already.
        let older = "dump_id <> (SELECT id FROM rtcstats ORDER BY id DESC LIMIT 1)";
        remote
            .cluster
            .execute(&format!("DELETE FROM rtcstats_features_{table} WHERE {older}"));
    }
    let done = told(&server, &["features", "--backfill"]);
    assert_eq!(
        (done.0, done.1.as_str()),
        (0, "2 stored dumps got features and findings, 1 more got findings\n"),
        "{}",
        done.2
    );
    assert_eq!(puts(), 6);
    assert_eq!(read(), packed);
    remote.settled();
    for dump in dumps {
        let erased = told(&server, &["erase", "--id", &dump.id(), "--yes"]);
        assert_eq!(erased.0, 0, "{erased:?}");
    }
    assert_eq!(read(), (Vec::new(), vec![Vec::new(); 3], Vec::new()));
}
