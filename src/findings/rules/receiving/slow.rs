//! Whether hardly any frames a second are decoded, or far fewer than usual.
use crate::findings::columns::inbound;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::run::{Run, Span};
use crate::findings::severity::Severity;
use crate::findings::stream::is_screen;
use crate::findings::text::measure;
use crate::findings::view::{Interval, View};

pub fn watcher(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Slow {
        least: limits.get("least"),
        share: limits.get("share"),
        hold_ms: limits.ms("hold"),
        usual: Median::default(),
        run: Run::default(),
        fewest: f64::INFINITY,
        draft: None,
    })
}

struct Slow {
    least: f64,
    /// In %.
    share: f64,
    hold_ms: f64,
    usual: Median,
    run: Run,
    fewest: f64,
    draft: Option<Draft>,
}

/// The median of rates, by counting whole frames a second.
struct Median {
    counts: [u32; RATES],
    all: u32,
}

/// More frames a second count as so many.
const RATES: usize = 64;
/// So many polls must be known before anything is usual.
const KNOWN_MIN: u32 = 10;

impl Default for Median {
    fn default() -> Median {
        Median {
            counts: [0; RATES],
            all: 0,
        }
    }
}

impl Median {
    fn add(&mut self, rate: f64) {
        self.counts[(rate.round() as usize).min(RATES - 1)] += 1;
        self.all += 1;
    }

    fn get(&self) -> Option<f64> {
        let mut left = self.all / 2;
        let at = self.counts.iter().position(|count| {
            let is_here = left < *count;
            left = left.saturating_sub(*count);
            is_here
        });
        at.filter(|_| self.all >= KNOWN_MIN).map(|rate| rate as f64)
    }
}

impl Slow {
    fn tell(&mut self, span: Option<Span>, view: &View<'_>, out: &mut Out<'_>) {
        let Some(span) = span else { return };
        if let Some(draft) = self.draft.take() {
            let usual = self.usual.get().filter(|_| self.fewest >= self.least);
            let draft = Draft {
                start: span.start,
                ..draft
            };
            let draft = draft.until(span.until(view)).case(usize::from(usual.is_some()));
            let threshold = usual.map_or(self.least, |usual| usual * self.share / 100.0);
            let draft = draft.value(self.fewest, "frames/s").threshold(threshold);
            let words = |rate: f64| measure((rate * 10.0).round() / 10.0, "");
            out.fire(draft.name(words(self.fewest)).name(words(usual.unwrap_or_default())));
        }
    }
}

impl Watcher for Slow {
    fn interval(&mut self, interval: &Interval<'_>, out: &mut Out<'_>) {
        let view = &interval.view;
        if !out.can_judge(interval, self.hold_ms) {
            return;
        }
        // None at all is another rule's.
        let rate = interval
            .rate(inbound::FRAMES_DECODED)
            .filter(|rate| *rate > 0.0 && !is_screen(interval));
        let limit = self.usual.get().unwrap_or_default() * self.share / 100.0;
        let is_so = rate.map(|rate| rate < self.least || rate < limit);
        let span = self.run.take(is_so, self.hold_ms, interval);
        self.tell(span, view, out);
        if self.run.since() == Some(interval.start) {
            (self.fewest, self.draft) = (f64::INFINITY, Some(Draft::new(Severity::Info, 0.0).of(interval)));
        }
        match (rate, is_so) {
            (Some(rate), Some(true)) => self.fewest = self.fewest.min(rate),
            (Some(rate), _) => self.usual.add(rate),
            (None, _) => {}
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let span = self.run.end();
        self.tell(span, view, out);
    }
}
