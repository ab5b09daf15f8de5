//! Says what must be on disk: after a crash, and when everything is delivered.
//!
//! When reading, it uses nothing of the server's code but ids and the directory names, so that a fault in that code
//! cannot hide itself. Which features a dump has is not the question here, but whether they are its own.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use rtcstats_server::spool::{ToExtract, extracted};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use super::world::World;

/// Files below `folder` whose names end with `end`.
pub fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, end));
        } else if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Where in the spool a file with this name and state is, in all instances.
fn spooled(world: &World, state: &str, name: &str) -> Vec<PathBuf> {
    let instances = fs::read_dir(world.spool()).into_iter().flatten().flatten();
    let paths = instances.map(|instance| instance.path().join(state).join(name));
    paths.filter(|path| path.exists()).collect()
}

fn lines(text: &[u8]) -> Vec<Vec<u8>> {
    let mut lines: Vec<_> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    // What follows the last line end: nothing, or a line that was cut off.
    lines.pop();
    lines
}

/// Decides what each dump must have that the dead process was recording.
pub fn after_crash(world: &mut World) {
    for client in 0..world.records.len() {
        let record = &world.records[client];
        if let (Some(id), None) = (record.id, record.settled) {
            if let Some(code) = world.clients[client].told {
                world.blame(format!("client {client} was told {code} before its dump was sealed"));
            }
            let left = ruins(world, &id.to_string());
            settle(world, client, left);
        }
        one_state(world, client);
    }
}

/// After a power cut, only what was synced is certain to be there. Packing has not been done, or is done again.
pub fn after_power_cut(world: &mut World) {
    let durable = world.durable.clone();
    for client in 0..world.records.len() {
        if let Some(id) = world.records[client].id {
            let record = &mut world.records[client];
            let synced = durable.borrow().messages.get(&id.to_string()).copied().unwrap_or(0);
            record.settled = Some(record.settled.unwrap_or(record.accepted));
            record.synced = Some(synced);
        }
        one_state(world, client);
    }
}

/// The number of whole messages in what the crash has left of a recording.
fn ruins(world: &World, id: &str) -> usize {
    let name = format!("{id}.jsonl");
    let recording = spooled(world, "recording", &name);
    let sealed = spooled(world, "ready", &name);
    recording
        .iter()
        .chain(&sealed)
        .next()
        .map_or(0, |path| whole_messages(path))
}

/// The number of whole messages of an unmasked dump: its lines without the first two and the closing one.
pub fn whole_messages(path: &Path) -> usize {
    let lines = lines(&fs::read(path).expect("a file of the spool can be read"));
    let closing = usize::from(lines.last().is_some_and(|line| is_seal(line)));
    lines.len().saturating_sub(2 + closing)
}

/// Whether this is the closing line of the spool. Clients cannot send it: a blank after theirs distinguishes it.
fn is_seal(line: &[u8]) -> bool {
    line.starts_with(b"[\"close\",null,")
        && line.ends_with(b"]")
        && line.windows(11).any(|part| part == b"\"recovered\"")
}

fn settle(world: &mut World, client: usize, left: usize) {
    let record = &mut world.records[client];
    record.settled = Some(left);
    let (accepted, appended, answered) = (record.accepted, record.appended, record.answered);
    let acknowledged = world.clients[client].acknowledged.max(answered);
    if left < acknowledged {
        world.blame(format!(
            "client {client}: {left} messages are left, {acknowledged} were acknowledged"
        ));
    }
    if left < appended || left > accepted {
        world.blame(format!(
            "client {client}: {left} messages are left, {appended} to {accepted} were recorded"
        ));
    }
}

/// A dump is recorded, sealed, packed or gone. A sealed file beside the packed one is a remainder of the same dump.
fn one_state(world: &mut World, client: usize) {
    let Some(id) = world.records[client].id else { return };
    let count = |state, end: &str| spooled(world, state, &format!("{id}.{end}")).len();
    let recording = count("recording", "jsonl");
    let ready = count("ready", "jsonl");
    let packed = count("packed", "jsonl.gz");
    let nothing_durable = world.records[client].synced == Some(0);
    let failed = count("failed", "jsonl") + count("failed", "jsonl.gz") + count("failed", "txt");
    if recording + ready.max(packed) > 1 || ready > 1 || packed > 1 || (failed > 0 && !nothing_durable) {
        world.blame(format!(
            "client {client}: {recording} files in recording, {ready} in ready, {packed} in packed, {failed} in failed"
        ));
    }
}

