//! The second look at a line: goes through its JSON and copies every byte except those that a rule removes.
//!
//! What is personal is not decided here: `rule` and `members` know the rule for each value, and strings go to the files
//! that know their kind. Nothing is parsed into a value and printed again, so numbers, blanks, escapes, order and
//! duplicates stay as they were. The line must be JSON; the survey has checked that.
use std::net::IpAddr;

use super::facts::Facts;
use super::rule::{MaskRules, Rule};
use super::span::Span;
use super::text::{self, Decoded};
use super::{address, candidate, members, names, sdp};
use crate::dump::scan::{Invalid, Scanner, Text, Token};
use crate::dump::table::{Carries, Method};
use crate::geo::Location;
use crate::limits::MASK_SCRATCH_ELEMENTS_MAX;

/// Tells where an address is, if that is known.
pub type Locate<'a> = dyn Fn(IpAddr) -> Option<Location> + 'a;

/// Buffers that are kept between lines, so that lines need no allocation.
#[derive(Default)]
pub struct Scratch {
    frames: Vec<Frame>,
    decoded: Decoded,
    spans: Vec<Span>,
}

impl Scratch {
    pub fn shrink(&mut self) {
        self.frames.shrink_to(MASK_SCRATCH_ELEMENTS_MAX);
        self.decoded.shrink();
        self.spans.shrink_to(MASK_SCRATCH_ELEMENTS_MAX);
    }
}

/// An open object or array.
struct Frame {
    rule: Rule,
    facts: Facts,
    object: bool,
    /// How many elements have begun, in an array.
    elements: u32,
    /// The rule of the value that comes next.
    next: Rule,
    /// How far the first elements look like a serialised track.
    track: Track,
}

/// How far an array looks like `[kind, id, label, …]`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Track {
    No,
    Kind,
    Id,
}

/// A line, and everything that a walk through it needs to know.
pub struct Input<'w, 'a> {
    pub rules: MaskRules,
    pub locate: Option<&'a Locate<'a>>,
    /// What the survey has found about each object.
    pub facts: &'w [Facts],
    pub scratch: &'w mut Scratch,
    pub line: &'w [u8],
    /// The rule of the outermost value.
    pub rule: Rule,
}

/// Appends the line, with everything masked that its rule removes.
pub fn copy_masked(input: Input, stack: &mut Vec<bool>, out: &mut Vec<u8>) {
    let line = input.line;
    input.scratch.frames.clear();
    let mut walk = Walk {
        input,
        out,
        copied: 0,
        objects: 0,
        value_end: 0,
        location: None,
    };
    let walked = walk.run(&mut Scanner::new(line, stack));
    debug_assert_eq!(walked, Ok(()), "the survey has seen that this is JSON");
    walk.copy(line.len());
}

/// One walk through one line.
struct Walk<'w, 'a> {
    input: Input<'w, 'a>,
    out: &'w mut Vec<u8>,
    /// Up to here, the line has been copied or replaced.
    copied: usize,
    /// How many objects have begun: the index into the facts.
    objects: usize,
    /// Where the third element of the event ended.
    value_end: usize,
    /// The location of the candidate in the third element. It is inserted when the fourth element begins.
    location: Option<Location>,
}

impl Walk<'_, '_> {
    fn run(&mut self, scanner: &mut Scanner) -> Result<(), Invalid> {
        loop {
            match scanner.next()? {
                Token::End => return Ok(()),
                Token::Object => {
                    let facts = self.input.facts.get(self.objects).copied().unwrap_or_default();
                    self.objects += 1;
                    let rule = self.begin_value();
                    self.open(rule, facts, true);
                }
                Token::Array => {
                    let rule = self.begin_value();
                    self.open(rule, Facts::default(), false);
                }
                Token::Close => {
                    self.input.scratch.frames.pop();
                    self.end_value(scanner.at);
                }
                Token::Key(text) => self.key(text),
                Token::String(text) => {
                    let rule = self.begin_value();
                    self.string(rule, text);
                    self.end_value(scanner.at);
                }
                Token::Number(range) => {
                    self.begin_value();
                    self.method(Method::of_number, &self.input.line[range]);
                    self.end_value(scanner.at);
                }
                Token::Literal => {
                    self.begin_value();
                    self.end_value(scanner.at);
                }
            }
        }
    }

    fn open(&mut self, rule: Rule, facts: Facts, object: bool) {
        let frame = Frame {
            rule,
            facts,
            object,
            elements: 0,
            next: Rule::Text,
            track: Track::No,
        };
        self.input.scratch.frames.push(frame);
    }

    /// The rule for the value that begins now.
    fn begin_value(&mut self) -> Rule {
        let Some(frame) = self.input.scratch.frames.last_mut() else {
            return self.input.rule;
        };
        if frame.object {
            return frame.next;
        }
        let index = frame.elements;
        frame.elements = index.saturating_add(1);
        match (frame.rule, index) {
            (Rule::Event, 2) => frame.next,
            (Rule::Event, 3) => {
                self.splice();
                Rule::Text
            }
            (rule, _) => rule.element(),
        }
    }

