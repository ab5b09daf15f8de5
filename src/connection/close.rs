//! Why a session ends, as a value: its codes, whose fault it is, and what the peer is told.
//!
//! Close codes are those of RFC 6455, section 7.4.1, and of the IANA registry that continues it. No text from a peer is
//! kept: of its close frame only the code.

use std::fmt;

use tungstenite::Error;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::Utf8Bytes;

use crate::auth::Denial;
use crate::limits::CLOSE_TEXT_BYTES_MAX;

/// Whose fault an end is. This selects the log level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The browser, its network or its page.
    Peer,
    /// The people who run this server, or the limits they have set.
    Operator,
    /// This program or the machine it runs on.
    Us,
}

/// Why a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CloseReason {
    /// The peer closed with this code. 1005 stands for a close frame without a code.
    Peer(u16),
    /// The peer's stream ended without a close frame.
    Cut,
    /// Nothing was received from the peer for too long.
    Idle,
    /// The peer does not read what we send.
    NotReading,
    /// The peer broke the framing rules, or closed with a code that must not be sent.
    Protocol,
    /// A text message or the reason of a close frame is not UTF-8.
    NotUtf8,
    /// A message is larger than allowed.
    MessageTooLarge,
    /// The token does not let the session in.
    Denied(Denial),
    /// The page's origin is not on the operator's list.
    OriginNotAllowed,
    /// The dump has reached its limit.
    DumpTooLarge,
    /// The server is being stopped.
    GoingAway,
    /// The spool has no space left.
    DiskLow,
    /// Unfinished messages take too much memory, and this connection holds the largest part of it.
    MemoryShort,
    /// This server failed.
    Internal,
}

impl CloseReason {
    /// The code for the dump's closing line. 1005 and 1006 are written only there, never in a frame.
    pub fn code(self) -> u16 {
        match self {
            CloseReason::Peer(code) => code,
            CloseReason::Cut | CloseReason::NotReading => 1006,
            CloseReason::Idle | CloseReason::GoingAway => 1001,
            CloseReason::Protocol => 1002,
            CloseReason::NotUtf8 => 1007,
            CloseReason::Denied(_) | CloseReason::OriginNotAllowed => 1008,
            CloseReason::MessageTooLarge | CloseReason::DumpTooLarge => 1009,
            CloseReason::Internal => 1011,
            CloseReason::DiskLow | CloseReason::MemoryShort => 1013,
        }
    }

    /// Whose fault it is.
    pub fn blame(self) -> Blame {
        match self {
            CloseReason::Peer(_)
            | CloseReason::Cut
            | CloseReason::Idle
            | CloseReason::NotReading
            | CloseReason::Protocol
            | CloseReason::NotUtf8
            | CloseReason::MessageTooLarge
            | CloseReason::Denied(_)
            | CloseReason::OriginNotAllowed => Blame::Peer,
            CloseReason::DumpTooLarge | CloseReason::GoingAway | CloseReason::DiskLow | CloseReason::MemoryShort => {
                Blame::Operator
            }
            CloseReason::Internal => Blame::Us,
        }
    }

    /// Whether the peer gets a close frame. It gets none if it has sent its own (the reply to that one belongs to the
    /// closing handshake), or if nothing we send would reach it.
    pub fn sends_frame(self) -> bool {
        !matches!(self, CloseReason::Peer(_) | CloseReason::Cut | CloseReason::NotReading)
    }

    /// Whether the rest of the peer's stream can still be understood, so that we can wait for its close frame. After an
    /// error nothing is parsed any more, and to free memory the unfinished message is thrown away.
    pub fn keeps_reading(self) -> bool {
        matches!(
            self,
            CloseReason::Idle
                | CloseReason::Denied(_)
                | CloseReason::OriginNotAllowed
                | CloseReason::DumpTooLarge
                | CloseReason::GoingAway
                | CloseReason::DiskLow
        )
    }

    /// What a peer's close frame says. The library has already replaced codes that must not be sent by 1002.
    pub(super) fn of_peer(frame: Option<CloseFrame>) -> CloseReason {
        CloseReason::Peer(frame.map_or(1005, |frame| frame.code.into()))
    }

