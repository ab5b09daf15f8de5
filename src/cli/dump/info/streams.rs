//! The media of a connection: one line for each RTP stream in the statistics (RTCInboundRtpStreamStats,
//! RTCOutboundRtpStreamStats), as it was when it was last seen, with the sums of counters that started anew.
//!
//! Limit: `INFO_STREAMS_COUNT_MAX` streams in a dump; further ones are counted.
use serde::{Serialize, Serializer};

use super::text::{number, word};
use crate::dump::json::Json;
use crate::dump::reports::{Report, Reports};
use crate::dump::statistics::Property;

/// One stream.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stream {
    pub direction: Direction,
    /// audio or video.
    pub kind: Option<String>,
    pub mid: Option<String>,
    pub rid: Option<String>,
    pub ssrc: Option<f64>,
    /// RTCCodecStats.mimeType.
    pub codec: Option<String>,
    /// Packets and bytes that were sent or received.
    pub packets: Counter,
    pub bytes: Counter,
    /// Bits per second, and frames per second, between the first and the last statistics.
    pub bitrate: Option<f64>,
    pub frame_rate: Option<f64>,
    /// Packets that this end, or by its reports the other one, has missed.
    pub packets_lost: Counter,
    /// Seconds.
    pub jitter: Option<f64>,
    /// Seconds (RTCRemoteInboundRtpStreamStats.roundTripTime).
    pub round_trip_time: Option<f64>,
    pub frame_width: Option<f64>,
    pub frame_height: Option<f64>,
    /// Frames that were decoded or encoded.
    pub frames: Counter,
    pub freezes: Counter,
    /// RTCOutboundRtpStreamStats.qualityLimitationReason, the last one.
    pub quality_limitation: Option<String>,
    /// The implementation that en- or decodes.
    pub implementation: Option<String>,
    /// When it was first and last in the statistics, in ms since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<f64>,
    #[serde(skip)]
    first_bytes: Option<f64>,
    #[serde(skip)]
    first_frames: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Sent,
    Received,
}

const KIND: Property = Property::of("kind");
const MID: Property = Property::of("mid");
const RID: Property = Property::of("rid");
const SSRC: Property = Property::of("ssrc");
const CODEC: Property = Property::of("codecId");
const MIME_TYPE: Property = Property::of("mimeType");
const REMOTE: Property = Property::of("remoteId");
const LOST: Property = Property::of("packetsLost");
const JITTER: Property = Property::of("jitter");
const ROUND_TRIP: Property = Property::of("roundTripTime");
const WIDTH: Property = Property::of("frameWidth");
const HEIGHT: Property = Property::of("frameHeight");
const FREEZES: Property = Property::of("freezeCount");
const LIMITATION: Property = Property::of("qualityLimitationReason");

/// What an inbound and an outbound stream call the same.
struct Names {
    packets: Property,
    bytes: Property,
    frames: Property,
    implementation: Property,
}

const SENT: Names = Names {
    packets: Property::of("packetsSent"),
    bytes: Property::of("bytesSent"),
    frames: Property::of("framesEncoded"),
    implementation: Property::of("encoderImplementation"),
};

const RECEIVED: Names = Names {
    packets: Property::of("packetsReceived"),
    bytes: Property::of("bytesReceived"),
    frames: Property::of("framesDecoded"),
    implementation: Property::of("decoderImplementation"),
};

/// A count that may start anew.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counter {
    /// What it had when it did.
    before: f64,
    last: Option<f64>,
}

impl Counter {
    /// All that was counted, as far as it was seen.
    pub fn total(&self) -> Option<f64> {
        Some(self.before + self.last?)
    }

    fn goes_back(&self, value: Option<f64>) -> bool {
        self.last.zip(value).is_some_and(|(last, value)| value < last)
    }

    fn take(&mut self, value: Option<f64>) {
        keep(&mut self.last, value);
    }

    fn restart(&mut self) {
        if let Some(last) = &mut self.last {
            self.before += std::mem::take(last);
        }
    }
}

impl Serialize for Counter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.total().serialize(serializer)
    }
}

impl Direction {
    /// The direction of a report of this type, if it is a stream.
    pub fn of(kind: &str) -> Option<Direction> {
        match kind {
            "inbound-rtp" => Some(Direction::Received),
            "outbound-rtp" => Some(Direction::Sent),
            _ => None,
        }
    }
}

