//! Finds the parts of a line, and checks that all of it is JSON, before anything is done with it.
//!
//! A line is `[method, connection, value, extra…, delta]`; the delta is the last element if that is a number. Every
//! byte is looked at once. Nothing is copied; the parts are places in the line.
use std::ops::Range;

use crate::dump::scan::{Invalid, Scanner};
use crate::dump::statistics::{Selection, short};
use crate::dump::table::Method;
use crate::limits::{PROPERTIES_PER_EVENT_MAX, REPORTS_PER_EVENT_MAX};

/// The parts of a line that is an array.
#[derive(Debug, Default)]
pub struct Frame {
    pub method: Option<Range<usize>>,
    pub known: Option<&'static Method>,
    pub connection: Option<Range<usize>>,
    pub value: Option<Range<usize>>,
    /// From behind the value to the delta or to the bracket.
    pub extra: Range<usize>,
    pub delta: Option<Range<usize>>,
}

/// A member of the value of getStats. All parts are places: in the line, and of `properties` in their list.
pub struct Member {
    pub name: Range<usize>,
    pub value: Range<usize>,
    pub properties: Range<usize>,
}

/// A property of a report, as places in the line; or the wire key, with nothing as the end of its name. No line that
/// is read has 4 GiB; of one that has, nothing is wrong
/// but the property.
#[derive(Clone, Copy)]
pub struct Property {
    name: (u32, u32),
    value: (u32, u32),
}

impl Property {
    fn new(name: &Range<usize>, value: &Range<usize>) -> Self {
        Property {
            name: (name.start as u32, name.end as u32),
            value: (value.start as u32, value.end as u32),
        }
    }

    /// One that is named by its wire key, which is below `KEYS`.
    fn wire(key: u8, value: &Range<usize>) -> Self {
        Property {
            name: (u32::from(key), 0),
            value: (value.start as u32, value.end as u32),
        }
    }

    /// The wire key, if that is what names it.
    pub fn key(self) -> Option<u8> {
        (self.name.1 == 0).then_some(self.name.0 as u8)
    }

    pub fn name(self, line: &[u8]) -> &[u8] {
        line.get(self.name.0 as usize..self.name.1 as usize).unwrap_or_default()
    }

    pub fn value(self, line: &[u8]) -> &[u8] {
        line.get(self.value.0 as usize..self.value.1 as usize)
            .unwrap_or_default()
    }
}

/// Why a line is no event.
#[derive(Debug, PartialEq, Eq)]
pub enum NoFrame {
    /// JSON, but no array.
    Other,
    Invalid,
    TooManyReports,
}

impl From<Invalid> for NoFrame {
    fn from(_: Invalid) -> Self {
        NoFrame::Invalid
    }
}

/// Memory that is kept between lines.
#[derive(Default)]
pub struct Scratch {
    open: Vec<bool>,
    /// What the value of a getStats consists of; empty for all other lines.
    pub members: Vec<Member>,
    pub properties: Vec<Property>,
    pub is_report: bool,
    /// The properties that somebody asks for, if not all.
    pub selection: Option<&'static Selection>,
    /// How many properties there were, also of those that nobody asks for.
    count: usize,
}

impl Scratch {
    pub fn selective(asked: &'static Selection) -> Self {
        Scratch {
            selection: Some(asked),
            ..Scratch::default()
        }
    }

    /// Another line begins.
    pub fn clear(&mut self) {
        self.members.clear();
        self.properties.clear();
        self.is_report = false;
        self.count = 0;
    }

    /// The property whose name is this number without leading zeros.
    #[inline]
    pub fn numbered(
        &mut self,
        number: usize,
        name: &Range<usize>,
        value: Range<usize>,
        line: &[u8],
    ) -> Result<(), NoFrame> {
        let Some(key) = short(number) else {
            return self.property(line, name, value);
        };
        self.begin_property()?;
        if self.selection.is_none_or(|asked| asked.has_key(key)) {
            self.properties.push(Property::wire(key, &value));
        }
        Ok(())
    }

    #[inline]
    fn begin_property(&mut self) -> Result<(), NoFrame> {
        if self.count == PROPERTIES_PER_EVENT_MAX {
            return Err(NoFrame::TooManyReports);
        }
        self.count += 1;
        Ok(())
    }

    #[inline]
    pub fn property(&mut self, line: &[u8], name: &Range<usize>, value: Range<usize>) -> Result<(), NoFrame> {
        self.begin_property()?;
        if self.selection.is_none_or(|asked| asked.may_have(&line[name.clone()])) {
            self.properties.push(Property::new(name, &value));
        }
        Ok(())
    }

    /// Its properties are those from the number `first` on.
    pub fn member(&mut self, name: Range<usize>, value: Range<usize>, first: usize) -> Result<(), NoFrame> {
        if self.members.len() == REPORTS_PER_EVENT_MAX {
            return Err(NoFrame::TooManyReports);
        }
        let properties = first..self.properties.len();
        self.members.push(Member {
            name,
            value,
            properties,
        });
        Ok(())
    }
}

