//! Lets rules look at the numbers of one connection: report by report, then the pair, then the connection.
use super::cast::{Cast, Role};
use super::draft::{Out, Said};
use super::level::{Last, State};
use super::plan::{OfKind, Plan};
use super::polls::Step;
use super::rule::{Level, Watch, When};
use super::samples::{self, Slot};
use super::settings::Settings;
use super::view::{Interval, View};
use super::wakes::Wakes;
use crate::dump::steps;
use crate::fault;

/// Whether a rule is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    Used,
    Off,
    /// It has panicked.
    Broken,
}

/// Where the rules are with an event, so that they go on behind one that has panicked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cursor {
    pub stage: usize,
    pub slot: usize,
    pub at: usize,
    /// The rule that is looking.
    pub rule: Option<usize>,
}

/// See the head of the file.
pub struct Hand<'a> {
    pub plan: &'static Plan,
    pub settings: &'a Settings,
    pub health: &'a [Health],
    pub said: &'a mut Said,
    pub wakes: &'a mut Wakes,
    pub cursor: &'a mut Cursor,
    pub view: View<'a>,
}

/// What a rule finds at a connection.
enum Case<'a> {
    Interval(Interval<'a>, Time),
    Scene(Time),
    /// There is a gap, or another pair.
    Cut,
    Nothing,
}

/// What rules ask of an interval before they look at it: it is the same for all of them.
#[derive(Clone, Copy)]
struct Time {
    /// In ms.
    pace: f64,
    is_settled: bool,
    is_on: bool,
}

impl Time {
    fn is(self, when: When) -> bool {
        match when {
            When::Settled => self.is_settled && self.is_on,
            When::Connected => self.is_settled,
            When::Always => true,
        }
    }
}

impl<'a> Hand<'a> {
    /// Lets the rules look at what the last poll has of a report.
    pub fn report(&mut self, cast: &mut Cast, at: usize) {
        let scene = self.view.scene();
        let slot = &scene.samples.slots()[at];
        let of_kind = self.plan.of_kind(slot.kind);
        steps::count(1);
        if slot.state == samples::State::Free || of_kind.is_empty() {
            return;
        }
        if slot.state == samples::State::Gone || scene.closed.is_some() {
            self.report_ends(cast, at, Last::Over);
            return;
        }
        let case = match self.view.interval(at) {
            Some(interval) => self.case(interval),
            None if scene.polls.step == Step::Gap => Case::Cut,
            None => return,
        };
        let role = cast.role(at, slot, self.plan);
        let of_medium = of_kind.of_medium(slot.media);
        while let Some(place) = of_medium.levels.get(self.cursor.at) {
            self.cursor.at += 1;
            let (rule, level) = of_kind.levels[*place];
            self.level(rule, level, &mut role.levels[*place], &case, Some(slot));
        }
        if let Case::Interval(interval, _) = case {
            self.watch(of_kind, role, &interval);
        }
    }

