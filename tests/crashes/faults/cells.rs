//! The matrix: the calls that the spool and the folder of objects make, and what each can say.

use std::fmt;

use rustix::io::Errno;
use support::syscalls::{Deed, Rule};

/// What a cell's fault may lead to, beside that everything is delivered in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The log names the error.
    Cause,
    /// It is mended on the spot, and there is nothing to say.
    Nothing,
    /// Either: it depends on who meets it.
    Perhaps,
}

/// One cell of the matrix.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    pub rule: Rule,
    pub told: Told,
}

impl Cell {
    /// Whether it is mended only when the spool is next looked at, once a minute: trouble with what other processes
    /// have left, and with recordings that are taken over.
    pub fn waits_for_a_look(&self) -> bool {
        let rule = &self.rule;
        let is_met_while_serving = matches!(rule.call, "link" | "unlink" | "rename" | "write");
        let is_of_others = rule.from.contains("spool/7") && rule.call != "link";
        let is_denied = matches!(rule.deed, Deed::NotDone(_) | Deed::Done(_));
        is_denied && (is_of_others || (rule.from.contains("/recording") && !is_met_while_serving))
    }

    /// Whether dumps may be given up: who cannot read a file and then cannot read it again holds the file for the
    /// cause. They are in `failed`, and an operator puts them back.
    pub fn may_fail(&self) -> bool {
        let files = ["/ready/", ".json"];
        let is_read =
            matches!(self.rule.call, "open" | "read") && files.contains(&self.rule.from.trim_start_matches("spool/0"));
        let errno = Errno::IO.raw_os_error();
        is_read && [Deed::NotDone(errno), Deed::Done(errno)].contains(&self.rule.deed) && self.rule.count != Some(1)
    }

    /// Whether it is over within a few seconds.
    pub fn is_quick(&self) -> bool {
        self.rule.count == Some(1) && !self.waits_for_a_look()
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.rule)
    }
}

/// A call of the spool or the store, by the files it is about.
struct Call {
    call: &'static str,
    from: &'static str,
    to: &'static str,
    /// What it says of itself. Each errno is said once of a call that was done and once of one that was not.
    says: &'static [Errno],
    /// If it was not done.
    told: Told,
}

const MOVED: &[Errno] = &[
    Errno::NOENT,
    Errno::IO,
    Errno::STALE,
    Errno::EXIST,
    Errno::TIMEDOUT,
    Errno::ACCESS,
];
const LINKED: &[Errno] = &[
    Errno::INVAL,
    Errno::ACCESS,
    Errno::NOTDIR,
    Errno::XDEV,
    Errno::PERM,
    Errno::MLINK,
    Errno::NOSYS,
    Errno::OPNOTSUPP,
    Errno::NOENT,
    Errno::EXIST,
    Errno::IO,
    Errno::STALE,
    Errno::NOSPC,
];
const WRITTEN: &[Errno] = &[
    Errno::IO,
    Errno::NOSPC,
    Errno::DQUOT,
    Errno::STALE,
    Errno::INTR,
    Errno::FBIG,
];
const OPENED: &[Errno] = &[Errno::IO, Errno::STALE, Errno::MFILE, Errno::NOMEM, Errno::INTR];
const SYNCED: &[Errno] = &[Errno::IO, Errno::NOSPC, Errno::DQUOT, Errno::STALE, Errno::INTR];
const ASKED: &[Errno] = &[Errno::IO, Errno::STALE, Errno::TIMEDOUT];

const fn call(call: &'static str, from: &'static str, to: &'static str, says: &'static [Errno], told: Told) -> Call {
    Call {
        call,
        from,
        to,
        says,
        told,
    }
}

/// `spool/7` is what another process has left, `spool/0` the instance of the server under test.
const CALLS: &[Call] = &[
    call("rename", "spool/0/recording/", "/ready/", MOVED, Told::Cause),
    call("rename", "spool/7/recording/", "spool/0/recording/", MOVED, Told::Cause),
    call("rename", "spool/7/ready/", "spool/0/ready/", MOVED, Told::Cause),
    call("rename", "spool/7/packed/", "spool/0/packed/", MOVED, Told::Cause),
    call("rename", ".part", ".jsonl.gz", MOVED, Told::Cause),
    call("link", "spool/0/packed/", "/dumps/", LINKED, Told::Nothing),
    call("link", "spool/7/packed/", "spool/0/packed/", LINKED, Told::Nothing),
    call("unlink", "/ready/", "", MOVED, Told::Perhaps),
    call("unlink", ".jsonl.gz", "", MOVED, Told::Perhaps),
    call("unlink", "spool/0/packed/", "", MOVED, Told::Perhaps),
    call("unlink", "spool/7/packed/", "", MOVED, Told::Perhaps),
    call("mkdir", "spool/0", "", MOVED, Told::Perhaps),
    call("mkdir", "/dumps", "", MOVED, Told::Perhaps),
    call("open", "spool/0/recording/", "", OPENED, Told::Perhaps),
    call("open", "spool/0/ready/", "", OPENED, Told::Perhaps),
    call("open", ".part", "", OPENED, Told::Perhaps),
    call("open", ".json", "", OPENED, Told::Perhaps),
    call("open", "spool/7", "", OPENED, Told::Perhaps),
    call("write", "spool/0/recording/", "", WRITTEN, Told::Perhaps),
    call("write", ".part", "", WRITTEN, Told::Perhaps),
    call("write", "/packed/", "", WRITTEN, Told::Perhaps),
    call("read", "/ready/", "", ASKED, Told::Perhaps),
    call("read", "/recording/", "", ASKED, Told::Perhaps),
    call("read", ".json", "", ASKED, Told::Perhaps),
    call("syncfs", "", "", SYNCED, Told::Perhaps),
    call("statvfs", "/spool", "", ASKED, Told::Perhaps),
    call("stat", "/spool/", "", ASKED, Told::Perhaps),
    call("stat", "/ready/", "", ASKED, Told::Perhaps),
    call("stat", "/packed/", "", ASKED, Told::Perhaps),
    call("getdents", "/spool/", "", ASKED, Told::Perhaps),
    call("getdents", "/ready", "", ASKED, Told::Perhaps),
    call("getdents", "/recording", "", ASKED, Told::Perhaps),
    call("access", "/recording", "", ASKED, Told::Perhaps),
    call("flock", "/lock", "", &[Errno::INTR, Errno::INTR], Told::Nothing),
];

