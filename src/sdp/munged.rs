//! What a page has changed in a description between creating it and setting it.
//!
//! Compared is what a page can mean by a change: the lines of a section as a set, the order of formats in `m=`, and the
//! order of sections. Left out is what a browser changes itself while it gathers candidates, which the client library
//! does not always see: addresses and ports (`c=`, `a=rtcp`, the port of `m=` but for 0), and the version of the
//! session (`o=`). Of candidates only the number is compared. So no address is compared, and a masked description has
//! the same changes.
use std::collections::{HashMap, HashSet};

use super::attributes::{Codec, Extension};
use super::compare::{partners, sections};
use super::section::{Media, Section};

/// One kind of change in one section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    pub what: What,
    /// The section's identification; `None` for the session and for sections without one.
    pub mid: Option<&'a str>,
    /// As created, where they are not as set. Each line once for each time that it is missing.
    pub removed: Vec<&'a str>,
    pub added: Vec<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Browsers do this as well, if what is set was restored from a description before gathering.
    Candidates,
    Lines,
    Parameters,
    Bandwidth,
    Direction,
    CodecOrder,
    CodecsRemoved,
    CodecsAdded,
    Extensions,
    Sources,
    Rejected,
    Sections,
    Setup,
    Fingerprint,
    Credentials,
}

/// How much harm such a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    Info,
    Warning,
    Critical,
}

impl What {
    pub fn weight(self) -> Weight {
        match self {
            What::Candidates | What::Lines | What::Parameters | What::Bandwidth | What::Direction => Weight::Info,
            What::CodecOrder | What::CodecsRemoved => Weight::Info,
            What::CodecsAdded | What::Extensions | What::Sources | What::Rejected | What::Sections => Weight::Warning,
            What::Setup | What::Fingerprint | What::Credentials => Weight::Critical,
        }
    }

    /// In the middle of a sentence: "the page has changed …".
    pub fn name(self) -> &'static str {
        match self {
            What::Candidates => "candidates",
            What::Lines => "other lines",
            What::Parameters => "parameters of codecs",
            What::Bandwidth => "the bandwidth",
            What::Direction => "the direction",
            What::CodecOrder => "the order of codecs",
            What::CodecsRemoved => "codecs (removed)",
            What::CodecsAdded => "codecs (added)",
            What::Extensions => "header extensions (added)",
            What::Sources => "sources or simulcast layers",
            What::Rejected => "whether a section is rejected",
            What::Sections => "the sections or their order",
            What::Setup => "the DTLS role",
            What::Fingerprint => "the certificate's fingerprint",
            What::Credentials => "the ICE credentials",
        }
    }

    /// What a page should call instead: a sentence.
    pub fn instead(self) -> &'static str {
        match self {
            What::Candidates | What::Lines => "Set the description as the browser has created it.",
            What::Parameters | What::Bandwidth => "Use RTCRtpSender.setParameters() with maxBitrate.",
            What::Direction => "Use RTCRtpTransceiver.direction.",
            What::CodecOrder | What::CodecsRemoved | What::CodecsAdded => {
                "Use RTCRtpTransceiver.setCodecPreferences()."
            }
            What::Extensions => "Use RTCRtpTransceiver.setHeaderExtensionsToNegotiate().",
            What::Sources => "Use sendEncodings of RTCPeerConnection.addTransceiver().",
            What::Rejected => "Use RTCRtpTransceiver.stop().",
            What::Sections => "Leave sections in the browser's order; add media with addTransceiver().",
            What::Setup => "Leave a=setup to the browser.",
            What::Fingerprint => "Give the certificate in the RTCConfiguration (generateCertificate()).",
            What::Credentials => "Use RTCPeerConnection.restartIce() for new credentials.",
        }
    }

    /// Of a line that only one side has.
    fn of(line: &str) -> What {
        if line.starts_with("b=") {
            return What::Bandwidth;
        }
        let name = line.strip_prefix("a=").unwrap_or_default();
        match name.split(':').next().unwrap_or_default() {
            "ice-ufrag" | "ice-pwd" => What::Credentials,
            "fingerprint" => What::Fingerprint,
            "setup" => What::Setup,
            "ssrc" | "ssrc-group" | "simulcast" | "rid" => What::Sources,
            "fmtp" | "rtcp-fb" | "ptime" | "maxptime" => What::Parameters,
            "sendrecv" | "sendonly" | "recvonly" | "inactive" => What::Direction,
            _ => What::Lines,
        }
    }
}

/// The changes, section by section as they are set, the least harmful ones first in each.
pub fn munged<'a>(created: &'a str, set: &'a str) -> Vec<Change<'a>> {
    if created == set {
        return Vec::new();
    }
    let (created, set) = (sections(created), sections(set));
    let partners = partners(&created, &set);
    let mut changes = order(&created, &set, &partners);
    for (section, partner) in set.iter().zip(&partners) {
        if let Some(partner) = partner {
            changes.extend(between(created[*partner], *section));
        }
    }
    changes
}

