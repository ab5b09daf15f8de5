//! One section of a description: its lines, and what they say.
use super::attributes::{Codec, Direction, Extension, Rid, Setup, Source};
use super::candidate::Candidate;

/// The session, or one of its media.
#[derive(Clone, Copy, Debug)]
pub struct Section<'a> {
    text: &'a str,
}

/// The line `m=` (RFC 8866, section 5.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Media<'a> {
    /// `audio`, `video`, `application`, or whatever stands in this place.
    pub kind: &'a str,
    pub port: u32,
    pub protocol: &'a str,
    formats: &'a str,
}

/// Lines without blanks around them. Empty ones are left out.
pub fn lines(text: &str) -> impl Iterator<Item = &str> + Clone {
    let mut rest = Some(text);
    let split = std::iter::from_fn(move || {
        let text = rest?;
        let end = memchr::memchr(b'\n', text.as_bytes());
        rest = end.and_then(|end| text.get(end + 1..));
        end.map_or(Some(text), |end| text.get(..end))
    });
    split.map(trimmed).filter(|line| !line.is_empty())
}

/// Without blanks around it. Mostly there is but a carriage return, which is seen sooner.
fn trimmed(line: &str) -> &str {
    let line = line.strip_suffix('\r').unwrap_or(line);
    match line.as_bytes() {
        [b'!'..=b'~', .., b'!'..=b'~'] => line,
        _ => line.trim(),
    }
}

impl<'a> Section<'a> {
    pub(super) fn new(text: &'a str) -> Section<'a> {
        Section { text }
    }

    pub fn lines(self) -> impl Iterator<Item = &'a str> + Clone {
        lines(self.text)
    }

    /// A section of which the client library has sent nothing, because it is as it was before.
    pub fn is_left_out(self) -> bool {
        matches!(self.text.trim(), "m=" | "v=")
    }

    /// What follows `a=NAME:` in each line; empty for `a=NAME`.
    pub fn values(self, attribute: &str) -> impl Iterator<Item = &'a str> {
        self.lines().filter_map(move |line| {
            let rest = line.strip_prefix("a=")?.strip_prefix(attribute)?;
            if rest.is_empty() {
                Some(rest)
            } else {
                rest.strip_prefix(':')
            }
        })
    }

    /// The first of them.
    pub fn value(self, attribute: &str) -> Option<&'a str> {
        self.values(attribute).next()
    }

    /// `None` for the session, and for what is no such line.
    pub fn media(self) -> Option<Media<'a>> {
        Media::parse(self.lines().next()?)
    }

    /// The identification of a section (RFC 5888).
    pub fn mid(self) -> Option<&'a str> {
        self.value("mid")
    }

    /// `None` if the section says nothing, which means both ways (RFC 8866, section 6.7).
    pub fn direction(self) -> Option<Direction> {
        self.lines().find_map(|line| Direction::named(line.strip_prefix("a=")?))
    }

    pub fn setup(self) -> Option<Setup> {
        self.value("setup").and_then(Setup::named)
    }

    pub fn ufrag(self) -> Option<&'a str> {
        self.value("ice-ufrag")
    }

    pub fn password(self) -> Option<&'a str> {
        self.value("ice-pwd")
    }

    /// Each with the name of its hash (RFC 8122).
    pub fn fingerprints(self) -> impl Iterator<Item = &'a str> {
        self.values("fingerprint")
    }

    /// Lines with candidates, also those that cannot be read.
    pub fn candidate_lines(self) -> impl Iterator<Item = &'a str> {
        self.lines().filter(|line| line.starts_with("a=candidate:"))
    }

    pub fn candidates(self) -> impl Iterator<Item = Candidate<'a>> {
        let lines = self.lines().filter_map(|line| line.strip_prefix("a="));
        lines.filter_map(Candidate::parse)
    }

    /// What `a=rtpmap` says. Payload types without one (RFC 3551) are not among them.
    pub fn codecs(self) -> impl Iterator<Item = Codec<'a>> {
        self.values("rtpmap").filter_map(Codec::parse)
    }

    /// Of the payload type: what stands in its `a=fmtp`.
    pub fn parameters(self, payload: &'a str) -> Option<&'a str> {
        self.values("fmtp").find_map(|value| {
            let (own, parameters) = value.split_once(' ')?;
            (own == payload).then_some(parameters)
        })
    }

    pub fn extensions(self) -> impl Iterator<Item = Extension<'a>> {
        self.values("extmap").filter_map(Extension::parse)
    }

    /// `send 1;2;3`, as it stands (RFC 8853).
    pub fn simulcast(self) -> Option<&'a str> {
        self.value("simulcast")
    }

    pub fn rids(self) -> impl Iterator<Item = Rid<'a>> {
        self.values("rid").filter_map(Rid::parse)
    }

    pub fn sources(self) -> impl Iterator<Item = Source<'a>> {
        self.values("ssrc").filter_map(Source::parse)
    }

    /// Port 0 means here that the transport of another section is used (RFC 9143).
    pub fn is_bundle_only(self) -> bool {
        self.value("bundle-only").is_some()
    }

    /// Port 0, and not because of bundling (RFC 8829, section 5.3.1).
    pub fn is_rejected(self) -> bool {
        self.media().is_some_and(|media| media.port == 0) && !self.is_bundle_only()
    }
}

impl<'a> Media<'a> {
    pub(super) fn parse(line: &'a str) -> Option<Media<'a>> {
        let mut parts = line.strip_prefix("m=")?.splitn(4, ' ');
        let kind = parts.next()?;
        // The number of ports may follow behind a slash.
        let port = parts.next()?.split('/').next()?.parse().ok()?;
        Some(Media {
            kind,
            port,
            protocol: parts.next()?,
            formats: parts.next().unwrap_or_default(),
        })
    }

    /// Payload types, in the order in which they are preferred.
    pub fn formats(self) -> impl Iterator<Item = &'a str> {
        self.formats.split(' ').filter(|format| !format.is_empty())
    }
}
