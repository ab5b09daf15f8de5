//! The numbers of a connection's reports at the last two polls.
//!
//! Only what an event has changed is parsed. A report is found by its place, and its numbers are two rows of columns
//! (`columns`), so that a rule looks at arrays. Limits: `FINDING_REPORTS_MAX`, and `Room` for the dump; reports beyond
//! are counted. Of kinds without columns nothing is kept.
use super::columns::{Kind, Link, pair};
use super::slot::number;
use crate::dump::json::Json;
use crate::dump::reports::{Report, Reports};
use crate::dump::steps;
use crate::limits::{FINDING_KIN_MAX, FINDING_LINK_TRIES_MAX, FINDING_REPORTS_MAX, FINDING_REPORTS_TOTAL_MAX};

pub use super::slot::{Media, Slot, State};

#[derive(Debug, Default)]
pub struct Samples {
    slots: Vec<Slot>,
    /// By place of the report.
    spots: Vec<Spot>,
    free: Vec<u32>,
    /// Slots of reports that the last poll has removed.
    gone: Vec<u32>,
    serial: u32,
    growth: Growth,
    kin: Kin,
}

/// Streams that belong together, so that a rule need not look at all of them for each: those that are sent of one
/// source (its slot), and those that are received of one track (the hash of its id). Ascending, with their slots.
#[derive(Debug, Default)]
struct Kin {
    layers: Vec<(u64, u32)>,
    tracks: Vec<(u64, u32)>,
    age: Age,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Age {
    #[default]
    Fresh,
    /// What belongs together may have become something else.
    Stale,
}

/// Whether a report came with the last poll, so that references may lead somewhere now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Growth {
    #[default]
    None,
    Some,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Spot {
    #[default]
    Unknown,
    /// A kind without columns, or there is no room.
    Ignored,
    Slot(u32),
}

/// How many reports may still be followed in the dump, and how many are not.
#[derive(Debug)]
pub struct Room {
    pub left: usize,
    pub omitted: u64,
}

impl Default for Room {
    fn default() -> Room {
        Room {
            left: FINDING_REPORTS_TOTAL_MAX,
            omitted: 0,
        }
    }
}

impl Samples {
    /// Takes the statistics after an event.
    pub fn poll(&mut self, reports: &Reports, room: &mut Room) {
        self.sweep(room);
        let common = reports.common_time().map(number);
        for slot in &mut self.slots {
            slot.next(common);
        }
        self.growth = Growth::None;
        for report in reports.changed() {
            if let Some(slot) = self.slot_of(report, room) {
                let track = self.slots[slot].track_hash();
                self.slots[slot].change(report);
                if self.slots[slot].track_hash() != track {
                    self.kin.age = Age::Stale;
                }
                self.slots[slot].stamp(common);
            }
        }
        for report in reports.removed() {
            let spot = self.spots.get_mut(report.place()).map(std::mem::take);
            if let Some(Spot::Slot(slot)) = spot {
                self.slots[slot as usize].state = State::Gone;
                self.kin.age = Age::Stale;
                self.gone.push(slot);
            }
        }
        self.settle(reports);
        self.group();
    }

    /// Frees what the poll before has removed.
    fn sweep(&mut self, room: &mut Room) {
        while let Some(slot) = self.gone.pop() {
            self.slots[slot as usize].state = State::Free;
            self.free.push(slot);
            room.left += 1;
        }
    }

    /// Gives up all of them.
    pub fn clear(&mut self, room: &mut Room) {
        room.left += self.slots.iter().filter(|slot| slot.state != State::Free).count();
        *self = Samples::default();
    }

    fn slot_of(&mut self, report: Report<'_>, room: &mut Room) -> Option<usize> {
        let place = report.place();
        if let Some(Spot::Slot(slot)) = self.spots.get(place) {
            return Some(*slot as usize);
        }
        if self.spots.get(place) == Some(&Spot::Ignored) {
            return None;
        }
        let kind = report.kind()?;
        if self.spots.len() <= place {
            self.spots.resize(place + 1, Spot::Unknown);
        }
        let Some(kind) = Kind::of_name(kind.raw()) else {
            self.spots[place] = Spot::Ignored;
            return None;
        };
        let in_use = self.slots.len() - self.free.len();
        if room.left == 0 || in_use >= FINDING_REPORTS_MAX {
            room.omitted += 1;
            self.spots[place] = Spot::Ignored;
            return None;
        }
        room.left -= 1;
        self.serial = self.serial.wrapping_add(1);
        let slot = Slot::new(kind, report, self.serial);
        let at = self.free.pop().map_or(self.slots.len(), |at| at as usize);
        match self.slots.get_mut(at) {
            Some(free) => *free = slot,
            None => self.slots.push(slot),
        }
        self.spots[place] = Spot::Slot(at as u32);
        self.growth = Growth::Some;
        self.kin.age = Age::Stale;
        Some(at)
    }