    /// What the library found wrong with the peer's stream.
    pub(super) fn of_error(error: &Error) -> CloseReason {
        match error {
            Error::Protocol(_) => CloseReason::Protocol,
            Error::Utf8(_) => CloseReason::NotUtf8,
            Error::Capacity(_) => CloseReason::MessageTooLarge,
            _ => CloseReason::Internal,
        }
    }

    /// The close frame for the peer. Its text helps a reader of the browser's console. A text that does not fit into a
    /// control frame is left out, not cut.
    pub(super) fn frame(self) -> CloseFrame {
        let text = Some(self.to_string()).filter(|text| text.len() <= CLOSE_TEXT_BYTES_MAX);
        CloseFrame {
            code: self.code().into(),
            reason: Utf8Bytes::from(text.unwrap_or_default()),
        }
    }
}

/// A fixed text that contains nothing the peer has sent, so it can be logged.
impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CloseReason::Peer(_) => f.write_str("closed by the peer"),
            CloseReason::Cut => f.write_str("connection lost"),
            CloseReason::Idle => f.write_str("nothing heard for too long"),
            CloseReason::NotReading => f.write_str("peer does not read"),
            CloseReason::Protocol => f.write_str("protocol error"),
            CloseReason::NotUtf8 => f.write_str("text is not UTF-8"),
            CloseReason::MessageTooLarge => f.write_str("message too large"),
            CloseReason::Denied(denial) => write!(f, "not authorized: {denial}"),
            CloseReason::OriginNotAllowed => f.write_str("origin not allowed"),
            CloseReason::DumpTooLarge => f.write_str("dump limit reached"),
            CloseReason::GoingAway => f.write_str("server is stopping"),
            CloseReason::DiskLow => f.write_str("server is out of space"),
            CloseReason::MemoryShort => f.write_str("server is out of memory for unfinished messages"),
            CloseReason::Internal => f.write_str("server error"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [CloseReason; 14] = [
        CloseReason::Peer(1000),
        CloseReason::Cut,
        CloseReason::Idle,
        CloseReason::NotReading,
        CloseReason::Protocol,
        CloseReason::NotUtf8,
        CloseReason::MessageTooLarge,
        CloseReason::Denied(Denial::Expired),
        CloseReason::OriginNotAllowed,
        CloseReason::DumpTooLarge,
        CloseReason::GoingAway,
        CloseReason::DiskLow,
        CloseReason::MemoryShort,
        CloseReason::Internal,
    ];

    #[test]
    fn a_frame_carries_only_codes_that_may_be_sent_and_texts_that_fit() {
        for reason in ALL.into_iter().filter(|reason| reason.sends_frame()) {
            let frame = reason.frame();
            assert!(frame.code.is_allowed(), "{reason:?}");
            assert_eq!(u16::from(frame.code), reason.code());
            assert_eq!(frame.reason.as_str(), reason.to_string(), "{reason:?} does not fit");
        }
    }

    #[test]
    fn every_denial_fits_into_a_frame() {
        for denial in [
            Denial::Missing,
            Denial::TooLong,
            Denial::Malformed,
            Denial::Header,
            Denial::Critical,
            Denial::Payload,
            Denial::Twice,
            Denial::Signature,
            Denial::Expiry,
            Denial::ExpiryTooFar,
            Denial::Expired,
            Denial::Start,
            Denial::StartTooFar,
            Denial::NotYetValid,
            Denial::NoExpiry,
            Denial::UnknownKey,
        ] {
            let reason = CloseReason::Denied(denial);
            assert_eq!(reason.frame().reason.as_str(), reason.to_string(), "{denial:?}");
        }
    }

    #[test]
    fn who_gets_no_frame_is_not_read_on() {
        assert!(
            ALL.into_iter()
                .all(|reason| reason.sends_frame() || !reason.keeps_reading())
        );
    }

    #[test]
    fn a_reason_is_small() {
        assert!(size_of::<CloseReason>() <= 4);
    }
}
