//! Turns a trace into file operations on inodes and names, as a file system sees them, instead of descriptors.
//!
//! Only operations on the data folder are kept. A call that names the folder but is not known here, either as one that
//! changes it or as a harmless one, panics. So does a mapping through which a file could be written, except that of the
//! index of SQLite's log, which is made anew at each start and need not survive.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::disk::{Disk, Inode, Operation, ROOT, What};
use super::trace::{Call, Moment, bytes, descriptor, text};

/// A folder, and a name in it.
type Name = (Inode, String);

/// Calls that leave names and content unchanged.
const HARMLESS: [&str; 27] = [
    "access",
    "chdir",
    "epoll_ctl",
    "execve",
    "faccessat2",
    "fchown",
    "fcntl",
    "flock",
    "fstat",
    "fstatfs",
    "getcwd",
    "getdents64",
    "ioctl",
    "lstat",
    "newfstatat",
    "poll",
    "ppoll",
    "pread64",
    "readlink",
    "readlinkat",
    "recvfrom",
    "stat",
    "statfs",
    "statx",
    "mprotect",
    "fadvise64",
    "epoll_wait",
];

/// An open file, shared by descriptors that are copies of each other.
#[derive(Clone, Debug)]
struct Open {
    /// `None` if it was gone by the time its opening returned.
    inode: Option<Inode>,
    appends: bool,
    offset: u64,
}

/// A pong that was sent: it acknowledged this many lines of its session.
#[derive(Clone, Debug)]
pub struct Pong {
    pub session: u32,
    pub lines: u32,
    /// When the server began to send it.
    pub begin: usize,
}

/// Everything that processes did to one data folder.
pub struct Recording {
    pub operations: Vec<Operation>,
    pub pongs: Vec<Pong>,
    /// The folder after all operations.
    pub disk: Disk,
    data: PathBuf,
    descriptors: HashMap<i64, usize>,
    opened: Vec<Open>,
    next: Inode,
}

impl Recording {
    /// A recording of the folder `data`, which does not exist yet. Its parent exists and stays.
    pub fn new(data: &Path) -> Recording {
        Recording {
            operations: Vec::new(),
            pongs: Vec::new(),
            disk: Disk::default(),
            data: data.to_owned(),
            descriptors: HashMap::new(),
            opened: Vec::new(),
            next: ROOT + 1,
        }
    }

    /// Adds the trace of the next process. The earlier ones must no longer run.
    pub fn add(&mut self, moments: Vec<Moment>) {
        self.descriptors.clear();
        for moment in moments {
            match moment {
                // From here on another thread may be given the same number.
                Moment::Begins(name, arguments) if name == "close" => {
                    self.descriptors.remove(&descriptor(&arguments[0]).0);
                }
                Moment::Begins(..) => {}
                Moment::Ends(call) if call.name == "sendto" => self.sent(&call),
                Moment::Ends(call) => self.called(&call),
            }
        }
    }

    fn called(&mut self, call: &Call) {
        if call.result < 0 {
            return;
        }
        let argument = |at: usize| call.arguments[at].as_str();
        match call.name.as_str() {
            "openat" => self.open(call),
            "mkdir" => self.make(call, self.path(None, argument(0))),
            "mkdirat" => self.make(call, self.path(Some(argument(0)), argument(1))),
            "write" => self.write(call, None),
            "pwrite64" => self.write(call, argument(3).parse().ok()),
            "ftruncate" => self.truncate(call),
            "rename" => self.rename(call, self.path(None, argument(0)), self.path(None, argument(1))),
            "linkat" => self.link(
                call,
                self.path(Some(argument(0)), argument(1)),
                self.path(Some(argument(2)), argument(3)),
            ),
            "unlink" => self.unlink(call, self.path(None, argument(0))),
            "fsync" | "fdatasync" => {
                if let Some(inode) = self.of(argument(0)).and_then(|open| open.inode) {
                    self.keep(call, What::SyncOne(inode));
                }
            }
            "syncfs" => self.keep(call, What::SyncAll),
            "lseek" | "read" => {
                let is_seek = call.name == "lseek";
                if let Some(open) = self.of(argument(0)) {
                    let before = if is_seek { 0 } else { open.offset };
                    open.offset = before + call.result as u64;
                }
            }
            "mmap" => self.assert_no_writes_by_memory(call),
            "close" => {}
            name => {
                let names_the_folder = call.arguments.iter().any(|argument| self.names_the_folder(argument));
                let known = HARMLESS.contains(&name) && !argument(1.min(call.arguments.len() - 1)).starts_with("F_DUP");
                assert!(
                    known || !names_the_folder,
                    "a call that this recorder does not know: {call:?}"
                );
            }
        }
    }

