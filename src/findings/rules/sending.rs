//! What was encoded and sent: `snd.…`. The pictures first; what concerns every stream is in `sending/packets`.
mod codec;
mod layers;
mod limited;
mod packets;
mod software;
mod stalled;

use crate::findings::columns::{Kind, Link, outbound, source};
use crate::findings::held::{Held, Times};
use crate::findings::rule::{Level, Measure, Of, Rule, Side, Source, Threshold, Watch};
use crate::findings::samples::Media;
use crate::findings::severity::{Scope, Severity};
use crate::findings::stream::{is_first_layer, is_screen, is_top_layer, layers as layers_of};
use crate::findings::view::Interval;

pub use packets::RULES as PACKETS;

const MONITOR: Source = Source::Published("ObserveRTC client-monitor-js");
const TESTRTC: Source = Source::Published("testRTC");
const RTCSTATS: Source = Source::Published("rtcstats.com knowledge base");
const STATS: Source = Source::Published("W3C webrtc-stats");

/// What is sent has to tell where it comes from.
const SOURCE: &[(Kind, Link)] = &[(Kind::Outbound, Link::Source)];

/// The sent video.
const VIDEO: Of = Of::Report(Kind::Outbound, Some(Media::Video));

pub const RULES: &[Rule] = &[
    Rule {
        id: "snd.no-frames",
        severity: Severity::Critical,
        scope: Scope::Layer,
        fires: "an active encoding encodes no frame for some time although its source gives frames",
        hint: "The encoder hangs or could not be opened. A target bitrate of 0 means that the bandwidth was not enough \
               for this layer.",
        texts: &[
            "No frame of the video was encoded for {length}, although its source gave {0}.",
            "No frame of a video layer was encoded for {length}, although its source gave {0}: its target bitrate was \
             0, so the bandwidth was not enough for it.",
            "No frame of a video layer was encoded for {length}, although its source gave {0} and another layer was \
             encoded.",
        ],
        thresholds: &[Threshold::new("hold", 5.0, "s", Source::Ours)],
        needs: &[outbound::FRAMES_ENCODED, source::FRAMES],
        links: SOURCE,
        source: STATS,
        watch: Watch::Report(Kind::Outbound, Some(Media::Video), |limits| {
            Held::boxed(limits, Times::On, stalled::no_frames)
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "snd.cpu-limited",
        severity: Severity::Critical,
        scope: Scope::Track,
        fires: "the machine was too slow for the video that was to be sent for a large share of the time",
        hint: "Send a smaller picture or fewer frames, or a codec that the machine has in hardware; look at \
               env.pressure for what else ran.",
        texts: &[
            "The processor limited the sent video for {share} of the time ({0} s): the picture or its rate was reduced.",
        ],
        thresholds: &[
            Threshold::new("warning", 5.0, "%", RTCSTATS),
            Threshold::new("critical", 20.0, "%", TESTRTC),
            Threshold::new("least", 10.0, "s", Source::Ours),
        ],
        needs: &[outbound::LIMITED_CPU],
        source: RTCSTATS,
        watch: Watch::Report(Kind::Outbound, Some(Media::Video), |limits| {
            limited::watcher(limits, outbound::LIMITED_CPU)
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "snd.bandwidth-limited",
        severity: Severity::Warning,
        scope: Scope::Track,
        fires: "the bandwidth was too small for the video that was to be sent for a large share of the time",
        hint: "Look at the bandwidth estimate and at loss and round trip time beside it: an uplink that is full, or an \
               estimate that is too careful.",
        texts: &[
            "The bandwidth limited the sent video for {share} of the time ({0} s): the picture or its rate was reduced.",
        ],
        thresholds: &[
            Threshold::new("info", 5.0, "%", RTCSTATS),
            Threshold::new("warning", 20.0, "%", RTCSTATS),
            Threshold::new("least", 10.0, "s", Source::Ours),
        ],
        needs: &[outbound::LIMITED_BANDWIDTH],
        source: RTCSTATS,
        watch: Watch::Report(Kind::Outbound, Some(Media::Video), |limits| {
            limited::watcher(limits, outbound::LIMITED_BANDWIDTH)
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "snd.encode-slow",
        severity: Severity::Critical,
        scope: Scope::Track,
        fires: "to encode a frame takes a large part of the time until the next one, in software: with a hardware encoder \
                that time is no load",
        hint: "The encoder does not keep up: a smaller picture, fewer frames, or a codec that the machine has in \
               hardware.",
        texts: &["To encode the sent video took {value} of the time between frames, for {length}."],
        thresholds: &[
            Threshold::new("warning", 33.3, "%", TESTRTC),
            Threshold::new("critical", 80.0, "%", MONITOR),
            Threshold::new("hold", 10.0, "s", Source::Ours),
        ],
        needs: &[outbound::ENCODE_TIME],
        source: TESTRTC,
        watch: Watch::Level(Level {
            of: VIDEO,
            measure: Measure::Value(encoding),
            shows: Some(outbound::ENCODE_TIME),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "snd.software",
        severity: Severity::Warning,
        scope: Scope::Track,
        fires: "the encoder has fallen back from hardware to software, or a small machine encodes a large picture by it",
        hint: "The hardware encoder failed or refused the picture: look at chrome://gpu, and at what else uses it.",
        texts: &[
            "The encoder fell back to software: it was {0}.",
            "The encoder changed from hardware to software: it was {0} from then on.",
            "The encoder is software ({0}) for a picture of {1} rows on a machine with {2} processors.",
        ],
        thresholds: &[
            Threshold::new("height", 720.0, "rows", Source::Ours),
            Threshold::new("cores", 4.0, "processors", Source::Ours),
        ],
        needs: &[outbound::EFFICIENT_ENCODER],
        source: STATS,
        watch: Watch::Report(Kind::Outbound, Some(Media::Video), software::encoder),
        ..Rule::PLAIN
    },
    Rule {
        id: "snd.layer-lost",
        severity: Severity::Warning,
        scope: Scope::Layer,
        fires: "an active layer of simulcast sends nothing for some time while another layer of it sends",
        hint: "The bandwidth or the processor was not enough for it, or its encoder failed: look at what limited it.",
        texts: &[
            "Layer {0} sent nothing more for {length} while another layer did; what limited it was: {1}.",
            "Layer {0} never sent anything for {length} while another layer did; what limited it was: {1}.",
        ],
        thresholds: &[Threshold::new("hold", 10.0, "s", Source::Ours)],
        needs: &[outbound::BYTES_SENT],
        links: SOURCE,
        source: MONITOR,
        watch: Watch::Report(Kind::Outbound, Some(Media::Video), |limits| {
            Box::new(Held::new(limits, Times::On, layers::lost).begin(layers::named))
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "snd.layer-off",
        severity: Severity::Info,
        scope: Scope::Layer,
        fires: "an encoding is switched off by the page (setParameters)",
        hint: "That is the page's doing, not the network's: many pages switch layers off that nobody watches.",
        texts: &["The page had switched layer {0} off for {length}."],
        needs: &[outbound::ACTIVE],
        source: STATS,
        watch: Watch::Report(Kind::Outbound, Some(Media::Video), |limits| {
            Box::new(Held::new(limits, Times::Connected, layers::off).begin(layers::named))
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "snd.small",
        severity: Severity::Warning,
        scope: Scope::Track,
        fires: "the largest layer has about half of the rows of its source or less, and the page did not ask for it",
        hint: "Bandwidth or processor made the browser reduce the picture: look at what limited the video.",
        texts: &["The sent picture had at most {value} of the height of its source, for {length}."],
        thresholds: &[
            // Encoders round sizes up: 1080 rows become 544.
            Threshold::new("warning", 51.0, "%", Source::Ours),
            Threshold::new("hold", 10.0, "s", Source::Ours),
        ],
        needs: &[outbound::FRAME_HEIGHT, source::HEIGHT],
        links: SOURCE,
        source: Source::Ours,
        watch: Watch::Level(Level {
            of: VIDEO,
            measure: Measure::Value(height),
            side: Side::Below,
            shows: Some(outbound::FRAME_HEIGHT),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "snd.resolution-flaps",
        severity: Severity::Info,
        scope: Scope::Track,
        fires: "the browser changes the size of the sent picture again and again",
        hint: "Bandwidth or processor are just not enough for the picture: ask for a smaller one from the start.",
        texts: &["The size of the sent picture changed {value}, for {length}."],
        thresholds: &[
            Threshold::new("info", 6.0, "times a minute", Source::Ours),
            Threshold::new("window", 60.0, "s", Source::Ours),
        ],
        needs: &[outbound::RESOLUTION_CHANGES],
        source: STATS,
        watch: Watch::Level(Level {
            of: VIDEO,
            measure: Measure::Share(|interval| {
                let changes = interval.delta(outbound::RESOLUTION_CHANGES)?;
                Some((
                    if is_first_layer(interval) { changes } else { 0.0 },
                    interval.seconds() / 0.6,
                ))
            }),
            shows: Some(outbound::RESOLUTION_CHANGES),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "snd.low-fps",
        severity: Severity::Warning,
        scope: Scope::Track,
        fires: "far fewer frames are encoded than the source gives",
        hint: "The encoder drops frames because the processor or the bandwidth is not enough.",
        texts: &["Only {value} of the frames of the source were encoded, for {length}."],
        thresholds: &[
            Threshold::new("warning", 70.0, "%", MONITOR),
            Threshold::new("hold", 10.0, "s", MONITOR),
        ],
        needs: &[outbound::FRAMES_ENCODED, source::FRAMES],
        links: SOURCE,
        source: MONITOR,
        watch: Watch::Level(Level {
            of: VIDEO,
            measure: Measure::Value(frames),
            side: Side::Below,
            shows: Some(outbound::FRAMES_ENCODED),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
];

/// How much of the time goes into encoding, in %. Layers that are encoded together tell the same time, so the greatest
/// counts, and not their sum.
fn encoding(interval: &Interval<'_>) -> Option<f64> {
    if !is_first_layer(interval) {
        return None;
    }
    if interval.now(outbound::EFFICIENT_ENCODER) == Some(1.0) {
        return Some(0.0);
    }
    let times = layers_of(interval).filter_map(|layer| layer.rate(outbound::ENCODE_TIME));
    let own = interval.rate(outbound::ENCODE_TIME)?;
    Some(100.0 * times.fold(own, f64::max))
}

/// How high the largest picture is, in % of that of its source or of what the page asked for.
fn height(interval: &Interval<'_>) -> Option<f64> {
    let own = interval
        .now(outbound::FRAME_HEIGHT)
        .filter(|_| is_top_layer(interval))?;
    let source = source_of(interval)?
        .now(source::HEIGHT)
        .filter(|height| *height > 0.0)?;
    Some(100.0 * own * interval.view.scene().parameters.scale() / source)
}

/// How many of the source's frames are encoded, in %, or of as many as the page allows. None at all is another rule's.
fn frames(interval: &Interval<'_>) -> Option<f64> {
    let own = interval
        .delta(outbound::FRAMES_ENCODED)
        .filter(|frames| *frames > 0.0)?;
    if is_screen(interval) || !is_top_layer(interval) {
        return None;
    }
    let given = source_of(interval)?
        .delta(source::FRAMES)
        .filter(|frames| *frames > 0.0)?;
    let allowed = interval.view.scene().parameters.frame_rate() * interval.seconds();
    Some(100.0 * own / given.min(allowed))
}

fn source_of<'a>(interval: &Interval<'a>) -> Option<Interval<'a>> {
    interval.linked(Link::Source)
}
