//! The candidate-attribute of ICE (RFC 8839, section 5.1), as far as needed to know whose address it contains.
//!
//! Only a line that follows the grammar to its end may count as a relay's. Any other line is text, and text is masked.
use std::net::IpAddr;
use std::ops::Range;

use super::address;

/// A well-formed candidate line.
#[derive(Debug, PartialEq, Eq)]
pub struct Candidate {
    pub address: IpAddr,
    /// Where in the line the address is.
    pub place: Range<usize>,
    pub relay: bool,
}

/// Reads `candidate:…` or `a=candidate:…`. `None` if it is malformed, or if its address is a name or already masked.
pub fn read(line: &[u8]) -> Option<Candidate> {
    let attribute = line.strip_prefix(b"a=").unwrap_or(line).strip_prefix(b"candidate:")?;
    let mut fields = attribute.split(|b| *b == b' ');
    let mut field = || fields.next().filter(|field| !field.is_empty());
    let _foundation = field()?;
    let _component = field().filter(|f| is_number(f))?;
    let _transport = field()?;
    let _priority = field().filter(|f| is_number(f))?;
    let written = field()?;
    let address = address::exact(written)?;
    let _port = field().filter(|f| is_number(f))?;
    field().filter(|f| *f == b"typ")?;
    let kind = field()?;
    if fields.any(|extension| extension == b"typ") {
        return None;
    }
    let start = written.as_ptr() as usize - line.as_ptr() as usize;
    Some(Candidate {
        address,
        place: start..start + written.len(),
        relay: kind == b"relay",
    })
}

fn is_number(field: &[u8]) -> bool {
    field.iter().all(u8::is_ascii_digit)
}