/// A dump as it was delivered.
struct Dump {
    id: String,
    lines: Vec<Vec<u8>>,
    /// The file beside it.
    features: Option<Vec<u8>>,
}

/// What a row says.
struct Row {
    metadata: Value,
    features_url: Option<String>,
}

/// Checks that every session is in exactly one dump, with exactly its lines, and that there is nothing else anywhere.
pub fn at_end(world: &mut World) {
    for leftover in ["recording", "ready", "packed", "failed"] {
        let mut found = files(&world.spool(), "");
        found.retain(|path| path.parent().is_some_and(|parent| parent.ends_with(leftover)));
        found.retain(|path| leftover != "failed" || !is_torn_to_nothing(world, path));
        if !found.is_empty() {
            world.blame(format!("files are left in {leftover}: {found:?}"));
        }
    }
    let mut rows = read_rows(&world.catalogue());
    let mut dumps = BTreeMap::new();
    let mut features = files(&world.dumps(), FEATURES);
    for path in files(&world.dumps(), ".jsonl.gz") {
        // The row is written after the object, so such an object is litter that no row mentions.
        if !has_row(&rows, &path) && is_torn_to_nothing(world, &path) {
            continue;
        }
        let beside = features.iter().position(|features| is_beside(features, &path));
        let beside = beside.map(|index| features.remove(index));
        match read_dump(&path, beside.as_deref()) {
            Ok((url, dump)) if !dumps.contains_key(&url) => drop(dumps.insert(url, dump)),
            Ok((url, _)) => world.blame(format!("{url} has two dumps")),
            Err(what) => world.blame(format!("{}: {what}", path.display())),
        }
    }
    features.retain(|path| !is_torn_to_nothing(world, path));
    let others = files(&world.dumps(), "").into_iter();
    let mut others = others.filter(|path| [".jsonl.gz", FEATURES].iter().all(|end| !ends_with(path, end)));
    if let Some(path) = features.into_iter().chain(&mut others).next() {
        world.blame(format!("{} belongs to no dump", path.display()));
    }
    for client in 0..world.records.len() {
        let dump = dumps.remove(&format!("/client-{client}"));
        let row = dump.as_ref().and_then(|dump| rows.remove(&dump.id));
        let result = check_dump(world, client, dump, row);
        result.unwrap_or_else(|what| world.blame(format!("client {client}: {what}")));
    }
    if !dumps.is_empty() || !rows.is_empty() {
        world.blame(format!("dumps or rows of nobody: {:?} {:?}", dumps.keys(), rows.keys()));
    }
}

/// How the name of a file with features ends.
const FEATURES: &str = ".features.json";

fn ends_with(path: &Path, end: &str) -> bool {
    path.to_string_lossy().ends_with(end)
}

fn is_beside(features: &Path, dump: &Path) -> bool {
    let start = |path: &Path, end: &str| path.to_string_lossy().trim_end_matches(end).to_owned();
    start(features, FEATURES) == start(dump, ".jsonl.gz")
}

fn has_row(rows: &BTreeMap<String, Row>, path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    rows.contains_key(name.trim_end_matches(".jsonl.gz"))
}

/// Of a dump that was never synced, a power cut can leave less than a head. Then there is nothing in it to deliver.
fn is_torn_to_nothing(world: &World, path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut records = world.records.iter().filter(|record| record.synced == Some(0));
    records.any(|record| record.id.is_some_and(|id| name.starts_with(&id.to_string())))
}

fn read_dump(path: &Path, features: Option<&Path>) -> Result<(String, Dump), String> {
    let mut text = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    GzDecoder::new(file)
        .read_to_end(&mut text)
        .map_err(|error| error.to_string())?;
    let lines = lines(&text);
    if lines.len() < 3 || lines[0] != b"RTCStatsDump" {
        return Err("is no dump".into());
    }
    let metadata: Value = serde_json::from_slice(&lines[1]).map_err(|error| error.to_string())?;
    let url = metadata["url"].as_str().unwrap_or_default().to_owned();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let id = name.strip_suffix(".jsonl.gz").ok_or("has an odd name")?.to_owned();
    let features = features.map(fs::read).transpose().map_err(|error| error.to_string())?;
    Ok((url, Dump { id, lines, features }))
}

