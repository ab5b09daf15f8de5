//! How both sides agreed upon what to send (W3C WebRTC, section 4; RFC 8829).
mod candidate;
mod failure;
mod glare;
mod many;
mod storm;
mod waiting;

use crate::dump::form::Need;
use crate::findings::rule::{Hears, Polls, Rule, Source, Threshold, Watch};
use crate::findings::severity::{Scope, Severity};

const SPECIFICATION: Source = Source::Published("W3C webrtc-pc");

const fn ours(name: &'static str, value: f64, unit: &'static str) -> Threshold {
    Threshold {
        name,
        value,
        unit,
        source: Source::Ours,
    }
}

const fn hears(methods: &'static [&'static str]) -> Hears {
    Hears {
        methods,
        polls: Polls::No,
    }
}

pub const RULES: &[Rule] = &[
    Rule {
        id: "sig.failure",
        severity: Severity::Critical,
        fires: "createOffer, createAnswer, setLocalDescription or setRemoteDescription fails; a warning if the connection \
                lives on or a later negotiation succeeds, info after close",
        hint: "Read the error: mostly the calls came in an order that the signalling state does not allow, or the \
               description was changed on its way.",
        texts: &["{0} failed{1}: {2}.", "{0} was called on a closed connection{1}."],
        source: SPECIFICATION,
        watch: Watch::Connection(hears(failure::METHODS), failure::new),
        ..Rule::PLAIN
    },
    Rule {
        id: "sig.add-candidate-failed",
        severity: Severity::Warning,
        fires: "addIceCandidate fails; info after close",
        hint: "Give candidates to the connection after the remote description that they belong to, with sdpMid and \
               usernameFragment as they came, and unchanged.",
        texts: &[
            "{0} came before the remote description that {1} to, and {2} refused.",
            "{0} came after the connection was closed, and {2} refused.",
            "{0} named a section or credentials that the remote description does not have, and {2} refused.",
            "{0} could not be read, and {2} refused.",
            "{0} {2} refused by the browser, which does not say why.",
        ],
        source: SPECIFICATION,
        watch: Watch::Connection(hears(candidate::METHODS), candidate::new),
        ..Rule::PLAIN
    },
    Rule {
        id: "sig.no-answer",
        severity: Severity::Critical,
        fires: "an offer of this side has no answer: critical if the other side never described itself, a warning if it had \
                before, info if the answer comes late",
        hint: "Look at the signalling server and at the other side: nobody picked up, the answer was lost, or the page \
               did not set it.",
        texts: &[
            "The offer waited {value} for its answer.",
            "The offer had no answer for {value}, until the connection was closed.",
            "The offer had no answer for {value}, until the dump ended.",
        ],
        thresholds: &[
            Threshold {
                name: "info",
                value: 1.0,
                unit: "s",
                source: Source::Published("rtcstats.com"),
            },
            ours("warning", 5.0, "s"),
        ],
        form: Need::Beginning,
        source: Source::Published("rtcstats.com"),
        watch: Watch::Connection(hears(&["onsignalingstatechange"]), waiting::no_answer),
        ..Rule::PLAIN
    },
    Rule {
        id: "sig.never-negotiated",
        severity: Severity::Warning,
        fires: "a connection with tracks or channels lives for some time without a remote description; info if this side \
                did not even begin to negotiate",
        hint: "The page made a connection and never got the other side's description: look at the signalling server.",
        texts: &[
            "The connection never got a description of the other side in the {value} that it lived.",
            "The page made a connection with tracks or channels and did not begin to use it in the {value} that it lived.",
        ],
        thresholds: &[ours("warning", 5.0, "s")],
        form: Need::Beginning,
        watch: Watch::Connection(
            hears(&[
                "addTrack",
                "addTransceiver",
                "createDataChannel",
                "createOffer",
                "setLocalDescription",
            ]),
            waiting::never,
        ),
        ..Rule::PLAIN
    },
    Rule {
        id: "sig.needed-ignored",
        severity: Severity::Warning,
        fires: "after the first negotiation, negotiationneeded is followed by neither an offer of this side nor one of \
                the other",
        hint: "Make an offer when negotiationneeded fires: what the page has added or changed is not sent before.",
        texts: &["The browser asked for a new negotiation, and the page did not begin one for {value}."],
        thresholds: &[ours("warning", 5.0, "s")],
        source: SPECIFICATION,
        watch: Watch::Connection(
            hears(&[
                "onnegotiationneeded",
                "createOffer",
                "setLocalDescription",
                "setRemoteDescription",
            ]),
            waiting::ignored,
        ),
        ..Rule::PLAIN
    },
    Rule {
        id: "sig.glare",
        severity: Severity::Info,
        fires: "an offer comes while this side has one open, or a description is rolled back",
        hint: "Both sides offered at the same time, which the pattern of perfect negotiation is made for.",
        texts: &[
            "An offer of the other side came while this side waited for an answer to its own.",
            "An offer was rolled back.",
        ],
        source: SPECIFICATION,
        watch: Watch::Connection(hears(&["setLocalDescription", "setRemoteDescription"]), glare::new),
        ..Rule::PLAIN
    },
    Rule {
        id: "sig.storm",
        severity: Severity::Warning,
        fires: "many negotiations are completed within a short time",
        hint: "Change all tracks and transceivers first and negotiate once; each negotiation can interrupt media.",
        texts: &["There were {value} negotiations within {0}, begun by {1}."],
        thresholds: &[ours("warning", 5.0, ""), ours("window", 10.0, "s")],
        watch: Watch::Connection(hears(storm::METHODS), storm::new),
        ..Rule::PLAIN
    },
    Rule {
        id: "sig.many-connections",
        severity: Severity::Info,
        scope: Scope::Client,
        fires: "many connections are open at once, or never closed",
        hint: "Close connections that are not needed any more: a browser refuses to make them beyond some hundreds.",
        texts: &[
            "There were {value} connections open at once.",
            "The page never closed {value} connections.",
        ],
        thresholds: &[ours("open", 20.0, ""), ours("left", 100.0, "")],
        watch: Watch::Dump(hears(&["create", "close", "onsignalingstatechange"]), many::new),
        ..Rule::PLAIN
    },
];
