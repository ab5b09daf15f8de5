//! Which numbers the reports of a connection ever had.
use super::columns::{Column, KINDS, Kind, Link};
use super::samples::{Media, Slot};

/// A report that was polled less often need not have everything yet.
const POLLS_MIN: u32 = 3;

/// For each kind of report and each medium: whether such reports were there, and which columns ever had a value.
#[derive(Clone, Copy, Debug, Default)]
pub struct Coverage {
    kinds: [[Seen; 3]; KINDS],
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    polls: u32,
    columns: u64,
    /// References that ever led to a report.
    links: u8,
}

impl Coverage {
    /// Takes note of a report that goes, or is there at the end.
    pub fn add(&mut self, slot: &Slot) {
        let seen = &mut self.kinds[slot.kind as usize][slot.media as usize];
        seen.polls = seen.polls.max(slot.polls());
        for (link, _) in Link::ALL {
            seen.links |= u8::from(slot.has_link(link)) << link as u8;
        }
        for spec in slot.kind.columns() {
            if !slot.now(spec.column.at).is_nan() {
                seen.columns |= 1 << spec.column.at;
            }
        }
    }

    /// Whether there were such reports for some time.
    pub fn has_kind(&self, kind: Kind, media: Option<Media>) -> bool {
        let mut all = self.kinds[kind as usize].iter().enumerate();
        all.any(|(at, seen)| media.is_none_or(|media| media as usize == at) && seen.polls >= POLLS_MIN)
    }

    /// Whether any report had this column.
    pub fn has(&self, column: Column) -> bool {
        let all = &self.kinds[column.kind as usize];
        all.iter().any(|seen| seen.columns & 1 << column.at != 0)
    }

    /// Whether there were such reports, and none of them ever referred to another one in this way.
    pub fn lacks_link(&self, kind: Kind, link: Link, media: Option<Media>) -> bool {
        let all = self.kinds[kind as usize].iter().enumerate();
        let own = all.filter(|(at, seen)| media.is_none_or(|media| media as usize == *at) && seen.polls >= POLLS_MIN);
        let mut links = own.map(|(_, seen)| seen.links).peekable();
        links.peek().is_some() && links.all(|links| links & 1 << link as u8 == 0)
    }

    /// Whether there were such reports, and none ever had this column.
    pub fn lacks(&self, column: Column, media: Option<Media>) -> bool {
        let all = &self.kinds[column.kind as usize];
        let own = (0..all.len()).filter(|at| media.is_none_or(|media| media as usize == *at));
        let seen = own.map(|at| all[at]).filter(|seen| seen.polls >= POLLS_MIN);
        let (mut count, mut columns) = (0, 0);
        for one in seen {
            count += 1;
            columns |= one.columns;
        }
        count > 0 && columns & 1 << column.at == 0
    }
}
