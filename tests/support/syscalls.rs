//! Makes system calls of the real binary fail: they are done and say that they were not, or the other way round.
//!
//! A small C program (`syscalls.c`) starts the binary, catches the calls with seccomp and changes them with ptrace. So
//! it meets the calls that go past the C library as well. Needs a C compiler, x86-64, and permission to use ptrace.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::place;
use super::server::Server;

/// How a call is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It is not done, and says this errno.
    NotDone(i32),
    /// It is done, and says this errno.
    Done(i32),
    /// It is not done, and says that it was.
    Lie,
    /// It is done and its answer is empty: a file system that counts no blocks.
    Empty,
    /// It is done after this many seconds.
    Waits(i32),
}

/// When a rule begins to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    AtOnce,
    /// With [`Syscalls::arm`].
    WhenArmed,
}

/// Which calls are answered so.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// `rename`, `link`, `unlink`, `mkdir`, `open`, `read`, `write`, `copy`, `ftruncate`, `fsync`, `syncfs`, `statvfs`,
    /// `flock`, `stat`, `getdents` or `access`.
    pub call: &'static str,
    /// Part of the first path, or of the path of the open file; empty for any.
    pub from: &'static str,
    /// Part of the second path.
    pub to: &'static str,
    pub deed: Deed,
    /// So many calls that fit are left alone first.
    pub skip: usize,
    /// So many are answered so then; `None` for all.
    pub count: Option<usize>,
    pub begins: Begins,
}

impl Rule {
    /// All calls of this name whose first path contains `from`.
    pub const fn all(call: &'static str, from: &'static str, deed: Deed) -> Rule {
        Rule {
            call,
            from,
            to: "",
            deed,
            skip: 0,
            count: None,
            begins: Begins::AtOnce,
        }
    }

    /// All of them from [`Syscalls::arm`] on.
    pub const fn when_armed(call: &'static str, from: &'static str, deed: Deed) -> Rule {
        Rule {
            begins: Begins::WhenArmed,
            ..Rule::all(call, from, deed)
        }
    }

    /// The first `count` of them.
    pub const fn first(count: usize, call: &'static str, from: &'static str, deed: Deed) -> Rule {
        Rule {
            count: Some(count),
            ..Rule::all(call, from, deed)
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mode, number) = match self.deed {
            Deed::NotDone(errno) => ("not", errno),
            Deed::Done(errno) => ("done", errno),
            Deed::Lie => ("lie", 0),
            Deed::Empty => ("zero", 0),
            Deed::Waits(seconds) => ("wait", seconds),
        };
        let Rule { call, from, to, .. } = self;
        let skip = match self.begins {
            Begins::AtOnce => self.skip.to_string(),
            Begins::WhenArmed => "-1".to_owned(),
        };
        let count = self
            .count
            .map_or(-1, |count| i64::try_from(count).expect("a small number"));
        write!(f, "{call}|{from}|{to}|{number}|{skip}|{count}|{mode}")
    }
}

/// The faults of one server.
pub struct Syscalls {
    log: PathBuf,
}

impl Syscalls {
    /// From its next start on, calls of this server and of its commands meet the rules.
    pub fn attach(server: &mut Server, folder: &Path, rules: &[Rule]) -> Syscalls {
        let log = folder.join("syscalls.txt");
        let rules: Vec<String> = rules.iter().map(ToString::to_string).collect();
        let name = |path: &Path| path.to_str().expect("a path of a test is text").to_owned();
        server.wrap(&[&name(program()), &name(&log), &rules.join(";")]);
        Syscalls { log }
    }

    /// Rules that wait for it hold from now on.
    pub fn arm(&self) {
        std::fs::write(self.log.with_extension("txt.armed"), "").expect("a file of the test can be written");
    }

    /// Starts without faults from now on.
    pub fn detach(server: &mut Server) {
        server.wrap(&[]);
    }

    /// The calls that met a rule, one a line.
    pub fn met(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

/// Whether calls can be changed on this machine.
pub fn are_possible() -> bool {
    cfg!(target_arch = "x86_64")
}

/// Compiles the program once in each process.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let source = place::repository().join("tests/support/syscalls.c");
        let tools = place::tools();
        std::fs::create_dir_all(&tools).expect("the build folder can be written");
        let (program, new) = (
            tools.join("syscalls"),
            tools.join(format!("syscalls-{}", std::process::id())),
        );
        let compiled = Command::new("cc").args(["-O1", "-o"]).arg(&new).arg(source).status();
        assert!(
            compiled.is_ok_and(|status| status.success()),
            "cc does not compile syscalls.c (tests/tools.sh)"
        );
        std::fs::rename(&new, &program).expect("one's own file can be renamed");
        program
    })
}
