//! Keys of series: which report and which property, and of what type a report is.
//!
//! A key is the id of a report, a hyphen, and a property. What stands in brackets has been derived by the page from the
//! counters, and is told apart. Types of reports without one are guessed from the form of the id, which libwebrtc
//! makes.

/// What a series is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// A property of a report, by W3C name.
    Property { id: &'a [u8], name: &'a [u8] },
    /// What the page computed itself: rates and quotients.
    Derived,
    /// A report of the callback-based statistics, which have no W3C meaning.
    Legacy,
    /// There is no hyphen.
    Unknown,
}

/// Takes a key apart.
pub fn split(key: &[u8]) -> Key<'_> {
    if key.ends_with(b"]") && (key.starts_with(b"[") || memchr::memmem::find(key, b"-[").is_some()) {
        return Key::Derived;
    }
    let Some(at) = memchr::memrchr(b'-', key) else {
        return Key::Unknown;
    };
    let (id, name) = (&key[..at], &key[at + 1..]);
    if is_legacy(id, name) {
        Key::Legacy
    } else {
        Key::Property { id, name }
    }
}

/// Property names of libwebrtc's own that stand in W3C reports.
const OWN: [&[u8]; 1] = [b"googTimingFrameInfo"];

fn is_legacy(id: &[u8], name: &[u8]) -> bool {
    let begins = |prefix: &[u8]| id.starts_with(prefix);
    let stream = || {
        let number = id
            .strip_prefix(b"ssrc_")
            .and_then(|rest| rest.split(|b| *b == b'_').next());
        number.is_some_and(|number| number.iter().all(u8::is_ascii_digit))
            && (id.ends_with(b"_send") || id.ends_with(b"_recv"))
    };
    (name.starts_with(b"goog") && !OWN.contains(&name))
        || begins(b"Conn-")
        || begins(b"Channel-")
        || begins(b"Cand-")
        || begins(b"googTrack_")
        || begins(b"googCertificate_")
        || begins(b"googLibjingleSession_")
        || id == b"bweforvideo"
        || stream()
}

/// The W3C type of a report with this id. `candidate` says whether an id is that of a local or remote candidate, as
/// pairs tell.
pub fn type_of<'a>(id: &[u8], candidate: impl Fn(&[u8]) -> Option<&'a str>) -> Option<&'a str> {
    for (prefixes, kind) in FORMS {
        if prefixes.iter().any(|form| form.fits(id)) {
            return match *kind {
                "candidate" => candidate(id),
                kind => Some(kind),
            };
        }
    }
    None
}