    /// Follows references that lead nowhere yet.
    fn settle(&mut self, reports: &Reports) {
        for at in 0..self.slots.len() {
            let slot = &mut self.slots[at];
            let is_due = slot.open != 0 && (self.growth == Growth::Some || slot.state == State::Changed);
            if !is_due || slot.tries >= FINDING_LINK_TRIES_MAX || !slot.is_there() {
                continue;
            }
            slot.tries += 1;
            let Some(report) = reports.at(slot.place()) else {
                continue;
            };
            for (link, property) in Link::ALL {
                let bit = 1 << link as u8;
                if self.slots[at].open & bit != 0
                    && let Some(target) = self.target(report.get(property), reports)
                {
                    self.slots[at].links[link as usize] = Some(target);
                    self.kin.age = Age::Stale;
                    self.slots[at].open &= !bit;
                }
            }
        }
    }

    fn target(&self, reference: Option<Json<'_>>, reports: &Reports) -> Option<(u32, u32)> {
        let id = reference?.as_text()?;
        let report = (id.raw().len() <= crate::limits::FINDING_TEXT_BYTES_MAX).then(|| reports.find(id))??;
        match self.spots.get(report.place()) {
            Some(Spot::Slot(slot)) => Some((*slot, self.slots[*slot as usize].serial())),
            _ => None,
        }
    }

    /// Looks anew which streams belong together, if something of that has changed.
    fn group(&mut self) {
        if std::mem::take(&mut self.kin.age) == Age::Fresh {
            return;
        }
        let mut kin = std::mem::take(&mut self.kin);
        kin.layers.clear();
        kin.tracks.clear();
        for (at, slot) in self.slots.iter().enumerate().filter(|(_, slot)| slot.is_there()) {
            match slot.kind {
                Kind::Outbound => {
                    let source = self.linked(slot, Link::Source);
                    kin.layers.extend(source.map(|source| (source as u64, at as u32)));
                }
                Kind::Inbound => kin.tracks.extend(slot.track_hash().map(|track| (track, at as u32))),
                _ => {}
            }
        }
        kin.layers.sort_unstable();
        kin.tracks.sort_unstable();
        self.kin = kin;
    }

    /// The streams that are sent of the source in this slot, at most `FINDING_KIN_MAX`.
    pub fn layers(&self, source: usize) -> impl Iterator<Item = usize> + use<'_> {
        of_key(&self.kin.layers, source as u64)
    }

    /// The streams that are received of the same track, this one among them, at most `FINDING_KIN_MAX`.
    pub fn of_track(&self, slot: &Slot) -> impl Iterator<Item = usize> + use<'_> {
        slot.track_hash()
            .into_iter()
            .flat_map(|track| of_key(&self.kin.tracks, track))
    }

    /// The slot to which a reference leads.
    pub fn linked(&self, slot: &Slot, link: Link) -> Option<usize> {
        let (at, serial) = slot.links[link as usize]?;
        let target = self.slots.get(at as usize)?;
        (target.serial() == serial && target.is_there()).then_some(at as usize)
    }

    /// The reports that the last poll has removed.
    pub fn gone(&self) -> impl Iterator<Item = &Slot> {
        self.gone.iter().map(|slot| &self.slots[*slot as usize])
    }

    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    pub fn slots_mut(&mut self) -> &mut [Slot] {
        &mut self.slots
    }

    /// The pair that is used: the one that a transport names, or that says so of itself.
    pub fn pair(&self) -> Option<usize> {
        let there = || self.slots.iter().enumerate().filter(|(_, slot)| slot.is_there());
        let mut transports = there().filter(|(_, slot)| slot.kind == Kind::Transport);
        let named = transports.find_map(|(_, slot)| self.linked(slot, Link::Pair));
        let pairs = || there().filter(|(_, slot)| slot.kind == Kind::Pair);
        let marked = || pairs().find(|(_, slot)| slot.now(pair::SELECTED.at) == 1.0);
        let succeeded = |slot: &Slot| slot.now(pair::STATE.at) == SUCCEEDED && slot.now(pair::NOMINATED.at) == 1.0;
        named.or_else(|| Some(marked().or_else(|| pairs().find(|(_, slot)| succeeded(slot)))?.0))
    }
}

fn of_key(kin: &[(u64, u32)], key: u64) -> impl Iterator<Item = usize> + use<'_> {
    let first = kin.partition_point(|(own, _)| *own < key);
    let own = kin[first..].iter().take_while(move |(own, _)| *own == key);
    own.take(FINDING_KIN_MAX).map(|(_, slot)| {
        steps::count(1);
        *slot as usize
    })
}

/// The place of `succeeded` in `PAIR_STATES`.
const SUCCEEDED: f64 = 4.0;
