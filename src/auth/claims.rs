//! What a token says about its session, and when it is valid.
//!
//! This module knows no keys and no clock, and writes no log. Limit: CLAIM_BYTES_MAX for each label. A longer label is
//! cut, and one that is no text, number, `true` or `false` is left out; that costs no session, but it is told.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::denial::Denial;
use super::members::members;
use super::options::Expiry;
use crate::labels::Labels;
use crate::limits::{CLAIM_BYTES_MAX, CLOCK_LEEWAY_S, TOKEN_LIFETIME_S_MAX};

/// What a valid token gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    pub labels: Labels,
    /// What was wrong with a label, if anything was.
    pub flaw: Option<LabelFlaw>,
}

/// What is wrong with a label of a session that is let in all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum LabelFlaw {
    #[error("a token's rtcStats is no object, so that its session has no user, conference and session")]
    NoObject,
    #[error("a user, conference or session in a token's rtcStats is neither text nor number and was left out")]
    NoText,
    #[error("a user, conference or session in a token's rtcStats is longer than {CLAIM_BYTES_MAX} bytes and was cut")]
    Cut,
}

/// The claims that count, as they stand in the token.
pub(super) struct Claims {
    pub(super) expiry_s: Option<f64>,
    pub(super) start_s: Option<f64>,
    pub(super) session: Grant,
}

impl Claims {
    /// What the claims give at `now_s`, in seconds since 1970. `iat` does not count: RFC 7519, section 4.1.6, makes it
    /// mere information, and refusing by it would shut out an issuer whose clock is a minute ahead.
    pub(super) fn at(self, now_s: u64, expiry: Expiry) -> Result<Grant, Denial> {
        let (now, leeway, far) = (now_s as f64, CLOCK_LEEWAY_S as f64, TOKEN_LIFETIME_S_MAX as f64);
        match self.expiry_s {
            None if expiry == Expiry::Required => return Err(Denial::NoExpiry),
            Some(end) if end < now - leeway => return Err(Denial::Expired),
            Some(end) if end > now + far => return Err(Denial::ExpiryTooFar),
            _ => {}
        }
        match self.start_s {
            Some(start) if start > now + far => Err(Denial::StartTooFar),
            Some(start) if start > now + leeway => Err(Denial::NotYetValid),
            _ => Ok(self.session),
        }
    }
}

#[derive(Deserialize)]
struct Session<'a> {
    #[serde(borrow)]
    user: Option<&'a RawValue>,
    #[serde(borrow)]
    conference: Option<&'a RawValue>,
    #[serde(borrow)]
    session: Option<&'a RawValue>,
}

/// Reads the claim `rtcStats`.
pub(super) fn session(json: Option<&str>) -> Result<Grant, Denial> {
    let mut grant = Grant::default();
    let Some(json) = json else { return Ok(grant) };
    if !json.starts_with('{') {
        grant.flaw = Some(LabelFlaw::NoObject);
        return Ok(grant);
    }
    let session: Session = members(json.as_bytes(), Denial::Payload)?;
    let mut label = |json: Option<&RawValue>| {
        let (label, flaw) = label(json?.get());
        grant.flaw = grant.flaw.max(flaw);
        label
    };
    grant.labels = Labels {
        user: label(session.user),
        conference: label(session.conference),
        session: label(session.session),
    };
    Ok(grant)
}

fn label(json: &str) -> (Option<String>, Option<LabelFlaw>) {
    let Some(mut text) = text_of(json) else {
        return (None, Some(LabelFlaw::NoText));
    };
    if text.len() <= CLAIM_BYTES_MAX {
        return (Some(text), None);
    }
    text.truncate(text.floor_char_boundary(CLAIM_BYTES_MAX));
    (Some(text), Some(LabelFlaw::Cut))
}

/// The text of a JSON value that is a text, a number, `true` or `false`.
pub(super) fn text_of(json: &str) -> Option<String> {
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str(json).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(json.to_owned()),
    }
}
