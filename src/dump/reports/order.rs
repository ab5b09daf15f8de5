//! Finds reports by their ids, and knows their order.
//!
//! Ids that are decimal integers come first, by number. The others are in a list in which the newest come first, as the
//! decoder wants it. Each step costs the logarithm of how many there are; small numbers are found without a search.
use std::collections::{BTreeMap, HashMap};

use crate::dump::steps;

/// Where a report is kept.
pub type Place = u32;

#[derive(Default)]
pub struct Ids {
    numbered: BTreeMap<u32, Place>,
    /// The same of numbers below `DIRECT`.
    direct: Vec<Option<Place>>,
    named: HashMap<Box<[u8]>, Place>,
    /// By place: the neighbours in the list of named ones.
    links: Vec<Link>,
    first: Option<Place>,
    last: Option<Place>,
}

/// Clients number reports from 0 on. Those of a call in which hundreds take part are below this.
const DIRECT: u32 = 4096;

#[derive(Clone, Copy, Default)]
struct Link {
    before: Option<Place>,
    after: Option<Place>,
    listed: bool,
}

impl Ids {
    pub fn len(&self) -> usize {
        self.numbered.len() + self.named.len()
    }

    pub fn find(&self, id: &[u8]) -> Option<Place> {
        steps::count(id.len() + 1);
        match number(id) {
            Some(number @ 0..DIRECT) => self.direct.get(number as usize).copied().flatten(),
            Some(number) => self.numbered.get(&number).copied(),
            None => self.named.get(id).copied(),
        }
    }

    /// The id must be new.
    pub fn insert(&mut self, id: &[u8], place: Place) {
        match number(id) {
            Some(number) => {
                self.numbered.insert(number, place);
                self.set_direct(number, Some(place));
            }
            None => {
                self.named.insert(id.into(), place);
                let before = self.last;
                self.link(before, place, None);
            }
        }
    }

    pub fn remove(&mut self, id: &[u8]) -> Option<Place> {
        match number(id) {
            Some(number) => {
                self.set_direct(number, None);
                self.numbered.remove(&number)
            }
            None => {
                let place = self.named.remove(id)?;
                self.unlink(place);
                Some(place)
            }
        }
    }

    /// Among those whose ids are no numbers, this one becomes the first.
    pub fn move_to_front(&mut self, place: Place) {
        if self.links.get(place as usize).is_some_and(|link| link.listed) {
            self.unlink(place);
            let after = self.first;
            self.link(None, place, after);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = Place> {
        let after = |place: &Place| self.links[*place as usize].after;
        self.numbered
            .values()
            .copied()
            .chain(std::iter::successors(self.first, after))
    }

    fn set_direct(&mut self, number: u32, place: Option<Place>) {
        let at = number as usize;
        if number < DIRECT {
            self.direct.resize(self.direct.len().max(at + 1), None);
            self.direct[at] = place;
        }
    }

    fn link(&mut self, before: Option<Place>, place: Place, after: Option<Place>) {
        if self.links.len() <= place as usize {
            self.links.resize(place as usize + 1, Link::default());
        }
        self.links[place as usize] = Link {
            before,
            after,
            listed: true,
        };
        match before {
            Some(before) => self.links[before as usize].after = Some(place),
            None => self.first = Some(place),
        }
        match after {
            Some(after) => self.links[after as usize].before = Some(place),
            None => self.last = Some(place),
        }
    }

    fn unlink(&mut self, place: Place) {
        let Link { before, after, .. } = std::mem::take(&mut self.links[place as usize]);
        match before {
            Some(before) => self.links[before as usize].after = after,
            None => self.first = after,
        }
        match after {
            Some(after) => self.links[after as usize].before = before,
            None => self.last = before,
        }
    }
}

/// An id that is a number, as JavaScript has it: decimal, without leading zeros, below 2^32 - 1.
fn number(id: &[u8]) -> Option<u32> {
    let digits = id.len() <= 10 && id.iter().all(u8::is_ascii_digit) && (id.len() == 1 || id.first() != Some(&b'0'));
    if !digits || id.is_empty() {
        return None;
    }
    let number = id.iter().fold(0u64, |sum, byte| 10 * sum + u64::from(byte - b'0'));
    u32::try_from(number).ok().filter(|number| *number < u32::MAX)
}
