//! The types of log entries in every generation of Chrome, and which method of the client library each one is.
//!
//! Names differ in case and in a leading `on` only, but for a few that were once other words. What is not in the table
//! keeps its own name.
use super::state::State;

/// What the value of an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nothing, or words that say nothing.
    Nothing,
    State(State),
    Candidate,
    /// A candidate that could not be added: one entry for the call and its failure.
    CandidateFailed,
    CandidateError,
    Description,
    Configuration,
    Options,
    /// A channel that the page has made.
    Channel,
    /// A channel that the other side has made.
    RemoteChannel,
    /// A track of the page, whose label is known only from getUserMedia.
    Track,
    /// A track or a kind, and RTCRtpTransceiverInit.
    AddTransceiver,
    /// A transceiver, sender or receiver.
    Transceiver,
    /// The name of an error and its message.
    Failure,
    /// Anything.
    Other,
}

/// One type of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// In lower case, without `on`.
    word: &'static str,
    /// The method of the client library, or Chrome's own name if it has none.
    pub method: &'static str,
    pub form: Form,
}

const fn kind(word: &'static str, method: &'static str, form: Form) -> Kind {
    Kind { word, method, form }
}

const KINDS: &[Kind] = &[
    kind("createoffer", "createOffer", Form::Options),
    kind("createofferonsuccess", "createOfferOnSuccess", Form::Description),
    kind("createofferonfailure", "createOfferOnFailure", Form::Failure),
    kind("createanswer", "createAnswer", Form::Options),
    kind("createansweronsuccess", "createAnswerOnSuccess", Form::Description),
    kind("createansweronfailure", "createAnswerOnFailure", Form::Failure),
    kind("setlocaldescription", "setLocalDescription", Form::Description),
    kind(
        "setlocaldescriptionimplicitcreateofferoranswer",
        "setLocalDescription",
        Form::Nothing,
    ),
    kind(
        "setlocaldescriptiononsuccess",
        "setLocalDescriptionOnSuccess",
        Form::Description,
    ),
    kind(
        "setlocaldescriptiononfailure",
        "setLocalDescriptionOnFailure",
        Form::Failure,
    ),
    kind("setremotedescription", "setRemoteDescription", Form::Description),
    kind(
        "setremotedescriptiononsuccess",
        "setRemoteDescriptionOnSuccess",
        Form::Nothing,
    ),
    kind(
        "setremotedescriptiononfailure",
        "setRemoteDescriptionOnFailure",
        Form::Failure,
    ),
    kind("addicecandidate", "addIceCandidate", Form::Candidate),
    kind("addicecandidatefailed", "addIceCandidate", Form::CandidateFailed),
    kind("icecandidate", "onicecandidate", Form::Candidate),
    kind("icecandidateerror", "onicecandidateerror", Form::CandidateError),
    kind(
        "signalingstatechange",
        "onsignalingstatechange",
        Form::State(State::Signaling),
    ),
    kind(
        "iceconnectionstatechange",
        "oniceconnectionstatechange",
        Form::State(State::IceConnection),
    ),
    kind(
        "connectionstatechange",
        "onconnectionstatechange",
        Form::State(State::Connection),
    ),
    kind(
        "icegatheringstatechange",
        "onicegatheringstatechange",
        Form::State(State::IceGathering),
    ),
    kind("negotiationneeded", "onnegotiationneeded", Form::Nothing),
    kind("renegotiationneeded", "onnegotiationneeded", Form::Nothing),
    kind("createdatachannel", "createDataChannel", Form::Channel),
    kind("createlocaldatachannel", "createDataChannel", Form::Channel),
    kind("datachannel", "ondatachannel", Form::RemoteChannel),
    kind("remotedatachannel", "ondatachannel", Form::RemoteChannel),
    kind("setconfiguration", "setConfiguration", Form::Configuration),
    kind("updateice", "setConfiguration", Form::Configuration),
    kind("restartice", "restartIce", Form::Nothing),
    kind("close", "close", Form::Nothing),
    kind("stop", "close", Form::Nothing),
    kind("track", "ontrack", Form::Track),
    kind("addtrack", "addTrack", Form::Track),
    kind("addtransceiver", "addTransceiver", Form::AddTransceiver),
    kind("transceiveradded", "transceiverAdded", Form::Transceiver),
    kind("transceivermodified", "transceiverModified", Form::Transceiver),
    kind("transceiverremoved", "transceiverRemoved", Form::Transceiver),
    kind("senderadded", "senderAdded", Form::Transceiver),
    kind("sendermodified", "senderModified", Form::Transceiver),
    kind("senderremoved", "senderRemoved", Form::Transceiver),
    kind("receiveradded", "receiverAdded", Form::Transceiver),
    kind("receivermodified", "receiverModified", Form::Transceiver),
    kind("receiverremoved", "receiverRemoved", Form::Transceiver),
];

/// The longest word of the table, with `on`.
const WORD_BYTES_MAX: usize = 48;

impl Kind {
    /// The kind with this name. `None` for one that keeps its own.
    pub fn of(name: &[u8]) -> Option<&'static Kind> {
        if name.len() > WORD_BYTES_MAX {
            return None;
        }
        let name = match name {
            [b'o' | b'O', b'n' | b'N', rest @ ..] => rest,
            name => name,
        };
        KINDS
            .iter()
            .find(|kind| kind.word.as_bytes().eq_ignore_ascii_case(name))
    }

    /// Whether an entry like this can be the first one of a connection that has been watched from its beginning.
    pub fn begins_a_connection(&self) -> bool {
        matches!(
            self.form,
            Form::Options
                | Form::Track
                | Form::AddTransceiver
                | Form::Transceiver
                | Form::Channel
                | Form::Configuration
        ) || matches!(
            self.method,
            "setRemoteDescription" | "onnegotiationneeded" | "close" | "restartIce"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dump::table::Method;

    #[test]
    fn names_of_every_generation_are_found() {
        for (name, method) in [
            ("createOffer", "createOffer"),
            ("onIceCandidate", "onicecandidate"),
            ("icecandidate", "onicecandidate"),
            ("onicecandidate", "onicecandidate"),
            ("signalingStateChange", "onsignalingstatechange"),
            ("onRenegotiationNeeded", "onnegotiationneeded"),
            ("onRemoteDataChannel", "ondatachannel"),
            ("stop", "close"),
            ("updateIce", "setConfiguration"),
            ("ontrack", "ontrack"),
            ("setLocalDescriptionImplicitCreateOfferOrAnswer", "setLocalDescription"),
            ("transceiverAdded", "transceiverAdded"),
        ] {
            assert_eq!(
                Kind::of(name.as_bytes()).map(|kind| kind.method),
                Some(method),
                "{name}"
            );
        }
        for name in ["", "on", "o", "addStream", "onAddStream", "getStats"] {
            assert_eq!(Kind::of(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn each_kind_is_a_method_or_chromes_own() {
        for kind in KINDS {
            let known = Method::of_text(kind.method.as_bytes()).is_some();
            assert_eq!(known, kind.form != Form::Transceiver, "{kind:?}");
            assert_eq!(kind.word, kind.word.to_ascii_lowercase());
            assert!(kind.word.len() <= WORD_BYTES_MAX - 2);
        }
    }
}
