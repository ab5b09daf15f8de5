//! Candidates that a connection does not take, and why: one finding for each cause.
use crate::dump::json::{Json, Text};
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::text::clipped;
use crate::findings::view::View;
use crate::limits::FINDING_PENDING_MAX;
use crate::sdp;

pub const METHODS: &[&str] = &[
    "addIceCandidate",
    "addIceCandidateOnSuccess",
    "addIceCandidateOnFailure",
];

/// In the order of the rule's texts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    Early,
    Closed,
    Unknown,
    Malformed,
    Other,
}

#[derive(Default)]
struct Candidates {
    /// Calls without an answer, the oldest first.
    open: Vec<Given>,
    failed: Vec<(Cause, Draft)>,
    /// How many were looked at, at most `FINDING_PENDING_MAX`: beyond them all count as the last one.
    looked: usize,
    last: Option<Cause>,
}

struct Given {
    id: Option<Box<str>>,
    place: Place,
    ufrag: Option<Box<str>>,
    shape: Shape,
}

/// Where the candidate belongs to.
enum Place {
    Mid(Box<str>),
    Index(f64),
    None,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Candidate,
    Garbage,
}

pub fn new(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::<Candidates>::default()
}

impl Given {
    fn of(call: &Call<'_>) -> Given {
        let text = |name| -> Option<Box<str>> { call.member(name).map(|text| clipped(&text).into()) };
        let index = call.value.get("sdpMLineIndex").and_then(Json::as_f64);
        let candidate = call.value.get("candidate").and_then(Json::as_text).map(Text::to_str);
        let candidate = candidate.unwrap_or_default();
        let parsed = sdp::Candidate::parse(&candidate);
        let known = ["host", "srflx", "prflx", "relay"];
        let is_whole = parsed.is_some_and(|own| known.contains(&own.kind));
        Given {
            id: call.correlation().map(|id| clipped(&id).into()),
            place: match (text("sdpMid"), index) {
                (Some(mid), _) => Place::Mid(mid),
                (None, Some(index)) => Place::Index(index),
                (None, None) => Place::None,
            },
            ufrag: text("usernameFragment").or_else(|| parsed.and_then(|own| own.ufrag).map(|own| clipped(own).into())),
            shape: if is_whole || candidate.is_empty() {
                Shape::Candidate
            } else {
                Shape::Garbage
            },
        }
    }

    fn cause(&self, view: &View<'_>) -> Cause {
        let remote = &view.scene().negotiation.remote;
        if view.scene().closed.is_some() {
            return Cause::Closed;
        }
        if remote.set.is_none() {
            return Cause::Early;
        }
        if self.shape == Shape::Garbage {
            return Cause::Malformed;
        }
        let section = match &self.place {
            Place::None => return Cause::Malformed,
            Place::Mid(mid) => remote.section(mid),
            Place::Index(index) => remote.sections.get(*index as usize),
        };
        let is_other = |ufrag: &str| remote.sections.iter().all(|section| *section.ufrag != *ufrag);
        match section {
            None => Cause::Unknown,
            Some(_) if self.ufrag.as_deref().is_some_and(is_other) => Cause::Unknown,
            Some(_) => Cause::Other,
        }
    }
}

impl Candidates {
    fn take(&mut self, call: &Call<'_>) -> Option<Given> {
        let id = call.correlation();
        let is_it = |open: &Given| id.is_none() || open.id.as_deref() == id.as_deref();
        let at = self.open.iter().position(is_it)?;
        Some(self.open.remove(at))
    }

    fn fail(&mut self, call: &Call<'_>, view: &View<'_>) {
        let given = self.take(call);
        let cause = match (given, self.last) {
            (_, Some(last)) if self.looked == FINDING_PENDING_MAX => last,
            (Some(given), _) => given.cause(view),
            (None, _) if view.scene().closed.is_some() => Cause::Closed,
            (None, _) => Cause::Other,
        };
        self.looked = FINDING_PENDING_MAX.min(self.looked + 1);
        self.last = Some(cause);
        let known = self.failed.iter_mut().find(|(own, _)| *own == cause);
        match known {
            Some((_, draft)) => {
                let count = draft.value.unwrap_or_default() + 1.0;
                *draft = draft.clone().until(Some(call.time)).value(count, "").event(call);
            }
            None => {
                let severity = if cause == Cause::Closed {
                    Severity::Info
                } else {
                    Severity::Warning
                };
                let draft = Draft::new(severity, call.time).case(cause as usize).value(1.0, "");
                self.failed.push((cause, draft.event(call)));
            }
        }
    }
}

impl Watcher for Candidates {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, _out: &mut Out<'_>) {
        match &*call.method {
            "addIceCandidate" => {
                if self.open.len() == FINDING_PENDING_MAX {
                    self.open.remove(0);
                }
                self.open.push(Given::of(call));
            }
            "addIceCandidateOnSuccess" => drop(self.take(call)),
            _ => self.fail(call, view),
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let scene = view.scene();
        for (cause, draft) in self.failed.drain(..) {
            // Where nothing connects the candidate is missing to the end, and may be why.
            let draft = match scene.first_connected.is_none() && cause != Cause::Closed {
                true => draft.until(scene.closed),
                false => draft,
            };
            let count = draft.value.unwrap_or_default();
            let draft = match count == 1.0 {
                true => draft.name("A candidate").name("it belongs").name("was"),
                false => draft
                    .name(format!("{count} candidates"))
                    .name("they belong")
                    .name("were"),
            };
            out.fire(draft);
        }
    }
}
