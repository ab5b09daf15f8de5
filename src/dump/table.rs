//! The methods of protocol rtcstats#5.0: wire key, name, and what the value of each contains.
//!
//! These are facts only; `rule` decides how the values are masked. A new method cannot be added without saying what it
//! carries, and a new kind of content does not compile until `rule` says what it means. Methods that are not in the
//! table are custom events, whose value is free text.

/// What the third element of an event contains, if it has the shape that the client library gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carries {
    /// Null, or arguments that say nothing. If there is a value nevertheless, it is text.
    Nothing,
    /// One word from a list (RTCSignalingState and similar).
    State,
    /// An RTCIceCandidate in its JSON form. Its own address stays if it is a relay's.
    Candidate,
    /// The members of RTCPeerConnectionIceErrorEvent.
    CandidateError,
    /// An RTCSessionDescription, with sections left out.
    Description,
    /// An RTCStatsReport, with wire keys and only what changed.
    Statistics,
    /// An RTCConfiguration: server URLs and TURN user names. If it is about the client itself, it describes the
    /// machine.
    Configuration,
    /// MediaStreamConstraints and MediaTrackConstraints.
    Constraints,
    /// MediaDeviceInfo objects, which have device labels.
    Devices,
    /// Serialised tracks `[kind, id, label, stream ids…]`: alone, among other arguments, or in an array.
    Tracks,
    /// Whatever an application or an error message says.
    Text,
}

/// One method of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// The number on the wire.
    pub key: u8,
    pub name: &'static str,
    pub carries: Carries,
}

const fn method(key: u8, name: &'static str, carries: Carries) -> Method {
    Method { key, name, carries }
}

/// All methods, in ascending order of keys. 1 and 68 are understood, but today's client sends `"g"` and the name.
pub const METHODS: &[Method] = &[
    method(1, "getStats", Carries::Statistics),
    method(2, "createOffer", Carries::Nothing),
    method(3, "createOfferOnSuccess", Carries::Description),
    method(4, "createAnswer", Carries::Nothing),
    method(5, "createAnswerOnSuccess", Carries::Description),
    method(6, "setLocalDescription", Carries::Description),
    method(7, "setLocalDescriptionOnSuccess", Carries::Description),
    method(8, "setRemoteDescription", Carries::Description),
    method(9, "setRemoteDescriptionOnSuccess", Carries::Nothing),
    method(10, "addIceCandidate", Carries::Candidate),
    method(11, "addIceCandidateOnSuccess", Carries::Nothing),
    method(12, "createOfferOnFailure", Carries::Text),
    method(13, "createAnswerOnFailure", Carries::Text),
    method(14, "setLocalDescriptionOnFailure", Carries::Text),
    method(15, "setRemoteDescriptionOnFailure", Carries::Text),
    method(16, "addIceCandidateOnFailure", Carries::Text),
    method(20, "onicecandidate", Carries::Candidate),
    method(21, "onicecandidateerror", Carries::CandidateError),
    method(22, "ontrack", Carries::Tracks),
    method(23, "onsignalingstatechange", Carries::State),
    method(24, "oniceconnectionstatechange", Carries::State),
    method(25, "onconnectionstatechange", Carries::State),
    method(26, "onicegatheringstatechange", Carries::State),
    method(27, "onnegotiationneeded", Carries::Nothing),
    method(28, "ondatachannel", Carries::Text),
    method(30, "addTrack", Carries::Tracks),
    method(31, "addTrackOnSuccess", Carries::Nothing),
    method(32, "addTransceiver", Carries::Tracks),
    method(33, "addTransceiverOnSuccess", Carries::Nothing),
    method(34, "removeTrack", Carries::Text),
    method(35, "createDataChannel", Carries::Text),
    method(36, "close", Carries::Nothing),
    method(37, "restartIce", Carries::Nothing),
    method(38, "setConfiguration", Carries::Configuration),
    method(39, "create", Carries::Configuration),
    method(40, "constraints", Carries::Constraints),
    method(41, "setCodecPreferences", Carries::Text),
    method(42, "setHeaderExtensionsToNegotiate", Carries::Text),
    method(50, "setParameters", Carries::Text),
    method(51, "replaceTrack", Carries::Tracks),
    method(60, "navigator.mediaDevices.getUserMedia", Carries::Constraints),
    method(61, "navigator.mediaDevices.getUserMediaOnSuccess", Carries::Tracks),
    method(63, "navigator.mediaDevices.getDisplayMedia", Carries::Constraints),
    method(64, "navigator.mediaDevices.getDisplayMediaOnSuccess", Carries::Tracks),
    method(65, "navigator.mediaDevices.getUserMediaOnFailure", Carries::Text),
    method(66, "navigator.mediaDevices.enumerateDevices", Carries::Devices),
    method(67, "navigator.mediaDevices.ondevicechange", Carries::Nothing),
    method(68, "navigator.mediaDevices.getDisplayMediaOnFailure", Carries::Text),
    method(70, "MediaStreamTrack.stop", Carries::Text),
    method(71, "MediaStreamTrack.applyConstraints", Carries::Constraints),
    method(72, "MediaStreamTrack.onended", Carries::Text),
    method(73, "MediaStreamTrack.onmute", Carries::Text),
    method(74, "MediaStreamTrack.onunmute", Carries::Text),
    method(80, "HTMLMediaElement.resize", Carries::Text),
];

impl Method {
    /// The method that this text names: the decimal key, the key `g` of getStats, or the name.
    pub fn of_text(text: &[u8]) -> Option<&'static Method> {
        match text {
            b"g" => Method::of_key(1),
            [first, ..] if first.is_ascii_digit() => Method::of_key(decimal(text)?),
            name => METHODS.iter().find(|method| method.name.as_bytes() == name),
        }
    }

    /// The method of this JSON number: `20`, `20.0` and `2e1` are the same number and so the same method.
    pub fn of_number(number: &[u8]) -> Option<&'static Method> {
        let value: f64 = std::str::from_utf8(number).ok()?.parse().ok()?;
        let key = value as u8;
        Method::of_key(key).filter(|_| f64::from(key) == value)
    }

    fn of_key(key: u8) -> Option<&'static Method> {
        METHODS
            .binary_search_by_key(&key, |method| method.key)
            .ok()
            .map(|at| &METHODS[at])
    }
}

/// A number as JavaScript prints it, without leading zeros and sign.
fn decimal(text: &[u8]) -> Option<u8> {
    let value: u8 = std::str::from_utf8(text).ok()?.parse().ok()?;
    (text[0] != b'0' && text[0] != b'+').then_some(value)
}

#[cfg(test)]
mod tests;
