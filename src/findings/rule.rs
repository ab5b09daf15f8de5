//! What is known of a rule before there is a dump, and how it watches one.
use super::call::Call;
use super::columns::{Column, Kind, Link};
use super::draft::Out;
use super::samples::Media;
use super::severity::{Scope, Severity};
use super::view::{Interval, View};
use crate::dump::form::Need;

/// One thing that can be wrong with a call.
#[derive(Debug)]
pub struct Rule {
    /// `GROUP.NAME`.
    pub id: &'static str,
    /// The highest that its findings can have.
    pub severity: Severity,
    pub scope: Scope,
    /// When it fires, in a sentence for people.
    pub fires: &'static str,
    /// What to look at or to change.
    pub hint: &'static str,
    /// Sentences for its findings, of which each says the number of its own (`Draft::case`). In them `{value}`,
    /// `{threshold}`, `{length}` (of time), `{media}` and `{0}`, `{1}`… (`Draft::name`) are replaced.
    pub texts: &'static [&'static str],
    pub thresholds: &'static [Threshold],
    /// Columns without which it says nothing. If reports of the kind were there, and none ever had such a value, the
    /// rule is not evaluable.
    pub needs: &'static [Column],
    /// The same of columns of which any one is enough.
    pub either: &'static [Column],
    /// References without which it says nothing, in the same way.
    pub links: &'static [(Kind, Link)],
    /// What the form of the dump must show.
    pub form: Need,
    pub source: Source,
    pub watch: Watch,
}

impl Rule {
    /// What an entry need not say.
    pub const PLAIN: Rule = Rule {
        id: "",
        severity: Severity::Info,
        scope: Scope::Connection,
        fires: "",
        hint: "",
        texts: &[],
        thresholds: &[],
        needs: &[],
        links: &[],
        either: &[],
        form: Need::Nothing,
        source: Source::Ours,
        watch: Watch::Never,
    };
}

/// A number at which a rule fires. The configuration may give another one.
#[derive(Debug)]
pub struct Threshold {
    /// `RULE.NAME` is what the configuration calls it.
    pub name: &'static str,
    pub value: f64,
    /// As people write it: `s`, `ms`, `%`, `kbit/s`, `packets`; empty for a ratio or a count.
    pub unit: &'static str,
    pub source: Source,
}

impl Threshold {
    pub const fn new(name: &'static str, value: f64, unit: &'static str, source: Source) -> Threshold {
        Threshold {
            name,
            value,
            unit,
            source,
        }
    }
}

/// Where a rule or a threshold comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A specification or another's publication, which it names.
    Published(&'static str),
    /// Nobody has published one: it was chosen here.
    Ours,
}

impl Source {
    pub const fn name(self) -> &'static str {
        match self {
            Source::Published(name) => name,
            Source::Ours => "ours",
        }
    }
}

/// How a rule watches.
#[derive(Debug)]
pub enum Watch {
    /// For `Rule::PLAIN` alone.
    Never,
    /// A number of a report, pair or connection that is too high or too low for some time; no code but the number.
    Level(Level),
    /// A watcher for each report of the kind: it is given intervals.
    Report(Kind, Option<Media>, New),
    /// A watcher for each connection: it is given the events of these methods, and is called after each poll.
    Connection(Hears, New),
    /// One watcher for the dump: the same of the client and all connections.
    Dump(Hears, New),
}

pub type New = fn(&Limits<'_>) -> Box<dyn Watcher>;

/// What a watcher is told of.
#[derive(Clone, Copy, Debug)]
pub struct Hears {
    /// Names of methods, custom ones too.
    pub methods: &'static [&'static str],
    pub polls: Polls,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polls {
    No,
    Yes,
}

/// State of one rule. What is unexpected counts as missing; nothing fails. All times are ms since 1970.
pub trait Watcher {
    /// An event of a method that it hears.
    fn event(&mut self, _call: &Call<'_>, _view: &View<'_>, _out: &mut Out<'_>) {}

    /// The next interval of its report.
    fn interval(&mut self, _interval: &Interval<'_>, _out: &mut Out<'_>) {}

    /// The connection has new statistics.
    fn polled(&mut self, _view: &View<'_>, _out: &mut Out<'_>) {}

    /// The time has come that it asked for by `Out::wake_at`. `view.now` is that time, even if the next event came
    /// later: a span begins and ends when it did.
    fn wake(&mut self, _view: &View<'_>, _out: &mut Out<'_>) {}

    /// The report is gone, the connection closed, or the dump at its end. For watchers of connections and of dumps it
    /// is the end of the dump: `view.scene().closed` says whether the connection was closed.
    fn end(&mut self, _view: &View<'_>, _out: &mut Out<'_>) {}
}

/// The thresholds of a rule as they are configured.
#[derive(Clone, Copy, Debug)]
pub struct Limits<'a> {
    pub rule: &'static Rule,
    pub values: &'a [f64],
}

impl Limits<'_> {
    /// The threshold of this name. A test makes every watcher, so that none asks for another name.
    pub fn get(&self, name: &str) -> f64 {
        let limit = self.find(name);
        debug_assert!(limit.is_some(), "{} has no threshold {name}", self.rule.id);
        limit.unwrap_or(f64::NAN)
    }

    /// The same of a threshold in s, as ms.
    pub fn ms(&self, name: &str) -> f64 {
        self.get(name) * 1000.0
    }

    pub fn find(&self, name: &str) -> Option<f64> {
        let at = self.rule.thresholds.iter().position(|own| own.name == name)?;
        self.values.get(at).copied()
    }
}

/// A number that is beyond a threshold at every poll of a stretch of time, at least three polls, and ends when it is
/// not at two polls. The thresholds of the rule have these names:
///
/// - `info`, `warning`, `critical`: what it must be beyond, for a finding of this severity; at least one of them,
///   unless the measure is `Holds`; texts name the lowest as `{0}`: beyond it the value was all the time
/// - `hold`: for how many s; with `Share`, `window` instead
/// - `off`: what it must be beyond to go on, if that is not the lowest of those
/// - `least`: with `Share`, what the whole must be at least
#[derive(Debug)]
pub struct Level {
    pub of: Of,
    pub measure: Measure,
    pub side: Side,
    pub spans: Spans,
    pub when: When,
    /// The value that is shown as evidence.
    pub shows: Option<Column>,
}

impl Level {
    pub const PLAIN: Level = Level {
        of: Of::Connection,
        measure: Measure::Scene(|_| None),
        side: Side::Above,
        spans: Spans::Intervals,
        when: When::Settled,
        shows: None,
    };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Report(Kind, Option<Media>),
    /// The pair that is used.
    Pair,
    Connection,
}

/// The number, in the unit of the thresholds. `None` says nothing; three times in a row it ends a stretch.
#[derive(Clone, Copy, Debug)]
pub enum Measure {
    Value(fn(&Interval<'_>) -> Option<f64>),
    /// Whether something is so. The value is for how many s.
    Holds(fn(&Interval<'_>) -> Option<bool>),
    /// A part and the whole, over the last `window` s together; the value is in %.
    Share(fn(&Interval<'_>) -> Option<(f64, f64)>),
    /// Of the connection.
    Scene(fn(&View<'_>) -> Option<f64>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Above,
    Below,
}

/// What the value of a poll is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spans {
    /// All of the time since the poll before.
    Intervals,
    /// The moment of the poll.
    Moments,
}

/// At which polls a level is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// From 5 s after the connection was connected on, while the encoding is active and its track live.
    Settled,
    /// From then on, whatever the encoding and its track are.
    Connected,
    Always,
}
