//! One peer connection's trace: hands each event to the parts that look at it.
use super::call::{Call, Span};
use super::configuration::Configuration;
use super::direction::Direction;
use super::first_pair::FirstPair;
use super::ice::Ice;
use super::keep::{Keeper, Kept};
use super::negotiation::Negotiation;
use super::path::Path;
use super::place::Places;
use super::tracks::{Ended, Tracks};
use crate::dump::form::Form;
use crate::dump::reports::Reports;

/// What is known of a connection.
#[derive(Debug, Default)]
pub struct Connection {
    /// The name by which events call it.
    pub identifier: Option<Kept>,
    pub span: Span,
    pub events: u32,
    pub statistics: u32,
    /// The last event is close.
    pub closed: bool,
    pub negotiation: Negotiation,
    pub ice: Ice,
    pub configuration: Configuration,
    pub path: Path,
    pub first_pair: Option<Box<FirstPair>>,
    pub places: Option<Box<Places>>,
    pub form: Form,
    pub tracks: Tracks,
}

/// A connection of which there are no more events.
#[derive(Debug)]
pub struct Finished {
    pub connection: Connection,
    pub tracks: Vec<Ended>,
}

impl Connection {
    pub fn of(form: Form) -> Connection {
        Connection {
            form,
            tracks: Tracks::of(form),
            ..Connection::default()
        }
    }

    pub fn call(&mut self, call: &Call<'_>, keeper: &mut Keeper) {
        self.count(call.time);
        self.closed = call.method == "close";
        if call.method == "create" {
            self.configuration.create(call.value, keeper);
        }
        self.negotiation.call(call, keeper);
        self.ice.call(call);
        self.tracks.call(call, keeper);
        if call.extra.is_some_and(|extra| extra.get("rtcstatsLocation").is_some()) {
            let late = self.statistics > 0;
            self.places
                .get_or_insert_with(|| Box::new(Places::new(late)))
                .call(call, keeper);
        }
    }

    fn count(&mut self, time: f64) {
        self.span.extend(time);
        self.events = self.events.saturating_add(1);
    }

    /// A getStats whose value is no report.
    pub fn no_statistics(&mut self, time: f64) {
        self.count(time);
        self.closed = false;
        self.statistics = self.statistics.saturating_add(1);
    }

    pub fn statistics(&mut self, time: f64, reports: &Reports, keeper: &mut Keeper) {
        self.no_statistics(time);
        self.tracks.begin(time, reports, keeper);
        let mut codecs = false;
        for report in reports.changed() {
            let Some(kind) = report.kind() else { continue };
            match kind.raw() {
                b"inbound-rtp" => self.tracks.changed(Direction::Inbound, reports, report, keeper),
                b"outbound-rtp" => self.tracks.changed(Direction::Outbound, reports, report, keeper),
                b"media-source" => self.tracks.source_changed(report),
                b"codec" => codecs = true,
                _ => self.path.changed(kind, report, keeper),
            }
        }
        if codecs {
            self.tracks.codec_changed(reports, keeper);
        }
        self.tracks.settle(reports, keeper);
        let pair = self.path.look(time, reports, keeper);
        if let Some(places) = &mut self.places {
            places.statistics(pair, reports);
        }
        if self.first_pair.is_none()
            && self.negotiation.connected
            && let Some(pair) = pair
        {
            self.first_pair = FirstPair::of(pair, reports, keeper).map(Box::new);
        }
    }

    /// There are no more events.
    pub fn finish(mut self, reports: Option<&Reports>, keeper: &mut Keeper) -> Finished {
        let tracks = std::mem::take(&mut self.tracks).finish(reports, keeper);
        Finished {
            connection: self,
            tracks,
        }
    }
}
