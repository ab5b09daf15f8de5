//! That a sync has failed: noted in the spool for processes that come later on the same running kernel.
//!
//! A failure is told to whoever had the disk open, and once. What it has lost can be read for as long as the kernel
//! keeps it, so a process that comes later would take it for durable. The note is in that cache as well, and is not
//! synced: it lasts as long as what it warns of. It names the boot, since after another one what can be read is what
//! the disk has. Nothing here fails: where no note can be written, packed dumps beside their lines are written anew all
//! the same (`successor`).

use std::fs;
use std::path::{Path, PathBuf};

/// Whether a sync has failed since the machine was started, as an earlier process has noted. A note of another boot is
/// removed.
pub fn is_noted(spool: &Path) -> bool {
    is_noted_in(spool, &boot())
}

/// Notes that a sync has failed.
pub fn note(spool: &Path) {
    let boot = boot();
    if !is_noted_in(spool, &boot) {
        let _ = fs::write(path(spool), boot);
    }
}

fn is_noted_in(spool: &Path, boot: &str) -> bool {
    let path = path(spool);
    match fs::read_to_string(&path) {
        Ok(noted) if noted == boot => true,
        Ok(noted) => {
            // An empty one may be about to be written by another process.
            if !noted.is_empty() {
                let _ = fs::remove_file(path);
            }
            false
        }
        Err(_) => false,
    }
}

/// What differs each time the machine starts (random(4)). Where it cannot be told, a note holds until it is removed.
fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_else(|_| "unknown".to_owned())
}

fn path(spool: &Path) -> PathBuf {
    spool.join("sync-failed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_holds_until_the_machine_starts_anew() {
        let folder = tempfile::tempdir().unwrap();
        let spool = folder.path();
        assert!(!is_noted(spool));
        note(spool);
        note(spool);
        assert!(is_noted(spool) && is_noted_in(spool, &boot()));
        assert!(!is_noted_in(spool, "another boot") && !path(spool).exists());
        fs::write(path(spool), "").unwrap();
        assert!(!is_noted(spool), "a power cut has taken what was in it");
        note(spool);
        assert!(is_noted(spool));
        note(&spool.join("gone"));
        assert!(!is_noted(&spool.join("gone")));
    }
}
