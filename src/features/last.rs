//! The last values of a stream: the properties of which features are made that need no history.
use super::direction::Direction;
use super::keep::{Keeper, Kept};
use super::path::find;
use crate::dump::json::Json;
use crate::dump::reports::{Report, Reports};
use crate::dump::statistics::Property;
use crate::limits::FEATURE_STREAMS_MAX;

/// What is taken from a stream in either direction.
pub const BOTH: [Property; 4] = properties(["qpSum", "nackCount", "pliCount", "firCount"]);

/// What is taken from a stream that is received (RTCInboundRtpStreamStats).
pub const INBOUND: [Property; 23] = properties([
    "framesDecoded",
    "keyFramesDecoded",
    "freezeCount",
    "totalFreezesDuration",
    "framesDropped",
    "decoderImplementation",
    "powerEfficientDecoder",
    "jitterBufferDelay",
    "jitterBufferMinimumDelay",
    "jitterBufferTargetDelay",
    "jitterBufferEmittedCount",
    "jitterBufferFlushes",
    "totalProcessingDelay",
    "framesAssembledFromMultiplePackets",
    "totalAssemblyTime",
    "concealedSamples",
    "totalSamplesReceived",
    "insertedSamplesForDeceleration",
    "removedSamplesForAcceleration",
    "totalDecodeTime",
    "totalInterFrameDelay",
    "framesEncoded",
    "keyFramesEncoded",
]);

/// What is taken from a stream that is sent (RTCOutboundRtpStreamStats).
pub const OUTBOUND: [Property; 15] = properties([
    "framesEncoded",
    "keyFramesEncoded",
    "framesDecoded",
    "keyFramesDecoded",
    "qualityLimitationDurations",
    "qualityLimitationResolutionChanges",
    "totalEncodeTime",
    "rid",
    "encodingIndex",
    "psnrMeasurements",
    "psnrSum",
    "encoderImplementation",
    "powerEfficientEncoder",
    "packetsSentWithEct1",
    "remoteId",
]);

/// What is taken from the report of the other side about a stream that is sent (RTCRemoteInboundRtpStreamStats).
pub const REMOTE: [Property; 3] = properties([
    "packetsReceivedWithEct1",
    "packetsReceivedWithCe",
    "packetsWithBleachedEct1Marking",
]);

const REMOTE_ID: Property = Property::of("remoteId");

const fn properties<const N: usize>(names: [&'static str; N]) -> [Property; N] {
    let (mut properties, mut at) = ([Property::TYPE; N], 0);
    while at < N {
        properties[at] = Property::of(names[at]);
        at += 1;
    }
    properties
}

/// Values by the names of their properties.
#[derive(Clone, Debug, Default)]
pub struct Last(Vec<(Property, Kept)>);

impl Last {
    pub fn take(reports: &Reports, report: Report<'_>, direction: Direction, keeper: &mut Keeper) -> Last {
        let mut last = Last(Vec::with_capacity(24));
        last.add(&BOTH, report, keeper);
        match direction {
            Direction::Inbound => last.add(&INBOUND, report, keeper),
            Direction::Outbound => {
                last.add(&OUTBOUND, report, keeper);
                if let Some(remote) = report.get(REMOTE_ID).and_then(|id| remote(reports, id)) {
                    last.add(&REMOTE, remote, keeper);
                }
            }
        }
        last
    }

    fn add(&mut self, properties: &[Property], report: Report<'_>, keeper: &mut Keeper) {
        for property in properties {
            if let Some(value) = report.get(*property).and_then(|value| keeper.value(value)) {
                self.0.push((*property, value));
            }
        }
    }

    /// Gives the room back that the values have taken.
    pub fn release(&self, keeper: &mut Keeper) {
        self.0.iter().for_each(|(_, value)| keeper.release(value));
    }

    pub fn get(&self, name: &str) -> Option<&Kept> {
        let found = self.0.iter().find(|(property, _)| property.name() == name);
        found.map(|(_, value)| value)
    }

    pub fn number(&self, name: &str) -> Option<f64> {
        self.get(name)?.as_f64().filter(|number| number.is_finite())
    }

    /// `a / b`, unless one of them is missing or `b` is 0.
    pub fn quotient(&self, a: &str, b: &str) -> Option<f64> {
        let (a, b) = (self.number(a)?, self.number(b)?);
        (b != 0.0).then_some(a / b)
    }

    /// The share of the time for which the quality was limited by `cause`.
    pub fn limited_by(&self, cause: &str) -> Option<f64> {
        let durations = self.object("qualityLimitationDurations")?;
        let numbers = durations.members().filter_map(|(_, seconds)| seconds.as_f64());
        Some(durations.get(cause)?.as_f64()? / numbers.sum::<f64>())
    }

    /// Whether there are measurements of the peak signal-to-noise ratio.
    pub fn psnr(&self) -> Option<&Kept> {
        let measurements = self.get("psnrMeasurements")?;
        parsed(measurements)?.is_truthy().then_some(measurements)
    }

    /// The sum over these measurements of one plane of the picture.
    pub fn psnr_sum(&self, plane: &str) -> Option<f64> {
        self.psnr()?;
        self.object("psnrSum")?.get(plane)?.as_f64()
    }

    fn object(&self, name: &str) -> Option<Json<'_>> {
        parsed(self.get(name)?)
    }
}

/// The report of the other side, which may go together with the stream.
fn remote<'a>(reports: &'a Reports, id: Json<'_>) -> Option<Report<'a>> {
    let text = id.as_text()?;
    let removed = || {
        reports
            .removed()
            .take(FEATURE_STREAMS_MAX)
            .find(|report| report.id() == text)
    };
    find(reports, id).or_else(removed)
}

fn parsed(kept: &Kept) -> Option<Json<'_>> {
    Json::parse(kept.json().as_bytes()).ok()
}
