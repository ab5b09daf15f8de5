//! `spool`: shows what is not delivered yet, and why; puts failed dumps back into the queue. It works beside a running
//! server, whose note says what dumps wait for.
//!
//! Never here: changes to a live recording, or the content of a dump that is not masked. Limit: all entries are held in
//! memory, some hundred bytes each.
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::json;

use super::failure::Failure;
use super::output::{age, print, table};
use super::owner;
use super::reasons::Reasons;
use super::visible::visible;
use crate::config::Config;
use crate::spool::queue::{self, Entry};
use crate::spool::{DumpState, Id};
use crate::time::UnixMs;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List every dump that is not delivered yet, the oldest first
    List(List),
    /// Say all that is known of one dump
    Show(Show),
    /// Put failed dumps back into the queue; a running server takes them up within a minute
    Retry(Retry),
}

#[derive(Debug, clap::Args)]
pub struct List {
    /// Print one JSON object a line instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub struct Show {
    id: Id,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Retry {
    /// Dumps in failed, by their ids
    ids: Vec<Id>,
    /// All that have failed
    #[arg(long)]
    failed: bool,
}

pub fn run(config: &Config, command: Command) -> Result<(), Failure> {
    owner::settle(&config.data_dir)?;
    let spool = config.spool_path();
    // One that cannot be looked at is told by the list.
    if matches!(spool.try_exists(), Ok(false)) {
        let what = "no server has run here yet; if one has, give its --config or RTCSTATS_DATA_DIR to this command too";
        return Err(Failure::Runtime(format!(
            "there is no spool at {}: {what}",
            spool.display()
        )));
    }
    let entries = queue::list(&spool).map_err(|error| Failure::runtime(spool.display(), error))?;
    let reasons = Reasons::default();
    match command {
        Command::List(List { json: true }) => {
            let lines = entries.iter().map(|entry| json_line(entry, &reasons));
            print(&lines.collect::<String>())
        }
        Command::List(_) => print(&as_table(&entries, &reasons)),
        Command::Show(Show { id }) => show(&entries, id, &reasons),
        Command::Retry(arguments) => retry(&spool, &entries, arguments),
    }
}

const HEADINGS: [&str; 6] = ["ID", "STATE", "INSTANCE", "FOR", "BYTES", "WHY"];

fn as_table(entries: &[Entry], reasons: &Reasons) -> String {
    let mut lines = vec![HEADINGS.map(str::to_string).to_vec()];
    lines.extend(entries.iter().map(|entry| {
        vec![
            entry.id.to_string(),
            entry.state.name().to_string(),
            instance(entry),
            age(ago(entry)),
            entry.bytes.to_string(),
            reasons.of(entry).map_or("-".to_string(), |reason| reason.told()),
        ]
    }));
    table(&lines)
}

/// One dump as one line of JSON.
fn json_line(entry: &Entry, reasons: &Reasons) -> String {
    let reason = reasons.of(entry);
    let object = json!({
        "id": entry.id,
        "state": entry.state.name(),
        "instance": instance(entry),
        "since": UnixMs::from(entry.changed).to_string(),
        "bytes": entry.bytes,
        "why": reason.as_ref().map(|reason| &reason.text),
        "whySince": reason.as_ref().and_then(|reason| reason.since).map(|since| since.to_string()),
        "note": (entry.state == DumpState::Failed).then(|| entry.note()),
    });
    format!("{object}\n")
}

fn show(entries: &[Entry], id: Id, reasons: &Reasons) -> Result<(), Failure> {
    let mut text = String::new();
    for entry in entries.iter().filter(|entry| entry.id == id) {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{id}\nstate      {}\ninstance   {}\nsince      {} ({} ago)\nbytes      {}",
            entry.state.name(),
            instance(entry),
            UnixMs::from(entry.changed),
            age(ago(entry)),
            entry.bytes
        );
        if entry.state != DumpState::Failed
            && let Some(reason) = reasons.of(entry)
        {
            let _ = writeln!(text, "why        {}", reason.told());
        }
        for file in entry.paths() {
            let _ = writeln!(text, "file       {}", file.display());
        }
        let manifest = entry.manifest();
        if let Err(reason) = &manifest {
            let _ = writeln!(text, "unsound    {reason}");
        }
        if let Ok(Some(manifest)) = manifest {
            let _ = writeln!(text, "key        {}", visible(&manifest.key));
            if let Some(url) = &manifest.stored {
                let _ = writeln!(text, "stored     {} (only its row waits)", visible(url));
            }
            for (name, value) in manifest.labels.each() {
                let _ = writeln!(text, "{name:11}{}", value.map_or("-".into(), visible));
            }
            let _ = writeln!(text, "metadata   {}", visible(&manifest.metadata.to_string()));
        }
        if let Some(note) = entry.note() {
            let _ = writeln!(text, "\n{}", note.lines().map(visible).collect::<Vec<_>>().join("\n"));
        }
    }
    if text.is_empty() {
        return Err(Failure::Runtime(format!(
            "dump {id} is not in the spool: it is delivered (see `find`), or never was here"
        )));
    }
    print(&text)
}

