//! One report as it is kept: the text of each property, in one buffer that is changed in place.
//!
//! A property of the table is found by its key, without a search; at most `PROPERTIES_NAMED_MAX` others are found by
//! their names. A value that has become longer than its room moves to the end of the buffer, and the buffer is written
//! anew when half of it is unused. So a change costs the length of what has changed, and usually allocates nothing.
use super::bytes::{read, read_text, write, write_text};
use super::merge::Merge;
use crate::dump::scan::words;
use crate::dump::statistics::{KEYS, Spelling};
use crate::dump::steps;
use crate::limits::PROPERTIES_NAMED_MAX;

#[derive(Default)]
pub struct Stored {
    known: Vec<Slot>,
    named: Vec<Slot>,
    /// For each key, the number of its slot plus one; 0 if the report lacks it.
    index: Index,
    /// The named property that probably comes next: names come in the same order each time.
    next: usize,
    text: Vec<u8>,
    unused: usize,
}

/// Values have room for so many bytes, or a multiple.
const WORD: usize = 8;

struct Index([u8; KEYS]);
const _: () = assert!(KEYS < u8::MAX as usize);

impl Default for Index {
    fn default() -> Self {
        Index([0; KEYS])
    }
}

/// Where a value stands in the buffer. The name of one that is not in the table stands in front of it.
#[derive(Clone, Copy)]
struct Slot {
    start: u32,
    length: u32,
    room: u32,
    name: u32,
    /// The event that has written it last, and how it spelled the name.
    event: u32,
    key: u8,
    spelling: Spelling,
}

/// Which property it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name<'a> {
    Known(u8, Spelling),
    /// In the canonical way of writing.
    Other(&'a [u8]),
}

/// There is no room for another property that is not in the table.
pub struct Full;

impl Stored {
    /// Forgets everything but its buffers.
    pub fn clear(&mut self) {
        self.known.clear();
        self.named.clear();
        self.index = Index::default();
        self.text.clear();
        self.unused = 0;
    }

    /// Appends all properties: how many the table has, and how many others; of each, which event has written it and how
    /// its name was spelled, its key or name, and its value.
    pub fn pack(&self, event: u32, out: &mut Vec<u8>) {
        write(self.known.len() as u64, out);
        write(self.named.len() as u64, out);
        for slot in self.known.iter().chain(&self.named) {
            let spelling = u64::from(slot.spelling == Spelling::Full);
            write(u64::from(event.wrapping_sub(slot.event)) << 1 | spelling, out);
            match slot.key {
                u8::MAX => write_text(self.name(slot), out),
                key => write(u64::from(key), out),
            }
            write_text(self.value(slot), out);
        }
    }

    /// What was packed.
    pub fn unpack(event: u32, from: &mut &[u8]) -> Stored {
        let mut stored = Stored::default();
        let (known, named) = (read(from) as usize, read(from) as usize);
        for at in 0..known + named {
            let written = read(from);
            let (key, name) = match at < known {
                true => (read(from) as u8, &b""[..]),
                false => (u8::MAX, read_text(from)),
            };
            let value = read_text(from);
            stored.text.extend_from_slice(name);
            let slot = Slot {
                start: stored.text.len() as u32,
                length: value.len() as u32,
                room: value.len() as u32,
                name: name.len() as u32,
                event: event.wrapping_sub((written >> 1) as u32),
                key,
                spelling: if written & 1 == 0 {
                    Spelling::Short
                } else {
                    Spelling::Full
                },
            };
            stored.text.extend_from_slice(value);
            if at < known {
                stored.known.push(slot);
                stored.index.0[usize::from(key)] = stored.known.len() as u8;
            } else {
                stored.named.push(slot);
            }
        }
        stored
    }

    /// So many properties will come, with names and values of so many bytes: if they are the first, room is made for
    /// all of them at once.
    pub fn expect(&mut self, count: usize, bytes: usize) {
        if self.known.is_empty() && self.text.is_empty() {
            self.known.reserve(count.min(KEYS));
            self.text.reserve(bytes);
        }
    }