    fn end_value(&mut self, at: usize) {
        if let [
            Frame {
                rule: Rule::Event,
                elements: 3,
                ..
            },
        ] = self.input.scratch.frames.as_slice()
        {
            self.value_end = at;
        }
    }

    /// Takes the first element of an event as its method.
    fn method(&mut self, of: impl Fn(&[u8]) -> Option<&'static Method>, text: &[u8]) {
        if let [
            frame @ Frame {
                rule: Rule::Event,
                elements: 1,
                ..
            },
        ] = self.input.scratch.frames.as_mut_slice()
        {
            let carries = of(text).map_or(Carries::Text, |method| method.carries);
            frame.next = Rule::of(carries);
        }
    }

    fn key(&mut self, text: Text) {
        let mut decoded = std::mem::take(&mut self.input.scratch.decoded);
        let key = decode(self.input.line, text, &mut decoded);
        if let Some(frame) = self.input.scratch.frames.last_mut() {
            frame.next = members::rule_of(key, frame.rule, frame.facts);
        }
        if text.suspect && self.input.rules.addresses {
            text::find(key, 0, &mut self.input.scratch.spans);
        }
        self.replace(text, &decoded);
        self.input.scratch.decoded = decoded;
    }

    fn string(&mut self, rule: Rule, text: Text) {
        let mut decoded = std::mem::take(&mut self.input.scratch.decoded);
        let value = decode(self.input.line, text, &mut decoded);
        self.method(Method::of_text, value);
        let rule = if self.is_track_label(rule, value) {
            Rule::Label
        } else {
            rule
        };
        match rule.name(self.input.rules) {
            Some(name) => self.input.scratch.spans.extend(name(value)),
            None if text.suspect => self.addresses(rule, value),
            None => {}
        }
        self.replace(text, &decoded);
        self.input.scratch.decoded = decoded;
    }

    fn addresses(&mut self, rule: Rule, value: &[u8]) {
        if rule == Rule::Candidate {
            self.locate(value);
        }
        if !self.input.rules.addresses {
            return;
        }
        let spans = &mut self.input.scratch.spans;
        match rule {
            Rule::Url if names::is_server_url(value) => {}
            Rule::OwnAddress if address::exact(value).is_some() => {}
            Rule::Candidate => match candidate::read(value).filter(|candidate| candidate.relay) {
                Some(candidate) => {
                    text::find(&value[..candidate.place.start], 0, spans);
                    text::find(&value[candidate.place.end..], candidate.place.end, spans);
                }
                None => text::find(value, 0, spans),
            },
            Rule::Description => sdp::find(value, spans),
            _ => text::find(value, 0, spans),
        }
    }

    /// Whether this string is the third one of a serialised track. Outside of the events that carry tracks, the second
    /// one must also look like a track's id.
    fn is_track_label(&mut self, rule: Rule, value: &[u8]) -> bool {
        let Some(frame) = self.input.scratch.frames.last_mut() else {
            return false;
        };
        if frame.object
            || !matches!(rule, Rule::Tracks | Rule::Labels | Rule::Unknown | Rule::Text)
            || frame.rule == Rule::Event
        {
            return false;
        }
        let kind = names::is_track_kind(value);
        frame.track = match (frame.elements, frame.track) {
            (1, _) if kind => Track::Kind,
            (2, Track::Kind) if rule == Rule::Tracks || names::is_track_id(value) => Track::Id,
            (3, Track::Id) => return true,
            _ => Track::No,
        };
        false
    }

    fn locate(&mut self, value: &[u8]) {
        if let (None, Some(locate)) = (&self.location, self.input.locate) {
            self.location = candidate::read(value).and_then(|candidate| locate(candidate.address.to_canonical()));
        }
    }

    /// Writes the location of the candidate after the third element.
    fn splice(&mut self) {
        let Some(location) = self.location.take() else { return };
        self.copy(self.value_end);
        self.out.extend_from_slice(b",{\"rtcstatsLocation\":");
        let written = serde_json::to_writer(&mut *self.out, &location);
        written.expect("strings can always be written to a vector as JSON");
        self.out.push(b'}');
    }

    fn copy(&mut self, to: usize) {
        self.out.extend_from_slice(&self.input.line[self.copied..to]);
        self.copied = to;
    }

    /// Replaces the spans found in a string, and empties their list.
    fn replace(&mut self, text: Text, decoded: &Decoded) {
        if self.input.scratch.spans.is_empty() {
            return;
        }
        let mut spans = std::mem::take(&mut self.input.scratch.spans);
        if text.escaped {
            decoded.restore(&mut spans);
        }
        for span in spans.drain(..) {
            self.copy(text.start + span.start);
            span.mask.write(self.out);
            self.copied = text.start + span.end;
        }
        self.input.scratch.spans = spans;
    }
}

/// The characters of a string: its own bytes, or a decoded copy of them.
fn decode<'t>(line: &'t [u8], text: Text, decoded: &'t mut Decoded) -> &'t [u8] {
    if !text.escaped {
        return text.of(line);
    }
    decoded.json(text.of(line));
    &decoded.bytes
}
