//! Which numbers of reports rules can ask for. Each kind of report has its columns; a report's numbers are an array.
//!
//! To use another property, add a line here: the decoder keeps it then, and it is parsed when an event changes it.
//! Words and flags become numbers: the place in the list, 1 and 0. Everything else is absent (NaN).
use crate::dump::statistics::Property;

/// Kinds of reports (RTCStatsType) with columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Inbound,
    Outbound,
    RemoteInbound,
    RemoteOutbound,
    Source,
    Pair,
    Transport,
    Playout,
    Pressure,
}

/// A number that reports of one kind have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub kind: Kind,
    pub at: u8,
}

/// How a column is read.
#[derive(Clone, Copy, Debug)]
pub enum Read {
    /// A number or a flag.
    Number,
    /// One of these words.
    Words(&'static [&'static str]),
    /// One of these words, or the number that rtcstats-js writes for it: the last word is 1, the one before it 2.
    Numbered(&'static [&'static str]),
    /// A member of an object.
    Member(&'static str),
}

#[derive(Debug)]
pub struct Spec {
    pub column: Column,
    pub property: Property,
    pub read: Read,
}

/// A reference from one report to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// outbound-rtp → media-source
    Source,
    /// inbound-rtp → remote-outbound-rtp, outbound-rtp → remote-inbound-rtp
    Remote,
    /// remote-… → the stream of this side
    Local,
    /// → transport
    Transport,
    /// transport → candidate-pair
    Pair,
    /// inbound-rtp → media-playout
    Playout,
    Pressure,
}

impl Link {
    pub const COUNT: usize = 6;
    pub const ALL: [(Link, Property); Link::COUNT] = [
        (Link::Source, Property::of("mediaSourceId")),
        (Link::Remote, Property::of("remoteId")),
        (Link::Local, Property::of("localId")),
        (Link::Transport, Property::of("transportId")),
        (Link::Pair, Property::of("selectedCandidatePairId")),
        (Link::Playout, Property::of("playoutId")),
    ];

    pub const fn property(self) -> Property {
        Link::ALL[self as usize].1
    }
}

/// Properties that are no numbers: rules read them from the report (`Interval::text`).
const TEXTS: &[Property] = &[
    KIND,
    TRACK,
    Property::of("codecId"),
    Property::of("mimeType"),
    Property::of("sdpFmtpLine"),
    Property::of("mid"),
    Property::of("rid"),
    Property::of("scalabilityMode"),
    Property::of("contentType"),
    Property::of("encoderImplementation"),
    Property::of("decoderImplementation"),
    Property::of("iceLocalUsernameFragment"),
    Property::of("localCandidateId"),
    Property::of("remoteCandidateId"),
    Property::of("candidateType"),
    Property::of("protocol"),
    Property::of("relayProtocol"),
    Property::of("networkType"),
    Property::of("url"),
    Property::of("usernameFragment"),
];

pub const KIND: Property = Property::of("kind");
pub const TRACK: Property = Property::of("trackIdentifier");
/// Of RTCQualityLimitationReason.
pub const LIMITS: &[&str] = &["none", "cpu", "bandwidth", "other"];
/// Of RTCStatsIceCandidatePairState.
pub const PAIR_STATES: &[&str] = &["frozen", "waiting", "in-progress", "failed", "succeeded"];
/// Of PressureState.
pub const PRESSURES: &[&str] = &["nominal", "fair", "serious", "critical"];
/// Of RTCDtlsTransportState.
pub const DTLS_STATES: &[&str] = &["new", "connecting", "connected", "closed", "failed"];

