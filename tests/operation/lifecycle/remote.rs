//! `erase` with a bucket and PostgreSQL, in each form of the table, and with only one of the two being remote.
//!
//! Several servers share one bucket and one cluster. Each has its own folder in the bucket and its own schema. What is
//! left is read with the libraries of these two, and each session's label is in its dump and in its row.

use support::forms;
use support::{Client, Cluster, Dump, Moto, Remote, Server, wait_until};

use crate::lifecycle::erase::{SECRET, told};

/// A server with its destinations.
pub struct Site {
    /// It is also the folder in the bucket.
    pub name: &'static str,
    pub server: Server,
    has_bucket: bool,
    /// The schema that its table is in; `None` for SQLite.
    schema: Option<&'static str>,
}

/// Label (the claim `session`), user and conference.
pub type Call = (&'static str, &'static str, &'static str);

/// A bucket, and a cluster with a table in each form.
pub fn start() -> Remote {
    let remote = Remote {
        moto: Moto::start(),
        cluster: Cluster::start(),
    };
    forms::make(&remote.cluster);
    remote
}

impl Site {
    /// A server that is not started yet. `endpoint` leads to the bucket; without one, dumps go to a folder.
    pub fn prepare(remote: &Remote, name: &'static str, endpoint: Option<&str>, schema: Option<&'static str>) -> Site {
        let mut server = Server::prepare(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)]);
        if let Some(endpoint) = endpoint {
            for (name, value) in Moto::environment(endpoint, remote.moto.key()) {
                server.set(&name, &value);
            }
            server.set("RTCSTATS_STORAGE__S3__KEY", &format!("{name}/{{user}}/{{id}}.jsonl.gz"));
        }
        if let Some(schema) = schema {
            server.set("RTCSTATS_DATABASE__BACKEND", "postgres");
            server.set("RTCSTATS_DATABASE__POSTGRES__URL", &remote.cluster.url());
            server.set("RTCSTATS_DATABASE__POSTGRES__TABLE", &format!("{schema}.rtcstats"));
        }
        Site {
            name,
            server,
            has_bucket: endpoint.is_some(),
            schema,
        }
    }

    pub fn start(remote: &Remote, name: &'static str, endpoint: Option<&str>, schema: Option<&'static str>) -> Site {
        let mut site = Site::prepare(remote, name, endpoint, schema);
        site.server.restart();
        site
    }

    /// Opens a session whose first line is its label.
    pub fn open(&self, (label, user, conference): Call) -> Client {
        let claims = ["--user", user, "--conference", conference, "--session", label];
        let (_, token, _) = told(&self.server, &[&["token"][..], &claims].concat());
        let path = format!("/?rtcstats-token={}", token.trim());
        let mut client = Client::open(self.server.address(), &path);
        client.send(&format!("[\"{label}\",null,null,0]"));
        client.sync();
        client
    }

    pub fn schema(&self) -> Option<&'static str> {
        self.schema
    }

    pub fn has_waiting(&self) -> bool {
        !self.server.spooled().is_empty()
    }

    /// The labels and names of the rows, sorted.
    pub fn rows(&self, cluster: &Cluster) -> Vec<String> {
        let mut rows = match self.schema {
            Some(schema) => cluster.texts(&format!(
                "SELECT concat(rtcstats_session, ' ', substring(blob_url FROM '[^/]*$')) FROM {schema}.rtcstats"
            )),
            None => self.server.rows().into_iter().map(of_row).collect(),
        };
        rows.sort();
        rows
    }

    /// The same for the objects. `bucket` is everything in the bucket.
    pub fn objects(&self, bucket: &[Dump]) -> Vec<String> {
        let own = |dump: &&Dump| dump.path.starts_with(self.name);
        let mut objects: Vec<String> = if self.has_bucket {
            bucket.iter().filter(own).map(of_dump).collect()
        } else {
            self.server.dumps().iter().map(of_dump).collect()
        };
        objects.sort();
        objects
    }

    /// The dump's id, which is also the name of its object.
    pub fn id(&self, bucket: &[Dump], label: &str) -> String {
        let named = |text: &String| {
            Some(
                text.strip_prefix(label)?
                    .trim()
                    .trim_end_matches(".jsonl.gz")
                    .to_owned(),
            )
        };
        self.objects(bucket)
            .iter()
            .find_map(named)
            .expect("a dump of this label")
    }
}

fn of_row(row: support::Row) -> String {
    let url = row.blob_url.unwrap_or_default();
    let name = url.rsplit('/').next().unwrap_or_default();
    format!("{} {name}", row.session.unwrap_or_default())
}

fn of_dump(dump: &Dump) -> String {
    let line: serde_json::Value = serde_json::from_str(&dump.messages()[0]).expect("the line of the label");
    let name = dump.path.file_name().expect("a name").to_string_lossy();
    format!("{} {name}", line[0].as_str().expect("a label"))
}

