//! How long each step of a connection's set-up took.
//!
//! A step that began and did not end has no end. Steps that only statistics show (packets, frames) end at the poll that
//! shows them first, which is up to one interval of polls late.
use std::io;

use super::call::Call;
use super::head::{Step, number};
use super::lookup::Lookup;

/// See the head of the file.
#[derive(Debug, Default)]
pub struct Setup {
    offer: Span,
    answer: Span,
    candidate: Span,
    ice: Span,
    dtls: Span,
    connected: Option<f64>,
    /// The kind of the description that is being set on each side, local and remote.
    setting: [Option<Kind>; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Offer,
    Answer,
}

#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: Option<f64>,
    end: Option<f64>,
}

impl Span {
    fn begin(&mut self, time: f64) {
        self.start.get_or_insert(time);
    }

    fn end(&mut self, time: f64) {
        if self.start.is_some() {
            self.end.get_or_insert(time);
        }
    }

    fn step(self, phase: &'static str) -> Option<Step> {
        let start = self.start?;
        Some(Step {
            phase,
            start: number(start),
            end: self.end.map(number),
        })
    }
}

impl Setup {
    pub fn call(&mut self, call: &Call<'_>) {
        let time = call.time;
        match call.name {
            "createOffer" => self.offer.begin(time),
            "createAnswer" => self.answer.begin(time),
            "setLocalDescription" => self.setting(0, call),
            "setRemoteDescription" => self.setting(1, call),
            "setLocalDescriptionOnSuccess" => self.is_set(0, time),
            "setRemoteDescriptionOnSuccess" => self.is_set(1, time),
            "onicecandidate" if !call.value.is_null() => self.candidate.end(time),
            "oniceconnectionstatechange" => self.ice_state(&state(call), time),
            "onconnectionstatechange" => self.connection_state(&state(call), time),
            _ => {}
        }
    }

    fn setting(&mut self, side: usize, call: &Call<'_>) {
        self.setting[side] = match call.text("type").as_deref() {
            Some("offer") => Some(Kind::Offer),
            Some("answer") => Some(Kind::Answer),
            // Set without being named: what fits is set.
            _ if self.offer.start.is_some() && self.offer.end.is_none() => Some(Kind::Offer),
            _ => None,
        };
        if self.setting[side] == Some(Kind::Offer) {
            self.offer.begin(call.time);
        }
        if side == 0 {
            self.candidate.begin(call.time);
        }
    }

    fn is_set(&mut self, side: usize, time: f64) {
        match self.setting[side].take() {
            Some(Kind::Offer) => {
                self.offer.end(time);
                // From here on one waits for the answer, or works on it.
                self.answer.begin(time);
            }
            Some(Kind::Answer) => self.answer.end(time),
            None => {}
        }
    }

    fn ice_state(&mut self, state: &str, time: f64) {
        match state {
            "checking" => self.ice.begin(time),
            "connected" | "completed" => {
                self.ice.end(time);
                self.dtls.begin(self.ice.end.unwrap_or(time));
            }
            _ => {}
        }
    }

    fn connection_state(&mut self, state: &str, time: f64) {
        if state == "connected" {
            self.dtls.end(time);
            self.connected.get_or_insert(time);
        }
    }

    /// All steps that have begun. `gum` is when the page asked for devices, and when it got them.
    ///
    /// # Errors
    /// Those of the room that was lent.
    pub fn finish(self, gum: Option<(f64, Option<f64>)>, statistics: &Lookup<'_>) -> io::Result<Vec<Step>> {
        let first = |property: &str| -> io::Result<Option<f64>> {
            let mut earliest = None;
            for report in statistics.reports("inbound-rtp") {
                let time = statistics.first_above_zero(report, property)?;
                earliest = [earliest, time].into_iter().flatten().reduce(f64::min);
            }
            Ok(earliest)
        };
        let from = |start: Option<f64>, end: Option<f64>| Span {
            start: start.or(end),
            // A poll may come before the event that says what it shows.
            end: end.map(|end| end.max(start.unwrap_or(end))),
        };
        let receives = statistics.reports("inbound-rtp").next().is_some();
        let has_video = statistics
            .reports("inbound-rtp")
            .any(|report| statistics.word(report, "kind").as_deref() == Some("video"));
        let packet = if receives {
            from(self.connected, first("packetsReceived")?)
        } else {
            Span::default()
        };
        let frame = if has_video {
            from(packet.end, first("framesDecoded")?)
        } else {
            Span::default()
        };
        let gum = gum.map_or(Span::default(), |(start, end)| Span {
            start: Some(start),
            end,
        });
        let steps = [
            gum.step("gum"),
            self.offer.step("offer"),
            self.answer.step("answer"),
            self.candidate.step("candidate"),
            self.ice.step("ice"),
            self.dtls.step("dtls"),
            packet.step("packet"),
            frame.step("frame"),
        ];
        Ok(steps.into_iter().flatten().collect())
    }
}

fn state(call: &Call<'_>) -> String {
    super::words::short(call.value)
}
