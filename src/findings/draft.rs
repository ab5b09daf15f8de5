//! What a rule says when it fires, and the hands that take it.
use std::cmp::{Ordering, Reverse};
use std::collections::HashSet;

use super::call::Call;
use super::columns::Column;
use super::evidence::{Evidence, Origin};
use super::samples::{Media, Slot};
use super::severity::Severity;
use super::text::{clipped, length};
use super::view::Interval;
use super::wakes::Wakes;
use crate::dump::json::Json;
use crate::dump::steps;
use crate::limits::{FINDING_EVIDENCE_MAX, FINDING_GAPS_MAX, FINDINGS_PER_RULE_MAX};

/// A finding without what the table knows of its rule. Begins with `Draft::new`.
///
/// Rules look at each poll and hardly ever fire: what is made for that is marked as cold, so that the code for it lies
/// apart. All rules together have more code than the first cache of a processor.
#[derive(Clone, Debug)]
pub struct Draft {
    pub severity: Severity,
    /// Milliseconds since 1970. An open end is that of the dump.
    pub start: f64,
    pub end: Option<f64>,
    /// Which of the rule's texts it is.
    pub case: usize,
    pub value: Option<f64>,
    pub threshold: Option<f64>,
    pub unit: &'static str,
    pub share: Option<f64>,
    pub report: Option<Box<str>>,
    pub track: Option<Box<str>>,
    pub media: Media,
    pub names: Vec<String>,
    pub evidence: Vec<Evidence>,
}

impl Draft {
    #[cold]
    pub fn new(severity: Severity, start: f64) -> Draft {
        Draft {
            severity,
            start,
            end: Some(start),
            case: 0,
            value: None,
            threshold: None,
            unit: "",
            share: None,
            report: None,
            track: None,
            media: Media::None,
            names: Vec::new(),
            evidence: Vec::new(),
        }
    }

    /// When it ended; `None` if it lasted to the end of the dump. Without this it is a moment.
    pub fn until(self, end: Option<f64>) -> Draft {
        Draft { end, ..self }
    }

    pub fn case(self, case: usize) -> Draft {
        Draft { case, ..self }
    }

    pub fn value(self, value: f64, unit: &'static str) -> Draft {
        Draft {
            value: Some(value).filter(|value| value.is_finite()),
            unit,
            ..self
        }
    }

    pub fn threshold(self, threshold: f64) -> Draft {
        Draft {
            threshold: Some(threshold),
            ..self
        }
    }

    /// Of the time in which it could have been, from 0 to 1.
    pub fn share(self, share: f64) -> Draft {
        Draft {
            share: Some(share).filter(|share| share.is_finite()),
            ..self
        }
    }

    /// A name for the text: the first is `{0}`. It may come from the dump; it is cut, and whoever shows it masks what
    /// terminals must not see.
    pub fn name(mut self, name: impl AsRef<str>) -> Draft {
        self.names.push(clipped(name.as_ref()).to_owned());
        self
    }

    /// It is about this report, and the track of it.
    #[cold]
    pub fn of(self, interval: &Interval<'_>) -> Draft {
        let track = interval.track().map(|track| track.id.clone());
        Draft {
            track: track.or_else(|| self.track.clone()),
            ..self.slot(interval.slot)
        }
    }

    /// The same, if only the report is known.
    #[cold]
    pub fn slot(self, slot: &Slot) -> Draft {
        Draft {
            report: Some(slot.id.clone()),
            track: slot.track_id.clone().or(self.track),
            media: slot.media,
            ..self
        }
    }

    pub fn track(self, id: &str, media: Media) -> Draft {
        Draft {
            track: Some(clipped(id).into()),
            media,
            ..self
        }
    }

    /// It rests on this event.
    pub fn event(self, call: &Call<'_>) -> Draft {
        let value = String::from_utf8_lossy(call.value.raw());
        self.evidence(
            Origin::Event(clipped(&call.method).into()),
            call.time,
            json_or_text(&value),
        )
    }

