//! What both sides have agreed upon: the descriptions that hold, section by section, and the calls that are under way
//! (W3C WebRTC, sections 4.4 and 4.6; RFC 8829).
//!
//! Of a section that a description leaves out because it is as before, what was known before stays. Of descriptions
//! only what is asked for is kept, but for the text of what was created and is not set yet. Limits:
//! `FINDING_SECTIONS_MAX` of a description, `FINDING_SECTIONS_TOTAL_MAX` and `FINDING_CREATED_BYTES_MAX` of a dump.
use std::borrow::Cow;
use std::collections::VecDeque;

use super::call::Call;
use super::candidacy::Candidates;
use super::section::Section;
use super::text::clipped;
use crate::dump::json::{Json, Text};
use crate::limits::{
    DESCRIPTIONS_PENDING_MAX, FINDING_CREATED_BYTES_MAX, FINDING_PENDING_MAX, FINDING_SECTIONS_MAX,
    FINDING_SECTIONS_TOTAL_MAX,
};
use crate::sdp::{self, Description};

/// See the head of the file. Times are ms since 1970.
#[derive(Debug, Default)]
pub struct Negotiation {
    pub local: Side,
    pub remote: Side,
    /// Calls without their success or failure, the oldest first.
    pub pending: Vec<Pending>,
    /// The offer and the answer that were created last: the inside of a JSON string. Empty if there is none.
    created: [Box<[u8]>; 2],
    /// Candidates of the other side whose addition has not succeeded yet, the oldest first: the id of the call, and
    /// what was counted.
    given: VecDeque<(Option<Box<str>>, Candidates)>,
    /// What the present event has shown: what the page has changed, and which call has ended.
    pub changes: Option<Changes>,
    pub ended: Option<Pending>,
}

/// What is left for all connections of a dump.
#[derive(Debug)]
pub struct Space {
    sections: usize,
    bytes: usize,
}

/// One side's description.
#[derive(Debug, Default)]
pub struct Side {
    pub sections: Vec<Section>,
    pub role: Option<Role>,
    /// When it began to hold.
    pub set: Option<f64>,
    /// How often its ICE credentials have become others.
    pub restarts: u32,
    pub candidates: Candidates,
    /// A fingerprint has become another one while the credentials stayed (RFC 8842, section 4).
    pub fingerprint: Fingerprint,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fingerprint {
    #[default]
    Kept,
    Changed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Offer,
    Answer,
    Provisional,
    Rollback,
}

/// A description that is about to be set.
#[derive(Clone, Debug)]
pub struct Pending {
    id: Option<Box<str>>,
    pub whose: Whose,
    pub role: Option<Role>,
    pub time: f64,
    sections: Vec<Section>,
    candidates: Candidates,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    Local,
    Remote,
}

/// What the page has changed in the description that it has just given to setLocalDescription.
#[derive(Clone, Debug)]
pub struct Changes {
    pub time: f64,
    pub list: Vec<Change>,
}

#[derive(Clone, Debug)]
pub struct Change {
    pub what: sdp::What,
    pub mid: Box<str>,
    /// A line of each side, if there is one.
    pub removed: Box<str>,
    pub added: Box<str>,
    /// How many lines that side has besides.
    pub more: usize,
}

impl Default for Space {
    fn default() -> Space {
        Space {
            sections: FINDING_SECTIONS_TOTAL_MAX,
            bytes: FINDING_CREATED_BYTES_MAX,
        }
    }
}

impl Role {
    pub fn of(value: Json<'_>) -> Option<Role> {
        let text = value.get("type").and_then(Json::as_text)?;
        let named = [
            ("offer", Role::Offer),
            ("answer", Role::Answer),
            ("pranswer", Role::Provisional),
            ("rollback", Role::Rollback),
        ];
        named.into_iter().find(|(name, _)| text.is(name)).map(|(_, role)| role)
    }
}

impl Negotiation {
    /// Takes note of an event.
    pub fn call(&mut self, call: &Call<'_>, space: &mut Space) {
        (self.changes, self.ended) = (None, None);
        match &*call.method {
            "createOfferOnSuccess" => self.create(0, call, space),
            "createAnswerOnSuccess" => self.create(1, call, space),
            "setLocalDescription" => {
                let set = characters(call.value);
                let created = self.compare(call, &set, space);
                self.begin(Whose::Local, call, (&set, &created), space);
            }
            "setRemoteDescription" => self.begin(Whose::Remote, call, (&characters(call.value), ""), space),
            "setLocalDescriptionOnSuccess" => self.succeed(Whose::Local, call, space),
            "setRemoteDescriptionOnSuccess" => self.succeed(Whose::Remote, call, space),
            "setLocalDescriptionOnFailure" => self.fail(Whose::Local, call, space),
            "setRemoteDescriptionOnFailure" => self.fail(Whose::Remote, call, space),
            "onicecandidate" => self.local.candidates.event(call),
            "addIceCandidate" => self.give(call),
            "addIceCandidateOnSuccess" => drop(self.given(call)),
            "addIceCandidateOnFailure" => {
                if let Some(refused) = self.given(call) {
                    self.remote.candidates.remove(&refused);
                }
            }
            _ => {}
        }
    }

