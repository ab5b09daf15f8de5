//! The first of two looks at a line: whether it is a JSON array, whether anything in it needs masking, and what must be
//! known of an object before its first member is masked.
//!
//! The second question makes most lines cheap: they are copied as they are. The third is the reason for two looks:
//! `address` comes before `candidateType` on the wire. Nothing is masked here and no rule is applied: the second look
//! decides which objects are reports. Time is linear in the line; memory is a byte per object and five per level of
//! depth.
use super::facts::{Facts, Tells};
use super::members::Member;
use super::names::is_track_kind;
use super::text::Decoded;
use crate::dump::scan::{Invalid, Scanner, Text, Token};
use crate::limits::MASK_SCRATCH_ELEMENTS_MAX;

/// What kind of text a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Array,
    /// JSON, but not an array.
    OtherJson,
    NoJson,
}

#[derive(Default)]
pub struct Survey {
    /// The facts of each object, in the order in which the objects begin.
    pub facts: Vec<Facts>,
    /// Whether a second look is needed.
    pub suspect: bool,
    /// The open objects by number; an array is `ARRAY`.
    open: Vec<u32>,
    decoded: Decoded,
}

const ARRAY: u32 = u32::MAX;

impl Survey {
    /// Looks at a line. `stack` is working memory.
    pub fn run(&mut self, line: &[u8], stack: &mut Vec<bool>) -> Shape {
        self.facts.clear();
        self.open.clear();
        self.suspect = false;
        let mut scanner = Scanner::new(line, stack);
        match self.first(line, &mut scanner) {
            Ok(Token::Array) => Shape::Array,
            Ok(_) => Shape::OtherJson,
            Err(Invalid) => Shape::NoJson,
        }
    }

    /// Goes through the whole text and returns its first token.
    fn first(&mut self, line: &[u8], scanner: &mut Scanner) -> Result<Token, Invalid> {
        let first = scanner.next()?;
        let (mut token, mut tells) = (first.clone(), Tells::Nothing);
        loop {
            let next = match token {
                Token::End => return Ok(first),
                Token::Object => {
                    self.value(tells, b"{");
                    self.open.push(self.facts.len() as u32);
                    self.facts.push(Facts::default());
                    Tells::Nothing
                }
                Token::Array => {
                    self.value(tells, b"[");
                    self.open.push(ARRAY);
                    Tells::Nothing
                }
                Token::Close => {
                    self.open.pop();
                    Tells::Nothing
                }
                Token::Key(text) => self.key(line, text),
                Token::String(text) => {
                    self.string(tells, line, text);
                    Tells::Nothing
                }
                Token::Number(range) => {
                    self.value(tells, &line[range]);
                    Tells::Nothing
                }
                Token::Literal => {
                    self.value(tells, b"");
                    Tells::Nothing
                }
            };
            tells = next;
            token = scanner.next()?;
        }
    }

    pub fn shrink(&mut self) {
        self.facts.shrink_to(MASK_SCRATCH_ELEMENTS_MAX);
        self.open.shrink_to(MASK_SCRATCH_ELEMENTS_MAX);
        self.decoded.shrink();
    }

    fn key(&mut self, line: &[u8], text: Text) -> Tells {
        self.suspect |= text.suspect;
        if text.escaped {
            self.decoded.json(text.of(line));
        }
        let name = if text.escaped {
            &self.decoded.bytes
        } else {
            text.of(line)
        };
        let Some(member) = Member::of(name) else {
            return Tells::Nothing;
        };
        self.suspect |= member.name.is_some();
        member.tells
    }

    fn string(&mut self, tells: Tells, line: &[u8], text: Text) {
        self.suspect |= text.suspect;
        // The first word of a serialised track, whose label may have neither dot nor colon.
        self.suspect |= self.open.last() == Some(&ARRAY) && is_track_kind(text.of(line));
        if tells == Tells::Nothing {
            return;
        }
        if text.escaped {
            self.decoded.json(text.of(line));
            let decoded = std::mem::take(&mut self.decoded);
            self.value(tells, &decoded.bytes);
            self.decoded = decoded;
        } else {
            self.value(tells, text.of(line));
        }
    }

    /// Adds what the value of a member says about the object that contains it.
    fn value(&mut self, tells: Tells, value: &[u8]) {
        if tells == Tells::Nothing {
            return;
        }
        let object = self.open.last().copied().unwrap_or(ARRAY);
        if let Some(facts) = self.facts.get_mut(object as usize) {
            facts.add(tells.of(value));
        }
    }
}
