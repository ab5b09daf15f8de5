//! What is wrong with the dump itself.
use crate::findings::rule::{Rule, Source};
use crate::findings::severity::{Scope, Severity};

pub const RULES: &[Rule] = &[Rule {
    id: "dump.no-stats",
    severity: Severity::Info,
    scope: Scope::Client,
    fires: "the dump has no statistics at all",
    hint: "The client library takes statistics from the moment a connection is connected: look at the rules about ICE \
           and signalling first.",
    thresholds: &[],
    source: Source::Published("rtcstats-js"),
}];
