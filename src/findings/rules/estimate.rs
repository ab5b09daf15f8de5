//! When the estimate of what can be sent collapsed, and why.
use std::collections::VecDeque;

use super::loss::worst_sent;
use crate::findings::columns::{Kind, outbound, pair};
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Hears, Limits, Polls, Rule, Source, Threshold, Watch, Watcher};
use crate::findings::samples::Media;
use crate::findings::severity::Severity;
use crate::findings::view::{Interval, View};
use crate::limits::FINDING_WINDOW_MAX;

pub const RULES: &[Rule] = &[Rule {
    id: "net.bwe-drop",
    severity: Severity::Warning,
    fires: "the estimate of what can be sent falls below a share of what it was, while video is sent",
    hint: "Congestion shows in the same seconds as a round trip time that rises or as loss. On another path the \
           estimate begins anew. If less was sent than could be, the estimate says nothing of the network.",
    texts: &[
        "The bandwidth estimate fell from {0} to {1} for {length}: the link was full ({2}).",
        "The bandwidth estimate fell from {0} to {1} for {length}, on a new path ({2}).",
        "The bandwidth estimate fell from {0} to {1} for {length}, because little was sent.",
        "The bandwidth estimate fell from {0} to {1} for {length}; neither delay nor loss tells why.",
    ],
    thresholds: &[
        Threshold {
            name: "share",
            value: 50.0,
            unit: "%",
            source: Source::Ours,
        },
        Threshold {
            name: "hold",
            value: 3.0,
            unit: "s",
            source: Source::Ours,
        },
        Threshold {
            name: "delay",
            value: 33.0,
            unit: "%",
            source: Source::Published("ObserveRTC client-monitor-js, congestion"),
        },
        Threshold {
            name: "loss",
            value: 5.0,
            unit: "%",
            source: Source::Published("ObserveRTC client-monitor-js, congestion"),
        },
    ],
    needs: &[pair::OUTGOING_BITRATE],
    source: Source::Published("W3C webrtc-stats, RTCIceCandidatePairStats.availableOutgoingBitrate"),
    watch: Watch::Connection(
        Hears {
            methods: &[],
            polls: Polls::Yes,
        },
        |limits| Box::new(Drop::new(limits)),
    ),
    ..Rule::PLAIN
}];

const CONGESTION: usize = 0;
const NEW_PATH: usize = 1;
const LITTLE_SENT: usize = 2;
const UNKNOWN: usize = 3;

/// What the estimate is compared with: the median of so much time, of which at least `KNOWN_MS` are known.
const BASE_MS: f64 = 10_000.0;
const KNOWN_MS: f64 = 5000.0;
/// A path that is not older explains a drop.
const NEW_PATH_MS: f64 = 5000.0;
/// A rise of the round trip time below this is none, in s.
const RISE_S_MIN: f64 = 0.05;
/// Less than this share of the old estimate is little.
const LITTLE: f64 = 0.3;

struct Drop {
    share: f64,
    hold_ms: f64,
    delay: f64,
    loss: f64,
    before: VecDeque<Sample>,
    fallen: Option<Fallen>,
}

#[derive(Clone, Copy)]
struct Sample {
    time: f64,
    bits: f64,
    round_trip: f64,
}

struct Fallen {
    start: f64,
    end: f64,
    polls: u32,
    base: f64,
    lowest: f64,
    case: usize,
    why: String,
    pair: Draft,
}

impl Drop {
    fn new(limits: &Limits<'_>) -> Drop {
        Drop {
            share: limits.get("share") / 100.0,
            hold_ms: limits.ms("hold"),
            delay: limits.get("delay") / 100.0,
            loss: limits.get("loss") / 100.0,
            before: VecDeque::new(),
            fallen: None,
        }
    }

    /// The median of the samples before, if they are enough.
    fn base(&self, now: f64, of: fn(&Sample) -> f64) -> Option<f64> {
        let first = self.before.front()?;
        let mut values: Vec<f64> = self.before.iter().map(of).filter(|value| !value.is_nan()).collect();
        values.sort_unstable_by(f64::total_cmp);
        (now - first.time >= KNOWN_MS).then(|| values.get(values.len() / 2).copied())?
    }

    fn add(&mut self, sample: Sample) {
        let is_old = |old: &Sample| old.time < sample.time - BASE_MS;
        while self.before.len() >= FINDING_WINDOW_MAX || self.before.front().is_some_and(is_old) {
            self.before.pop_front();
        }
        self.before.push_back(sample);
    }

