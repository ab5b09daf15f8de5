//! Calls of getUserMedia without an answer, by the ids that calls and answers share.
use crate::dump::json::Json;
use crate::findings::call::Call;
use crate::findings::text::clipped;
use crate::limits::FINDING_PENDING_MAX;

pub const ASK: &str = "navigator.mediaDevices.getUserMedia";
pub const GIVEN: &str = "navigator.mediaDevices.getUserMediaOnSuccess";
pub const DENIED: &str = "navigator.mediaDevices.getUserMediaOnFailure";

/// At most `FINDING_PENDING_MAX`; of more, the oldest are forgotten.
#[derive(Debug, Default)]
pub struct Asked {
    open: Vec<Request>,
}

#[derive(Clone, Debug)]
pub struct Request {
    id: Option<Box<str>>,
    /// Milliseconds since 1970.
    pub time: f64,
    /// In the middle of a sentence.
    pub devices: &'static str,
    /// As they were sent, cut.
    pub constraints: String,
}

impl Asked {
    pub fn add(&mut self, call: &Call<'_>) {
        if self.open.len() == FINDING_PENDING_MAX {
            self.open.remove(0);
        }
        let wants = |kind| call.value.get(kind).is_some_and(Json::is_truthy);
        self.open.push(Request {
            id: call.correlation().map(|id| clipped(&id).into()),
            time: call.time,
            devices: match (wants("audio"), wants("video")) {
                (true, true) => "camera and microphone",
                (true, false) => "microphone",
                (false, true) => "camera",
                (false, false) => "camera or microphone",
            },
            constraints: clipped(&String::from_utf8_lossy(call.value.raw())).to_owned(),
        });
    }

    /// The call that is answered: that of the same id, or the oldest where there are no ids.
    pub fn take(&mut self, call: &Call<'_>) -> Option<Request> {
        let id = call.correlation();
        let is_it = |open: &Request| id.is_none() || open.id.as_deref() == id.as_deref();
        let at = self.open.iter().position(is_it)?;
        Some(self.open.remove(at))
    }

    pub fn drain(&mut self) -> impl Iterator<Item = Request> {
        self.open.drain(..)
    }
}
