//! Who hears what: made once from the table of rules, so that what nobody hears costs nothing.
use std::sync::LazyLock;

use super::columns::{KINDS, Kind};
use super::rule::{Level, New, Of, Polls, Rule, Watch};
use super::rules;
use super::samples::Media;
use crate::dump::decode::Method;
use crate::dump::json::Json;
use crate::dump::table::METHODS;

/// Numbers of rules, in the order of the table.
#[derive(Debug, Default)]
pub struct Plan {
    pub rules: Vec<&'static Rule>,
    /// By key of the method; then by name those that the protocol lacks.
    known: Vec<Vec<usize>>,
    custom: Vec<(&'static str, Vec<usize>)>,
    /// Watchers of connections and dumps that are called after a poll.
    pub polled: Vec<usize>,
    pub kinds: [OfKind; KINDS],
    pub pair: Vec<usize>,
    pub connection: Vec<usize>,
}

/// Rules that look at each report of a kind. A rule's place in the list is that of its state.
#[derive(Debug, Default)]
pub struct OfKind {
    pub levels: Vec<(usize, &'static Level)>,
    pub watchers: Vec<(usize, New)>,
    /// By medium: the places of those that look at such reports.
    of_medium: [OfMedium; MEDIA],
}

#[derive(Debug, Default)]
pub struct OfMedium {
    pub levels: Vec<usize>,
    pub watchers: Vec<usize>,
}

const MEDIA: usize = 3;

impl OfKind {
    pub fn of_medium(&self, medium: Media) -> &OfMedium {
        &self.of_medium[medium as usize]
    }

    pub fn is_empty(&self) -> bool {
        self.levels.is_empty() && self.watchers.is_empty()
    }

    fn add_level(&mut self, rule: usize, level: &'static Level, medium: Option<Media>) {
        let place = self.levels.len();
        self.levels.push((rule, level));
        self.concerned(medium).for_each(|own| own.levels.push(place));
    }

    fn add_watcher(&mut self, rule: usize, new: New, medium: Option<Media>) {
        let place = self.watchers.len();
        self.watchers.push((rule, new));
        self.concerned(medium).for_each(|own| own.watchers.push(place));
    }

    /// All media, or the one.
    fn concerned(&mut self, medium: Option<Media>) -> impl Iterator<Item = &mut OfMedium> {
        let all = [Media::None, Media::Audio, Media::Video]
            .into_iter()
            .zip(&mut self.of_medium);
        all.filter(move |(own, _)| medium.is_none_or(|medium| medium == *own))
            .map(|(_, own)| own)
    }
}

static PLAN: LazyLock<Plan> = LazyLock::new(Plan::new);

impl Plan {
    pub fn get() -> &'static Plan {
        &PLAN
    }

    fn new() -> Plan {
        let mut plan = Plan {
            known: vec![Vec::new(); usize::from(u8::MAX) + 1],
            ..Plan::default()
        };
        for (number, rule) in rules::all().enumerate() {
            plan.rules.push(rule);
            match &rule.watch {
                Watch::Never => {}
                Watch::Level(level) => match level.of {
                    Of::Report(kind, media) => plan.kinds[kind as usize].add_level(number, level, media),
                    Of::Pair => plan.pair.push(number),
                    Of::Connection => plan.connection.push(number),
                },
                Watch::Report(kind, media, new) => {
                    plan.kinds[*kind as usize].add_watcher(number, *new, *media);
                }
                Watch::Connection(hears, _) | Watch::Dump(hears, _) => {
                    if hears.polls == Polls::Yes {
                        plan.polled.push(number);
                    }
                    hears.methods.iter().for_each(|method| plan.hear(method, number));
                }
            }
        }
        plan
    }

    fn hear(&mut self, name: &'static str, rule: usize) {
        if let Some(method) = METHODS.iter().find(|method| method.name == name) {
            self.known[usize::from(method.key)].push(rule);
            return;
        }
        match self.custom.iter_mut().find(|(own, _)| *own == name) {
            Some((_, rules)) => rules.push(rule),
            None => self.custom.push((name, vec![rule])),
        }
    }

    /// The rules that hear of this method.
    pub fn hearers(&self, method: &Method<'_>) -> &[usize] {
        match method {
            Method::Known(method) => &self.known[usize::from(method.key)],
            Method::Other(sent) => self.custom(*sent),
        }
    }

    fn custom(&self, sent: Json<'_>) -> &[usize] {
        let text = sent.as_text();
        let own = text.and_then(|text| self.custom.iter().find(|(name, _)| text.is(name)));
        own.map_or(&[], |(_, rules)| rules)
    }

    pub fn of_kind(&self, kind: Kind) -> &OfKind {
        &self.kinds[kind as usize]
    }

    /// The table's entry of a level.
    pub fn level(&self, rule: usize) -> Option<&'static Level> {
        match &self.rules[rule].watch {
            Watch::Level(level) => Some(level),
            _ => None,
        }
    }
}
