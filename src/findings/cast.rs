//! The states of all rules for one connection, and for each of its reports.
use super::level::State;
use super::plan::Plan;
use super::rule::Watcher;
use super::samples::Slot;

pub type Boxed = Option<Box<dyn Watcher>>;

/// The states of one connection. Those of watchers are made when they hear something for the first time.
#[derive(Default)]
pub struct Cast {
    /// By rule.
    pub watchers: Vec<Boxed>,
    /// By slot.
    pub reports: Vec<Option<Role>>,
    /// In the order of the plan.
    pub pair: Vec<State>,
    pub connection: Vec<State>,
    /// The pair to which the states belong.
    pub pair_serial: u32,
}

/// The states of one report, in the order of the plan.
pub struct Role {
    pub serial: u32,
    pub levels: Box<[State]>,
    pub watchers: Box<[Boxed]>,
}

impl Cast {
    /// The states of this report; new ones if the slot had another one.
    pub fn role(&mut self, at: usize, slot: &Slot, plan: &Plan) -> &mut Role {
        if self.reports.len() <= at {
            self.reports.resize_with(at + 1, || None);
        }
        let of_kind = plan.of_kind(slot.kind);
        let own = &mut self.reports[at];
        if own.as_ref().is_some_and(|role| role.serial != slot.serial()) {
            *own = None;
        }
        own.get_or_insert_with(|| Role {
            serial: slot.serial(),
            levels: of_kind.levels.iter().map(|_| State::default()).collect(),
            watchers: of_kind.watchers.iter().map(|_| None).collect(),
        })
    }

    /// The watcher of a rule, made if it is the first time.
    pub fn watcher(&mut self, rule: usize, make: impl FnOnce() -> Box<dyn Watcher>) -> &mut dyn Watcher {
        if self.watchers.len() <= rule {
            self.watchers.resize_with(rule + 1, || None);
        }
        &mut **self.watchers[rule].get_or_insert_with(make)
    }
}
