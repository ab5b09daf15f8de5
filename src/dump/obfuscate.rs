//! Masks one line of a dump: walks its JSON by rule and copies every byte that is not part of something masked.
//!
//! Numbers, keys, blanks, escapes, order and duplicates stay as they are because nothing is ever parsed into a value
//! and printed again. A line that cannot be understood is masked as text and wrapped, never passed on.
//! Limits: time is linear in the line; memory is a few bytes per level, object and escape, kept between lines.
//! There are no failures: whatever the bytes are, a masked line comes out.
use std::net::IpAddr;

use super::json::{Invalid, Scanner, Text, Token};
use super::rule::Rule;
use super::span::Span;
use super::survey::{Facts, Shape, Survey};
use super::table::{Carries, Method};
use super::text::{self, Decoded};
use super::{address, candidate, names, sdp, torn};
use crate::geo::Location;
use crate::limits::MASK_SCRATCH_ELEMENTS_MAX;

/// Which kinds of personal data are masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaskRules {
    /// Addresses, and with them the TURN user names.
    pub addresses: bool,
    pub device_labels: bool,
}

/// Where an address is, if that is known.
pub type Locate<'a> = dyn Fn(IpAddr) -> Option<Location> + 'a;

/// Masks the lines of one dump, or of many. Keeps its buffers from line to line.
pub struct Masker<'a> {
    pub(super) rules: MaskRules,
    pub(super) locate: Option<&'a Locate<'a>>,
    survey: Survey,
    stack: Vec<bool>,
    frames: Vec<Frame>,
    decoded: Decoded,
    spans: Vec<Span>,
    wrapped: Vec<u8>,
}

impl<'a> Masker<'a> {
    pub fn new(rules: MaskRules, locate: Option<&'a Locate<'a>>) -> Self {
        Masker {
            rules,
            locate,
            survey: Survey::default(),
            stack: Vec::new(),
            frames: Vec::new(),
            decoded: Decoded::default(),
            spans: Vec::new(),
            wrapped: Vec::new(),
        }
    }

    /// One event line (no LF) of a dump, from the third line on; appends the masked line (no LF) to `out`.
    ///
    /// A line that is no JSON array becomes `["unparsed",null,"<masked text>",0]`.
    pub fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        match self.survey.run(line, &mut self.stack) {
            Shape::Array if !self.survey.suspect => out.extend_from_slice(line),
            Shape::Array => self.json(line, Rule::Event, out),
            Shape::OtherJson => self.wrap(out, |masker, text| masker.json(line, Rule::Text, text)),
            Shape::NoJson => self.wrap(out, |masker, text| masker.torn(line, text)),
        }
        self.shrink();
    }

    fn shrink(&mut self) {
        self.survey.shrink();
        self.stack.shrink_to(MASK_SCRATCH_ELEMENTS_MAX);
        self.frames.shrink_to(MASK_SCRATCH_ELEMENTS_MAX);
        self.decoded.shrink();
        self.spans.shrink_to(MASK_SCRATCH_ELEMENTS_MAX);
        self.wrapped.shrink_to(MASK_SCRATCH_ELEMENTS_MAX);
    }

    /// Appends `text` with its addresses masked.
    pub(super) fn text(&mut self, text: &[u8], out: &mut Vec<u8>) {
        if self.rules.addresses {
            text::find(text, 0, &mut self.spans);
        }
        text::apply(text, &mut self.spans, out);
    }

    /// Appends a text that may have been JSON, its addresses and what names can be recognised masked.
    fn torn(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let mut names = Vec::new();
        torn::find(line, self.rules.device_labels, self.rules.addresses, &mut names);
        if self.rules.addresses {
            text::find(line, 0, &mut self.spans);
        }
        text::merge(&mut self.spans, 0, names);
        text::apply(line, &mut self.spans, out);
    }

    /// Makes an event of a text that is none.
    fn wrap(&mut self, out: &mut Vec<u8>, write: impl FnOnce(&mut Self, &mut Vec<u8>)) {
        let mut text = std::mem::take(&mut self.wrapped);
        text.clear();
        write(self, &mut text);
        out.extend_from_slice(b"[\"unparsed\",null,");
        let written = serde_json::to_writer(&mut *out, &String::from_utf8_lossy(&text));
        written.expect("a string can always be written to a vector as JSON");
        out.extend_from_slice(b",0]");
        self.wrapped = text;
    }

    /// Masks a text that the survey has found to be JSON.
    fn json(&mut self, line: &[u8], rule: Rule, out: &mut Vec<u8>) {
        let mut stack = std::mem::take(&mut self.stack);
        self.frames.clear();
        let mut walk = Walk {
            masker: self,
            line,
            out,
            copied: 0,
            objects: 0,
            value_end: 0,
            location: None,
            whole: rule,
        };
        let walked = walk.run(&mut Scanner::new(line, &mut stack));
        debug_assert_eq!(walked, Ok(()));
        let copied = walk.copied;
        out.extend_from_slice(&line[copied..]);
        self.stack = stack;
    }
}

/// An open object or array.
struct Frame {
    rule: Rule,
    facts: Facts,
    object: bool,
    /// Elements begun so far, in an array.
    elements: u32,
    /// The rule of the value that comes next.
    next: Rule,
    /// What the first elements have in common with a serialised track.
    track: Track,
}

/// How far an array looks like `[kind, id, label, …]`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Track {
    No,
    Kind,
    Id,
}

