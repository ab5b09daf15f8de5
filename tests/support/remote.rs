//! Both destinations of production at once: a bucket behind signatures and a table in PostgreSQL.
//!
//! What a server under test has delivered is read with the libraries of the two, never with the server's own code.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::moto::BUCKET;
use super::server::Server;
use super::stored::Dump;
use super::wait::wait_until;
use super::{Cluster, Moto};

/// A running S3 server with its bucket, and a running PostgreSQL with the table of `schema.sql`.
pub struct Remote {
    pub moto: Moto,
    pub cluster: Cluster,
}

impl Remote {
    pub fn start() -> Remote {
        let remote = Remote {
            moto: Moto::start(),
            cluster: Cluster::start(),
        };
        remote.cluster.execute(include_str!("../../schema.sql"));
        remote
    }

    /// Has the next start of `server` deliver here.
    pub fn configure(&self, server: &mut Server) {
        self.configure_through(server, &self.moto.endpoint(), &self.cluster.url());
    }

    /// The same through proxies, or whatever else is found there.
    pub fn configure_through(&self, server: &mut Server, endpoint: &str, url: &str) {
        for (name, value) in Moto::environment(endpoint, self.moto.key()) {
            server.set(&name, &value);
        }
        server.set("RTCSTATS_DATABASE__BACKEND", "postgres");
        server.set("RTCSTATS_DATABASE__POSTGRES__URL", url);
    }

    /// All dumps in the bucket, in the order of their keys; each is unpacked to its end.
    pub fn dumps(&self) -> Vec<Dump> {
        let objects = self.moto.objects(BUCKET);
        let dump = |object: super::moto::Object| Dump {
            path: PathBuf::from(&object.key),
            lines: object.lines(),
        };
        objects.into_iter().map(dump).collect()
    }

    pub fn row_count(&self) -> usize {
        let count = self.cluster.number("SELECT count(*) FROM rtcstats");
        usize::try_from(count).expect("a count")
    }

    /// Waits until the spool of `server` is empty, and asserts that each dump is one object and one row that leads to it,
    /// with no upload in parts left behind. Returns the dumps.
    pub fn delivered(&self, server: &Server) -> Vec<Dump> {
        wait_until("the spool to be empty", || server.spooled().is_empty());
        self.settled()
    }

    /// The same of all servers that deliver here, once their spools are empty.
    pub fn settled(&self) -> Vec<Dump> {
        let dumps = self.dumps();
        self.assert_rows_of(&dumps);
        assert_eq!(self.moto.uploads(), Vec::<String>::new(), "uploads in parts are left");
        dumps
    }

    /// Each dump has exactly one row, whose id is its own and whose URL ends with its key, and there are no other rows.
    pub fn assert_rows_of(&self, dumps: &[Dump]) {
        let rows = self.cluster.texts("SELECT id || ' ' || blob_url FROM rtcstats");
        let row = |text: &String| {
            let (id, url) = text.split_once(' ').expect("an id and a URL");
            let (_, key) = url.split_once(&format!("/{BUCKET}/")).expect("a URL of the bucket");
            (id.to_owned(), key.to_owned())
        };
        let of_rows: BTreeSet<_> = rows.iter().map(row).collect();
        let of_dumps: BTreeSet<_> = dumps
            .iter()
            .map(|dump| (dump.id(), dump.path.to_string_lossy().into_owned()))
            .collect();
        assert_eq!(of_rows, of_dumps, "rows and objects");
        assert_eq!(rows.len(), of_rows.len(), "a row twice");
    }
}
