//! What goes wrong around the server: the process dies after some file operation, the disk accepts only a part of a
//! write, descriptors run out, a directory is missing.
//!
//! The limits apply to this whole process, so only one case runs at a time, and the limits are lifted before anything
//! else in the test touches a file.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rtcstats_server::fault;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What unwinds when the simulated process dies.
pub struct Crash;

/// Lets the process die after its `at`th file operation from now on. In any case it returns the names of all of them.
///
/// `resume_unwind` does not call the panic hook, so a crash prints nothing. The values that it drops do no file
/// operation except closing files, which the end of a real process does too, and the catalogue. `synced` is called at
/// the moment when a sync is done, `dies` at that of the crash.
pub fn arm(
    at: Option<usize>,
    mut synced: impl FnMut() + 'static,
    dies: impl Fn() + 'static,
) -> Rc<RefCell<Vec<&'static str>>> {
    let passed = Rc::new(RefCell::new(Vec::new()));
    let names = passed.clone();
    fault::install(Some(Box::new(move |name| {
        names.borrow_mut().push(name);
        if name == "sync" {
            synced();
        }
        let count = names.borrow().len();
        if Some(count) == at {
            with_descriptors(&dies);
            std::panic::resume_unwind(Box::new(Crash));
        }
    })));
    passed
}

/// The test may open files where the server may not.
fn with_descriptors(look: &impl Fn()) {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.maximum;
    setrlimit(Resource::Nofile, Rlimit { current, ..limit }).expect("a soft limit can be raised");
    look();
    setrlimit(Resource::Nofile, limit).expect("a soft limit can be lowered");
}

pub fn disarm() {
    fault::install(None);
}

/// A write beyond RLIMIT_FSIZE is cut short, and the next one fails with EFBIG. The signal, if not handled, would end
/// the test.
pub fn survive_the_size_signal() {
    let seen = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, seen).expect("a signal handler can be installed");
}

/// One disturbance at a time; it is lifted when this is dropped.
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

    pub fn is_there(&self) -> bool {
        self.kind.is_some()
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
