//! How the statistics themselves were taken: gaps, clocks, and a machine that is too busy.
mod pressure;

use crate::findings::columns::Kind;
use crate::findings::draft::{Draft, Out};
use crate::findings::polls::{GAP_MS_MIN, Step};
use crate::findings::rule::{Hears, Limits, Polls, Rule, Source, Threshold, Watch, Watcher};
use crate::findings::severity::{Scope, Severity};
use crate::findings::view::View;

const POLLS: Hears = Hears {
    methods: &[],
    polls: Polls::Yes,
};

pub const RULES: &[Rule] = &[
    Rule {
        id: "env.poll-gap",
        severity: Severity::Warning,
        scope: Scope::Client,
        fires: "no statistics are taken for a while, though a connection is connected",
        hint: "The page was hidden and slowed down, the machine slept, or it was too busy. Nothing is known of that \
               time: no other rule looks at it.",
        texts: &["No statistics were taken for {value}: the page was hidden, or the machine slept or was too busy."],
        thresholds: &[Threshold {
            name: "warning",
            value: 30.0,
            unit: "s",
            source: Source::Published("ObserveRTC client-monitor-js, stats gap"),
        }],
        source: Source::Published("ObserveRTC client-monitor-js, stats gap: twice the interval, and 5 s"),
        watch: Watch::Dump(POLLS, |limits| Box::new(Gap::new(limits))),
        ..Rule::PLAIN
    },
    Rule {
        id: "env.clock",
        scope: Scope::Client,
        fires: "the clock of events jumps against that of the statistics",
        hint: "The clock was set, or the machine slept. All times behind it are shifted.",
        texts: &["The clock of the page jumped by {value}."],
        thresholds: &[Threshold {
            name: "info",
            value: 1.0,
            unit: "s",
            source: Source::Ours,
        }],
        source: Source::Published("W3C hr-time, 4: clocks"),
        watch: Watch::Dump(POLLS, |limits| Box::new(Clock::new(limits))),
        ..Rule::PLAIN
    },
    pressure::RULE,
];

struct Gap {
    warning_ms: f64,
    /// The end of the last one: all connections of a page have the same.
    end: f64,
}

impl Gap {
    fn new(limits: &Limits<'_>) -> Gap {
        Gap {
            warning_ms: limits.ms("warning"),
            end: f64::NEG_INFINITY,
        }
    }
}

impl Watcher for Gap {
    fn polled(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let scene = view.scene();
        let polls = &scene.polls;
        let since = scene.first_connected.filter(|_| scene.closed.is_none());
        let was_connected = since.is_some_and(|since| since <= polls.before);
        if polls.step != Step::Gap || polls.interval() <= 0.0 || !was_connected || polls.before < self.end {
            return;
        }
        self.end = polls.last;
        let severity = match polls.interval() >= self.warning_ms {
            true => Severity::Warning,
            false => Severity::Info,
        };
        let draft = Draft::new(severity, polls.before).until(Some(polls.last));
        let draft = draft.value(polls.interval() / 1000.0, "s");
        out.fire_of(0, draft.threshold(GAP_MS_MIN.max(2.0 * polls.median) / 1000.0));
    }
}

struct Clock {
    jump_ms: f64,
    /// By connection: how far the clock of events is before that of the statistics, in ms.
    ahead: Vec<f64>,
    /// By connection: a jump that has to hold.
    jumps: Vec<Option<Jump>>,
    last: f64,
}

/// A page that was busy takes a poll late, and the next one in time again.
#[derive(Clone, Copy)]
struct Jump {
    time: f64,
    /// The least one since then, in ms.
    by: f64,
    polls: u32,
}

/// At so many polls it must be there.
const POLLS_MIN: u32 = 3;

/// More connections are not looked at.
const CONNECTIONS_MAX: usize = 1024;

impl Clock {
    fn new(limits: &Limits<'_>) -> Clock {
        Clock {
            jump_ms: limits.ms("info"),
            ahead: Vec::new(),
            jumps: Vec::new(),
            last: f64::NEG_INFINITY,
        }
    }
}

impl Watcher for Clock {
    fn polled(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        if view.connection >= CONNECTIONS_MAX {
            return;
        }
        let slots = view.scene().samples.slots();
        let own = |kind| matches!(kind, Kind::Transport | Kind::Outbound | Kind::Inbound | Kind::Source);
        let mut times = slots.iter().filter(|slot| slot.is_there() && own(slot.kind));
        let Some(time) = times.find_map(|slot| Some(slot.time()).filter(|time| time.is_finite())) else {
            return;
        };
        if self.ahead.len() <= view.connection {
            self.ahead.resize(view.connection + 1, f64::NAN);
            self.jumps.resize(view.connection + 1, None);
        }
        let ahead = view.now - time;
        let (usual, jump) = (&mut self.ahead[view.connection], &mut self.jumps[view.connection]);
        let by = ahead - *usual;
        let before = jump.filter(|jump| jump.by.signum() == by.signum());
        *jump = (by.abs() > self.jump_ms).then(|| match before {
            None => Jump {
                time: view.now,
                by,
                polls: 1,
            },
            Some(jump) => Jump {
                by: if by.abs() < jump.by.abs() { by } else { jump.by },
                polls: jump.polls + 1,
                ..jump
            },
        });
        let Some(jump) = *jump else {
            *usual = ahead;
            return;
        };
        if jump.polls < POLLS_MIN {
            return;
        }
        *usual = ahead;
        self.jumps[view.connection] = None;
        // All connections of a page see the same jump.
        if jump.time > self.last + GAP_MS_MIN {
            self.last = jump.time;
            let draft = Draft::new(Severity::Info, jump.time).value(jump.by / 1000.0, "s");
            out.fire_of(0, draft.threshold(self.jump_ms / 1000.0));
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        if view.world.statistics > 0 && self.ahead.iter().all(|ahead| ahead.is_nan()) {
            out.not_evaluable("reports have no timestamp");
        }
    }
}
