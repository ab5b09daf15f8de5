//! The numbers of a connection's reports at the last two polls.
//!
//! Only what an event has changed is parsed. A report is found by its place, and its numbers are two rows of columns
//! (`columns`), so that a rule looks at arrays. Limits: `FINDING_REPORTS_MAX`, and `Room` for the dump; reports beyond
//! are counted. Of kinds without columns nothing is kept.
use super::columns::{KIND, Kind, Link, Meaning, Read, TRACK, meaning, pair};

use super::text::clipped;
use crate::dump::json::Json;
use crate::dump::reports::{Report, Reports};
use crate::limits::{FINDING_LINK_TRIES_MAX, FINDING_REPORTS_MAX, FINDING_REPORTS_TOTAL_MAX};

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

/// What a stream carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Media {
    #[default]
    None,
    Audio,
    Video,
}

impl Media {
    pub const fn name(self) -> &'static str {
        match self {
            Media::None => "media",
            Media::Audio => "audio",
            Media::Video => "video",
        }
    }
}

/// One report.
#[derive(Debug)]
pub struct Slot {
    pub kind: Kind,
    pub media: Media,
    pub id: Box<str>,
    /// `trackIdentifier`.
    pub track_id: Option<Box<str>>,
    /// Its number among all tracks, and how many there were when it was looked for.
    pub track: Option<usize>,
    pub looked: usize,
    pub state: State,
    place: u32,
    serial: u32,
    /// The numbers at the poll before, then those at the last one.
    rows: Box<[f64]>,
    /// Its own time at both, in ms since 1970; NaN if it has none.
    times: [f64; 2],
    links: [Option<(u32, u32)>; Link::COUNT],
    open: u8,
    tries: u8,
    polls: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It came with the last poll.
    New,
    /// It was there before, and the last poll has changed it or not.
    Changed,
    Unchanged,
    Gone,
    Free,
}