    pub fn known(&self, key: u8) -> Option<&[u8]> {
        match self.index.0.get(usize::from(key)) {
            None | Some(0) => None,
            Some(slot) => Some(self.value(&self.known[usize::from(slot - 1)])),
        }
    }

    /// Whether there is a value, and another event than this one has written it last.
    pub fn is_older(&self, key: u8, event: u32) -> bool {
        match self.index.0.get(usize::from(key)) {
            None | Some(0) => false,
            Some(slot) => self.known[usize::from(slot - 1)].event != event,
        }
    }

    /// The properties of the table that this event has written, as keys and values.
    pub fn news(&self, event: u32) -> impl Iterator<Item = (u8, &[u8])> {
        let written = self.known.iter().filter(move |slot| slot.event == event);
        written.map(|slot| (slot.key, self.value(slot)))
    }

    pub fn named(&self, name: &[u8]) -> Option<&[u8]> {
        steps::count(self.named.len());
        let slot = self.named.iter().find(|slot| self.name(slot) == name)?;
        Some(self.value(slot))
    }

    /// All properties: those of the table first, in the order in which they came.
    pub fn properties(&self) -> impl Iterator<Item = (Name<'_>, &[u8])> {
        let known = self.known.iter();
        let known = known.map(|slot| (Name::Known(slot.key, slot.spelling), self.value(slot)));
        let named = self.named.iter();
        known.chain(named.map(|slot| (Name::Other(self.name(slot)), self.value(slot))))
    }

    /// The properties that this event has written, each with its place in the order of `properties`. A place stays as
    /// long as the report does.
    pub fn written(&self, event: u32) -> impl Iterator<Item = (usize, Name<'_>, &[u8])> {
        let known = self.known.iter().enumerate();
        let known = known.map(|(at, slot)| (at, slot, Name::Known(slot.key, slot.spelling)));
        let named = self.named.iter().enumerate();
        let named = named.map(|(at, slot)| (KEYS + at, slot, Name::Other(self.name(slot))));
        known
            .chain(named)
            .filter(move |(_, slot, _)| slot.event == event)
            .map(|(at, slot, name)| (at, name, self.value(slot)))
    }

    /// How many properties there are.
    pub fn len(&self) -> usize {
        self.known.len() + self.named.len()
    }

    /// Gives a property its value. In one event, of several values the last one counts, but those under the short name
    /// come before those under the full one. The members of an object are added to those of the object before.
    pub fn set(&mut self, event: u32, name: Name, value: &[u8], merge: &mut Merge) -> Result<(), Full> {
        let (slot, spelling) = match name {
            Name::Known(key, spelling) => (self.known_slot(key), spelling),
            Name::Other(name) => (self.named_slot(name)?, Spelling::Full),
        };
        let old = *self.slot(slot);
        let again = old.event == event && old.length > 0;
        if again && spelling == Spelling::Full && old.spelling == Spelling::Short {
            return Ok(());
        }
        let is_object = |text: &[u8]| text.first() == Some(&b'{');
        if !again && is_object(self.value(&old)) {
            merge.keep(slot, self.value(&old));
        }
        let merged = is_object(value).then(|| merge.objects(slot, value)).flatten();
        self.write(slot, merged.unwrap_or(value));
        let written = self.slot_mut(slot);
        (written.event, written.spelling) = (event, spelling);
        Ok(())
    }

    /// Writes a value over that of an earlier event, if there is room and neither is an object. This is what most
    /// changes are; for all others it does nothing, and `set` does it. An object is still needed if the event brings
    /// another one of the same name.
    #[inline]
    pub fn replace(&mut self, event: u32, key: u8, spelling: Spelling, value: &[u8]) -> bool {
        let number = usize::from(self.index.0[usize::from(key)]).wrapping_sub(1);
        let Some(slot) = self.known.get_mut(number) else {
            return false;
        };
        let Some(room) = self.text.get_mut(slot.start as usize..) else {
            return false;
        };
        let is_object = |text: &[u8]| text.first() == Some(&b'{');
        let fits = slot.event != event && value.len() <= slot.room as usize && !is_object(value) && !is_object(room);
        if fits {
            steps::count(value.len());
            (slot.length, slot.event, slot.spelling) = (value.len() as u32, event, spelling);
            match room.first_chunk_mut() {
                // Most values are short, and most rooms are whole words.
                Some(room) if value.len() <= WORD && slot.room as usize >= WORD => {
                    *room = words::first(value).to_le_bytes()
                }
                _ => room[..value.len()].copy_from_slice(value),
            }
        }
        fits
    }

