//! The real binary as a child process, with its own data folder and port.
//!
//! It is configured by its environment only and runs in an empty folder, so that it cannot find a configuration file of
//! the machine or of the repository by accident. Its log goes to a file, which is printed when a test fails.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::place;
use super::wait::{GUARD, wait_for, wait_until};

/// A running (or stopped) server. Dropping it kills the process it started and removes its files.
pub struct Server {
    folder: TempDir,
    port: u16,
    binary: PathBuf,
    environment: Vec<(String, String)>,
    /// A program with arguments that starts the binary in its place (`prlimit`); empty for none.
    wrapper: Vec<String>,
    child: Option<Child>,
    /// More processes on the same folder and port.
    beside: Vec<Child>,
}

impl Server {
    /// Starts the binary with `environment` added to a free loopback port and an empty data folder, and waits until it
    /// answers its health check.
    pub fn start(environment: &[(&str, &str)]) -> Server {
        let mut server = Server::prepare(environment);
        server.restart();
        server
    }

    /// Like [`Server::start`], but nothing runs before [`Server::restart`] or [`Server::spawn`].
    pub fn prepare(environment: &[(&str, &str)]) -> Server {
        Server::prepare_in(&std::env::temp_dir(), environment)
    }

    /// The same, with its files below `folder`, which may be on a disk of its own.
    pub fn prepare_in(folder: &Path, environment: &[(&str, &str)]) -> Server {
        let own = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        Server {
            folder: tempfile::tempdir_in(folder).expect("a temporary folder can be made"),
            port: free_port(),
            binary: place::binary(),
            environment: environment.iter().map(own).collect(),
            wrapper: Vec::new(),
            child: None,
            beside: Vec::new(),
        }
    }

    /// Makes another binary than the one under test run from the next start on.
    pub fn set_binary(&mut self, binary: &Path) {
        self.binary = binary.to_owned();
    }

    /// Has the binary started by another program, which then becomes the binary. This is for limits that must apply
    /// from its first moment.
    pub fn wrap(&mut self, wrapper: &[&str]) {
        self.wrapper = wrapper.iter().map(ToString::to_string).collect();
    }

    /// Starts the binary again on the same port and data folder, after [`Server::stop`] or [`Server::kill`].
    pub fn restart(&mut self) {
        self.spawn();
        self.wait_until_healthy();
    }

    /// Starts the process and does not wait for it.
    pub fn spawn(&mut self) {
        assert!(self.child.is_none(), "the server still runs");
        self.child = Some(self.process());
    }

    /// Starts one more process on the same folder and port; [`Server::kill`] ends it too.
    pub fn spawn_beside(&mut self) {
        let child = self.process();
        self.beside.push(child);
    }

    fn process(&self) -> Child {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log_file())
            .expect("the log file opens");
        let mut command = self.command(&["serve"]);
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log);
        command.spawn().expect("the binary starts")
    }

    fn wait_until_healthy(&mut self) {
        wait_until("the server to answer its health check", || {
            let ended = self
                .child
                .as_mut()
                .and_then(|child| child.try_wait().expect("the child can be asked"));
            assert!(ended.is_none(), "the server ended while starting: {ended:?}");
            self.is_healthy()
        });
    }

    /// Sets a variable for the next [`Server::restart`], and for commands from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_string(), value.to_string()));
    }

    /// Removes a variable, for the same calls.
    pub fn unset(&mut self, name: &str) {
        self.environment.retain(|(known, _)| known != name);
    }

    /// Asks the server to end (SIGTERM) and waits for it.
    pub fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.ended()
    }

    /// Waits until the server has ended by itself.
    pub fn ended(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("a server that runs");
        wait_for("the server to end", || {
            child.try_wait().expect("the child can be asked")
        })
    }

    /// How the server has ended, or `None` if it still runs.
    pub fn ended_yet(&mut self) -> Option<ExitStatus> {
        let child = self.child.as_mut().expect("a server that was started");
        child.try_wait().expect("the child can be asked")
    }

    /// Ends the server at once (SIGKILL), as a power failure would.
    pub fn kill(&mut self) {
        let child = self.child.take().expect("a server that runs");
        for mut child in self.beside.drain(..).chain([child]) {
            child.kill().expect("the child can be killed");
            child.wait().expect("the child can be waited for");
        }
    }

    /// Sends a signal to the server (SIGSTOP for a stall, a second SIGTERM, …).
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the server can be signalled");
    }

    pub fn pid(&self) -> Pid {
        Pid::from_child(self.child.as_ref().expect("a server that runs"))
    }

    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// `ws://127.0.0.1:PORT` and `path`, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.address())
    }

    /// The data folder, which contains `dumps/`, `spool/` and `catalog.db`.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Everything that all runs of this server have logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Runs a subcommand (`token`, `find`, …) with this server's configuration, and waits for its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let child = child.expect("the binary starts");
        let pid = Pid::from_child(&child);
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || sender.send(child.wait_with_output()));
        let Ok(output) = receiver.recv_timeout(GUARD) else {
            kill_process(pid, Signal::KILL).expect("the child can be killed");
            panic!("rtcstats-server {arguments:?} did not end within {} s", GUARD.as_secs());
        };
        output.expect("the output of the child can be read")
    }

    /// Makes one plain request and returns the whole response as text, or an empty text if the server cannot be
    /// reached.
    pub fn get(&self, path: &str) -> String {
        let mut response = Vec::new();
        let mut request = || -> std::io::Result<()> {
            let mut stream = TcpStream::connect(self.address())?;
            stream.set_read_timeout(Some(GUARD))?;
            write!(
                stream,
                "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                self.address()
            )?;
            stream.read_to_end(&mut response).map(drop)
        };
        // A refused or reset connection is an answer, too: an empty one.
        let _ = request();
        String::from_utf8_lossy(&response).into_owned()
    }

    fn is_healthy(&self) -> bool {
        self.get("/healthcheck").starts_with("HTTP/1.1 200 ")
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log.txt")
    }

    /// The same subcommand as for `run`, as a command that has not been started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let binary = &self.binary;
        let mut command = match self.wrapper.split_first() {
            Some((program, arguments)) => {
                let mut command = Command::new(program);
                command.args(arguments).arg(binary);
                command
            }
            None => Command::new(binary),
        };
        let foreign = |name: &str| {
            name.starts_with("RTCSTATS_")
                || name.starts_with("AWS_")
                || name.to_ascii_lowercase().ends_with("_proxy")
                || ["JOURNAL_STREAM", "NOTIFY_SOCKET", "SSL_CERT_FILE", "SSL_CERT_DIR"].contains(&name)
        };
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(foreign)) {
            command.env_remove(name);
        }
        command.args(arguments).current_dir(self.folder.path());
        command.env("RTCSTATS_DATA_DIR", self.data());
        command.env("RTCSTATS_SERVER__LISTEN", self.address().to_string());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for mut child in self.beside.drain(..).chain(self.child.take()) {
            // It may have ended by itself. In any case nothing of it may outlive the test.
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("---- log of the server on port {}\n{}----", self.port, self.log());
        }
    }
}

/// A port below the range that the kernel uses for outgoing connections, so that no client can take it between the
/// check and the start. The ports of different processes are spread, so that parallel runs seldom meet.
pub fn free_port() -> u16 {
    const FIRST: u32 = 12_000;
    const COUNT: u32 = 20_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    let spread = std::process::id().wrapping_mul(97);
    std::iter::repeat_with(|| spread.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT)
        .map(|offset| u16::try_from(FIRST + offset).expect("12,000 + 20,000 is below 65,536"))
        .find(is_free)
        .expect("the iterator never ends")
}
