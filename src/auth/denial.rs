//! Why a peer is refused, as a value. Its text goes to the peer and into the log, so it names the claim and contains
//! nothing of it. The longest has to fit into a close frame.

/// Why a peer is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Denial {
    #[error("no token was given")]
    Missing,
    #[error("the token is longer than 8 KiB")]
    TooLong,
    #[error("the token is malformed: it is not three parts of Base64url with dots between")]
    Malformed,
    #[error("the token is malformed: its header is no JSON object with an alg")]
    Header,
    #[error("the token's header has a crit, which demands what is not known here")]
    Critical,
    #[error("the token is malformed: its claims are no JSON object")]
    Payload,
    #[error("the token has alg, kid, crit, exp, nbf, rtcStats or a member of rtcStats twice")]
    Twice,
    #[error("the token's signature does not fit")]
    Signature,
    #[error("the token's exp is no number of seconds")]
    Expiry,
    #[error("the token's exp is more than 100 years ahead: write seconds, not milliseconds")]
    ExpiryTooFar,
    #[error("the token has expired")]
    Expired,
    #[error("the token's nbf is no number of seconds")]
    Start,
    #[error("the token's nbf is more than 100 years ahead: write seconds, not milliseconds")]
    StartTooFar,
    #[error("the token is not valid yet")]
    NotYetValid,
    #[error("the token does not say when it expires")]
    NoExpiry,
    #[error("the token was made with a key or an algorithm that is not known here")]
    UnknownKey,
}
