//! What descriptions say: whether the page has changed them, what they refuse, and which way media go (RFC 8829).
mod direction;
mod munged;
mod rejected;

use crate::dump::form::Need;
use crate::findings::rule::{Hears, Polls, Rule, Source, Threshold, Watch};
use crate::findings::severity::Severity;

const fn hears(methods: &'static [&'static str]) -> Hears {
    Hears {
        methods,
        polls: Polls::No,
    }
}

pub const RULES: &[Rule] = &[
    Rule {
        id: "sig.munged",
        severity: Severity::Critical,
        fires: "the page sets another description than the browser has created: critical if credentials, fingerprint \
                or DTLS role differ, a warning if codecs, extensions, sources or sections do, else info",
        hint: "Browsers are about to forbid changes of what they have created. For each of them there is a call: \
               setCodecPreferences(), setParameters(), direction, sendEncodings, restartIce().",
        texts: &["The page changed the {0} before it set it: {1}. {2}"],
        source: Source::Published("W3C webrtc-pc"),
        watch: Watch::Connection(hears(&["setLocalDescription"]), munged::new),
        ..Rule::PLAIN
    },
    Rule {
        id: "sig.rejected",
        severity: Severity::Warning,
        fires: "an answer rejects a section that was offered (port 0, not bundled)",
        hint: "The answering side has no codec in common, does not want this kind of media, or has stopped the \
               transceiver.",
        texts: &["{0} rejected the {1} section with mid {2}."],
        source: Source::Published("RFC 8829"),
        watch: Watch::Connection(
            hears(&["setLocalDescriptionOnSuccess", "setRemoteDescriptionOnSuccess"]),
            rejected::new,
        ),
        ..Rule::PLAIN
    },
    Rule {
        id: "sig.direction",
        severity: Severity::Warning,
        fires: "more tracks were given to a connection than the negotiated directions send; info if this side's own \
                offer did not want to send, or if the other side's offer takes no more what it took before (hold)",
        hint: "Look at a=sendonly, a=recvonly and a=inactive in offer and answer, at RTCRtpTransceiver.direction, and \
               whether the track was added before the answer was created.",
        texts: &[
            "One {media} track is not sent, because the answer of the other side does not take it (one way).",
            "One {media} track is not sent, because this side's answer does not say so: it was added too late, or to \
             another transceiver.",
            "One {media} track is not sent, because this side's own offer did not want to send it.",
            "One {media} track is not sent, because the offer of the other side does not take it (one way).",
            "One {media} track is not sent any more, because a later offer of the other side does not take it: the other \
             side holds the call, or has paused this kind of media.",
        ],
        thresholds: &[Threshold {
            name: "hold",
            value: 5.0,
            unit: "s",
            source: Source::Ours,
        }],
        form: Need::Trace,
        source: Source::Published("W3C webrtc-pc"),
        watch: Watch::Connection(hears(direction::METHODS), direction::new),
        ..Rule::PLAIN
    },
];