/// One walk through one line.
struct Walk<'w, 'a> {
    masker: &'w mut Masker<'a>,
    line: &'w [u8],
    out: &'w mut Vec<u8>,
    /// Up to here the line has been copied or replaced.
    copied: usize,
    /// Objects begun so far: the index into the survey's facts.
    objects: usize,
    /// Where the third element of the event ended.
    value_end: usize,
    /// Of the candidate in the third element; spliced in when the fourth begins.
    location: Option<Location>,
    /// The rule of the outermost value.
    whole: Rule,
}

impl Walk<'_, '_> {
    fn run(&mut self, scanner: &mut Scanner) -> Result<(), Invalid> {
        loop {
            match scanner.next()? {
                Token::End => return Ok(()),
                Token::Object => {
                    let facts = self.masker.survey.facts.get(self.objects).copied().unwrap_or_default();
                    self.objects += 1;
                    let rule = self.begin_value();
                    self.open(rule, facts, true);
                }
                Token::Array => {
                    let rule = self.begin_value();
                    self.open(rule, Facts::default(), false);
                }
                Token::Close => {
                    self.masker.frames.pop();
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
                    self.method(Method::of_number, &self.line[range]);
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
        self.masker.frames.push(frame);
    }

    /// The rule for the value that begins now.
    fn begin_value(&mut self) -> Rule {
        let Some(frame) = self.masker.frames.last_mut() else {
            return self.whole;
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
        ] = self.masker.frames.as_slice()
        {
            self.value_end = at;
        }
    }

    /// Takes the first element of an event for its method.
    fn method(&mut self, of: impl Fn(&[u8]) -> Option<&'static Method>, text: &[u8]) {
        if let [
            frame @ Frame {
                rule: Rule::Event,
                elements: 1,
                ..
            },
        ] = self.masker.frames.as_mut_slice()
        {
            let carries = of(text).map_or(Carries::Text, |method| method.carries);
            frame.next = Rule::of(carries);
        }
    }

    fn key(&mut self, text: Text) {
        let mut decoded = std::mem::take(&mut self.masker.decoded);
        let key = decode(self.line, text, &mut decoded);
        if let Some(frame) = self.masker.frames.last_mut() {
            frame.next = frame.rule.member(key, frame.facts);
        }
        if text.suspect && self.masker.rules.addresses {
            text::find(key, 0, &mut self.masker.spans);
        }
        self.replace(text, &decoded);
        self.masker.decoded = decoded;
    }

    fn string(&mut self, rule: Rule, text: Text) {
        let mut decoded = std::mem::take(&mut self.masker.decoded);
        let value = decode(self.line, text, &mut decoded);
        self.method(Method::of_text, value);
        let rule = if self.is_track_label(rule, value) {
            Rule::Label
        } else {
            rule
        };
        let MaskRules {
            addresses,
            device_labels,
        } = self.masker.rules;
        match rule {
            Rule::Label if device_labels => self.masker.spans.extend(names::label(value)),
            Rule::Username if addresses => self.masker.spans.extend(names::username(value)),
            _ if text.suspect => self.addresses(rule, value),
            _ => {}
        }
        self.replace(text, &decoded);
        self.masker.decoded = decoded;
    }

    fn addresses(&mut self, rule: Rule, value: &[u8]) {
        if rule == Rule::Candidate {
            self.locate(value);
        }
        if !self.masker.rules.addresses {
            return;
        }
        let spans = &mut self.masker.spans;
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

    /// Whether this string is the third of a serialised track. Outside of the events that carry tracks, the second one
    /// must look like a track's id as well.
    fn is_track_label(&mut self, rule: Rule, value: &[u8]) -> bool {
        let Some(frame) = self.masker.frames.last_mut() else {
            return false;
        };
        if frame.object || !matches!(rule, Rule::Tracks | Rule::Labels | Rule::Text) || frame.rule == Rule::Event {
            return false;
        }
        let kind = matches!(value, b"audio" | b"video");
        frame.track = match (frame.elements, frame.track) {
            (1, _) if kind => Track::Kind,
            (2, Track::Kind) if rule == Rule::Tracks || names::is_track_id(value) => Track::Id,
            (3, Track::Id) => return true,
            _ => Track::No,
        };
        false
    }

    fn locate(&mut self, value: &[u8]) {
        if let (None, Some(locate)) = (&self.location, self.masker.locate) {
            self.location = candidate::read(value).and_then(|candidate| locate(candidate.address.to_canonical()));
        }
    }

    /// Writes the location of the candidate behind the third element.
    fn splice(&mut self) {
        let Some(location) = self.location.take() else { return };
        self.copy(self.value_end);
        self.out.extend_from_slice(b",{\"rtcstatsLocation\":");
        let written = serde_json::to_writer(&mut *self.out, &location);
        written.expect("strings can always be written to a vector as JSON");
        self.out.push(b'}');
    }

    fn copy(&mut self, to: usize) {
        self.out.extend_from_slice(&self.line[self.copied..to]);
        self.copied = to;
    }

    /// Replaces the spans found in a string and empties their list.
    fn replace(&mut self, text: Text, decoded: &Decoded) {
        if self.masker.spans.is_empty() {
            return;
        }
        let mut spans = std::mem::take(&mut self.masker.spans);
        if text.escaped {
            decoded.restore(&mut spans);
        }
        for span in spans.drain(..) {
            self.copy(text.start + span.start);
            span.mask.write(self.out);
            self.copied = text.start + span.end;
        }
        self.masker.spans = spans;
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

#[cfg(test)]
mod tests;
