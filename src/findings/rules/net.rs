//! How good the network was: numbers that are too high or too low for some time.
mod asymmetric;
mod congested;
mod feedback;
mod negative;
mod sound;
mod stalled;

use super::loss;
use crate::findings::columns::{Kind, inbound, outbound, pair, remote_inbound};
use crate::findings::rule::{Level, Measure, Of, Rule, Side, Source, Spans, Threshold, Watch};
use crate::findings::samples::Media;
use crate::findings::severity::{Scope, Severity};
use crate::findings::view::Interval;

const fn threshold(name: &'static str, value: f64, unit: &'static str, source: Source) -> Threshold {
    Threshold {
        name,
        value,
        unit,
        source,
    }
}

const fn published(name: &'static str, value: f64, unit: &'static str, source: &'static str) -> Threshold {
    threshold(name, value, unit, Source::Published(source))
}

const fn ours(name: &'static str, value: f64, unit: &'static str) -> Threshold {
    threshold(name, value, unit, Source::Ours)
}

const SLOW: &str = "Sinch and rtcstats.com, tables of network quality";

pub const RULES: &[Rule] = &[
    Rule {
        id: "net.rtt",
        severity: Severity::Critical,
        fires: "the round trip time is above a threshold for some time",
        hint: "Look at the path first: a relay far away, a VPN or a mobile network adds delay; a queue that fills up \
               shows as a round trip time that grows with the bitrate.",
        texts: &["The round trip time was above {0} for {length}, up to {value}."],
        thresholds: &[
            published("warning", 0.3, "s", SLOW),
            published("critical", 0.5, "s", SLOW),
            published("hold", 10.0, "s", "twilio-voice.js: most of 5 polls"),
        ],
        either: &[pair::ROUND_TRIP_TIME, remote_inbound::ROUND_TRIP_TIME],
        source: Source::Published("W3C webrtc-stats, RTCIceCandidatePairStats.currentRoundTripTime"),
        watch: Watch::Level(Level {
            of: Of::Connection,
            measure: Measure::Scene(|view| view.scene().round_trip_time()),
            spans: Spans::Moments,
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "net.loss-in",
        severity: Severity::Critical,
        scope: Scope::Track,
        fires: "too many packets of a stream that is received are lost",
        hint: "Loss in one direction only is mostly that side's uplink or Wi-Fi; loss in both, a full link between.",
        texts: &["Of the {media} packets for this side, up to {value} were lost in {length}."],
        thresholds: &[
            published("warning", 5.0, "%", "webrtc-issue-detector, packet loss threshold"),
            published("critical", 15.0, "%", "rtcstats.com knowledge base"),
            published("window", 10.0, "s", "twilio-voice.js: mean of 7 polls"),
            ours("least", 50.0, "packets"),
        ],
        needs: &[inbound::PACKETS_LOST, inbound::PACKETS_RECEIVED],
        source: Source::Published("W3C webrtc-stats, RTCReceivedRtpStreamStats.packetsLost"),
        watch: Watch::Level(Level {
            of: Of::Report(Kind::Inbound, None),
            measure: Measure::Share(|interval| {
                let lost = interval
                    .change(inbound::PACKETS_LOST)
                    .filter(|_| !loss::is_absurd(interval))?;
                let received = interval.delta(inbound::PACKETS_RECEIVED)?;
                Some((lost, lost + received))
            }),
            shows: Some(inbound::PACKETS_LOST),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "net.loss-out",
        severity: Severity::Critical,
        scope: Scope::Track,
        fires: "the other side reports that too many packets of a stream are lost",
        hint: "This side's uplink or Wi-Fi loses them, or a link that is full: compare the loss of what is received, \
               and the bandwidth estimate.",
        texts: &["Of the {media} packets that were sent, up to {value} were lost, for {length}."],
        thresholds: &[
            published("warning", 5.0, "%", "webrtc-issue-detector, packet loss threshold"),
            published("critical", 15.0, "%", "rtcstats.com knowledge base"),
            published("hold", 10.0, "s", "twilio-voice.js: mean of 7 polls"),
        ],
        needs: &[remote_inbound::FRACTION_LOST],
        source: Source::Published("W3C webrtc-stats, RTCRemoteInboundRtpStreamStats.fractionLost; RFC 3550 6.4.1"),
        watch: Watch::Level(Level {
            of: Of::Report(Kind::RemoteInbound, None),
            measure: Measure::Value(|interval| Some(100.0 * loss::fraction(interval)?)),
            spans: Spans::Moments,
            shows: Some(remote_inbound::FRACTION_LOST),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "net.jitter",
        severity: Severity::Critical,
        scope: Scope::Track,
        fires: "the packets of an audio stream arrive too unevenly",
        hint: "Wi-Fi and queues do this. The jitter buffer grows to hide it, which is heard as delay.",
        texts: &["The jitter of the audio that is received was above {0} for {length}, up to {value}."],
        thresholds: &[
            published("warning", 0.03, "s", "twilio-voice.js"),
            published("critical", 0.2, "s", "rtcstats.com knowledge base"),
            published("hold", 3.0, "s", "twilio-voice.js: 3 of 5 polls"),
        ],
        needs: &[inbound::JITTER],
        source: Source::Published("W3C webrtc-stats, RTCReceivedRtpStreamStats.jitter"),
        watch: Watch::Level(Level {
            of: Of::Report(Kind::Inbound, Some(Media::Audio)),
            measure: Measure::Value(|interval| interval.now(inbound::JITTER)),
            spans: Spans::Moments,
            shows: Some(inbound::JITTER),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "net.low-bandwidth",
        severity: Severity::Critical,
        fires: "the estimate of what can be sent is too low for the video that is sent",
        hint: "A poor uplink, or one that others use too. Send fewer or smaller layers, or audio alone.",
        texts: &["The estimate of the bandwidth for sending was below {0} for {length}, down to {value}."],
        thresholds: &[
            published("warning", 300.0, "kbit/s", "rtcstats.com knowledge base"),
            published("critical", 100.0, "kbit/s", "webrtc-issue-detector"),
            published("hold", 10.0, "s", "webrtc-issue-detector"),
        ],
        needs: &[pair::OUTGOING_BITRATE],
        source: Source::Published("W3C webrtc-stats, RTCIceCandidatePairStats.availableOutgoingBitrate"),
        watch: Watch::Level(Level {
            of: Of::Pair,
            measure: Measure::Value(|interval| {
                let estimate = interval.now(pair::OUTGOING_BITRATE)?;
                sends_video(interval).then_some(estimate / 1000.0)
            }),
            side: Side::Below,
            spans: Spans::Moments,
            shows: Some(pair::OUTGOING_BITRATE),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "net.send-discarded",
        severity: Severity::Warning,
        fires: "packets are thrown away before they are sent, because the socket is full",
        hint: "This is a fault of this machine or of its first hop: a full socket, a VPN, a TCP connection to a relay \
               that does not keep up.",
        texts: &["Packets were thrown away on this machine instead of being sent, for {length}."],
        thresholds: &[published(
            "hold",
            3.0,
            "s",
            "W3C webrtc-stats: any is a fault; at 3 polls",
        )],
        needs: &[pair::PACKETS_DISCARDED],
        source: Source::Published("W3C webrtc-stats, RTCIceCandidatePairStats.packetsDiscardedOnSend"),
        watch: Watch::Level(Level {
            of: Of::Pair,
            measure: Measure::Holds(|interval| Some(interval.delta(pair::PACKETS_DISCARDED)? > 0.0)),
            shows: Some(pair::PACKETS_DISCARDED),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "net.pacer-delay",
        scope: Scope::Layer,
        fires: "packets wait too long before they are sent",
        hint: "The encoder makes more than the bandwidth estimate lets out: look at the estimate and at key frames.",
        texts: &["Packets of the {media} waited up to {value} before they were sent, for {length}."],
        thresholds: &[
            published("info", 0.1, "s", "rtcstats.com knowledge base, delayed throughput"),
            ours("hold", 5.0, "s"),
        ],
        needs: &[outbound::SEND_DELAY, outbound::PACKETS_SENT],
        source: Source::Published("W3C webrtc-stats, RTCOutboundRtpStreamStats.totalPacketSendDelay"),
        watch: Watch::Level(Level {
            of: Of::Report(Kind::Outbound, None),
            measure: Measure::Value(|interval| {
                let packets = interval
                    .delta(outbound::PACKETS_SENT)
                    .filter(|packets| *packets > 0.0)?;
                Some(interval.delta(outbound::SEND_DELAY)? / packets)
            }),
            shows: Some(outbound::SEND_DELAY),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
    sound::RULE,
    congested::RULE,
    asymmetric::RULE,
    negative::RULE,
    feedback::RULE,
    stalled::RULE,
];

/// Whether video is sent and meant to be.
fn sends_video(interval: &Interval<'_>) -> bool {
    let mut streams = interval.view.intervals(Kind::Outbound);
    streams.any(|stream| stream.media() == Media::Video && stream.is_on())
}
