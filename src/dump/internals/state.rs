//! States of a connection, in the words of every generation.
//!
//! The oldest have a prefix or are names of C++ (`SignalingStateHaveLocalOffer`, `kIceConnectionChecking`), later ones
//! are bare, and the newest are JSON strings within the string. An unknown word stays as it is.

/// Which of the four states of an RTCPeerConnection (W3C webrtc-pc).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Signaling,
    IceConnection,
    Connection,
    IceGathering,
}

impl State {
    /// Its words, those that end like another one behind that one.
    const fn words(self) -> &'static [&'static str] {
        match self {
            State::Signaling => &[
                "have-local-pranswer",
                "have-remote-pranswer",
                "have-local-offer",
                "have-remote-offer",
                "stable",
                "closed",
            ],
            State::IceConnection => &[
                "disconnected",
                "checking",
                "connected",
                "completed",
                "failed",
                "closed",
                "new",
            ],
            State::Connection => &["disconnected", "connecting", "connected", "failed", "closed", "new"],
            State::IceGathering => &["gathering", "complete", "new"],
        }
    }

    /// The state that a text names.
    pub fn of(self, text: &str) -> Option<&'static str> {
        let bare = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .unwrap_or(text);
        if let Some(word) = self.words().iter().find(|word| **word == bare) {
            return Some(word);
        }
        let letters = |text: &str| -> String { text.chars().filter(|c| c.is_ascii_alphabetic()).collect() };
        let written = letters(bare).to_ascii_lowercase();
        if self == State::IceConnection && written.ends_with("starting") {
            return Some("new");
        }
        let ends = |word: &&&str| written.ends_with(letters(word).as_str());
        self.words().iter().find(ends).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_generation_is_understood() {
        for (state, text, word) in [
            (
                State::Signaling,
                "SignalingStateHaveLocalOffer",
                Some("have-local-offer"),
            ),
            (
                State::Signaling,
                "SignalingStateHaveRemotePrAnswer",
                Some("have-remote-pranswer"),
            ),
            (State::Signaling, "SignalingStateStable", Some("stable")),
            (State::Signaling, "stable", Some("stable")),
            (State::Signaling, "\"have-remote-offer\"", Some("have-remote-offer")),
            (State::IceConnection, "ICEConnectionStateStarting", Some("new")),
            (State::IceConnection, "ICEConnectionStateChecking", Some("checking")),
            (State::IceConnection, "kIceConnectionDisconnected", Some("disconnected")),
            (State::IceConnection, "IceConnectionCompleted", Some("completed")),
            (State::IceConnection, "\"connected\"", Some("connected")),
            (State::Connection, "connecting", Some("connecting")),
            (State::Connection, "disconnected", Some("disconnected")),
            (State::IceGathering, "ICEGatheringStateGathering", Some("gathering")),
            (State::IceGathering, "ICEGatheringStateComplete", Some("complete")),
            (State::IceGathering, "new", Some("new")),
            (State::IceGathering, "\"paused\"", None),
            (State::Signaling, "", None),
            (State::Connection, "\"", None),
        ] {
            assert_eq!(state.of(text), word, "{text}");
        }
    }
}
