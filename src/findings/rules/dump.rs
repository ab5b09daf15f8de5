//! What is wrong with the dump itself.
use crate::dump::json::Json;
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Hears, Polls, Rule, Source, Watch, Watcher};
use crate::findings::severity::{Scope, Severity};
use crate::findings::view::View;
use crate::findings::world::End;
use crate::limits::FINDING_CONNECTIONS_MAX;

const NOTHING: Hears = Hears {
    methods: &[],
    polls: Polls::No,
};

pub const RULES: &[Rule] = &[
    Rule {
        id: "dump.unfinished",
        severity: Severity::Warning,
        scope: Scope::Client,
        fires: "the dump ends without an orderly end of its session",
        hint: "The page crashed, the network was gone, or the server was stopped: what happened behind the last event \
               is not known. A session that is still going on looks the same.",
        texts: &[
            "The dump has no end: the session goes on, or its recording was cut off.",
            "The session ended without a farewell (1006): the page or its network was gone.",
            "The file of the dump is cut off or damaged.",
            "The recording was ended with an error ({0}): what came behind it is missing.",
        ],
        source: Source::Published("RFC 6455 7.4.1"),
        watch: Watch::Dump(
            Hears {
                methods: &["close"],
                polls: Polls::No,
            },
            |_| Box::new(Unfinished { code: None }),
        ),
        ..Rule::PLAIN
    },
    Rule {
        id: "dump.no-stats",
        scope: Scope::Client,
        fires: "the dump, or a connection, has no statistics",
        hint: "The client library takes statistics from the moment a connection is connected: look at the rules about ICE \
               and signalling first.",
        texts: &[
            "There are no statistics in the dump: no connection was made.",
            "There are no statistics in the dump: no connection was ever connected.",
            "This connection has no statistics: it was never connected.",
            "This connection has no statistics, though it was connected.",
            "There are no statistics in the dump, though a connection was connected.",
        ],
        source: Source::Published("rtcstats-js"),
        watch: Watch::Dump(NOTHING, |_| Box::new(NoStatistics)),
        ..Rule::PLAIN
    },
    Rule {
        id: "dump.truncated",
        scope: Scope::Connection,
        fires: "a browser's dump has only the last part of its statistics",
        hint: "The page chrome://webrtc-internals keeps 1,000 points of a series: make the dump sooner, or record \
               sessions.",
        texts: &[
            "The browser has kept only the last part of the statistics of this connection.",
            "Of {0} connections only the first {1} were examined.",
        ],
        source: Source::Published("Chromium, webrtc-internals: 1,000 points"),
        watch: Watch::Dump(NOTHING, |_| Box::new(Truncated)),
        ..Rule::PLAIN
    },
];

struct Unfinished {
    code: Option<f64>,
}

/// RFC 6455, section 7.4.1: no close frame was received.
const NO_CLOSE_FRAME: f64 = 1006.0;

/// A close frame without a code, which is all that a page sends that says nothing.
const NO_STATUS: f64 = 1005.0;

/// Those of the same section that end a session against somebody's will. 1001 is a server that stops or a page that is
/// left.
const ERRORS: std::ops::RangeInclusive<f64> = 1002.0..=1015.0;

fn error(code: f64) -> String {
    match code as u16 {
        1008 => "1008, policy".to_owned(),
        1009 => "1009, a message or the dump was too large".to_owned(),
        1011 => "1011, a fault of the server".to_owned(),
        1013 => "1013, the server had no room".to_owned(),
        code => code.to_string(),
    }
}

impl Watcher for Unfinished {
    fn event(&mut self, call: &Call<'_>, _view: &View<'_>, _out: &mut Out<'_>) {
        if call.connection == 0 {
            self.code = Some(Json::as_f64(call.value).unwrap_or(f64::NAN));
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let case = match (view.world.end, self.code) {
            (Some(End::Torn), _) => 2,
            (_, Some(code)) if code == NO_CLOSE_FRAME => 1,
            (_, Some(code)) if ERRORS.contains(&code) && code != NO_STATUS => 3,
            (_, Some(_)) => return,
            (_, None) if !view.world.client_form.is_library() => return,
            (_, None) => 0,
        };
        let last = view.world.last;
        let draft = Draft::new(Severity::Warning, last).until(None).case(case);
        out.fire(match self.code {
            Some(code) if case == 3 => draft.name(error(code)),
            _ => draft,
        });
    }
}

struct NoStatistics;

impl Watcher for NoStatistics {
    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        if view.world.statistics == 0 {
            let is_connected = view.scenes().any(|(_, scene)| scene.first_connected.is_some());
            let case = match view.scenes().next() {
                None => 0,
                Some(_) if is_connected => 4,
                Some(_) => 1,
            };
            let draft = Draft::new(Severity::Info, view.world.first).until(None);
            out.fire(draft.case(case));
            return;
        }
        for (index, scene) in view.scenes() {
            if scene.polls.count > 0 || scene.created.is_none() {
                continue;
            }
            let draft = Draft::new(Severity::Info, scene.first).until(scene.closed);
            out.fire_of(index, draft.case(2 + usize::from(scene.first_connected.is_some())));
        }
    }
}

struct Truncated;

impl Watcher for Truncated {
    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        if view.world.connections > 0 {
            let draft = Draft::new(Severity::Info, view.world.last).case(1);
            out.fire_of(
                0,
                draft
                    .name(view.world.connections.to_string())
                    .name(FINDING_CONNECTIONS_MAX.to_string()),
            );
        }
        for (index, scene) in view.scenes().filter(|(_, scene)| scene.form.is_truncated()) {
            out.fire_of(
                index,
                Draft::new(Severity::Info, scene.first).until(Some(scene.polls.first)),
            );
        }
    }
}
