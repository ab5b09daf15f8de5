//! One RTP stream of the statistics (RTCInboundRtpStreamStats, RTCOutboundRtpStreamStats), over all getStats.
//!
//! Looks only at what an event has changed. Properties of which the last value counts are not followed: they are taken
//! when the report goes, or at the end. One thing is less than exact: the counters that the other side reports, if both
//! reports do not go with the same event, are those after it.
use super::direction::Direction;
use super::keep::{Keeper, Kept};
use super::last::Last;
use super::path::find;
use super::rank::Rank;
use super::sizes::Sizes;
use super::value::property;
use crate::dump::json::Json;
use crate::dump::reports::{Report, Reports};
use crate::dump::statistics::Property;

const CODEC: Property = Property::of("codecId");
const MIME_TYPE: Property = Property::of("mimeType");
const FMTP_LINE: Property = Property::of("sdpFmtpLine");
const FRAME_WIDTH: Property = Property::of("frameWidth");
const FRAME_HEIGHT: Property = Property::of("frameHeight");
const DECODER: Property = Property::of("decoderImplementation");
const FLUSHES: Property = Property::of("jitterBufferFlushes");

/// What is asked of reports here.
pub const ASKED: &[Property] = &[CODEC, MIME_TYPE, FMTP_LINE, FRAME_WIDTH, FRAME_HEIGHT, DECODER, FLUSHES];

/// A getStats: its number within the connection, from one on, and its time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Poll {
    pub number: u32,
    pub time: f64,
}

#[derive(Clone, Debug)]
pub struct Stream {
    pub rank: Rank,
    pub direction: Direction,
    /// The first track in the list that has this stream.
    pub track: Option<u32>,
    state: State,
    pub codec: Option<Codec>,
    pub null_decoder: bool,
    pub sizes: Sizes,
    pub flushes: Flushes,
    /// What was reported last, if a track has the stream.
    pub last: Option<Box<Last>>,
}

/// Whether the report is there, or the last time at which it was.
#[derive(Clone, Copy, Debug)]
enum State {
    Present,
    Gone(f64),
}

/// The first codec that was reported.
#[derive(Clone, Debug)]
pub struct Codec {
    pub mime_type: Option<Kept>,
    pub fmtp_line: Option<Kept>,
}

/// When the jitter buffer was flushed.
#[derive(Clone, Debug, Default)]
pub struct Flushes {
    before: Option<f64>,
    last: Option<f64>,
    count: u32,
    irregular: bool,
}

/// How far flushes of one cause are from each other, in ms.
const FLUSHES_MS: std::ops::RangeInclusive<f64> = 3000.0..=5000.0;

impl Stream {
    pub fn new(rank: Rank, direction: Direction) -> Stream {
        Stream {
            rank,
            direction,
            track: None,
            state: State::Present,
            codec: None,
            null_decoder: false,
            sizes: Sizes::default(),
            flushes: Flushes::default(),
            last: None,
        }
    }

    pub fn is_present(&self) -> bool {
        matches!(self.state, State::Present)
    }

    /// The report is new, or some of its properties are, which `is_news` tells.
    pub fn changed(&mut self, poll: Poll, report: Report<'_>, is_news: impl Fn(Property) -> bool, keeper: &mut Keeper) {
        self.state = State::Present;
        let number = |name| property(report, name).and_then(Json::as_f64);
        let frames = |property| number(property).filter(|length| *length != 0.0 && length.is_finite());
        if is_news(FRAME_WIDTH) || is_news(FRAME_HEIGHT) {
            let size = frames(FRAME_WIDTH).zip(frames(FRAME_HEIGHT));
            if !self.sizes.set(size, poll.number) {
                keeper.omit();
            }
        }
        if self.direction == Direction::Inbound {
            if let Some(flushes) = number(FLUSHES) {
                self.flushes.add(flushes, poll.time);
            }
            if is_news(DECODER) {
                let decoder = property(report, DECODER).and_then(Json::as_text);
                self.null_decoder |= decoder.is_some_and(|decoder| decoder.is("NullVideoDecoder"));
            }
        }
    }

    /// Looks for the codec, as long as it is not known.
    pub fn look_for_codec(&mut self, reports: &Reports, report: Report<'_>, keeper: &mut Keeper) {
        let codec = property(report, CODEC).filter(|id| id.is_truthy());
        let Some(codec) = codec.and_then(|id| find(reports, id)) else {
            return;
        };
        let mut kept = |property| codec.get(property).and_then(|value| keeper.value(value));
        self.codec = Some(Codec {
            mime_type: kept(MIME_TYPE),
            fmtp_line: kept(FMTP_LINE),
        });
    }

    /// The report goes with the getStats `now`; it was there in the one `before`.
    pub fn removed(&mut self, before: Poll, now: Poll, reports: &Reports, report: Report<'_>, keeper: &mut Keeper) {
        self.state = State::Gone(before.time);
        if !self.sizes.end(now.number) {
            keeper.omit();
        }
        self.take(reports, Some(report), keeper);
    }

    /// There are no more getStats; `last` was the last one.
    pub fn finish(&mut self, last: Poll, reports: Option<&Reports>, keeper: &mut Keeper) {
        if self.is_present() {
            let end = Poll {
                number: last.number.saturating_add(1),
                time: last.time,
            };
            let report = reports.and_then(|reports| Some((reports, reports.find(self.rank.id())?)));
            match report {
                Some((reports, report)) => self.removed(last, end, reports, report, keeper),
                None => self.state = State::Gone(last.time),
            }
        }
    }

    fn take(&mut self, reports: &Reports, report: Option<Report<'_>>, keeper: &mut Keeper) {
        if let Some(old) = self.last.take() {
            old.release(keeper);
        }
        if self.track.is_some() {
            self.last = report.map(|report| Box::new(Last::take(reports, report, self.direction, keeper)));
        }
    }

    /// The time of the last getStats that had the report.
    pub fn last_time(&self) -> Option<f64> {
        match self.state {
            State::Present => None,
            State::Gone(time) => Some(time),
        }
    }
}

impl Flushes {
    fn add(&mut self, flushes: f64, time: f64) {
        let before = self.before.replace(flushes);
        if before.is_some_and(|before| flushes > before) {
            let distance = self.last.replace(time).map(|last| time - last);
            self.irregular |= distance.is_some_and(|distance| !FLUSHES_MS.contains(&distance));
            self.count = self.count.saturating_add(1);
        }
    }

    /// Whether all of them came at the same pace; unknown if they are fewer than three.
    pub fn periodic(&self) -> Option<bool> {
        (self.count >= 3).then_some(!self.irregular)
    }
}