/// Asserts that each site has the dumps with these labels and no others, each as one object with one row that leads to
/// it. Returns what is in the bucket.
pub fn assert_stored(remote: &Remote, sites: &[Site], labels: &[&str]) -> Vec<Dump> {
    let bucket = remote.dumps();
    for site in sites {
        let rows = site.rows(&remote.cluster);
        assert_eq!(site.objects(&bucket), rows, "{}: objects and rows", site.name);
        let of_rows: Vec<&str> = rows.iter().filter_map(|row| row.split(' ').next()).collect();
        assert_eq!(of_rows, labels, "{}", site.name);
    }
    bucket
}

/// Runs the calls at each site to their ends, and waits until they are delivered.
pub fn deliver(remote: &Remote, sites: &[Site], calls: &[Call]) -> Vec<Dump> {
    for site in sites {
        calls.iter().for_each(|call| site.open(*call).close(None));
    }
    let rows = |site: &Site| site.rows(&remote.cluster).len();
    wait_until("all rows", || sites.iter().all(|site| rows(site) >= calls.len()));
    wait_until("empty spools", || !sites.iter().any(Site::has_waiting));
    let labels: Vec<&str> = calls.iter().map(|call| call.0).collect();
    assert_stored(remote, sites, &labels)
}

const CALLS: [Call; 6] = [
    ("s1", "alice", "weekly"),
    ("s2", "alice", "daily"),
    ("s3", "bob", "monthly"),
    ("s4", "bob", "daily"),
    ("s5", "dave", "weekly"),
    ("s6", "carol", "daily"),
];

/// Both backends in all combinations, PostgreSQL in all forms.
fn sites(remote: &Remote) -> Vec<Site> {
    let endpoint = remote.moto.endpoint();
    let [exact, keyless, numbered] = forms::FORMS.map(Some);
    let mut sites: Vec<Site> = [("a", exact), ("b", keyless), ("c", numbered), ("d", None)]
        .into_iter()
        .map(|(name, schema)| Site::start(remote, name, Some(&endpoint), schema))
        .collect();
    // Another table of the same form for the site with a folder, so that the other tables belong to the bucket's sites.
    let folder = "CREATE SCHEMA folder; CREATE TABLE folder.rtcstats (LIKE numbered.rtcstats INCLUDING ALL)";
    remote.cluster.execute(folder);
    sites.push(Site::start(remote, "e", None, Some("folder")));
    sites
}

/// The arguments of a command, the stored dumps that it concerns, and the number of live sessions that match.
type Step = (&'static [&'static str], &'static [&'static str], usize);

const STEPS: [Step; 5] = [
    (&["--user", "alice", "--conference", "daily"], &["s2"], 0),
    (&["--session", "s3"], &["s3"], 0),
    // The label stands for the id that the dump has at each site.
    (&["--id", "s4"], &["s4"], 0),
    (&["--conference", "weekly"], &["s1", "s5"], 0),
    (&["--user", "carol"], &["s6"], 1),
];

fn erase(site: &Site, bucket: &[Dump], selector: &[&str], further: &[&str]) -> String {
    let id = |word: &&str| match *word {
        "s4" => site.id(bucket, word),
        word => word.to_owned(),
    };
    let words: Vec<String> = ["erase"].iter().chain(selector).chain(further).map(id).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (code, out, error) = told(&site.server, &words);
    assert_eq!(code, 0, "{} {words:?}: {out}{error}", site.name);
    out
}

#[test]
fn each_selector_takes_object_and_row_of_what_it_says() {
    let remote = start();
    let sites = sites(&remote);
    let mut left: Vec<&str> = CALLS.iter().map(|call| call.0).collect();
    let bucket = deliver(&remote, &sites, &CALLS);
    let live: Vec<Client> = sites.iter().map(|site| site.open(("live", "carol", "daily"))).collect();
    for (site, (selector, fitting, lives)) in sites.iter().flat_map(|site| STEPS.map(|step| (site, step))) {
        let out = erase(site, &bucket, selector, &[]);
        let counts = (out.matches("\nstored ").count(), out.matches("\nlive ").count());
        assert_eq!(counts, (fitting.len(), lives), "{}: {out}", site.name);
        assert!(out.contains("Nothing was erased"), "{out}");
    }
    for site in &sites {
        let (code, out, _) = told(&site.server, &["find", "--id", &site.id(&bucket, "s4")]);
        assert_eq!((code, out.lines().count()), (0, 2), "{}: {out}", site.name);
    }
    assert_stored(&remote, &sites, &left);
    for (selector, fitting, lives) in STEPS {
        for site in &sites {
            let out = erase(site, &bucket, selector, &["--yes"]);
            let said = format!("{} stored dumps are erased, 0 were in the spool", fitting.len());
            assert!(out.contains(&said), "{}: {out}", site.name);
            assert_eq!(out.contains("1 of them are live"), lives == 1, "{out}");
        }
        left.retain(|label| !fitting.contains(label));
        assert_stored(&remote, &sites, &left);
    }
    assert!(left.is_empty());
    live.into_iter().for_each(|client| client.close(None));
    wait_until("the live ones to be delivered", || !sites.iter().any(Site::has_waiting));
    assert_stored(&remote, &sites, &["live"]);
}
