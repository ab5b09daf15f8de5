//! What was wrong with a call: rules that look at the decoded events of a dump, in one pass and in their order.
//!
//! Each rule is one entry of a table (`rules`, whose head tells how to write one). The engine keeps a picture of the
//! call for all of them (`world`): states, tracks, and the numbers of reports at the last two polls. Rules say what
//! they found (`draft`); at the end that becomes findings with sentences, of which some explain others (`causes`).
//!
//! Nothing here fails. A rule that panics is not used any more and said to be not evaluable; if the engine itself
//! panics, that is said of all rules. Limits: `FINDING_…` in `limits`; what is beyond is counted and said. Results
//! depend neither on masking nor on the order of maps.
mod asked;
mod blind;
mod call;
mod candidacy;
mod cast;
mod causes;
mod columns;
mod compose;
mod coverage;
mod draft;
mod engine;
mod evidence;
mod finding;
mod hand;
mod held;
mod level;
mod machine;
mod meaning;
mod near;
mod negotiation;
mod options;
mod output;
mod parameters;
mod path;
mod plan;
mod polls;
mod rule;
mod rules;
mod run;
mod samples;
mod scene;
mod section;
mod servers;
mod settings;
mod severity;
mod slot;
mod states;
mod stream;
mod text;
mod track;
mod view;
mod wakes;
mod window;
mod world;

use engine::Engine;

use crate::dump::decode::{Event, Restore};
use crate::dump::form::Form;
use crate::dump::internals::Flags;
use crate::dump::open::Dump;

pub use columns::ASKED;
pub use evidence::{Evidence, Origin};
pub use finding::{Finding, NotEvaluable};
pub use options::{FindingsOptions, Override, RuleName};
pub use output::{Findings, Outcome, Verdict};
pub use rule::{Rule, Source, Threshold};
pub use rules::{all as rules, of_id as rule_of_id};
pub use settings::{Setting, Settings, Usage};
pub use severity::{Scope, Severity};
pub use world::End;

/// Examines the events of one dump.
pub struct Examination {
    /// `None` after a panic in what all rules rest on.
    engine: Option<Box<Engine>>,
    settings: Settings,
}

impl std::fmt::Debug for Examination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Examination").finish_non_exhaustive()
    }
}

impl Examination {
    /// For the dump of a client library.
    pub fn new(settings: &Settings) -> Examination {
        Examination {
            engine: Some(Box::new(Engine::new(settings))),
            settings: settings.clone(),
        }
    }

    /// For a dump of any form, of which no event has been read yet. Its descriptions will be complete: rules compare
    /// them.
    pub fn of(dump: &mut Dump<'_>, settings: &Settings) -> Examination {
        dump.restore(Restore::Fully);
        let mut examination = Examination::new(settings);
        if let Some(engine) = &mut examination.engine {
            let form = |flags| Form::new(dump.format(), flags);
            engine.world.forms = dump.connection_flags().into_iter().map(form).collect();
            engine.world.client_form = form(Flags::default());
        }
        examination
    }

    /// Takes the next event of the dump.
    pub fn event(&mut self, event: &Event<'_>) {
        if let Some(engine) = &mut self.engine
            && engine.event(event).is_err()
        {
            self.engine = None;
        }
    }

    /// There are no more events.
    pub fn finish(self, end: End) -> Findings {
        let findings = self.engine.and_then(|engine| engine.finish(end));
        findings.unwrap_or_else(|| {
            let used = self.settings.iter().filter(|setting| setting.usage == Usage::On);
            let ruined = |setting: &Setting| NotEvaluable {
                rule: setting.rule.id,
                connection: None,
                reason: "the program failed".to_owned(),
            };
            Findings {
                not_evaluable: used.map(ruined).collect(),
                ..Findings::default()
            }
        })
    }
}

#[cfg(test)]
mod tests;