impl Stream {
    /// A stream that is seen for the first time.
    pub fn new(direction: Direction) -> Stream {
        Stream {
            direction,
            kind: None,
            mid: None,
            rid: None,
            ssrc: None,
            codec: None,
            packets: Counter::default(),
            bytes: Counter::default(),
            bitrate: None,
            frame_rate: None,
            packets_lost: Counter::default(),
            jitter: None,
            round_trip_time: None,
            frame_width: None,
            frame_height: None,
            frames: Counter::default(),
            freezes: Counter::default(),
            quality_limitation: None,
            implementation: None,
            first_seen: None,
            last_seen: None,
            first_bytes: None,
            first_frames: None,
        }
    }

    /// What the statistics of this moment say about it.
    pub fn look(&mut self, reports: &Reports, report: Report<'_>, time: Option<f64>) {
        let names = match self.direction {
            Direction::Sent => SENT,
            Direction::Received => RECEIVED,
        };
        let other = |property| reports.get(&report.get(property)?.as_text()?.to_str());
        let remote = other(REMOTE);
        // What was sent is missed at the other end, which says so in its reports.
        let missing = match self.direction {
            Direction::Received => Some(report),
            Direction::Sent => remote,
        };
        keep_word(&mut self.kind, report.get(KIND));
        keep_word(&mut self.mid, report.get(MID));
        keep_word(&mut self.rid, report.get(RID));
        keep(&mut self.ssrc, number(report.get(SSRC)));
        keep_word(&mut self.codec, other(CODEC).and_then(|codec| codec.get(MIME_TYPE)));
        let (packets, bytes) = (number(report.get(names.packets)), number(report.get(names.bytes)));
        if self.packets.goes_back(packets) || self.bytes.goes_back(bytes) {
            self.restart();
        }
        self.packets.take(packets);
        self.bytes.take(bytes);
        self.packets_lost
            .take(missing.and_then(|report| number(report.get(LOST))));
        keep(&mut self.jitter, missing.and_then(|report| number(report.get(JITTER))));
        keep(
            &mut self.round_trip_time,
            remote.and_then(|report| number(report.get(ROUND_TRIP))),
        );
        keep(&mut self.frame_width, number(report.get(WIDTH)));
        keep(&mut self.frame_height, number(report.get(HEIGHT)));
        self.frames.take(number(report.get(names.frames)));
        self.freezes.take(number(report.get(FREEZES)));
        keep_word(&mut self.quality_limitation, report.get(LIMITATION));
        keep_word(&mut self.implementation, report.get(names.implementation));
        if time.is_some() {
            self.first_seen = self.first_seen.or(time);
            self.last_seen = time;
            let (bytes, frames) = (self.bytes.total(), self.frames.total());
            self.bitrate = self.rate(self.first_bytes, bytes).map(|rate| 8.0 * rate);
            self.frame_rate = self.rate(self.first_frames, frames);
            self.first_bytes = self.first_bytes.or(bytes);
            self.first_frames = self.first_frames.or(frames);
        }
    }

    /// The browser has made the stream anew, with all of its counters. Losses are no sign of that: they also shrink
    /// when packets come late or twice (RFC 3550, section 6.4.1).
    fn restart(&mut self) {
        for counter in [
            &mut self.packets,
            &mut self.bytes,
            &mut self.packets_lost,
            &mut self.frames,
            &mut self.freezes,
        ] {
            counter.restart();
        }
    }

    /// By how much a counter has grown each second.
    fn rate(&self, first: Option<f64>, last: Option<f64>) -> Option<f64> {
        let seconds = (self.last_seen? - self.first_seen?) / 1000.0;
        let grown = last? - first?;
        (seconds > 0.0 && grown >= 0.0).then_some(grown / seconds)
    }

    /// Whether a packet was received.
    pub fn has_arrived(&self) -> bool {
        self.direction == Direction::Received && self.packets.total().is_some_and(|packets| packets > 0.0)
    }
}

/// A value that is missing now was true before.
fn keep<T>(kept: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *kept = value;
    }
}

/// The same for a text, which is seldom another one.
fn keep_word(kept: &mut Option<String>, value: Option<Json<'_>>) {
    let is_known = |kept: &str| value.and_then(Json::as_text).is_some_and(|text| text.is(kept));
    if !kept.as_deref().is_some_and(is_known) {
        keep(kept, word(value));
    }
}
