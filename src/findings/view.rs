//! What a rule is shown: the time, the connection in question, and all the rest of the world.
use super::columns::{Column, Kind, Link};
use super::polls::Step;
use super::samples::{Media, Slot, State};
use super::scene::Scene;
use super::track::{Origin, Track};
use super::world::World;
use crate::dump::json::{Json, Text};
use crate::dump::reports::{Report, Reports};
use crate::dump::statistics::Property;
use crate::dump::steps;

/// See the head of the file.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// Milliseconds since 1970: of the event, or when the rule wanted to look again.
    pub now: f64,
    pub world: &'a World,
    /// As in `Event`: 0 is the client itself.
    pub connection: usize,
    /// The statistics of the connection, if this is a poll.
    pub reports: Option<&'a Reports>,
}

impl<'a> View<'a> {
    pub fn scene(&self) -> &'a Scene {
        &self.world.scenes[self.connection]
    }

    /// All connections; the first one is the client itself.
    pub fn scenes(&self) -> impl Iterator<Item = (usize, &'a Scene)> {
        self.world.scenes.iter().enumerate().skip(1)
    }

    /// The reports of a kind that the last two polls have.
    pub fn intervals(&self, kind: Kind) -> impl Iterator<Item = Interval<'a>> + use<'a> {
        let slots = self.scene().samples.slots();
        steps::count(slots.len());
        let of_kind = slots.iter().enumerate().filter(move |(_, slot)| slot.kind == kind);
        let view = *self;
        of_kind.filter_map(move |(at, _)| view.interval(at))
    }

    /// What lies between the last two polls of a report. `None` if it was not there at both, or there is a gap.
    pub fn interval(&self, slot: usize) -> Option<Interval<'a>> {
        let scene = self.scene();
        let slot = scene.samples.slots().get(slot)?;
        let is_whole = matches!(slot.state, State::Changed | State::Unchanged) && scene.polls.step == Step::Interval;
        is_whole.then_some(Interval {
            view: *self,
            slot,
            start: scene.polls.before,
            end: scene.polls.last,
            on: None,
        })
    }
}

/// One report at two polls that follow each other.
#[derive(Clone, Copy)]
pub struct Interval<'a> {
    pub view: View<'a>,
    pub slot: &'a Slot,
    /// The times of both polls, by the clock of events, in ms since 1970.
    pub start: f64,
    pub end: f64,
    /// What `is_on` has said, if it was asked before.
    pub on: Option<bool>,
}

impl<'a> Interval<'a> {
    /// The value at the end.
    #[inline]
    pub fn now(&self, column: Column) -> Option<f64> {
        present(self.number(column, Slot::now))
    }

    /// The value at the beginning.
    pub fn before(&self, column: Column) -> Option<f64> {
        present(self.number(column, Slot::before))
    }

    /// How much a counter has grown. `None` if it is absent, or began anew.
    #[inline]
    pub fn delta(&self, column: Column) -> Option<f64> {
        self.change(column).filter(|delta| *delta >= 0.0)
    }

    /// The same for a value that may fall, as `packetsLost` does when packets come late.
    #[inline]
    pub fn change(&self, column: Column) -> Option<f64> {
        present(self.number(column, Slot::now) - self.number(column, Slot::before))
    }

    /// How much a counter has grown in a second.
    pub fn rate(&self, column: Column) -> Option<f64> {
        Some(self.delta(column)? / self.seconds())
    }

    #[inline]
    fn number(&self, column: Column, of: impl Fn(&Slot, u8) -> f64) -> f64 {
        debug_assert_eq!(column.kind, self.slot.kind, "a column of another kind of report");
        of(self.slot, column.at)
    }

    /// The length in s, by the clock of the report; by that of events if the report has not told another time.
    pub fn seconds(&self) -> f64 {
        let own = self.slot.seconds();
        match own > 0.0 {
            true => own,
            false => (self.end - self.start) / 1000.0,
        }
    }

    /// Whether the last poll has brought news of it. Asked of reports of the other side on what it receives
    /// (`remote-inbound-rtp`), which move only when RTCP comes.
    pub fn is_fresh(&self) -> bool {
        self.slot.moved == self.end
    }

    /// Whether what the other side told last is so new that it still holds.
    pub fn is_recent(&self) -> bool {
        self.end - self.slot.moved <= RTCP_MS_MAX
    }

    /// The report to which this one refers.
    pub fn linked(&self, link: Link) -> Option<Interval<'a>> {
        let target = self.view.scene().samples.linked(self.slot, link)?;
        self.view.interval(target)
    }

    /// The report itself, at the end.
    pub fn report(&self) -> Option<Report<'a>> {
        self.view.reports?.at(self.slot.place())
    }

    /// A property that is a string. It must be among `TEXTS` of `columns`.
    pub fn text(&self, property: Property) -> Option<Text<'a>> {
        self.report()?.get(property).and_then(Json::as_text)
    }

    /// Whether the last poll has changed a property. To look at texts only then keeps rules quick.
    pub fn is_news(&self, property: Property) -> bool {
        let report = self.report();
        let is_new = report.is_some_and(|report| report.get(property).is_some() && !report.kept(property));
        self.slot.state == State::Changed && is_new
    }

    pub fn media(&self) -> Media {
        self.slot.media
    }

    /// The track that this report is about, directly or by its source.
    pub fn track(&self) -> Option<&'a Track> {
        let samples = &self.view.scene().samples;
        let number = match self.slot.kind {
            Kind::Outbound => samples
                .linked(self.slot, Link::Source)
                .and_then(|source| samples.slots()[source].track),
            _ => self.slot.track,
        };
        let track = self.view.world.tracks.get(number?)?;
        // A page may send a track to itself: then one id is both.
        let is_remote = track.origin == Origin::Remote;
        (is_remote == (self.slot.kind == Kind::Inbound)).then_some(track)
    }

    /// Whether something is to be expected of it: the encoding is active, and the track is live. A report of the other
    /// side is as the stream that it is about.
    pub fn is_on(&self) -> bool {
        if let Some(is_on) = self.on {
            return is_on;
        }
        if self.slot.kind == Kind::RemoteInbound {
            return self.linked(Link::Local).is_none_or(|local| local.is_on());
        }
        let is_active = self.slot.kind != Kind::Outbound || self.now(super::columns::outbound::ACTIVE) != Some(0.0);
        is_active && (self.slot.kind == Kind::Inbound || self.track().is_none_or(Track::is_live))
    }
}

/// RTCP comes every 5 s, or after half as much more (RFC 3550, sections 6.2 and 6.3.1).
const RTCP_MS_MAX: f64 = 7500.0;

fn present(number: f64) -> Option<f64> {
    (!number.is_nan()).then_some(number)
}
