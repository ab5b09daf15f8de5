//! Rules about pictures that are received.
use super::{dropped, freeze, paused, slow, software, stalled};
use crate::findings::columns::{Kind, inbound};
use crate::findings::held::{Held, Times};
use crate::findings::rule::{Level, Measure, Of, Rule, Source, Threshold, Watch};
use crate::findings::samples::Media;
use crate::findings::severity::{Scope, Severity};

const MONITOR: Source = Source::Published("ObserveRTC client-monitor-js");
const DETECTOR: Source = Source::Published("webrtc-issue-detector");
const RTCSTATS: Source = Source::Published("rtcstats.com knowledge base");
const STATS: Source = Source::Published("W3C webrtc-stats");

const PLAIN: Rule = Rule {
    scope: Scope::Track,
    ..Rule::PLAIN
};

pub const RULES: &[Rule] = &[
    Rule {
        id: "rcv.no-assembly",
        severity: Severity::Critical,
        fires: "packets of a video come, and no frame can be put together from them",
        hint: "Look at payload types, the mid and rid header extensions, and whether a key frame ever came whole.",
        texts: &["The video was received at {0} kbit/s for {length}, but no frame could be put together from it."],
        thresholds: &[
            Threshold::new("rate", 10.0, "kbit/s", MONITOR),
            Threshold::new("hold", 4.0, "s", MONITOR),
        ],
        needs: &[inbound::FRAMES_RECEIVED],
        source: MONITOR,
        watch: Watch::Report(Kind::Inbound, Some(Media::Video), |limits| {
            Held::boxed(limits, Times::Connected, stalled::no_assembly)
        }),
        ..PLAIN
    },
    Rule {
        id: "rcv.no-decode",
        severity: Severity::Critical,
        fires: "frames of a video come, and none is decoded for some time",
        hint: "If key frames were asked for, none came: look at the sender and at servers between. If not, the decoder \
               fails: look at the codec and its profile.",
        texts: &[
            "No frame of the video was decoded for {length}, although {0} were received: the decoder stood still.",
            "No frame of the video was decoded for {length}, although {0} were received: it waited for a key frame, \
             which it asked for.",
        ],
        thresholds: &[
            Threshold::new("hold", 4.0, "s", MONITOR),
            Threshold::new("round_trips", 15.0, "round trips", MONITOR),
        ],
        needs: &[inbound::FRAMES_RECEIVED, inbound::FRAMES_DECODED],
        source: MONITOR,
        watch: Watch::Report(Kind::Inbound, Some(Media::Video), stalled::no_decode),
        ..PLAIN
    },
    Rule {
        id: "rcv.freeze",
        severity: Severity::Critical,
        fires: "the video freezes for a second or more, or for a large share of its time; not a shared screen",
        hint: "The text names the first stage that stood still. If all of them went on, the sender paused or the page \
               was too busy to show frames.",
        texts: &freeze::TEXTS,
        thresholds: &[
            Threshold::new("single", 1.0, "s", DETECTOR),
            Threshold::new("share", 5.0, "%", Source::Ours),
            Threshold::new("share_critical", 30.0, "%", DETECTOR),
        ],
        needs: &[inbound::FRAMES_DECODED],
        source: STATS,
        watch: Watch::Report(Kind::Inbound, Some(Media::Video), freeze::watcher),
        ..PLAIN
    },
    Rule {
        id: "rcv.pause",
        severity: Severity::Warning,
        fires: "the video pauses (no frame for 5 s or more) for a long time in all; a warning if the other side goes on \
                sending meanwhile",
        hint: "Often the other side has switched its camera off, or a server has paused the stream.",
        texts: &[
            "The video was paused for {value} in all: no frame came for 5 s or more at a time.",
            "The video was paused for {value} in all, while the other side went on sending it: no frame came for 5 s or \
             more at a time.",
        ],
        thresholds: &[
            Threshold::new("info", 10.0, "s", RTCSTATS),
            Threshold::new("warning", 60.0, "s", Source::Ours),
        ],
        needs: &[inbound::PAUSES_DURATION],
        source: STATS,
        watch: Watch::Report(Kind::Inbound, Some(Media::Video), paused::watcher),
        ..PLAIN
    },
    Rule {
        id: "rcv.frames-dropped",
        severity: Severity::Warning,
        fires: "many received frames are dropped before they are shown; far more, while the network is good, mean that \
                the machine is overloaded",
        hint: "The decoder or the page does not keep up: fewer or smaller videos, or a codec with a hardware decoder.",
        texts: &[
            "{share} of the received frames were dropped before they were shown.",
            "{share} of the received frames were dropped before they were shown although hardly a packet was lost: the \
             machine is too slow for this video.",
        ],
        thresholds: &[
            Threshold::new("info", 1.0, "%", RTCSTATS),
            Threshold::new("warning", 10.0, "%", MONITOR),
            Threshold::new("loss", 2.0, "%", MONITOR),
            Threshold::new("least", 100.0, "frames", Source::Ours),
        ],
        needs: &[inbound::FRAMES_DROPPED, inbound::FRAMES_RECEIVED],
        source: RTCSTATS,
        watch: Watch::Report(Kind::Inbound, Some(Media::Video), dropped::watcher),
        ..PLAIN
    },
    Rule {
        id: "rcv.decode-slow",
        severity: Severity::Warning,
        fires: "to decode a frame takes nearly all of the time until the next one",
        hint: "The decoder does not keep up: ask for a smaller picture, or use a codec with a hardware decoder.",
        texts: &["To decode the video took {value} of the time between frames, for {length}."],
        thresholds: &[
            Threshold::new("warning", 80.0, "%", MONITOR),
            Threshold::new("hold", 10.0, "s", MONITOR),
        ],
        needs: &[inbound::DECODE_TIME],
        source: MONITOR,
        watch: Watch::Level(Level {
            of: Of::Report(Kind::Inbound, Some(Media::Video)),
            measure: Measure::Value(|interval| Some(100.0 * interval.rate(inbound::DECODE_TIME)?)),
            shows: Some(inbound::DECODE_TIME),
            ..Level::PLAIN
        }),
        ..PLAIN
    },
    Rule {
        id: "rcv.software",
        severity: Severity::Info,
        fires: "the decoder has fallen back from hardware to software",
        hint: "The hardware decoder failed or refused the picture: look at chrome://gpu, and at what else uses it.",
        texts: &[
            "The decoder fell back to software: it was {0}.",
            "The decoder changed from hardware to software: it was {0} from then on.",
        ],
        needs: &[inbound::EFFICIENT_DECODER],
        source: STATS,
        watch: Watch::Report(Kind::Inbound, Some(Media::Video), software::decoder),
        ..PLAIN
    },
    Rule {
        id: "rcv.low-fps",
        severity: Severity::Info,
        fires: "hardly any frames a second are decoded, or far fewer than before",
        hint: "Look at the sender first: its camera, its bandwidth, its layers. A shared screen that is still has few \
               frames, too.",
        texts: &[
            "Only {0} frames of the video were decoded a second, for {length}.",
            "Only {0} frames of the video were decoded a second, for {length}, where {1} were usual.",
        ],
        thresholds: &[
            Threshold::new("least", 5.0, "frames/s", MONITOR),
            Threshold::new("share", 50.0, "%", DETECTOR),
            Threshold::new("hold", 10.0, "s", MONITOR),
        ],
        needs: &[inbound::FRAMES_DECODED],
        source: MONITOR,
        watch: Watch::Report(Kind::Inbound, Some(Media::Video), slow::watcher),
        ..PLAIN
    },
];