/// Looks at one line.
pub fn read(line: &[u8], scratch: &mut Scratch) -> Result<Frame, NoFrame> {
    scratch.clear();
    let mut open = std::mem::take(&mut scratch.open);
    let frame = scan(line, Scanner::new(line, &mut open), scratch);
    scratch.open = open;
    frame
}

fn scan(line: &[u8], mut scanner: Scanner, scratch: &mut Scratch) -> Result<Frame, NoFrame> {
    if scanner.peek() != Some(b'[') {
        return scanner.whole().map_err(NoFrame::from).and(Err(NoFrame::Other));
    }
    scanner.take(b'[')?;
    let mut frame = Frame::default();
    let mut count = 0;
    let mut last = 0..0;
    if scanner.peek() != Some(b']') {
        loop {
            let first = scanner.peek();
            let start = scanner.at;
            if frame.has_reports(count, first) {
                scratch.is_report = true;
                members(line, &mut scanner, scratch)?;
            } else {
                scanner.skip()?;
            }
            last = start..scanner.at;
            frame.add(line, count, &last);
            count += 1;
            if scanner.peek() != Some(b',') {
                break;
            }
            scanner.take(b',')?;
        }
    }
    frame.end(line, count, last, scanner.at);
    scanner.take(b']')?;
    if scanner.peek().is_some() {
        return Err(NoFrame::Invalid);
    }
    Ok(frame)
}

impl Frame {
    /// Whether the next part, the one behind `count` others, is reports: its first byte is `first`.
    pub fn has_reports(&self, count: usize, first: Option<u8>) -> bool {
        count == 2 && first == Some(b'{') && self.known.is_some_and(|method| method.key == 1)
    }

    /// Takes the next part, behind `count` others.
    pub fn add(&mut self, line: &[u8], count: usize, part: &Range<usize>) {
        match count {
            0 => self.known = method(&line[part.clone()]),
            2 => self.extra.start = part.end,
            _ => {}
        }
        let place = match count {
            0 => &mut self.method,
            1 => &mut self.connection,
            2 => &mut self.value,
            _ => &mut self.delta,
        };
        *place = Some(part.clone());
    }

    /// The parts are complete. There are `count` of them, and they end at `end`.
    pub fn end(&mut self, line: &[u8], count: usize, last: Range<usize>, end: usize) {
        self.extra.end = end;
        if count < 3 {
            self.extra.start = end;
        }
        self.take_delta(line, count, last);
    }

    /// The last element is the delta if it is a number. What remains is method, connection, value and extra.
    fn take_delta(&mut self, line: &[u8], count: usize, last: Range<usize>) {
        self.delta = None;
        if !matches!(line.get(last.start), Some(b'-' | b'0'..=b'9')) {
            return;
        }
        match count {
            0 => {}
            1 => (self.method, self.known) = (None, None),
            2 => self.connection = None,
            3 => self.value = None,
            _ => self.extra.end = last.start,
        }
        self.delta = Some(last);
    }
}

fn method(raw: &[u8]) -> Option<&'static Method> {
    match raw {
        [b'"', inside @ .., b'"'] => Method::of_text(&crate::dump::json::Text::checked(inside).canonical()),
        [b'-' | b'0'..=b'9', ..] => Method::of_number(raw),
        _ => None,
    }
}

/// Takes the value of a getStats apart.
fn members(line: &[u8], scanner: &mut Scanner, scratch: &mut Scratch) -> Result<(), NoFrame> {
    object(scanner, |scanner, name| {
        let (start, first) = (scanner.at, scratch.properties.len());
        if scanner.peek() == Some(b'{') {
            object(scanner, |scanner, name| {
                let start = scanner.at;
                scanner.skip()?;
                scratch.property(line, &name, start..scanner.at)
            })?;
        } else {
            scanner.skip()?;
        }
        scratch.member(name, start..scanner.at, first)
    })
}

/// Goes through an object. `member` is given the name of each member, and goes behind its value.
#[inline]
fn object(
    scanner: &mut Scanner,
    mut member: impl FnMut(&mut Scanner, Range<usize>) -> Result<(), NoFrame>,
) -> Result<(), NoFrame> {
    scanner.take(b'{')?;
    if scanner.peek() == Some(b'}') {
        return Ok(scanner.take(b'}')?);
    }
    loop {
        if scanner.peek() != Some(b'"') {
            return Err(NoFrame::Invalid);
        }
        let name = scanner.pass_string()?;
        scanner.take(b':')?;
        scanner.peek();
        member(scanner, name)?;
        match scanner.peek() {
            Some(b',') => scanner.take(b',')?,
            _ => return Ok(scanner.take(b'}')?),
        }
    }
}
