//! Tests the table against the protocol, and every member of it in every shape. What must go and what may stay is read
//! from the table in the simplest way, so a new row is covered without a change here.
//!
//! Places are not listed but found: from each method of the protocol, through all known members, to an object under
//! each rule.
use std::collections::VecDeque;

use serde_json::Value;

use super::*;
use crate::dump::mask::{MaskRules, Masker};
use crate::dump::scan::{Scanner, Token};
use crate::dump::table::METHODS;

/// Neither of these two occurs anywhere else in a line that is made here.
const NAME: &str = "QZeno";
const ADDRESS: &str = "198.51.100.31";

const ALL: MaskRules = MaskRules {
    addresses: true,
    device_labels: true,
};

/// An object under `rule`: what is before and after its members, braces included.
struct Context {
    rule: Rule,
    before: String,
    behind: String,
}

impl Context {
    fn line(&self, members: &str) -> String {
        format!("{}{members}{}", self.before, self.behind)
    }

    fn inside(&self, name: &str, rule: Rule) -> Context {
        Context {
            rule,
            before: format!("{}\"{name}\":{{", self.before),
            behind: format!("}}{}", self.behind),
        }
    }
}

/// One object for each rule that can apply to an object, reached by the shortest way.
fn contexts() -> Vec<Context> {
    let names = || MEMBERS.iter().flat_map(|member| member.names).chain(&["id1"]);
    let of_method = METHODS.iter().map(|method| Context {
        rule: Rule::of(method.carries),
        before: format!(r#"[{},"P",{{"#, method.key),
        behind: "},1]".to_string(),
    });
    let (mut queue, mut found) = (VecDeque::from_iter(of_method), Vec::<Context>::new());
    while let Some(context) = queue.pop_front() {
        if found.iter().all(|known| known.rule != context.rule) {
            let inside = names().map(|name| context.inside(name, expected(name, context.rule, When::Always)));
            queue.extend(inside);
            found.push(context);
        }
    }
    found
}

/// What the table says for an object of which `shown` is known.
fn expected(name: &str, within: Rule, shown: When) -> Rule {
    let rows = MEMBERS.iter().filter(|member| member.names.contains(&name));
    let places = rows.flat_map(|member| member.places);
    let mut fitting = places.filter(|place| place.within.contains(&within));
    let fitting = fitting.find(|place| place.when == When::Always || place.when == shown);
    fitting.map_or(within.others(), |place| place.rule)
}

/// Whether the table makes the member's value a name in any place.
fn is_name(member: &Member) -> bool {
    member.places.iter().any(|place| place.rule.is_name())
}

/// Members that show it.
fn showing(when: When) -> &'static str {
    match when {
        When::Always => "\"a\":1",
        When::RelayReport => "\"136\":\"relay\"",
        When::RelayCandidate => "\"type\":\"relay\"",
        When::Device => "\"deviceId\":\"d\"",
    }
}

const SHOWN: [When; 4] = [When::Always, When::RelayReport, When::RelayCandidate, When::Device];

/// Each name of the table, and one that is not in it, in each context and with each fact known.
fn each(mut test: impl FnMut(&Context, &str, When)) {
    for context in contexts() {
        for name in MEMBERS.iter().flat_map(|member| member.names).chain(&["other"]) {
            for shown in SHOWN {
                test(&context, name, shown);
            }
        }
    }
}

fn masked(line: &str) -> String {
    masked_by(ALL, line)
}

fn masked_by(rules: MaskRules, line: &str) -> String {
    let mut out = Vec::new();
    Masker::new(rules, None).line(line.as_bytes(), &mut out);
    String::from_utf8(out).expect("masking keeps UTF-8")
}

/// The text as a string literal in which every character is escaped.
fn escaped(text: &str) -> String {
    let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
    format!("\"{}\"", units.collect::<String>())
}

