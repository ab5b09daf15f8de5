//! `erase` beside a running server: what it removes from store, catalogue and spool, and what it refuses.

use std::fs;

use support::{Client, Server, wait_until};

pub const SECRET: &str = "correct horse battery staple and more";

/// The exit code, output and errors of a command.
pub fn told(server: &Server, arguments: &[&str]) -> (i32, String, String) {
    let output = server.run(arguments);
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (
        output.status.code().unwrap_or(-1),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Opens a session of this user, with one message.
fn open(server: &Server, user: &str) -> Client {
    let (_, token, _) = told(server, &["token", "--user", user, "--conference", "weekly"]);
    let mut client = Client::open(server.address(), &format!("/?rtcstats-token={}", token.trim()));
    client.send("[\"said\",null,null,0]");
    client.sync();
    client
}

fn users(server: &Server) -> Vec<String> {
    let rows = server.rows().into_iter().map(|row| row.user.expect("a user"));
    let mut users: Vec<String> = rows.collect();
    users.sort();
    users
}

#[test]
fn what_is_stored_goes_only_with_yes_and_live_sessions_stay() {
    let server = Server::start(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)]);
    for user in ["alice", "alice", "bob"] {
        open(&server, user).close(None);
    }
    server.delivered(3);
    let live = open(&server, "alice");
    wait_until("the spool to hold the live one only", || server.spooled().len() == 1);

    let (code, out, _) = told(&server, &["erase", "--user", "alice"]);
    assert!(
        code == 0 && out.contains("Nothing was erased") && out.contains("1 of them are live"),
        "{out}"
    );
    assert!(!out.contains("Nothing fits"), "{out}");
    let (code, misspelt, _) = told(&server, &["erase", "--user", "alic"]);
    assert!(code == 0 && misspelt.contains("Nothing fits"), "{misspelt}");
    assert_eq!(
        (out.matches("\nstored ").count(), out.matches("\nlive ").count()),
        (2, 1),
        "{out}"
    );
    assert_eq!((server.dumps().len(), server.rows().len()), (3, 3));
    assert_eq!(told(&server, &["erase", "--user", "nobody", "--yes"]).0, 0);
    assert_eq!(
        told(&server, &["erase", "--user", "alice", "--conference", "daily", "--yes"]).0,
        0
    );
    assert_eq!(server.rows().len(), 3);

    let (code, out, error) = told(&server, &["erase", "--user", "alice", "--yes"]);
    assert!(code == 0 && out.contains("2 stored dumps are erased"), "{out}{error}");
    assert_eq!((users(&server), server.dumps().len()), (vec!["bob".to_string()], 1));
    live.close(None);
    wait_until("the live one to be delivered", || users(&server) == ["alice", "bob"]);
    let id = server
        .rows()
        .into_iter()
        .find(|row| row.user.as_deref() == Some("alice"))
        .unwrap()
        .id;
    assert_eq!(told(&server, &["erase", "--id", &id, "--yes"]).0, 0);
    assert_eq!((users(&server), server.dumps().len()), (vec!["bob".to_string()], 1));
}

/// The store cannot be reached, so everything waits in `packed`. Then the same with dumps that have failed, and with
/// sessions that a crash has cut off.
#[test]
fn what_is_in_the_spool_never_arrives() {
    let mut server = Server::start(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)]);
    let (store, away) = (server.data().join("dumps"), server.data().join("away"));
    fs::rename(&store, &away).unwrap();
    for user in ["alice", "alice", "bob"] {
        open(&server, user).close(None);
    }
    let cut_off = [open(&server, "alice"), open(&server, "bob")];
    let packed = || {
        server
            .spooled()
            .iter()
            .filter(|file| file.to_string_lossy().ends_with(".jsonl.gz"))
            .count()
    };
    wait_until("three to be packed", || packed() == 3);
    server.kill();
    drop(cut_off);
    let failed = server.data().join("spool/0/failed");
    let id = "019aa1b2-0000-7000-8000-000000000000";
    let text = "RTCStatsDump\n{\"rtcstatsServer\":{\"user\":\"alice\",\"host\":\"h\",\"start\":1}}\n[1]\n";
    fs::write(failed.join(format!("{id}.jsonl")), text).unwrap();
    fs::write(failed.join(format!("{id}.txt")), "why").unwrap();

    let (code, out, error) = told(&server, &["erase", "--user", "alice", "--yes"]);
    assert!(
        code == 0 && out.contains("4 were in the spool; 3 wait there"),
        "{out}{error}"
    );
    assert_eq!(fs::read_dir(&failed).unwrap().count(), 0);
    fs::rename(&away, &store).unwrap();
    server.restart();
    wait_until("the rest to be delivered", || users(&server) == ["bob", "bob"]);
    wait_until("the spool to be empty", || server.spooled().is_empty());
    let tombstones = || fs::read_dir(server.data().join("spool/erased")).unwrap().count();
    wait_until("the tombstones to go", || tombstones() == 0);
    assert_eq!((users(&server), server.dumps().len()), (vec!["bob".to_string(); 2], 2));
}