/// Declares the columns of each kind: `NAME = "property"`, then how it is read if it is no number.
macro_rules! columns {
    ($($(#[doc = $about:literal])+ $kind:ident $module:ident $type:literal { $($name:ident = $property:literal $(by $read:expr)?;)+ })+) => {
        $(
            $(#[doc = $about])+
            pub mod $module {
                use $crate::findings::columns::{Column, Kind};
                #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "they number constants")]
                enum Place { $($name),+ }
                $(pub const $name: Column = Column { kind: Kind::$kind, at: Place::$name as u8 };)+
            }
        )+

        /// By kind.
        static SPECS: [&[Spec]; KINDS] = [$(&[$(Spec {
            column: $module::$name,
            property: Property::of($property),
            read: columns!(@ $($read)?),
        }),+]),+];

        const TYPES: [&str; KINDS] = [$($type),+];

        /// The properties of the columns, by kind.
        pub const NUMBERS: &[&[Property]] = &[$(&[$(Property::of($property)),+]),+];
    };
    (@) => { Read::Number };
    (@ $read:expr) => { $read };
}

pub const KINDS: usize = 9;

columns! {
    /// RTCInboundRtpStreamStats
    Inbound inbound "inbound-rtp" {
        PACKETS_RECEIVED = "packetsReceived";
        PACKETS_LOST = "packetsLost";
        PACKETS_DISCARDED = "packetsDiscarded";
        BYTES_RECEIVED = "bytesReceived";
        JITTER = "jitter";
        LAST_PACKET = "lastPacketReceivedTimestamp";
        NACK_COUNT = "nackCount";
        PLI_COUNT = "pliCount";
        FIR_COUNT = "firCount";
        RETRANSMITTED_PACKETS = "retransmittedPacketsReceived";
        FRAMES_RECEIVED = "framesReceived";
        FRAMES_DECODED = "framesDecoded";
        FRAMES_DROPPED = "framesDropped";
        KEY_FRAMES_DECODED = "keyFramesDecoded";
        FRAMES_PER_SECOND = "framesPerSecond";
        FRAME_WIDTH = "frameWidth";
        FRAME_HEIGHT = "frameHeight";
        FREEZE_COUNT = "freezeCount";
        FREEZES_DURATION = "totalFreezesDuration";
        PAUSES_DURATION = "totalPausesDuration";
        DECODE_TIME = "totalDecodeTime";
        EFFICIENT_DECODER = "powerEfficientDecoder";
        JITTER_BUFFER_DELAY = "jitterBufferDelay";
        JITTER_BUFFER_EMITTED = "jitterBufferEmittedCount";
        SAMPLES_RECEIVED = "totalSamplesReceived";
        CONCEALED_SAMPLES = "concealedSamples";
        SILENT_CONCEALED_SAMPLES = "silentConcealedSamples";
        SAMPLES_INSERTED = "insertedSamplesForDeceleration";
        SAMPLES_REMOVED = "removedSamplesForAcceleration";
        AUDIO_LEVEL = "audioLevel";
        PLAYOUT_TIMESTAMP = "estimatedPlayoutTimestamp";
    }
    /// RTCOutboundRtpStreamStats
    Outbound outbound "outbound-rtp" {
        PACKETS_SENT = "packetsSent";
        BYTES_SENT = "bytesSent";
        RETRANSMITTED_PACKETS = "retransmittedPacketsSent";
        SEND_DELAY = "totalPacketSendDelay";
        TARGET_BITRATE = "targetBitrate";
        ACTIVE = "active";
        NACK_COUNT = "nackCount";
        PLI_COUNT = "pliCount";
        FIR_COUNT = "firCount";
        FRAMES_ENCODED = "framesEncoded";
        FRAMES_SENT = "framesSent";
        FRAMES_PER_SECOND = "framesPerSecond";
        FRAME_WIDTH = "frameWidth";
        FRAME_HEIGHT = "frameHeight";
        QP_SUM = "qpSum";
        ENCODE_TIME = "totalEncodeTime";
        EFFICIENT_ENCODER = "powerEfficientEncoder";
        LIMIT = "qualityLimitationReason" by Read::Words(LIMITS);
        LIMITED_NONE = "qualityLimitationDurations" by Read::Member("none");
        LIMITED_CPU = "qualityLimitationDurations" by Read::Member("cpu");
        LIMITED_BANDWIDTH = "qualityLimitationDurations" by Read::Member("bandwidth");
        LIMITED_OTHER = "qualityLimitationDurations" by Read::Member("other");
        RESOLUTION_CHANGES = "qualityLimitationResolutionChanges";
    }
    /// RTCRemoteInboundRtpStreamStats
    RemoteInbound remote_inbound "remote-inbound-rtp" {
        PACKETS_LOST = "packetsLost";
        FRACTION_LOST = "fractionLost";
        JITTER = "jitter";
        ROUND_TRIP_TIME = "roundTripTime";
        MEASUREMENTS = "roundTripTimeMeasurements";
    }
    /// RTCRemoteOutboundRtpStreamStats
    RemoteOutbound remote_outbound "remote-outbound-rtp" {
        PACKETS_SENT = "packetsSent";
        BYTES_SENT = "bytesSent";
    }
    /// RTCAudioSourceStats and RTCVideoSourceStats
    Source source "media-source" {
        AUDIO_LEVEL = "audioLevel";
        AUDIO_ENERGY = "totalAudioEnergy";
        SAMPLES_DURATION = "totalSamplesDuration";
        FRAMES = "frames";
        FRAMES_PER_SECOND = "framesPerSecond";
        WIDTH = "width";
        HEIGHT = "height";
    }
    /// RTCIceCandidatePairStats
    Pair pair "candidate-pair" {
        STATE = "state" by Read::Words(PAIR_STATES);
        NOMINATED = "nominated";
        SELECTED = "selected";
        ROUND_TRIP_TIME = "currentRoundTripTime";
        OUTGOING_BITRATE = "availableOutgoingBitrate";
        INCOMING_BITRATE = "availableIncomingBitrate";
        REQUESTS_SENT = "requestsSent";
        RESPONSES_RECEIVED = "responsesReceived";
        CONSENT_SENT = "consentRequestsSent";
        PACKETS_SENT = "packetsSent";
        PACKETS_RECEIVED = "packetsReceived";
        BYTES_SENT = "bytesSent";
        BYTES_RECEIVED = "bytesReceived";
        PACKETS_DISCARDED = "packetsDiscardedOnSend";
    }
    /// RTCTransportStats
    Transport transport "transport" {
        BYTES_SENT = "bytesSent";
        BYTES_RECEIVED = "bytesReceived";
        PACKETS_SENT = "packetsSent";
        PACKETS_RECEIVED = "packetsReceived";
        PAIR_CHANGES = "selectedCandidatePairChanges";
        DTLS_STATE = "dtlsState" by Read::Words(DTLS_STATES);
    }
    /// RTCAudioPlayoutStats
    Playout playout "media-playout" {
        SYNTHESIZED_DURATION = "synthesizedSamplesDuration";
        SAMPLES_DURATION = "totalSamplesDuration";
        PLAYOUT_DELAY = "totalPlayoutDelay";
        SAMPLES_COUNT = "totalSamplesCount";
    }
    /// What rtcstats-js adds of the Compute Pressure API.
    Pressure pressure "compute-pressure" {
        CPU_STATE = "cpuState" by Read::Numbered(PRESSURES);
    }
}

/// Columns that are `true` or `false` in reports.
const FLAGS: [Column; 5] = [
    inbound::EFFICIENT_DECODER,
    outbound::EFFICIENT_ENCODER,
    outbound::ACTIVE,
    pair::NOMINATED,
    pair::SELECTED,
];

/// All properties that are asked for, for a selective decoder.
pub const ASKED: &[Property] = &joined::<ASKED_COUNT>();

const ASKED_COUNT: usize = {
    let (mut count, mut kind) = (TEXTS.len() + Link::COUNT, 0);
    while kind < KINDS {
        count += NUMBERS[kind].len();
        kind += 1;
    }
    count
};

const fn joined<const COUNT: usize>() -> [Property; COUNT] {
    let (mut all, mut count, mut at) = ([Property::TYPE; COUNT], 0, 0);
    while at < TEXTS.len() {
        all[count] = TEXTS[at];
        (count, at) = (count + 1, at + 1);
    }
    at = 0;
    while at < Link::COUNT {
        all[count] = Link::ALL[at].1;
        (count, at) = (count + 1, at + 1);
    }
    let mut kind = 0;
    while kind < KINDS {
        at = 0;
        while at < NUMBERS[kind].len() {
            all[count] = NUMBERS[kind][at];
            (count, at) = (count + 1, at + 1);
        }
        kind += 1;
    }
    all
}

impl Kind {
    pub const ALL: [Kind; KINDS] = [
        Kind::Inbound,
        Kind::Outbound,
        Kind::RemoteInbound,
        Kind::RemoteOutbound,
        Kind::Source,
        Kind::Pair,
        Kind::Transport,
        Kind::Playout,
        Kind::Pressure,
    ];

    /// As `type` has it.
    pub const fn name(self) -> &'static str {
        TYPES[self as usize]
    }

    pub fn of_name(name: &[u8]) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name().as_bytes() == name)
    }

    pub fn columns(self) -> &'static [Spec] {
        SPECS[self as usize]
    }
}

impl Column {
    pub fn property(self) -> Property {
        self.kind.columns()[usize::from(self.at)].property
    }

    /// As reports have a value that is a word or a flag: JSON.
    pub fn word(self, value: f64) -> Option<String> {
        let spec = &self.kind.columns()[usize::from(self.at)];
        match spec.read {
            Read::Words(words) | Read::Numbered(words) => words.get(value as usize).map(|word| format!("\"{word}\"")),
            _ if FLAGS.contains(&self) => Some((value != 0.0).to_string()),
            _ => None,
        }
    }

    /// Whether its values are words, so that they have no unit.
    pub fn is_word(self) -> bool {
        matches!(
            self.kind.columns()[usize::from(self.at)].read,
            Read::Words(_) | Read::Numbered(_)
        )
    }
}