    /// The path of an argument, if it is the data folder or lies in it.
    fn path(&self, folder: Option<&str>, argument: &str) -> Option<PathBuf> {
        let path = PathBuf::from(text(argument));
        let folder = folder.and_then(|folder| descriptor(folder).1).unwrap_or_default();
        let path = Path::new(&folder).join(path);
        path.starts_with(&self.data).then_some(path)
    }

    fn names_the_folder(&self, argument: &str) -> bool {
        let path = match argument.starts_with('"') {
            true => String::from_utf8_lossy(&bytes(argument)).into_owned(),
            false => descriptor(argument).1.unwrap_or_default(),
        };
        Path::new(&path).starts_with(&self.data)
    }

    fn of(&mut self, argument: &str) -> Option<&mut Open> {
        let known = self.descriptors.get(&descriptor(argument).0).copied();
        assert!(
            known.is_some() || !self.names_the_folder(argument),
            "a file of the data folder that nobody has opened: {argument}"
        );
        Some(&mut self.opened[known?])
    }

    /// The inode of a folder, and a name in it.
    fn place(&self, path: &Path) -> Name {
        let below = path
            .strip_prefix(self.data.parent().expect("the data folder is in another"))
            .expect("below it");
        let (mut folder, mut names) = (
            ROOT,
            below.iter().map(|name| name.to_string_lossy().into_owned()).peekable(),
        );
        loop {
            let name = names.next().expect("a path has a name");
            if names.peek().is_none() {
                return (folder, name);
            }
            folder = self
                .disk
                .find(folder, &name)
                .unwrap_or_else(|| panic!("no folder of {}", path.display()));
        }
    }

    fn keep(&mut self, call: &Call, what: What) {
        let operation = Operation {
            begin: call.begin,
            end: call.end,
            what,
        };
        self.disk.apply(&operation.what);
        self.operations.push(operation);
    }

    fn fresh(&mut self) -> Inode {
        self.next += 1;
        self.next
    }

    fn make(&mut self, call: &Call, path: Option<PathBuf>) {
        let Some(path) = path else { return };
        let ((folder, name), inode) = (self.place(&path), self.fresh());
        let is_folder = true;
        self.keep(
            call,
            What::Create {
                folder,
                name,
                inode,
                is_folder,
            },
        );
    }

    fn open(&mut self, call: &Call) {
        let Some(path) = self.path(Some(&call.arguments[0]), &call.arguments[1]) else {
            self.descriptors.remove(&call.result);
            return;
        };
        let flags: Vec<&str> = call.arguments[2].split('|').collect();
        let (folder, name) = self.place(&path);
        let mut inode = self.disk.find(folder, &name);
        match inode {
            None if flags.contains(&"O_CREAT") => {
                let fresh = self.fresh();
                inode = Some(fresh);
                self.keep(
                    call,
                    What::Create {
                        folder,
                        name,
                        inode: fresh,
                        is_folder: false,
                    },
                );
            }
            None => assert!(flags.contains(&"O_RDONLY"), "opened and not there: {call:?}"),
            Some(inode) if flags.contains(&"O_TRUNC") => self.keep(call, What::Truncate { inode, length: 0 }),
            Some(_) => {}
        }
        self.opened.push(Open {
            inode,
            appends: flags.contains(&"O_APPEND"),
            offset: 0,
        });
        self.descriptors.insert(call.result, self.opened.len() - 1);
    }

