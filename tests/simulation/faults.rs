//! What goes wrong around the server: the process dies after some file operation, the disk takes only a part of a
//! write, descriptors run out, a directory is away.
//!
//! The limits are those of this process, so one case runs at a time, and they are lifted before anything else of
//! the test touches a file.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rtcstats_server::fault;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What unwinds when the simulated process dies.
pub struct Crash;

/// Lets the process die after its `at`th file operation from now on; names them all in any case.
///
/// `resume_unwind` does not call the panic hook, so a crash prints nothing. What it drops does no file operation but
/// closing files, which is what the end of a process does too.
/// `synced` is called at the moment at which a sync is done.
pub fn arm(at: Option<usize>, mut synced: impl FnMut() + 'static) -> Rc<RefCell<Vec<&'static str>>> {
    let passed = Rc::new(RefCell::new(Vec::new()));
    let names = passed.clone();
    fault::install(Some(Box::new(move |name| {
        names.borrow_mut().push(name);
        if name == "sync" {
            synced();
        }
        let count = names.borrow().len();
        if Some(count) == at {
            std::panic::resume_unwind(Box::new(Crash));
        }
    })));
    passed
}

pub fn disarm() {
    fault::install(None);
}

/// A write beyond RLIMIT_FSIZE is cut short, the next one fails with EFBIG; unhandled, the signal would end the test.
pub fn survive_the_size_signal() {
    let seen = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, seen).expect("a signal handler can be installed");
}

/// One trouble at a time; lifted when dropped.
#[derive(Default)]
pub struct Trouble {
    kind: Option<Kind>,
}

enum Kind {
    Limit { resource: Resource, before: Rlimit },
    Away { path: PathBuf, hidden: PathBuf },
}

impl Trouble {
    /// No file can grow beyond this many bytes.
    pub fn short_writes(&mut self, bytes: u64) {
        self.limit(Resource::Fsize, bytes);
    }

    /// No file can be opened: the next free descriptor is above those of the standard streams.
    pub fn no_descriptors(&mut self) {
        self.limit(Resource::Nofile, 3);
    }

    /// The directory cannot be found.
    pub fn away(&mut self, path: &Path) {
        self.lift();
        let hidden = path.with_extension("away");
        fs::rename(path, &hidden).expect("a directory of the test can be renamed");
        let path = path.to_owned();
        self.kind = Some(Kind::Away { path, hidden });
    }

    fn limit(&mut self, resource: Resource, current: u64) {
        self.lift();
        let before = getrlimit(resource);
        let current = Some(current);
        setrlimit(resource, Rlimit { current, ..before }).expect("a soft limit can be lowered");
        self.kind = Some(Kind::Limit { resource, before });
    }

    pub fn lift(&mut self) {
        match self.kind.take() {
            Some(Kind::Limit { resource, before }) => {
                setrlimit(resource, before).expect("a soft limit can be raised again");
            }
            Some(Kind::Away { path, hidden }) => {
                fs::rename(hidden, path).expect("a directory of the test can be renamed back");
            }
            None => {}
        }
    }
}

impl Drop for Trouble {
    fn drop(&mut self) {
        self.lift();
    }
}