/// Whether a text occurs in any string or key of a JSON text, including values that a duplicate key hides.
fn shows(json: &str, text: &str) -> bool {
    let mut open = Vec::new();
    let mut scanner = Scanner::new(json.as_bytes(), &mut open);
    loop {
        match scanner.next().expect("masking keeps JSON") {
            Token::End => return false,
            Token::Key(found) | Token::String(found) => {
                let literal = &json[found.start - 1..=found.end];
                let string: String = serde_json::from_str(literal).expect("a string literal");
                if string.contains(text) {
                    return true;
                }
            }
            _ => {}
        }
    }
}

/// The member in its usual spelling, and then in every other spelling with the same meaning.
fn spellings(name: &str, value: &str) -> Vec<String> {
    let (key, plain) = (format!("\"{name}\""), format!("\"{value}\""));
    vec![
        format!("{key}:{plain}"),
        format!("{}:{plain}", escaped(name)),
        format!("{key}:{}", escaped(value)),
        format!(" {key} \t:\r {plain} "),
        format!("{key}:[{plain}]"),
        format!("{key}:[[[1,{plain}]]]"),
        format!("{key}:1,{key}:{plain}"),
        format!("{key}:{plain},{key}:null"),
        format!("{key}:{plain},{}:{plain}", escaped(name)),
    ]
}

#[test]
fn every_rule_that_an_object_can_be_under_is_met() {
    let met: Vec<Rule> = contexts().iter().map(|context| context.rule).collect();
    for place in MEMBERS.iter().flat_map(|member| member.places) {
        assert!(
            place.within.iter().any(|rule| met.contains(rule)),
            "nothing leads to {place:?}"
        );
    }
    assert!(met.len() > 10, "{met:?}");
}

#[test]
fn every_member_is_masked_in_every_shape_and_place() {
    each(|context, name, shown| {
        let is_name = expected(name, context.rule, shown).is_name();
        for value in [NAME.to_string(), format!("{NAME} {ADDRESS}")] {
            for spelling in spellings(name, &value) {
                for members in [
                    format!("{},{spelling}", showing(shown)),
                    format!("{spelling},{}", showing(shown)),
                ] {
                    let line = context.line(&members);
                    let masked = masked(&line);
                    assert!(!shows(&masked, ADDRESS), "an address stays in {line}: {masked}");
                    assert_eq!(
                        shows(&masked, NAME),
                        !is_name,
                        "{:?} {shown:?} {line}: {masked}",
                        context.rule
                    );
                }
            }
        }
    });
}

#[test]
fn what_lies_deeper_in_a_name_is_one() {
    each(|context, name, shown| {
        if expected(name, context.rule, shown).is_name() {
            let line = context.line(&format!(
                r#"{},"{name}":{{"a":["{NAME}",{{"b":"{NAME}"}}]}}"#,
                showing(shown)
            ));
            assert!(!shows(&masked(&line), NAME), "{line}");
        }
    });
}

