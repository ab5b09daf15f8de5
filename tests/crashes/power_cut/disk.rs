//! A file system in memory: inodes with content, and folders with names. All or some operations are applied to it, and
//! the result is written to a real folder.
//!
//! A name leads to an inode, not to another operation. So if the operation that made a file is lost, a rename of the
//! file still leads to it, with whatever content it has. This is the worst that can happen when two folders are on
//! different pages.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

pub type Inode = u64;

/// The folder that contains the data folder.
pub const ROOT: Inode = 0;

/// One change, or one sync.
#[derive(Clone, Debug)]
pub enum What {
    Create {
        folder: Inode,
        name: String,
        inode: Inode,
        is_folder: bool,
    },
    Link {
        folder: Inode,
        name: String,
        inode: Inode,
    },
    Rename {
        from: (Inode, String),
        to: (Inode, String),
        inode: Inode,
    },
    Unlink {
        folder: Inode,
        name: String,
        inode: Inode,
    },
    Write {
        inode: Inode,
        offset: u64,
        data: Vec<u8>,
    },
    Truncate {
        inode: Inode,
        length: u64,
    },
    /// fsync, of a file or of a folder.
    SyncOne(Inode),
    /// syncfs.
    SyncAll,
}

#[derive(Clone, Debug)]
pub struct Operation {
    /// Its lines in the trace.
    pub begin: usize,
    pub end: usize,
    pub what: What,
}

#[derive(Clone, Debug, Default)]
pub struct Disk {
    folders: BTreeMap<(Inode, String), Inode>,
    files: HashMap<Inode, Vec<u8>>,
}

impl Disk {
    pub fn find(&self, folder: Inode, name: &str) -> Option<Inode> {
        self.folders.get(&(folder, name.to_owned())).copied()
    }

    pub fn length(&self, inode: Inode) -> u64 {
        self.files.get(&inode).map_or(0, |content| content.len() as u64)
    }

    pub fn apply(&mut self, what: &What) {
        match what {
            What::Create {
                folder,
                name,
                inode,
                is_folder,
            } => {
                if !is_folder {
                    self.files.entry(*inode).or_default();
                }
                self.folders.insert((*folder, name.clone()), *inode);
            }
            What::Link { folder, name, inode } => {
                self.files.entry(*inode).or_default();
                self.folders.insert((*folder, name.clone()), *inode);
            }
            What::Rename { from, to, inode } => {
                self.files.entry(*inode).or_default();
                self.remove(from, *inode);
                self.folders.insert(to.clone(), *inode);
            }
            What::Unlink { folder, name, inode } => self.remove(&(*folder, name.clone()), *inode),
            What::Write { inode, offset, data } => self.write(*inode, *offset, data),
            What::Truncate { inode, length } => {
                let length = usize::try_from(*length).expect("a length");
                self.files.entry(*inode).or_default().resize(length, 0);
            }
            What::SyncOne(_) | What::SyncAll => {}
        }
    }

    /// Removes the name if it still leads to this inode.
    fn remove(&mut self, place: &(Inode, String), inode: Inode) {
        if self.folders.get(place) == Some(&inode) {
            self.folders.remove(place);
        }
    }

    /// A gap after the end of what is there reads as zeros.
    fn write(&mut self, inode: Inode, offset: u64, data: &[u8]) {
        let content = self.files.entry(inode).or_default();
        let begin = usize::try_from(offset).expect("an offset");
        let end = begin + data.len();
        if content.len() < end {
            content.resize(end, 0);
        }
        content[begin..end].copy_from_slice(data);
    }

    /// Makes the file at least this long: its length was kept and its content was not.
    pub fn lengthen(&mut self, inode: Inode, end: u64) {
        let content = self.files.entry(inode).or_default();
        let end = usize::try_from(end).expect("a length");
        if content.len() < end {
            content.resize(end, 0);
        }
    }

    /// All files, by their paths below the parent of the data folder.
    pub fn tree(&self) -> BTreeMap<String, &[u8]> {
        let mut found = BTreeMap::new();
        self.walk(ROOT, "", &mut |path, inode| {
            if let Some(content) = self.files.get(&inode) {
                found.insert(path.to_owned(), &content[..]);
            }
        });
        found
    }

    /// Makes the files and folders below `parent`. Several names of one inode become links.
    pub fn write_to(&self, parent: &Path) {
        let mut made: HashMap<Inode, String> = HashMap::new();
        self.walk(ROOT, "", &mut |path, inode| {
            let place = parent.join(path);
            match (self.files.get(&inode), made.get(&inode)) {
                (None, _) => fs::create_dir(&place).expect("a folder can be made"),
                (Some(_), Some(first)) => fs::hard_link(parent.join(first), &place).expect("a link can be made"),
                (Some(content), None) => {
                    fs::write(&place, content).expect("a file can be written");
                    made.insert(inode, path.to_owned());
                }
            }
        });
    }

    fn walk(&self, folder: Inode, path: &str, visit: &mut impl FnMut(&str, Inode)) {
        let entries = self.folders.range((folder, String::new())..(folder + 1, String::new()));
        for ((_, name), inode) in entries {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}/{name}")
            };
            visit(&path, *inode);
            if !self.files.contains_key(inode) {
                self.walk(*inode, &path, visit);
            }
        }
    }
}