/// Calls that say they were done, and were not. What a later look cannot find out is left to the next start.
const LIES: &[(&str, &str)] = &[
    ("rename", "spool/7/"),
    ("rename", "spool/0/recording/"),
    ("link", "spool/7/packed/"),
    ("unlink", "/ready/"),
    ("unlink", ".jsonl.gz"),
    ("unlink", "spool/7/packed/"),
    ("syncfs", ""),
];

/// Calls that are always refused, and are only a help.
const REFUSED: &[(&str, &str, &[Errno])] = &[
    ("link", "", LINKED),
    (
        "syncfs",
        "",
        &[Errno::NOSYS, Errno::INVAL, Errno::PERM, Errno::OPNOTSUPP],
    ),
    (
        "statvfs",
        "",
        &[Errno::NOSYS, Errno::INVAL, Errno::PERM, Errno::IO, Errno::STALE],
    ),
    ("access", "", &[Errno::NOSYS]),
];

/// How often in a row a call fails: once is a repetition that a network lost, three times meets whoever tries again.
const COUNTS: [usize; 2] = [1, 3];

/// What was met on other people's machines, for as long as the server runs; played in every run of the tests.
const MET: &[(&str, &str, &str, Deed)] = &[
    (
        "rename",
        "spool/0/recording/",
        "/ready/",
        Deed::Done(Errno::NOENT.raw_os_error()),
    ),
    (
        "rename",
        "spool/0/recording/",
        "/ready/",
        Deed::Done(Errno::IO.raw_os_error()),
    ),
    ("rename", "", "", Deed::Done(Errno::STALE.raw_os_error())),
    (
        "rename",
        "spool/7/recording/",
        "",
        Deed::Done(Errno::NOENT.raw_os_error()),
    ),
    ("unlink", "/spool/", "", Deed::Done(Errno::IO.raw_os_error())),
    ("link", "", "", Deed::Done(Errno::PERM.raw_os_error())),
    ("link", "", "", Deed::NotDone(Errno::INVAL.raw_os_error())),
    ("link", "", "", Deed::NotDone(Errno::ACCESS.raw_os_error())),
    ("link", "", "", Deed::NotDone(Errno::NOTDIR.raw_os_error())),
    ("statvfs", "", "", Deed::Empty),
    ("statvfs", "", "", Deed::NotDone(Errno::NOSYS.raw_os_error())),
    ("syncfs", "", "", Deed::NotDone(Errno::NOSYS.raw_os_error())),
];

pub fn always() -> Vec<Cell> {
    let told = Told::Perhaps;
    let cell = |(call, from, to, deed): &(&'static str, &'static str, &'static str, Deed)| {
        let rule = Rule {
            to,
            ..Rule::all(call, from, *deed)
        };
        Cell { rule, told }
    };
    MET.iter().map(cell).collect()
}

pub fn all() -> Vec<Cell> {
    let mut cells = Vec::new();
    for Call {
        call,
        from,
        to,
        says,
        told,
    } in CALLS
    {
        for errno in says.iter().map(|errno| errno.raw_os_error()) {
            for count in COUNTS {
                for (deed, told) in [(Deed::Done(errno), Told::Perhaps), (Deed::NotDone(errno), *told)] {
                    let rule = Rule {
                        to,
                        ..Rule::first(count, call, from, deed)
                    };
                    cells.push(Cell { rule, told });
                }
            }
        }
    }
    // Each of these would take as many minutes.
    cells.retain(|cell| cell.rule.count == Some(1) || !cell.waits_for_a_look());
    for (call, from) in LIES {
        let told = Told::Perhaps;
        cells.extend(COUNTS.map(|count| Cell {
            rule: Rule::first(count, call, from, Deed::Lie),
            told,
        }));
    }
    for (call, from, says) in REFUSED {
        let rules = says
            .iter()
            .map(|errno| Rule::all(call, from, Deed::NotDone(errno.raw_os_error())));
        cells.extend(rules.map(|rule| Cell {
            rule,
            told: Told::Perhaps,
        }));
    }
    let empty = Rule::all("statvfs", "", Deed::Empty);
    cells.push(Cell {
        rule: empty,
        told: Told::Cause,
    });
    cells
}
