//! Both destinations of production at the same time: a bucket that needs signatures, and a table in PostgreSQL.
//!
//! What a server under test has delivered is read with the libraries of these two, never with the server's own code.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::moto::BUCKET;
use super::server::Server;
use super::stored::{Dump, FEATURES, features_of};
use super::wait::wait_until;
use super::{Cluster, Moto};

/// A running S3 server with its bucket, and a running PostgreSQL with the table of `schema.sql`.
pub struct Remote {
    pub moto: Moto,
    pub cluster: Cluster,
}

impl Remote {
    pub fn start() -> Remote {
        Remote::start_with(include_str!("../../schema.sql"))
    }

    /// Both, with the table that this statement makes.
    pub fn start_with(schema: &str) -> Remote {
        let remote = Remote {
            moto: Moto::start(),
            cluster: Cluster::start(),
        };
        remote.cluster.execute(schema);
        remote
    }

    /// Makes `server` deliver here from its next start on.
    pub fn configure(&self, server: &mut Server) {
        self.configure_through(server, &self.moto.endpoint(), &self.cluster.url());
    }

    /// As [`Remote::configure`], but through these addresses, such as those of proxies.
    pub fn configure_through(&self, server: &mut Server, endpoint: &str, url: &str) {
        for (name, value) in Moto::environment(endpoint, self.moto.key()) {
            server.set(&name, &value);
        }
        server.set("RTCSTATS_DATABASE__BACKEND", "postgres");
        server.set("RTCSTATS_DATABASE__POSTGRES__URL", url);
    }

    /// All dumps in the bucket, in the order of their keys. Each is unpacked to its end.
    pub fn dumps(&self) -> Vec<Dump> {
        let objects = self.moto.objects(BUCKET);
        let dump = |object: super::moto::Object| Dump {
            path: PathBuf::from(&object.key),
            lines: object.lines(),
        };
        let dumps = objects.into_iter().filter(|object| !object.key.ends_with(FEATURES));
        dumps.map(dump).collect()
    }

    /// The keys of all features in the bucket, in order.
    pub fn features(&self) -> Vec<String> {
        let objects = self.moto.objects(BUCKET).into_iter();
        let features = objects.filter(|object| object.key.ends_with(FEATURES));
        let key = |object: super::moto::Object| {
            assert_eq!(object.content_type, "application/json");
            object.key
        };
        features.map(key).collect()
    }

    pub fn row_count(&self) -> usize {
        let count = self.cluster.number("SELECT count(*) FROM rtcstats");
        usize::try_from(count).expect("a count")
    }

    /// Waits until the spool of `server` is empty, and asserts that each dump is one object with one row that leads to
    /// it, and that no upload in parts is left behind. Returns the dumps.
    pub fn delivered(&self, server: &Server) -> Vec<Dump> {
        self.delivered_by([server])
    }

    /// The same for several servers that deliver here.
    pub fn delivered_by<'a>(&self, servers: impl IntoIterator<Item = &'a Server>) -> Vec<Dump> {
        let dumps = self.stored_by(servers);
        self.assert_rows_of(&dumps);
        self.assert_features_of(&dumps);
        dumps
    }

    /// The same for all servers that deliver here, after their spools have become empty.
    pub fn settled(&self) -> Vec<Dump> {
        self.delivered_by([])
    }

    /// The same for any form of the table: rows are known by their URLs alone.
    pub fn delivered_to_any_table<'a>(&self, servers: impl IntoIterator<Item = &'a Server>) -> Vec<Dump> {
        let dumps = self.stored_by(servers);
        let urls = self.cluster.texts("SELECT blob_url FROM rtcstats");
        let mut of_rows: Vec<&str> = urls.iter().map(|url| key_of(url)).collect();
        of_rows.sort_unstable();
        let of_dumps: Vec<_> = dumps.iter().map(|dump| dump.path.to_string_lossy()).collect();
        assert_eq!(of_rows, of_dumps, "rows and objects");
        dumps
    }

    fn stored_by<'a>(&self, servers: impl IntoIterator<Item = &'a Server>) -> Vec<Dump> {
        for server in servers {
            wait_until("the spool to be empty", || server.spooled().is_empty());
        }
        assert_eq!(self.moto.uploads(), Vec::<String>::new(), "uploads in parts are left");
        self.dumps()
    }

    /// Asserts that each dump has exactly one row, with the dump's id and a URL that ends with its key, and that there
    /// are no other rows.
    pub fn assert_rows_of(&self, dumps: &[Dump]) {
        let rows = self.cluster.texts("SELECT id || ' ' || blob_url FROM rtcstats");
        let row = |text: &String| {
            let (id, url) = text.split_once(' ').expect("an id and a URL");
            (id.to_owned(), key_of(url).to_owned())
        };
        let of_rows: BTreeSet<_> = rows.iter().map(row).collect();
        let of_dumps: BTreeSet<_> = dumps
            .iter()
            .map(|dump| (dump.id(), dump.path.to_string_lossy().into_owned()))
            .collect();
        assert_eq!(of_rows, of_dumps, "rows and objects");
        assert_eq!(rows.len(), of_rows.len(), "a row twice");
    }

    /// Asserts that each dump has features to which its row leads, and that there are no others.
    pub fn assert_features_of(&self, dumps: &[Dump]) {
        let mut of_dumps: Vec<_> = dumps.iter().map(|dump| features_of(&dump.path)).collect();
        of_dumps.sort_unstable();
        let of_dumps: Vec<_> = of_dumps.iter().map(|key| key.to_string_lossy().into_owned()).collect();
        assert_eq!(self.features(), of_dumps, "features and dumps");
        assert_eq!(self.features_of_rows(), of_dumps, "rows and features");
    }

    /// The keys of all features to which a row leads, in order.
    pub fn features_of_rows(&self) -> Vec<String> {
        let urls = "SELECT features_url FROM rtcstats WHERE features_url IS NOT NULL";
        let mut keys: Vec<String> = self
            .cluster
            .texts(urls)
            .iter()
            .map(|url| key_of(url).to_owned())
            .collect();
        keys.sort_unstable();
        keys
    }
}

fn key_of(url: &str) -> &str {
    url.split_once(&format!("/{BUCKET}/")).expect("a URL of the bucket").1
}
