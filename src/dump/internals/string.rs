//! JSON strings: from what stands between the quotes to characters, and back.
//!
//! Values of these dumps are JSON within strings, or texts of other forms within strings. So a string is undone, looked
//! at, and written again, and nothing may get lost: lone surrogates are kept as their three bytes (WTF-8) and become
//! escapes again. Bytes that are not UTF-8 become U+FFFD when they are written. Nothing fails.
use memchr::memchr;

use crate::dump::json::{Json, unit};
use crate::dump::steps;

/// The characters of a string, from what stands between its quotes.
pub fn decode(raw: &[u8]) -> Vec<u8> {
    steps::count(raw.len());
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + escape(&rest[at..], &mut out)..];
    }
    out.extend_from_slice(rest);
    out
}

/// Undoes the escape at the beginning of `text` and returns its length.
fn escape(text: &[u8], out: &mut Vec<u8>) -> usize {
    let byte = match text.get(1) {
        Some(b'u') => return unicode(text, out),
        Some(b'n') => b'\n',
        Some(b'r') => b'\r',
        Some(b't') => b'\t',
        Some(b'b') => 8,
        Some(b'f') => 12,
        Some(byte) => *byte,
        None => b'\\',
    };
    out.push(byte);
    text.len().min(2)
}

fn unicode(text: &[u8], out: &mut Vec<u8>) -> usize {
    let Some(high) = unit(text) else {
        out.push(b'u');
        return 2;
    };
    let low = unit(&text[6..]).filter(|low| (0xdc00..0xe000).contains(low) && (0xd800..0xdc00).contains(&high));
    if let Some(low) = low {
        push(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), out);
        return 12;
    }
    push(high, out);
    6
}

/// Appends a character, or half of a surrogate pair, in the form of UTF-8.
fn push(code: u32, out: &mut Vec<u8>) {
    match char::from_u32(code) {
        Some(character) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.extend_from_slice(&[0xed, 0x80 | (code >> 6 & 0x3f) as u8, 0x80 | (code & 0x3f) as u8]),
    }
}

/// Appends a text as a JSON string.
pub fn write(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    each(text, out, |plain, out| {
        for byte in plain.bytes() {
            match byte {
                b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
                b'\n' => out.extend_from_slice(b"\\n"),
                b'\r' => out.extend_from_slice(b"\\r"),
                b'\t' => out.extend_from_slice(b"\\t"),
                0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
                _ => out.push(byte),
            }
        }
    });
    out.push(b'"');
}

/// A text that is JSON itself, as JSON that every reader takes, in one line. `None` if it is none.
pub fn json(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    each(text, &mut out, |plain, out| out.extend_from_slice(plain.as_bytes()));
    Json::parse(&out).ok()?;
    compact(&mut out);
    Some(out)
}

/// Takes blanks out of valid JSON: where they may stand, so may line feeds, and an event is one line.
fn compact(json: &mut Vec<u8>) {
    let (mut quoted, mut escaped) = (false, false);
    json.retain(|byte| {
        let stays = quoted || !matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        quoted ^= *byte == b'"' && !escaped;
        escaped = quoted && *byte == b'\\' && !escaped;
        stays
    });
}

/// Goes through a text. Halves of surrogate pairs are appended as escapes, and U+FFFD for what is no text at all.
fn each(text: &[u8], out: &mut Vec<u8>, plain: impl Fn(&str, &mut Vec<u8>)) {
    steps::count(text.len());
    let mut rest = text;
    loop {
        let chunk = rest.utf8_chunks().next();
        let Some(chunk) = chunk else { return };
        plain(chunk.valid(), out);
        rest = &rest[chunk.valid().len()..];
        if let [0xed, middle @ 0xa0..0xc0, last @ 0x80..0xc0, ..] = rest {
            let code = 0xd000 | u32::from(middle & 0x3f) << 6 | u32::from(last & 0x3f);
            out.extend_from_slice(format!("\\u{code:04x}").as_bytes());
            rest = &rest[3..];
        } else if !chunk.invalid().is_empty() {
            plain("\u{fffd}", out);
            rest = &rest[chunk.invalid().len()..];
        }
        if rest.is_empty() {
            return;
        }
    }
}

/// A text for people: what is not Unicode becomes U+FFFD.
pub fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_back_as_they_were() {
        for (raw, text, again) in [
            (r"plain", &b"plain"[..], r#""plain""#),
            (r#"a\"b\\c\/\r\n\t"#, b"a\"b\\c/\r\n\t", r#""a\"b\\c/\r\n\t""#),
            (r"\u0000\u001f", b"\0\x1f", r#""\u0000\u001f""#),
            (r"\ud83d\ude00", "😀".as_bytes(), r#""😀""#),
            (r"\ud83dx\ude00", b"\xed\xa0\xbdx\xed\xb8\x80", r#""\ud83dx\ude00""#),
            ("\u{fffd}", "\u{fffd}".as_bytes(), "\"\u{fffd}\""),
        ] {
            assert_eq!(decode(raw.as_bytes()), text, "{raw}");
            let mut out = Vec::new();
            write(text, &mut out);
            assert_eq!(out, again.as_bytes(), "{raw}");
        }
    }

    #[test]
    fn what_no_string_can_contain_does_no_harm() {
        for raw in [
            &b"\\"[..],
            b"\\u",
            b"\\u12",
            b"\\ud800\\",
            b"\xff\\\xff",
            b"\xed\xa0",
            b"\\ud800\\u12",
        ] {
            let mut out = Vec::new();
            write(&decode(raw), &mut out);
            assert!(Json::parse(&out).is_ok(), "{raw:?}");
            assert!(std::str::from_utf8(&out).is_ok(), "{raw:?}");
        }
        assert_eq!(decode(b"\\u+123"), b"u+123", "a sign is no digit");
        assert_eq!(json(b"\"\xff\"").as_deref(), Some("\"\u{fffd}\"".as_bytes()));
        assert_eq!(json(b"[\"\xed\xa0\x80\"]").as_deref(), Some(&b"[\"\\ud800\"]"[..]));
        assert_eq!(json(b"\0"), None);
        let text = b" { \"a b\\\" \" :\r\n[1 ,\t2 ] }\n";
        assert_eq!(json(text).as_deref(), Some(&b"{\"a b\\\" \":[1,2]}"[..]));
    }
}
