//! A password that changes while the server runs: its file is read anew for each connection.

use std::path::Path;

use support::{Client, Server, wait_until};

use crate::postgres::*;

/// A cluster that asks the user `collector` for a password, and a server that has it from a file.
struct Stage {
    cluster: Cluster,
    server: Server,
    delivered: i64,
}

impl Stage {
    fn new() -> Stage {
        let cluster = with_schema();
        cluster.execute("CREATE ROLE collector LOGIN PASSWORD 'first-hunter2'; GRANT ALL ON rtcstats TO collector");
        let data = cluster.texts("SELECT current_setting('data_directory')").remove(0);
        let rules = "host all collector all scram-sha-256\nhost all postgres all trust\n";
        std::fs::write(Path::new(&data).join("pg_hba.conf"), rules).expect("the data folder is writable");
        cluster.execute("SELECT pg_reload_conf()");
        let server = Server::prepare(&[("RTCSTATS_DATABASE__BACKEND", "postgres")]);
        let mut stage = Stage {
            cluster,
            server,
            delivered: 0,
        };
        stage.write("first-hunter2");
        let file = stage.file();
        stage.server.set("RTCSTATS_DATABASE__POSTGRES__URL_FILE", &file);
        stage.server.restart();
        stage.session();
        stage.arrives();
        stage
    }

    fn file(&self) -> String {
        let folder = self.server.data().with_file_name("database-url");
        folder.to_str().expect("a path of the test's own").to_owned()
    }

    fn write(&self, password: &str) {
        let url = format!(
            "postgres://collector:{password}@127.0.0.1:{}/postgres\n",
            self.cluster.port()
        );
        std::fs::write(self.file(), url).expect("the folder is writable");
    }

    /// Sets the role's password and ends its connections.
    fn alter(&self, password: &str) {
        self.cluster
            .execute(&format!("ALTER ROLE collector PASSWORD '{password}'"));
        self.end_connections();
    }

    fn end_connections(&self) {
        self.cluster
            .execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'collector'");
    }

    fn session(&mut self) {
        let mut client = Client::open(self.server.address(), "/room");
        client.send("[\"custom\",null,1,1]");
        client.sync();
        client.close(Some(1000));
        self.delivered += 1;
    }

    fn arrives(&self) {
        wait_until("the rows", || count(&self.cluster) == self.delivered);
    }

    fn logs(&self, text: &str) {
        wait_until(text, || self.server.log().contains(text));
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let log = self.server.log();
            assert!(!log.contains("hunter2"), "{log}");
        }
    }
}

#[test]
fn a_password_that_is_replaced_in_its_file_is_used_by_the_next_connection() {
    let mut stage = Stage::new();
    stage.write("second-hunter2");
    stage.alter("second-hunter2");
    stage.session();
    stage.arrives();
}

#[test]
fn a_file_that_is_replaced_too_late_is_used_then_and_the_log_follows_the_cause() {
    let mut stage = Stage::new();
    stage.alter("second-hunter2");
    stage.session();
    stage.logs("28P01");
    stage.write("second-hunter2");
    stage.arrives();
}

#[test]
fn a_file_that_is_gone_or_spoilt_keeps_what_it_held_and_is_told_once() {
    let mut stage = Stage::new();
    std::fs::remove_file(stage.file()).expect("the file is there");
    for _ in 0..2 {
        stage.end_connections();
        stage.session();
        stage.arrives();
    }
    stage.logs("/database-url cannot be read by user ");
    std::fs::write(stage.file(), "postgres://u:hunter2@127.0.0.1/d\nanother line\n").expect("the folder is writable");
    stage.end_connections();
    stage.session();
    stage.arrives();
    std::fs::write(stage.file(), "postgres://u:Pa@hunter2@127.0.0.1/d\n").expect("the folder is writable");
    stage.end_connections();
    stage.session();
    stage.arrives();
    stage.logs("percent-encode special characters of the password");
    let told = stage.server.log().matches("database-url cannot be read").count();
    assert_eq!(told, 1, "{}", stage.server.log());
}