/// Sections that were added, removed, or have changed places.
fn order<'a>(created: &[Section<'a>], set: &[Section<'a>], partners: &[Option<usize>]) -> Vec<Change<'a>> {
    let is_same = created.len() == set.len() && partners.iter().enumerate().all(|(at, partner)| *partner == Some(at));
    if is_same {
        return Vec::new();
    }
    let first = |section: &Section<'a>| section.lines().next().unwrap_or_default();
    vec![Change {
        what: What::Sections,
        mid: None,
        removed: created.iter().skip(1).map(first).collect(),
        added: set.iter().skip(1).map(first).collect(),
    }]
}

fn between<'a>(created: Section<'a>, set: Section<'a>) -> Vec<Change<'a>> {
    if created.is_left_out() || set.is_left_out() {
        return Vec::new();
    }
    let mut counts: HashMap<&str, i64> = HashMap::new();
    for line in compared(set) {
        *counts.entry(line).or_default() += 1;
    }
    for line in compared(created) {
        *counts.entry(line).or_default() -= 1;
    }
    let candidates = [created, set].map(|section| section.candidate_lines().count());
    let is_equal = counts.values().all(|count| *count == 0) && candidates[0] == candidates[1];
    if is_equal && created.media() == set.media() {
        return Vec::new();
    }
    let (before, after) = (Codecs::of(created), Codecs::of(set));
    let mut changes = Changes(Vec::new());
    for line in compared(created) {
        if take(&mut counts, line, 1) {
            changes
                .at(before.what(line, &after, What::CodecsRemoved))
                .removed
                .push(line);
        }
    }
    for line in compared(set) {
        if take(&mut counts, line, -1) {
            changes
                .at(after.what(line, &before, What::CodecsAdded))
                .added
                .push(line);
        }
    }
    if candidates[0] != candidates[1] {
        let change = changes.at(What::Candidates);
        change.removed.extend(created.candidate_lines());
        change.added.extend(set.candidate_lines());
    }
    media(created, set, &mut changes);
    let Changes(mut changes) = changes;
    changes.sort_by_key(|change| change.what);
    changes.iter_mut().for_each(|change| change.mid = set.mid());
    changes
}

/// The lines that a page may change: not those that a browser changes.
fn compared(section: Section<'_>) -> impl Iterator<Item = &str> {
    const LEFT_OUT: [&str; 7] = [
        "m=",
        "c=",
        "o=",
        "a=candidate:",
        "a=end-of-candidates",
        "a=rtcp:",
        "a=mid:",
    ];
    section
        .lines()
        .filter(|line| !LEFT_OUT.iter().any(|begin| line.starts_with(begin)))
}

/// Whether the count shows that the line is missing on the other side; then it is counted.
fn take<'a>(counts: &mut HashMap<&'a str, i64>, line: &'a str, sign: i64) -> bool {
    let Some(count) = counts.get_mut(line).filter(|count| **count * sign < 0) else {
        return false;
    };
    *count += sign;
    true
}

/// What the line `m=` says. Its formats follow the codecs, so what counts is the order of those that both sides have.
fn media<'a>(created: Section<'a>, set: Section<'a>, changes: &mut Changes<'a>) {
    let (Some(before), Some(after)) = (created.media(), set.media()) else {
        return;
    };
    let mut change = |what| {
        let change = changes.at(what);
        change.removed.extend(created.lines().next());
        change.added.extend(set.lines().next());
    };
    if (before.kind, before.protocol) != (after.kind, after.protocol) {
        change(What::Lines);
    }
    if (before.port == 0) != (after.port == 0) {
        change(What::Rejected);
    }
    // A codec may go by its number alone, and leave its lines.
    let (formats, payloads): (HashSet<_>, HashSet<_>) = (
        after.formats().collect(),
        set.codecs().map(|codec| codec.payload).collect(),
    );
    let mut lost = before.formats().filter(|format| !formats.contains(format));
    if lost.any(|format| payloads.contains(format)) {
        change(What::CodecsRemoved);
    }
    if common(before, after) != common(after, before) {
        change(What::CodecOrder);
    }
}

/// The formats of `one` that `other` has as well, in the order of `one`.
fn common<'a>(one: Media<'a>, other: Media<'a>) -> Vec<&'a str> {
    let others: HashSet<_> = other.formats().collect();
    one.formats().filter(|format| others.contains(format)).collect()
}

struct Changes<'a>(Vec<Change<'a>>);

impl<'a> Changes<'a> {
    /// The change of this kind, of which there are few.
    fn at(&mut self, what: What) -> &mut Change<'a> {
        let at = self.0.iter().position(|change| change.what == what);
        let at = at.unwrap_or_else(|| {
            self.0.push(Change {
                what,
                mid: None,
                removed: Vec::new(),
                added: Vec::new(),
            });
            self.0.len() - 1
        });
        &mut self.0[at]
    }
}

/// The codecs and extensions of a section, whatever their numbers are.
struct Codecs {
    names: HashSet<String>,
    extensions: HashSet<String>,
}

impl Codecs {
    fn of(section: Section<'_>) -> Codecs {
        Codecs {
            names: section.codecs().map(|codec| name(&codec)).collect(),
            extensions: section
                .extensions()
                .map(|extension| extension.uri.to_string())
                .collect(),
        }
    }

    /// What it means that a line of this side is missing in `other`; `codec` is for one that is missing there.
    fn what(&self, line: &str, other: &Codecs, codec: What) -> What {
        if let Some(value) = line.strip_prefix("a=rtpmap:") {
            let name = Codec::parse(value).map(|codec| name(&codec));
            let is_there = name.is_some_and(|name| other.names.contains(&name));
            return if is_there { What::Parameters } else { codec };
        }
        if let Some(value) = line.strip_prefix("a=extmap:") {
            let extension = Extension::parse(value);
            let is_new = extension.is_some_and(|extension| !other.extensions.contains(extension.uri));
            return if is_new && codec == What::CodecsAdded {
                What::Extensions
            } else {
                What::Lines
            };
        }
        What::of(line)
    }
}

fn name(codec: &Codec<'_>) -> String {
    format!(
        "{}/{}/{}",
        codec.name.to_ascii_lowercase(),
        codec.clock,
        codec.channels.unwrap_or(1)
    )
}