#[test]
fn a_manifest_with_a_lost_bit_makes_no_dump_that_of_another_user() {
    let server = Server::start(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)]);
    let failed = server.data().join("spool/0/failed");
    let id = "019aa1b2-0000-7000-8000-000000000000";
    let manifest =
        format!(r#"{{"id":"{id}","key":"{id}","user":"alice","metadata":{{}},"start":1,"end":2,"crc32":1}}"#);
    fs::write(failed.join(format!("{id}.json")), manifest).unwrap();
    fs::write(failed.join(format!("{id}.jsonl.gz")), "x").unwrap();
    let (code, out, _) = told(&server, &["erase", "--user", "alice"]);
    assert!(
        code == 0 && out.contains("its manifest is damaged") && out.contains(&format!("--id {id}")),
        "{out}"
    );
    let (_, out, _) = told(&server, &["erase", "--id", id]);
    let line = out.lines().find(|line| line.contains(id)).expect("it is listed");
    let cells: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(
        cells,
        ["failed", id, "-", "-", "-", "-"],
        "what is not known is not shown"
    );
    let (code, out, error) = told(&server, &["erase", "--user", "alice", "--yes"]);
    assert!(
        code == 1 && out.contains("0 were in the spool") && error.contains("its manifest is damaged"),
        "{out}{error}"
    );
    assert_eq!(fs::read_dir(&failed).unwrap().count(), 2);
    assert_eq!(told(&server, &["erase", "--id", id, "--yes"]).0, 0);
    assert_eq!(fs::read_dir(&failed).unwrap().count(), 0);
}

#[test]
fn an_object_outside_of_the_store_is_refused_and_its_row_stays() {
    let mut server = Server::start(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)]);
    open(&server, "alice").close(None);
    server.delivered(1);
    wait_until("the spool to be empty", || server.spooled().is_empty());
    assert!(server.stop().success());
    let elsewhere = server.data().join("precious.jsonl.gz");
    fs::write(&elsewhere, b"not the server's").unwrap();
    let catalogue = rusqlite::Connection::open(server.data().join("catalog.db")).unwrap();
    for url in [
        format!("file://{}", elsewhere.display()),
        format!("file://{}/../precious.jsonl.gz", server.data().join("dumps").display()),
        "https://bucket.example.org/a.jsonl.gz".to_string(),
    ] {
        // In the first round, the URL is the second one of a row whose other URL is the server's own.
        for column in ["features_url", "blob_url"] {
            let sql = format!("UPDATE rtcstats SET {column} = ?1");
            catalogue.execute(&sql, [&url]).unwrap();
            let (code, _, error) = told(&server, &["erase", "--user", "alice", "--yes"]);
            assert!(code == 1 && error.contains("not usable"), "{error}");
            assert!(elsewhere.exists() && server.rows().len() == 1, "{url}");
            assert_eq!(server.dumps().len(), 1);
        }
    }
}

#[test]
fn it_has_to_be_said_what() {
    let server = Server::prepare(&[]);
    assert_eq!(told(&server, &["erase"]).0, 2);
    assert_eq!(told(&server, &["erase", "--yes"]).0, 2);
    assert_eq!(told(&server, &["erase", "--user", ""]).0, 2);
    let (code, out, error) = told(&server, &["erase", "--user", "alice"]);
    assert!(code == 1 && error.contains("there is no catalogue at "), "{error}");
    assert!(!out.contains("Nothing fits"), "it is not known: {out}");
    assert!(!server.data().exists(), "a dry run makes nothing");
}

/// What waits in the spool is erased nevertheless, since it would be stored later.
#[test]
fn a_catalogue_that_is_not_there_holds_not_nothing() {
    let mut server = Server::start(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)]);
    open(&server, "alice").close(None);
    server.delivered(1);
    wait_until("the spool to be empty", || server.spooled().is_empty());
    assert!(server.stop().success());
    let failed = server.data().join("spool/0/failed");
    let text = "RTCStatsDump\n{\"rtcstatsServer\":{\"user\":\"alice\",\"host\":\"h\",\"start\":1}}\n[1]\n";
    fs::write(failed.join("019aa1b2-0000-7000-8000-000000000000.jsonl"), text).unwrap();
    fs::remove_file(server.data().join("catalog.db")).unwrap();
    let (code, out, error) = told(&server, &["erase", "--user", "alice"]);
    assert!(
        code == 1 && out.contains("\nfailed ") && error.contains("there is no catalogue at "),
        "{out}{error}"
    );
    let (code, out, error) = told(&server, &["erase", "--user", "alice", "--yes"]);
    assert!(code == 1 && error.contains("there is no catalogue at "), "{out}{error}");
    assert!(
        error.contains("1 dumps in the spool are erased nevertheless"),
        "{error}"
    );
    assert_eq!((fs::read_dir(&failed).unwrap().count(), server.dumps().len()), (0, 1));
    assert!(!server.data().join("catalog.db").exists(), "it makes none");
}

/// Nobody would look for the rows of the old one in the new one.
#[test]
fn a_catalogue_that_is_made_anew_beside_stored_dumps_is_told() {
    let mut server = Server::start(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)]);
    open(&server, "alice").close(None);
    server.delivered(1);
    wait_until("the spool to be empty", || server.spooled().is_empty());
    assert!(!server.log().contains("a new one is made"), "{}", server.log());
    let remove = |server: &Server| {
        for name in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
            let _ = fs::remove_file(server.data().join(name));
        }
    };
    remove(&server);
    open(&server, "bob").close(None);
    wait_until("a row in a new catalogue", || users(&server) == ["bob"]);
    wait_until("the word of it", || {
        server
            .log()
            .contains("was removed while it was used: a new one is made")
    });
    assert!(server.stop().success());
    remove(&server);
    server.restart();
    wait_until("the word of it", || {
        server.log().contains("holds 2 stored dumps: a new one is made")
    });
}
