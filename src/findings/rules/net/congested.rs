//! `net.congested`: the link for sending is full. The encoder is held back for bandwidth, and in the same seconds the
//! round trip time rises or packets are lost.
use super::super::loss::worst_sent;
use crate::findings::columns::{Kind, LIMITS, outbound, pair, remote_inbound};
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Hears, Limits, Polls, Rule, Source, Threshold, Watch, Watcher};
use crate::findings::run::{Run, Span};
use crate::findings::samples::Media;
use crate::findings::severity::Severity;
use crate::findings::view::{Interval, View};

const MONITOR: Source = Source::Published("ObserveRTC client-monitor-js, congestion");

pub const RULE: Rule = Rule {
    id: "net.congested",
    severity: Severity::Warning,
    fires: "the bandwidth limits the sent video while the round trip time rises or packets are lost; both, if the \
            browser does not tell what limits the video",
    hint: "More is sent than the link carries, by this page or by others on it: send fewer or smaller layers, lower \
           maxBitrate, or look what else uses the uplink.",
    texts: &["The link for sending was full for {length}: {0}."],
    thresholds: &[
        Threshold::new("delay", 33.0, "%", MONITOR),
        Threshold::new("rise", 0.05, "s", MONITOR),
        Threshold::new("loss", 5.0, "%", MONITOR),
        Threshold::new("hold", 5.0, "s", MONITOR),
    ],
    either: &[
        pair::ROUND_TRIP_TIME,
        remote_inbound::ROUND_TRIP_TIME,
        remote_inbound::FRACTION_LOST,
    ],
    source: MONITOR,
    watch: Watch::Connection(
        Hears {
            methods: &[],
            polls: Polls::Yes,
        },
        |limits| Box::new(Congested::new(limits)),
    ),
    ..Rule::PLAIN
};

/// What the usual round trip time remembers: older values count less than a third.
const MEMORY_S: f64 = 30.0;

/// What the browser says of the sent video.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Video {
    None,
    Free,
    Limited,
    /// It does not tell.
    Untold,
}

struct Congested {
    /// By how much the round trip time must rise: of the usual one, and in s.
    delay: f64,
    rise: f64,
    loss: f64,
    hold_ms: f64,
    /// The usual round trip time in s, of the path that is used since this time.
    usual: Option<f64>,
    path: Option<f64>,
    run: Run,
    draft: Option<Draft>,
}

impl Congested {
    fn new(limits: &Limits<'_>) -> Congested {
        Congested {
            delay: limits.get("delay") / 100.0,
            rise: limits.get("rise"),
            loss: limits.get("loss") / 100.0,
            hold_ms: limits.ms("hold"),
            usual: None,
            path: None,
            run: Run::default(),
            draft: None,
        }
    }

    /// By how much the round trip time is higher than usual, if that is much.
    fn risen(&self, now: Option<f64>) -> Option<f64> {
        let (usual, now) = self.usual.zip(now)?;
        let is_high = now > (1.0 + self.delay) * usual && now - usual >= self.rise;
        is_high.then(|| now / usual - 1.0)
    }

    /// Follows the round trip time as long as it is not that of a full link.
    fn follow(&mut self, now: f64, seconds: f64) {
        let weight = 1.0 - (-seconds / MEMORY_S).exp();
        self.usual = Some(self.usual.map_or(now, |usual| usual + weight * (now - usual)));
    }

    fn draft(&self, interval: &Interval<'_>, round_trip: Option<f64>, lost: Option<f64>) -> Draft {
        let draft = Draft::new(Severity::Warning, interval.start);
        match (self.risen(round_trip), self.usual.zip(round_trip)) {
            (Some(risen), Some((usual, now))) => {
                let ms = |s: f64| (s * 1000.0).round();
                let words = format!("the round trip time rose from {} to {} ms", ms(usual), ms(now));
                let draft = draft
                    .value(100.0 * risen, "%")
                    .threshold(100.0 * self.delay)
                    .name(words);
                draft
                    .slot(interval.slot)
                    .shown(interval.slot, pair::ROUND_TRIP_TIME, interval.end, now)
            }
            _ => {
                let lost = 100.0 * lost.unwrap_or_default();
                let words = format!("{} % of a sent stream were lost", lost.round());
                draft.value(lost, "%").threshold(100.0 * self.loss).name(words)
            }
        }
    }

    fn tell(&mut self, span: Option<Span>, view: &View<'_>, out: &mut Out<'_>) {
        if let (Some(span), Some(draft)) = (span, self.draft.take()) {
            let start = span.start;
            out.fire(Draft { start, ..draft }.until(span.until(view)));
        }
    }
}

fn video(view: &View<'_>) -> Video {
    let limited = LIMITS.iter().position(|name| *name == "bandwidth").map(|at| at as f64);
    let mut video = Video::None;
    for stream in view.intervals(Kind::Outbound) {
        if stream.media() != Media::Video || !stream.is_on() {
            continue;
        }
        match stream.now(outbound::LIMIT) {
            None if video == Video::None => video = Video::Untold,
            None => {}
            limit if limit == limited => return Video::Limited,
            Some(_) => video = Video::Free,
        }
    }
    video
}

impl Watcher for Congested {
    fn polled(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let Some(interval) = view.scene().pair.and_then(|pair| view.interval(pair)) else {
            return;
        };
        if !out.can_judge(&interval, self.hold_ms) {
            let span = self.run.end();
            return self.tell(span, view, out);
        }
        let path = view.scene().path.as_ref().map(|path| path.since);
        if std::mem::replace(&mut self.path, path) != path {
            self.usual = None;
        }
        let (round_trip, lost) = (view.scene().round_trip_time(), worst_sent(view));
        let is_lossy = lost.is_some_and(|lost| lost > self.loss);
        let is_risen = self.risen(round_trip).is_some();
        let is_so = match video(view) {
            Video::None => None,
            Video::Free => Some(false),
            Video::Limited => Some(is_risen || is_lossy),
            Video::Untold => Some(is_risen && is_lossy),
        };
        let span = self.run.take(is_so, self.hold_ms, &interval);
        if span.is_some() || self.run.since().is_none_or(|since| since == interval.start) {
            self.tell(span, view, out);
        }
        if is_so == Some(true) {
            if self.draft.is_none() {
                self.draft = Some(self.draft(&interval, round_trip, lost));
            }
        } else if let Some(now) = round_trip {
            self.follow(now, interval.seconds());
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let span = self.run.end();
        self.tell(span, view, out);
    }
}