    fn fall(&self, base: f64, now: Sample, interval: &Interval<'_>) -> Fallen {
        let (case, why) = self.why(base, now, interval);
        Fallen {
            start: interval.end,
            end: interval.end,
            polls: 0,
            base,
            lowest: now.bits,
            case,
            why,
            pair: Draft::new(Severity::Info, interval.end).slot(interval.slot).shown(
                interval.slot,
                pair::OUTGOING_BITRATE,
                interval.end,
                now.bits,
            ),
        }
    }

    fn why(&self, base: f64, now: Sample, interval: &Interval<'_>) -> (usize, String) {
        let view = &interval.view;
        if let Some(path) = view.scene().path.as_ref()
            && path.since > view.scene().polls.first
            && interval.end - path.since <= NEW_PATH_MS
        {
            return (NEW_PATH, path.words());
        }
        let usual = self.base(interval.end, |sample| sample.round_trip).unwrap_or(f64::NAN);
        let rise = now.round_trip - usual;
        if rise >= RISE_S_MIN && rise > self.delay * usual {
            let ms = |s: f64| (s * 1000.0).round();
            return (
                CONGESTION,
                format!("round trip time from {} to {} ms", ms(usual), ms(now.round_trip)),
            );
        }
        let loss = worst_sent(view).unwrap_or_default();
        if loss > self.loss {
            return (CONGESTION, format!("{} % loss", (100.0 * loss).round()));
        }
        let sent = interval.rate(pair::BYTES_SENT).map(|bytes| 8.0 * bytes);
        match sent.is_some_and(|sent| sent < LITTLE * base) {
            true => (LITTLE_SENT, String::new()),
            false => (UNKNOWN, String::new()),
        }
    }

    fn rise(&mut self, end: Option<f64>, out: &mut Out<'_>) {
        let Some(fallen) = self.fallen.take() else { return };
        if fallen.end - fallen.start < self.hold_ms || fallen.polls < 3 {
            return;
        }
        let kbit = |bits: f64| format!("{} kbit/s", (bits / 1000.0).round());
        let draft = Draft {
            start: fallen.start,
            end: end.map(|_| fallen.end),
            severity: match fallen.case {
                LITTLE_SENT => Severity::Info,
                _ => Severity::Warning,
            },
            ..fallen.pair
        };
        let draft = draft
            .case(fallen.case)
            .value(100.0 * fallen.lowest / fallen.base, "%")
            .threshold(100.0 * self.share);
        out.fire(draft.name(kbit(fallen.base)).name(kbit(fallen.lowest)).name(fallen.why));
    }
}

impl Watcher for Drop {
    fn polled(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let Some(interval) = view.scene().pair.and_then(|pair| view.interval(pair)) else {
            return;
        };
        let is_on = |stream: Interval<'_>| {
            stream.media() == Media::Video && stream.is_on() && stream.now(outbound::BYTES_SENT).is_some()
        };
        let sends = view.intervals(Kind::Outbound).any(is_on);
        let estimate = interval.now(pair::OUTGOING_BITRATE);
        let Some(bits) = estimate.filter(|_| sends && view.scene().is_settled(interval.start)) else {
            self.rise(Some(interval.end), out);
            self.before.clear();
            return;
        };
        let now = Sample {
            time: interval.end,
            bits,
            round_trip: view.scene().round_trip_time().unwrap_or(f64::NAN),
        };
        // What is not below a share of the highest one is not below that of the median.
        let highest = self.before.iter().fold(0.0, |highest, old| f64::max(highest, old.bits));
        if self.fallen.is_none()
            && bits < self.share * highest
            && let Some(base) = self.base(interval.end, |sample| sample.bits)
            && bits < self.share * base
        {
            self.fallen = Some(self.fall(base, now, &interval));
        }
        let share = self.share;
        match &mut self.fallen {
            Some(fallen) if bits < share * fallen.base => {
                fallen.end = interval.end;
                fallen.polls += 1;
                fallen.lowest = fallen.lowest.min(bits);
            }
            Some(_) => {
                self.rise(Some(interval.end), out);
                self.before.clear();
                self.add(now);
            }
            None => self.add(now),
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        self.rise(view.scene().closed, out);
    }
}
