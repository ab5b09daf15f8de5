//! The tables of an operator's own making, under the real binary: what its probe says, what becomes of a session, and
//! what is told of the dump that waits.

use serde_json::Value;
use support::{Client, Server, each_at_once, wait_until};

use crate::postgres::rules::Serving::{Rule, Table, Taken};
use crate::postgres::rules::{CASES, Probe, Serving, make};
use crate::postgres::*;

const SECRET: &str = "a-secret-of-the-tests-with-32-bytes";

/// A server whose rows go to this table.
fn prepare_for(url: &str, table: &str) -> Server {
    Server::prepare(&[
        ("RTCSTATS_DATABASE__BACKEND", "postgres"),
        ("RTCSTATS_DATABASE__POSTGRES__URL", url),
        ("RTCSTATS_DATABASE__POSTGRES__TABLE", table),
        ("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET),
    ])
}

/// A session of the labels that the cases are about.
fn session(server: &Server) {
    let output = server.run(&["token", "--user", "user1", "--conference", "room", "--session", "s"]);
    let token = String::from_utf8(output.stdout).expect("a token is text");
    let mut client = Client::open(server.address(), &format!("/?rtcstats-token={}", token.trim()));
    client.send("[\"custom\",null,1,1]");
    client.sync();
    client.close(Some(1000));
}

/// What `spool list` says of the only dump that waits.
fn why(server: &Server) -> Option<String> {
    let output = server.run(&["spool", "list", "--json"]);
    let line: Value = serde_json::from_slice(&output.stdout).ok()?;
    line["why"].as_str().map(str::to_owned)
}

#[test]
fn each_rule_of_a_table_is_told_by_the_probe_by_the_log_and_by_why() {
    let cluster = Cluster::start();
    let cases: Vec<(usize, _)> = CASES.iter().enumerate().collect();
    each_at_once(
        &cases,
        |(_, case)| case.0.to_owned(),
        |(n, (_, sql, serving, words, probe))| {
            let table = make(&cluster, *n, sql);
            let mut server = prepare_for(&cluster.url(), &table);
            std::fs::create_dir_all(server.data()).expect("a folder");
            let output = server.run(&["check-config", "--probe"]);
            let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            let (refuses, says) = match probe {
                Probe::Fine => (false, ""),
                Probe::Warning(words) => (false, *words),
                Probe::Refused(words) => (true, *words),
            };
            assert_eq!(output.status.code(), Some(i32::from(refuses)), "{told}");
            assert!(told.contains(says), "{told}");
            server.restart();
            session(&server);
            becomes(&cluster, &server, &table, *serving, words);
        },
    );
}

/// Sessions begin now, while this case is about old ones.
const OLD: &str = "there is no partition for it";

fn becomes(cluster: &Cluster, server: &Server, table: &str, serving: Serving, words: &str) {
    let rows = || cluster.number(&format!("SELECT count(*) FROM {table}"));
    let is_emptied = || server.spooled().is_empty();
    match serving {
        Taken => wait_until("the spool to be empty", is_emptied),
        Rule if words == OLD => wait_until("the spool to be empty", is_emptied),
        Rule | Table => {
            wait_until("the reason to be known", || {
                why(server).is_some_and(|why| why.contains(words))
            });
            let spooled = server.spooled();
            let failed = spooled.iter().any(|path| path.to_string_lossy().contains("/failed/"));
            assert!(!failed && rows() == 0, "{spooled:?}");
        }
    }
    let log = server.log();
    assert!(!log.contains("user1"), "{log}");
    assert_eq!(log.contains("is down"), serving == Table, "{log}");
}

/// A row that the user may write but not see, and a server that dies before it knows that it is written.
#[test]
fn a_row_that_is_hidden_is_delivered_once_whatever_is_killed() {
    let cluster = with_schema();
    cluster.execute(
        "CREATE ROLE collector LOGIN; GRANT ALL ON rtcstats TO collector;
         ALTER TABLE rtcstats ENABLE ROW LEVEL SECURITY;
         CREATE POLICY i ON rtcstats FOR INSERT WITH CHECK (true)",
    );
    let url = cluster.url().replace("postgres@", "collector@");
    let mut server = prepare_for(&url, "rtcstats");
    server.restart();
    for round in 1..=4 {
        (0..3).for_each(|_| session(&server));
        wait_until("some rows", || count(&cluster) > (round - 1) * 3);
        server.kill();
        server.restart();
    }
    wait_until("the spool to be empty", || server.spooled().is_empty());
    assert_eq!((count(&cluster), server.dumps().len()), (12, 12));
    assert_eq!(cluster.number("SELECT count(DISTINCT id) FROM rtcstats"), 12);
}
