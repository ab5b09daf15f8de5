//! A masked part of a text: where it is and what replaces it.
//!
//! Nothing is decided here. A replacement is plain ASCII without quotes or backslashes, whatever was masked.
use std::io::Write;

/// What replaces a masked part. All forms are plain ASCII without quotes or backslashes, so they can be put into a JSON
/// string without escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// The letter `x`, for the last octet of an IPv4 address or for a name.
    X,
    /// A hyphen, for a value of a session description that is there but says nothing.
    Dash,
    /// The fixed word for a token or another secret.
    Word,
    /// The IPv4 address in an IPv4-mapped one, without its last octet.
    Quad([u8; 3]),
    /// The first `kept` groups of an IPv6 address, and `x` for each of the others.
    Groups { head: [u16; 3], kept: u8 },
}

/// A part of a text and its replacement. Offsets are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
    pub mask: Mask,
}

impl Mask {
    pub fn write(self, out: &mut Vec<u8>) {
        let written = match self {
            Mask::X => out.write_all(b"x"),
            Mask::Dash => out.write_all(b"-"),
            Mask::Word => out.write_all(b"obfuscated"),
            Mask::Quad([a, b, c]) => write!(out, "{a}.{b}.{c}.x"),
            Mask::Groups { head, kept } => (0..8).try_for_each(|i| {
                let colon = if i == 0 { "" } else { ":" };
                match head.get(i).filter(|_| i < usize::from(kept)) {
                    Some(group) => write!(out, "{colon}{group:x}"),
                    None => write!(out, "{colon}x"),
                }
            }),
        };
        written.expect("writing to a vector cannot fail");
    }
}