    fn write(&mut self, call: &Call, at: Option<u64>) {
        let Some(open) = self.of(&call.arguments[0]).map(|open| open.clone()) else {
            return;
        };
        let inode = open
            .inode
            .unwrap_or_else(|| panic!("a write to a file that was gone: {call:?}"));
        let mut data = bytes(&call.arguments[1]);
        data.truncate(usize::try_from(call.result).expect("it is a length"));
        let offset = match at {
            Some(at) => at,
            None if open.appends => self.disk.length(inode),
            None => open.offset,
        };
        if at.is_none() {
            let end = offset + data.len() as u64;
            self.of(&call.arguments[0]).expect("it was there").offset = end;
        }
        self.keep(call, What::Write { inode, offset, data });
    }

    fn truncate(&mut self, call: &Call) {
        let length = call.arguments[1].parse().expect("a length");
        if let Some(inode) = self.of(&call.arguments[0]).and_then(|open| open.inode) {
            self.keep(call, What::Truncate { inode, length });
        }
    }

    fn rename(&mut self, call: &Call, from: Option<PathBuf>, to: Option<PathBuf>) {
        if let Some((from, to, inode)) = self.places(call, from, to) {
            self.keep(call, What::Rename { from, to, inode });
        }
    }

    fn link(&mut self, call: &Call, from: Option<PathBuf>, to: Option<PathBuf>) {
        if let Some((_, (folder, name), inode)) = self.places(call, from, to) {
            self.keep(call, What::Link { folder, name, inode });
        }
    }

    /// Where a name was, where it or another name is now, and the inode that it names. `None` if both are outside the
    /// data folder.
    fn places(&self, call: &Call, from: Option<PathBuf>, to: Option<PathBuf>) -> Option<(Name, Name, Inode)> {
        let (from, to) = match (from, to) {
            (Some(from), Some(to)) => (self.place(&from), self.place(&to)),
            (None, None) => return None,
            _ => panic!("into the data folder, or out of it: {call:?}"),
        };
        let inode = self.disk.find(from.0, &from.1);
        let inode = inode.unwrap_or_else(|| panic!("what gets a name is not there: {call:?}"));
        Some((from, to, inode))
    }

    fn unlink(&mut self, call: &Call, path: Option<PathBuf>) {
        let Some(path) = path else { return };
        let (folder, name) = self.place(&path);
        let inode = self
            .disk
            .find(folder, &name)
            .unwrap_or_else(|| panic!("removed and not there: {call:?}"));
        self.keep(call, What::Unlink { folder, name, inode });
    }

    fn assert_no_writes_by_memory(&self, call: &Call) {
        let [_, _, protection, flags, file, ..] = &call.arguments[..] else {
            panic!("{call:?}")
        };
        let (_, path) = descriptor(file);
        let is_index = path.is_some_and(|path| path.ends_with("-shm"));
        let writes = protection.contains("PROT_WRITE") && flags.contains("MAP_SHARED");
        assert!(!writes || is_index || !self.names_the_folder(file), "{call:?}");
    }

    /// Frames to a client: two bytes, then a short payload (RFC 6455, section 5.2). A pong has the payload of its ping.
    fn sent(&mut self, call: &Call) {
        let data = call
            .arguments
            .get(1)
            .filter(|data| call.result > 0 && data.starts_with('"'));
        let mut rest = &data.map(|data| bytes(data)).unwrap_or_default()[..];
        if rest.starts_with(b"HTTP/") {
            let end = memchr::memmem::find(rest, b"\r\n\r\n").expect("a whole head");
            rest = &rest[end + 4..];
        }
        while let [first, length, more @ ..] = rest {
            let (payload, more) = more.split_at_checked(usize::from(*length)).unwrap_or((more, &[]));
            if let (0x8a, [session, lines]) = (*first, payload.as_chunks::<4>().0) {
                self.pongs.push(Pong {
                    session: u32::from_be_bytes(*session),
                    lines: u32::from_be_bytes(*lines),
                    begin: call.begin,
                });
            }
            rest = more;
        }
    }
}
