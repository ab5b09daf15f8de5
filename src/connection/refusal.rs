//! What a connection tells its driver beside the sessions themselves: what it has refused, and what it found odd.
//!
//! All of these are closed sets without anything from a peer, so that they can be counted and logged.

use super::close::CloseReason;
use super::mistake::Mistake;
use crate::auth::LabelFlaw;

/// What did not become a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// The upgrade was answered, and a close frame says why there is no session.
    #[error("a session was refused: {0}")]
    Session(CloseReason),
    /// The request was answered with an error.
    #[error("a request was refused: {0}")]
    Request(Mistake),
    /// There is no room for a session (503). A health check is told so too.
    #[error("503 was answered: there is no room for a session; see server.max_connections and spool.min_free")]
    NoRoom,
}

/// Something in an upgrade that costs no session, but that the operator should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Remark {
    #[error("{0}")]
    Label(LabelFlaw),
    #[error(
        "a peer outside of server.trusted_proxies sends X-Forwarded-For, Forwarded or X-Real-IP, which is not believed; \
         if it is your proxy, add its network there"
    )]
    ForwardedByStranger,
    #[error(
        "a trusted proxy sends Forwarded or X-Real-IP, which is not read, and no X-Forwarded-For, so that sessions get \
         the proxy's address; let it send X-Forwarded-For"
    )]
    OtherHeader,
}
