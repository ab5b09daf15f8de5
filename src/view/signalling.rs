//! Negotiation of one connection: its descriptions, and its rounds of offer and answer (RFC 8829, section 3.2) with
//! what has caused each.
use super::budget::Budget;
use super::call::Call;
use super::descriptions::{Description, Descriptions, Role, Side};
use super::head::{Round, number};
use super::words::brief;
use crate::limits::VIEW_TRIGGERS_MAX;
use crate::sdp;

/// See the head of the file.
#[derive(Debug, Default)]
pub struct Signalling {
    /// What was created last, offer and answer.
    created: [Option<usize>; 2],
    /// What the page has handed over last, of each side.
    set: [Option<usize>; 2],
    /// What was set before that on the same side: it holds again if the last one fails.
    before: [Option<usize>; 2],
    /// What was set when the last round ended: it holds again after a rollback.
    stable: [Option<usize>; 2],
    rounds: Vec<Round>,
    /// The round that has no answer yet.
    open: bool,
    /// What may cause the next round: the method, and how often.
    triggers: Vec<(String, usize)>,
}

/// Calls of the page after which a browser asks for negotiation (W3C WebRTC, section 4.7.3).
const TRIGGERS: [&str; 8] = [
    "addTrack",
    "addTransceiver",
    "removeTrack",
    "restartIce",
    "createDataChannel",
    "setConfiguration",
    "RTCRtpTransceiver.direction",
    "RTCRtpTransceiver.stop",
];

/// The trigger of a round for which no call of the page asked.
const ALONE: &str = "the page alone";

/// Beyond, what has caused further offers of one round is left out.
const TRIGGER_BYTES_MAX: usize = 400;

impl Signalling {
    /// Takes a call of the connection at this place.
    pub fn call(&mut self, call: &Call<'_>, connection: usize, descriptions: &mut Descriptions, budget: &mut Budget) {
        match call.name {
            "createOfferOnSuccess" => self.created(call, connection, "offer", descriptions),
            "createAnswerOnSuccess" => self.created(call, connection, "answer", descriptions),
            "setLocalDescription" => self.set(call, connection, Side::Local, descriptions, budget),
            // What was set without being named is told when it is done.
            "setLocalDescriptionOnSuccess" if call.text("type").is_some() => {
                self.set(call, connection, Side::Local, descriptions, budget);
                self.done(call.time);
            }
            "setRemoteDescription" => self.set(call, connection, Side::Remote, descriptions, budget),
            "setLocalDescriptionOnSuccess" | "setRemoteDescriptionOnSuccess" => self.done(call.time),
            "setLocalDescriptionOnFailure" => self.fail(Side::Local),
            "setRemoteDescriptionOnFailure" => self.fail(Side::Remote),
            name if is_trigger(name) => self.trigger(name),
            _ => {}
        }
    }

    fn trigger(&mut self, name: &str) {
        let count = self.triggers.len();
        match self.triggers.iter_mut().find(|(known, _)| known == name) {
            Some((_, times)) => *times += 1,
            None if count < VIEW_TRIGGERS_MAX => self.triggers.push((brief(name), 1)),
            None => {}
        }
    }

    fn created(&mut self, call: &Call<'_>, connection: usize, kind: &'static str, all: &mut Descriptions) {
        let Some(text) = call.text("sdp") else { return };
        let added = all.add(
            Description::new(connection, call, Side::Local, Role::Created, kind),
            text,
        );
        self.created[usize::from(kind == "answer")] = added;
    }

    fn set(&mut self, call: &Call<'_>, connection: usize, side: Side, all: &mut Descriptions, budget: &mut Budget) {
        let kind = match call.text("type").as_deref() {
            Some("offer") => "offer",
            Some("answer") => "answer",
            Some("pranswer") => "pranswer",
            Some("rollback") => return self.roll_back(side),
            _ => return,
        };
        let index = all.add(
            Description::new(connection, call, side, Role::Set, kind),
            call.text("sdp").unwrap_or_default(),
        );
        let Some(index) = index else { return };
        if side == Side::Local
            && let Some(created) = self.created[usize::from(kind == "answer")].take()
        {
            all.compare("created-set", created, index);
        }
        // An offer of the far side takes back an own one that has no answer (W3C WebRTC, section 4.4.1.5).
        if kind == "offer" && side == Side::Remote && self.is_open_by(Side::Local) {
            self.roll_back(Side::Local);
        }
        let before = self.set[side as usize].replace(index);
        self.before[side as usize] = before;
        if let Some(before) = before {
            all.compare("round", before, index);
        }
        match kind {
            "offer" => {
                if self.is_restart(side, index, all) {
                    self.trigger("ICE restart");
                }
                self.begin(call.time, side, index, budget);
            }
            "answer" => {
                if let Some(round) = self.rounds.last_mut().filter(|_| self.open) {
                    round.answer = Some(index);
                    if let Some(offer) = round.offer {
                        all.compare("offer-answer", offer, index);
                    }
                }
            }
            _ => {}
        }
    }

