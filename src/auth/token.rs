//! A token as it is written (RFC 7515, section 7.1), and those of its members that count here.
//!
//! Of the header these are `alg`, `kid` and `crit`, of the claims `exp`, `nbf` and `rtcStats`. Every other member may
//! be of any type, because issuers differ and nothing here depends on it. A member that counts may be there only once,
//! since readers differ in which one they take. No key and no clock is known here, and nothing is believed: whoever
//! asks for the claims has to check the signature first. The caller bounds the length. Failures are `Denial`s.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::claims::{Claims, session, text_of};
use super::denial::Denial;
use super::members::members;

/// The three parts of a token.
pub(super) struct Token<'a> {
    /// The name of the algorithm, which is never more than a wish.
    pub(super) algorithm: String,
    pub(super) key_id: Option<String>,
    /// What the signature was made of.
    pub(super) signed: &'a [u8],
    pub(super) signature: Vec<u8>,
    payload: &'a str,
}

impl<'a> Token<'a> {
    /// Takes a token apart and reads its header.
    pub(super) fn parse(text: &'a str) -> Result<Token<'a>, Denial> {
        let (signed, signature) = text.rsplit_once('.').ok_or(Denial::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(Denial::Malformed)?;
        if header.is_empty() || payload.contains('.') {
            return Err(Denial::Malformed);
        }
        let signature = decoded(signature)?;
        let header = decoded(header)?;
        let header: Header = members(&header, Denial::Header)?;
        if header.crit.is_some_and(|crit| demands(crit.get())) {
            return Err(Denial::Critical);
        }
        let algorithm = header.alg.and_then(|alg| serde_json::from_str(alg.get()).ok());
        Ok(Token {
            algorithm: algorithm.ok_or(Denial::Header)?,
            key_id: header.kid.and_then(|kid| text_of(kid.get())),
            signed: signed.as_bytes(),
            signature,
            payload,
        })
    }

    /// The claims, if the members that count are what they have to be.
    pub(super) fn claims(&self) -> Result<Claims, Denial> {
        let payload = decoded(self.payload)?;
        let payload: Payload = members(&payload, Denial::Payload)?;
        Ok(Claims {
            expiry_s: payload.exp.map(|exp| seconds(exp).ok_or(Denial::Expiry)).transpose()?,
            start_s: payload.nbf.map(|nbf| seconds(nbf).ok_or(Denial::Start)).transpose()?,
            session: session(payload.camel.or(payload.lower).map(RawValue::get))?,
        })
    }
}

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    alg: Option<&'a RawValue>,
    #[serde(borrow)]
    kid: Option<&'a RawValue>,
    #[serde(borrow)]
    crit: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow, default, deserialize_with = "even_null")]
    exp: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    nbf: Option<&'a RawValue>,
    /// Issuers use both spellings.
    #[serde(borrow, rename = "rtcStats")]
    camel: Option<&'a RawValue>,
    #[serde(borrow, rename = "rtcstats")]
    lower: Option<&'a RawValue>,
}

/// A time that is null is not a time that is missing: that would make a token valid for ever.
fn even_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

/// Whether a `crit` demands anything (RFC 7515, section 4.1.11). Nothing that it could demand is known here.
fn demands(crit: &str) -> bool {
    let list: Option<Vec<serde::de::IgnoredAny>> = serde_json::from_str(crit).ok();
    list.is_none_or(|list| !list.is_empty())
}

/// A NumericDate (RFC 7519, section 2), which may have a fraction. A number that is too large for its type is infinite.
fn seconds(json: &RawValue) -> Option<f64> {
    let text = json.get();
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

/// Undoes Base64url (RFC 4648, section 5). Some issuers write the padding that RFC 7515 leaves out.
fn decoded(part: &str) -> Result<Vec<u8>, Denial> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(&URL_SAFE, LENIENT)
        .decode(part)
        .map_err(|_| Denial::Malformed)
}
