//! Which rules are used with which thresholds: those of the table, changed by the configuration.
use std::sync::Arc;

use super::level::Bounds;
use super::options::FindingsOptions;
use super::rule::{Limits, Rule, Watch};
use super::rules;

/// A clone costs nothing.
#[derive(Clone, Debug)]
pub struct Settings {
    rules: Arc<[Setting]>,
}

/// How one rule is used.
#[derive(Clone, Debug)]
pub struct Setting {
    pub rule: &'static Rule,
    pub usage: Usage,
    /// In the order of the rule's own.
    pub thresholds: Vec<f64>,
    /// The same for a level, as it needs them.
    pub bounds: Option<Bounds>,
}

impl Setting {
    pub fn limits(&self) -> Limits<'_> {
        Limits {
            rule: self.rule,
            values: &self.thresholds,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    On,
    Off,
}

impl Settings {
    pub fn of(options: &FindingsOptions) -> Settings {
        let setting = |rule: &'static Rule| {
            let is_off = options.off.iter().any(|off| off.0.id == rule.id);
            let mut thresholds: Vec<f64> = rule.thresholds.iter().map(|threshold| threshold.value).collect();
            for own in options.thresholds.iter().filter(|own| own.rule.id == rule.id) {
                if let Some(value) = thresholds.get_mut(own.threshold) {
                    *value = own.value;
                }
            }
            let limits = Limits {
                rule,
                values: &thresholds,
            };
            let bounds = match &rule.watch {
                Watch::Level(level) => Some(Bounds::of(level, &limits)),
                _ => None,
            };
            Setting {
                rule,
                usage: if is_off { Usage::Off } else { Usage::On },
                thresholds,
                bounds,
            }
        };
        Settings {
            rules: rules::all().map(setting).collect(),
        }
    }

    /// The thresholds of the rule of this number.
    pub fn limits(&self, rule: usize) -> Limits<'_> {
        self.rules[rule].limits()
    }

    /// The same of a level.
    pub fn bounds(&self, rule: usize) -> Option<&Bounds> {
        self.rules[rule].bounds.as_ref()
    }

    /// Of all rules, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Setting> {
        self.rules.iter()
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings::of(&FindingsOptions::default())
    }
}
