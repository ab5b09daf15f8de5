//! Which rules could not look at a connection, and why.
use super::columns::{Column, Kind, Link};
use super::coverage::Coverage;
use super::draft::{Blind, Said};
use super::hand::Health;
use super::plan::Plan;
use super::rule::{Of, Polls, Rule, Watch};
use super::samples::Media;
use super::world::World;
use crate::dump::form::Need;

/// Says of each rule that is used and could not look, why.
pub fn tell(plan: &Plan, health: &[Health], world: &World, said: &mut Said) {
    for (number, rule) in plan.rules.iter().enumerate() {
        if health[number] != Health::Used {
            continue;
        }
        let mut blind = |connection, reason| {
            said.blind(Blind {
                rule: number,
                connection,
                reason,
            });
        };
        let has_statistics = world.statistics > 0;
        if rests_on_statistics(rule) && !has_statistics {
            blind(
                0,
                "there are no statistics: they are taken from the moment a connection is connected".to_owned(),
            );
            continue;
        }
        if world.client_form.lacks(rule.form) && matches!(rule.watch, Watch::Dump(..)) {
            blind(0, rule.form.missing().1.to_owned());
            continue;
        }
        for (connection, scene) in world.scenes.iter().enumerate().skip(1) {
            if let Some(reason) = reason(rule, scene.form.lacks(rule.form), &scene.coverage) {
                blind(connection, reason);
            }
        }
    }
}

/// Whether it has nothing to look at without statistics.
fn rests_on_statistics(rule: &Rule) -> bool {
    let is_of_polls = match &rule.watch {
        Watch::Level(_) | Watch::Report(..) => true,
        Watch::Connection(hears, _) | Watch::Dump(hears, _) => {
            hears.polls == Polls::Yes && hears.methods.iter().all(|method| CONFIGURATION.contains(method))
        }
        Watch::Never => false,
    };
    is_of_polls || !rule.needs.is_empty() || !rule.either.is_empty()
}

/// Whoever hears of these only looks at something else.
const CONFIGURATION: [&str; 2] = ["create", "setConfiguration"];

fn reason(rule: &Rule, lacks: bool, coverage: &Coverage) -> Option<String> {
    if lacks && rule.form != Need::Nothing && !matches!(rule.watch, Watch::Dump(..)) {
        return Some(rule.form.missing().1.to_owned());
    }
    let media = medium(rule);
    let lacks = |column: &Column| coverage.lacks(*column, media_of(column.kind, media));
    let words = |column: &Column| format!("{} has no {}", column.kind.name(), column.property().name());
    if let Some(own) = rule.needs.iter().find(|column| lacks(column)) {
        return Some(words(own));
    }
    if let Some(own) = missing(rule, coverage) {
        return Some(format!("there is no {} report", own.name()));
    }
    let lacks_link = |(kind, link): &&(Kind, Link)| coverage.lacks_link(*kind, *link, media_of(*kind, media));
    if let Some((kind, link)) = rule.links.iter().find(lacks_link) {
        return Some(format!("{} has no {}", kind.name(), link.property().name()));
    }
    let has_any = rule.either.iter().any(|column| coverage.has(*column));
    let lacking: Vec<_> = rule.either.iter().filter(|column| lacks(column)).map(words).collect();
    (!has_any && !lacking.is_empty()).then(|| lacking.join(", "))
}

/// Reports that come with those of another kind, unless the browser does not make them.
const COMPANIONS: [(Kind, Kind, Option<Media>); 4] = [
    (Kind::Pressure, Kind::Pair, None),
    (Kind::Source, Kind::Outbound, None),
    (Kind::RemoteInbound, Kind::Outbound, None),
    (Kind::Playout, Kind::Inbound, Some(Media::Audio)),
];

/// A kind of report that the rule needs and that is not there, although it should be.
fn missing(rule: &Rule, coverage: &Coverage) -> Option<Kind> {
    let is_missing = |(kind, companion, media): &&(Kind, Kind, Option<Media>)| {
        let is_needed = rule.needs.iter().any(|column| column.kind == *kind);
        is_needed && !coverage.has_kind(*kind, None) && coverage.has_kind(*companion, *media)
    };
    COMPANIONS.iter().find(is_missing).map(|(kind, ..)| *kind)
}

/// The medium whose reports a rule is about.
fn medium(rule: &Rule) -> Option<Media> {
    match &rule.watch {
        Watch::Level(level) => match level.of {
            Of::Report(_, media) => media,
            Of::Pair | Of::Connection => None,
        },
        Watch::Report(_, media, _) => *media,
        Watch::Never | Watch::Connection(..) | Watch::Dump(..) => None,
    }
}

/// Pairs and transports are of no medium.
fn media_of(kind: Kind, media: Option<Media>) -> Option<Media> {
    media.filter(|_| !matches!(kind, Kind::Pair | Kind::Transport | Kind::Playout | Kind::Pressure))
}
