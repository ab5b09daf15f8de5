//! What the camera and the microphone gave: `cap.…`.
mod blank;
mod constant;
mod silent;
mod small;

use crate::dump::form::Need;
use crate::findings::columns::{Kind, outbound, source};
use crate::findings::held::{Held, Seen, Times};
use crate::findings::rule::{Rule, Source, Threshold, Watch};
use crate::findings::samples::Media;
use crate::findings::severity::{Scope, Severity};
use crate::findings::stream::is_camera;
use crate::findings::view::Interval;

const MONITOR: Source = Source::Published("ObserveRTC client-monitor-js");
const TWILIO: Source = Source::Published("twilio-voice.js");
const AZURE: Source = Source::Published("Azure Communication Services, user facing diagnostics");

pub const RULES: &[Rule] = &[
    Rule {
        id: "cap.silent",
        severity: Severity::Warning,
        scope: Scope::Track,
        fires: "the microphone is silent, or gives exactly nothing, while its track is enabled; info if it gave a sound \
                before",
        hint: "Look whether the right microphone is chosen, and whether it is muted at the device or in the system. \
               Exactly nothing mostly is a muted or a virtual device.",
        texts: &[
            "The microphone was silent for {length}: its level was at most {0} of full scale.",
            "The microphone gave digital silence for {length}: its level was exactly 0.",
            "The microphone gave digital silence for {length}, as if the page had switched its track off, which a \
             browser's log does not tell.",
        ],
        thresholds: &[
            Threshold::new("level", 0.001, "", MONITOR),
            Threshold::new("hold", 30.0, "s", MONITOR),
            Threshold::new("hold_zero", 10.0, "s", Source::Ours),
        ],
        needs: &[source::AUDIO_ENERGY, source::SAMPLES_DURATION],
        source: MONITOR,
        watch: Watch::Report(Kind::Source, Some(Media::Audio), silent::watcher),
        ..Rule::PLAIN
    },
    Rule {
        id: "cap.level-constant",
        severity: Severity::Info,
        scope: Scope::Track,
        fires: "the level of the microphone is above that of silence and hardly changes over several polls",
        hint: "Speech and noise vary. A constant level is a hum, a test tone, or a device that is stuck.",
        texts: &[
            "The level of the microphone hardly changed for {0} in all: it stayed at {1} of full scale, as that of a tone.",
        ],
        thresholds: &[
            Threshold::new("deviation", 0.01, "", TWILIO),
            Threshold::new("level", 0.01, "", Source::Ours),
            Threshold::new("polls", 10.0, "polls", TWILIO),
            Threshold::new("least", 30.0, "s", Source::Ours),
        ],
        needs: &[source::AUDIO_LEVEL],
        source: TWILIO,
        watch: Watch::Report(Kind::Source, Some(Media::Audio), constant::watcher),
        ..Rule::PLAIN
    },
    Rule {
        id: "cap.video-stalled",
        severity: Severity::Critical,
        scope: Scope::Track,
        fires: "a camera gives no frame for some time while its track is enabled; info if the browser says that the \
                system has muted it",
        hint: "Another program holds the camera, it has lost its power, or the system has put it to sleep: look for \
               MediaStreamTrack.onmute and onended around this time.",
        texts: &[
            "The camera gave no frame for {length}.",
            "The camera gave no frame for {length}, as if the page had stopped its track, which a browser's log does \
             not tell.",
            "The camera gave no frame for {length}: the browser told the page that it was muted, as by a call that came \
             in or a switch.",
        ],
        thresholds: &[Threshold::new("hold", 5.0, "s", AZURE)],
        needs: &[source::FRAMES],
        source: AZURE,
        watch: Watch::Report(Kind::Source, Some(Media::Video), |limits| {
            Held::boxed(limits, Times::On, has_stalled)
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "cap.low-fps",
        severity: Severity::Warning,
        scope: Scope::Track,
        fires: "the camera gives far fewer frames a second than were asked for, or hardly any if nothing was",
        hint: "Many cameras halve their rate in low light. A loaded USB bus or another program that holds the camera \
               does it too.",
        texts: &[
            "The camera gave only {0} frames a second for {length}.",
            "The camera gave only {0} frames a second for {length}, where {1} were asked for.",
        ],
        thresholds: &[
            Threshold::new("share", 50.0, "%", MONITOR),
            Threshold::new("least", 5.0, "frames/s", MONITOR),
            Threshold::new("hold", 10.0, "s", MONITOR),
        ],
        needs: &[source::FRAMES_PER_SECOND],
        source: MONITOR,
        watch: Watch::Report(Kind::Source, Some(Media::Video), |limits| {
            Held::boxed(limits, Times::On, slow_camera)
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "cap.smaller",
        severity: Severity::Info,
        scope: Scope::Track,
        fires: "the camera gives a smaller picture than was asked for",
        hint: "The camera cannot do it, or another page holds it at a smaller size. Look at the constraints of \
               getUserMedia.",
        texts: &["The camera gave {0} × {1} pixels for {length}, where {2} was asked for."],
        needs: &[source::WIDTH, source::HEIGHT],
        source: Source::Ours,
        watch: Watch::Report(Kind::Source, Some(Media::Video), |limits| {
            Box::new(Held::new(limits, Times::On, small::test).begin(small::asked))
        }),
        ..Rule::PLAIN
    },
    Rule {
        id: "cap.blank",
        severity: Severity::Info,
        scope: Scope::Track,
        fires: "the sent video takes hardly any bits at its best quantiser: a guess that the picture is black or still",
        hint: "Look whether the camera is covered, or whether a privacy switch of the device makes its picture black.",
        texts: &["The sent picture was probably black or did not move for {length}: it took {0} bit a pixel."],
        thresholds: &[
            Threshold::new("bits", 0.0005, "bit/pixel", Source::Ours),
            Threshold::new("least", 5.0, "frames/s", Source::Ours),
            Threshold::new("hold", 10.0, "s", Source::Ours),
        ],
        needs: &[outbound::QP_SUM, outbound::FRAMES_ENCODED, outbound::FRAME_WIDTH],
        source: Source::Ours,
        watch: Watch::Report(Kind::Outbound, Some(Media::Video), blank::watcher),
        ..Rule::PLAIN
    },
];

/// Whether the camera gives nothing. A shared screen or a canvas gives none while nothing moves.
fn has_stalled(interval: &Interval<'_>, limits: &[f64]) -> Option<Seen> {
    let [hold] = *limits else { return None };
    let frames = interval.delta(source::FRAMES)?;
    if frames > 0.0 || !is_camera(interval) {
        return Some(Seen::not());
    }
    let is_muted = interval.track().is_some_and(|track| track.muted.is_some());
    Some(match interval.view.scene().form.lacks(Need::PageEvents) {
        _ if is_muted => Seen::so(Severity::Info, hold * 1000.0).case(2),
        false => Seen::so(Severity::Critical, hold * 1000.0),
        true => Seen::so(Severity::Warning, hold * 1000.0).case(1),
    })
}

/// Whether the camera gives too few frames a second: of those that were asked for, or at all.
fn slow_camera(interval: &Interval<'_>, limits: &[f64]) -> Option<Seen> {
    let [share, least, hold] = *limits else { return None };
    let rate = interval.rate(source::FRAMES);
    let rate = rate.or_else(|| interval.now(source::FRAMES_PER_SECOND))?;
    // None at all is another rule's.
    if rate == 0.0 || !is_camera(interval) {
        return Some(Seen::not());
    }
    let asked = interval.track().and_then(|track| track.asked.frame_rate);
    let (limit, case) = asked.map_or((least, 0), |asked| (asked * share / 100.0, 1));
    if rate >= limit {
        return Some(Seen::not());
    }
    let rate = (rate * 10.0).round() / 10.0;
    let seen = Seen::so(Severity::Warning, hold * 1000.0).case(case);
    Some(seen.numbers([rate, asked.unwrap_or(f64::NAN), f64::NAN]))
}
