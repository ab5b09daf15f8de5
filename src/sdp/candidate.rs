//! ICE candidates in their text form (RFC 8839, section 5.1).
//!
//! What is no candidate gives none. Fields are separated by single blanks; nothing is checked but what is asked for.

/// A candidate. Fields that are numbers are kept as they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    pub foundation: &'a str,
    /// `udp` or `tcp`; case does not count in it.
    pub protocol: &'a str,
    pub address: &'a str,
    pub port: &'a str,
    /// `host`, `srflx`, `prflx`, `relay`, or whatever stands in this place.
    pub kind: &'a str,
    /// `active`, `passive` or `so` (RFC 6544, section 4.5); of several, the last.
    pub tcp_type: Option<&'a str>,
    /// To which credentials it belongs, if it says so.
    pub ufrag: Option<&'a str>,
}

impl<'a> Candidate<'a> {
    /// Reads `candidate:…`, or the line of a description with `a=` before it.
    pub fn parse(text: &'a str) -> Option<Candidate<'a>> {
        let text = text.strip_prefix("a=").unwrap_or(text).strip_prefix("candidate:")?;
        let mut parts = text.split(' ');
        let foundation = parts.next()?;
        let protocol = parts.nth(1)?;
        let address = parts.nth(1)?;
        let port = parts.next()?;
        let kind = (parts.next()? == "typ").then(|| parts.next())??;
        let (mut tcp_type, mut ufrag) = (None, None);
        while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
            match name {
                "tcptype" => tcp_type = Some(value),
                "ufrag" => ufrag = Some(value),
                _ => {}
            }
        }
        Some(Candidate {
            foundation,
            protocol,
            address,
            port,
            kind,
            tcp_type,
            ufrag,
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
