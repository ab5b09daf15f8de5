//! Extremes: long strings, long lines, deep nesting. Masking must come to an end (a quadratic pass over 64 MB would
//! take hours), must not overflow the stack, and must be correct.
use super::dumps::masked_line;

const MEGABYTE: usize = 1 << 20;

fn string_event(text: &str) -> Vec<u8> {
    format!("[\"x\",null,\"{text}\",0]").into_bytes()
}

#[test]
fn an_80_kb_string_is_copied() {
    for text in ["A".repeat(80_000), "😀".repeat(20_000), "\\ud83d".repeat(13_000)] {
        let line = string_event(&text);
        assert!(masked_line(&line) == line, "{}", &text[..8]);
    }
}

/// The worst texts for a masking that looks back or ahead: sequences that never become an address, that almost become
/// one again and again, or that consist only of addresses.
#[test]
fn a_line_of_64_mb_comes_to_an_end() {
    let copied = [
        "1",
        "1.",
        "1:",
        "a:",
        "::",
        "%",
        "%3",
        "1234567.",
        "ffffffff:",
        "\\\\",
        "\\u0031",
        ". ",
        "typ relay ",
        "{\\\"a\\\":",
        "eyJ.",
        "eyJhbGciOiJI",
        "?key=",
        "inline:AAAA",
        "\\na=@k=",
    ];
    for piece in copied {
        let line = string_event(&piece.repeat(64 * MEGABYTE / piece.len() / copied.len()));
        let masked = masked_line(&line);
        assert!(masked.len() <= line.len(), "{piece:?}");
        assert!(masked.starts_with(b"[\"x\",null,\""), "{piece:?}");
    }
    let line = string_event(&"A".repeat(64 * MEGABYTE));
    assert!(masked_line(&line) == line);
    let line = string_event(&"198.51.100.31 ".repeat(MEGABYTE));
    assert!(masked_line(&line) == string_event(&"198.51.100.x ".repeat(MEGABYTE)));
}

#[test]
fn many_objects_with_the_same_keys_are_not_looked_through_again() {
    let report = r#"{"134":"198.51.100.31","136":"relay","a":"#;
    let nested = format!(
        "[\"g\",\"P\",{{\"1\":{}1{}}},1]",
        report.repeat(30_000),
        "}".repeat(30_000)
    );
    let masked = masked_line(nested.as_bytes());
    // The outermost object is a report of a relay candidate; what is inside has no known structure.
    assert_eq!(
        masked,
        nested
            .replace("198.51.100.31", "198.51.100.x")
            .replacen("198.51.100.x", "198.51.100.31", 1)
            .as_bytes()
    );
    let many = format!(
        "[\"g\",\"P\",{{\"1\":{{{}\"136\":\"relay\"}}}},1]",
        "\"134\":\"198.51.100.31\",".repeat(100_000)
    );
    assert!(masked_line(many.as_bytes()) == many.as_bytes());
}

#[test]
fn nesting_does_not_recurse() {
    for depth in [100, 10_000, 60_000] {
        let array = format!(
            "[\"x\",null,{}\"198.51.100.31\"{},0]",
            "[".repeat(depth),
            "]".repeat(depth)
        );
        assert!(masked_line(array.as_bytes()) == array.replace(".31", ".x").as_bytes());
        let object = format!(
            "[\"x\",null,{}\"198.51.100.31\"{},0]",
            "{\"a\":".repeat(depth),
            "}".repeat(depth)
        );
        assert!(masked_line(object.as_bytes()) == object.replace(".31", ".x").as_bytes());
    }
    let too_deep = format!(
        "[{}\"198.51.100.31\"{},0]",
        "[".repeat(4 * MEGABYTE),
        "]".repeat(4 * MEGABYTE)
    );
    let masked = masked_line(too_deep.as_bytes());
    assert!(masked.starts_with(b"[\"unparsed\",null,\"[[[[") && masked.len() < too_deep.len() + 100);
    assert!(String::from_utf8_lossy(&masked).contains(r#"[\"198.51.100.x\"]"#));
}
