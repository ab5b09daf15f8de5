//! How a connection was set up: how long each step took, from the API events of the page.
//!
//! A step is the first of its two events and the first of the other behind it. The time stamps are the client's clock,
//! in milliseconds. A step that has not ended has no length, nor
//! has one whose times cannot be known.
use serde::{Serialize, Serializer};

use crate::features::{Form, Need};

/// The steps of one connection (W3C webrtc-pc).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Phases {
    /// `createOffer` until its success.
    #[serde(skip_serializing_if = "Step::is_open")]
    pub create_offer: Step,
    /// `createAnswer` until its success.
    #[serde(skip_serializing_if = "Step::is_open")]
    pub create_answer: Step,
    /// The local offer until the remote answer: what the application's signalling takes.
    #[serde(skip_serializing_if = "Step::is_open")]
    pub signaling: Step,
    /// The remote offer until the local answer.
    #[serde(skip_serializing_if = "Step::is_open")]
    pub answering: Step,
    /// RTCIceGatheringState: gathering until complete.
    #[serde(skip_serializing_if = "Step::is_open")]
    pub gathering: Step,
    /// RTCIceConnectionState: checking until connected or completed.
    #[serde(skip_serializing_if = "Step::is_open")]
    pub ice: Step,
    /// ICE connected until RTCPeerConnectionState connected.
    #[serde(skip_serializing_if = "Step::is_open")]
    pub dtls: Step,
    /// RTCPeerConnectionState: connecting until connected.
    #[serde(skip_serializing_if = "Step::is_open")]
    pub connecting: Step,
    /// The first event of the connection until it is connected.
    #[serde(skip_serializing_if = "Step::is_open")]
    pub connected_after: Step,
    /// The first event until the first statistics with a packet of media that was received.
    #[serde(skip_serializing_if = "Step::is_open")]
    pub media_after: Step,
}

/// A begin and an end. Either may be known to have happened at a time that is not.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Step {
    begin: Option<Time>,
    end: Option<Time>,
}

/// In ms since 1970; none where the time stamp is no moment.
type Time = Option<f64>;

impl Step {
    pub fn begin(&mut self, time: Time) {
        self.begin.get_or_insert(time);
    }

    pub fn end(&mut self, time: Time) {
        if self.begin.is_some() {
            self.end.get_or_insert(time);
        }
    }

    pub fn ms(self) -> Option<f64> {
        Some(self.end?? - self.begin??)
    }

    fn is_open(&self) -> bool {
        self.ms().is_none()
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.ms().serialize(serializer)
    }
}

impl Phases {
    /// An event of this method, and its state or the type of its description, if it has one.
    pub fn event(&mut self, time: Time, method: &str, word: &str) {
        self.connected_after.begin(time);
        self.media_after.begin(time);
        match (method, word) {
            ("createOffer", _) => self.create_offer.begin(time),
            ("createOfferOnSuccess", _) => self.create_offer.end(time),
            ("createAnswer", _) => self.create_answer.begin(time),
            ("createAnswerOnSuccess", _) => self.create_answer.end(time),
            // An implicit description is only known by its success.
            ("setLocalDescription" | "setLocalDescriptionOnSuccess", "offer") => self.signaling.begin(time),
            ("setLocalDescription" | "setLocalDescriptionOnSuccess", "answer") => self.answering.end(time),
            ("setRemoteDescription", "answer") => self.signaling.end(time),
            ("setRemoteDescription", "offer") => self.answering.begin(time),
            ("onicegatheringstatechange", "gathering") => self.gathering.begin(time),
            ("onicegatheringstatechange", "complete") => self.gathering.end(time),
            ("oniceconnectionstatechange", "checking") => self.ice.begin(time),
            ("oniceconnectionstatechange", "connected" | "completed") => {
                self.ice.end(time);
                self.dtls.begin(time);
            }
            ("onconnectionstatechange", "connecting") => self.connecting.begin(time),
            ("onconnectionstatechange", "connected") => {
                self.connecting.end(time);
                self.dtls.end(time);
                self.connected_after.end(time);
            }
            _ => {}
        }
    }

    /// A packet of media was received.
    pub fn media(&mut self, time: Time) {
        self.media_after.end(time);
    }

    /// Leaves out what a dump of this form cannot show.
    pub fn restrict(&mut self, form: Form) {
        for step in [
            &mut self.create_offer,
            &mut self.create_answer,
            &mut self.signaling,
            &mut self.answering,
            &mut self.gathering,
            &mut self.ice,
            &mut self.dtls,
            &mut self.connecting,
            &mut self.connected_after,
            &mut self.media_after,
        ] {
            if form.known_ms(Need::Delay, step.ms()).is_none() {
                *step = Step::default();
            }
        }
        if form.lacks(Need::FirstStatistics) {
            self.media_after = Step::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_the_first_of_its_kind() {
        let mut phases = Phases::default();
        for (time, method, word) in [
            (0.0, "create", ""),
            (1.0, "createOffer", ""),
            (4.0, "createOfferOnSuccess", "offer"),
            (5.0, "setLocalDescription", ""),
            (7.0, "setLocalDescriptionOnSuccess", "offer"),
            (8.0, "onicegatheringstatechange", "gathering"),
            (20.0, "setRemoteDescription", "answer"),
            (21.0, "oniceconnectionstatechange", "checking"),
            (30.0, "oniceconnectionstatechange", "connected"),
            (31.0, "onconnectionstatechange", "connecting"),
            (45.0, "onconnectionstatechange", "connected"),
            (60.0, "onconnectionstatechange", "connecting"),
            (61.0, "onconnectionstatechange", "connected"),
        ] {
            phases.event(Some(time), method, word);
        }
        let steps = [
            phases.create_offer,
            phases.signaling,
            phases.ice,
            phases.dtls,
            phases.connecting,
        ];
        assert_eq!(steps.map(Step::ms), [3.0, 13.0, 9.0, 15.0, 14.0].map(Some));
        assert_eq!(phases.connected_after.ms(), Some(45.0));
        assert_eq!(
            (phases.gathering.ms(), phases.answering.ms(), phases.media_after.ms()),
            (None, None, None)
        );
        let json = serde_json::to_value(phases).unwrap();
        assert_eq!((&json["ice"], json.get("gathering")), (&9.0.into(), None));
    }
}
