//! The first of two looks at a line: is it a JSON array, can anything in it need masking, and what must be known of an
//! object before its first member is masked.
//!
//! The second point makes most lines cheap: they are copied as they are. The third is why there are two looks at all:
//! `address` comes before `candidateType` on the wire. Nothing is masked here, and no rule is applied: which object
//! is a report, and which is not, is the second look's to say. Time is linear in the line; memory is a byte per object
//! and five per level of depth.
use super::json::{Invalid, Scanner, Text, Token};
use super::text::Decoded;
use crate::dump::table::{Property, is_candidate_type};
use crate::limits::MASK_SCRATCH_ELEMENTS_MAX;

/// What is known of one object, gathered from its own members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts(u8);

impl Facts {
    const RELAY_CANDIDATE: u8 = 1;
    const OTHER_CANDIDATE: u8 = 2;
    const RELAY_TYPE: u8 = 4;
    const OTHER_TYPE: u8 = 8;
    const NO_CANDIDATE_REPORT: u8 = 16;
    const DEVICE: u8 = 32;

    fn has(self, set: u8, unset: u8) -> bool {
        self.0 & set == set && self.0 & unset == 0
    }

    /// A statistics report of a relay candidate. With duplicate keys all must agree: readers differ in which one wins.
    pub fn is_relay_report(self) -> bool {
        self.has(Self::RELAY_CANDIDATE, Self::OTHER_CANDIDATE | Self::NO_CANDIDATE_REPORT)
    }

    /// An RTCIceCandidate with all its members, of type relay.
    pub fn is_relay_candidate(self) -> bool {
        self.has(Self::RELAY_TYPE, Self::OTHER_TYPE)
    }

    /// Looks like a MediaDeviceInfo, wherever it stands.
    pub fn is_device(self) -> bool {
        self.has(Self::DEVICE, 0)
    }
}

/// What kind of text a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Array,
    /// JSON, but no array.
    OtherJson,
    NoJson,
}

/// The key a value belongs to, as far as facts depend on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    CandidateType,
    Type,
    Kind,
    Other,
}

#[derive(Default)]
pub struct Survey {
    /// For each object in the order in which they begin.
    pub facts: Vec<Facts>,
    /// Whether a second look is needed.
    pub suspect: bool,
    /// The open objects by number, `ARRAY` for arrays.
    open: Vec<u32>,
    decoded: Decoded,
}

const ARRAY: u32 = u32::MAX;

impl Survey {
    /// Looks at a line. `stack` is scratch space.
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

    /// Goes through the whole text; returns its first token.
    fn first(&mut self, line: &[u8], scanner: &mut Scanner) -> Result<Token, Invalid> {
        let first = scanner.next()?;
        let (mut token, mut key) = (first.clone(), Key::Other);
        loop {
            let next = match token {
                Token::End => return Ok(first),
                Token::Object => {
                    self.value(key, b"{");
                    self.open.push(self.facts.len() as u32);
                    self.facts.push(Facts::default());
                    Key::Other
                }
                Token::Array => {
                    self.value(key, b"[");
                    self.open.push(ARRAY);
                    Key::Other
                }
                Token::Close => {
                    self.open.pop();
                    Key::Other
                }
                Token::Key(text) => self.key(line, text),
                Token::String(text) => {
                    self.string(key, line, text);
                    Key::Other
                }
                Token::Number(range) => {
                    self.value(key, &line[range]);
                    Key::Other
                }
                Token::Literal => {
                    self.value(key, b"");
                    Key::Other
                }
            };
            key = next;
            token = scanner.next()?;
        }
    }

    pub fn shrink(&mut self) {
        self.facts.shrink_to(MASK_SCRATCH_ELEMENTS_MAX);
        self.open.shrink_to(MASK_SCRATCH_ELEMENTS_MAX);
        self.decoded.shrink();
    }

    fn note(&mut self, fact: u8) {
        let object = self.open.last().copied().unwrap_or(ARRAY);
        if let Some(facts) = self.facts.get_mut(object as usize) {
            facts.0 |= fact;
        }
    }

    fn key(&mut self, line: &[u8], text: Text) -> Key {
        self.suspect |= text.suspect;
        if text.escaped {
            self.decoded.json(text.of(line));
        }
        let key = if text.escaped {
            &self.decoded.bytes
        } else {
            text.of(line)
        };
        match key {
            b"kind" => return Key::Kind,
            b"deviceId" | b"groupId" => self.note(Facts::DEVICE),
            b"label" | b"username" | b"credential" => self.suspect = true,
            _ => match Property::of(key) {
                Property::CandidateType => return Key::CandidateType,
                Property::Type => return Key::Type,
                Property::Address | Property::Url | Property::Other => {}
            },
        }
        Key::Other
    }

    fn string(&mut self, key: Key, line: &[u8], text: Text) {
        self.suspect |= text.suspect;
        let in_array = self.open.last() == Some(&ARRAY);
        if key == Key::Other && !in_array {
            return;
        }
        if text.escaped {
            self.decoded.json(text.of(line));
            let decoded = std::mem::take(&mut self.decoded);
            self.value(key, &decoded.bytes);
            self.decoded = decoded;
        } else {
            // The first word of a serialised track, whose label has neither dot nor colon.
            self.suspect |= in_array && matches!(text.of(line), b"audio" | b"video");
            self.value(key, text.of(line));
        }
    }

    fn value(&mut self, key: Key, value: &[u8]) {
        match key {
            Key::CandidateType if value == b"relay" => self.note(Facts::RELAY_CANDIDATE),
            Key::CandidateType => self.note(Facts::OTHER_CANDIDATE),
            Key::Type => {
                self.note(if value == b"relay" {
                    Facts::RELAY_TYPE
                } else {
                    Facts::OTHER_TYPE
                });
                if !is_candidate_type(value) {
                    self.note(Facts::NO_CANDIDATE_REPORT);
                }
            }
            Key::Kind if matches!(value, b"audioinput" | b"audiooutput" | b"videoinput") => self.note(Facts::DEVICE),
            Key::Kind | Key::Other => {}
        }
    }
}
