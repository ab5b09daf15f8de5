//! The inside of a JSON string, with its escapes as they were sent.
use std::borrow::Cow;

use crate::dump::steps;

/// What stands between the quotes of a valid JSON string.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    raw: &'a [u8],
}

impl<'a> Text<'a> {
    /// `raw` has been checked, or copied from what has been.
    pub(crate) const fn checked(raw: &'a [u8]) -> Self {
        Text { raw }
    }

    /// As it was sent, without the quotes.
    pub fn raw(self) -> &'a [u8] {
        self.raw
    }

    pub fn is_empty(self) -> bool {
        self.raw.is_empty()
    }

    /// Whether these are its characters.
    pub fn is(self, characters: &str) -> bool {
        // No character is written with more than six times the bytes that it has, and no escape is as short.
        if self.raw.len() > 6 * characters.len() {
            return false;
        }
        steps::count(self.raw.len());
        if self.raw.len() <= characters.len() {
            return self.raw == characters.as_bytes() && !characters.contains('\\');
        }
        // It is about as short as the characters.
        self.raw.contains(&b'\\') && *self.canonical() == *Text::escaped(characters)
    }

    /// Its characters. What is not Unicode, such as half of a surrogate pair, becomes U+FFFD.
    pub fn to_str(self) -> Cow<'a, str> {
        steps::count(self.raw.len());
        if memchr::memchr(b'\\', self.raw).is_none() {
            return String::from_utf8_lossy(self.raw);
        }
        let mut text = Vec::with_capacity(self.raw.len());
        let mut pieces = Pieces(self.raw);
        loop {
            // These are what descriptions have, at the end of each line.
            while let [b'\\', escape @ (b'r' | b'n'), rest @ ..] = pieces.0 {
                text.push(if *escape == b'n' { b'\n' } else { b'\r' });
                pieces.0 = rest;
            }
            match pieces.next() {
                Some(Piece::Plain(plain)) => text.extend_from_slice(plain),
                Some(Piece::Character(character)) => encode(character, &mut text),
                Some(Piece::Surrogate(_)) => encode(char::REPLACEMENT_CHARACTER, &mut text),
                None => break,
            }
        }
        // Escapes are whole characters, so what is no Unicode is so within one piece.
        let text = String::from_utf8(text);
        Cow::Owned(text.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    /// The one way to write its characters that equal strings share: only quotes, backslashes, control characters and
    /// lone surrogates are escaped.
    pub fn canonical(self) -> Cow<'a, [u8]> {
        steps::count(self.raw.len());
        if memchr::memchr(b'\\', self.raw).is_none() {
            return Cow::Borrowed(self.raw);
        }
        let mut text = Vec::with_capacity(self.raw.len());
        for piece in Pieces(self.raw) {
            match piece {
                Piece::Plain(plain) => text.extend_from_slice(plain),
                Piece::Character(character) => push(character, &mut text),
                Piece::Surrogate(unit) => text.extend_from_slice(format!("\\u{unit:04x}").as_bytes()),
            }
        }
        Cow::Owned(text)
    }

    /// Characters in the canonical way of writing.
    pub fn escaped(characters: &str) -> Cow<'_, [u8]> {
        let special = |byte: &u8| matches!(byte, 0..0x20 | b'"' | b'\\');
        if !characters.as_bytes().iter().any(special) {
            return Cow::Borrowed(characters.as_bytes());
        }
        let mut text = Vec::with_capacity(characters.len() + 8);
        characters.chars().for_each(|character| push(character, &mut text));
        Cow::Owned(text)
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw || *self.canonical() == *other.canonical()
    }
}

impl Eq for Text<'_> {}

impl std::fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "\"{}\"", String::from_utf8_lossy(self.raw))
    }
}

fn push(character: char, text: &mut Vec<u8>) {
    match character {
        '"' | '\\' => text.extend_from_slice(&[b'\\', character as u8]),
        '\n' => text.extend_from_slice(b"\\n"),
        '\r' => text.extend_from_slice(b"\\r"),
        '\t' => text.extend_from_slice(b"\\t"),
        '\0'..' ' => text.extend_from_slice(format!("\\u{:04x}", character as u32).as_bytes()),
        _ => encode(character, text),
    }
}

fn encode(character: char, text: &mut Vec<u8>) {
    match u8::try_from(character) {
        Ok(ascii @ 0..0x80) => text.push(ascii),
        _ => text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

enum Piece<'a> {
    Plain(&'a [u8]),
    Character(char),
    /// Half of a pair, without the other half.
    Surrogate(u32),
}

/// The pieces of a string with escapes.
struct Pieces<'a>(&'a [u8]);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let text = self.0;
        // One escape often follows another, as at the ends of lines.
        let plain = match text.first() {
            Some(b'\\') => 0,
            _ => memchr::memchr(b'\\', text).unwrap_or(text.len()),
        };
        if plain > 0 {
            self.0 = &text[plain..];
            return Some(Piece::Plain(&text[..plain]));
        }
        let (piece, length) = match (text.get(1)?, unit(text)) {
            (b'u', Some(high)) => match (char::from_u32(high), unit(&text[6..])) {
                (Some(character), _) => (Piece::Character(character), 6),
                (None, Some(low)) if high < 0xdc00 && (0xdc00..0xe000).contains(&low) => {
                    let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                    (
                        char::from_u32(code).map_or(Piece::Surrogate(high), Piece::Character),
                        12,
                    )
                }
                (None, _) => (Piece::Surrogate(high), 6),
            },
            (b'n', _) => (Piece::Character('\n'), 2),
            (b'r', _) => (Piece::Character('\r'), 2),
            (b't', _) => (Piece::Character('\t'), 2),
            (b'b', _) => (Piece::Character('\u{8}'), 2),
            (b'f', _) => (Piece::Character('\u{c}'), 2),
            (b'/', _) => (Piece::Character('/'), 2),
            (other, _) => (Piece::Character(char::from(*other)), 2),
        };
        self.0 = &text[length..];
        Some(piece)
    }
}

/// The UTF-16 unit of an escape by number (RFC 8259, section 7) at the beginning of the text: a backslash, u, and four
/// hexadecimal digits.
pub(in crate::dump) fn unit(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    digits
        .iter()
        .try_fold(0, |number, byte| Some(number << 4 | digit(byte)?))
}
