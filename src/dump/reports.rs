//! The complete statistics of one connection (RTCStatsReport), kept in place and changed by what each event brings.
//!
//! A `getStats` of a dump has only what has changed since the one before. Here it is applied to the reports that are
//! kept, so an event costs what it brings and not what there is. Values stay JSON text. The time stamp that all reports
//! of an event share is kept once. Nothing fails; of the properties that are not in the table, a report keeps a limited
//! number, and what is beyond is counted. Reports of a connection that is closed can be packed (`rest`): a dump may
//! have ten thousand of such connections.
//!
//! Order: ids that are decimal integers, by number; then the others: those of the last event first.
mod bytes;
mod kept;
mod merge;
mod order;
mod stored;

use bytes::{read, write};
use kept::{Kept, REMOVED};
use merge::Merge;
use order::{Ids, Place};
use stored::Name;

use super::json::{Json, Text};
use super::statistics::{Property, Selection, Spelling, TIMESTAMP, TYPE, full, key_of, name_of, type_of};
use super::steps;

/// See the head of the file.
#[derive(Default)]
pub struct Reports {
    ids: Ids,
    kept: Vec<Kept>,
    /// Reports that the current event has changed or brought.
    changed: Vec<Place>,
    /// Reports that the current event has removed. Their places are free from the next event on.
    removed: Vec<u32>,
    free: Vec<u32>,
    event: u32,
    /// The time stamp that an event has given to all reports without one of their own, and that event.
    common: Vec<u8>,
    common_event: u32,
    merge: Merge,
    lost: u64,
    /// The properties that are kept, if not all. Whoever changes the reports keeps to it.
    pub(super) selection: Option<&'static Selection>,
    /// All reports, in their order, while they rest. It takes a tenth of what they take otherwise.
    resting: Box<[u8]>,
}

/// One report (RTCStats).
#[derive(Clone, Copy)]
pub struct Report<'a> {
    place: Place,
    kept: &'a Kept,
    reports: &'a Reports,
}

