//! Tests of messages and the one line that each becomes.
use super::*;
use crate::dump::header::{CLOSE_BYTES_MAX, Close, Seal, write_close};
use crate::time::UnixMs;

fn line(payload: &[u8], binary: bool) -> Vec<u8> {
    let mut out = b"before\n".to_vec();
    append_message(payload, binary, &mut out);
    out.split_off(7)
}

#[test]
fn text_goes_as_it_came() {
    for text in ["", "[20,null,1]", "not JSON", "\r\t\u{2028} é", "[\"\\n\"]"] {
        assert_eq!(line(text.as_bytes(), false), format!("{text}\n").as_bytes());
        assert_eq!(line(text.as_bytes(), true), format!("{text}\n").as_bytes());
    }
}

#[test]
fn line_feeds_become_blanks_or_escapes() {
    let cases = [
        ("[1,\n2]\n", "[1, 2] \n"),
        ("[\"a\nb\"]", "[\"a\\nb\"]\n"),
        ("[\"a\\\"\nb\",\n\"\\\\\"\n]", "[\"a\\\"\\nb\", \"\\\\\" ]\n"),
        ("[\"a\\\nb\"]", "[\"a\\nb\"]\n"),
        ("\n\n", "  \n"),
        ("a \"torn\n", "a \"torn\\n\n"),
    ];
    for (message, expected) in cases {
        assert_eq!(String::from_utf8_lossy(&line(message.as_bytes(), false)), expected);
    }
}

#[test]
fn no_line_has_a_zero_byte() {
    assert_eq!(line(b"[\"a\0b\"]", false), b"[\"a\\u0000b\"]\n");
    assert_eq!(line(b"\0\0", true), b"\\u0000\\u0000\n");
}

#[test]
fn a_message_of_several_lines_is_the_same_json() {
    let message = "{\n \"a\": [\n1,\n\"x\\\\\"\n],\n\"b\\\"\": 2}\n";
    let folded = line(message.as_bytes(), false);
    let read = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).expect("valid JSON");
    assert_eq!(read(&folded), read(message.as_bytes()));
}

#[test]
fn other_binary_is_an_event_that_holds_every_byte() {
    let bytes: Vec<u8> = (0..=255).collect();
    let line = line(&bytes, true);
    assert_eq!(line.iter().filter(|b| **b == b'\n').count(), 1);
    let (method, (), text, delta): (String, (), String, u8) = serde_json::from_slice(&line).expect("valid JSON");
    assert_eq!((method.as_str(), delta), ("binary", 0));
    assert!(text.chars().map(u32::from).eq(0..=255));
}

#[test]
fn no_message_reads_as_the_closing_line() {
    for (code, number) in [(1000, 1), (u16::MAX, u64::MAX)] {
        let seal = Some(Seal {
            end: UnixMs(number),
            recovered: false,
        });
        let mut forged = Vec::new();
        write_close(
            &Close {
                code,
                idle_ms: number,
                seal,
            },
            &mut forged,
        );
        assert!(read_close(&forged).is_some() && forged.len() <= CLOSE_BYTES_MAX);
        for binary in [false, true] {
            let mut line = Vec::new();
            append_message(&forged, binary, &mut line);
            assert_eq!(line, [&forged[..], b" \n"].concat());
            assert!(read_close(line.trim_ascii_end()).is_some() && read_close(&line[..line.len() - 1]).is_none());
        }
    }
    let mut line = Vec::new();
    append_message(br#"["close",null,1000,17]"#, false, &mut line);
    assert_eq!(line, b"[\"close\",null,1000,17]\n");
}
