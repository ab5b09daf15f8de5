//! What the properties of statistics count, as far as "Identifiers for WebRTC's Statistics API" (W3C) says it.
//!
//! A counter is drawn as what it grows by in a second: bytes as bits, seconds as ms. A property that is not in the
//! table is drawn as it is, without a unit.

use super::drawn::Formula;

/// How a property is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows; its rate is drawn.
    Rate,
    /// It is drawn as it is.
    Gauge,
    /// A word or a flag.
    State,
}

/// The unit of a property as it is sent, and as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    pub sent: &'static str,
    pub drawn: &'static str,
    /// What a difference per second is multiplied by.
    pub factor: f64,
    pub kind: Kind,
}

const fn rate(sent: &'static str, drawn: &'static str, factor: f64) -> Unit {
    Unit {
        sent,
        drawn,
        factor,
        kind: Kind::Rate,
    }
}

const fn gauge(unit: &'static str) -> Unit {
    Unit {
        sent: unit,
        drawn: unit,
        factor: 1.0,
        kind: Kind::Gauge,
    }
}

const UNITS: &[(Unit, &[&str])] = &[
    (
        rate("B", "bit/s", 8.0),
        &[
            "bytesSent",
            "bytesReceived",
            "headerBytesSent",
            "headerBytesReceived",
            "retransmittedBytesSent",
            "retransmittedBytesReceived",
            "fecBytesReceived",
            "bytesDiscardedOnSend",
            "totalEncodedBytesTarget",
        ],
    ),
    (
        rate("packets", "packets/s", 1.0),
        &[
            "packetsSent",
            "packetsReceived",
            "packetsLost",
            "packetsDiscarded",
            "packetsDiscardedOnSend",
            "retransmittedPacketsSent",
            "retransmittedPacketsReceived",
            "fecPacketsSent",
            "fecPacketsReceived",
            "fecPacketsDiscarded",
            "packetsSentWithEct1",
            "packetsReceivedWithEct1",
            "packetsReceivedWithCe",
            "packetsReportedAsLost",
            "packetsReportedAsLostButRecovered",
            "packetsWithBleachedEct1Marking",
        ],
    ),
    (
        rate("frames", "frames/s", 1.0),
        &[
            "framesSent",
            "framesEncoded",
            "framesReceived",
            "framesDecoded",
            "framesDropped",
            "framesRendered",
            "framesAssembledFromMultiplePackets",
            "keyFramesEncoded",
            "keyFramesDecoded",
            "hugeFramesSent",
            "frames",
            "corruptionMeasurements",
        ],
    ),
    (
        rate("s", "ms/s", 1000.0),
        &[
            "totalEncodeTime",
            "totalDecodeTime",
            "totalPacketSendDelay",
            "totalProcessingDelay",
            "totalAssemblyTime",
            "jitterBufferDelay",
            "jitterBufferTargetDelay",
            "jitterBufferMinimumDelay",
            "totalInterFrameDelay",
            "totalFreezesDuration",
            "totalPausesDuration",
            "totalPlayoutDelay",
            "totalRoundTripTime",
            "totalSamplesDuration",
            "synthesizedSamplesDuration",
            "totalSquaredInterFrameDelay",
            "qualityLimitationDurations.none",
            "qualityLimitationDurations.cpu",
            "qualityLimitationDurations.bandwidth",
            "qualityLimitationDurations.other",
        ],
    ),
    (
        rate("samples", "samples/s", 1.0),
        &[
            "totalSamplesReceived",
            "concealedSamples",
            "silentConcealedSamples",
            "insertedSamplesForDeceleration",
            "removedSamplesForAcceleration",
            "jitterBufferEmittedCount",
            "totalSamplesCount",
        ],
    ),
    (
        rate("times", "times/s", 1.0),
        &[
            "nackCount",
            "pliCount",
            "firCount",
            "freezeCount",
            "pauseCount",
            "concealmentEvents",
            "requestsSent",
            "requestsReceived",
            "responsesSent",
            "responsesReceived",
            "consentRequestsSent",
            "roundTripTimeMeasurements",
            "reportsSent",
            "synthesizedSamplesEvents",
            "qualityLimitationResolutionChanges",
            "selectedCandidatePairChanges",
            "dataChannelsOpened",
            "dataChannelsClosed",
            "dataChannelsAccepted",
            "dataChannelsRequested",
            "messagesSent",
            "messagesReceived",
        ],
    ),
    (
        rate("", "/s", 1.0),
        &["qpSum", "totalAudioEnergy", "psnrSum", "totalCorruptionProbability"],
    ),
    (
        gauge("bit/s"),
        &["availableOutgoingBitrate", "availableIncomingBitrate", "targetBitrate"],
    ),
    (gauge("s"), &["currentRoundTripTime", "roundTripTime", "jitter"]),
    (gauge("frames/s"), &["framesPerSecond"]),
    (gauge("px"), &["frameWidth", "frameHeight", "width", "height"]),
    (gauge("Hz"), &["clockRate"]),
    (gauge("bit"), &["frameBitDepth"]),
    (gauge("dB"), &["echoReturnLoss", "echoReturnLossEnhancement"]),
    (
        gauge("ms since 1970"),
        &[
            "lastPacketReceivedTimestamp",
            "lastPacketSentTimestamp",
            "estimatedPlayoutTimestamp",
            "remoteTimestamp",
        ],
    ),
];

