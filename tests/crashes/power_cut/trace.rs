//! Reads the output of strace as a list of calls: when each began and returned, its arguments and its result.
//!
//! strace is told to write strings and the paths of descriptors as hexadecimal escapes, so commas and brackets in its
//! output are its own. Anything that cannot be read panics, because a recording with a gap would prove nothing.

use std::collections::HashMap;

/// One system call of one thread.
#[derive(Debug)]
pub struct Call {
    pub name: String,
    pub arguments: Vec<String>,
    /// The first word after the equals sign; negative for an error.
    pub result: i64,
    /// Line numbers in the trace. If one call returned before another began, its number is smaller.
    pub begin: usize,
    pub end: usize,
}

/// A call begins or ends. Descriptors become free when a call begins (`close`), and are made when one ends.
#[derive(Debug)]
pub enum Moment {
    Begins(String, Vec<String>),
    Ends(Call),
}

/// Reads a whole trace in the order of its lines, which are numbered from `first` on.
pub fn read(trace: &str, first: usize) -> Vec<Moment> {
    let mut open: HashMap<&str, (usize, String)> = HashMap::new();
    let mut moments = Vec::new();
    for (number, line) in trace.lines().enumerate() {
        let number = first + number;
        let (thread, rest) = line.split_once(' ').unwrap_or_else(|| panic!("{line:.300}"));
        let (_time, text) = rest
            .trim_start()
            .split_once(' ')
            .unwrap_or_else(|| panic!("{line:.300}"));
        if text.starts_with("--- ") || text.starts_with("+++ ") {
            continue;
        }
        let (begin, whole) = if let Some(rest) = text.strip_prefix("<... ") {
            let (_, rest) = rest.split_once(" resumed>").unwrap_or_else(|| panic!("{line:.300}"));
            let (begin, head) = open
                .remove(thread)
                .unwrap_or_else(|| panic!("never begun: {line:.300}"));
            (begin, head + rest)
        } else if let Some(head) = text.strip_suffix(" <unfinished ...>") {
            moments.push(begins(head));
            open.insert(thread, (number, head.to_owned()));
            continue;
        } else {
            moments.push(begins(text));
            (number, text.to_owned())
        };
        moments.push(Moment::Ends(ends(&whole, begin, number)));
    }
    moments
}

fn begins(head: &str) -> Moment {
    let (name, arguments) = head.split_once('(').unwrap_or_else(|| panic!("no call: {head:.300}"));
    Moment::Begins(name.to_owned(), split(arguments.trim_end_matches(')')))
}

fn ends(whole: &str, begin: usize, end: usize) -> Call {
    let parts = || {
        let (name, rest) = whole.split_once('(')?;
        let (arguments, result) = rest.rsplit_once(" = ")?;
        let arguments = arguments.trim_end().strip_suffix(')')?;
        let digits = result.split([' ', '<']).next()?;
        // A process that ends leaves calls that never return.
        let result = match digits.strip_prefix("0x") {
            Some(digits) => i64::from_str_radix(digits, 16).ok()?,
            None if digits == "?" => -1,
            None => digits.parse().ok()?,
        };
        Some((name.to_owned(), split(arguments), result))
    };
    let (name, arguments, result) = parts().unwrap_or_else(|| panic!("no call: {whole:.300}"));
    Call {
        name,
        arguments,
        result,
        begin,
        end,
    }
}

/// Splits arguments at commas that are outside brackets of every kind.
fn split(arguments: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0_i32, vec![String::new()]);
    let mut last = ' ';
    for character in arguments.chars() {
        match character {
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => depth -= 1,
            _ => {}
        }
        if character == ',' && depth == 0 {
            parts.push(String::new());
        } else if !(character == ' ' && last == ',') {
            parts.last_mut().expect("there is a first part").push(character);
        }
        last = character;
    }
    parts
}

/// The bytes of an argument in quotes.
pub fn bytes(argument: &str) -> Vec<u8> {
    let inner = argument.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let inner = inner.unwrap_or_else(|| panic!("cut off, or no text: {argument:.100}"));
    unescape(inner)
}

fn unescape(escaped: &str) -> Vec<u8> {
    let digits = escaped.split("\\x").skip(1);
    digits
        .map(|digits| u8::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("no escape: {digits:.20}")))
        .collect()
}

pub fn text(argument: &str) -> String {
    String::from_utf8(bytes(argument)).expect("paths are text")
}

/// The number and path of a descriptor.
pub fn descriptor(argument: &str) -> (i64, Option<String>) {
    let (number, path) = argument
        .split_once('<')
        .map_or((argument, None), |(number, path)| (number, Some(path)));
    let path = path.and_then(|path| path.split_once('>')).map(|(path, _)| path);
    let number = if number == "AT_FDCWD" {
        -100
    } else {
        number.parse().unwrap_or(-1)
    };
    let path = path.map(|path| match path.starts_with("\\x") {
        true => String::from_utf8_lossy(&unescape(path)).into_owned(),
        false => path.to_owned(),
    });
    (number, path)
}
