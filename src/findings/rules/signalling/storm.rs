//! Many negotiations in a short time, and what began them.
use std::collections::VecDeque;

use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::negotiation::Role;
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::states::Signaling;
use crate::findings::text::length;
use crate::findings::view::View;
use crate::limits::FINDING_BURST_MAX;

pub const METHODS: &[&str] = &[
    "onsignalingstatechange",
    "addTrack",
    "removeTrack",
    "addTransceiver",
    "createDataChannel",
    "restartIce",
    "setRemoteDescription",
];

/// What can begin one, in the order of `METHODS` from the second on.
const TRIGGERS: usize = METHODS.len() - 1;

type Triggers = [u32; TRIGGERS];

fn add(sum: &mut Triggers, more: &Triggers) {
    sum.iter_mut()
        .zip(more)
        .for_each(|(sum, more)| *sum = sum.saturating_add(*more));
}

struct Storm {
    /// More than so many within the window.
    limit: usize,
    window_ms: f64,
    /// The last ones: when each was completed, and what had been called since the one before.
    rounds: VecDeque<(f64, Triggers)>,
    is_open: bool,
    triggers: Triggers,
    /// Of the storm that is going on.
    all: Triggers,
    draft: Option<Draft>,
}

pub fn new(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Storm {
        limit: (limits.get("warning") as usize).clamp(1, FINDING_BURST_MAX),
        window_ms: limits.ms("window"),
        rounds: VecDeque::new(),
        is_open: false,
        triggers: [0; TRIGGERS],
        all: [0; TRIGGERS],
        draft: None,
    })
}

impl Storm {
    fn completed(&mut self, time: f64, out: &mut Out<'_>) {
        let own = std::mem::take(&mut self.triggers);
        self.rounds.push_back((time, own));
        if self.rounds.len() > self.limit + 1 {
            self.rounds.pop_front();
        }
        let begin = self.rounds.front().map_or(time, |(first, _)| *first);
        let is_storm = self.rounds.len() > self.limit && time - begin <= self.window_ms;
        if is_storm {
            let (start, count) = match &self.draft {
                Some(draft) => {
                    add(&mut self.all, &own);
                    (draft.start, draft.value.unwrap_or_default() + 1.0)
                }
                None => {
                    self.all = [0; TRIGGERS];
                    self.rounds.iter().for_each(|(_, own)| add(&mut self.all, own));
                    (begin, self.rounds.len() as f64)
                }
            };
            let draft = Draft::new(Severity::Warning, start).until(Some(time));
            self.draft = Some(draft.value(count, "").threshold(self.limit as f64));
        } else {
            self.over(out);
        }
    }

    fn over(&mut self, out: &mut Out<'_>) {
        if let Some(draft) = self.draft.take() {
            let span = length(draft.end.unwrap_or(draft.start) - draft.start);
            let words = self.words();
            out.fire(draft.name(span).name(words));
        }
    }

    fn words(&self) -> String {
        let counted = METHODS[1..].iter().zip(self.all).filter(|(_, count)| *count > 0);
        let words: Vec<_> = counted
            .map(|(method, count)| match *method {
                "setRemoteDescription" => format!("offers of the other side ({count})"),
                method => format!("{method} ({count})"),
            })
            .collect();
        if words.is_empty() {
            "the page".to_owned()
        } else {
            words.join(", ")
        }
    }
}

impl Watcher for Storm {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        if call.is("onsignalingstatechange") {
            let now = view.scene().signaling.map(|now| now.state);
            let is_stable = now == Some(Signaling::Stable);
            if is_stable && self.is_open {
                self.completed(call.time, out);
            }
            self.is_open = !is_stable;
            return;
        }
        let at = METHODS[1..].iter().position(|method| call.is(method));
        let is_answer = call.is("setRemoteDescription") && Role::of(call.value) != Some(Role::Offer);
        if let Some(at) = at.filter(|_| !is_answer) {
            self.triggers[at] = self.triggers[at].saturating_add(1);
        }
    }

    fn end(&mut self, _view: &View<'_>, out: &mut Out<'_>) {
        self.over(out);
    }
}
