//! What concerns every stream that is sent: its packets, requests of the other side, and its codec.
use super::codec;
use super::stalled;
use crate::findings::columns::{Kind, Link, outbound};
use crate::findings::held::{Held, Times};
use crate::findings::rule::{Hears, Level, Measure, Of, Polls, Rule, Source, Threshold, Watch};
use crate::findings::samples::Media;
use crate::findings::severity::{Scope, Severity};

const MONITOR: Source = Source::Published("ObserveRTC client-monitor-js");
const STATS: Source = Source::Published("W3C webrtc-stats");

pub const RULES: &[Rule] = &[
    Rule {
        id: "snd.no-packets",
        severity: Severity::Critical,
        scope: Scope::Track,
        fires: "nothing is sent of a live track for some time although the connection is up",
        hint: "Look whether the sender's encoder works, and whether the page has taken the track away \
               (replaceTrack, direction). Sound that is silent may be left out by its codec; it is not meant here.",
        texts: &["No packet of the {media} was sent for {length}, although the connection was up and its track live."],
        thresholds: &[Threshold::new("hold", 5.0, "s", MONITOR)],
        needs: &[outbound::PACKETS_SENT],
        links: &[(Kind::Outbound, Link::Source)],
        source: MONITOR,
        watch: Watch::Report(Kind::Outbound, None, |limits| {
            Held::boxed(limits, Times::On, stalled::no_packets)
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "snd.pli-storm",
        severity: Severity::Warning,
        scope: Scope::Track,
        fires: "the other side asks for key frames again and again",
        hint: "The receiver cannot decode what it gets: loss on the way, receivers that come and go, or a server that \
               switches layers too often.",
        texts: &["The other side asked for key frames {value} for {length}."],
        thresholds: &[
            Threshold::new("warning", 0.5, "times a second", MONITOR),
            Threshold::new("off", 0.15, "times a second", MONITOR),
            Threshold::new("window", 30.0, "s", MONITOR),
        ],
        needs: &[outbound::PLI_COUNT],
        source: MONITOR,
        watch: Watch::Level(Level {
            of: Of::Report(Kind::Outbound, Some(Media::Video)),
            measure: Measure::Share(|interval| {
                let requests =
                    interval.delta(outbound::PLI_COUNT)? + interval.delta(outbound::FIR_COUNT).unwrap_or(0.0);
                Some((requests, interval.seconds() * 100.0))
            }),
            shows: Some(outbound::PLI_COUNT),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "snd.retransmits",
        severity: Severity::Warning,
        scope: Scope::Track,
        fires: "a large part of the sent packets are sent again",
        hint: "Packets are lost on the way to the other side: look at net.loss-out and the bandwidth estimate.",
        texts: &["{value} of the sent packets of the {media} were sent again, for {length}."],
        thresholds: &[
            Threshold::new("warning", 10.0, "%", Source::Ours),
            Threshold::new("hold", 10.0, "s", Source::Ours),
        ],
        needs: &[outbound::RETRANSMITTED_PACKETS],
        source: STATS,
        watch: Watch::Level(Level {
            of: Of::Report(Kind::Outbound, None),
            measure: Measure::Value(|interval| {
                let sent = interval.delta(outbound::PACKETS_SENT).filter(|sent| *sent > 0.0)?;
                Some(100.0 * interval.delta(outbound::RETRANSMITTED_PACKETS)? / sent)
            }),
            shows: Some(outbound::RETRANSMITTED_PACKETS),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "snd.codec-changed",
        severity: Severity::Info,
        scope: Scope::Track,
        fires: "the codec of a stream, or its parameters, change after the start",
        hint: "Look at the negotiation before it, and at setParameters and setCodecPreferences.",
        texts: &[
            "The codec of the {media} that is sent changed from {0} to {1}.",
            "The codec of the {media} that is received changed from {0} to {1}.",
        ],
        source: MONITOR,
        watch: Watch::Connection(
            Hears {
                methods: &[],
                polls: Polls::Yes,
            },
            codec::watcher,
        ),
        ..Rule::PLAIN
    },
];