impl Samples {
    /// Takes the statistics after an event.
    pub fn poll(&mut self, reports: &Reports, room: &mut Room) {
        self.sweep(room);
        let common = reports.common_time().map(|time| number(time.raw()));
        for slot in &mut self.slots {
            slot.next(common);
        }
        self.growth = Growth::None;
        for report in reports.changed() {
            if let Some(slot) = self.slot_of(report, room) {
                self.slots[slot].change(report);
                if let Some(time) = common
                    && self.slots[slot].times[1].is_nan()
                {
                    self.slots[slot].times[1] = time;
                }
            }
        }
        for report in reports.removed() {
            let spot = self.spots.get_mut(report.place()).map(std::mem::take);
            if let Some(Spot::Slot(slot)) = spot {
                self.slots[slot as usize].state = State::Gone;
                self.gone.push(slot);
            }
        }
        self.settle(reports);
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
            let Some(report) = reports.at(slot.place as usize) else {
                continue;
            };
            for (link, property) in Link::ALL {
                let bit = 1 << link as u8;
                if self.slots[at].open & bit != 0
                    && let Some(target) = self.target(report.get(property), reports)
                {
                    self.slots[at].links[link as usize] = Some(target);
                    self.slots[at].open &= !bit;
                }
            }
        }
    }

    fn target(&self, reference: Option<Json<'_>>, reports: &Reports) -> Option<(u32, u32)> {
        let id = reference?.as_text()?;
        let report = (id.raw().len() <= crate::limits::FINDING_TEXT_BYTES_MAX).then(|| reports.find(id))??;
        match self.spots.get(report.place()) {
            Some(Spot::Slot(slot)) => Some((*slot, self.slots[*slot as usize].serial)),
            _ => None,
        }
    }

    /// The slot to which a reference leads.
    pub fn linked(&self, slot: &Slot, link: Link) -> Option<usize> {
        let (at, serial) = slot.links[link as usize]?;
        let target = self.slots.get(at as usize)?;
        (target.serial == serial && target.is_there()).then_some(at as usize)
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

/// The place of `succeeded` in `PAIR_STATES`.
const SUCCEEDED: f64 = 4.0;

impl Slot {
    fn new(kind: Kind, report: Report<'_>, serial: u32) -> Slot {
        Slot {
            kind,
            media: Media::None,
            id: clipped(&report.id().to_str()).into(),
            track_id: None,
            track: None,
            looked: 0,
            state: State::New,
            place: report.place() as u32,
            serial,
            rows: vec![f64::NAN; 2 * kind.columns().len()].into(),
            times: [f64::NAN; 2],
            links: [None; Link::COUNT],
            open: 0,
            tries: 0,
            polls: 1,
        }
    }

    pub fn is_there(&self) -> bool {
        !matches!(self.state, State::Gone | State::Free)
    }

    pub fn place(&self) -> usize {
        self.place as usize
    }

    /// How many polls have had it.
    pub fn polls(&self) -> u32 {
        self.polls
    }

    pub fn serial(&self) -> u32 {
        self.serial
    }

    /// Another poll begins.
    fn next(&mut self, common: Option<f64>) {
        if matches!(self.state, State::Gone | State::Free) {
            return;
        }
        if self.state != State::Unchanged {
            let half = self.rows.len() / 2;
            self.rows.copy_within(half.., 0);
            self.state = State::Unchanged;
        }
        self.polls = self.polls.saturating_add(1);
        self.times[0] = self.times[1];
        if let Some(time) = common {
            self.times[1] = time;
        }
    }

    fn change(&mut self, report: Report<'_>) {
        if self.state == State::Unchanged {
            self.state = State::Changed;
        }
        for (key, value) in report.news() {
            match meaning(self.kind, key) {
                Meaning::Nothing => {}
                Meaning::Column(at) => self.set(usize::from(at), value),
                Meaning::Link(link) => {
                    self.links[usize::from(link)] = None;
                    self.open |= 1 << link;
                    self.tries = 0;
                }
                Meaning::Kind => self.media = media(report),
                Meaning::Track => {
                    let track = report.get(TRACK).and_then(Json::as_text);
                    self.track_id = track.map(|track| clipped(&track.to_str()).into());
                    (self.track, self.looked) = (None, 0);
                }
                Meaning::Timestamp => self.times[1] = number(value.raw()),
            }
        }
        // The protocol's table lacks a few (`selected` of Firefox).
        if matches!(self.kind, Kind::Pair | Kind::Pressure) {
            for spec in self.kind.columns().iter().filter(|spec| spec.property.key().is_none()) {
                if let Some(value) = report.get(spec.property) {
                    self.set(usize::from(spec.column.at), value);
                }
            }
        }
    }

    fn set(&mut self, at: usize, value: Json<'_>) {
        let columns = self.kind.columns();
        let now = &mut self.rows[columns.len()..];
        match columns[at].read {
            Read::Number => now[at] = number(value.raw()),
            Read::Words(words) => {
                let word = value.as_text();
                let place = word.and_then(|word| words.iter().position(|own| word.is(own)));
                now[at] = place.map_or(f64::NAN, |place| place as f64);
            }
            Read::Member(_) => {
                // The columns of one object follow each other.
                for (name, member) in value.members() {
                    let is_it = |read: Read| matches!(read, Read::Member(own) if name.is(own));
                    let own = columns.iter().skip(at).take(MEMBERS_MAX);
                    if let Some(place) = own.clone().position(|spec| is_it(spec.read)) {
                        now[at + place] = number(member.raw());
                    }
                }
            }
        }
    }

    /// The number of this column at the last poll; NaN if it is absent.
    #[inline]
    pub fn now(&self, at: u8) -> f64 {
        self.rows[self.rows.len() / 2 + usize::from(at)]
    }

    /// The same at the poll before.
    #[inline]
    pub fn before(&self, at: u8) -> f64 {
        self.rows[usize::from(at)]
    }

    /// Seconds by its own clock between the two polls.
    pub fn seconds(&self) -> f64 {
        (self.times[1] - self.times[0]) / 1000.0
    }

    /// Its own time at the last poll, in ms since 1970.
    pub fn time(&self) -> f64 {
        self.times[1]
    }
}

/// Members of one object that are columns.
const MEMBERS_MAX: usize = 4;

fn media(report: Report<'_>) -> Media {
    match report.get(KIND).and_then(Json::as_text) {
        Some(kind) if kind.is("audio") => Media::Audio,
        Some(kind) if kind.is("video") => Media::Video,
        _ => Media::None,
    }
}

/// A number or a flag; NaN for anything else, and for what is beyond all doubles.
fn number(raw: &[u8]) -> f64 {
    // Most are integers that a double has exactly.
    if raw.len() <= 15 && raw.iter().all(u8::is_ascii_digit) && !raw.is_empty() {
        let digits = raw.iter().fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        return digits as f64;
    }
    match raw.first() {
        Some(b't') => 1.0,
        Some(b'f') => 0.0,
        Some(b'-' | b'0'..=b'9') => {
            let text = std::str::from_utf8(raw).ok();
            let number = text.and_then(|text| text.parse().ok());
            number.filter(|number: &f64| number.is_finite()).unwrap_or(f64::NAN)
        }
        _ => f64::NAN,
    }
}
