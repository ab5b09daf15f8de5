//! All rules, in groups: a file each.
mod dump;

use super::rule::Rule;

const GROUPS: [&[Rule]; 1] = [dump::RULES];

/// All rules, in the order of the groups.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    GROUPS.into_iter().flatten()
}

/// The rule of this id.
pub fn of_id(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}