    /// A candidate of the other side counts, unless the browser refuses it.
    fn give(&mut self, call: &Call<'_>) {
        let mut own = Candidates::default();
        own.event(call);
        self.remote.candidates.add(&own);
        if self.given.len() == FINDING_PENDING_MAX {
            self.given.pop_front();
        }
        let id = call.correlation().map(|id| clipped(&id).into());
        self.given.push_back((id, own));
    }

    /// The candidate whose addition has ended: that of the same id, or the oldest one where there are no ids.
    fn given(&mut self, call: &Call<'_>) -> Option<Candidates> {
        let id = call.correlation();
        let is_it = |own: &Option<Box<str>>| id.is_none() || own.as_deref() == id.as_deref().map(clipped);
        let at = self.given.iter().position(|(own, _)| is_it(own))?;
        self.given.remove(at).map(|(_, candidates)| candidates)
    }

    fn create(&mut self, which: usize, call: &Call<'_>, space: &mut Space) {
        let text = text(call.value);
        let bytes = text.map_or(&b""[..], Text::raw);
        space.bytes += self.created[which].len();
        self.created[which] = Box::default();
        if bytes.len() <= space.bytes {
            space.bytes -= bytes.len();
            self.created[which] = bytes.into();
        }
    }

    /// Holds what is about to be set against what was created. Gives that, if the two differ.
    fn compare(&mut self, call: &Call<'_>, set: &str, space: &mut Space) -> String {
        let which = match Role::of(call.value) {
            Some(Role::Offer) => 0,
            Some(Role::Answer) => 1,
            _ => return String::new(),
        };
        let created = std::mem::take(&mut self.created[which]);
        space.bytes += created.len();
        if created.is_empty() || text(call.value).is_none_or(|set| *created == *set.raw()) {
            return String::new();
        }
        let created = Text::checked(&created).to_str();
        // Once a description is set, the browser adds candidates to it, which nobody tells the client library.
        let is_first = self.local.set.is_none();
        let changes = sdp::munged(&created, set);
        let changes = changes
            .iter()
            .filter(|change| is_first || change.what != sdp::What::Candidates);
        let list: Vec<_> = changes.map(Change::of).collect();
        if !list.is_empty() {
            self.changes = Some(Changes { time: call.time, list });
        }
        created.into_owned()
    }

    fn side(&mut self, whose: Whose) -> &mut Side {
        match whose {
            Whose::Local => &mut self.local,
            Whose::Remote => &mut self.remote,
        }
    }

    fn begin(&mut self, whose: Whose, call: &Call<'_>, texts: (&str, &str), space: &mut Space) {
        let (sections, candidates) = self.read(whose, texts, space);
        if self.pending.len() == DESCRIPTIONS_PENDING_MAX {
            let oldest = self.pending.remove(0);
            space.sections += oldest.sections.len();
        }
        self.pending.push(Pending {
            id: call.correlation().map(|id| clipped(&id).into()),
            whose,
            role: Role::of(call.value),
            time: call.time,
            sections,
            candidates,
        });
    }

    /// The call that has ended: that of the same id, or the oldest one where there are no ids.
    fn take(&mut self, whose: Whose, call: &Call<'_>) -> Option<Pending> {
        let id = call.correlation();
        let is_it =
            |pending: &Pending| pending.whose == whose && (id.is_none() || pending.id.as_deref() == id.as_deref());
        let at = self.pending.iter().position(is_it)?;
        Some(self.pending.remove(at))
    }

