//! Compares the scanner with serde_json, and tests what it tells of strings.
use super::*;

fn tokens(line: &[u8]) -> Result<Vec<Token>, Invalid> {
    let mut open = Vec::new();
    let mut scanner = Scanner::new(line, &mut open);
    let mut tokens = Vec::new();
    loop {
        match scanner.next()? {
            Token::End => return Ok(tokens),
            token => tokens.push(token),
        }
    }
}

#[track_caller]
fn agrees(line: &[u8]) {
    let reference = serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
    assert_eq!(tokens(line).is_ok(), reference, "{:?}", String::from_utf8_lossy(line));
}

#[test]
fn it_takes_for_json_what_serde_json_does() {
    let lines = [
        "",
        " ",
        "[",
        "]",
        "{}",
        "[]",
        "[[]]",
        "[{}]",
        "{\"a\":1}",
        "{\"a\":}",
        "{\"a\"}",
        "{a:1}",
        "{,}",
        "[,]",
        "[1,]",
        "{\"a\":1,}",
        "[1 2]",
        "[1]]",
        "[1}",
        "{]",
        "1",
        "\"a\"",
        "null",
        "nul",
        "truefalse",
        "true false",
        "-",
        "-0",
        "-01",
        "00",
        "0.5",
        ".5",
        "5.",
        "1e5",
        "1E+5",
        "1e",
        "1e-",
        "+1",
        "0x1",
        "NaN",
        "1.5e3.2",
        "\"a",
        "\"\\",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\x\"",
        "\"\t\"",
        "\" \\t \"",
        " [ 1 , 2 ] ",
        "[1]x",
        "\u{feff}[]",
        "[\"a\" : 1]",
        "{\"a\":[{\"b\":{}},[],\"c\"],\"a\":null}",
        "{\"a\":1 \"b\":2}",
        "[null,true,false]",
        "{\"a\":1}:",
    ];
    lines.iter().for_each(|line| agrees(line.as_bytes()));
}

#[test]
fn it_agrees_with_serde_json_on_damaged_lines() {
    let line = br#" [20, "PC_0",{"a\u0031":[-1.5e+3,true,null,"\\\"x",{}],"b":"x"},[[]], 1] "#;
    for at in 0..line.len() {
        agrees(&line[..at]);
        for byte in *b"\"\\,:[]{}0e-.\x01 n" {
            let mut damaged = line.to_vec();
            damaged[at] = byte;
            agrees(&damaged);
            damaged.insert(at, byte);
            agrees(&damaged);
        }
        let mut shorter = line.to_vec();
        shorter.remove(at);
        agrees(&shorter);
    }
}

#[test]
fn bytes_that_are_no_utf8_pass_in_strings_only() {
    assert!(tokens(b"[\"\xff\xc0\"]").is_ok());
    assert!(tokens(b"[\xff]").is_err());
}

#[test]
fn strings_are_suspect_when_they_may_hold_an_address() {
    let of = |line: &str| match tokens(line.as_bytes()).expect("valid JSON")[0] {
        Token::String(text) => (text.escaped, text.suspect),
        _ => panic!("not a string"),
    };
    assert_eq!(of(r#""abc-123""#), (false, false));
    assert_eq!(of(r#""1.2""#), (false, true));
    assert_eq!(of(r#""a:b""#), (false, true));
    assert_eq!(of(r#""%31""#), (false, true));
    assert_eq!(of(r#""\n""#), (true, true));
}

#[test]
fn depth_is_bounded_and_never_recurses() {
    let nested = |levels: usize| [b"[".repeat(levels), b"]".repeat(levels)].concat();
    assert!(tokens(&nested(NESTING_LEVELS_MAX)).is_ok());
    assert!(tokens(&nested(NESTING_LEVELS_MAX + 1)).is_err());
}
