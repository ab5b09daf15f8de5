//! A scanner that goes through the bytes of one JSON text (RFC 8259) and tells what is where.
//!
//! It decodes nothing, copies nothing and does not recurse. Each level of depth costs one byte, and
//! `NESTING_LEVELS_MAX` levels are allowed. It is strict about structure and numbers, but accepts two oddities of real
//! clients: lone surrogates (`\ud800`) and bytes that are not UTF-8. Every byte is looked at once. Anything else that
//! is not JSON ends with `Invalid`, and the scanner cannot be used after that.
mod plain;
pub mod words;

use std::ops::Range;

use super::steps;
use crate::limits::NESTING_LEVELS_MAX;

/// The inside of a string, without its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    pub start: usize,
    pub end: usize,
    /// It has escapes, so its bytes are not its characters.
    pub escaped: bool,
    /// It may contain an address in some spelling, because it has a suspect byte or an escape.
    pub suspect: bool,
}

impl Text {
    pub fn of<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        &line[self.start..self.end]
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    Object,
    Array,
    /// The end of an object or array.
    Close,
    Key(Text),
    String(Text),
    Number(Range<usize>),
    /// `true`, `false`, `null`.
    Literal,
    /// Only blanks are left.
    End,
}

/// The text is not JSON.
#[derive(Debug, PartialEq, Eq)]
pub struct Invalid;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    /// The first value of an array or object, or its end.
    First,
    Member,
    /// A comma or the end; on the outermost level, the end of the whole text.
    Next,
}

pub struct Scanner<'a> {
    line: &'a [u8],
    /// Where the search for the next token begins.
    pub at: usize,
    /// For each open object or array: whether it is an object.
    open: &'a mut Vec<bool>,
    expect: Expect,
}

impl<'a> Scanner<'a> {
    /// `open` is working memory that is kept between lines, so that lines need no allocation.
    pub fn new(line: &'a [u8], open: &'a mut Vec<bool>) -> Self {
        open.clear();
        Scanner {
            line,
            at: 0,
            open,
            expect: Expect::Value,
        }
    }

    pub fn next(&mut self) -> Result<Token, Invalid> {
        loop {
            self.blanks();
            steps::count(1);
            let byte = self.line.get(self.at).copied();
            match (self.expect, byte) {
                (Expect::Next, None) if self.open.is_empty() => return Ok(Token::End),
                (Expect::Next, Some(b',')) => {
                    self.at += 1;
                    self.expect = if *self.open.last().ok_or(Invalid)? {
                        Expect::Member
                    } else {
                        Expect::Value
                    };
                }
                (Expect::Next | Expect::First, Some(close @ (b']' | b'}'))) => return self.close(close),
                (Expect::First, Some(_)) => {
                    self.expect = if *self.open.last().ok_or(Invalid)? {
                        Expect::Member
                    } else {
                        Expect::Value
                    };
                }
                (Expect::Member, Some(b'"')) => return self.key(),
                (Expect::Value, Some(byte)) => return self.value(byte),
                _ => return Err(Invalid),
            }
        }
    }

    /// Checks the whole text, which is one value with blanks around it, and tells where the value is.
    pub fn whole(mut self) -> Result<Range<usize>, Invalid> {
        self.blanks();
        let start = self.at;
        self.skip()?;
        let end = self.at;
        self.blanks();
        if self.at < self.line.len() {
            return Err(Invalid);
        }
        Ok(start..end)
    }

    /// Checks one value, and goes behind it.
    pub fn skip(&mut self) -> Result<(), Invalid> {
        let outside = self.open.len();
        loop {
            let begun = self.begin_value()?;
            if begun {
                continue;
            }
            loop {
                if self.open.len() == outside {
                    return Ok(());
                }
                let is_object = *self.open.last().ok_or(Invalid)?;
                match (self.peek(), is_object) {
                    (Some(b','), true) => {
                        self.at += 1;
                        self.begin_member()?;
                        break;
                    }
                    (Some(b','), false) => {
                        self.at += 1;
                        break;
                    }
                    (Some(b'}'), true) | (Some(b']'), false) => {
                        self.at += 1;
                        self.open.pop();
                    }
                    _ => return Err(Invalid),
                }
            }
        }
    }

    /// Goes behind a value, or to the first value within it; then it is true.
    #[inline]
    fn begin_value(&mut self) -> Result<bool, Invalid> {
        match self.peek().ok_or(Invalid)? {
            b'"' => {
                self.pass_string()?;
            }
            open @ (b'{' | b'[') => {
                if self.open.len() == NESTING_LEVELS_MAX {
                    return Err(Invalid);
                }
                self.at += 1;
                let is_object = open == b'{';
                if self.peek() == Some(if is_object { b'}' } else { b']' }) {
                    self.at += 1;
                    return Ok(false);
                }
                self.open.push(is_object);
                if is_object {
                    self.begin_member()?;
                }
                return Ok(true);
            }
            b't' => {
                self.literal(b"true")?;
            }
            b'f' => {
                self.literal(b"false")?;
            }
            b'n' => {
                self.literal(b"null")?;
            }
            _ => {
                self.number()?;
            }
        }
        Ok(false)
    }

    /// Goes behind the name of a member and its colon.
    #[inline]
    fn begin_member(&mut self) -> Result<(), Invalid> {
        if self.peek() != Some(b'"') {
            return Err(Invalid);
        }
        self.pass_string()?;
        self.take(b':')
    }