/// A form of ids.
enum Form {
    /// Begins like this.
    Begins(&'static str),
    /// Begins like this, and a digit follows.
    Number(&'static str),
    Is(&'static str),
}

impl Form {
    fn fits(&self, id: &[u8]) -> bool {
        match self {
            Form::Begins(prefix) => id.starts_with(prefix.as_bytes()),
            Form::Is(word) => id == word.as_bytes(),
            Form::Number(prefix) => {
                let rest = id.strip_prefix(prefix.as_bytes());
                rest.and_then(|rest| rest.first()).is_some_and(u8::is_ascii_digit)
            }
        }
    }
}

use Form::{Begins, Is, Number};

/// The first form that fits counts.
const FORMS: &[(&[Form], &str)] = &[
    (
        &[Begins("RTCInboundRTP"), Begins("RTCInboundRtp"), Begins("IT")],
        "inbound-rtp",
    ),
    (
        &[Begins("RTCOutboundRTP"), Begins("RTCOutboundRtp"), Begins("OT")],
        "outbound-rtp",
    ),
    (
        &[
            Begins("RTCRemoteInboundRtp"),
            Begins("RTCRemoteInboundRTP"),
            Begins("RI"),
        ],
        "remote-inbound-rtp",
    ),
    (
        &[
            Begins("RTCRemoteOutboundRTP"),
            Begins("RTCRemoteOutboundRtp"),
            Begins("RO"),
        ],
        "remote-outbound-rtp",
    ),
    (&[Begins("RTCTransport_"), Number("T")], "transport"),
    (&[Begins("RTCIceCandidatePair_"), Begins("CP")], "candidate-pair"),
    (&[Begins("RTCCodec_"), Begins("CIT"), Begins("COT")], "codec"),
    (&[Begins("RTCCertificate_"), Begins("CF")], "certificate"),
    (
        &[
            Begins("RTCMediaStreamTrack_"),
            Begins("DEPRECATED_RTCMediaStreamTrack_"),
            Begins("DEPRECATED_T"),
        ],
        "track",
    ),
    (&[Begins("RTCMediaStream_"), Begins("DEPRECATED_S")], "stream"),
    (
        &[
            Begins("RTCAudioSource_"),
            Begins("RTCVideoSource_"),
            Begins("SA"),
            Begins("SV"),
        ],
        "media-source",
    ),
    (&[Begins("RTCPeerConnection"), Is("P")], "peer-connection"),
    (&[Begins("RTCDataChannel_"), Number("D")], "data-channel"),
    (&[Is("AP")], "media-playout"),
    (&[Begins("RTCIceCandidate_"), Begins("I")], "candidate"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_split_at_their_last_hyphen() {
        let property = |id: &'static str, name: &'static str| Key::Property {
            id: id.as_bytes(),
            name: name.as_bytes(),
        };
        for (key, expected) in [
            ("OT01A3954166014-active", property("OT01A3954166014", "active")),
            (
                "RTCIceCandidatePair_a-b-c-state",
                property("RTCIceCandidatePair_a-b-c", "state"),
            ),
            ("SV1-track.totalFrames", property("SV1", "track.totalFrames")),
            ("IT01V1-googTimingFrameInfo", property("IT01V1", "googTimingFrameInfo")),
            ("IT01V1-[framesReceived-framesDecoded-framesDropped]", Key::Derived),
            ("OT01A1-[bytesSent_in_bits/s]", Key::Derived),
            ("ssrc_12_send-bytesSent", Key::Legacy),
            ("Conn-audio-1-0-bytesReceived", Key::Legacy),
            ("bweforvideo-googRetransmitBitrate", Key::Legacy),
            ("googTrack_a-b-googTrackId", Key::Legacy),
            ("Cand-xyz-portNumber", Key::Legacy),
            ("nothing", Key::Unknown),
            ("", Key::Unknown),
        ] {
            assert_eq!(split(key.as_bytes()), expected, "{key}");
        }
    }

    #[test]
    fn ids_tell_the_type_of_a_report() {
        let candidate = |id: &[u8]| (id == b"Ilocal" || id == b"RTCIceCandidate_l").then_some("local-candidate");
        for (id, kind) in [
            ("RTCInboundRTPAudioStream_1", Some("inbound-rtp")),
            ("IT01A1", Some("inbound-rtp")),
            ("RTCOutboundRTPVideoStream_2", Some("outbound-rtp")),
            ("OT01V1", Some("outbound-rtp")),
            ("RTCRemoteInboundRtpVideoStream_1", Some("remote-inbound-rtp")),
            ("RIA1", Some("remote-inbound-rtp")),
            ("ROV1", Some("remote-outbound-rtp")),
            ("RTCTransport_0_1", Some("transport")),
            ("T01", Some("transport")),
            ("Track", None),
            ("RTCIceCandidatePair_a_b", Some("candidate-pair")),
            ("CPa_b", Some("candidate-pair")),
            ("RTCIceCandidate_l", Some("local-candidate")),
            ("RTCIceCandidate_other", None),
            ("Ilocal", Some("local-candidate")),
            ("RTCCodec_0_Inbound_96", Some("codec")),
            ("CIT01_96", Some("codec")),
            ("CF12:34", Some("certificate")),
            ("RTCMediaStreamTrack_sender_1", Some("track")),
            ("DEPRECATED_TO1", Some("track")),
            ("DEPRECATED_S1", Some("stream")),
            ("SA1", Some("media-source")),
            ("RTCVideoSource_1", Some("media-source")),
            ("P", Some("peer-connection")),
            ("RTCPeerConnection", Some("peer-connection")),
            ("D1", Some("data-channel")),
            ("Dx", None),
            ("AP", Some("media-playout")),
            ("", None),
        ] {
            assert_eq!(type_of(id.as_bytes(), candidate), kind, "{id}");
        }
    }
}
