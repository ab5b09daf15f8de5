//! What a page asked of its senders (W3C WebRTC, RTCRtpEncodingParameters): smaller pictures, fewer frames.
//!
//! An event does not tell to which stream an encoding belongs, so what was asked of any sender of a connection counts
//! for all of them: a rule that it may explain is rather silent.
use super::call::Call;
use super::text::clipped;
use crate::dump::json::Json;

/// Of one connection. At most `SENDERS_MAX` senders.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    senders: Vec<(Box<str>, Sender)>,
}

#[derive(Clone, Copy, Debug)]
struct Sender {
    scale: f64,
    frame_rate: f64,
}

const SENDERS_MAX: usize = 64;

impl Parameters {
    pub fn call(&mut self, call: &Call<'_>) {
        let (id, encodings) = match &*call.method {
            "setParameters" => {
                let parameters = call.value.elements().next().unwrap_or(call.value);
                (call.extra_text(0).unwrap_or_default(), parameters.get("encodings"))
            }
            "addTransceiver" => {
                let init = call.value.elements().nth(1);
                ("".into(), init.and_then(|init| init.get("sendEncodings")))
            }
            _ => return,
        };
        let Some(sender) = encodings.and_then(Sender::of) else {
            return;
        };
        let id = clipped(&id);
        match self.senders.iter().position(|(own, _)| **own == *id) {
            Some(at) => self.senders[at].1 = sender,
            None if self.senders.len() < SENDERS_MAX => self.senders.push((id.into(), sender)),
            None => {}
        }
    }

    /// By how much the largest picture of a sender is to be scaled down, at least 1.
    pub fn scale(&self) -> f64 {
        self.senders.iter().map(|(_, sender)| sender.scale).fold(1.0, f64::max)
    }

    /// The fewest frames a second that a sender may send at most.
    pub fn frame_rate(&self) -> f64 {
        let rates = self.senders.iter().map(|(_, sender)| sender.frame_rate);
        rates.fold(f64::INFINITY, f64::min)
    }
}

impl Sender {
    fn of(encodings: Json<'_>) -> Option<Sender> {
        let number = |encoding: Json<'_>, name| encoding.get(name).and_then(Json::as_f64);
        let is_active = |encoding: &Json<'_>| encoding.get("active").and_then(Json::as_bool) != Some(false);
        let active = || encodings.elements().filter(is_active);
        active().next()?;
        let scales = active().map(|encoding| number(encoding, "scaleResolutionDownBy").unwrap_or(1.0));
        let rates = active().map(|encoding| number(encoding, "maxFramerate").unwrap_or(f64::INFINITY));
        Some(Sender {
            scale: scales.fold(f64::INFINITY, f64::min).max(1.0),
            frame_rate: rates.fold(0.0, f64::max),
        })
    }
}
