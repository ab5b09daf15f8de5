//! Random reports, sent as the differences that the wire allows and decoded again, are what they were.
//!
//! `rounds` has what the client library sends; here is everything that the format allows: ids of any form, names short
//! and in full, both at once and twice, types as numbers and as texts, values that change their kind, and numbers that
//! no double has. Reports are compared as the texts that they are.

use std::collections::{BTreeMap, BTreeSet};

use rtcstats_server::dump::decode::Decoder;
use rtcstats_server::dump::json::Json;
use rtcstats_server::dump::reports::Reports;
use serde_json::Value;

use super::random::Random;

/// The insides of JSON strings, in the way of writing that equal strings share.
const IDS: &[&str] = &[
    "0",
    "7",
    "41",
    "107",
    "4294967294",
    "4294967295",
    "007",
    "-1",
    "1.0",
    "",
    "T",
    "__proto__",
    "constructor",
    "toString",
    "RTCTransport_0_1",
    "ü\\\"\\\\",
    "\\ud800",
    "\\u0000",
];

const OTHER_NAMES: &[&str] = &[
    "__proto__",
    "hasOwnProperty",
    "newerThanTheTable",
    "13",
    "999",
    "ein \\\"Name\\\"",
    "größer",
    "",
];

const SCALARS: &[&str] = &[
    "0",
    "-0",
    "1",
    "0.1",
    "1E+5",
    "1e400",
    "-1e-400",
    "12345678901234567890",
    "0.10000000000000000000001",
    "true",
    "false",
    "null",
    "\"\"",
    "\"7\"",
    "\"\\ud800\"",
    "\"\\u0041\"",
    "\"\u{1f600}\"",
    "[]",
    "[1,[2,{\"a\":null}]]",
];

/// The value of a property: any JSON, or an object whose members are changed one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Text(String),
    Object(BTreeMap<String, String>),
}

type Report = BTreeMap<String, Content>;

/// What a connection has, and the wire keys.
struct Model {
    reports: BTreeMap<String, Report>,
    keys: BTreeMap<String, String>,
    types: BTreeMap<String, String>,
}

fn one<'a>(random: &mut Random, of: &[&'a str]) -> &'a str {
    of[random.below(of.len())]
}

/// The inside of a string, perhaps with a character as an escape that need not be one.
fn spelled(random: &mut Random, inside: &str) -> String {
    match inside.bytes().next() {
        Some(first) if first.is_ascii_alphanumeric() && random.below(4) == 0 => {
            format!("\\u{first:04x}{}", &inside[1..])
        }
        _ => inside.to_owned(),
    }
}

impl Model {
    fn new() -> Model {
        let tables: Value = serde_json::from_str(include_str!("../../data/tables.json")).expect("the tables are JSON");
        let by_name = |table: &str| {
            let entries = tables[table].as_object().expect("a table").iter();
            let named = entries.map(|(key, name)| (name.as_str().expect("a name").to_owned(), key.clone()));
            named.collect::<BTreeMap<_, _>>()
        };
        let mut keys = by_name("statsProperties");
        keys.remove("timestamp");
        Model {
            reports: BTreeMap::new(),
            keys,
            types: by_name("statsTypes"),
        }
    }

    /// Makes up the next event, and gives its value and the ids that it takes away.
    fn next(&mut self, random: &mut Random) -> (String, BTreeSet<String>) {
        let (mut members, mut gone, mut stamped) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for id in IDS {
            let wire = spelled(random, id);
            match random.below(8) {
                // Also one that is not there.
                0 => {
                    members.push(format!("\"{wire}\":null"));
                    gone.extend(self.reports.remove(*id).map(|_| id.to_string()));
                }
                // What is no report is passed over.
                1 => members.push(format!("\"{wire}\":{}", one(random, &["7", "\"x\"", "[]", "true"]))),
                2..5 => {
                    let mut properties = Vec::new();
                    if random.below(4) == 0 {
                        let time = random.below(1_000_000).to_string();
                        properties.push(format!("\"{}\":{time}", one(random, &["t", "timestamp"])));
                        self.reports
                            .entry(id.to_string())
                            .or_default()
                            .insert("timestamp".to_owned(), Content::Text(time));
                        stamped.insert(*id);
                    }
                    self.change(random, id, &mut properties);
                    members.push(format!("\"{wire}\":{{{}}}", properties.join(",")));
                }
                _ => {}
            }
        }
        if random.below(3) > 0 {
            let time = random.below(1_000_000).to_string();
            members.insert(random.below(members.len() + 1), format!("\"t\":{time}"));
            for (_, report) in self.reports.iter_mut().filter(|(id, _)| !stamped.contains(&***id)) {
                report.insert("timestamp".to_owned(), Content::Text(time.clone()));
            }
        }
        (format!("{{{}}}", members.join(",")), gone)
    }