    fn case(&self, interval: Interval<'a>) -> Case<'a> {
        let scene = self.view.scene();
        let is_on = interval.is_on();
        let time = Time {
            pace: scene.polls.median,
            is_settled: scene.is_settled(interval.start),
            is_on,
        };
        // Watchers ask for it too.
        let on = Some(is_on);
        Case::Interval(Interval { on, ..interval }, time)
    }

    fn watch(&mut self, of_kind: &OfKind, role: &mut Role, interval: &Interval<'_>) {
        let of_medium = of_kind.of_medium(interval.slot.media);
        while let Some(place) = of_medium.watchers.get(self.cursor.at - of_medium.levels.len()) {
            self.cursor.at += 1;
            let (rule, new) = of_kind.watchers[*place];
            if self.health[rule] != Health::Used {
                continue;
            }
            let watcher = role.watchers[*place].get_or_insert_with(|| new(&self.settings.limits(rule)));
            self.cursor.rule = Some(rule);
            fault::stumble("rules");
            let mut out = Out {
                rule,
                connection: self.view.connection,
                said: self.said,
                wakes: self.wakes,
            };
            watcher.interval(interval, &mut out);
            self.cursor.rule = None;
        }
    }

    fn level(&mut self, rule: usize, level: &Level, state: &mut State, case: &Case<'_>, slot: Option<&Slot>) {
        let Some(bounds) = self.settings.bounds(rule).filter(|_| self.health[rule] == Health::Used) else {
            return;
        };
        let is_cut = match case {
            Case::Interval(_, time) | Case::Scene(time) => !time.is(level.when) && time.pace <= bounds.pace_ms_max(),
            Case::Cut | Case::Nothing => true,
        };
        if is_cut && state.is_empty() {
            return;
        }
        let mut out = Out {
            rule,
            connection: self.view.connection,
            said: self.said,
            wakes: self.wakes,
        };
        self.cursor.rule = Some(rule);
        match case {
            Case::Interval(_, time) | Case::Scene(time) if time.pace > bounds.pace_ms_max() => {
                state.cut(level, bounds, slot, &mut out);
                out.too_slow(time.pace);
            }
            Case::Interval(interval, time) if time.is(level.when) => state.interval(level, bounds, interval, &mut out),
            Case::Scene(time) if time.is(level.when) => state.scene(level, bounds, &self.view, &mut out),
            Case::Interval(..) | Case::Scene(_) | Case::Cut => state.cut(level, bounds, slot, &mut out),
            Case::Nothing => {}
        }
        self.cursor.rule = None;
    }

    /// The pair that is used.
    pub fn pair(&mut self, cast: &mut Cast) {
        let scene = self.view.scene();
        let slots = scene.samples.slots();
        let slot = scene.pair.map(|pair| &slots[pair]);
        let serial = slot.map_or(0, Slot::serial);
        cast.pair.resize_with(self.plan.pair.len(), State::default);
        let case = match scene.pair.and_then(|pair| self.view.interval(pair)) {
            _ if cast.pair_serial != serial || scene.closed.is_some() => Case::Cut,
            Some(interval) => self.case(interval),
            None if scene.polls.step == Step::Gap => Case::Cut,
            None => Case::Nothing,
        };
        while let Some(rule) = self.plan.pair.get(self.cursor.at) {
            self.cursor.at += 1;
            if let Some(level) = self.plan.level(*rule) {
                self.level(*rule, level, &mut cast.pair[self.cursor.at - 1], &case, slot);
            }
        }
        cast.pair_serial = serial;
    }

    /// The connection as a whole.
    pub fn connection(&mut self, cast: &mut Cast) {
        let scene = self.view.scene();
        cast.connection.resize_with(self.plan.connection.len(), State::default);
        let case = match scene.polls.step {
            _ if scene.closed.is_some() => Case::Cut,
            Step::Interval => Case::Scene(Time {
                pace: scene.polls.median,
                is_settled: scene.is_settled(scene.polls.before),
                is_on: true,
            }),
            Step::Gap => Case::Cut,
            Step::First | Step::Nothing => Case::Nothing,
        };
        while let Some(rule) = self.plan.connection.get(self.cursor.at) {
            self.cursor.at += 1;
            if let Some(level) = self.plan.level(*rule) {
                self.level(*rule, level, &mut cast.connection[self.cursor.at - 1], &case, None);
            }
        }
    }

    /// Nothing more will be known of a report.
    pub fn report_ends(&mut self, cast: &mut Cast, at: usize, last: Last) {
        let slot = &self.view.scene().samples.slots()[at];
        let Some(Some(role)) = cast.reports.get_mut(at) else {
            return;
        };
        let of_kind = self.plan.of_kind(slot.kind);
        let is_it = role.serial == slot.serial() && role.levels.len() == of_kind.levels.len();
        if !is_it {
            return;
        }
        while let Some((rule, level)) = of_kind.levels.get(self.cursor.at) {
            self.cursor.at += 1;
            let state = &mut role.levels[self.cursor.at - 1];
            self.level_ends(*rule, level, state, Some(slot), last);
        }
        while let Some((rule, _)) = of_kind.watchers.get(self.cursor.at - of_kind.levels.len()) {
            let own = role.watchers[self.cursor.at - of_kind.levels.len()].take();
            self.cursor.at += 1;
            if let Some(mut watcher) = own
                && self.health[*rule] == Health::Used
            {
                self.cursor.rule = Some(*rule);
                let mut out = Out {
                    rule: *rule,
                    connection: self.view.connection,
                    said: self.said,
                    wakes: self.wakes,
                };
                watcher.end(&self.view, &mut out);
                self.cursor.rule = None;
            }
        }
        cast.reports[at] = None;
    }

    /// Nothing more will be known of the connection's numbers.
    pub fn connection_ends(&mut self, cast: &mut Cast, last: Last) {
        let scene = self.view.scene();
        let slot = scene.pair.and_then(|pair| scene.samples.slots().get(pair));
        for (rule, state) in self.plan.pair.iter().zip(&mut cast.pair) {
            if let Watch::Level(level) = &self.plan.rules[*rule].watch {
                self.level_ends(*rule, level, state, slot, last);
            }
        }
        for (rule, state) in self.plan.connection.iter().zip(&mut cast.connection) {
            if let Watch::Level(level) = &self.plan.rules[*rule].watch {
                self.level_ends(*rule, level, state, None, last);
            }
        }
    }

    fn level_ends(&mut self, rule: usize, level: &Level, state: &mut State, slot: Option<&Slot>, last: Last) {
        let Some(bounds) = self.settings.bounds(rule).filter(|_| self.health[rule] == Health::Used) else {
            return;
        };
        let mut out = Out {
            rule,
            connection: self.view.connection,
            said: self.said,
            wakes: self.wakes,
        };
        state.end(level, bounds, slot, last, &mut out);
    }
}