    fn fail(&mut self, whose: Whose, call: &Call<'_>, space: &mut Space) {
        if let Some(mut pending) = self.take(whose, call) {
            space.sections += pending.sections.len();
            pending.sections = Vec::new();
            self.ended = Some(pending);
        }
    }

    fn succeed(&mut self, whose: Whose, call: &Call<'_>, space: &mut Space) {
        let Some(mut pending) = self.take(whose, call) else {
            return;
        };
        if pending.role.is_none() {
            // Without an argument, the browser says what it has set.
            pending.role = Role::of(call.value);
            space.sections += pending.sections.len();
            (pending.sections, pending.candidates) = self.read(whose, (&characters(call.value), ""), space);
        }
        let sections = std::mem::take(&mut pending.sections);
        if matches!(pending.role, None | Some(Role::Rollback)) {
            space.sections += sections.len();
        } else {
            let side = self.side(whose);
            space.sections += side.sections.len();
            side.set(sections, &pending, call.time);
        }
        self.ended = Some(pending);
    }

    /// What is set, and what its sections are compressed against where nothing was set before.
    fn read(&mut self, whose: Whose, (set, created): (&str, &str), space: &mut Space) -> (Vec<Section>, Candidates) {
        let description = Description::new(set);
        let known = &self.side(whose).sections;
        let mut candidates = Candidates::default();
        let (created, mut bases) = (Description::new(created), Description::new(created).media());
        let session = match description.session() {
            session if session.is_left_out() => created.session(),
            session => session,
        };
        let session = Section::of(session, &Section::none(), &mut candidates);
        let count = FINDING_SECTIONS_MAX.min(space.sections);
        let read = description.media().take(count).enumerate().map(|(at, section)| {
            let base = bases.next();
            match (section.is_left_out(), known.get(at)) {
                (true, Some(known)) => known.clone(),
                (true, None) => Section::of(base.unwrap_or(section), &session, &mut candidates),
                (false, _) => Section::of(section, &session, &mut candidates),
            }
        });
        let sections: Vec<_> = read.collect();
        space.sections -= sections.len();
        (sections, candidates)
    }
}

impl Side {
    fn set(&mut self, sections: Vec<Section>, pending: &Pending, time: f64) {
        if self.is_restarted_by(&sections) {
            self.restarts += 1;
            self.candidates = Candidates::default();
        } else if self.has_other_fingerprint(&sections) {
            self.fingerprint = Fingerprint::Changed;
        }
        self.candidates.add(&pending.candidates);
        (self.sections, self.role, self.set) = (sections, pending.role, Some(time));
    }

    fn has_other_fingerprint(&self, sections: &[Section]) -> bool {
        let mut both = self.sections.iter().zip(sections);
        both.any(|(old, new)| {
            let is_known = !old.fingerprint.is_empty() && !new.fingerprint.is_empty();
            is_known && old.mid == new.mid && old.fingerprint != new.fingerprint
        })
    }

    /// Whether a section that stays has other credentials (RFC 8839, section 4.4.1.1.1).
    fn is_restarted_by(&self, sections: &[Section]) -> bool {
        let mut both = self.sections.iter().zip(sections);
        both.any(|(old, new)| {
            old.mid == new.mid && !old.ufrag.is_empty() && !new.ufrag.is_empty() && old.ufrag != new.ufrag
        })
    }

    pub fn section(&self, mid: &str) -> Option<&Section> {
        self.sections.iter().find(|section| *section.mid == *mid)
    }
}

impl Change {
    fn of(change: &sdp::Change<'_>) -> Change {
        let first = |lines: &[&str]| lines.first().copied().map(clipped).unwrap_or_default().into();
        Change {
            what: change.what,
            mid: change.mid.map(clipped).unwrap_or_default().into(),
            removed: first(&change.removed),
            added: first(&change.added),
            more: change.removed.len().max(change.added.len()).saturating_sub(1),
        }
    }
}

fn text(value: Json<'_>) -> Option<Text<'_>> {
    value.get("sdp").and_then(Json::as_text)
}

fn characters(value: Json<'_>) -> Cow<'_, str> {
    text(value).map(Text::to_str).unwrap_or_default()
}
