//! An explanation as JSON: what is stored for the dump, byte for byte; or the part of it that is about some rules.
use serde_json::{Map, Value, json};

use super::told::{Asked, Told};

/// One object and a line feed.
pub fn text(told: &Told) -> String {
    let mut out = Vec::new();
    told.findings.write_json(&mut out);
    if told.asked != Asked::All
        && let Ok(Value::Object(whole)) = serde_json::from_slice(&out)
    {
        out = only(whole, told).to_string().into_bytes();
    }
    out.push(b'\n');
    String::from_utf8_lossy(&out).into_owned()
}

/// The verdict is that of the call. Findings that are not told of are not referred to either.
fn only(mut whole: Map<String, Value>, told: &Told) -> Value {
    let shown: Vec<usize> = told.shown().map(|(index, _)| index).collect();
    let place = |index: &Value| {
        let index = usize::try_from(index.as_u64()?).ok()?;
        shown.binary_search(&index).ok()
    };
    if let Some(Value::Array(findings)) = whole.get_mut("findings") {
        for finding in findings.iter_mut() {
            for link in ["cause_of", "because_of"] {
                let kept = finding[link].as_array().into_iter().flatten().filter_map(place);
                finding[link] = json!(kept.collect::<Vec<usize>>());
            }
        }
        let all = std::mem::take(findings).into_iter().enumerate();
        let kept = all.filter(|(index, _)| shown.binary_search(index).is_ok());
        findings.extend(kept.map(|(_, finding)| finding));
    }
    let is_asked = |id: &str| told.is_asked(id);
    if let Some(Value::Array(rules)) = whole.get_mut("not_evaluable") {
        rules.retain(|one| one["id"].as_str().is_some_and(is_asked));
    }
    if let Some(Value::Object(omitted)) = whole.get_mut("omitted") {
        omitted.retain(|id, _| is_asked(id));
    }
    Value::Object(whole)
}
