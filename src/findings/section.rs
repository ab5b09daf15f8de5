//! A section of a description (RFC 8866, section 5.14), as far as rules ask for it.
use super::candidacy::Candidates;
use super::samples::Media;
use super::text::clipped;
use crate::sdp::{self, Direction, Setup};

/// What is known of a section.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    pub mid: Box<str>,
    pub media: Media,
    pub direction: Direction,
    pub port: Port,
    pub setup: Option<Setup>,
    pub ufrag: Box<str>,
    pub fingerprint: Box<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    Open,
    /// 0, and not because of bundling.
    Rejected,
}

impl Section {
    pub fn none() -> Section {
        Section {
            mid: Box::default(),
            media: Media::None,
            direction: Direction::Both,
            port: Port::Open,
            setup: None,
            ufrag: Box::default(),
            fingerprint: Box::default(),
        }
    }

    /// In one pass: what it says, else what `of_all` says, and its candidates.
    pub fn of(section: sdp::Section<'_>, of_all: &Section, candidates: &mut Candidates) -> Section {
        let mut own = of_all.clone();
        let mut is_bundled = false;
        for line in section.lines() {
            let Some(attribute) = line.strip_prefix("a=") else {
                if let Some(media) = section.media().filter(|_| line.starts_with("m=")) {
                    own.media = match media.kind {
                        "audio" => Media::Audio,
                        "video" => Media::Video,
                        _ => Media::None,
                    };
                    own.port = if media.port == 0 { Port::Rejected } else { Port::Open };
                }
                continue;
            };
            if let Some(mid) = attribute.strip_prefix("mid:") {
                own.mid = clipped(mid).into();
            } else if let Some(ufrag) = attribute.strip_prefix("ice-ufrag:") {
                own.ufrag = clipped(ufrag).into();
            } else if let Some(fingerprint) = attribute.strip_prefix("fingerprint:") {
                own.fingerprint = clipped(fingerprint).into();
            } else if let Some(setup) = attribute.strip_prefix("setup:") {
                own.setup = Setup::named(setup);
            } else if attribute.starts_with("candidate:") {
                candidates.text(attribute);
            } else if attribute == "bundle-only" {
                is_bundled = true;
            } else {
                own.direction = Direction::named(attribute).unwrap_or(own.direction);
            }
        }
        if is_bundled {
            own.port = Port::Open;
        }
        own
    }
}
