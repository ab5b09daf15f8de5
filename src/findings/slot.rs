//! One report: its numbers at the last two polls, and what it refers to.
//!
//! Only what an event has changed is parsed.
use std::hash::{DefaultHasher, Hash, Hasher};

use super::columns::{KIND, Kind, Link, Read, Spec, TRACK};
use super::meaning::{Meaning, meaning};
use super::text::clipped;
use crate::dump::json::Json;
use crate::dump::reports::Report;

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
    track_hash: u64,
    /// Its number among all tracks, and how many there were when it was looked for.
    pub track: Option<usize>,
    pub looked: usize,
    pub state: State,
    /// When a poll last brought news of it (`World::poll` says what that is), in ms since 1970; NaN before the first.
    pub moved: f64,
    place: u32,
    serial: u32,
    /// The numbers at the poll before, then those at the last one.
    rows: Box<[f64]>,
    /// Its own time at both, in ms since 1970; NaN if it has none.
    times: [f64; 2],
    /// Its own time as it was told before the last poll, and as it was told last; and whether the last poll has told
    /// the same again.
    told: [f64; 2],
    stamp: Stamp,
    pub(super) links: [Option<(u32, u32)>; Link::COUNT],
    pub(super) open: u8,
    pub(super) tries: u8,
    polls: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stamp {
    /// None, or another one than before.
    Other,
    Same,
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

impl Slot {
    pub(super) fn new(kind: Kind, report: Report<'_>, serial: u32) -> Slot {
        Slot {
            kind,
            media: Media::None,
            id: clipped(&report.id().to_str()).into(),
            track_id: None,
            track_hash: 0,
            track: None,
            looked: 0,
            state: State::New,
            moved: f64::NAN,
            place: report.place() as u32,
            serial,
            rows: vec![f64::NAN; 2 * kind.columns().len()].into(),
            times: [f64::NAN; 2],
            told: [f64::NAN; 2],
            stamp: Stamp::Other,
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

    /// Whether it refers to another report in this way, which was found.
    pub fn has_link(&self, link: Link) -> bool {
        self.links[link as usize].is_some()
    }

    /// The hash of the id of its track, if it tells one.
    pub(super) fn track_hash(&self) -> Option<u64> {
        self.track_id.is_some().then_some(self.track_hash)
    }

    /// How many polls have had it.
    pub fn polls(&self) -> u32 {
        self.polls
    }

    pub fn serial(&self) -> u32 {
        self.serial
    }

    /// Another poll begins.
    pub(super) fn next(&mut self, common: Option<f64>) {
        if matches!(self.state, State::Gone | State::Free) {
            return;
        }
        if self.state != State::Unchanged {
            let half = self.rows.len() / 2;
            self.rows.copy_within(half.., 0);
            self.state = State::Unchanged;
        }
        self.polls = self.polls.saturating_add(1);
        self.stamp = Stamp::Other;
        self.told[0] = self.told[1];
        self.times[0] = self.times[1];
        if let Some(time) = common {
            self.times[1] = time;
        }
    }

    pub(super) fn change(&mut self, report: Report<'_>) {
        if self.state == State::Unchanged {
            self.state = State::Changed;
        }
        let columns = self.kind.columns();
        let now = &mut self.rows[columns.len()..];
        for (key, value) in report.news() {
            match meaning(self.kind, key) {
                Meaning::Nothing => {}
                Meaning::Column(at) => set(columns, now, usize::from(at), value),
                Meaning::Link(link) => {
                    self.links[usize::from(link)] = None;
                    self.open |= 1 << link;
                    self.tries = 0;
                }
                Meaning::Kind => self.media = media(report),
                Meaning::Track => {
                    let track = report.get(TRACK).and_then(Json::as_text);
                    self.track_id = track.map(|track| clipped(&track.to_str()).into());
                    self.track_hash = hash(&self.track_id);
                    (self.track, self.looked) = (None, 0);
                }
                Meaning::Timestamp => {
                    // One report may come twice in a poll.
                    let told = number(value);
                    self.stamp = if told == self.told[0] {
                        Stamp::Same
                    } else {
                        Stamp::Other
                    };
                    (self.told[1], self.times[1]) = (told, told);
                }
            }
        }
        // The protocol's table lacks a few (`selected` of Firefox).
        if matches!(self.kind, Kind::Pair | Kind::Pressure) {
            for spec in columns.iter().filter(|spec| spec.property.key().is_none()) {
                if let Some(value) = report.get(spec.property) {
                    set(columns, now, usize::from(spec.column.at), value);
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

    /// Whether the last poll has brought news: other numbers, and no old time with them. One that is only sent again
    /// has the time of all reports, and one that is not sent has it too.
    pub fn has_moved(&self) -> bool {
        let (before, now) = self.rows.split_at(self.rows.len() / 2);
        let is_other = |(before, now): (&f64, &f64)| before != now && !(before.is_nan() && now.is_nan());
        let is_told = matches!(self.state, State::New | State::Changed) && self.stamp == Stamp::Other;
        is_told && before.iter().zip(now).any(is_other)
    }

    /// It has no time of its own, so that of all reports counts.
    pub(super) fn stamp(&mut self, common: Option<f64>) {
        if let Some(time) = common
            && self.times[1].is_nan()
        {
            self.times[1] = time;
        }
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

fn hash(id: &Option<Box<str>>) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// Gives a column, or all columns of one object, what an event has brought.
#[inline]
fn set(columns: &[Spec], now: &mut [f64], at: usize, value: Json<'_>) {
    match columns[at].read {
        Read::Number => now[at] = number(value),
        Read::Words(words) => {
            let word = value.as_text();
            let place = word.and_then(|word| words.iter().position(|own| word.is(own)));
            now[at] = place.map_or(f64::NAN, |place| place as f64);
        }
        Read::Numbered(words) => {
            let by_number = |number: f64| words.len() as f64 - number;
            let word = value.as_text();
            let place = word.and_then(|word| words.iter().position(|own| word.is(own)));
            let place = place.map_or_else(|| by_number(number(value)), |place| place as f64);
            let is_one = place.fract() == 0.0 && (0.0..words.len() as f64).contains(&place);
            now[at] = if is_one { place } else { f64::NAN };
        }
        Read::Member(_) => set_members(columns, now, at, value),
    }
}

/// The columns of one object follow each other.
fn set_members(columns: &[Spec], now: &mut [f64], at: usize, object: Json<'_>) {
    for (name, member) in object.members() {
        let is_plain = |spec: &Spec| matches!(spec.read, Read::Member(own) if name.raw() == own.as_bytes());
        let is_it = |spec: &Spec| matches!(spec.read, Read::Member(own) if name.is(own));
        let mut own = columns[at..].iter().take(MEMBERS_MAX);
        let place = own.clone().position(is_plain).or_else(|| own.position(is_it));
        if let Some(place) = place {
            now[at + place] = number(member);
        }
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
pub(super) fn number(value: Json<'_>) -> f64 {
    match value.raw().first() {
        Some(b't') => 1.0,
        Some(b'f') => 0.0,
        Some(b'-' | b'0'..=b'9') => value.as_f64().filter(|number| number.is_finite()).unwrap_or(f64::NAN),
        _ => f64::NAN,
    }
}
