//! What the probe tries in a folder of objects: one is put there as a dump is, read back, and removed.
//!
//! The file lies in the spool for that time, so that a link goes the way it goes for dumps. It is made first and goes
//! last: what a probe that was killed has left in the folder, however large that is, is found by it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::disk::{self, Linked, probes};
use crate::trial::Trial;

/// Tries it once from `spool` to `root`; `what` names the store.
pub fn rehearse(what: &str, root: &Path, spool: &Path) -> Vec<Trial> {
    for name in probes::left(spool, STORE) {
        let _ = Names::new(&name, root, spool).remove();
    }
    let names = Names::new(&probes::name(STORE), root, spool);
    let stored = names.store();
    let removed = names.remove();
    let mut trials = vec![judge(format!("{what}: store"), stored)];
    if !trials[0].is_refusal() {
        trials.push(match removed {
            Ok(()) => Trial::fine(format!("{what}: remove")),
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
    fn new(name: &str, root: &Path, spool: &Path) -> Names {
        Names {
            source: spool.join(name),
            object: root.join(name),
            partial: root.join(format!("{name}.tmp")),
        }
    }

    /// What is left if an object cannot be removed, the next probe removes.
    fn remove(&self) -> io::Result<()> {
        disk::remove(&self.object)?;
        let _ = disk::remove_rest(&self.partial);
        let _ = disk::remove(&self.source);
        Ok(())
    }

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
const STORE: &str = "store";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_it_or_of_one_that_was_killed() {
        let folder = tempfile::tempdir().unwrap();
        let [root, spool] = ["root", "spool"].map(|name| folder.path().join(name));
        [&root, &spool]
            .into_iter()
            .for_each(|folder| fs::create_dir(folder).unwrap());
        let killed = Names::new(&format!(".probe-{}-{STORE}", u32::MAX), &root, &spool);
        let left = [&killed.source, &killed.object, &killed.partial];
        left.into_iter().for_each(|file| fs::write(file, "").unwrap());
        let trials = rehearse("it", &root, &spool);
        assert!(trials.len() == 2 && !trials.iter().any(Trial::is_refusal), "{trials:?}");
        for folder in [&root, &spool] {
            assert_eq!(fs::read_dir(folder).unwrap().count(), 0, "{folder:?}");
        }
    }
}
