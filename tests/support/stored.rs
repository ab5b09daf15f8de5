//! What a server has stored: dumps as lists of lines, and rows of the catalogue.
//!
//! It is read without any of the server's code, so that a fault in that code cannot hide itself. The catalogue is
//! opened read-only; if it does not exist yet, it counts as empty.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use super::server::Server;
use super::wait::wait_for;

/// One stored dump.
pub struct Dump {
    pub path: PathBuf,
    /// All lines without line ends; the first is the signature and the last the closing line.
    pub lines: Vec<String>,
}

impl Dump {
    /// The id, from a key that the default template has made: `ID.jsonl.gz`.
    pub fn id(&self) -> String {
        let name = self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.trim_end_matches(".jsonl.gz").to_string()
    }

    /// The metadata line.
    pub fn metadata(&self) -> Value {
        serde_json::from_str(&self.lines[1]).expect("the metadata line is JSON")
    }

    /// The client's lines: all except the first two and the closing one.
    pub fn messages(&self) -> &[String] {
        &self.lines[2..self.lines.len() - 1]
    }

    /// The code of the closing line.
    pub fn close_code(&self) -> u64 {
        let last = self.lines.last().expect("a dump has lines");
        let close: Value = serde_json::from_str(last).expect("the closing line is JSON");
        assert_eq!(
            (&close[0], &close[1]),
            (&Value::from("close"), &Value::Null),
            "not a closing line: {last}"
        );
        close[2].as_u64().unwrap_or_else(|| panic!("no close code: {last}"))
    }

    /// Reads one compressed dump.
    pub fn read(path: &Path) -> Dump {
        let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut text = String::new();
        MultiGzDecoder::new(file)
            .read_to_string(&mut text)
            .expect("a whole gzip file of UTF-8 text");
        // Split at LF only, because `lines()` would also remove a CR that belongs to a message.
        let lines = text
            .strip_suffix('\n')
            .unwrap_or(&text)
            .split('\n')
            .map(str::to_string)
            .collect();
        Dump {
            path: path.to_path_buf(),
            lines,
        }
    }
}

/// One row of the table `rtcstats`.
#[derive(Debug)]
pub struct Row {
    pub id: String,
    pub user: Option<String>,
    pub conference: Option<String>,
    pub session: Option<String>,
    pub metadata: Value,
    pub blob_url: Option<String>,
    pub features_url: Option<String>,
    /// The value as SQLite holds it; the database room decides on its form.
    pub start: rusqlite::types::Value,
    pub end: rusqlite::types::Value,
}

impl Server {
    /// All dumps in `data/dumps`, at any depth, in the order of their paths.
    pub fn dumps(&self) -> Vec<Dump> {
        let mut paths = files_below(&self.data().join("dumps"));
        paths.retain(|path| path.to_string_lossy().ends_with(".jsonl.gz"));
        paths.sort();
        paths.iter().map(|path| Dump::read(path)).collect()
    }

    /// All rows of the catalogue, oldest first.
    pub fn rows(&self) -> Vec<Row> {
        let file = self.data().join("catalog.db");
        if !file.exists() {
            return Vec::new();
        }
        let catalogue =
            Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the catalogue opens");
        catalogue
            .busy_timeout(Duration::from_secs(30))
            .expect("a busy time-out can be set");
        read_rows(&catalogue).expect("the catalogue has the table of the documentation")
    }

    /// All files in `data/dumps` that hold features, in the order of their paths.
    pub fn features(&self) -> Vec<PathBuf> {
        let mut paths = files_below(&self.data().join("dumps"));
        paths.retain(|path| path.to_string_lossy().ends_with(FEATURES));
        paths.sort();
        paths
    }

    /// Waits until the catalogue has `count` rows and as many dumps are stored, each with features beside it. There
    /// must not be more at that moment.
    pub fn delivered(&self, count: usize) -> Vec<Dump> {
        let dumps = self.delivered_bare(count);
        let rows = self.rows();
        for dump in &dumps {
            let features = features_of(&dump.path);
            assert!(features.exists(), "{}: no features", dump.path.display());
            let name = features.file_name().and_then(|name| name.to_str()).expect("a name");
            let leads_to_it = |row: &&Row| row.features_url.iter().any(|url| url.ends_with(name));
            assert_eq!(rows.iter().filter(leads_to_it).count(), 1, "rows that lead to {name}");
        }
        dumps
    }

    /// The same, whatever there is of features. There must not be more at that moment.
    pub fn delivered_bare(&self, count: usize) -> Vec<Dump> {
        let (rows, dumps) = wait_for(&format!("{count} delivered dumps"), || {
            let rows = self.rows().len();
            let dumps = (rows >= count).then(|| self.dumps())?;
            (dumps.len() >= count).then_some((rows, dumps))
        });
        assert_eq!((rows, dumps.len()), (count, count), "rows and dumps");
        dumps
    }

    /// Every file in the spool, whatever its state.
    pub fn spooled(&self) -> Vec<PathBuf> {
        let mut files = files_below(&self.data().join("spool"));
        files.retain(|path| path.to_string_lossy().contains(".json"));
        files
    }
}

/// Where the features of the dump with this path are. Its name ends with the id, whatever stands before that.
pub fn features_of(dump: &Path) -> PathBuf {
    let name = dump.file_name().and_then(|name| name.to_str()).expect("a name");
    let start = name.strip_suffix(".jsonl.gz").expect("a dump");
    dump.with_file_name(format!("{}{FEATURES}", &start[start.len() - ID_BYTES..]))
}

/// The length of an id as text.
const ID_BYTES: usize = 36;

/// How the name of the features of a dump ends, after its id.
pub const FEATURES: &str = ".features.json";

/// All files below `folder`. A file that disappears meanwhile is left out.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files_below(&entry.path())),
            Ok(_) => found.push(entry.path()),
            Err(_) => {}
        }
    }
    found
}

fn read_rows(catalogue: &Connection) -> rusqlite::Result<Vec<Row>> {
    let known = catalogue.table_exists(None, "rtcstats")?;
    if !known {
        return Ok(Vec::new());
    }
    let query = "SELECT id, rtcstats_user, rtcstats_conference, rtcstats_session, metadata, blob_url, \
                 session_start, session_end, features_url FROM rtcstats ORDER BY id";
    let mut statement = catalogue.prepare(query)?;
    let rows = statement.query_map([], |row| {
        let metadata: String = row.get(4)?;
        Ok(Row {
            id: row.get(0)?,
            user: row.get(1)?,
            conference: row.get(2)?,
            session: row.get(3)?,
            metadata: serde_json::from_str(&metadata).expect("the metadata column is JSON"),
            blob_url: row.get(5)?,
            features_url: row.get(8)?,
            start: row.get(6)?,
            end: row.get(7)?,
        })
    })?;
    rows.collect()
}
