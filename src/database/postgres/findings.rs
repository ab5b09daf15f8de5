//! What was found in calls, in the statements of searching: how they ask the metadata of rows.
//!
//! Where the column is `jsonb` it is asked as such. Anything else (`json`, `text`) may hold what is no JSON, and a cast
//! would fail for all rows because of one; there the text of the object is taken out by its form, which ours always
//! has. Migration 4 makes an index of the very expressions that are here. Without it the answers are the same. Nothing
//! here talks to a server.
use super::layout::{Column, Layout, Statement};
use crate::database::findings::FindingFilter;

/// The object, in a column of `jsonb`. The index has this.
const OBJECT: &str = "(metadata -> 'findings')";

/// What is between the braces of the object, in another column.
const INNER: &str = r#"substring(metadata::text, '"findings" ?: ?[{]([a-z0-9".:, -]*)[}]')"#;

/// Rules and severities in turn, in a text. What is longer than an index takes is cut: more than seventy findings.
const WORDS: &str =
    r#"translate(left(substring(metadata::text, '"findings" ?: ?[{]([a-z0-9".:, -]*)[}]'), 2600), ': "', ',')"#;

/// The findings of a row as JSON, or null.
pub fn object(layout: &Layout) -> String {
    match layout.column("metadata") {
        None => "NULL::text".to_owned(),
        Some(column) if is_jsonb(column) => format!("{OBJECT}::text"),
        Some(_) => format!("('{{' || {INNER} || '}}')"),
    }
}

/// The condition that a row has one of the findings; nothing if each row passes.
pub fn condition(layout: &Layout, filter: &FindingFilter, statement: &mut Statement) -> Option<String> {
    if filter.is_open() {
        return None;
    }
    Some(match layout.column("metadata") {
        None => "false".to_owned(),
        Some(column) if is_jsonb(column) => of_object(filter, statement),
        Some(_) => of_words(filter, statement),
    })
}

pub fn is_jsonb(column: &Column) -> bool {
    column.base == "jsonb"
}

fn of_object(filter: &FindingFilter, statement: &mut Statement) -> String {
    let FindingFilter { rules, severities } = filter;
    if rules.is_empty() {
        let any: Vec<String> = severities
            .iter()
            .map(|severity| format!("@ == \"{severity}\""))
            .collect();
        let path = statement.bind(format!("$.* ? ({})", any.join(" || ")));
        return format!("{OBJECT} @? {path}::text::jsonpath");
    }
    if severities.is_empty() {
        return format!("{OBJECT} ?| {}", list(rules, statement));
    }
    let pairs = rules
        .iter()
        .flat_map(|rule| severities.iter().map(move |severity| (rule, severity)));
    let has = |(rule, severity): (&String, &&str)| {
        let pair = serde_json::json!({ rule: severity }).to_string();
        format!("{OBJECT} @> {}::text::jsonb", statement.bind(pair))
    };
    format!("({})", pairs.map(has).collect::<Vec<_>>().join(" OR "))
}

fn of_words(filter: &FindingFilter, statement: &mut Statement) -> String {
    let FindingFilter { rules, severities } = filter;
    let words = if rules.is_empty() {
        own(severities)
    } else {
        rules.clone()
    };
    let any = format!("string_to_array({WORDS}, ',') && {}", list(&words, statement));
    if rules.is_empty() || severities.is_empty() {
        return any;
    }
    let pairs = rules
        .iter()
        .flat_map(|rule| severities.iter().map(move |severity| (rule, severity)));
    let has = |(rule, severity): (&String, &&str)| {
        let pair = statement.bind(format!(",{rule},{severity},"));
        format!("strpos(',' || {WORDS} || ',', {pair}::text) > 0")
    };
    format!("({any} AND ({}))", pairs.map(has).collect::<Vec<_>>().join(" OR "))
}

fn own(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

fn list(words: &[String], statement: &mut Statement) -> String {
    let places: Vec<String> = words
        .iter()
        .map(|word| format!("{}::text", statement.bind(word.clone())))
        .collect();
    format!("ARRAY[{}]", places.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_has_the_expressions_of_the_search() {
        let migration = include_str!("../migrations/004.sql");
        assert!(migration.contains(&format!("USING gin ({OBJECT})")), "{OBJECT}");
        assert!(
            migration.contains(&format!("USING gin (string_to_array({WORDS}, ','))")),
            "{WORDS}"
        );
        let inner = WORDS
            .strip_prefix("translate(left(")
            .and_then(|rest| rest.strip_prefix(INNER));
        assert!(inner.is_some(), "both take out the same");
    }
}
