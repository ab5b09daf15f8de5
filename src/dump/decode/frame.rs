//! Finds the parts of a line, and checks that all of it is JSON, before anything is done with it.
//!
//! A line is `[method, connection, value, extra…, delta]`; the delta is the last element if that is a number. Every
//! byte is looked at once. Nothing is copied; the parts are places in the line.
use std::ops::Range;

use crate::dump::scan::{Invalid, Scanner};
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

/// A property of a report, as places in the line. No line that is read has 4 GiB; of one that has, nothing is wrong
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
}

/// Looks at one line.
pub fn read(line: &[u8], scratch: &mut Scratch) -> Result<Frame, NoFrame> {
    scratch.members.clear();
    scratch.properties.clear();
    scratch.is_report = false;
    let mut scanner = Scanner::new(line, &mut scratch.open);
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
            let is_report = count == 2 && first == Some(b'{') && frame.known.is_some_and(|method| method.key == 1);
            if is_report {
                scratch.is_report = true;
                members(&mut scanner, &mut scratch.members, &mut scratch.properties)?;
            } else {
                scanner.skip()?;
            }
            last = start..scanner.at;
            match count {
                0 => frame.known = method(&line[last.clone()]),
                1 => {}
                2 => frame.extra.start = last.end,
                _ => {}
            }
            let part = match count {
                0 => &mut frame.method,
                1 => &mut frame.connection,
                2 => &mut frame.value,
                _ => &mut frame.delta,
            };
            *part = Some(last.clone());
            count += 1;
            if scanner.peek() != Some(b',') {
                break;
            }
            scanner.take(b',')?;
        }
    }
    frame.extra.end = scanner.at;
    if count < 3 {
        frame.extra.start = frame.extra.end;
    }
    scanner.take(b']')?;
    if scanner.peek().is_some() {
        return Err(NoFrame::Invalid);
    }
    frame.take_delta(line, count, last);
    Ok(frame)
}

impl Frame {
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
fn members(scanner: &mut Scanner, members: &mut Vec<Member>, all: &mut Vec<Property>) -> Result<(), NoFrame> {
    object(scanner, |scanner, name| {
        let (start, first) = (scanner.at, all.len());
        if scanner.peek() == Some(b'{') {
            object(scanner, |scanner, name| {
                let start = scanner.at;
                scanner.skip()?;
                if all.len() == PROPERTIES_PER_EVENT_MAX {
                    return Err(NoFrame::TooManyReports);
                }
                all.push(Property::new(&name, &(start..scanner.at)));
                Ok(())
            })?;
        } else {
            scanner.skip()?;
        }
        if members.len() == REPORTS_PER_EVENT_MAX {
            return Err(NoFrame::TooManyReports);
        }
        let (value, properties) = (start..scanner.at, first..all.len());
        members.push(Member {
            name,
            value,
            properties,
        });
        Ok(())
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
