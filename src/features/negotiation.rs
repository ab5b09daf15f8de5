//! Offers, answers, and the states that a connection went through (W3C WebRTC, sections 4.3 to 4.7).
//!
//! Takes the calls of one connection in their order and keeps the first of what features ask for. Of the strings only
//! one of each kind is kept.
use memchr::memmem;

use super::call::{Call, Delay};
use super::keep::{Keeper, Kept};
use crate::dump::json::{Json, Text};
use crate::sdp;

#[derive(Debug, Default)]
pub struct Negotiation {
    /// How often the signaling state became stable.
    pub stable: u32,
    /// Whether the last signaling state, closed left aside, was another.
    pub pending: Option<bool>,
    pub offer_to_answer: Delay,
    pub local: Description,
    pub remote: Description,
    pub candidate_failure: Failure,
    pub connected: bool,
    pub connecting_to_connected: Delay,
    pub ice_connected: bool,
    pub checking_to_connected: Delay,
    restart: Restart,
    pub ice_lite: bool,
}

/// The first setLocalDescription or setRemoteDescription, and the success that belongs to it.
#[derive(Debug, Default)]
pub struct Description {
    first: Option<First>,
    pub failure: Failure,
}

#[derive(Debug)]
struct First {
    time: f64,
    role: Option<Kept>,
    correlation: Option<Kept>,
    success: Option<f64>,
}

/// The value of the first event that says that something failed.
#[derive(Debug, Default)]
pub struct Failure(Option<Option<Kept>>);

/// How far an offer with iceRestart got.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
enum Restart {
    #[default]
    None,
    Created,
    Offered,
    Answered,
}

impl Negotiation {
    pub fn call(&mut self, call: &Call<'_>, keeper: &mut Keeper) {
        match call.method {
            "createOffer" => {
                let restart = call.value.get("iceRestart").and_then(Json::as_bool);
                if restart == Some(true) {
                    self.advance(Restart::None, Restart::Created);
                }
            }
            "setLocalDescription" => {
                self.local.set(call, keeper);
                if call.has("type", "offer") {
                    self.offer_to_answer.begins(call.time);
                    self.advance(Restart::Created, Restart::Offered);
                }
            }
            "setLocalDescriptionOnSuccess" => self.local.succeeded(call),
            "setLocalDescriptionOnFailure" => self.local.failure.set(call, keeper),
            "setRemoteDescription" => {
                self.remote.set(call, keeper);
                if call.has("type", "answer") {
                    self.offer_to_answer.ends(call.time);
                    self.advance(Restart::Offered, Restart::Answered);
                }
                self.ice_lite = self.ice_lite || has_ice_lite(call.value);
            }
            "setRemoteDescriptionOnSuccess" => self.remote.succeeded(call),
            "setRemoteDescriptionOnFailure" => self.remote.failure.set(call, keeper),
            "addIceCandidateOnFailure" => self.candidate_failure.set(call, keeper),
            "onsignalingstatechange" => self.signaling_state(call),
            "onconnectionstatechange" => {
                if call.says("connecting") {
                    self.connecting_to_connected.begins(call.time);
                } else if call.says("connected") {
                    self.connected = true;
                    self.connecting_to_connected.ends(call.time);
                }
            }
            "oniceconnectionstatechange" => {
                if call.says("checking") {
                    self.checking_to_connected.begins(call.time);
                } else if call.says("connected") {
                    self.ice_connected = true;
                    self.checking_to_connected.ends(call.time);
                }
            }
            _ => {}
        }
    }

    fn signaling_state(&mut self, call: &Call<'_>) {
        let is_stable = call.says("stable");
        if is_stable {
            self.stable += 1;
        }
        if !call.says("closed") {
            self.pending = Some(!is_stable);
        }
    }

    fn advance(&mut self, from: Restart, to: Restart) {
        if self.restart == from {
            self.restart = to;
        }
    }

    pub fn restarted(&self) -> bool {
        self.restart >= Restart::Created
    }

    pub fn restart_answered(&self) -> bool {
        self.restart == Restart::Answered
    }
}

impl Description {
    fn set(&mut self, call: &Call<'_>, keeper: &mut Keeper) {
        if self.first.is_some() {
            return;
        }
        let role = call.value.get("type").and_then(|role| keeper.string(role));
        self.first = Some(First {
            time: call.time,
            role,
            correlation: call.extra.and_then(|extra| keeper.value(extra)),
            success: None,
        });
    }

    fn succeeded(&mut self, call: &Call<'_>) {
        let Some(first) = &mut self.first else { return };
        let is_same = match (&first.correlation, call.extra) {
            (None, None) => true,
            (Some(sent), Some(extra)) => extra.as_text().is_some_and(|text| sent.is_text(text)),
            _ => false,
        };
        if is_same {
            first.success.get_or_insert(call.time);
        }
    }

    /// From the call to its success, in ms.
    pub fn delay(&self) -> Option<f64> {
        let first = self.first.as_ref()?;
        Some(first.success? - first.time)
    }

    /// The type of the description, if it was set with success.
    pub fn role(&self) -> Option<&Kept> {
        let first = self.first.as_ref()?;
        first.success.and(first.role.as_ref())
    }
}

impl Failure {
    fn set(&mut self, call: &Call<'_>, keeper: &mut Keeper) {
        self.0.get_or_insert_with(|| keeper.value(call.value));
    }

    pub fn text(&self) -> Option<&Kept> {
        self.0.as_ref()?.as_ref()
    }
}

fn has_ice_lite(description: Json<'_>) -> bool {
    let sdp = description.get("sdp").and_then(Json::as_text);
    sdp.is_some_and(|sdp| may_have(sdp, "ice-lite") && sdp::lines(&sdp.to_str()).any(|line| line == "a=ice-lite"))
}

/// Whether a word can be in a text that has not been unescaped: it is there as it is, or some letter is escaped.
pub fn may_have(text: Text<'_>, word: &str) -> bool {
    memmem::find(text.raw(), word.as_bytes()).is_some() || memmem::find(text.raw(), b"\\u").is_some()
}
