//! Power cuts: what was written since the last sync is partly lost, as far as the file system's journal allows that.
//!
//! The model is a journal that keeps names but not content: each file and each rename is there, but a file may end
//! anywhere after what the last sync has found of it. The catalogue goes back to that sync as a whole.
//!
//! After a sync that fails, what was written since the last one can be read and is lost all the same, whatever later
//! syncs say: only what is written anew is durable with the next one, also by a process that was not told.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::oracle::{files, whole_messages};
use super::random::Random;

/// What a power cut cannot take away.
#[derive(Debug, Default)]
pub struct Durable {
    directory: PathBuf,
    /// Length of each file, by inode.
    lengths: BTreeMap<u64, u64>,
    /// The number of whole messages of each dump that a sync found before it was packed, by id.
    pub messages: BTreeMap<String, usize>,
    catalogue: BTreeMap<PathBuf, Vec<u8>>,
    /// What a failed sync has left of files, by inode. What is written anew has another inode.
    lost: BTreeMap<u64, u64>,
    /// The log of the catalogue when a sync failed, by its header, which is another one after each checkpoint of all.
    lost_log: Option<Vec<u8>>,
    /// The catalogue as a dead process left it.
    left: BTreeMap<PathBuf, Vec<u8>>,
}

impl Durable {
    pub fn new(directory: &Path) -> Durable {
        let directory = directory.to_owned();
        Durable {
            directory,
            ..Durable::default()
        }
    }

    /// The sync is done: everything that is there now stays.
    pub fn synced(&mut self) {
        self.lengths.clear();
        let mut lost = BTreeMap::new();
        for path in self.dumps() {
            let Ok(metadata) = fs::metadata(&path) else { continue };
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if let Some(kept) = self.lost.remove(&metadata.ino()) {
                self.lengths.insert(metadata.ino(), kept);
                lost.insert(metadata.ino(), kept);
                continue;
            }
            if !lost.contains_key(&metadata.ino()) {
                self.lengths.insert(metadata.ino(), metadata.len());
            }
            if let Some(id) = name.strip_suffix(".jsonl") {
                self.messages.insert(id.to_owned(), whole_messages(&path));
            }
        }
        self.lost = lost;
        if self.lost_log.is_none() || self.lost_log != self.log() {
            self.lost_log = None;
            self.catalogue = self.read_catalogue();
        }
    }

    /// The sync has failed: what was written since the last one is lost.
    pub fn failed(&mut self) {
        for path in self.dumps() {
            let Ok(metadata) = fs::metadata(&path) else { continue };
            let kept = self.lengths.get(&metadata.ino()).copied().unwrap_or(0);
            if metadata.len() > kept {
                self.lost.insert(metadata.ino(), kept);
            }
        }
        self.lost_log = self.log();
    }

    /// The process dies at this moment. What closes its catalogue afterwards is only the test.
    pub fn dies(&mut self) {
        self.left = self.read_catalogue();
    }

    /// The process has died, and the power has not failed: what was written can be read, durable or not.
    pub fn died(&mut self) {
        let left = std::mem::take(&mut self.left);
        self.restore_catalogue(&left);
    }

    /// The header of the catalogue's log.
    fn log(&self) -> Option<Vec<u8>> {
        let log = fs::read(self.directory.join("catalog.db-wal")).ok()?;
        log.get(..LOG_HEADER_BYTES).map(<[u8]>::to_vec)
    }

    /// The power fails.
    pub fn cut(&mut self, random: &mut Random) {
        for path in self.dumps() {
            let file = File::options()
                .write(true)
                .open(&path)
                .expect("a file of the test can be opened");
            let metadata = file.metadata().expect("a file of the test can be looked at");
            let kept = self
                .lengths
                .get(&metadata.ino())
                .copied()
                .unwrap_or(0)
                .min(metadata.len());
            let lost = (metadata.len() - kept) as usize;
            let more = random.pick(&[0, lost / 2, lost]) + usize::from(random.one_in(2));
            file.set_len(kept + more.min(lost) as u64)
                .expect("a file of the test can be cut");
        }
        self.restore_catalogue(&self.catalogue);
        self.lost.clear();
        self.lost_log = None;
        self.synced();
    }

    fn read_catalogue(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        self.catalogue_files().map(|path| (path.clone(), read(&path))).collect()
    }

    fn restore_catalogue(&self, catalogue: &BTreeMap<PathBuf, Vec<u8>>) {
        self.catalogue_files()
            .for_each(|path| fs::remove_file(path).expect("a file of the test can be removed"));
        for (path, content) in catalogue.iter().filter(|(path, _)| !path.ends_with("catalog.db-shm")) {
            fs::write(path, content).expect("a file of the test can be written");
        }
    }

    fn dumps(&self) -> Vec<PathBuf> {
        let spooled = files(&self.directory.join("spool"), "");
        let stored = files(&self.directory.join("dumps"), "");
        spooled
            .into_iter()
            .chain(stored)
            .filter(|path| !path.ends_with("lock"))
            .collect()
    }

    fn catalogue_files(&self) -> impl Iterator<Item = PathBuf> {
        let names = ["catalog.db", "catalog.db-wal", "catalog.db-shm"].map(|name| self.directory.join(name));
        names.into_iter().filter(|path| path.exists())
    }
}

/// The file format of SQLite, section 4.1.
const LOG_HEADER_BYTES: usize = 32;

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("a file of the test can be read")
}
