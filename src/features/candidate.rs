//! ICE candidates in their text form (RFC 8839, section 5.1).
//!
//! What is no candidate gives none. Fields are separated by single blanks; nothing is checked but what features need.

/// The parts of a candidate that features ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    pub address: &'a str,
    /// `host`, `srflx`, `prflx`, `relay`, or whatever stands in this place.
    pub kind: &'a str,
    /// `active`, `passive` or `so` (RFC 6544, section 4.5); of several, the last.
    pub tcp_type: Option<&'a str>,
}

impl<'a> Candidate<'a> {
    /// Reads `candidate:…`, or the line of an SDP with `a=` before it.
    pub fn parse(text: &'a str) -> Option<Candidate<'a>> {
        let text = text.strip_prefix("a=").unwrap_or(text).strip_prefix("candidate:")?;
        let mut parts = text.split(' ');
        let address = parts.nth(4)?;
        let kind = (parts.nth(1)? == "typ").then(|| parts.next())??;
        let mut tcp_type = None;
        while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
            if name == "tcptype" {
                tcp_type = Some(value);
            }
        }
        Some(Candidate {
            address,
            kind,
            tcp_type,
        })
    }

    /// Whether a browser hides the address behind a name of multicast DNS.
    pub fn is_mdns(self) -> bool {
        self.address.ends_with(".local")
    }

    /// Whether the other side can open a TCP connection to it.
    pub fn is_passive(self) -> bool {
        self.tcp_type == Some("passive")
    }
}

/// Lines of an SDP without blanks around them.
pub fn sdp_lines(sdp: &str) -> impl Iterator<Item = &str> {
    sdp.split('\n').map(str::trim)
}

#[cfg(test)]
mod tests;
