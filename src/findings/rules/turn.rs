//! What came of the STUN and TURN servers (RFC 8489, RFC 8656).
mod gathering;
mod refused;

use crate::dump::form::Need;
use crate::findings::rule::{Hears, Polls, Rule, Source, Threshold, Watch};
use crate::findings::severity::Severity;

const TURN: Source = Source::Published("RFC 8656");

const ERRORS: Hears = Hears {
    methods: &["onicecandidateerror", "onicegatheringstatechange"],
    polls: Polls::No,
};

pub const RULES: &[Rule] = &[
    Rule {
        id: "turn.unauthorized",
        severity: Severity::Critical,
        fires: "a TURN server refuses the credentials (401, 403) and gives no relay candidate; a warning if the \
                connection connects without it",
        hint: "Credentials for TURN are mostly valid for a limited time: check the clock of the server that makes them, \
               their lifetime, and the realm.",
        texts: &["The TURN server {0} refused the credentials ({1}{2})."],
        source: TURN,
        watch: Watch::Connection(ERRORS, refused::unauthorized),
        ..Rule::PLAIN
    },
    Rule {
        id: "turn.refused",
        severity: Severity::Warning,
        fires: "a TURN server refuses an allocation for another reason (437, 438, 441, 442, 486, 508)",
        hint: "486 is the quota of the user, 508 the capacity of the server; the others are mismatches of credentials \
               or protocol.",
        texts: &["The TURN server {0} refused to relay: {2} ({1})."],
        source: TURN,
        watch: Watch::Connection(ERRORS, refused::refused),
        ..Rule::PLAIN
    },
    Rule {
        id: "ice.server-unreachable",
        severity: Severity::Warning,
        fires: "a TURN server does not answer (701), and no candidate came from it; a STUN server, if no candidate came \
                from any of them",
        hint: "The server is down, its name or port is wrong, or the network blocks it. An error for one family of \
               addresses while the other works is not meant.",
        texts: &["The server {0} did not answer ({1}{2})."],
        source: Source::Published("W3C webrtc-pc"),
        watch: Watch::Connection(ERRORS, refused::unreachable),
        ..Rule::PLAIN
    },
    Rule {
        id: "ice.gathering-slow",
        severity: Severity::Warning,
        fires: "the first candidate of a server takes long (info), or gathering does not complete; info if the \
                connection connects meanwhile",
        hint: "A server that is far away or overloaded, a slow name server, or a network that drops UDP without a word: \
               take a server near the user, and one on TCP or TLS.",
        texts: &[
            "The first candidate from {0} ({1}) took {value}.",
            "Gathering candidates took {value} to complete.",
            "Gathering candidates had not completed after {value}.",
        ],
        thresholds: &[
            Threshold {
                name: "info",
                value: 500.0,
                unit: "ms",
                source: Source::Published("rtcstats.com"),
            },
            Threshold {
                name: "warning",
                value: 10.0,
                unit: "s",
                source: Source::Ours,
            },
        ],
        form: Need::Delay,
        source: Source::Published("rtcstats.com"),
        watch: Watch::Connection(
            Hears {
                methods: &["onicegatheringstatechange"],
                polls: Polls::No,
            },
            gathering::new,
        ),
        ..Rule::PLAIN
    },
];
