//! What the probe tries on the spool's disk: all that recording, packing, taking over and delivering ask of it, once.
//!
//! It works in a folder of its own that no server takes for an instance, and removes it. What is only slower or unknown
//! is a warning; refused is what would refuse sessions or keep dumps waiting.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::lock::{self, Works};
use super::options::SpoolOptions;
use crate::disk::{self, Linked, probes};
use crate::trial::Trial;
use crate::units::Size;

/// Tries everything in `spool`, and leaves only that folder, which a server would make.
pub fn rehearse(spool: &Path, options: &SpoolOptions) -> Vec<Trial> {
    let stage = Stage {
        spool,
        what: format!("spool {}", spool.display()),
    };
    for name in probes::left(spool, SPOOL) {
        let _ = fs::remove_dir_all(spool.join(name));
    }
    let folder = spool.join(probes::name(SPOOL));
    let made = fs::create_dir_all(&folder).and_then(|()| stage.write(&folder));
    let mut trials = vec![stage.judge("write", "make it writable or change spool.directory", &made)];
    if made.is_ok() {
        trials.extend([
            stage.rename(&folder),
            stage.lock(&folder),
            stage.link(&folder),
            stage.sync(),
            stage.space(options.min_free),
        ]);
    }
    if let (Err(error), true) = (fs::remove_dir_all(&folder), made.is_ok()) {
        trials.push(Trial::warning(
            stage.named("remove"),
            format!("{}: {error}", folder.display()),
            "files of delivered dumps would stay: allow this user to remove files there",
        ));
    }
    trials
}

/// The folder, and how its trials begin.
struct Stage<'a> {
    spool: &'a Path,
    what: String,
}

impl Stage<'_> {
    fn named(&self, deed: &str) -> String {
        format!("{}: {deed}", self.what)
    }

    fn judge(&self, deed: &str, mend: &str, done: &io::Result<()>) -> Trial {
        match done {
            Ok(()) => Trial::fine(self.named(deed)),
            Err(error) => Trial::refused(self.named(deed), error, mend),
        }
    }

    fn write(&self, folder: &Path) -> io::Result<()> {
        let path = folder.join(RECORDED);
        let mut file = File::options().create(true).append(true).open(&path)?;
        file.write_all(b"first\nsecond\n")?;
        // As after a write that was made in part.
        file.set_len(6)?;
        file.sync_all()?;
        match fs::read(&path)?.as_slice() {
            b"first\n" => Ok(()),
            _ => Err(io::Error::other("what was written does not read back")),
        }
    }

    fn rename(&self, folder: &Path) -> Trial {
        let (from, to) = (folder.join(RECORDED), folder.join(SEALED));
        let renamed = File::open(&from).and_then(|file| disk::rename(&file, &from, &to));
        self.judge(
            "rename",
            "no session could be sealed: use another file system",
            &renamed,
        )
    }

    fn lock(&self, folder: &Path) -> Trial {
        let what = self.named("lock");
        let mend = "mount it with locks (flock), or change spool.directory";
        match lock::works(folder) {
            Ok(Works::AsItShould) => Trial::fine(what),
            Ok(Works::ForNobody) => Trial::refused(what, "flock refuses every lock, also of a new file", mend),
            Ok(Works::ForEverybody) => Trial::warning(
                what,
                "flock gives one lock twice, so a second server would use the files of the first",
                "run one server only on this folder, or mount it with locks (flock)",
            ),
            Err(error) => Trial::refused(what, error, ""),
        }
    }

    fn link(&self, folder: &Path) -> Trial {
        let what = self.named("link");
        let (from, to, partial) = (folder.join(SEALED), folder.join("linked"), folder.join("partial"));
        match disk::link_or_copy(&from, &to, &partial) {
            Ok(Linked::Done) => Trial::fine(what),
            Ok(Linked::Refused(error)) => Trial::found(what, format!("refused ({error}), so files are copied")),
            Ok(Linked::Exists) => Trial::refused(what, "the name of a new file is taken", ""),
            Err(error) => Trial::refused(what, error, "neither a link nor a copy can be made there"),
        }
    }

    fn sync(&self) -> Trial {
        let what = self.named("sync");
        let sync = || {
            let folder = File::open(self.spool)?;
            disk::sync_whole(&folder, self.spool)
        };
        match (disk::patiently(&what, sync), disk::sync_is_offered()) {
            (Ok(()), true) => Trial::fine(what),
            (Ok(()), false) => Trial::warning(
                what,
                "syncfs is not offered, so each file is synced by itself, which is slower",
                "allow the system call syncfs in the sandbox or container",
            ),
            (Err(error), _) => Trial::refused(what, error, "nothing would be delivered: see the kernel's log"),
        }
    }

    fn space(&self, min_free: Size) -> Trial {
        let what = self.named("free space");
        match File::open(self.spool).and_then(|folder| disk::free_bytes(&folder)) {
            Err(error) => Trial::warning(what, format!("statvfs: {error}"), "spool.min_free has no effect"),
            Ok(None) => Trial::warning(
                what,
                "statvfs does not say how much is free",
                "spool.min_free has no effect: watch this disk by other means",
            ),
            Ok(Some(free)) if Size(free) < min_free => Trial::refused(
                what,
                format!("{} are free, but spool.min_free asks for {min_free}", Size(free)),
                "sessions would get 503: make room or lower spool.min_free",
            ),
            Ok(Some(free)) => Trial::found(what, Size(free).to_string()),
        }
    }
}

const RECORDED: &str = "recorded";
const SEALED: &str = "sealed";
const SPOOL: &str = "spool";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_tried_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let spool = folder.path().join("spool");
        // Of a probe that was killed.
        fs::create_dir_all(spool.join(format!(".probe-{}-{SPOOL}", u32::MAX)).join("rest")).unwrap();
        let trials = rehearse(&spool, &SpoolOptions::default());
        assert_eq!(trials.len(), 6, "{trials:?}");
        assert!(!trials.iter().any(Trial::is_refusal), "{trials:?}");
        assert_eq!(fs::read_dir(&spool).unwrap().count(), 0);
        let min_free = Size(u64::MAX);
        let full = SpoolOptions {
            min_free,
            ..SpoolOptions::default()
        };
        let refused: Vec<_> = rehearse(&spool, &full).into_iter().filter(Trial::is_refusal).collect();
        assert!(
            refused.len() == 1 && refused[0].what.ends_with(": free space"),
            "{refused:?}"
        );
        fs::remove_dir(&spool).unwrap();
        fs::write(&spool, "a file").unwrap();
        let trials = rehearse(&spool, &SpoolOptions::default());
        assert!(trials.len() == 1 && trials[0].is_refusal(), "{trials:?}");
    }
}