    #[inline]
    fn known_slot(&mut self, key: u8) -> usize {
        let place = &mut self.index.0[usize::from(key)];
        if *place == 0 {
            self.known.push(Slot::new(key, 0, 0));
            *place = self.known.len() as u8;
        }
        usize::from(*place - 1)
    }

    /// Slots of named properties are numbered after those that known ones can have.
    fn named_slot(&mut self, name: &[u8]) -> Result<usize, Full> {
        let (before, behind) = self.named.split_at(self.next.min(self.named.len()));
        let named = |slot: &Slot| {
            steps::count(1);
            self.name(slot) == name
        };
        let found = behind.iter().position(named).map(|at| at + before.len());
        let at = match found.or_else(|| before.iter().position(named)) {
            Some(at) => at,
            None if self.named.len() < PROPERTIES_NAMED_MAX => {
                self.text.extend_from_slice(name);
                let slot = Slot::new(u8::MAX, self.text.len() as u32, name.len() as u32);
                self.named.push(slot);
                self.named.len() - 1
            }
            None => return Err(Full),
        };
        self.next = at + 1;
        Ok(KEYS + at)
    }

    fn slot(&self, number: usize) -> &Slot {
        match number.checked_sub(KEYS) {
            Some(named) => &self.named[named],
            None => &self.known[number],
        }
    }

    fn slot_mut(&mut self, number: usize) -> &mut Slot {
        match number.checked_sub(KEYS) {
            Some(named) => &mut self.named[named],
            None => &mut self.known[number],
        }
    }

    fn name(&self, slot: &Slot) -> &[u8] {
        &self.text[(slot.start - slot.name) as usize..slot.start as usize]
    }

    #[inline]
    fn value(&self, slot: &Slot) -> &[u8] {
        &self.text[slot.start as usize..][..slot.length as usize]
    }

    #[inline]
    fn write(&mut self, number: usize, value: &[u8]) {
        let Slot { start, room, .. } = *self.slot(number);
        if value.len() <= room as usize {
            steps::count(value.len());
            self.text[start as usize..][..value.len()].copy_from_slice(value);
        } else {
            self.move_to_end(number, value);
        }
        self.slot_mut(number).length = value.len() as u32;
    }

    fn move_to_end(&mut self, number: usize, value: &[u8]) {
        let Slot { start, room, name, .. } = *self.slot(number);
        self.unused += (room + name) as usize;
        let begin = self.text.len();
        steps::count(value.len() + name as usize);
        self.text.extend_from_within((start - name) as usize..start as usize);
        self.text.extend_from_slice(value);
        // Numbers grow by a digit now and then.
        let room = value.len().next_multiple_of(WORD);
        self.text.extend_from_slice(&[b' '; WORD][..room - value.len()]);
        let slot = self.slot_mut(number);
        slot.start = begin as u32 + name;
        slot.room = room as u32;
        if self.unused > self.text.len() / 2 {
            self.compact();
        }
    }

    fn compact(&mut self) {
        let old = std::mem::take(&mut self.text);
        steps::count(old.len());
        self.text.reserve(old.len() - self.unused);
        for slot in self.known.iter_mut().chain(&mut self.named) {
            let begin = (slot.start - slot.name) as usize;
            slot.start = self.text.len() as u32 + slot.name;
            self.text
                .extend_from_slice(&old[begin..][..(slot.name + slot.room) as usize]);
        }
        self.unused = 0;
    }
}

impl Slot {
    fn new(key: u8, start: u32, name: u32) -> Self {
        Slot {
            start,
            length: 0,
            room: 0,
            name,
            event: 0,
            key,
            spelling: Spelling::Full,
        }
    }
}
