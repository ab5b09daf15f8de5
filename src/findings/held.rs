//! A watcher for what must be so for some time, where a level does not do: how long may depend on the report, and what
//! is said on what it was.
use super::draft::{Draft, Out};
use super::rule::{Limits, Watcher};
use super::run::{Run, Span};
use super::severity::Severity;
use super::text::measure;
use super::view::{Interval, View};

/// What a test sees at one poll.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub is_so: bool,
    /// For how many ms it must be so.
    pub hold_ms: f64,
    /// Of the worst poll the finding has its severity, its text and its numbers.
    pub severity: Severity,
    pub case: usize,
    /// For the text: `{0}`, `{1}`, `{2}` (behind the names of the draft). Those that are absent are left out.
    pub numbers: [f64; 3],
    /// What is summed up over the stretch: the first is the number behind them.
    pub parts: [f64; 2],
}

impl Seen {
    pub fn not() -> Seen {
        Seen {
            is_so: false,
            ..Seen::so(Severity::Info, 0.0)
        }
    }

    pub fn so(severity: Severity, hold_ms: f64) -> Seen {
        Seen {
            is_so: true,
            hold_ms,
            severity,
            case: 0,
            numbers: [f64::NAN; 3],
            parts: [0.0; 2],
        }
    }

    pub fn case(self, case: usize) -> Seen {
        Seen { case, ..self }
    }

    pub fn numbers(self, numbers: [f64; 3]) -> Seen {
        Seen { numbers, ..self }
    }

    pub fn parts(self, parts: [f64; 2]) -> Seen {
        Seen { parts, ..self }
    }
}

/// When a test is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// From 5 s after the connection was connected on, while the encoding is active and its track live.
    On,
    /// From then on.
    Connected,
}

/// What is tested: `None` if the report says nothing. The numbers are the thresholds of the rule, in their order.
pub type Test = fn(&Interval<'_>, &[f64]) -> Option<Seen>;

/// See the head of the file.
pub struct Held {
    limits: Box<[f64]>,
    times: Times,
    test: Test,
    /// Gives the draft its names, when a stretch begins.
    begin: fn(Draft, &Interval<'_>) -> Draft,
    /// Looks at the sums before anything is said.
    close: fn(Draft, [f64; 2]) -> Draft,
    run: Run,
    story: Option<Box<Story>>,
}

/// What there is to tell of the stretch that goes on.
struct Story {
    draft: Draft,
    worst: Seen,
    sums: [f64; 2],
}

impl Held {
    pub fn new(limits: &Limits<'_>, times: Times, test: Test) -> Held {
        Held {
            limits: limits.values.into(),
            times,
            test,
            begin: |draft, _| draft,
            close: |draft, _| draft,
            run: Run::default(),
            story: None,
        }
    }

    pub fn boxed(limits: &Limits<'_>, times: Times, test: Test) -> Box<dyn Watcher> {
        Box::new(Held::new(limits, times, test))
    }

    pub fn begin(self, begin: fn(Draft, &Interval<'_>) -> Draft) -> Held {
        Held { begin, ..self }
    }

    pub fn close(self, close: fn(Draft, [f64; 2]) -> Draft) -> Held {
        Held { close, ..self }
    }

    #[cold]
    fn note(&mut self, seen: Seen, interval: &Interval<'_>) {
        let begin = self.begin;
        let story = self.story.get_or_insert_with(|| {
            let draft = begin(Draft::new(Severity::Info, 0.0).of(interval), interval);
            Box::new(Story {
                draft,
                worst: seen,
                sums: [0.0; 2],
            })
        });
        if seen.severity > story.worst.severity {
            story.worst = seen;
        }
        for (sum, part) in story.sums.iter_mut().zip(seen.parts) {
            *sum += part;
        }
    }

    /// Says what there was in this stretch, and forgets it.
    #[inline]
    fn tell(&mut self, span: Option<Span>, view: &View<'_>, out: &mut Out<'_>) {
        if let (Some(story), Some(span)) = (self.story.take(), span) {
            self.fire(*story, span, view, out);
        }
    }

    #[cold]
    fn fire(&self, story: Story, span: Span, view: &View<'_>, out: &mut Out<'_>) {
        let Story { draft, worst, sums } = story;
        let draft = Draft {
            severity: worst.severity,
            start: span.start,
            end: span.until(view),
            ..draft
        };
        let draft = draft.case(worst.case).value(span.ms() / 1000.0, "s");
        let draft = match worst.hold_ms > 0.0 {
            true => draft.threshold(worst.hold_ms / 1000.0),
            false => draft,
        };
        let numbers = worst.numbers.into_iter().filter(|number| !number.is_nan());
        let draft = numbers.fold(draft, |draft, number| draft.name(measure(number, "")));
        let draft = draft.name(measure(sums[0], ""));
        out.fire((self.close)(draft, sums));
    }
}

impl Watcher for Held {
    fn interval(&mut self, interval: &Interval<'_>, out: &mut Out<'_>) {
        let view = &interval.view;
        let is_time = view.scene().is_settled(interval.start) && (self.times == Times::Connected || interval.is_on());
        if !is_time {
            let span = self.run.end();
            self.tell(span, view, out);
            return;
        }
        let seen = (self.test)(interval, &self.limits);
        let hold_ms = seen.map_or(0.0, |seen| seen.hold_ms);
        if view.scene().polls.median > hold_ms / 2.0 && hold_ms > 0.0 {
            out.too_slow(view.scene().polls.median);
            return;
        }
        let span = self.run.take(seen.map(|seen| seen.is_so), hold_ms, interval);
        if span.is_some() || self.run.since().is_none_or(|since| since == interval.start) {
            self.tell(span, view, out);
        }
        if let Some(seen) = seen.filter(|seen| seen.is_so) {
            self.note(seen, interval);
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let span = self.run.end();
        self.tell(span, view, out);
    }
}