/// The unit of a property that has numbers.
pub fn of_number(property: &str) -> Unit {
    let known = UNITS.iter().find(|(_, properties)| properties.contains(&property));
    known.map_or(gauge(""), |(unit, _)| *unit)
}

/// How a sum is drawn that says something only beside another one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quotient {
    pub property: &'static str,
    /// The properties by which it is divided; the first that the report has.
    pub by: &'static [&'static str],
    pub unit: &'static str,
    pub formula: Formula,
}

const fn each(property: &'static str, by: &'static [&'static str]) -> Quotient {
    Quotient {
        property,
        by,
        unit: "ms",
        formula: Formula::Ratio(1000.0),
    }
}

const fn percent(property: &'static str, by: &'static [&'static str], formula: Formula) -> Quotient {
    Quotient {
        property,
        by,
        unit: "%",
        formula,
    }
}

const QUOTIENTS: &[Quotient] = &[
    each("totalEncodeTime", &["framesEncoded"]),
    each("totalDecodeTime", &["framesDecoded"]),
    each("totalPacketSendDelay", &["packetsSent"]),
    each("totalProcessingDelay", &["jitterBufferEmittedCount", "framesDecoded"]),
    each("totalAssemblyTime", &["framesAssembledFromMultiplePackets"]),
    each("totalInterFrameDelay", &["framesDecoded"]),
    each("totalPlayoutDelay", &["totalSamplesCount"]),
    each("jitterBufferDelay", &["jitterBufferEmittedCount"]),
    each("jitterBufferTargetDelay", &["jitterBufferEmittedCount"]),
    each("jitterBufferMinimumDelay", &["jitterBufferEmittedCount"]),
    each(
        "totalRoundTripTime",
        &["responsesReceived", "roundTripTimeMeasurements"],
    ),
    percent("concealedSamples", &["totalSamplesReceived"], Formula::Ratio(100.0)),
    percent(
        "silentConcealedSamples",
        &["totalSamplesReceived"],
        Formula::Ratio(100.0),
    ),
    percent("packetsLost", &["packetsReceived"], Formula::Share),
    Quotient {
        property: "qpSum",
        by: &["framesEncoded", "framesDecoded"],
        unit: "QP",
        formula: Formula::Ratio(1.0),
    },
];

/// How a property is drawn beside another one of its report.
pub fn quotient(property: &str) -> Option<&'static Quotient> {
    QUOTIENTS.iter().find(|quotient| quotient.property == property)
}

/// The unit of a property that has words.
pub const WORDS: Unit = Unit {
    sent: "",
    drawn: "",
    factor: 1.0,
    kind: Kind::State,
};