/// Each row, by id.
fn read_rows(catalogue: &Path) -> BTreeMap<String, Row> {
    let Ok(catalogue) = Connection::open_with_flags(catalogue, OpenFlags::SQLITE_OPEN_READ_ONLY) else {
        return BTreeMap::new();
    };
    let mut statement = catalogue
        .prepare("SELECT id, metadata, features_url FROM rtcstats")
        .expect("the table is there");
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .expect("the table can be read");
    let rows = rows
        .collect::<Result<Vec<(String, String, Option<String>)>, _>>()
        .expect("the table can be read");
    let row = |(id, metadata, features_url): (String, String, Option<String>)| {
        let metadata = serde_json::from_str(&metadata).expect("the metadata column is JSON");
        (id, Row { metadata, features_url })
    };
    rows.into_iter().map(row).collect()
}

fn check_dump(world: &World, client: usize, dump: Option<Dump>, row: Option<Row>) -> Result<(), String> {
    let (record, client) = (&world.records[client], &world.clients[client]);
    let mut expected = match (record.id, record.settled) {
        (None, _) => 0,
        (Some(_), Some(settled)) => settled,
        (Some(_), None) => return Err("its session was never sealed".into()),
    };
    if let Some(synced) = record.synced {
        let found = dump.as_ref().map_or(0, |dump| dump.lines.len() - 3);
        expected = found.clamp(synced, expected);
    }
    if (record.synced.is_none() && expected < client.acknowledged) || (expected > 0 && !client.script.kind.is_session())
    {
        return Err(format!(
            "{expected} messages are kept, {} were acknowledged",
            client.acknowledged
        ));
    }
    let Some(dump) = dump else {
        return if expected == 0 {
            Ok(())
        } else {
            Err(format!("no dump, but {expected} messages"))
        };
    };
    let messages = &dump.lines[2..dump.lines.len() - 1];
    // A sealed file of which a power cut has left only the head becomes a dump without a message.
    if messages.len() != expected || (expected == 0 && record.synced.is_none()) {
        return Err(format!("{} lines in the dump, {expected} expected", messages.len()));
    }
    if let Some(at) = (0..expected).find(|at| messages[*at] != client.script.lines[*at]) {
        let (found, sent) = (
            String::from_utf8_lossy(&messages[at]),
            String::from_utf8_lossy(&client.script.lines[at]),
        );
        return Err(format!("line {at} of the dump is {found:.100}, not {sent:.100}"));
    }
    if Some(&dump.id) != record.id.map(|id| id.to_string()).as_ref() {
        return Err(format!("its dump has the id {}", dump.id));
    }
    let row = row.ok_or("no row")?;
    check_features(&dump, &row)?;
    let row = row.metadata;
    if row["numberOfMessages"] != expected {
        return Err(format!("the row says {} messages", row["numberOfMessages"]));
    }
    let may_lack_its_end = world.plan.trouble || record.synced.is_some();
    check_close(record.sealed, may_lack_its_end, &dump, &row)
}

/// The features are those of this dump, as it was stored, and the row leads to them.
fn check_features(dump: &Dump, row: &Row) -> Result<(), String> {
    let features = dump.features.as_ref().ok_or("no features beside the dump")?;
    let mut text = dump.lines.join(&b'\n');
    text.push(b'\n');
    let expected = extracted(&mut &text[..], &ToExtract::default()).expect("memory can be read");
    if Some(Ok(features)) != expected.features.as_ref().map(Result::as_ref) {
        return Err("its features are those of another dump".to_owned());
    }
    let found = row.metadata.get("findings").map(ToString::to_string);
    if found.is_none() || found != expected.findings.and_then(Result::ok) {
        return Err(format!("its row says that {found:?} was found"));
    }
    match &row.features_url {
        Some(url) if url.ends_with(&format!("/{}{FEATURES}", dump.id)) => Ok(()),
        url => Err(format!("its row leads to {url:?} for the features")),
    }
}

/// The closing line says why the session ended, and the row says the same.
fn check_close(sealed: Option<u16>, may_lack_its_end: bool, dump: &Dump, row: &Value) -> Result<(), String> {
    let last = dump.lines.last().map(Vec::as_slice).unwrap_or_default();
    let close: Value = serde_json::from_slice(last).map_err(|error| format!("the closing line: {error}"))?;
    let is_close = close[0] == "close" && close[1].is_null() && close.as_array().is_some_and(|close| close.len() == 4);
    if !is_close || row["closeCode"] != close[2] {
        return Err(format!("the dump ends with {close}, the row with {}", row["closeCode"]));
    }
    // If the disk has no room for the closing line, the dump is sealed all the same, and packing writes the line.
    let written_later = may_lack_its_end && close[2] == 1006 && row["recovered"] == true;
    match sealed {
        Some(code) if close[2] != code && !written_later => Err(format!("sealed with {code}, but {close}")),
        _ => Ok(()),
    }
}
