//! All rules, in groups: a file each. This is how to write one.
//!
//! A rule is one entry of a group's table (`Rule`), with what watches for it beside it in the same file. Begin with
//! `..Rule::PLAIN` and say: `id`, the highest `severity`, `scope`, when it `fires`, a `hint` (what to look at or to
//! change), `texts` (sentences with `{value}`, `{threshold}`, `{length}`, `{media}`, `{0}`…), `thresholds` with their
//! `source`, and `source` of the rule. A rule with a threshold that is `Source::Ours` is `Info` until it is silent on
//! every healthy recording. `watch` is one of
//!
//! - `Watch::Level`: a number is beyond a threshold for `hold` s (see `Level` for the names of thresholds). The span
//!   begins with the first interval (or poll, `Spans::Moments`) at which it was so and ends with the last one; the 5 s
//!   after connecting, closed connections, inactive encodings and dead tracks are left out (`When`). `Measure::Value`,
//!   `Holds` (something is so), `Share` (a part of a whole over the last `window` s), `Scene` (of the connection).
//! - `Watch::Report`: a watcher for each report of a kind, given each `Interval`: `delta`, `change`, `rate`, `now` of
//!   columns; `linked` reports; `text` properties; its `track`. Ask `is_on` and
//!   `view.scene().is_settled(interval.start)` if the ramp-up is to be left out, and `view.scene().polls.median` if
//!   polls must not be too seldom (`Out::too_slow`).
//! - `Watch::Connection`, `Watch::Dump`: a watcher that hears the events of the methods it names, and polls if it says
//!   so. For "no X within 5 s" call `Out::wake_at` when it begins, and in `wake` look whether it is still so:
//!   `view.now` is then the deadline itself, not the time of the event behind it. What is still so when the dump ends,
//!   `end` says.
//!
//! A watcher is made with its `Limits` (`limits.get("warning")`, `limits.ms("hold")`), which the configuration may have
//! changed. It fires with `out.fire(Draft::new(severity, start).until(end)…)`: without `until` it is a moment, and an
//! end of `None` means that it lasted to the end of the dump. `case` chooses the text, `name` fills `{0}`, `value` and
//! `threshold` have the unit of the table (shares are in %), and `event`, `event_at`, `shown` are the evidence: give
//! the event or value that began it and the one that ended it. Fire when the span is over, or in `end`; never twice for
//! one.
//!
//! Not evaluable: `needs` names columns; if reports of the rule's kind and medium were there and none ever had one,
//! that is said; of the columns of `either` one is enough. `form` is what the form of a dump must show (a browser's
//! dump lacks what only the page knows). What the watcher finds out itself, it tells by `Out::not_evaluable`, once for
//! a connection. A rule that has nothing to look at (no video in the call) is silent, which is no gap.
//!
//! `tests::proofs` wants a place in its tables: what makes the rule fire, what does not quite, and what it lacks.
//!
//! Another property of a report is one line in `columns`; a rule must ask for nothing else. Keep state O(1) for each
//! report; never compare addresses; take time from `call.time`, `interval` and `view.now` only.
mod asked;
mod capture;
mod descriptions;
mod dump;
mod env;
mod estimate;
mod gum;
mod ice;
mod loss;
mod measuring;
mod net;
mod path;
mod phase;
mod receiving;
mod sending;
mod signalling;
mod tracks;
mod turn;

use super::rule::Rule;

const GROUPS: [&[Rule]; 18] = [
    gum::RULES,
    tracks::RULES,
    capture::RULES,
    signalling::RULES,
    descriptions::RULES,
    ice::RULES,
    turn::RULES,
    path::RULES,
    net::RULES,
    estimate::RULES,
    env::RULES,
    measuring::RULES,
    sending::RULES,
    sending::PACKETS,
    receiving::STREAMS,
    receiving::PICTURES,
    receiving::SOUND,
    dump::RULES,
];

/// All rules, in the order of the groups.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    GROUPS.into_iter().flatten()
}

/// The rule of this id.
pub fn of_id(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}