fn retry(spool: &Path, entries: &[Entry], arguments: Retry) -> Result<(), Failure> {
    let failed = entries.iter().filter(|entry| entry.state == DumpState::Failed);
    let ids = if arguments.failed {
        failed.map(|entry| entry.id).collect()
    } else {
        arguments.ids
    };
    let done = queue::retry(spool, &ids).map_err(|error| Failure::runtime(spool.display(), error))?;
    let mut bad = Vec::new();
    let mut good = 0;
    for (id, result) in done {
        match result {
            Ok(()) => good += 1,
            Err(error) => bad.push(format!(
                "dump {id}: {}",
                state_of(entries, id).unwrap_or(error.to_string())
            )),
        }
    }
    print(&format!(
        "{good} dumps wait for delivery again; a running server takes them up within a minute\n"
    ))?;
    if bad.is_empty() {
        Ok(())
    } else {
        Err(Failure::Runtime(bad.join("\n")))
    }
}

/// Says what a dump that is in the spool, but not in `failed`, is doing there.
fn state_of(entries: &[Entry], id: Id) -> Option<String> {
    let is_failed = |entry: &&Entry| entry.id == id && entry.state == DumpState::Failed;
    if entries.iter().any(|entry| is_failed(&entry)) {
        return None;
    }
    let entry = entries.iter().find(|entry| entry.id == id)?;
    Some(match entry.state {
        DumpState::Recording => "it is a live session, which is left alone".to_string(),
        state => format!("it has not failed, it is in {} and waits for delivery", state.name()),
    })
}

/// How long ago the dump came into its state.
fn ago(entry: &Entry) -> Duration {
    SystemTime::now().duration_since(entry.changed).unwrap_or_default()
}

fn instance(entry: &Entry) -> String {
    let name = entry.instance.root().file_name().unwrap_or_default();
    visible(&name.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::spool::Kind;

    #[test]
    fn a_line_has_the_note_of_a_failed_dump() {
        let folder = tempfile::tempdir().unwrap();
        let place = crate::spool::Place::open(folder.path()).unwrap();
        let id = Id::new();
        std::fs::write(place.path(Kind::Ready, id), b"x").unwrap();
        place
            .fail(id, &format!("Dump {id} cannot be delivered: why.\nMore.\n"))
            .unwrap();
        let entries = queue::list(folder.path()).unwrap();
        let line: Value = serde_json::from_str(&json_line(&entries[0], &Reasons::default())).unwrap();
        assert_eq!((&line["state"], &line["instance"]), (&json!("failed"), &json!("0")));
        assert!(line["note"].as_str().unwrap().ends_with("More.\n"));
        assert!(as_table(&entries, &Reasons::default()).trim_end().ends_with("  why."));
    }
}
