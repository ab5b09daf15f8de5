//! `net.asymmetric`: what both directions of a connection say together of where the trouble is.
use super::super::loss;
use crate::findings::columns::{Column, Kind, inbound, remote_inbound};
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Hears, Limits, Polls, Rule, Source, Threshold, Watch, Watcher};
use crate::findings::run::{Run, Span};
use crate::findings::samples::Media;
use crate::findings::severity::Severity;
use crate::findings::text::measure;
use crate::findings::view::View;

const DETECTOR: Source = Source::Published("webrtc-issue-detector");

pub const RULE: Rule = Rule {
    id: "net.asymmetric",
    fires: "packets are lost in one direction only, or the round trip time is high while nothing else is wrong",
    hint: "Loss of what is sent is mostly this side's uplink or Wi-Fi, loss of what is received the other side's or the \
           server's way here. A long way without loss and jitter is a server far away: choose a nearer one.",
    texts: &[
        "Loss was on one side for {length}: {0} of what was received, and {1} of what was sent.",
        "The round trip time was up to {value} for {length} without loss or jitter: the other side is far away.",
    ],
    thresholds: &[
        Threshold::new("difference", 5.0, "% points", Source::Ours),
        Threshold::new("delay", 0.3, "s", DETECTOR),
        Threshold::new("loss", 1.0, "%", Source::Ours),
        Threshold::new("jitter", 0.03, "s", Source::Ours),
        Threshold::new("hold", 10.0, "s", Source::Ours),
    ],
    needs: &[inbound::PACKETS_LOST, remote_inbound::FRACTION_LOST],
    source: DETECTOR,
    watch: Watch::Connection(
        Hears {
            methods: &[],
            polls: Polls::Yes,
        },
        |limits| Box::new(Sides::new(limits)),
    ),
    ..Rule::PLAIN
};

const ONE_SIDED: usize = 0;
const FAR: usize = 1;

struct Sides {
    difference: f64,
    delay: f64,
    /// Up to these, loss (0 to 1) and jitter (s) are good.
    loss: f64,
    jitter: f64,
    hold_ms: f64,
    stretches: [Stretch; 2],
}

/// One of both cases, and what it was at its worst.
#[derive(Default)]
struct Stretch {
    run: Run,
    worst: Option<Worst>,
}

#[derive(Clone, Copy)]
struct Worst {
    value: f64,
    received: f64,
    sent: f64,
}

impl Sides {
    fn new(limits: &Limits<'_>) -> Sides {
        Sides {
            difference: limits.get("difference") / 100.0,
            delay: limits.get("delay"),
            loss: limits.get("loss") / 100.0,
            jitter: limits.get("jitter"),
            hold_ms: limits.ms("hold"),
            stretches: Default::default(),
        }
    }

    fn tell(&mut self, case: usize, span: Option<Span>, view: &View<'_>, out: &mut Out<'_>) {
        let Some(span) = span else { return };
        let Some(worst) = self.stretches[case].worst.take() else {
            return;
        };
        let draft = Draft::new(Severity::Info, span.start)
            .until(span.until(view))
            .case(case);
        out.fire(match case {
            ONE_SIDED => {
                let draft = draft.value(100.0 * worst.value, "% points");
                let draft = draft.threshold(100.0 * self.difference);
                let name = |share: f64| measure((1000.0 * share).round() / 10.0, "%");
                draft.name(name(worst.received)).name(name(worst.sent))
            }
            _ => draft.value(worst.value, "s").threshold(self.delay),
        });
    }

    fn finish(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        for case in [ONE_SIDED, FAR] {
            let span = self.stretches[case].run.end();
            self.tell(case, span, view, out);
        }
    }
}

/// The highest value of this column in streams with sound.
fn highest(view: &View<'_>, column: Column) -> f64 {
    let sound = view
        .intervals(column.kind)
        .filter(|stream| stream.media() == Media::Audio);
    sound.filter_map(|stream| stream.now(column)).fold(0.0, f64::max)
}

impl Watcher for Sides {
    fn polled(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let Some(interval) = view.intervals(Kind::Inbound).next() else {
            return;
        };
        if !out.can_judge(&interval, self.hold_ms) {
            return self.finish(view, out);
        }
        let both = loss::received(view).zip(loss::sent(view));
        let difference = both.map(|(received, sent)| (received - sent).abs());
        let jitter = highest(view, inbound::JITTER).max(highest(view, remote_inbound::JITTER));
        let is_good = both.map(|(received, sent)| received.max(sent) <= self.loss && jitter <= self.jitter);
        let far = view.scene().round_trip_time().zip(is_good);
        let cases = [
            (difference, difference.map(|difference| difference > self.difference)),
            (
                far.map(|(delay, _)| delay),
                far.map(|(delay, is_good)| delay > self.delay && is_good),
            ),
        ];
        for (case, (value, is_so)) in cases.into_iter().enumerate() {
            let run = &mut self.stretches[case].run;
            let span = run.take(is_so, self.hold_ms, &interval);
            let since = run.since();
            self.tell(case, span, view, out);
            let worst = &mut self.stretches[case].worst;
            if since.is_none_or(|since| since == interval.start) {
                *worst = None;
            }
            if let (Some(true), Some(value), Some((received, sent))) = (is_so, value, both)
                && worst.is_none_or(|worst| worst.value < value)
            {
                *worst = Some(Worst { value, received, sent });
            }
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        self.finish(view, out);
    }
}
