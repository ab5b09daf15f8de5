//! How the page asked for devices, and what it was told (W3C Media Capture and Streams, section 10.3).
//!
//! Each rule remembers the calls that have no answer yet, at most `FINDING_PENDING_MAX`, by their ids.
mod failed;
mod waiting;

use super::asked::{ASK, DENIED, GIVEN};
use crate::dump::form::Need;
use crate::findings::rule::{Hears, Polls, Rule, Source, Threshold, Watch};
use crate::findings::severity::{Scope, Severity};

const ANSWERS: Hears = Hears {
    methods: &[ASK, GIVEN, DENIED],
    polls: Polls::No,
};

const SPECIFICATION: Source = Source::Published("W3C mediacapture-main");

const PLAIN: Rule = Rule {
    scope: Scope::Client,
    form: Need::Requests,
    source: SPECIFICATION,
    ..Rule::PLAIN
};

/// How soon a later call must succeed, in s.
const SOON: Threshold = Threshold {
    name: "soon",
    value: 30.0,
    unit: "s",
    source: Source::Ours,
};

pub const RULES: &[Rule] = &[
    Rule {
        id: "gum.denied",
        severity: Severity::Critical,
        fires: "getUserMedia fails with NotAllowedError or SecurityError; info if a later call succeeds soon",
        hint: "Ask the user to allow the device for this site in the browser's address bar and in the settings of the \
               operating system; in a frame, check its allow attribute and the Permissions-Policy header.",
        texts: &[
            "The user or a policy denied the page the {0}{1}.",
            "The operating system denied the browser the {0}{1}.",
            "The user closed the prompt for the {0} without an answer{1}.",
        ],
        thresholds: &[SOON],
        watch: Watch::Dump(ANSWERS, failed::denied),
        ..PLAIN
    },
    Rule {
        id: "gum.not-found",
        severity: Severity::Critical,
        fires: "getUserMedia fails with NotFoundError; a warning if a later call succeeds soon",
        hint: "The machine has no such device, or the operating system hides it: plug it in, or let the page ask for \
               audio and video apart.",
        texts: &["The machine has no {0} that the page could use{1}."],
        thresholds: &[SOON],
        watch: Watch::Dump(ANSWERS, failed::not_found),
        ..PLAIN
    },
    Rule {
        id: "gum.busy",
        severity: Severity::Critical,
        fires: "getUserMedia fails with NotReadableError or AbortError; a warning if a later call succeeds soon",
        hint: "Another program holds the device, or its driver failed: close other programs that use it, plug it in \
               again, then reload the page.",
        texts: &["The {0} could not be started, because another program holds it or its driver failed{1}."],
        thresholds: &[SOON],
        watch: Watch::Dump(ANSWERS, failed::busy),
        ..PLAIN
    },
    Rule {
        id: "gum.overconstrained",
        severity: Severity::Warning,
        fires: "getUserMedia fails with OverconstrainedError or TypeError",
        hint: "No device can do what the constraints demand, or they are no constraints: use ideal instead of exact, \
               and take device ids from enumerateDevices of this visit.",
        texts: &[
            "No device can do what the page demanded: {0}.",
            "The page called getUserMedia with constraints that ask for nothing or cannot be read: {0}.",
        ],
        watch: Watch::Dump(ANSWERS, failed::overconstrained),
        ..PLAIN
    },
    Rule {
        id: "gum.slow",
        severity: Severity::Warning,
        fires: "getUserMedia takes long to succeed, or the prompt is not answered before the dump ends",
        hint: "The user saw the prompt late or did not understand it: tell before the call why the page needs the \
               device.",
        texts: &[
            "The user took {value} to answer the prompt for the {0}.",
            "The prompt for the {0} was not answered for {value}, until the dump ended.",
        ],
        thresholds: &[
            Threshold {
                name: "info",
                value: 5.0,
                unit: "s",
                source: Source::Ours,
            },
            Threshold {
                name: "warning",
                value: 30.0,
                unit: "s",
                source: Source::Ours,
            },
        ],
        source: Source::Ours,
        watch: Watch::Dump(ANSWERS, waiting::slow),
        ..PLAIN
    },
    Rule {
        id: "gum.many",
        severity: Severity::Info,
        fires: "getUserMedia is called very often, within a minute or in all",
        hint: "Call getUserMedia once and keep its tracks, or clone them: each call opens the device anew.",
        texts: &[
            "The page called getUserMedia {value} times within {0}.",
            "The page called getUserMedia {value} times in all.",
        ],
        thresholds: &[
            Threshold {
                name: "burst",
                value: 20.0,
                unit: "",
                source: Source::Ours,
            },
            Threshold {
                name: "window",
                value: 60.0,
                unit: "s",
                source: Source::Ours,
            },
            Threshold {
                name: "all",
                value: 500.0,
                unit: "",
                source: Source::Published("rtcstats.com"),
            },
        ],
        source: Source::Published("rtcstats.com"),
        watch: Watch::Dump(
            Hears {
                methods: &[ASK],
                polls: Polls::No,
            },
            waiting::many,
        ),
        ..PLAIN
    },
];
