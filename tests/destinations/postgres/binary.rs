//! The delivery of dumps by the real binary to PostgreSQL.

use serde_json::Value;
use support::stored::files_below;
use support::{Client, Dump, Server, wait_for, wait_until};

use crate::postgres::*;

fn environment(cluster: &Cluster) -> [(&'static str, String); 2] {
    [
        ("RTCSTATS_DATABASE__BACKEND", "postgres".into()),
        ("RTCSTATS_DATABASE__POSTGRES__URL", cluster.url()),
    ]
}

fn prepare(cluster: &Cluster) -> Server {
    let environment = environment(cluster);
    Server::prepare(&environment.each_ref().map(|(name, value)| (*name, value.as_str())))
}

fn start(cluster: &Cluster) -> Server {
    let mut server = prepare(cluster);
    server.restart();
    server
}

/// A complete session with `messages` messages.
fn session(server: &Server, messages: usize) {
    let mut client = Client::open(server.address(), "/room");
    (0..messages).for_each(|n| client.send(&format!("[\"custom\",null,{n},{n}]")));
    client.sync();
    client.close(Some(1000));
}

/// What a command prints that ends well.
fn printed(server: &Server, arguments: &[&str]) -> String {
    let output = server.run(arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// All dumps that are not delivered yet.
fn spool_list(server: &Server) -> Vec<Value> {
    let lines = printed(server, &["spool", "list", "--json"]);
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

const SECRET: &str = "a-secret-of-the-tests-with-32-bytes";

/// A session of this user.
fn session_of(server: &Server, user: &str) {
    let output = server.run(&["token", "--user", user, "--session", "call"]);
    let token = String::from_utf8(output.stdout).expect("a token is text");
    let mut client = Client::open(server.address(), &format!("/room?rtcstats-token={}", token.trim()));
    client.send("[\"custom\",null,1,1]");
    client.sync();
    client.close(Some(1000));
}

/// Waits until `dumps` dumps are stored, each with exactly one row that names it, and nothing is left in the spool.
fn delivered(cluster: &Cluster, server: &Server, dumps: usize) -> Vec<Dump> {
    wait_for("all rows", || (count(cluster) >= dumps as i64).then_some(()));
    wait_until("the spool to be empty", || server.spooled().is_empty());
    let stored = server.dumps();
    let urls = cluster.texts("SELECT blob_url FROM rtcstats ORDER BY blob_url");
    let expected: Vec<String> = stored
        .iter()
        .map(|dump| format!("file://{}", dump.path.display()))
        .collect();
    assert_eq!((urls, stored.len()), (expected, dumps));
    stored
}

#[test]
fn sessions_become_dumps_and_rows_that_can_be_found() {
    let cluster = Cluster::start();
    let mut server = prepare(&cluster);
    assert!(server.run(&["migrate"]).status.success());
    server.restart();
    let checked = server.run(&["check-config", "--probe"]);
    assert!(checked.status.success(), "{checked:?}");
    let checked = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(
        checked.contains("url = \"***\"")
            && checked.contains("# probe: ok  database PostgreSQL table rtcstats in database")
    );
    (1..=5).for_each(|messages| session(&server, messages));
    let dumps = delivered(&cluster, &server, 5);
    let found = server.run(&["find", "--json"]);
    let lines = String::from_utf8_lossy(&found.stdout).into_owned();
    let rows: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(rows.len(), 5, "{found:?}");
    assert_eq!(rows[0]["metadata"]["numberOfMessages"], 5, "the newest comes first");
    let one = server.run(&["find", "--json", "--id", &dumps[1].id()]);
    let one: Value = serde_json::from_slice(&one.stdout).expect("one line of JSON");
    assert_eq!(one["id"], dumps[1].id().as_str());
    assert!(server.stop().success());
    assert!(!server.data().join("catalog.db").exists());
    let log = server.log();
    assert!(
        log.contains("rows to PostgreSQL table rtcstats in database postgres on 127.0.0.1"),
        "{log}"
    );
    assert!(!log.contains(" ERROR ") && !log.contains("postgres@"), "{log}");
}

#[test]
fn sessions_do_not_depend_on_the_database_and_rows_come_when_it_does() {
    let mut cluster = with_schema();
    cluster.stop();
    let mut server = start(&cluster);
    (0..3).for_each(|_| session(&server, 1));
    wait_until("the outage to be told", || {
        server.log().contains("is down, dumps wait on disk")
    });
    wait_until("the dumps to be stored", || server.dumps().len() == 3);
    assert!(
        server.log().contains("dumps wait in the spool until this is mended"),
        "{}",
        server.log()
    );
    cluster.restart();
    delivered(&cluster, &server, 3);
    assert!(server.stop().success());
}

#[test]
fn a_frozen_database_holds_up_neither_sessions_nor_the_end_of_the_server() {
    let cluster = with_schema();
    let mut server = start(&cluster);
    session(&server, 1);
    delivered(&cluster, &server, 1);
    cluster.freeze();
    (0..8).for_each(|_| session(&server, 1));
    wait_until("the dumps to be stored", || server.dumps().len() >= 4);
    wait_until("the outage to be told", || {
        server.log().contains("is down, dumps wait on disk")
    });
    session(&server, 1);
    assert!(server.stop().success(), "a stop does not wait for it");
    server.restart();
    session(&server, 1);
    cluster.thaw();
    delivered(&cluster, &server, 11);
}

#[test]
fn a_killed_server_delivers_again_without_a_second_row() {
    let cluster = Cluster::start();
    cluster.execute(forms::NUMBERED);
    let mut server = start(&cluster);
    for round in 1..=4 {
        (0..5).for_each(|_| session(&server, 2));
        wait_until("some rows", || count(&cluster) > (round - 1) * 5);
        server.kill();
        server.restart();
    }
    delivered(&cluster, &server, 20);
}

#[test]
fn a_dump_whose_row_is_refused_waits_by_itself_and_goes_when_the_rule_does() {
    let cluster = with_schema();
    cluster.execute("ALTER TABLE rtcstats ADD CONSTRAINT odd CHECK (metadata->>'numberOfMessages' <> '7')");
    let server = start(&cluster);
    for messages in [1, 7, 2, 7, 3] {
        session(&server, messages);
    }
    wait_for("the good rows", || (count(&cluster) == 3).then_some(()));
    let told = "the table rtcstats refuses the row of this dump: the CHECK \"odd\" (SQLSTATE 23514)";
    wait_until("the first to be told; the other is counted", || {
        server.log().contains(told)
    });
    let cause = "the CHECK \"odd\"";
    let waiting = wait_for("both to wait with their reason", || {
        let listed = spool_list(&server);
        let are_told = listed.iter().all(|dump| dump["why"].to_string().contains("odd"));
        (listed.len() == 2 && are_told).then_some(listed)
    });
    let table = printed(&server, &["spool", "list"]);
    for dump in &waiting {
        assert_eq!(dump["state"], "packed", "{dump}");
        assert!(dump["why"].as_str().is_some_and(|why| why.contains(cause)), "{dump}");
        assert!(dump["whySince"].is_string(), "{dump}");
        let id = dump["id"].as_str().expect("a text");
        let is_line = |line: &str| line.starts_with(id) && line.contains(cause) && line.contains(" (for 0:0");
        assert!(table.lines().any(is_line), "{table}");
        let shown = printed(&server, &["spool", "show", id]);
        let is_why = |line: &str| line.starts_with("why ") && line.contains(cause);
        assert!(shown.lines().any(is_why), "{shown}");
    }
    session(&server, 4);
    wait_for("the next row", || (count(&cluster) == 4).then_some(()));
    let files = files_below(&server.data().join("spool"));
    let failed = files
        .iter()
        .any(|file| file.components().any(|part| part.as_os_str() == "failed"));
    assert!(!failed, "an operator can change the table: {files:?}");
    let log = server.log();
    assert!(!log.contains("is down"), "the destination is not to blame: {log}");
    cluster.execute("ALTER TABLE rtcstats DROP CONSTRAINT odd");
    delivered(&cluster, &server, 6);
    assert_eq!(spool_list(&server), [] as [Value; 0]);
}

/// It is told before the call is given up: once when it has lasted for some seconds, and once when it has ended.
#[test]
fn a_database_that_does_not_answer_is_told_once_and_so_is_its_end() {
    let cluster = with_schema();
    let server = start(&cluster);
    session(&server, 1);
    delivered(&cluster, &server, 1);
    cluster.freeze();
    session(&server, 1);
    let lines = |words: &str| {
        let log = server.log();
        let is_told = |line: &&str| line.contains("PostgreSQL table rtcstats") && line.contains(words);
        log.lines().filter(is_told).count()
    };
    wait_until("the silence to be told", || lines("has not answered for") == 1);
    wait_until("the dump to wait for it", || {
        let listed = spool_list(&server);
        let why = listed.first().map(|dump| dump["why"].to_string());
        why.is_some_and(|why| why.contains("PostgreSQL table rtcstats") && why.contains("does not answer"))
    });
    cluster.thaw();
    // On a machine that was too slow to thaw it in time, the call was given up and the outage told instead.
    wait_until("the end to be told", || {
        lines("has answered after") + lines("is down") > 0
    });
    delivered(&cluster, &server, 2);
    assert_eq!(lines("has not answered for"), 1, "{}", server.log());
    assert!(lines("has answered after") <= 1, "{}", server.log());
}

/// Columns of `char(n)` hold what they are given, and an erasure takes whole values and nothing that was not listed.
#[test]
fn columns_of_a_fixed_length_keep_apart_who_begins_alike() {
    let cluster = with_schema();
    cluster.execute("ALTER TABLE rtcstats ALTER rtcstats_user TYPE char(64), ALTER rtcstats_session TYPE char(64)");
    let mut server = prepare(&cluster);
    server.set("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET);
    server.restart();
    for user in ["alice", "adam", "anna", "bob"] {
        session_of(&server, user);
    }
    delivered(&cluster, &server, 4);
    let users = |arguments: &[&str]| {
        let output = server.run(&[&["find", "--json"], arguments].concat());
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        let user = |line: &str| serde_json::from_str::<Value>(line).expect("JSON")["rtcstats_user"].clone();
        let mut users: Vec<String> = lines
            .lines()
            .filter_map(|line| user(line).as_str().map(str::to_owned))
            .collect();
        users.sort();
        users
    };
    assert_eq!(users(&[]), ["adam", "alice", "anna", "bob"]);
    assert_eq!(users(&["--user", "alice"]), ["alice"]);
    assert_eq!(users(&["--user", "a"]), Vec::<String>::new());
    let erased = server.run(&["erase", "--user", "alice", "--yes"]);
    assert!(erased.status.success(), "{erased:?}");
    assert_eq!(users(&[]), ["adam", "anna", "bob"]);
    assert_eq!((count(&cluster), server.dumps().len()), (3, 3));
}

/// What `check-config --probe` says, and whether it ends well.
fn probe(server: &Server) -> (bool, String) {
    let output = server.run(&["check-config", "--probe"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text
        .lines()
        .filter(|line| line.starts_with("# probe:") && line.contains("PostgreSQL"));
    (output.status.success(), lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn a_table_that_takes_no_row_is_told_by_column_and_all_dumps_wait_for_it() {
    let cluster = with_schema();
    cluster.execute("ALTER TABLE rtcstats ALTER blob_url TYPE varchar(10)");
    let server = start(&cluster);
    let (good, told) = probe(&server);
    let column = "a value does not fit its column \"blob_url\" (character varying(10)) (SQLSTATE 22001)";
    assert!(!good && told.contains(&format!("no row is taken: {column}")), "{told}");
    (1..=3).for_each(|messages| session(&server, messages));
    wait_until("the outage to be told with its column", || {
        server
            .log()
            .contains(&format!("the table rtcstats takes no row: {column}"))
    });
    wait_until("the dumps to be stored", || server.dumps().len() == 3);
    let failed = server
        .spooled()
        .iter()
        .any(|file| file.to_string_lossy().contains("/failed/"));
    assert!(!failed && count(&cluster) == 0);
    cluster.execute("ALTER TABLE rtcstats ALTER blob_url TYPE text");
    delivered(&cluster, &server, 3);
    assert!(probe(&server).0);
}

#[test]
fn a_row_that_its_table_keeps_or_hides_is_neither_erased_nor_told_as_erased() {
    let cluster = with_schema();
    cluster.execute(
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
         CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON rtcstats FOR EACH ROW EXECUTE FUNCTION nothing();
         CREATE ROLE collector LOGIN; GRANT ALL ON rtcstats TO collector",
    );
    let mut server = prepare(&cluster);
    let url = cluster.url().replace("postgres@", "collector@");
    server.set("RTCSTATS_DATABASE__POSTGRES__URL", &url);
    server.restart();
    session(&server, 1);
    let id = delivered(&cluster, &server, 1)[0].id();
    let (good, told) = probe(&server);
    assert!(
        good && told.contains("warning") && told.contains("its trigger keep"),
        "{told}"
    );
    let erase = |server: &Server| {
        let output = server.run(&["erase", "--id", &id, "--yes"]);
        let told = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&told).into_owned())
    };
    let (code, told) = erase(&server);
    assert!(code == Some(1) && told.contains("its trigger keep"), "{told}");
    assert_eq!(
        (count(&cluster), server.dumps().len()),
        (1, 1),
        "a row that cannot go keeps its object"
    );

    // The folder's limit asks for its removal, and the row cannot be marked.
    assert!(server.stop().success());
    server.set("RTCSTATS_RETENTION__MAX_BYTES", "1B");
    server.restart();
    wait_until("the row that cannot be marked to be told", || {
        server.log().contains("its row cannot be marked") && server.log().contains("its trigger keep")
    });
    assert_eq!(server.dumps().len(), 1, "the object stays too");

    cluster.execute(
        "DROP TRIGGER keep ON rtcstats; ALTER TABLE rtcstats ENABLE ROW LEVEL SECURITY;
         CREATE POLICY i ON rtcstats FOR INSERT WITH CHECK (true)",
    );
    let found = server.run(&["find", "--json", "--id", &id]);
    let warning = String::from_utf8_lossy(&found.stderr).into_owned();
    assert!(
        found.stdout.is_empty() && warning.contains("row security may hide rows"),
        "{found:?}"
    );
    let (code, told) = erase(&server);
    assert!(code == Some(1) && told.contains("row security"), "{told}");
    let (good, told) = probe(&server);
    assert!(good && told.contains("row security may hide rows"), "{told}");
}
