//! Rules about all streams that are received, and about how they belong together.
use super::{nothing, oversized, retransmission, stalled, sync};
use crate::dump::form::Need;
use crate::findings::columns::{Kind, inbound};
use crate::findings::held::{Held, Times};
use crate::findings::rule::{Hears, Polls, Rule, Source, Threshold, Watch};
use crate::findings::samples::Media;
use crate::findings::severity::{Scope, Severity};

const MONITOR: Source = Source::Published("ObserveRTC client-monitor-js");
const BT: Source = Source::Published("ITU-R BT.1359-1");

pub const RULES: &[Rule] = &[
    Rule {
        id: "rcv.nothing",
        severity: Severity::Critical,
        scope: Scope::Connection,
        fires: "a connection with tracks of the other side is up for some time, and no packet of its sound or of its \
                pictures comes; info if the other side need not have sent any",
        hint: "Look whether the other side sends at all: its tracks, the directions in the descriptions, and servers \
               between.",
        texts: &[
            "The connection was up, but nothing of the {0} announced by the other side was received for {length}.",
            "Nothing of the {0} announced by the other side was received for {length}, and nothing says that it was sent: \
             it may be muted there.",
        ],
        thresholds: &[Threshold::new("after", 10.0, "s", Source::Ours)],
        needs: &[inbound::PACKETS_RECEIVED],
        source: Source::Published("peermetrics"),
        watch: Watch::Connection(
            Hears {
                methods: &[
                    "ontrack",
                    "onconnectionstatechange",
                    "oniceconnectionstatechange",
                    "close",
                ],
                polls: Polls::Yes,
            },
            nothing::watcher,
        ),
        ..Rule::PLAIN
    },
    Rule {
        id: "rcv.stopped",
        severity: Severity::Warning,
        scope: Scope::Track,
        fires: "no packet of a stream comes any more although the connection receives others; info unless the other side \
                says that it goes on sending",
        hint: "The other side, or a server between, stopped sending it: often a camera that was switched off (replaceTrack \
               or stop), else a track that was removed or a machine that was suspended.",
        texts: &[
            "No packet of the {media} was received for {length}, although the connection was up.",
            "No packet of the {media} was received for {length}, although the other side went on sending it.",
        ],
        thresholds: &[
            Threshold::new("video", 5.0, "s", MONITOR),
            Threshold::new("audio", 10.0, "s", Source::Ours),
        ],
        needs: &[inbound::PACKETS_RECEIVED],
        source: MONITOR,
        watch: Watch::Report(Kind::Inbound, None, |limits| {
            Box::new(Held::new(limits, Times::Connected, stalled::stopped).close(stalled::sent))
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "rcv.rtx-useless",
        severity: Severity::Info,
        scope: Scope::Track,
        fires: "many packets are asked for again, and none comes",
        hint: "Retransmission (RFC 4588) was not negotiated, or the sender does not answer: look for rtx in the \
               descriptions.",
        texts: &["{0} packets of the {media} were asked for again within {length}, and none came."],
        thresholds: &[
            Threshold::new("nacks", 50.0, "NACKs", Source::Ours),
            Threshold::new("window", 30.0, "s", Source::Ours),
        ],
        needs: &[inbound::NACK_COUNT, inbound::RETRANSMITTED_PACKETS],
        source: Source::Published("W3C webrtc-stats"),
        watch: Watch::Report(Kind::Inbound, Some(Media::Video), retransmission::watcher),
        ..Rule::PLAIN
    },
    Rule {
        id: "rcv.sync",
        severity: Severity::Warning,
        scope: Scope::Track,
        fires: "sound and picture of one stream are played so far apart that people notice",
        hint: "Look at the jitter buffers of both, and at the sender: its clocks, and whether its reports (RTCP SR) \
               come.",
        texts: &[
            "The sound was {0} ms ahead of the picture, for {length}.",
            "The sound was {0} ms behind the picture, for {length}.",
        ],
        thresholds: &[
            Threshold::new("early", 45.0, "ms", BT),
            Threshold::new("early_warning", 90.0, "ms", BT),
            Threshold::new("late", 125.0, "ms", BT),
            Threshold::new("late_warning", 185.0, "ms", BT),
            Threshold::new("hold", 10.0, "s", Source::Ours),
        ],
        needs: &[inbound::PLAYOUT_TIMESTAMP],
        source: BT,
        watch: Watch::Report(Kind::Inbound, Some(Media::Audio), sync::watcher),
        ..Rule::PLAIN
    },
    Rule {
        id: "rcv.oversized",
        severity: Severity::Info,
        scope: Scope::Track,
        fires: "a video is shown with far fewer pixels than it is received with",
        hint: "Ask the server for a smaller layer, or the sender for a smaller picture: the rest is wasted bandwidth.",
        texts: &["The video was received with {0} pixels but shown with {1} for {length}."],
        thresholds: &[
            Threshold::new("times", 4.0, "times", Source::Ours),
            Threshold::new("hold", 30.0, "s", Source::Ours),
        ],
        form: Need::PageEvents,
        source: Source::Ours,
        watch: Watch::Dump(
            Hears {
                methods: &["HTMLMediaElement.resize"],
                polls: Polls::No,
            },
            oversized::watcher,
        ),
        ..Rule::PLAIN
    },
];
