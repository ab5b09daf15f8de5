//! Merges the objects that are values of properties, such as `qualityLimitationDurations`.
//!
//! The members of the new object win, one level deep. An object is written anew as a whole, so both are small; if they
//! are not, the new one replaces the old one. No object that browsers send comes near the limit.
use std::ops::Range;

use crate::dump::json::{Json, Members, Text};
use crate::limits::NESTED_BYTES_MAX;

/// Working memory, and what has been merged in one report of one event.
#[derive(Default)]
pub struct Merge {
    merged: Vec<u8>,
    /// The objects as they were before the event: the slot, and where in `before` the text ends.
    done: Vec<(usize, usize)>,
    before: Vec<u8>,
}

impl Merge {
    /// Another report begins.
    pub fn begin(&mut self) {
        self.done.clear();
        self.before.clear();
    }

    /// The event begins to change a slot that has this object.
    pub fn keep(&mut self, slot: usize, object: &[u8]) {
        self.before.extend_from_slice(object);
        self.done.push((slot, self.before.len()));
    }

    /// The object with what the slot had before the event: of several values in one event the last one counts, whatever
    /// those before it were. `None` if the slot had no object.
    pub fn objects(&mut self, slot: usize, new: &[u8]) -> Option<&[u8]> {
        let place = self.done.iter().rposition(|(done, _)| *done == slot)?;
        let start = place.checked_sub(1).map_or(0, |before| self.done[before].1);
        let old = &self.before[start..self.done[place].1];
        self.merged.clear();
        if old.len() > NESTED_BYTES_MAX || new.len() > NESTED_BYTES_MAX {
            self.merged.extend_from_slice(new);
        } else if let Some((place, value)) = only_change(Json::checked(old), Json::checked(new)) {
            self.merged.extend_from_slice(&old[..place.start]);
            self.merged.extend_from_slice(value.raw());
            self.merged.extend_from_slice(&old[place.end..]);
        } else {
            members(Json::checked(old), Json::checked(new), &mut self.merged);
        }
        Some(&self.merged)
    }
}

/// Where the value of the old object stands that the new one replaces, and by what. `None` if it is not so simple:
/// there are more new members or another one, or escapes or blanks.
fn only_change<'a>(old: Json, new: Json<'a>) -> Option<(Range<usize>, Json<'a>)> {
    let mut rest = new.members();
    let (name, newer) = rest.next()?;
    let (mut end, mut place) = (1, None);
    for (own, value) in old.members() {
        let start = end + own.raw().len() + br#""":"#.len();
        end = start + value.raw().len() + 1;
        let is_it = own.raw() == name.raw();
        if own.raw().contains(&b'\\') || (is_it && place.is_some()) {
            return None;
        }
        if is_it {
            place = Some(start..end - 1);
        }
    }
    let is_plain = end == old.raw().len() && rest.next().is_none();
    Some((place.filter(|_| is_plain)?, newer))
}

fn members(old: Json, new: Json, out: &mut Vec<u8>) {
    let mut separator = b'{';
    let mut write = |name: Text, value: Json| {
        out.push(separator);
        separator = b',';
        out.push(b'"');
        out.extend_from_slice(name.raw());
        out.extend_from_slice(b"\":");
        out.extend_from_slice(value.raw());
    };
    for (name, value) in old.members() {
        let newer = new.members().filter(|(own, _)| *own == name).last();
        write(name, newer.map_or(value, |(_, value)| value));
    }
    let mut rest = new.members();
    while let Some((name, value)) = rest.next() {
        let has = |mut object: Members| object.any(|(own, _)| own == name);
        if !has(old.members()) && !has(rest) {
            write(name, value);
        }
    }
    if separator == b'{' {
        out.push(b'{');
    }
    out.push(b'}');
}
