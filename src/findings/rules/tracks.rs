//! What happened to devices and to the tracks that are sent (W3C Media Capture and Streams; W3C WebRTC, section 5.2).
mod devices;
mod ended;
mod silent;

use crate::dump::form::Need;
use crate::findings::rule::{Hears, Polls, Rule, Source, Watch};
use crate::findings::severity::{Scope, Severity};

const PLAIN: Rule = Rule {
    scope: Scope::Track,
    form: Need::PageEvents,
    ..Rule::PLAIN
};

pub const RULES: &[Rule] = &[
    Rule {
        id: "cap.track-ended",
        severity: Severity::Critical,
        fires: "a captured track ends by itself while a connection is open; info for a shared screen, which users end",
        hint: "The device was unplugged, or the permission withdrawn: let the page tell so and ask for another device \
               when a track ends.",
        texts: &[
            "The {media} device stopped by itself: it was unplugged, or the permission was withdrawn.",
            "The user or the system ended the shared screen.",
        ],
        source: Source::Published("W3C mediacapture-main"),
        watch: Watch::Dump(
            Hears {
                methods: &["MediaStreamTrack.onended"],
                polls: Polls::No,
            },
            ended::new,
        ),
        ..PLAIN
    },
    Rule {
        id: "cap.disabled",
        severity: Severity::Info,
        fires: "the page switches a track off (enabled = false) while it is sent",
        hint: "Muted by the page: silence or a black picture is sent meanwhile.",
        texts: &["The page had the {media} track switched off for {value}."],
        watch: Watch::Dump(
            Hears {
                methods: &["MediaStreamTrack.enabled"],
                polls: Polls::No,
            },
            silent::disabled,
        ),
        ..PLAIN
    },
    Rule {
        id: "snd.null-track",
        severity: Severity::Info,
        fires: "a sender has no track, because the page has replaced it by null",
        hint: "Nothing is sent meanwhile, which is what replaceTrack(null) is for.",
        texts: &["The page took the {media} track away from its sender for {value}, and nothing was sent."],
        source: Source::Published("W3C webrtc-pc"),
        watch: Watch::Connection(
            Hears {
                methods: &["replaceTrack"],
                polls: Polls::No,
            },
            silent::null_track,
        ),
        ..PLAIN
    },
    Rule {
        id: "dev.changed",
        severity: Severity::Info,
        scope: Scope::Client,
        fires: "devices come or go while a connection is open",
        hint: "If something went silent at this time, the device that was in use is the first suspect.",
        texts: &[
            "The devices of the machine changed: {0}.",
            "The devices of the machine changed; the page did not list them before and after.",
        ],
        source: Source::Published("W3C mediacapture-main"),
        watch: Watch::Dump(
            Hears {
                methods: &[devices::LISTED, devices::CHANGED],
                polls: Polls::No,
            },
            devices::new,
        ),
        ..PLAIN
    },
];
