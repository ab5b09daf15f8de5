//! An S3 server that checks signatures: moto, started on a free port with a user, a key, a policy and a bucket.
//!
//! Its content is read with Amazon's own library (`moto.py`), never with a library that the server under test is built
//! from. It keeps everything in memory. Dropping it ends it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::place;
use super::server::free_port;
use super::stored::FEATURES;
use super::wait::wait_for;

/// The bucket that exists from the start.
pub const BUCKET: &str = "dumps";

/// A certificate for TLS, its key, and the authority that made it; all PEM files.
#[derive(Clone)]
pub struct Certificate {
    pub file: PathBuf,
    pub key: PathBuf,
    pub authority: PathBuf,
}

/// An access key: id and secret.
pub type Key = (String, String);

/// Temporary credentials.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: String,
    pub secret: String,
    pub token: String,
}

/// A running S3 server.
pub struct Moto {
    child: Child,
    port: u16,
    certificate: Option<Certificate>,
    key: Key,
    folder: tempfile::TempDir,
}

/// One object of a bucket.
#[derive(Debug)]
pub struct Object {
    pub key: String,
    pub content_type: String,
    pub storage_class: String,
    pub metadata: BTreeMap<String, String>,
    pub content: Vec<u8>,
}

impl Object {
    /// The lines of the dump in this object.
    pub fn lines(&self) -> Vec<String> {
        let mut text = String::new();
        MultiGzDecoder::new(&self.content[..])
            .read_to_string(&mut text)
            .expect("a whole gzip file of UTF-8 text");
        text.strip_suffix('\n')
            .expect("a last line end")
            .split('\n')
            .map(str::to_owned)
            .collect()
    }
}

impl Moto {
    /// Over plain HTTP.
    pub fn start() -> Moto {
        Moto::start_with(None)
    }

    /// Over TLS.
    pub fn start_tls(certificate: Certificate) -> Moto {
        Moto::start_with(Some(certificate))
    }

    /// Tries again if another program has taken the port between the search for a free one and the start.
    fn start_with(certificate: Option<Certificate>) -> Moto {
        let begun = std::iter::repeat_with(|| Moto::begin(certificate.clone())).take(3);
        let mut moto = begun.flatten().next().expect("one of three ports stays free");
        moto.key = serde_json::from_value(moto.run(&["setup"])).expect("an id and a secret");
        moto.create_bucket(BUCKET);
        moto
    }

