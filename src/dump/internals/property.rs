//! Values of properties in the types that W3C gives them.
//!
//! The page turns text that is a number into a number (`mid`), and older versions wrote numbers, words and objects as
//! strings. Which type a property has is known from its name; others stay as they are.
use crate::dump::json::{Json, Kind};
use crate::dump::statistics::full;

use super::string;

/// What the values of a property are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    Flag,
    Object,
    Number,
    /// Not known.
    Any,
}

/// Properties that are strings although their values may look like numbers (webrtc-stats: DOMString).
const TEXTS: &[&str] = &[
    "address",
    "base64Certificate",
    "candidateType",
    "codecId",
    "contentType",
    "decoderImplementation",
    "dtlsCipher",
    "dtlsRole",
    "dtlsState",
    "encoderImplementation",
    "fingerprint",
    "fingerprintAlgorithm",
    "foundation",
    "googTimingFrameInfo",
    "iceLocalUsernameFragment",
    "iceRole",
    "iceState",
    "id",
    "ip",
    "issuerCertificateId",
    "kind",
    "label",
    "localCandidateId",
    "localCertificateId",
    "localId",
    "mediaSourceId",
    "mediaType",
    "mid",
    "mimeType",
    "networkType",
    "playoutId",
    "protocol",
    "qualityLimitationReason",
    "relatedAddress",
    "relayProtocol",
    "remoteCandidateId",
    "remoteCertificateId",
    "remoteId",
    "rid",
    "scalabilityMode",
    "sdpFmtpLine",
    "selectedCandidatePairId",
    "srtpCipher",
    "state",
    "streamIdentifier",
    "tcpType",
    "tlsVersion",
    "trackId",
    "trackIdentifier",
    "transportId",
    "type",
    "url",
    "usernameFragment",
];

/// Properties that are true or false.
const FLAGS: &[&str] = &[
    "active",
    "detached",
    "ended",
    "isRemote",
    "nominated",
    "powerEfficientDecoder",
    "powerEfficientEncoder",
    "readable",
    "remoteSource",
    "vpn",
    "writable",
];

/// Properties that are records of numbers, which were JSON within a string before.
const OBJECTS: &[&str] = &["psnrSum", "qualityLimitationDurations"];

impl Shape {
    pub fn of(name: &str) -> Shape {
        let is_in = |names: &[&str]| names.binary_search(&name).is_ok();
        match () {
            () if is_in(TEXTS) => Shape::Text,
            () if is_in(FLAGS) => Shape::Flag,
            () if is_in(OBJECTS) => Shape::Object,
            () if full(name.as_bytes()).is_some() => Shape::Number,
            () => Shape::Any,
        }
    }

    /// Replaces the value that begins at `begin`, which is JSON, by one of this shape, if it can be.
    pub fn mend(self, begin: usize, out: &mut Vec<u8>) {
        let value = Json::checked(&out[begin..]);
        let text = value.as_text();
        match (self, value.kind()) {
            (Shape::Text, Kind::Number | Kind::Bool) => {
                out.insert(begin, b'"');
                out.push(b'"');
            }
            (Shape::Flag | Shape::Number | Shape::Object, Kind::String) => {
                let text = string::decode(text.map_or(b"", |text| text.raw()));
                let Ok(inner) = Json::parse(&text) else { return };
                let fits = matches!(
                    (self, inner.kind()),
                    (Shape::Flag, Kind::Bool) | (Shape::Number, Kind::Number) | (Shape::Object, Kind::Object)
                );
                if fits && inner.raw().len() == text.len() {
                    out.truncate(begin);
                    out.extend_from_slice(&text);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_get_the_types_of_their_properties() {
        for (name, value, expected) in [
            ("mid", "1", "\"1\""),
            ("mid", "\"audio\"", "\"audio\""),
            ("foundation", "12345", "\"12345\""),
            ("bytesSent", "\"12345\"", "12345"),
            ("bytesSent", "12345", "12345"),
            ("bytesSent", "\"many\"", "\"many\""),
            ("bytesSent", "\" 1\"", "\" 1\""),
            ("active", "\"true\"", "true"),
            ("active", "\"1\"", "\"1\""),
            ("qualityLimitationDurations", r#""{\"cpu\":1}""#, r#"{"cpu":1}"#),
            ("qualityLimitationDurations", r#"{"cpu":1}"#, r#"{"cpu":1}"#),
            ("label", r#""{\"cpu\":1}""#, r#""{\"cpu\":1}""#),
            ("somethingNew", "\"1\"", "\"1\""),
            ("codecId", "null", "null"),
        ] {
            let mut out = [b"before", value.as_bytes()].concat();
            Shape::of(name).mend(6, &mut out);
            assert_eq!(String::from_utf8_lossy(&out[6..]), expected, "{name} {value}");
        }
    }

    #[test]
    fn the_lists_are_sorted() {
        assert!(TEXTS.is_sorted() && FLAGS.is_sorted() && OBJECTS.is_sorted());
    }
}
