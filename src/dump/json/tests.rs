//! Tests values that stay text, and compares them with serde_json.
use super::*;

fn json(text: &str) -> Json<'_> {
    Json::parse(text.as_bytes()).expect("valid JSON")
}

#[test]
fn a_value_keeps_its_text() {
    for text in [
        "1e400",
        "9007199254740993",
        r#""\ud800""#,
        r#"{"a" : 1, "a":2}"#,
        "-0.0",
    ] {
        assert_eq!(json(&format!(" {text}\t")).raw(), text.as_bytes());
    }
    assert!(Json::parse(b"[1").is_err());
    assert!(Json::parse(b"1 1").is_err());
}

#[test]
fn numbers_are_doubles() {
    assert_eq!(json("1e400").as_f64(), Some(f64::INFINITY));
    assert_eq!(json("9007199254740993").as_f64(), Some(9_007_199_254_740_992.0));
    assert_eq!(json("999999999999999").as_f64(), Some(999_999_999_999_999.0));
    assert_eq!(json("-7").as_f64(), Some(-7.0));
    assert_eq!(json("\"1\"").as_f64(), None);
}

#[test]
fn elements_and_members_are_those_of_serde_json() {
    let text = r#" [ 1 , "a\"]," , [ [ ] , {} ] , {"b":[1,{"c":"}"}],"d\u0065":null , "b":2} , true,-1.5e3] "#;
    let value: serde_json::Value = serde_json::from_str(text).expect("valid JSON");
    let elements: Vec<_> = json(text).elements().collect();
    let reference = value.as_array().expect("an array");
    assert_eq!(elements.len(), reference.len());
    for (element, reference) in elements.iter().zip(reference) {
        assert_eq!(
            &serde_json::from_slice::<serde_json::Value>(element.raw()).expect("valid JSON"),
            reference
        );
    }
    let object = elements[3];
    assert_eq!(object.members().count(), 3);
    assert_eq!(object.get("b").and_then(Json::as_f64), Some(2.0));
    assert!(object.get("de").is_some_and(Json::is_null));
    assert!(object.get("c").is_none());
}

#[test]
fn strings_are_compared_by_their_characters() {
    let text = |text| json(text).as_text().expect("a string");
    assert!(text(r#""a\u00e4\n""#).is("aä\n"));
    assert!(!text(r#""a\\n""#).is("a\n"));
    assert_eq!(text(r#""\u0061\/""#), text(r#""a/""#));
    assert_eq!(text(r#""\uD83D\uDE00""#).to_str(), "😀");
    assert_eq!(text(r#""\ud800x\udc00""#).to_str(), "\u{fffd}x\u{fffd}");
    assert_ne!(text(r#""\ud800""#), text(r#""\ud801""#));
}

#[test]
fn truth_is_that_of_javascript() {
    for text in ["null", "false", "0", "-0.0", "1e-400", "\"\""] {
        assert!(!json(text).is_truthy(), "{text}");
    }
    for text in ["true", "1", "1e400", "\"0\"", "[]", "{}"] {
        assert!(json(text).is_truthy(), "{text}");
    }
}
