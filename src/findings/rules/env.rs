//! What happened around the call: the page and its connection to the server that took the dump.
mod client;

use crate::dump::form::Need;
use crate::findings::rule::{Hears, Polls, Rule, Watch};
use crate::findings::severity::{Scope, Severity};

pub const RULES: &[Rule] = &[
    Rule {
        id: "env.reloaded",
        severity: Severity::Info,
        scope: Scope::Client,
        fires: "the page had been reloaded before the dump began",
        hint: "Look for the dumps of the same session before this one: users reload when something does not work.",
        texts: &[
            "The page had been reloaded {value} times before.",
            "The page had been reloaded once before.",
        ],
        form: Need::PageBegin,
        watch: Watch::Dump(
            Hears {
                methods: &["create"],
                polls: Polls::No,
            },
            client::reloaded,
        ),
        ..Rule::PLAIN
    },
    Rule {
        id: "env.reconnected",
        severity: Severity::Info,
        scope: Scope::Client,
        fires: "the client library has connected to its server more than once",
        hint: "The client lost the server of the dumps, maybe with the network; the call need not have noticed.",
        texts: &[
            "The client lost the server that takes the dump and connected again {value} times.",
            "The client lost the server that takes the dump and connected again.",
        ],
        form: Need::Trace,
        watch: Watch::Dump(
            Hears {
                methods: &["websocket"],
                polls: Polls::No,
            },
            client::reconnected,
        ),
        ..Rule::PLAIN
    },
];
