//! `env.pressure`: the processor has too much to do (W3C compute-pressure), as the client library tells it with each
//! connection's statistics.
//!
//! It is no more than `Info`: calls were recorded on a machine under critical pressure, and nothing of them suffered.
//! Where something does, it is the cause of that.
use crate::findings::columns::{Kind, PRESSURES, pressure};
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Hears, Limits, Polls, Rule, Source, Threshold, Watch, Watcher};
use crate::findings::run::{Run, Span};
use crate::findings::severity::{Scope, Severity};
use crate::findings::view::View;

pub const RULE: Rule = Rule {
    id: "env.pressure",
    scope: Scope::Client,
    fires: "the processor is under serious or critical pressure for some time",
    hint: "Other programs take the machine's time, or it is too weak for what is encoded and decoded: send smaller \
           video, show fewer videos, close what else runs.",
    texts: &["The processor was under {0} pressure for {length}."],
    thresholds: &[
        Threshold::new(
            "state",
            2.0,
            "(1 fair, 2 serious, 3 critical)",
            Source::Published("W3C compute-pressure, PressureState"),
        ),
        Threshold::new(
            "hold",
            10.0,
            "s",
            Source::Published("rtcstats.com knowledge base, CPU pressure"),
        ),
    ],
    needs: &[pressure::CPU_STATE],
    source: Source::Published("W3C compute-pressure, PressureState"),
    watch: Watch::Dump(
        Hears {
            methods: &[],
            polls: Polls::Yes,
        },
        |limits| Box::new(Pressure::new(limits)),
    ),
    ..Rule::PLAIN
};

/// Of all connections together: they are polled one after the other, on one machine.
struct Pressure {
    state: f64,
    hold_ms: f64,
    run: Run,
    worst: f64,
    draft: Option<Draft>,
}

impl Pressure {
    fn new(limits: &Limits<'_>) -> Pressure {
        Pressure {
            state: limits.get("state"),
            hold_ms: limits.ms("hold"),
            run: Run::default(),
            worst: 0.0,
            draft: None,
        }
    }

    fn tell(&mut self, span: Option<Span>, view: &View<'_>, out: &mut Out<'_>) {
        let draft = self.draft.take();
        let (Some(span), Some(draft)) = (span, draft) else {
            return;
        };
        let is_open = view.world.open > 0 && span.end >= view.scene().polls.last;
        let start = span.start;
        let draft = Draft { start, ..draft }.until((!is_open).then_some(span.end));
        let word = PRESSURES.get(self.worst as usize).copied().unwrap_or_default();
        out.fire_of(0, draft.name(word));
    }
}

impl Watcher for Pressure {
    fn polled(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let Some(interval) = view.intervals(Kind::Pressure).next() else {
            return;
        };
        let Some(state) = interval.now(pressure::CPU_STATE) else {
            return;
        };
        let is_so = state >= self.state;
        let span = self.run.take(Some(is_so), self.hold_ms, &interval);
        if span.is_some() || self.run.since().is_none_or(|since| since == interval.start) {
            self.tell(span, view, out);
        }
        if is_so {
            self.worst = if self.draft.is_none() {
                state
            } else {
                self.worst.max(state)
            };
            self.draft.get_or_insert_with(|| {
                let draft = Draft::new(Severity::Info, interval.start);
                draft.shown(interval.slot, pressure::CPU_STATE, interval.end, state)
            });
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let span = self.run.end();
        self.tell(span, view, out);
    }
}
