//! The findings that are not the same in two dumps: by rule and connection, how many, how bad, and by how much.
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cli::figures::quantity;
use crate::cli::visible::short;
use crate::findings::{Finding, Findings, Severity};

/// What a rule has found at one connection of each dump.
#[derive(Debug)]
pub struct Difference {
    rule: &'static str,
    /// The name of the connection in the first dump that has it; of the client itself, none.
    connection: Option<String>,
    sides: [Option<Side>; 2],
}

/// All findings of a rule at one connection.
#[derive(Debug, Clone, PartialEq)]
struct Side {
    severity: Severity,
    count: usize,
    /// Of the first among the worst.
    value: Option<f64>,
    unit: &'static str,
}

/// A rule, and the index of a connection as in `Event`; 0 is the client.
type Place = (&'static str, usize);

impl Difference {
    /// A row of a table.
    pub fn row(&self) -> Vec<String> {
        let connection = self.connection.as_deref().map_or("client".to_owned(), short);
        let [a, b] = self
            .sides
            .each_ref()
            .map(|side| side.as_ref().map_or("-".to_owned(), Side::text));
        vec![self.rule.to_owned(), connection, a, b]
    }

    pub fn json(&self) -> Value {
        let [a, b] = self.sides.each_ref().map(|side| side.as_ref().map(Side::json));
        json!({"id": self.rule, "connection": self.connection, "a": a, "b": b})
    }
}

impl Side {
    fn text(&self) -> String {
        let count = if self.count == 1 {
            String::new()
        } else {
            format!(" ×{}", self.count)
        };
        let value = self
            .value
            .map_or(String::new(), |value| format!(", {}", quantity(value, self.unit)));
        format!("{}{count}{value}", self.severity.name())
    }

    fn json(&self) -> Value {
        json!({"severity": self.severity.name(), "count": self.count, "value": self.value, "unit": self.unit})
    }
}

/// The differences, by rule and connection.
pub fn differences(a: &Findings, b: &Findings) -> Vec<Difference> {
    let sides = [a, b].map(sides);
    let mut places: Vec<Place> = sides.iter().flat_map(BTreeMap::keys).copied().collect();
    places.sort_unstable();
    places.dedup();
    let name = |index: usize| [a, b].into_iter().find_map(|findings| name(findings, index));
    let both = places.into_iter().map(|place| Difference {
        rule: place.0,
        connection: name(place.1),
        sides: sides.each_ref().map(|side| side.get(&place).cloned()),
    });
    both.filter(|one| one.sides[0] != one.sides[1]).collect()
}

fn sides(findings: &Findings) -> BTreeMap<Place, Side> {
    let mut sides: BTreeMap<Place, Side> = BTreeMap::new();
    for finding in &findings.findings {
        let own = Side {
            severity: finding.severity,
            count: 1,
            value: finding.value,
            unit: finding.unit,
        };
        let place = (finding.rule.id, index(finding));
        match sides.get_mut(&place) {
            None => {
                sides.insert(place, own);
            }
            Some(side) => {
                let count = side.count + 1;
                if own.severity > side.severity {
                    *side = own;
                }
                side.count = count;
            }
        }
    }
    sides
}

fn index(finding: &Finding) -> usize {
    finding.connection.as_ref().map_or(0, |(_, index)| *index)
}

/// The name of a connection, which findings have as JSON.
fn name(findings: &Findings, index: usize) -> Option<String> {
    let mut names = findings
        .findings
        .iter()
        .filter_map(|finding| finding.connection.as_ref());
    let (name, _) = names.find(|(_, own)| *own == index)?;
    Some(serde_json::from_str(name).unwrap_or_else(|_| name.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Scope, rules};

    fn findings(all: &[(usize, Severity, Option<f64>)]) -> Findings {
        let one = |(index, severity, value): &(usize, Severity, Option<f64>)| Finding {
            rule: rules().next().unwrap(),
            severity: *severity,
            scope: Scope::Connection,
            connection: (*index > 0).then(|| (format!("\"PC_{index}\"").into(), *index)),
            track: None,
            report: None,
            start: 0.0,
            end: None,
            value: *value,
            threshold: None,
            unit: "s",
            share: None,
            evidence: Vec::new(),
            cause_of: Vec::new(),
            because_of: Vec::new(),
            text: String::new(),
        };
        Findings {
            findings: all.iter().map(one).collect(),
            ..Findings::default()
        }
    }

    #[test]
    fn findings_differ_in_number_severity_or_value() {
        use Severity::{Critical, Warning};
        let a = findings(&[
            (1, Warning, Some(0.4)),
            (1, Critical, Some(0.6)),
            (2, Warning, None),
            (0, Warning, None),
        ]);
        let b = findings(&[(1, Critical, Some(0.6)), (2, Warning, None)]);
        let rows: Vec<Vec<String>> = differences(&a, &b).iter().map(Difference::row).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0][1..], ["client", "warning", "-"]);
        assert_eq!(rows[1][1..], ["PC_1", "critical ×2, 600 ms", "critical, 600 ms"]);
        assert!(differences(&a, &a).is_empty());
        let back = differences(&b, &a);
        assert_eq!(back[1].row()[2..], ["critical, 600 ms", "critical ×2, 600 ms"]);
        assert_eq!(back[0].json()["a"], Value::Null);
    }
}