#[test]
fn an_address_stays_only_where_the_table_excepts_it() {
    each(|context, name, shown| {
        let rule = expected(name, context.rule, shown);
        for (value, excepted_by) in [
            (ADDRESS.to_string(), Rule::OwnAddress),
            (format!("turn:{ADDRESS}:3478"), Rule::Url),
            (format!("candidate:6 1 udp 4 {ADDRESS} 5 typ relay"), Rule::Candidate),
        ] {
            // A description makes the same lines an exception as a candidate does.
            let is_excepted = rule == excepted_by || rule == Rule::Description && excepted_by == Rule::Candidate;
            let line = context.line(&format!(r#"{},"{name}":"{value}""#, showing(shown)));
            assert_eq!(shows(&masked(&line), ADDRESS), is_excepted, "{rule:?} {line}");
        }
    });
}

#[test]
fn a_torn_line_shows_no_name_wherever_it_is_cut() {
    for context in contexts() {
        for member in MEMBERS {
            for name in member.names {
                for separator in [":", " : "] {
                    let line = context.line(&format!("\"{name}\"{separator}\"{NAME} {ADDRESS}\""));
                    let value = line.find(NAME).expect("it was put there");
                    for end in value + 1..line.len() {
                        let masked = masked(&line[..end]);
                        assert!(masked.starts_with("[\"unparsed\",null,\""), "{masked}");
                        assert_eq!(
                            masked.contains('Q'),
                            member.name.is_none(),
                            "{}: {masked}",
                            &line[..end]
                        );
                        assert!(!masked.contains(ADDRESS), "{}: {masked}", &line[..end]);
                    }
                }
            }
        }
    }
}

#[test]
fn a_line_with_something_around_it_shows_no_name() {
    for member in MEMBERS {
        for name in member.names {
            let object = format!(r#"{{"{name}":"{NAME} {ADDRESS}"}}"#);
            for line in [
                format!("x{object}"),
                format!("{object}x"),
                format!("{object},{object}"),
                format!("[39,\"P\",{object},1]]"),
            ] {
                let masked = masked(&line);
                assert_eq!(masked.contains(NAME), !is_name(member), "{line}: {masked}");
                assert!(!masked.contains(ADDRESS), "{line}: {masked}");
            }
        }
    }
}

#[test]
fn an_address_is_masked_beside_and_within_every_member() {
    each(|context, name, _| {
        let text = format!(r#"{{\"{name}\":\"{ADDRESS}\"}}"#);
        for members in [
            format!(r#""{name}":"{text}""#),
            format!(r#""a":"{text}""#),
            format!(r#""{name} {ADDRESS}":1"#),
            format!(r#""{name}":{{"{ADDRESS}":{{"a":"at {ADDRESS}"}}}}"#),
        ] {
            let line = context.line(&members);
            assert!(!shows(&masked(&line), ADDRESS), "{line}");
        }
        let outside = format!(r#"{{"{name}":"at {ADDRESS}"}}"#);
        for line in [format!(r#"["x","P",1,{outside},1]"#), outside] {
            assert!(!shows(&masked(&line), ADDRESS), "{line}");
        }
    });
}

#[test]
fn what_is_switched_off_changes_nothing() {
    let none = MaskRules {
        addresses: false,
        device_labels: false,
    };
    each(|context, name, shown| {
        let line = context.line(&format!(r#"{},"{name}":"{NAME} {ADDRESS}""#, showing(shown)));
        assert_eq!(masked_by(none, &line), line);
    });
}

#[test]
fn every_name_is_found_and_stands_once() {
    let names: Vec<&str> = MEMBERS.iter().flat_map(|member| member.names).copied().collect();
    for member in MEMBERS {
        for name in member.names {
            assert!(Member::of(name.as_bytes()).is_some_and(|found| std::ptr::eq(found, member)));
            assert_eq!(names.iter().filter(|known| *known == name).count(), 1, "{name}");
        }
    }
    for other in ["", "l", "labels", "lebal", "Label", "1", "13", "1344"] {
        assert!(Member::of(other.as_bytes()).is_none(), "{other}");
    }
}

#[test]
fn properties_have_the_protocols_keys() {
    let facts: Value =
        serde_json::from_str(include_str!("../../../../tests/data/tables.json")).expect("the facts are JSON");
    // What a member means in a report.
    let meaning = |name: &str| {
        let tells = Member::of(name.as_bytes()).map_or(Tells::Nothing, |member| member.tells);
        let tells = Some(tells).filter(|tells| matches!(tells, Tells::CandidateType | Tells::Type));
        (tells, SHOWN.map(|shown| expected(name, Rule::Report, shown)))
    };
    for (key, name) in facts["statsProperties"].as_object().expect("properties by wire key") {
        let name = name.as_str().expect("a name");
        assert_eq!(meaning(key), meaning(name), "{key} {name}");
    }
    for (key, name) in facts["statsTypes"].as_object().expect("types by wire key") {
        let name = name.as_str().expect("a name");
        for spelling in [key, name] {
            let is_candidate = crate::dump::mask::facts::is_candidate_report(spelling.as_bytes());
            assert_eq!(is_candidate, name.ends_with("-candidate"), "{name}");
        }
    }
}
