//! Rules about sound that is received, and about the device that plays it.
use super::delay;
use crate::findings::columns::{Kind, inbound, playout};
use crate::findings::rule::{Level, Measure, Of, Rule, Source, Threshold, Watch};
use crate::findings::samples::Media;
use crate::findings::severity::{Scope, Severity};
use crate::findings::view::Interval;

const MONITOR: Source = Source::Published("ObserveRTC client-monitor-js");
const DETECTOR: Source = Source::Published("webrtc-issue-detector");
const RTCSTATS: Source = Source::Published("rtcstats.com knowledge base");
const STATS: Source = Source::Published("W3C webrtc-stats");

const SOUND: Of = Of::Report(Kind::Inbound, Some(Media::Audio));
const PLAYOUT: Of = Of::Report(Kind::Playout, None);

pub const RULES: &[Rule] = &[
    Rule {
        id: "rcv.jitter-buffer",
        severity: Severity::Critical,
        scope: Scope::Track,
        fires: "the sound waits too long in the jitter buffer, or longer and longer",
        hint: "Packets come too unevenly (look at net.jitter), or the machine is too busy to play them in time.",
        texts: &[
            "The jitter buffer delayed the sound by {value} for {length}.",
            "The delay of the jitter buffer grew by {value} for {length}, to {0} s.",
        ],
        thresholds: &[
            Threshold::new("warning", 0.2, "s", MONITOR),
            Threshold::new("critical", 0.5, "s", DETECTOR),
            Threshold::new("hold", 10.0, "s", MONITOR),
            Threshold::new("slope", 50.0, "ms/min", Source::Ours),
            Threshold::new("slope_hold", 180.0, "s", Source::Ours),
        ],
        needs: &[inbound::JITTER_BUFFER_DELAY, inbound::JITTER_BUFFER_EMITTED],
        source: STATS,
        watch: Watch::Report(Kind::Inbound, Some(Media::Audio), delay::watcher),
        ..Rule::PLAIN
    },
    Rule {
        id: "rcv.concealed",
        severity: Severity::Critical,
        scope: Scope::Track,
        fires: "a large part of the sound is made up, because packets are missing or late",
        hint: "That is what people hear as chopped or robotic. Look at loss and jitter; without them, at the machine.",
        texts: &["{value} of the received sound was made up (concealed), for {length}."],
        thresholds: &[
            Threshold::new("warning", 3.0, "%", MONITOR),
            Threshold::new("critical", 10.0, "%", RTCSTATS),
            Threshold::new("off", 1.0, "%", MONITOR),
            Threshold::new("window", 15.0, "s", MONITOR),
        ],
        needs: &[inbound::CONCEALED_SAMPLES, inbound::SAMPLES_RECEIVED],
        source: MONITOR,
        watch: Watch::Level(Level {
            of: SOUND,
            measure: Measure::Share(concealed),
            shows: Some(inbound::CONCEALED_SAMPLES),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "rcv.stretched",
        severity: Severity::Info,
        scope: Scope::Track,
        fires: "a large part of the sound is played faster or slower than it was said",
        hint: "The jitter buffer adapts all the time: packets come unevenly, or the clocks of both sides differ.",
        texts: &["{value} of the received sound was inserted or removed to play it slower or faster, for {length}."],
        thresholds: &[
            Threshold::new("info", 10.0, "%", MONITOR),
            Threshold::new("off", 5.0, "%", MONITOR),
            Threshold::new("window", 15.0, "s", MONITOR),
        ],
        needs: &[inbound::SAMPLES_INSERTED, inbound::SAMPLES_REMOVED],
        source: MONITOR,
        watch: Watch::Level(Level {
            of: SOUND,
            measure: Measure::Share(|interval| {
                let inserted = interval.delta(inbound::SAMPLES_INSERTED)?;
                let removed = interval.delta(inbound::SAMPLES_REMOVED)?;
                Some((inserted + removed, interval.delta(inbound::SAMPLES_RECEIVED)?))
            }),
            shows: Some(inbound::SAMPLES_INSERTED),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "rcv.playout-glitch",
        severity: Severity::Warning,
        scope: Scope::Connection,
        fires: "the device that plays the sound runs out of it again and again",
        hint: "The machine is too busy, or the device asks for sound in too small pieces: look at env.pressure.",
        texts: &["{value} of the played sound was made up because it did not reach the speaker in time, for {length}."],
        thresholds: &[
            Threshold::new("warning", 1.0, "%", MONITOR),
            Threshold::new("window", 10.0, "s", MONITOR),
        ],
        needs: &[playout::SYNTHESIZED_DURATION, playout::SAMPLES_DURATION],
        source: STATS,
        watch: Watch::Level(Level {
            of: PLAYOUT,
            measure: Measure::Share(|interval| {
                let made_up = interval.delta(playout::SYNTHESIZED_DURATION)?;
                Some((made_up, interval.delta(playout::SAMPLES_DURATION)?))
            }),
            shows: Some(playout::SYNTHESIZED_DURATION),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "rcv.playout-delay",
        severity: Severity::Info,
        scope: Scope::Connection,
        fires: "the device that plays the sound delays it much",
        hint: "Wireless headsets and remote desktops buffer sound: try another device.",
        texts: &["The device that plays the sound delayed it by {value} for {length}."],
        thresholds: &[
            Threshold::new("info", 0.2, "s", Source::Ours),
            Threshold::new("hold", 10.0, "s", Source::Ours),
        ],
        needs: &[playout::PLAYOUT_DELAY, playout::SAMPLES_COUNT],
        source: RTCSTATS,
        watch: Watch::Level(Level {
            of: PLAYOUT,
            measure: Measure::Value(|interval| {
                let count = interval.delta(playout::SAMPLES_COUNT).filter(|count| *count > 0.0)?;
                Some(interval.delta(playout::PLAYOUT_DELAY)? / count)
            }),
            shows: Some(playout::PLAYOUT_DELAY),
            ..Level::PLAIN
        }),
        ..Rule::PLAIN
    },
];

/// Made up sound that could be heard, and all of it.
fn concealed(interval: &Interval<'_>) -> Option<(f64, f64)> {
    let concealed = interval.delta(inbound::CONCEALED_SAMPLES)?;
    let silent = interval.delta(inbound::SILENT_CONCEALED_SAMPLES).unwrap_or_default();
    let all = interval.delta(inbound::SAMPLES_RECEIVED)?;
    Some(((concealed - silent).max(0.0), all))
}
