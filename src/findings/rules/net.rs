//! How good the network was.
use crate::findings::columns::{Kind, inbound};
use crate::findings::rule::{Level, Measure, Of, Rule, Source, Spans, Threshold, Watch};
use crate::findings::severity::{Scope, Severity};

pub const RULES: &[Rule] = &[
    Rule {
        id: "net.rtt",
        severity: Severity::Critical,
        scope: Scope::Connection,
        fires: "the round trip time is too high for some time",
        hint: "Look at the path first: a relay far away, a VPN or a mobile network adds delay; a queue that fills up \
               shows as a round trip time that grows with the bitrate.",
        texts: &["The round trip time was above {threshold} for {length}, and as high as {value}."],
        thresholds: &[
            Threshold {
                name: "warning",
                value: 0.3,
                unit: "s",
                source: Source::Published("Sinch troubleshooting; rtcstats.com knowledge base"),
            },
            Threshold {
                name: "critical",
                value: 0.5,
                unit: "s",
                source: Source::Published("rtcstats.com knowledge base"),
            },
            Threshold {
                name: "hold",
                value: 10.0,
                unit: "s",
                source: Source::Ours,
            },
        ],
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
        texts: &["{value} of the packets of the {media} that is received were lost, for {length}."],
        thresholds: &[
            Threshold {
                name: "warning",
                value: 5.0,
                unit: "%",
                source: Source::Published("webrtc-issue-detector"),
            },
            Threshold {
                name: "critical",
                value: 15.0,
                unit: "%",
                source: Source::Ours,
            },
            Threshold {
                name: "window",
                value: 10.0,
                unit: "s",
                source: Source::Published("webrtc-issue-detector"),
            },
            Threshold {
                name: "least",
                value: 50.0,
                unit: "packets",
                source: Source::Ours,
            },
        ],
        needs: &[inbound::PACKETS_LOST, inbound::PACKETS_RECEIVED],
        source: Source::Published("W3C webrtc-stats, RTCReceivedRtpStreamStats.packetsLost"),
        watch: Watch::Level(Level {
            of: Of::Report(Kind::Inbound, None),
            measure: Measure::Share(|interval| {
                let lost = interval.change(inbound::PACKETS_LOST)?;
                let received = interval.delta(inbound::PACKETS_RECEIVED)?;
                Some((lost, lost + received))
            }),
            shows: Some(inbound::PACKETS_LOST),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
];
