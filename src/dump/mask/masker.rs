//! Masks one line of a dump: goes through its JSON by rules and copies every byte that is not part of something masked.
//!
//! Numbers, keys, blanks, escapes, order and duplicates stay as they are, because nothing is parsed into a value and
//! printed again. A line that cannot be understood is masked as text and wrapped, never passed on as it is. Limits:
//! time is linear in the line; memory is a few bytes per level, object and escape, and is kept between lines. There are
//! no failures: a masked line comes out, whatever the bytes are.
use super::names::{is_server_url, label};
use super::rule::{MaskRules, Rule};
use super::span::Span;
use super::survey::{Shape, Survey};
use super::text::{Decoded, Sort};
use super::walk::{Input, Locate, Scratch, copy_masked};
use super::{printed, sdp, text, torn};
use crate::limits::MASK_SCRATCH_ELEMENTS_MAX;

/// Masks the lines of one dump or of many. Keeps its buffers from line to line.
pub struct Masker<'a> {
    pub(super) rules: MaskRules,
    pub(super) locate: Option<&'a Locate<'a>>,
    survey: Survey,
    /// Used by the scanner, see there.
    stack: Vec<bool>,
    scratch: Scratch,
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
            scratch: Scratch::default(),
            spans: Vec::new(),
            wrapped: Vec::new(),
        }
    }

    /// Masks one event line (no LF), from the third line of a dump on. Appends the masked line (no LF) to `out`.
    ///
    /// A line that is not a JSON array becomes `["unparsed",null,"<masked text>",0]`.
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
        self.scratch.shrink();
        self.spans.shrink_to(MASK_SCRATCH_ELEMENTS_MAX);
        self.wrapped.shrink_to(MASK_SCRATCH_ELEMENTS_MAX);
    }

    /// Appends `text` with its addresses and secrets masked.
    pub(super) fn text(&mut self, sort: text::Sort, text: &[u8], out: &mut Vec<u8>) {
        if self.rules.addresses {
            text::find_in(sort, text, 0, &mut self.spans);
        }
        text::apply(text, &mut self.spans, out);
    }

    /// Appends a text that may have been JSON, with its addresses masked and those names that can be recognised.
    fn torn(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let mut names = Vec::new();
        torn::find(line, self.rules, &mut names);
        if self.rules.addresses {
            text::find(line, 0, &mut self.spans);
        }
        text::merge(&mut self.spans, 0, names);
        text::apply(line, &mut self.spans, out);
    }

    /// Masks the characters of a string that may be JSON, or a text of its own form. Appends them to `out`.
    pub(super) fn inner(&mut self, text: &[u8], rule: Rule, out: &mut Vec<u8>) {
        match (rule, self.survey.run(text, &mut self.stack)) {
            // The values of a series.
            (Rule::Label, Shape::Array) => self.json(text, rule, out),
            (rule, _) if rule.is_name() => self.form(text, rule, out),
            (Rule::Agent, _) => self.text(Sort::Secrets, text, out),
            (Rule::Page, _) => self.text(Sort::Url, text, out),
            (_, Shape::Array | Shape::OtherJson) if !self.survey.suspect => out.extend_from_slice(text),
            (_, Shape::Array | Shape::OtherJson) => self.json(text, rule, out),
            (rule, Shape::NoJson) => self.form(text, rule, out),
        }
        self.shrink();
    }

    /// Masks a text in which strings of JSON may lie, whole or not: names are found in it, and in what the strings
    /// contain.
    pub(super) fn damaged(&mut self, text: &[u8], out: &mut Vec<u8>) {
        let (mut inside, mut found, mut names) = (Decoded::default(), Vec::new(), Vec::new());
        inside.json(text);
        torn::find(&inside.bytes, self.rules, &mut found);
        printed::find(&inside.bytes, printed::SECRETS, self.rules, &mut found);
        if memchr::memmem::find(&inside.bytes, b"_track_info").is_some() && self.rules.device_labels {
            bare_label(&inside.bytes, &mut found);
        }
        text::merge(&mut names, 0, found);
        inside.restore(&mut names);
        torn::find(text, self.rules, &mut names);
        if self.rules.addresses {
            text::find(text, 0, &mut self.spans);
        }
        text::merge(&mut self.spans, 0, names);
        text::apply(text, &mut self.spans, out);
    }

    /// Masks a text that is no JSON.
    fn form(&mut self, text: &[u8], rule: Rule, out: &mut Vec<u8>) {
        if let Some(name) = rule.name(self.rules) {
            self.spans.extend(name(text));
            return text::apply(text, &mut self.spans, out);
        }
        let mut names = Vec::new();
        torn::find(text, self.rules, &mut names);
        if !matches!(rule, Rule::Description | Rule::Candidate) {
            let labels = matches!(rule, Rule::Labels | Rule::Unknown);
            let names_of = if labels { printed::ALL } else { printed::SECRETS };
            printed::find(text, names_of, self.rules, &mut names);
        }
        if rule == Rule::Labels && self.rules.device_labels {
            bare_label(text, &mut names);
        }
        if self.rules.addresses {
            match rule {
                Rule::Url if is_server_url(text) => {}
                Rule::Description => sdp::find(text, &mut self.spans),
                Rule::Configuration => servers(text, &mut self.spans),
                _ => text::find(text, 0, &mut self.spans),
            }
        }
        text::merge(&mut self.spans, 0, names);
        text::apply(text, &mut self.spans, out);
    }

    /// Makes an event out of a text that is not one.
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
        let facts = &self.survey.facts;
        let input = Input {
            rules: self.rules,
            locate: self.locate,
            facts,
            scratch: &mut self.scratch,
            line,
            rule,
        };
        copy_masked(input, &mut self.stack, out);
    }
}

/// `id:… label:…`, as old browsers wrote the track that a page got.
fn bare_label(text: &[u8], spans: &mut Vec<Span>) {
    let Some(at) = memchr::memmem::find(text, b"label:") else {
        return;
    };
    let start = at + b"label:".len();
    let start = start + text[start..].iter().take_while(|byte| **byte == b' ').count();
    spans.extend(label(&text[start..]).map(|span| Span {
        start: span.start + start,
        end: span.end + start,
        ..span
    }));
}

/// A configuration of old browsers, `{ iceServers: [turn:…, stun:…], … }`: URLs of servers stay.
fn servers(text: &[u8], spans: &mut Vec<Span>) {
    let mut at = 0;
    for word in text.split(|byte| matches!(byte, b' ' | b',' | b'\n')) {
        let start = at;
        at += word.len() + 1;
        let bare = word.strip_prefix(b"[").unwrap_or(word);
        let offset = start + word.len() - bare.len();
        let bare = bare
            .strip_suffix(b"]")
            .filter(|bare| !bare.ends_with(b"]") && !bare.contains(&b'['))
            .unwrap_or(bare);
        if !is_server_url(bare) {
            text::find(bare, offset, spans);
        }
    }
}

#[cfg(test)]
mod tests;
