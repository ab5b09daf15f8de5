//! The decoder, the reader and the masking take time that is linear in the bytes of the lines, in the worst shapes.
use std::io::Cursor;

use super::check_linear;
use crate::dump::decode::{Decoder, Restore, Value};
use crate::dump::json::Json;
use crate::dump::open::Dump;
use crate::dump::{MaskRules, Masker};

/// Everything that reading does with lines.
fn decode(text: &[u8]) {
    for how in [Restore::Offered, Restore::Fully] {
        let mut decoder = Decoder::new();
        decoder.restore(how);
        for line in text.split(|byte| *byte == b'\n') {
            if let Ok(Some(event)) = decoder.line(line)
                && let Value::Json(value) = event.value
            {
                // What those do that look into a value.
                for name in ["type", "sdp", "candidate"] {
                    let _ = value.get(name);
                }
                value.elements().chain(event.extra).for_each(|element| {
                    let _ = (element.get("id"), element.as_f64());
                });
            }
        }
    }
    let mut decoder = Decoder::new();
    for line in text.split(|byte| *byte == b'\n') {
        let _ = decoder.valid_line(line);
    }
}

fn read(text: &[u8]) {
    let head = Cursor::new(b"RTCStatsDump\n{\"fileFormat\":3}\n");
    let mut dump = Dump::open(std::io::Read::chain(head, text)).expect("a dump");
    while dump.next().expect("memory does not fail").is_some() {}
}

fn mask(text: &[u8]) {
    let mut out = Vec::new();
    let mut masker = Masker::new(MaskRules::default(), None);
    text.split(|byte| *byte == b'\n')
        .for_each(|line| masker.line(line, &mut out));
}

fn line(parts: usize, before: &str, part: impl Fn(usize) -> String, behind: &str) -> Vec<u8> {
    let parts: String = (0..parts).map(part).collect();
    [before, &parts, behind].concat().into_bytes()
}

type Shape = (&'static str, fn(usize) -> Vec<u8>);

/// Lines that are long.
const LONG: [Shape; 14] = [
    ("opens", |n| line(n, "[1,null,", |_| "[".to_owned(), "")),
    ("nested", |n| {
        line(n, "[1,null,", |_| "[".to_owned(), &"]".repeat(n + 1))
    }),
    ("nested objects", |n| line(n, "[1,null,", |_| "{\"a\":".to_owned(), "")),
    ("blanks", |n| line(n, "[1,null,", |_| "   \t".to_owned(), "1]")),
    ("backslashes", |n| {
        line(n, "[\"x\",null,\"", |_| "\\\\".to_owned(), "\"]")
    }),
    ("escapes", |n| {
        line(n, "[\"x\",null,\"", |_| "\\u0041\\ud800".to_owned(), "\"]")
    }),
    ("digits", |n| {
        line(n, "[\"x\",null,", |_| "1234567890".to_owned(), ",5]")
    }),
    ("one name", |n| {
        line(
            n,
            "[3,\"P\",{",
            |_| "\"type\":\"offer\",".to_owned(),
            "\"sdp\":\"\"},5]",
        )
    }),
    ("one report", |n| {
        line(
            n,
            "[\"g\",\"P\",{",
            |_| "\"R\":{\"a\":{\"b\":1}},".to_owned(),
            "\"t\":1},5]",
        )
    }),
    ("one property", |n| {
        line(
            n,
            "[\"g\",\"P\",{\"R\":{",
            |_| "\"a\":{\"b\":1},".to_owned(),
            "\"t\":1}},5]",
        )
    }),
    ("reports", |n| {
        line(
            n,
            "[\"g\",\"P\",{",
            |at| format!("\"R{at}\":{{\"0\":1}},"),
            "\"t\":1},5]",
        )
    }),
    ("short members", |n| {
        line(n, "[\"x\",null,[", |at| format!("{{\"id\":{at}}},"), "1],5]")
    }),
    ("extras", |n| {
        line(n, "[\"x\",null,1", |_| ",{\"id\":1}".to_owned(), ",5]")
    }),
    ("sections", |n| {
        let sdp = |at: usize| format!("m=audio {at}\\r\\na=mid:{at}\\r\\n");
        let first = line(n, "[3,\"P\",{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n", sdp, "\"},5]\n");
        let second = line(
            n,
            "[6,\"P\",{\"type\":\"offer\",\"sdp\":\"v=",
            |_| "\\r\\nm=".to_owned(),
            "\\r\\n\"},5]",
        );
        [first, second].concat()
    }),
];

/// Many lines.
const MANY: [Shape; 7] = [
    ("connections", |n| {
        line(n, "", |at| format!("[39,\"PC_{at}\",{{}},1]\n"), "")
    }),
    ("kinds of connections", |n| {
        line(n, "", |at| format!("[39,[{at}],{{}},1]\n"), "")
    }),
    ("deltas", |n| {
        line(n, "", |at| format!("[\"g\",\"P\",{{\"R\":{{\"41\":{at}}}}},1]\n"), "")
    }),
    ("growing values", |n| {
        line(
            n,
            "",
            |at| format!("[\"g\",\"P\",{{\"R\":{{\"x\":\"{}\"}}}},1]\n", "y".repeat(at % 300)),
            "",
        )
    }),
    ("removals", |n| {
        let all = line(
            n,
            "[\"g\",\"P\",{",
            |at| format!("\"R{at}\":{{\"0\":1}},"),
            "\"t\":1},5]\n",
        );
        let gone = line(n, "", |at| format!("[\"g\",\"P\",{{\"R{at}\":null}},1]\n"), "");
        [all, gone].concat()
    }),
    ("comings and goings", |n| {
        let all = line(
            400,
            "[\"g\",\"P\",{",
            |at| format!("\"R{at}\":{{\"0\":1}},"),
            "\"t\":1},5]\n",
        );
        let gone = line(400, "[\"g\",\"P\",{", |at| format!("\"R{at}\":null,"), "\"t\":1},5]\n");
        [all, gone].concat().repeat(n.div_ceil(500))
    }),
    ("blank and odd lines", |n| {
        line(n, "", |_| "\n7\n{}\nx\n".to_owned(), "")
    }),
];

#[test]
fn decoding_is_linear() {
    for (what, text) in LONG.into_iter().chain(MANY) {
        check_linear(what, 1000, text, decode);
    }
}

#[test]
fn reading_is_linear() {
    for (what, text) in LONG.into_iter().chain(MANY) {
        check_linear(what, 1000, text, read);
    }
}

#[test]
fn masking_is_linear() {
    for (what, text) in LONG.into_iter().chain(MANY) {
        check_linear(what, 1000, text, mask);
    }
}

/// Elements of elements of elements: each level is passed once more for who asks for it, but not for each of its own.
#[test]
fn a_look_into_a_value_is_linear() {
    let text = |n| line(n, "[", |_| "[1,{\"a\":[2]}],".to_owned(), "1]");
    check_linear("elements", 1000, text, |text| {
        let json = Json::parse(text).expect("JSON");
        let inner = json.elements().flat_map(Json::elements);
        assert!(inner.filter(|element| element.get("a").is_some()).count() >= 1000);
    });
}
