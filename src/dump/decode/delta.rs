//! Applies the statistics of one event to the reports that are kept.
//!
//! The value of a `getStats` has, by id, what has changed in each report: wire keys, null for a report that is gone,
//! and a time stamp `t` for all reports without one of their own. Of duplicate members, the last one counts. What is
//! neither a report nor null is passed over.
use std::borrow::Cow;
use std::collections::HashMap;

use super::frame::{Member, Property};
use crate::dump::json::{Json, Text};
use crate::dump::reports::Reports;

/// Memory that is kept between lines.
#[derive(Default)]
pub struct Scratch {
    /// Reports whose ids may be no numbers, in the order of the event.
    named: Vec<u32>,
}

/// `members` are those of the value, and `properties` those of all its reports, as places in the line.
pub fn apply(line: &[u8], members: &[Member], properties: &[Property], scratch: &mut Scratch, reports: &mut Reports) {
    reports.begin();
    scratch.named.clear();
    let name = |member: &Member| name(line, member);
    let last = if are_ascending(line, members) {
        None
    } else {
        let last = members.iter().enumerate().map(|(at, member)| (name(member), at));
        Some(last.collect::<HashMap<_, _>>())
    };
    let mut time = None;
    for (at, member) in members.iter().enumerate() {
        let id = name(member);
        if last.as_ref().is_some_and(|last| last.get(&id) != Some(&at)) {
            continue;
        }
        let value = &line[member.value.clone()];
        match value.first() {
            Some(b'-' | b'0'..=b'9') if *id == *b"t" => time = Some(value),
            _ if *id == *b"t" => {}
            Some(b'n') => reports.remove_raw(&id),
            Some(b'{') => {
                let place = reports.place(&id);
                let properties = &properties[member.properties.clone()];
                reports.begin_report(place, properties.len(), value.len());
                for property in properties {
                    let value = Json::checked(property.value(line));
                    match property.key() {
                        Some(key) => reports.change_short(place, key, value),
                        None => reports.change_raw(place, property.name(line), value),
                    }
                }
                scratch.named.extend(may_be_named(&id).then_some(place));
            }
            _ => {}
        }
    }
    for place in scratch.named.iter().rev() {
        reports.move_to_front(*place);
    }
    if let Some(time) = time {
        reports.set_common(time);
    }
}

fn name<'a>(line: &'a [u8], member: &Member) -> Cow<'a, [u8]> {
    Text::checked(&line[member.name.clone()]).canonical()
}

/// Whether this is perhaps no number as JavaScript has them.
fn may_be_named(id: &[u8]) -> bool {
    id.len() > 9 || !id.iter().all(u8::is_ascii_digit) || (id.len() > 1 && id[0] == b'0')
}

/// Whether the names are numbers in ascending order, perhaps with `t` behind them. Then there are no duplicates.
fn are_ascending(line: &[u8], members: &[Member]) -> bool {
    let mut before = (0, &b""[..]);
    members.iter().enumerate().all(|(at, member)| {
        let name = &line[member.name.clone()];
        let is_last = at + 1 == members.len();
        let order = (name.len(), name);
        let is_greater = order > before;
        before = order;
        (is_greater && name.iter().all(u8::is_ascii_digit)) || (is_last && name == b"t")
    })
}