impl Reports {
    pub fn new() -> Self {
        Reports::default()
    }

    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All reports, in the order that the head of the file tells.
    pub fn iter(&self) -> impl Iterator<Item = Report<'_>> {
        self.ids.iter().map(|place| self.report(place))
    }

    pub fn get(&self, id: &str) -> Option<Report<'_>> {
        let place = self.ids.find(&Text::escaped(id))?;
        Some(self.report(place))
    }

    /// The report to which a reference leads, such as the value of a `codecId`.
    pub fn find(&self, id: Text<'_>) -> Option<Report<'_>> {
        let place = self.ids.find(&id.canonical())?;
        Some(self.report(place))
    }

    /// The reports that the last event has changed or brought. All others are as they were, but for the time stamp.
    /// One may come twice.
    pub fn changed(&self) -> impl Iterator<Item = Report<'_>> {
        let is_there = |report: &Report| report.kept.stamped != REMOVED;
        self.changed.iter().map(|place| self.report(*place)).filter(is_there)
    }

    /// The reports that the last event has taken away, as they were before it.
    pub fn removed(&self) -> impl Iterator<Item = Report<'_>> {
        self.removed.iter().map(|place| self.report(*place))
    }

    /// The report of this place, if it is there.
    pub fn at(&self, place: usize) -> Option<Report<'_>> {
        let place = Place::try_from(place).ok()?;
        let is_there = self.kept.get(place as usize)?.stamped != REMOVED;
        is_there.then(|| self.report(place))
    }

    /// The time stamp that the last event has given to all reports without one of their own.
    pub fn common_time(&self) -> Option<Json<'_>> {
        (self.common_event == self.event && !self.common.is_empty()).then(|| Json::checked(&self.common))
    }

    /// Properties that did not fit since the beginning: a report may have only so many that are not in the table.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Another event begins. What the last one has removed is gone.
    pub fn begin(&mut self) {
        if self.is_resting() {
            let text = std::mem::take(&mut self.resting);
            self.unpack(&text);
        }
        self.event = self.event.wrapping_add(1);
        self.changed.clear();
        while let Some(place) = self.removed.pop() {
            self.kept[place as usize].stored.clear();
            self.free.push(place);
        }
    }

    /// Packs the reports: it is likely that no event changes them any more. They are there again when one begins.
    pub(super) fn rest(&mut self) {
        if self.is_empty() {
            return;
        }
        let mut text = Vec::new();
        write(self.kept.len() as u64, &mut text);
        for place in self.ids.iter() {
            write(u64::from(place), &mut text);
            self.kept[place as usize].pack(self.event, &mut text);
        }
        self.resting = text.into();
        (self.kept, self.free) = (Vec::new(), Vec::new());
        (self.changed, self.removed) = (Vec::new(), Vec::new());
        (self.ids, self.merge) = (Ids::default(), Merge::default());
    }

    pub(super) fn is_resting(&self) -> bool {
        !self.resting.is_empty()
    }

    /// A copy of resting reports as they were: their order, their places, and what the last event has brought.
    pub(super) fn woken(&self) -> Reports {
        let mut woken = Reports {
            event: self.event,
            common: self.common.clone(),
            common_event: self.common_event,
            lost: self.lost,
            selection: self.selection,
            ..Reports::default()
        };
        woken.unpack(&self.resting);
        woken
    }

    fn unpack(&mut self, mut text: &[u8]) {
        let count = read(&mut text) as usize;
        let removed = || Kept {
            stamped: REMOVED,
            ..Kept::default()
        };
        self.kept.resize_with(count, removed);
        let mut is_free = vec![true; count];
        while !text.is_empty() {
            let place = read(&mut text) as Place;
            let kept = Kept::unpack(self.event, &mut text);
            self.ids.insert(&kept.id, place);
            is_free[place as usize] = false;
            self.kept[place as usize] = kept;
        }
        self.free = (0..count as Place).filter(|place| is_free[*place as usize]).collect();
    }

    /// Gives a property of a report its value; the report is made if it is not there. `name` is the full name.
    pub fn set(&mut self, id: &str, name: &str, value: Json<'_>) {
        let place = self.place(&Text::escaped(id));
        self.begin_report(place, 0, 0);
        let escaped = Text::escaped(name);
        let name = match full(name.as_bytes()) {
            Some(key) => Name::Known(key, Spelling::Full),
            None => Name::Other(&escaped),
        };
        self.change(place, name, value);
    }

    /// Makes a report that has no property. If it is there, it loses all of them, but not its place.
    pub fn reset(&mut self, id: &str) {
        let place = self.place(&Text::escaped(id));
        self.kept[place as usize].stored.clear();
    }

    /// Takes a report away. Nothing happens if it is not there.
    pub fn remove(&mut self, id: &str) {
        self.remove_raw(&Text::escaped(id));
    }

    /// The same for an id in the canonical way of writing.
    pub(super) fn remove_raw(&mut self, id: &[u8]) {
        let Some(place) = self.ids.remove(id) else { return };
        if self.is_common(&self.kept[place as usize]) {
            let kept = &mut self.kept[place as usize];
            let name = Name::Known(TIMESTAMP, Spelling::Full);
            let _ = kept.stored.set(self.event, name, &self.common, &mut self.merge);
            kept.stamped = self.event;
        }
        self.kept[place as usize].stamped = REMOVED;
        self.removed.push(place);
    }

    /// All reports to which this event has given no time stamp of their own get this one.
    pub(super) fn set_common(&mut self, time: &[u8]) {
        self.common.clear();
        self.common.extend_from_slice(time);
        self.common_event = self.event;
    }

    /// The report with this id in the canonical way of writing; it is made if it is not there.
    pub(super) fn place(&mut self, id: &[u8]) -> Place {
        if let Some(place) = self.ids.find(id) {
            return place;
        }
        let place = self.free.pop().unwrap_or(self.kept.len() as u32);
        if place as usize == self.kept.len() {
            self.kept.push(Kept::default());
        }
        let kept = &mut self.kept[place as usize];
        kept.id.clear();
        kept.id.extend_from_slice(id);
        kept.stamped = self.event.wrapping_sub(1);
        self.ids.insert(id, place);
        place
    }

    /// Among the reports whose ids are no numbers, this one becomes the first.
    pub(super) fn move_to_front(&mut self, place: Place) {
        self.ids.move_to_front(place);
    }

    /// Changes a property that was sent by its wire key.
    #[inline]
    pub(super) fn change_short(&mut self, place: Place, key: u8, value: Json<'_>) {
        self.change(place, Name::Known(key, Spelling::Short), value);
    }

    /// Changes a property. The name is as it was sent, and may be a wire key.
    #[inline]
    pub(super) fn change_raw(&mut self, place: Place, name: &[u8], value: Json<'_>) {
        match key_of(name) {
            Some((key, spelling)) if key != TYPE => self.change(place, Name::Known(key, spelling), value),
            _ => self.change_other(place, &Text::checked(name).canonical(), value),
        }
    }

    /// The properties that follow, so many and of so many bytes, belong to this report.
    pub(super) fn begin_report(&mut self, place: Place, count: usize, bytes: usize) {
        self.merge.begin();
        self.kept[place as usize].stored.expect(count, bytes);
        if self.changed.last() != Some(&place) {
            self.changed.push(place);
        }
    }

    /// A name that is not in the table, or is spelled with escapes.
    fn change_other(&mut self, place: Place, name: &[u8], value: Json<'_>) {
        let (name, value) = match key_of(name) {
            Some((TYPE, spelling)) => {
                let value = type_of(value.raw()).map_or(value, Json::checked);
                (Name::Known(TYPE, spelling), value)
            }
            Some((key, spelling)) => (Name::Known(key, spelling), value),
            None => (Name::Other(name), value),
        };
        self.change(place, name, value);
    }

    #[inline]
    fn change(&mut self, place: Place, name: Name<'_>, value: Json<'_>) {
        let kept = &mut self.kept[place as usize];
        if matches!(name, Name::Known(TIMESTAMP, _)) {
            kept.stamped = self.event;
        }
        if let Name::Known(key, spelling) = name
            && kept.stored.replace(self.event, key, spelling, value.raw())
        {
            return;
        }
        let set = kept.stored.set(self.event, name, value.raw(), &mut self.merge);
        self.lost += u64::from(set.is_err());
    }

    fn report(&self, place: Place) -> Report<'_> {
        steps::count(1);
        let kept = &self.kept[place as usize];
        Report {
            place,
            kept,
            reports: self,
        }
    }

    fn is_common(&self, kept: &Kept) -> bool {
        self.common_event > kept.stamped
    }
}

