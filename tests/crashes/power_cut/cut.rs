//! What a power cut leaves: everything up to the last sync, and any subset of what came after it.
//!
//! An operation is safe if it returned before a sync began that covers it, and that sync returned before the cut.
//! syncfs covers everything. fsync of a file covers its content but not its name, and fsync of a folder covers its
//! names (fsync(2) promises no more). A rename is one operation on two folders, so syncing either of them keeps it
//! whole. Each other operation is kept or lost independently, in no order. Of a write that is kept, some pages may be
//! missing; they read as what was there before, or as zeros.

use std::collections::HashMap;

use super::disk::{Disk, Inode, Operation, What};

const PAGE_BYTES: u64 = 4096;

/// Which of the operations that are not safe survive the cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    AllLost,
    AllKept,
    /// As with a journal of names: files exist, but are empty or too short.
    NamesOnly,
    ContentOnly,
    /// As with a journal of names up to some moment, together with any content.
    NamesInOrder,
    /// This many of ten operations.
    Subset(u64),
}

impl Mode {
    pub const ALL: [Mode; 9] = [
        Mode::AllLost,
        Mode::AllKept,
        Mode::NamesOnly,
        Mode::ContentOnly,
        Mode::NamesInOrder,
        Mode::Subset(1),
        Mode::Subset(5),
        Mode::Subset(5),
        Mode::Subset(9),
    ];
}

/// A small generator (xorshift64*), so that a run follows from its seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }
}

/// What is left of the operations after a cut.
pub struct Left {
    pub disk: Disk,
    pub lost: usize,
    pub torn: usize,
}

/// The syncs that returned before a cut.
pub struct Syncs {
    all: usize,
    one: HashMap<Inode, usize>,
}

impl Syncs {
    pub fn before(operations: &[Operation], cut: usize) -> Syncs {
        let mut syncs = Syncs {
            all: 0,
            one: HashMap::new(),
        };
        for operation in operations.iter().filter(|operation| operation.end < cut) {
            let begin = operation.begin;
            match operation.what {
                What::SyncAll => syncs.all = syncs.all.max(begin),
                What::SyncOne(inode) => drop(syncs.one.insert(inode, begin)),
                _ => {}
            }
        }
        syncs
    }

    /// When the last sync of everything began.
    pub fn last(&self) -> usize {
        self.all
    }

    pub fn cover(&self, operation: &Operation) -> bool {
        let one = |inode: &Inode| self.one.get(inode).copied().unwrap_or(0);
        let begin = match &operation.what {
            What::Create { folder, .. } | What::Link { folder, .. } | What::Unlink { folder, .. } => one(folder),
            What::Rename { from, to, .. } => one(&from.0).max(one(&to.0)),
            What::Write { inode, .. } | What::Truncate { inode, .. } => one(inode),
            What::SyncOne(_) | What::SyncAll => 0,
        };
        operation.end < self.all.max(begin)
    }
}

pub fn replay(operations: &[Operation], cut: usize, mode: Mode, random: &mut Random) -> Left {
    let syncs = Syncs::before(operations, cut);
    let mut left = Left {
        disk: Disk::default(),
        lost: 0,
        torn: 0,
    };
    let known: Vec<&Operation> = operations.iter().filter(|operation| operation.begin < cut).collect();
    let names_until = syncs.last() + random.below((cut - syncs.last()) as u64 + 1) as usize;
    for operation in known {
        let is_content = matches!(operation.what, What::Write { .. } | What::Truncate { .. });
        if syncs.cover(operation) {
            left.disk.apply(&operation.what);
            continue;
        }
        let is_kept = match mode {
            Mode::AllLost => false,
            Mode::AllKept => true,
            Mode::NamesOnly => !is_content,
            Mode::ContentOnly => is_content,
            Mode::NamesInOrder if is_content => random.one_in(2),
            Mode::NamesInOrder => operation.end <= names_until,
            Mode::Subset(of_ten) => random.below(10) < of_ten,
        };
        match &operation.what {
            _ if !is_kept => left.lost += 1,
            What::Write { inode, offset, data } if mode != Mode::AllKept && random.one_in(3) => {
                left.torn += 1;
                tear(&mut left.disk, *inode, *offset, data, random);
            }
            what => left.disk.apply(what),
        }
    }
    left
}

/// Applies only some pages of a write. Sometimes the file gets its full length nevertheless.
fn tear(disk: &mut Disk, inode: Inode, offset: u64, data: &[u8], random: &mut Random) {
    let until = random.below(data.len() as u64 / PAGE_BYTES + 2);
    let in_order = random.one_in(2);
    let mut begin = 0;
    let mut page = 0;
    while begin < data.len() {
        let rest = PAGE_BYTES - (offset + begin as u64) % PAGE_BYTES;
        let end = data.len().min(begin + rest as usize);
        let is_kept = if in_order { page < until } else { random.one_in(2) };
        if is_kept {
            let data = data[begin..end].to_vec();
            disk.apply(&What::Write {
                inode,
                offset: offset + begin as u64,
                data,
            });
        }
        (begin, page) = (end, page + 1);
    }
    if random.one_in(2) {
        disk.lengthen(inode, offset + data.len() as u64);
    }
}
