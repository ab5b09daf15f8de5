//! A server that delivers through proxies, and the sessions it has had.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use support::metadata::Endpoint;
use support::{Client, Proxy, Remote, Server, large, wait_until};

use crate::outage::faults::{Case, Fault};

/// The lines of a client. The first one is unique to this session.
pub type Session = Vec<String>;

/// The user whose rows the database may be told to refuse.
pub const REFUSED_USER: &str = "mallory";

const SECRET: &str = "a-secret-of-the-tests-with-32-bytes";

/// How long keys of the metadata endpoint are valid: long enough to last from the request for them to the bucket's
/// answer.
const KEY_LIFE: Duration = Duration::from_secs(10);

pub struct Site<'a> {
    pub name: &'static str,
    pub server: Server,
    pub store: Proxy,
    pub database: Proxy,
    /// Sessions that are still open.
    pub live: Vec<Live>,
    /// Sessions that have ended.
    pub sent: Vec<Session>,
    remote: &'a Mutex<Remote>,
    keys: Option<Endpoint>,
    lock: Option<postgres::Client>,
    begun: usize,
}

impl<'a> Site<'a> {
    pub fn start(case: &Case, remote: &'a Mutex<Remote>) -> Site<'a> {
        let known = remote.lock().expect("no case panics with it");
        let store = Proxy::start(known.moto.address());
        let database = Proxy::start(known.cluster.address());
        let mut server = Server::prepare(&[]);
        let url = match case.fault.is_of_all() {
            true => known.cluster.url(),
            false => database.url(),
        };
        known.configure_through(&mut server, &store.endpoint(), &url);
        let mut keys = None;
        match case.fault {
            Fault::Row => server.set("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET),
            Fault::Keys => {
                let old = known.moto.new_session(case.name);
                let endpoint = Endpoint::start(vec![old; 30], KEY_LIFE);
                endpoint.configure(&mut server);
                keys = Some(endpoint);
            }
            _ => {}
        }
        drop(known);
        server.restart();
        Site {
            name: case.name,
            server,
            store,
            database,
            live: Vec::new(),
            sent: Vec::new(),
            remote,
            keys,
            lock: None,
            begun: 0,
        }
    }

    pub fn remote(&self) -> MutexGuard<'a, Remote> {
        self.remote.lock().expect("no case panics with it")
    }

    pub fn keys(&self) -> &Endpoint {
        self.keys.as_ref().expect("this case has an endpoint")
    }

    pub fn give_new_keys(&self) {
        let new = self.remote().moto.new_session("renewed");
        self.keys().give(vec![new]);
    }

    /// Opens a session of this user. Without authorization the server does not know the user.
    pub fn open(&mut self, user: &str) -> Live {
        let path = match self.name {
            "database refuses a row" => format!("/?rtcstats-token={}", self.token(user)),
            _ => "/".to_owned(),
        };
        self.begun += 1;
        Live {
            client: Client::open(self.server.address(), &path),
            name: format!("{} {}", self.name, self.begun),
            lines: Vec::new(),
        }
    }

    /// Runs a whole session of a few lines.
    pub fn session(&mut self, user: &str) {
        let mut live = self.open(user);
        (0..3).for_each(|_| live.go_on());
        self.close(live);
    }

    /// Runs a whole session that goes to the bucket in parts of 8 MiB.
    pub fn large_session(&mut self) {
        let mut live = self.open("");
        live.go_on();
        large::messages(17 << 20).into_iter().for_each(|line| live.say(line));
        self.close(live);
    }

    pub fn close(&mut self, live: Live) {
        live.client.close(None);
        self.sent.push(live.lines);
    }

    fn token(&self, user: &str) -> String {
        let output = self.server.run(&["token", "--user", user]);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout)
            .expect("a token is ASCII")
            .trim()
            .to_owned()
    }

    /// The files in one of the spool's folders with this ending.
    pub fn files(&self, state: &str, ending: &str) -> Vec<PathBuf> {
        let mut files = self.server.spooled();
        files.retain(|file| {
            let folder = file.parent().and_then(|folder| folder.file_name());
            folder.is_some_and(|name| name == state) && file.to_string_lossy().ends_with(ending)
        });
        files
    }

    /// Waits until `condition` holds, while the open sessions go on. A session that answers nothing is ended after 90
    /// s.
    pub fn wait(&mut self, what: &str, condition: impl Fn(&Site<'a>) -> bool) {
        let mut live = std::mem::take(&mut self.live);
        let mut said = Instant::now();
        wait_until(&format!("{}: {what}", self.name), || {
            if said.elapsed() >= Duration::from_secs(1) {
                live.iter_mut().for_each(Live::go_on);
                said = Instant::now();
            }
            condition(self)
        });
        self.live = live;
    }

    /// Whether no dump waits for delivery.
    pub fn is_idle(&self) -> bool {
        self.files("ready", "").is_empty() && self.files("packed", "").is_empty()
    }

    /// From now on rows have to wait.
    pub fn lock_table(&mut self) {
        let mut client = self.remote().cluster.client();
        client
            .batch_execute("BEGIN; LOCK TABLE rtcstats")
            .expect("the table is locked");
        self.lock = Some(client);
    }

    pub fn unlock_table(&mut self) {
        self.lock = None;
    }
}

/// A session that is open.
pub struct Live {
    client: Client,
    name: String,
    lines: Session,
}

impl Live {
    /// Sends another line, and waits for a pong that proves that the line is in the file.
    pub fn go_on(&mut self) {
        self.say(format!(r#"["outage",null,"{} {}",0]"#, self.name, self.lines.len()));
        self.client.sync();
    }

    pub fn say(&mut self, line: String) {
        self.client.send(&line);
        self.lines.push(line);
    }
}
