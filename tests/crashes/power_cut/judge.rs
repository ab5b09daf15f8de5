//! What must be true for a folder in which the server has recovered from a power cut.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use rtcstats_server::spool::{self, ToExtract};
use support::stored::{features_of, files_below};
use support::{Dump, Row, Server, wait_until};

use super::cut::Syncs;
use super::load::line;
use super::truth::{Ending, Truth};

/// What was seen, to be added up over all cuts.
#[derive(Debug, Default)]
pub struct Seen {
    /// Lines that were written but are in no dump.
    pub lines_lost: usize,
    /// Lines that were not safe but are in a dump.
    pub lines_won: usize,
    pub recovered: usize,
    pub failed: usize,
    /// Dumps that were delivered and synced before the cut.
    pub kept: usize,
}

/// What had already been stored and recorded, by id: the lines of the dump, and the metadata of the row.
pub type Delivered = BTreeMap<String, (Vec<String>, serde_json::Value)>;

/// The dumps that have an object and a row, in a folder whose server does not run.
pub fn delivered(server: &Server) -> Delivered {
    let mut objects: BTreeMap<String, Vec<String>> = objects(server)
        .into_iter()
        .map(|dump| (dump.id(), dump.lines))
        .collect();
    let rows = server.rows().into_iter();
    rows.filter_map(|row| Some((row.id.clone(), (objects.remove(&row.id)?, row.metadata))))
        .collect()
}

/// Lets the server finish all its work, and then stops it.
pub fn recover(server: &mut Server) {
    server.restart();
    wait_until("the spool to be empty but for what failed", || {
        spooled(server).is_empty()
    });
    assert!(server.stop().success());
}

fn spooled(server: &Server) -> Vec<String> {
    let root = server.data().join("spool");
    let files = files_below(&root).into_iter();
    let names = files.map(|path| {
        path.strip_prefix(&root)
            .expect("below it")
            .to_string_lossy()
            .into_owned()
    });
    names
        .filter(|name| !name.ends_with("/lock") && !name.contains("/failed/"))
        .collect()
}

fn objects(server: &Server) -> Vec<Dump> {
    let files = files_below(&server.data().join("dumps")).into_iter();
    let dumps = files.filter(|path| path.to_string_lossy().ends_with(".jsonl.gz"));
    dumps.map(|path| Dump::read(&path)).collect()
}

pub fn judge(server: &Server, truths: &BTreeMap<String, Truth>, before: &Delivered, syncs: &Syncs, cut: usize) -> Seen {
    let mut seen = Seen::default();
    let dumps = objects(server);
    let features: BTreeSet<_> = dumps.iter().map(|dump| features_of(&dump.path)).collect();
    let others: BTreeSet<_> = files_below(&server.data().join("dumps"))
        .into_iter()
        .filter(|path| !is_object(path))
        .collect();
    assert_eq!(others, features, "what lies beside the dumps, and their features");
    let rows: BTreeMap<String, Row> = server.rows().into_iter().map(|row| (row.id.clone(), row)).collect();
    let stored: BTreeMap<String, &Dump> = dumps.iter().map(|dump| (dump.id(), dump)).collect();
    assert_eq!(stored.len(), dumps.len(), "a dump twice");
    assert_eq!(rows.len(), server.rows().len(), "a row twice");
    assert_eq!(
        rows.keys().collect::<BTreeSet<_>>(),
        stored.keys().collect::<BTreeSet<_>>(),
        "rows and dumps"
    );
    for (id, dump) in &stored {
        let truth = truths.get(id).unwrap_or_else(|| panic!("nobody recorded {id}"));
        judge_dump(truth, dump, &rows[id], syncs, cut, &mut seen);
    }
    let failed = failed(server);
    for (id, truth) in truths {
        let (safe, sent) = (truth.safe(syncs), truth.sent(cut) as usize);
        assert!(
            safe == 0 || stored.contains_key(id),
            "{id} is lost, and {safe} of its lines were synced"
        );
        assert!(
            safe == 0 || !failed.contains(id),
            "{id} failed, and {safe} of its lines were synced"
        );
        seen.lines_lost += sent - stored.get(id).map_or(0, |dump| dump.messages().len()).min(sent);
    }
    for (id, (lines, metadata)) in before {
        assert_eq!(&stored[id].lines, lines, "{id} was delivered with other lines");
        assert_eq!(&rows[id].metadata, metadata, "{id} was recorded with other metadata");
    }
    Seen {
        failed: failed.len(),
        kept: before.len(),
        ..seen
    }
}

fn is_object(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".jsonl.gz") && !name.starts_with('.')
}

fn judge_dump(truth: &Truth, dump: &Dump, row: &Row, syncs: &Syncs, cut: usize, seen: &mut Seen) {
    let id = dump.id();
    let messages = dump.messages();
    for (number, message) in messages.iter().enumerate() {
        let sent = line(truth.session, number as u32);
        assert!(
            *message == sent,
            "{id}: line {number} is torn, foreign or out of its place: {message:.200}"
        );
    }
    let (safe, sent) = (truth.safe(syncs) as usize, truth.sent(cut) as usize);
    let count = messages.len();
    assert!(
        (safe..=sent).contains(&count),
        "{id}: {count} lines, {safe} were synced and {sent} written"
    );
    seen.lines_won += count - safe;
    let recovered = row.metadata["recovered"].as_bool().expect("a mark");
    let code = dump.close_code();
    assert_eq!(row.metadata["closeCode"], code, "{id}: row and dump");
    assert_eq!(row.metadata["numberOfMessages"], count, "{id}: row and dump");
    let url = row.blob_url.as_deref().unwrap_or_default();
    assert!(url.ends_with(&format!("/{id}.jsonl.gz")), "{id}: {url}");
    judge_features(dump, row);
    match truth.ending(syncs, cut) {
        Ending::Known(known, mark) => assert_eq!((code, recovered), (known, mark), "{id}"),
        Ending::Open(known) if code == known && !recovered => assert_eq!(count, sent, "{id}: {code} and not whole"),
        Ending::Open(_) => assert_eq!((code, recovered), (1006, true), "{id}"),
    }
    seen.recovered += usize::from(recovered && truth.was_live(cut));
}

/// The features are those of the stored lines, whatever the cut has left of them in the spool.
fn judge_features(dump: &Dump, row: &Row) {
    let (id, path) = (dump.id(), features_of(&dump.path));
    let lines = dump.lines.join("\n") + "\n";
    let made = spool::extracted(&mut lines.as_bytes(), &ToExtract::default()).expect("lines in memory");
    let stored = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(made.features == Some(Ok(stored)), "{id}: features of something else");
    let found = row.metadata["findings"].to_string();
    assert_eq!(made.findings, Some(Ok(found)), "{id}: findings of something else");
    let url = row.features_url.as_deref().unwrap_or_default();
    assert!(url.ends_with(&format!("/{id}.features.json")), "{id}: {url}");
}

/// The dumps that have failed; each must have a note.
fn failed(server: &Server) -> BTreeSet<String> {
    let files = files_below(&server.data().join("spool"));
    let failed: Vec<_> = files
        .iter()
        .filter(|path| path.to_string_lossy().contains("/failed/"))
        .collect();
    let id = |path: &&std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.split('.').next().unwrap_or_default().to_owned()
    };
    for path in &failed {
        let note = path.with_file_name(format!("{}.txt", id(path)));
        let note = fs::read_to_string(&note).unwrap_or_else(|error| panic!("{}: {error}", note.display()));
        assert!(!note.is_empty(), "{}: a note that says nothing", path.display());
    }
    failed.iter().map(id).collect()
}