    /// It rests on an event of this method and value (a text), of which the rule has remembered the time.
    pub fn event_at(self, method: &str, time: f64, value: &str) -> Draft {
        let value = serde_json::Value::from(clipped(value)).to_string();
        self.evidence(Origin::Event(clipped(method).into()), time, value)
    }

    /// It rests on this value of a report.
    #[cold]
    pub fn shown(self, slot: &Slot, column: Column, time: f64, value: f64) -> Draft {
        let origin = Origin::Report(slot.id.clone(), column.property().name());
        match column.word(value) {
            Some(word) => self.evidence(origin, time, word),
            None => self.number(origin, time, value),
        }
    }

    pub fn number(self, origin: Origin, time: f64, value: f64) -> Draft {
        // As the report has it: counts are whole.
        let value = match value.fract() == 0.0 && value.abs() < EXACT_MAX {
            true => format!("{}", value as i64),
            false => serde_json::Value::from(value).to_string(),
        };
        self.evidence(origin, time, value)
    }

    fn evidence(mut self, of: Origin, time: f64, value: String) -> Draft {
        if self.evidence.len() < FINDING_EVIDENCE_MAX {
            let value = value.into();
            self.evidence.push(Evidence { of, time, value });
        }
        self
    }
}

/// 2^53: smaller integers are exact.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// JSON if it is short enough, or the beginning of it as a string.
fn json_or_text(value: &str) -> String {
    let is_whole = clipped(value).len() == value.len() && Json::parse(value.as_bytes()).is_ok();
    match is_whole {
        true => value.to_owned(),
        false => serde_json::Value::from(clipped(value)).to_string(),
    }
}

/// A draft, and whose it is.
#[derive(Clone, Debug)]
pub struct Fired {
    pub rule: usize,
    /// As in `Event`: 0 is the client itself.
    pub connection: usize,
    pub draft: Draft,
}

impl Fired {
    /// How much it says. What has a share is about all of a call.
    fn weight(&self) -> (Severity, bool) {
        (self.draft.severity, self.draft.share.is_some())
    }

    fn is_about_the_same(&self, other: &Fired) -> bool {
        self.connection == other.connection && self.draft.track == other.draft.track
    }
}

/// A rule that could not look.
#[derive(Clone, Debug, PartialEq)]
pub struct Blind {
    pub rule: usize,
    /// 0 is the whole dump.
    pub connection: usize,
    pub reason: String,
}

/// Everything that rules have said.
#[derive(Debug, Default)]
pub struct Said {
    pub fired: Vec<Fired>,
    pub blind: Vec<Blind>,
    /// The rules and connections among those.
    known: HashSet<(usize, usize)>,
    /// By rule: how many are kept, and how many more there were.
    pub counts: Vec<(usize, u64)>,
}

impl Said {
    pub fn fire(&mut self, fired: Fired) {
        if self.counts.len() <= fired.rule {
            self.counts.resize(fired.rule + 1, (0, 0));
        }
        let (kept, more) = &mut self.counts[fired.rule];
        if *kept < FINDINGS_PER_RULE_MAX {
            *kept += 1;
            self.fired.push(fired);
            return;
        }
        steps::count(self.fired.len());
        *more += 1;
        self.displace(fired);
    }

    /// The worst ones are kept, then those about a whole call; of others that are as bad, some of each track, and of a
    /// track the first.
    fn displace(&mut self, fired: Fired) {
        let own: Vec<_> = (0..self.fired.len())
            .filter(|at| self.fired[*at].rule == fired.rule)
            .collect();
        let kept = |at: &usize| &self.fired[*at];
        let crowd = |one: &Fired| own.iter().filter(|at| kept(at).is_about_the_same(one)).count();
        let order = |at: &&usize| (kept(at).weight(), Reverse(crowd(kept(at))));
        let Some(least) = own.iter().rev().min_by_key(order).copied() else {
            return;
        };
        let is_more = match fired.weight().cmp(&kept(&least).weight()) {
            Ordering::Greater => true,
            Ordering::Equal => crowd(&fired) + 1 < crowd(kept(&least)),
            Ordering::Less => false,
        };
        if is_more {
            self.fired[least] = fired;
        }
    }