    fn is_open_by(&self, side: Side) -> bool {
        self.open && self.rounds.last().is_some_and(|round| round.by == side.name())
    }

    /// The offer of this side is taken back, and what stood before it holds again.
    fn roll_back(&mut self, side: Side) {
        self.set[side as usize] = self.stable[side as usize];
        self.open = false;
    }

    /// The browser has not taken the last description of this side.
    fn fail(&mut self, side: Side) {
        let failed = std::mem::replace(&mut self.set[side as usize], self.before[side as usize]);
        let Some(round) = self.rounds.last_mut().filter(|_| self.open && failed.is_some()) else {
            return;
        };
        if round.answer == failed {
            round.answer = None;
        } else if round.offer == failed {
            self.open = false;
        }
    }

    /// Whether an offer of this side has other credentials of ICE than its last description: an ICE restart (RFC 8839,
    /// section 4.4.1.1.1).
    fn is_restart(&self, side: Side, offer: usize, all: &Descriptions) -> bool {
        let is_called = self.triggers.iter().any(|(name, _)| name == "restartIce");
        let Some(before) = self.before[side as usize].filter(|_| side == Side::Local && !is_called) else {
            return false;
        };
        let (old, new) = (ufrag(all.text(before)), ufrag(all.text(offer)));
        old.is_some() && new.is_some() && old != new
    }

    fn begin(&mut self, time: f64, side: Side, offer: usize, budget: &mut Budget) {
        // An offer that replaces another one that was not answered belongs to the same round.
        let is_same = self.is_open_by(side);
        let words = std::mem::take(&mut self.triggers);
        let words = words.into_iter().map(|(name, count)| match count {
            1 => name,
            _ => format!("{name} ×{count}"),
        });
        let own: Vec<String> = words.collect();
        if is_same && let Some(round) = self.rounds.last_mut() {
            round.offer = Some(offer);
            if side == Side::Local && !own.is_empty() && round.trigger.len() < TRIGGER_BYTES_MAX {
                round.trigger = match &*round.trigger {
                    ALONE => own.join(", "),
                    before => format!("{before}, {}", own.join(", ")),
                };
            }
            return;
        }
        if !budget.takes(0) {
            return;
        }
        self.open = true;
        self.rounds.push(Round {
            number: self.rounds.len() + 1,
            start: number(time),
            end: None,
            trigger: match (side, own.is_empty()) {
                (Side::Remote, _) => "remote offer".to_owned(),
                (Side::Local, true) => ALONE.to_owned(),
                (Side::Local, false) => own.join(", "),
            },
            by: side.name(),
            offer: Some(offer),
            answer: None,
        });
    }

    /// A description is set. With an answer, the round ends.
    fn done(&mut self, time: f64) {
        if let Some(round) = self
            .rounds
            .last_mut()
            .filter(|round| self.open && round.answer.is_some())
        {
            round.end = Some(number(time));
            self.open = false;
            self.stable = self.set;
        }
    }

    /// The last descriptions that were set: of this side, and of the other.
    pub fn last(&self) -> [Option<usize>; 2] {
        self.set
    }

    pub fn finish(self) -> Vec<Round> {
        self.rounds
    }
}

/// The user fragment of the first section that has one.
fn ufrag(text: &str) -> Option<&str> {
    let description = sdp::Description::new(text);
    let session = std::iter::once(description.session());
    session.chain(description.media()).find_map(sdp::Section::ufrag)
}

fn is_trigger(name: &str) -> bool {
    TRIGGERS.contains(&name) || name.ends_with("ransceiver.direction") || name.ends_with("ransceiver.stop")
}