    /// Changes some properties of a report, which may be new.
    fn change(&mut self, random: &mut Random, id: &str, out: &mut Vec<String>) {
        let report = self.reports.entry(id.to_owned()).or_default();
        if random.below(3) == 0 {
            let types: Vec<&String> = self.types.keys().collect();
            let name = types[random.below(types.len())];
            let key = &self.types[name];
            let wire = [
                key.clone(),
                format!("{key}.0"),
                format!("\"{key}\""),
                format!("\"{name}\""),
            ];
            out.push(format!("\"type\":{}", wire[random.below(4)]));
            report.insert("type".to_owned(), Content::Text(format!("\"{name}\"")));
        }
        let names: Vec<&String> = self.keys.keys().collect();
        // Each name once: what comes twice is made up below.
        let mut chosen: BTreeSet<&str> = (0..random.below(6))
            .map(|_| names[random.below(names.len())].as_str())
            .collect();
        chosen.extend((0..random.below(3)).map(|_| one(random, OTHER_NAMES)));
        for name in chosen {
            let (wire, content) = value(random, report.get(name));
            let short = self.keys.get(name).filter(|_| random.below(3) > 0);
            let written = short.map_or_else(|| spelled(random, name), String::clone);
            match random.below(8) {
                // The last of equal names counts.
                0 => out.push(format!("\"{written}\":{}", one(random, &["7", "{\"lost\":1}"]))),
                // The short name comes before the full one, wherever it stands.
                1 if short.is_some() => out.push(format!("\"{name}\":\"lost\"")),
                _ => {}
            }
            out.push(format!("\"{written}\":{wire}"));
            if short.is_some() && random.below(8) == 0 {
                out.push(format!("\"{name}\":\"lost\""));
            }
            report.insert(name.to_owned(), content);
        }
    }
}

/// A new value, as it is sent and as it is then.
fn value(random: &mut Random, old: Option<&Content>) -> (String, Content) {
    if random.below(3) > 0 {
        let text = one(random, SCALARS);
        return (text.to_owned(), Content::Text(text.to_owned()));
    }
    let names = ["cpu", "none", "__proto__", "7", "a\\\"b"];
    let sent: BTreeMap<String, String> = (0..random.below(4))
        .map(|_| (one(random, &names).to_owned(), one(random, SCALARS).to_owned()))
        .collect();
    let wire: Vec<_> = sent.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    let mut all = match old {
        Some(Content::Object(old)) => old.clone(),
        _ => BTreeMap::new(),
    };
    all.extend(sent);
    (format!("{{{}}}", wire.join(",")), Content::Object(all))
}

/// The reports that the decoder has.
fn decoded(reports: &Reports) -> BTreeMap<String, Report> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let content = |json: Json| match json.raw() {
        [b'{', ..] => {
            let members = json
                .members()
                .map(|(name, value)| (text(name.raw()), text(value.raw())));
            Content::Object(members.collect())
        }
        raw => Content::Text(text(raw)),
    };
    let mut all = BTreeMap::new();
    for report in reports.iter() {
        let mut properties = Report::new();
        for (name, value) in report.properties() {
            assert_eq!(
                properties.insert(text(name.raw()), content(value)),
                None,
                "each property comes once"
            );
        }
        assert!(
            all.insert(text(report.id().raw()), properties).is_none(),
            "each report comes once"
        );
    }
    all
}

/// Ids that are whole numbers come first, in their order.
fn assert_order(reports: &Reports) {
    let number = |id: &str| {
        id.parse::<u32>()
            .ok()
            .filter(|number| number.to_string() == id && *number < u32::MAX)
    };
    let ids = reports.iter().map(|report| number(&report.id().to_str()));
    let ids: Vec<u64> = ids.map(|number| number.map_or(u64::MAX, u64::from)).collect();
    assert!(ids.is_sorted(), "{ids:?}");
}

#[test]
fn whatever_the_wire_allows_is_decoded_to_what_it_was() {
    for seed in 1..=80 {
        let mut random = Random::new(seed);
        let (mut decoder, mut models) = (Decoder::new(), [Model::new(), Model::new()]);
        for step in 0..40 {
            let side = random.below(models.len());
            let (value, gone) = models[side].next(&mut random);
            let method = one(&mut random, &["\"g\"", "1", "\"getStats\"", "\"1\""]);
            let line = format!("[{method},\"PC_{side}\",{value},1000]");
            let event = decoder.line(line.as_bytes()).expect("an event").expect("an event");
            let reports = event.value.reports().expect("reports");
            let told = format!("seed {seed}, step {step}: {line}");
            let found = decoded(reports);
            for (id, report) in &models[side].reports {
                for (name, content) in report {
                    let found = found.get(id).and_then(|found| found.get(name));
                    assert_eq!(found, Some(content), "{name} of {id}, {told}");
                }
            }
            assert_eq!(found, models[side].reports, "nothing else, {told}");
            let removed = reports
                .removed()
                .map(|report| String::from_utf8_lossy(report.id().raw()).into_owned());
            assert_eq!(removed.collect::<BTreeSet<_>>(), gone, "{told}");
            assert_order(reports);
            let mut text = Vec::new();
            reports.write_json(&mut text);
            assert!(Json::parse(&text).is_ok(), "{told}");
        }
    }
}