    /// Once for a rule and a connection, with the first reason. Beyond the limit it is said of the whole dump.
    pub fn blind(&mut self, mut blind: Blind) {
        if self.is_blind(blind.rule, blind.connection) {
            return;
        }
        if self.known.len() >= FINDING_GAPS_MAX {
            blind.connection = 0;
        }
        if self.known.insert((blind.rule, blind.connection)) {
            self.blind.push(blind);
        }
    }

    /// Whether that was said already.
    fn is_blind(&self, rule: usize, connection: usize) -> bool {
        let is_told = |connection| self.known.contains(&(rule, connection));
        is_told(connection) || (self.known.len() >= FINDING_GAPS_MAX && is_told(0))
    }
}

/// Takes what one rule says of one connection.
pub struct Out<'a> {
    pub rule: usize,
    pub connection: usize,
    pub said: &'a mut Said,
    pub wakes: &'a mut Wakes,
}

impl Out<'_> {
    /// The rule has found something.
    #[cold]
    pub fn fire(&mut self, draft: Draft) {
        self.fire_of(self.connection, draft);
    }

    /// The same of another connection than the one in question. 0 is the client itself.
    #[cold]
    pub fn fire_of(&mut self, connection: usize, draft: Draft) {
        self.said.fire(Fired {
            rule: self.rule,
            connection,
            draft,
        });
    }

    /// `Watcher::wake` is called at this time (ms since 1970), unless the dump ends before. It may be called for a
    /// matter that is settled by then: the watcher finds out.
    pub fn wake_at(&mut self, time: f64) {
        self.wakes.add(time, self.rule, self.connection);
    }

    /// Whether a rule that needs something to hold for so long (ms) can say anything of the interval: not if polls come
    /// too seldom for it, which is told, nor while the connection swings in.
    pub fn can_judge(&mut self, interval: &Interval<'_>, hold_ms: f64) -> bool {
        let scene = interval.view.scene();
        let median = scene.polls.median;
        if median > hold_ms / 2.0 {
            self.too_slow(median);
            return false;
        }
        scene.is_settled(interval.start)
    }

    /// Polls come too seldom for the rule, with this median distance in ms.
    #[cold]
    pub fn too_slow(&mut self, median_ms: f64) {
        if !self.said.is_blind(self.rule, self.connection) {
            self.not_evaluable(format!("statistics were taken only every {}", length(median_ms)));
        }
    }

    /// The rule cannot say anything of this connection.
    #[cold]
    pub fn not_evaluable(&mut self, reason: impl Into<String>) {
        self.said.blind(Blind {
            rule: self.rule,
            connection: self.connection,
            reason: reason.into(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_could_not_look_is_told_once_for_a_connection_and_beyond_the_limit_for_the_dump() {
        let mut said = Said::default();
        let mut tell = |rule, connection| {
            let reason = String::new();
            said.blind(Blind {
                rule,
                connection,
                reason,
            });
            said.blind.len()
        };
        let pairs = || (0..160).map(|pair| (pair % 20, pair / 20 + 1));
        for (rule, connection) in pairs().chain(pairs()).chain(pairs()) {
            tell(rule, connection);
        }
        assert_eq!(tell(0, 1), 160);
        for connection in 1..2 * FINDING_GAPS_MAX {
            tell(7, connection);
        }
        assert_eq!(tell(8, 5000), FINDING_GAPS_MAX + 2);
        let whole: Vec<_> = said.blind[FINDING_GAPS_MAX..]
            .iter()
            .map(|own| (own.rule, own.connection))
            .collect();
        assert_eq!(whole, [(7, 0), (8, 0)]);
    }
}
