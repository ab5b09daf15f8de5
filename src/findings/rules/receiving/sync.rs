//! Whether sound and picture are played at different times (RTCInboundRtpStreamStats.estimatedPlayoutTimestamp: when
//! what is played now was captured, by the clock of the sender).
use crate::findings::columns::{Kind, inbound};
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::run::{Run, Span};
use crate::findings::samples::Media;
use crate::findings::severity::Severity;
use crate::findings::view::{Interval, View};

pub fn watcher(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Sync {
        sides: [
            Side::new(limits.get("early"), limits.get("early_warning")),
            Side::new(limits.get("late"), limits.get("late_warning")),
        ],
        hold_ms: limits.ms("hold"),
        partner: None,
        tries: 0,
        draft: None,
    })
}

struct Sync {
    /// Sound that is early, and sound that is late.
    sides: [Side; 2],
    hold_ms: f64,
    /// The video of the same stream: its slot and its serial number.
    partner: Option<(usize, u32)>,
    /// How often it was looked for without success.
    tries: u32,
    draft: Option<Draft>,
}

struct Side {
    /// In ms.
    info: f64,
    warning: f64,
    any: Run,
    bad: Run,
    most: f64,
}

impl Side {
    fn new(info: f64, warning: f64) -> Side {
        Side {
            info,
            warning,
            any: Run::default(),
            bad: Run::default(),
            most: 0.0,
        }
    }
}

/// So often the video is looked for.
const TRIES_MAX: u32 = 30;

impl Sync {
    /// By how many ms the sound is early.
    fn lead(&mut self, interval: &Interval<'_>) -> Option<f64> {
        // Without packets the estimate is an old one.
        interval
            .delta(inbound::PLAYOUT_TIMESTAMP)
            .filter(|delta| *delta > 0.0)?;
        let video = self.video(interval)?;
        video.delta(inbound::PLAYOUT_TIMESTAMP).filter(|delta| *delta > 0.0)?;
        Some(interval.now(inbound::PLAYOUT_TIMESTAMP)? - video.now(inbound::PLAYOUT_TIMESTAMP)?)
    }

    fn video<'a>(&mut self, interval: &Interval<'a>) -> Option<Interval<'a>> {
        if let Some((at, serial)) = self.partner {
            let known = interval.view.interval(at).filter(|known| known.slot.serial() == serial);
            if known.is_some() {
                return known;
            }
            self.partner = None;
        }
        self.tries += 1;
        let stream = &interval.track()?.stream;
        if stream.is_empty() || self.tries > TRIES_MAX {
            return None;
        }
        let is_it = |other: &Interval<'a>| {
            let is_same = other.track().is_some_and(|track| track.stream == *stream);
            other.media() == Media::Video && is_same
        };
        let found = interval.view.intervals(Kind::Inbound).find(is_it)?;
        let slots = interval.view.scene().samples.slots();
        let at = slots.iter().position(|slot| slot.serial() == found.slot.serial())?;
        (self.partner, self.tries) = (Some((at, found.slot.serial())), 0);
        Some(found)
    }
}

impl Watcher for Sync {
    fn interval(&mut self, interval: &Interval<'_>, out: &mut Out<'_>) {
        let view = &interval.view;
        if !out.can_judge(interval, self.hold_ms) {
            return;
        }
        let lead = self.lead(interval);
        let draft = &mut self.draft;
        for (case, side) in self.sides.iter_mut().enumerate() {
            let off = lead.map(|lead| if case == 0 { lead } else { -lead });
            let any = side.any.take(off.map(|off| off > side.info), self.hold_ms, interval);
            let bad = side.bad.take(off.map(|off| off > side.warning), self.hold_ms, interval);
            if let Some(draft) = draft.as_ref() {
                side.tell(any, bad, (draft, case), view, out);
            }
            if side.any.since() == Some(interval.start) {
                side.most = 0.0;
                draft.get_or_insert_with(|| Draft::new(Severity::Info, 0.0).of(interval));
            }
            side.most = off.unwrap_or(0.0).max(side.most);
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        for (case, side) in self.sides.iter_mut().enumerate() {
            let (any, bad) = (side.any.end(), side.bad.end());
            if let Some(draft) = &self.draft {
                side.tell(any, bad, (draft, case), view, out);
            }
        }
    }
}

impl Side {
    /// One stretch is told once: if a part of it is bad enough, that part.
    fn tell(
        &mut self,
        any: Option<Span>,
        bad: Option<Span>,
        (draft, case): (&Draft, usize),
        view: &View<'_>,
        out: &mut Out<'_>,
    ) {
        let (span, severity, threshold) = match (any, bad) {
            (_, Some(span)) => (span, Severity::Warning, self.warning),
            (Some(span), None) => (span, Severity::Info, self.info),
            (None, None) => return,
        };
        let draft = Draft {
            severity,
            start: span.start,
            case,
            ..draft.clone()
        };
        let draft = draft
            .until(span.until(view))
            .value(self.most, "ms")
            .threshold(threshold);
        out.fire(draft.name(format!("{:.0}", self.most)));
    }
}
