//! Makes the findings out of what rules have said: names, sentences, and the order of time.
use std::collections::HashMap;

use super::causes;
use super::draft::{Draft, Fired, Said};
use super::finding::{Finding, NotEvaluable};
use super::output::{Findings, Outcome};
use super::plan::Plan;
use super::samples::Media;
use super::scene::Scene;
use super::text::{filled, length, measure};
use super::world::World;

/// See the head of the file. `world` knows the names of the connections.
pub fn compose(plan: &Plan, used: usize, world: &World, said: Said) -> Findings {
    let Said {
        mut fired,
        blind,
        counts,
        ..
    } = said;
    let order = |one: &Fired, other: &Fired| {
        let start = one.draft.start.total_cmp(&other.draft.start);
        start
            .then(one.rule.cmp(&other.rule))
            .then(one.connection.cmp(&other.connection))
    };
    fired.sort_by(order);
    let fired = merged(plan, fired);
    let mut findings: Vec<_> = fired.into_iter().map(|fired| finding(plan, world, fired)).collect();
    causes::link(&mut findings);
    let gap = |gap: super::draft::Blind| NotEvaluable {
        rule: plan.rules[gap.rule].id,
        connection: connection(world, gap.connection),
        reason: gap.reason,
    };
    let more = counts.iter().enumerate().filter(|(_, (_, more))| *more > 0);
    Findings {
        outcome: outcome(world),
        used,
        findings,
        not_evaluable: blind.into_iter().map(gap).collect(),
        omitted: more.map(|(rule, (_, more))| (plan.rules[rule], *more)).collect(),
    }
}

/// One device that several connections send, and the machine itself, are told of once: what begins at the same time, or
/// before the other is over. `fired` is in the order of time.
fn merged(plan: &Plan, fired: Vec<Fired>) -> Vec<Fired> {
    let mut kept: Vec<Fired> = Vec::with_capacity(fired.len());
    // By rule and track: the last one.
    let mut last: HashMap<(usize, Option<Box<str>>), usize> = HashMap::new();
    for one in fired {
        let rule = plan.rules[one.rule];
        let is_shared = (rule.id.starts_with("cap.") && one.draft.track.is_some()) || rule.id.starts_with("env.");
        if !is_shared || one.connection == 0 {
            kept.push(one);
            continue;
        }
        let key = (one.rule, one.draft.track.clone());
        match last.get(&key).map(|at| &mut kept[*at]) {
            Some(known) if known.connection != one.connection && is_together(&known.draft, &one.draft) => {
                known.connection = 0;
                known.draft.severity = known.draft.severity.max(one.draft.severity);
                known.draft.end = known.draft.end.zip(one.draft.end).map(|(one, other)| one.max(other));
            }
            _ => {
                last.insert(key, kept.len());
                kept.push(one);
            }
        }
    }
    kept
}

/// Whether the second one began while the first one lasted. The polls of several connections are a little apart.
fn is_together(first: &Draft, second: &Draft) -> bool {
    let end = first.end.unwrap_or(f64::INFINITY);
    second.start <= end.max(first.start + causes::MARGIN_MS)
}

/// A dump that begins in the middle of the call may show no state, but the pair that is used.
fn outcome(world: &World) -> Outcome {
    let was_connected = |scene: &Scene| {
        let is_told = scene.connectivity.is_some() || scene.ice.is_some();
        scene.first_connected.is_some() || (!is_told && scene.path.is_some())
    };
    match world.scenes.get(1..).unwrap_or_default() {
        [] => Outcome::NoConnection,
        scenes if scenes.iter().any(was_connected) => Outcome::Connected,
        _ => Outcome::NeverConnected,
    }
}

fn connection(world: &World, index: usize) -> Option<(Box<str>, usize)> {
    let scene = world.scenes.get(index).filter(|_| index > 0)?;
    Some((scene.name.clone(), index))
}

fn finding(plan: &Plan, world: &World, fired: Fired) -> Finding {
    let rule = plan.rules[fired.rule];
    let draft = fired.draft;
    let template = rule.texts.get(draft.case).or(rule.texts.first()).copied();
    let text = filled(template.unwrap_or(rule.fires), |name| word(name, &draft, world));
    Finding {
        rule,
        severity: draft.severity,
        scope: rule.scope,
        connection: connection(world, fired.connection),
        track: draft.track,
        report: draft.report,
        start: draft.start,
        end: draft.end,
        value: draft.value,
        threshold: draft.threshold,
        unit: draft.unit,
        share: draft.share,
        evidence: draft.evidence,
        cause_of: Vec::new(),
        because_of: Vec::new(),
        text,
    }
}

/// What stands for a name in a template.
fn word(name: &str, draft: &Draft, world: &World) -> Option<String> {
    match name {
        "value" => draft.value.map(|value| measure(value, draft.unit)),
        "threshold" => draft.threshold.map(|threshold| measure(threshold, draft.unit)),
        "share" => draft.share.map(|share| measure(100.0 * share, "%")),
        "length" => Some(length(draft.end.unwrap_or(world.last) - draft.start)),
        "media" => Some(match draft.media {
            Media::None => "media".to_owned(),
            media => media.name().to_owned(),
        }),
        number => draft.names.get(number.parse::<usize>().ok()?).cloned(),
    }
}
