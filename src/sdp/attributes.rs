//! What single attributes of a section say.

/// Which way media go, as the side sees it whose description it is (RFC 8866, section 6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Both,
    Send,
    Receive,
    None,
}

/// Who begins DTLS (RFC 4145, section 4; RFC 8842).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setup {
    Active,
    Passive,
    /// Either; only an offer may say so.
    Either,
    Hold,
}

/// `a=rtpmap:PAYLOAD NAME/CLOCK[/CHANNELS]` (RFC 8866, section 6.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Codec<'a> {
    pub payload: &'a str,
    /// Case does not count in it.
    pub name: &'a str,
    pub clock: u32,
    pub channels: Option<u32>,
}

/// `a=extmap:ID[/DIRECTION] URI` (RFC 8285).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    pub id: &'a str,
    pub uri: &'a str,
}

/// `a=rid:ID send|recv [restrictions]` (RFC 8851).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rid<'a> {
    pub id: &'a str,
    pub direction: &'a str,
}

/// `a=ssrc:SSRC ATTRIBUTE[:VALUE]` (RFC 5576).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source<'a> {
    pub ssrc: &'a str,
    pub attribute: &'a str,
}

impl Direction {
    pub fn named(name: &str) -> Option<Direction> {
        Some(match name {
            "sendrecv" => Direction::Both,
            "sendonly" => Direction::Send,
            "recvonly" => Direction::Receive,
            "inactive" => Direction::None,
            _ => return None,
        })
    }

    pub fn sends(self) -> bool {
        matches!(self, Direction::Both | Direction::Send)
    }

    pub fn receives(self) -> bool {
        matches!(self, Direction::Both | Direction::Receive)
    }
}

impl Setup {
    pub fn named(name: &str) -> Option<Setup> {
        Some(match name {
            "active" => Setup::Active,
            "passive" => Setup::Passive,
            "actpass" => Setup::Either,
            "holdconn" => Setup::Hold,
            _ => return None,
        })
    }
}

impl<'a> Codec<'a> {
    pub(super) fn parse(value: &'a str) -> Option<Codec<'a>> {
        let (payload, encoding) = value.split_once(' ')?;
        let mut parts = encoding.split('/');
        Some(Codec {
            payload,
            name: parts.next()?,
            clock: parts.next()?.parse().ok()?,
            channels: parts.next().and_then(|channels| channels.parse().ok()),
        })
    }

    pub fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl<'a> Extension<'a> {
    pub(super) fn parse(value: &'a str) -> Option<Extension<'a>> {
        let mut parts = value.split(' ');
        let id = parts.next()?.split('/').next()?;
        Some(Extension { id, uri: parts.next()? })
    }
}

impl<'a> Rid<'a> {
    pub(super) fn parse(value: &'a str) -> Option<Rid<'a>> {
        let mut parts = value.split(' ');
        Some(Rid {
            id: parts.next()?,
            direction: parts.next()?,
        })
    }
}

impl<'a> Source<'a> {
    pub(super) fn parse(value: &'a str) -> Option<Source<'a>> {
        let (ssrc, attribute) = value.split_once(' ')?;
        Some(Source { ssrc, attribute })
    }
}
