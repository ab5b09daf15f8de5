//! What is wrong with the dump itself.
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Hears, Polls, Rule, Source, Watch, Watcher};
use crate::findings::severity::{Scope, Severity};
use crate::findings::view::View;

pub const RULES: &[Rule] = &[Rule {
    id: "dump.no-stats",
    severity: Severity::Info,
    scope: Scope::Client,
    fires: "the dump has no statistics at all",
    hint: "The client library takes statistics from the moment a connection is connected: look at the rules about ICE \
           and signalling first.",
    texts: &[
        "There are no statistics in the dump: no connection was made.",
        "There are no statistics in the dump: no connection was ever connected.",
    ],
    source: Source::Published("rtcstats-js"),
    watch: Watch::Dump(
        Hears {
            methods: &[],
            polls: Polls::No,
        },
        |_| Box::new(NoStatistics),
    ),
    ..Rule::PLAIN
}];

struct NoStatistics;

impl Watcher for NoStatistics {
    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        if view.world.statistics == 0 {
            let has_connection = view.scenes().next().is_some();
            let draft = Draft::new(Severity::Info, view.world.first).until(None);
            out.fire(draft.case(usize::from(has_connection)));
        }
    }
}
