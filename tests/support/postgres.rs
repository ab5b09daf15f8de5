//! A private PostgreSQL that lives as long as a test, with its own folder, port and socket, no password and no
//! durability.
//!
//! PostgreSQL refuses to run as root; there it runs as Debian's user `postgres`. It dies with this process, even if
//! that is killed (PDEATHSIG). It can be stopped, started again and frozen. Failures panic with what was refused.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use postgres::{Client, NoTls};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use tempfile::TempDir;

use super::server::free_port;
use super::wait::wait_for;

/// A cluster with one database, `postgres`, and one user, `postgres`.
pub struct Cluster {
    folder: TempDir,
    port: u16,
    child: Option<Child>,
}

impl Cluster {
    /// A running cluster.
    pub fn start() -> Cluster {
        Cluster::start_with(&[], |_| {})
    }

    /// A running cluster with these lines in `postgresql.conf`, after `prepare` has put files into the data folder.
    pub fn start_with(settings: &[&str], prepare: impl FnOnce(&Path)) -> Cluster {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        if geteuid().is_root() {
            own(folder.path());
        }
        let data = folder.path().join("data");
        let status = as_postgres(&programs().join("initdb"), folder.path())
            .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale", "-N", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .status();
        assert!(status.expect("initdb starts").success(), "initdb failed");
        let port = free_port();
        let lines = [
            "fsync = off".to_owned(),
            "listen_addresses = '127.0.0.1'".to_owned(),
            format!("port = {port}"),
            format!("unix_socket_directories = '{}'", folder.path().display()),
            "shared_buffers = 16MB".to_owned(),
        ];
        let settings = settings.iter().map(ToString::to_string);
        let text: Vec<String> = lines.into_iter().chain(settings).collect();
        std::fs::write(data.join("postgresql.auto.conf"), text.join("\n")).expect("the data folder is writable");
        prepare(&data);
        if geteuid().is_root() {
            for entry in std::fs::read_dir(&data)
                .expect("the data folder can be listed")
                .flatten()
            {
                own(&entry.path());
            }
        }
        let mut cluster = Cluster {
            folder,
            port,
            child: None,
        };
        cluster.restart();
        cluster
    }

    /// Starts the server again after [`Cluster::stop`].
    pub fn restart(&mut self) {
        assert!(self.child.is_none(), "the database server still runs");
        let log = std::fs::File::create(self.log_file()).expect("a log file can be made");
        let child = as_postgres(&programs().join("postgres"), self.folder.path())
            .arg("-D")
            .arg(self.folder.path().join("data"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn();
        self.child = Some(child.expect("the database server starts"));
        wait_for("the database server to take connections", || {
            let ended = self.child.as_mut().expect("it was started").try_wait();
            assert!(
                ended.expect("the child can be asked").is_none(),
                "the database server ended:\n{}",
                std::fs::read_to_string(self.log_file()).unwrap_or_default()
            );
            Client::connect(&self.url(), NoTls).ok()
        });
    }

    /// Ends the server at once, without telling its clients.
    pub fn stop(&mut self) {
        let mut child = self.child.take().expect("a database server that runs");
        // Immediate shutdown (pg_ctl -m immediate). A frozen server must first be continued.
        for signal in [Signal::QUIT, Signal::CONT] {
            self.signal(&child, signal);
        }
        wait_for("the database server to end", || {
            child.try_wait().expect("the child can be asked")
        });
    }

    /// Stops every process of the server where it is. The kernel goes on accepting connections and bytes for it.
    pub fn freeze(&self) {
        self.signal(self.child(), Signal::STOP);
    }

    /// Lets a frozen server continue.
    pub fn thaw(&self) {
        self.signal(self.child(), Signal::CONT);
    }

    fn child(&self) -> &Child {
        self.child.as_ref().expect("a database server that runs")
    }

    /// The parent comes first, so that it makes no new process meanwhile.
    fn signal(&self, child: &Child, signal: Signal) {
        let parent = Pid::from_child(child);
        kill_process(parent, signal).expect("one's own child can be signalled");
        for process in children(parent) {
            // The process may have ended since it was listed.
            let _ = kill_process(process, signal);
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The TCP address at which it accepts connections.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// A command that runs in the cluster's folder as the server's user, and dies with the calling thread.
    pub fn command(&self, program: &Path) -> Command {
        as_postgres(program, self.folder.path())
    }

    /// Writes a file into the cluster's folder for such a command.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("the folder is writable");
        if geteuid().is_root() {
            own(&path);
        }
        path
    }

    /// The URL over TCP.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// The connection parameters for its Unix socket.
    pub fn socket(&self) -> String {
        format!("host={} port={} user=postgres", self.folder.path().display(), self.port)
    }

    /// A connection for the test itself.
    pub fn client(&self) -> Client {
        Client::connect(&self.url(), NoTls).expect("the database server takes connections")
    }

    /// Runs statements.
    pub fn execute(&self, sql: &str) {
        self.client()
            .batch_execute(sql)
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// The texts in the first column of the result.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self
            .client()
            .query(sql, &[])
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let text = |row: &postgres::Row| row.get::<_, Option<String>>(0).unwrap_or_else(|| "NULL".into());
        rows.iter().map(text).collect()
    }

    /// The single number in the result.
    pub fn number(&self, sql: &str) -> i64 {
        self.client()
            .query_one(sql, &[])
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"))
            .get(0)
    }

    /// What the server has logged since it was started.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log.txt")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.stop();
        }
    }
}

/// A program that runs as a user whom PostgreSQL's programs accept.
fn as_postgres(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if geteuid().is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.arg(program).current_dir(folder);
    command
}

/// The folder that has the programs of the newest installed version.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("Debian's package postgresql is installed");
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.flatten().map(|entry| entry.path()).max_by_key(number);
    newest.expect("a version of PostgreSQL is installed").join("bin")
}

fn own(path: &Path) {
    let output = Command::new("id").args(["-u", "postgres"]).output().expect("id starts");
    let text = String::from_utf8(output.stdout).expect("a number is text");
    let user = text
        .trim()
        .parse()
        .expect("Debian's package has made the user postgres");
    chown(path, Some(user), None).expect("root may give files away");
    if path.is_dir() {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).expect("root may set modes");
    }
}

fn children(parent: Pid) -> Vec<Pid> {
    let parent = parent.as_raw_nonzero();
    let path = format!("/proc/{parent}/task/{parent}/children");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let numbers = text.split_whitespace().filter_map(|word| word.parse().ok());
    numbers.filter_map(Pid::from_raw).collect()
}
