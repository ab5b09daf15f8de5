//! What the probe tries in a folder of objects: one is put there as a dump is, read back, and removed.
//!
//! The file lies in the spool for that time, so that a link goes the way it goes for dumps. Both names are hidden, so
//! that no server and no walk takes them for a dump.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::disk::{self, Linked};
use crate::trial::Trial;

/// Tries it once from `spool` to `root`; `what` names the store.
pub fn rehearse(what: &str, root: &Path, spool: &Path) -> Vec<Trial> {
    let name = format!(".probe-{}", std::process::id());
    let names = Names {
        source: spool.join(&name),
        object: root.join(&name),
        partial: root.join(format!("{name}.tmp")),
    };
    let stored = names.store();
    // The first error is the one that gives the reason; what is left under these names, the next probe replaces.
    let _ = disk::remove(&names.source);
    let removed = disk::remove(&names.object);
    let mut trials = vec![judge(format!("{what}: store"), stored)];
    if !trials[0].is_refusal() {
        trials.push(match removed {
            Ok(_) => Trial::fine(format!("{what}: remove")),
            Err(error) => Trial::warning(
                format!("{what}: remove"),
                error,
                "erasing and [retention] need it: allow this user to remove files there",
            ),
        });
    }
    trials
}

struct Names {
    source: PathBuf,
    object: PathBuf,
    partial: PathBuf,
}

impl Names {
    fn store(&self) -> io::Result<Linked> {
        File::create(&self.source)?.write_all(CONTENT)?;
        let linked = disk::link_or_copy(&self.source, &self.object, &self.partial)?;
        if fs::read(&self.object)? != CONTENT {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "what was stored does not read back",
            ));
        }
        Ok(linked)
    }
}

fn judge(what: String, stored: io::Result<Linked>) -> Trial {
    match stored {
        Ok(Linked::Done) => Trial::found(what, "by links"),
        Ok(Linked::Refused(error)) => Trial::found(what, format!("by copies, since a link says: {error}")),
        Ok(Linked::Exists) => Trial::refused(what, "the name of a new file is taken", ""),
        Err(error) => Trial::refused(what, error, "make it writable or change storage.directory"),
    }
}

const CONTENT: &[u8] = b"probe\n";