    /// A server that reports that it runs; `None` if it ended instead.
    fn begin(certificate: Option<Certificate>) -> Option<Moto> {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let log = File::create(folder.path().join("log.txt")).expect("the log opens");
        let port = free_port();
        let mut command = Command::new(tool("moto_server"));
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        if let Some(Certificate { file, key, .. }) = &certificate {
            command.arg("-s").arg("-c").arg(file).arg("-k").arg(key);
        }
        let child = command
            // The three calls of `setup` need no signature; all later calls do.
            .env("INITIAL_NO_AUTH_ACTION_COUNT", "3")
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn()
            .expect("moto is installed: tests/tools.sh does it");
        let mut moto = Moto {
            child,
            port,
            certificate,
            key: ("none".to_owned(), "none".to_owned()),
            folder,
        };
        let runs = wait_for("the S3 server", || {
            let ended = moto.child.try_wait().expect("the child can be asked").is_some();
            let runs = moto.requests("Running on", &port.to_string()) > 0;
            (ended || runs).then_some(runs && !ended)
        });
        runs.then_some(moto)
    }

    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    pub fn endpoint(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address())
    }

    /// The key that may do everything.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The environment that configures a server for the bucket, with this endpoint and key.
    pub fn environment(endpoint: &str, key: &Key) -> Vec<(String, String)> {
        [
            ("BACKEND", "s3"),
            ("S3__BUCKET", BUCKET),
            ("S3__ENDPOINT", endpoint),
            ("S3__ACCESS_KEY_ID", &key.0),
            ("S3__SECRET_ACCESS_KEY", &key.1),
        ]
        .map(|(name, value)| (format!("RTCSTATS_STORAGE__{name}"), value.to_owned()))
        .to_vec()
    }

    pub fn create_bucket(&self, bucket: &str) {
        self.run(&["create-bucket", bucket]);
    }

    /// A bucket that keeps what is deleted. The kind is `versions`, `suspended`, `legal-hold` or `retention`.
    pub fn create_keeping_bucket(&self, bucket: &str, kind: &str) {
        self.run(&["create-keeping-bucket", bucket, kind]);
    }

    /// Does to such a bucket, or to its objects, what its kind says.
    pub fn keep(&self, bucket: &str, kind: &str) {
        self.run(&["keep", bucket, kind]);
    }

    /// The keys of all versions of objects, without markers.
    pub fn versions(&self, bucket: &str) -> Vec<String> {
        serde_json::from_value(self.run(&["versions", bucket])).expect("a list of texts")
    }

    /// Temporary credentials of a new role, which may do everything.
    pub fn new_session(&self, role: &str) -> Session {
        let [id, secret, token] =
            serde_json::from_value(self.run(&["new-session", role])).expect("an id, a secret and a token");
        Session { id, secret, token }
    }

    /// Takes all rights from a role, and so from the credentials made for it.
    pub fn end_session(&self, role: &str) {
        self.run(&["end-session", role]);
    }

    /// All objects of the bucket by their keys.
    pub fn objects(&self, bucket: &str) -> Vec<Object> {
        let text = |object: &Value, name: &str| object[name].as_str().expect("a text").to_owned();
        let object = |object: &Value| Object {
            key: text(object, "key"),
            content_type: text(object, "content_type"),
            storage_class: text(object, "storage_class"),
            metadata: serde_json::from_value(object["metadata"].clone()).expect("a table of texts"),
            content: STANDARD.decode(text(object, "content")).expect("base64"),
        };
        let found = self.run(&["objects", bucket]);
        found.as_array().expect("a list").iter().map(object).collect()
    }

    /// The dumps among them, without their features.
    pub fn dumps(&self, bucket: &str) -> Vec<Object> {
        let mut objects = self.objects(bucket);
        objects.retain(|object| !object.key.ends_with(FEATURES));
        objects
    }

    /// How many requests it has answered whose line in its log contains both words.
    pub fn requests(&self, one: &str, other: &str) -> usize {
        let log = std::fs::read_to_string(self.folder.path().join("log.txt")).expect("there is a log");
        let fits = |line: &&str| line.contains(one) && line.contains(other);
        log.lines().filter(fits).count()
    }

    /// The keys of uploads in parts that are neither completed nor aborted.
    pub fn uploads(&self) -> Vec<String> {
        serde_json::from_value(self.run(&["uploads", BUCKET])).expect("a list of texts")
    }

    /// Begins an upload in parts under this key and leaves it so; its id.
    pub fn begin_upload(&self, key: &str) -> String {
        serde_json::from_value(self.run(&["begin-upload", BUCKET, key])).expect("an id")
    }

    fn run(&self, arguments: &[&str]) -> Value {
        let authority = self.certificate.as_ref().map(|certificate| &certificate.authority);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("moto.py");
        let mut command = Command::new(tool("python"));
        command.arg(script).arg(self.endpoint());
        command.arg(authority.map_or(Path::new(""), PathBuf::as_path));
        command.args([&self.key.0, &self.key.1]).args(arguments);
        let output = command.stdin(Stdio::null()).output().expect("Python is installed");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        serde_json::from_slice(&output.stdout).expect("the script prints JSON")
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program of the virtual environment that `tests/tools.sh` makes.
fn tool(name: &str) -> PathBuf {
    place::tools().join("moto/bin").join(name)
}