impl<'a> Report<'a> {
    pub fn id(self) -> Text<'a> {
        Text::checked(&self.kept.id)
    }

    /// A small number that no other report of the connection has as long as this one is there, and in the event that
    /// removes it.
    pub fn place(self) -> usize {
        self.place as usize
    }

    /// What kind of report it is (RTCStatsType). A report that this dump knows only in part may lack it.
    pub fn kind(self) -> Option<Text<'a>> {
        Json::checked(self.kept.stored.known(TYPE)?).as_text()
    }

    pub fn get(self, property: Property) -> Option<Json<'a>> {
        debug_assert!(
            self.reports.selection.is_none_or(|asked| asked.has(property)),
            "{property:?} is not kept"
        );
        let stored = &self.kept.stored;
        let value = match property.key() {
            Some(TIMESTAMP) if self.reports.is_common(self.kept) => Some(&self.reports.common[..]),
            Some(key) => stored.known(key),
            // The names of properties have nothing to escape.
            None => stored.named(property.name().as_bytes()),
        };
        value.map(Json::checked)
    }

    /// What the last event has brought, of the properties that the table has: their keys and values.
    pub fn news(self) -> impl Iterator<Item = (u8, Json<'a>)> {
        let written = self.kept.stored.news(self.reports.event);
        written.map(|(key, value)| (key, Json::checked(value)))
    }

    /// Whether the property has a value that the last event did not bring.
    pub fn kept(self, property: Property) -> bool {
        let event = self.reports.event;
        property.key().is_some_and(|key| self.kept.stored.is_older(key, event))
    }

    /// All properties under their full names. There is no `id` among them.
    pub fn properties(self) -> impl Iterator<Item = (Text<'a>, Json<'a>)> {
        let common = self.reports.is_common(self.kept).then_some(&self.reports.common[..]);
        let own = self.kept.stored.properties();
        let own = own.filter(move |(name, _)| common.is_none() || !matches!(name, Name::Known(TIMESTAMP, _)));
        let own = own.map(|(name, value)| match name {
            Name::Known(key, _) => (name_of(key).as_bytes(), value),
            Name::Other(name) => (name, value),
        });
        let common = common.map(|time| (&b"timestamp"[..], time));
        own.chain(common)
            .map(|(name, value)| (Text::checked(name), Json::checked(value)))
    }

    /// The properties that the last event has brought, under their full names, each with a small number that no other
    /// property of the report has as long as the report is there.
    pub fn brought(self) -> impl Iterator<Item = (usize, Text<'a>, Json<'a>)> {
        let written = self.kept.stored.written(self.reports.event);
        written.map(|(at, name, value)| {
            let name = match name {
                Name::Known(key, _) => name_of(key).as_bytes(),
                Name::Other(name) => name,
            };
            (at, Text::checked(name), Json::checked(value))
        })
    }

    /// How many properties the report has, without a time stamp that all reports share.
    pub fn count(self) -> usize {
        self.kept.stored.len()
    }
}

#[cfg(test)]
mod tests;