    /// Goes behind a string, and tells where its inside is. Most strings are short and have no escapes.
    #[inline]
    pub fn pass_string(&mut self) -> Result<Range<usize>, Invalid> {
        let start = self.at + 1;
        let mut at = start;
        steps::count(words::SHORT);
        for _ in 0..words::SHORT {
            let Some(word) = self.line.get(at..).and_then(<[u8]>::first_chunk) else {
                break;
            };
            let plain = words::before_stop(u64::from_le_bytes(*word));
            at += plain;
            if plain < 8 {
                if self.line[at] != b'"' {
                    break;
                }
                self.at = at + 1;
                return Ok(start..at);
            }
        }
        let text = self.string()?;
        Ok(text.start..text.end)
    }

    /// The next byte that is no blank.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        self.blanks();
        self.line.get(self.at).copied()
    }

    /// Goes behind this byte, if it is the next one that is no blank.
    #[inline]
    pub fn take(&mut self, byte: u8) -> Result<(), Invalid> {
        if self.peek() != Some(byte) {
            return Err(Invalid);
        }
        self.at += 1;
        Ok(())
    }

    #[inline]
    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.line.get(self.at) {
            steps::count(1);
            self.at += 1;
        }
    }

    fn close(&mut self, close: u8) -> Result<Token, Invalid> {
        if self.open.pop() != Some(close == b'}') {
            return Err(Invalid);
        }
        self.at += 1;
        self.expect = Expect::Next;
        Ok(Token::Close)
    }

    fn key(&mut self) -> Result<Token, Invalid> {
        let text = self.string()?;
        self.blanks();
        if self.line.get(self.at) != Some(&b':') {
            return Err(Invalid);
        }
        self.at += 1;
        self.expect = Expect::Value;
        Ok(Token::Key(text))
    }

    fn value(&mut self, byte: u8) -> Result<Token, Invalid> {
        self.expect = Expect::Next;
        match byte {
            b'{' | b'[' => {
                if self.open.len() == NESTING_LEVELS_MAX {
                    return Err(Invalid);
                }
                self.at += 1;
                self.open.push(byte == b'{');
                self.expect = Expect::First;
                Ok(if byte == b'{' { Token::Object } else { Token::Array })
            }
            b'"' => Ok(Token::String(self.string()?)),
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            b'n' => self.literal(b"null"),
            _ => self.number(),
        }
    }

    fn literal(&mut self, word: &[u8]) -> Result<Token, Invalid> {
        if !self.line[self.at..].starts_with(word) {
            return Err(Invalid);
        }
        self.at += word.len();
        Ok(Token::Literal)
    }

    fn number(&mut self) -> Result<Token, Invalid> {
        let start = self.at;
        self.at += usize::from(self.line[start] == b'-');
        match self.digits() {
            0 => return Err(Invalid),
            1 => {}
            more if self.line[self.at - more] == b'0' => return Err(Invalid),
            _ => {}
        }
        if self.line.get(self.at) == Some(&b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(Invalid);
            }
        }
        if let Some(b'e' | b'E') = self.line.get(self.at) {
            self.at += 1;
            self.at += usize::from(matches!(self.line.get(self.at), Some(b'+' | b'-')));
            if self.digits() == 0 {
                return Err(Invalid);
            }
        }
        Ok(Token::Number(start..self.at))
    }

    #[inline]
    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(word) = self.line.get(self.at..).and_then(<[u8]>::first_chunk) {
            let digits = words::before_no_digit(u64::from_le_bytes(*word));
            self.at += digits;
            steps::count(digits);
            if digits < 8 {
                return self.at - start;
            }
        }
        while self.line.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        self.at - start
    }

    /// Reads the string whose opening quote is at `at`.
    pub fn string(&mut self) -> Result<Text, Invalid> {
        let start = self.at + 1;
        let (length, suspect) = plain::first(self.line.get(start..).ok_or(Invalid)?);
        let (mut at, mut escaped) = (start + length, false);
        loop {
            match self.line.get(at) {
                Some(b'"') => break,
                Some(b'\\') => at += 1 + escape(&self.line[at + 1..])?,
                _ => return Err(Invalid),
            }
            escaped = true;
            at += plain::further(&self.line[at..]);
        }
        self.at = at + 1;
        steps::count(self.at - start);
        Ok(Text {
            start,
            end: at,
            escaped,
            suspect: escaped || suspect,
        })
    }
}

/// Whether a text that is `Invalid` is so because of its depth, as far as it was read. For who tells why: it costs a
/// second pass.
pub fn is_too_deep(text: &[u8]) -> bool {
    let mut open = Vec::new();
    let mut scanner = Scanner::new(text, &mut open);
    let is_invalid = scanner.skip().is_err();
    let at = scanner.at;
    is_invalid && open.len() == NESTING_LEVELS_MAX && matches!(text.get(at), Some(b'{' | b'['))
}

/// The length of an escape without its backslash.
fn escape(rest: &[u8]) -> Result<usize, Invalid> {
    match rest.first() {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(1),
        Some(b'u') if rest.get(1..5).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) => Ok(5),
        _ => Err(Invalid),
    }
}

#[cfg(test)]
mod tests;
