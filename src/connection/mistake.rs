//! What is wrong with a request that should have become a session, and how it is mended.
//!
//! Most of these requests were right when they left the browser, and a proxy on the way has spoiled them. So the texts
//! go to the peer and into the log, and say what to set. They contain nothing of the request.

use super::status::Status;
use crate::limits::HEADER_LINES_MAX;

/// Why a request is answered with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Mistake {
    #[error(
        "it begins with a PROXY protocol header, which is not read here; switch that off in the proxy and let it send \
         X-Forwarded-For"
    )]
    ProxyHeader,
    #[error("it is the beginning of TLS, and this port speaks plain HTTP; use ws://, or end TLS in a proxy")]
    Tls,
    #[error("it is HTTP/2, which is not spoken here; let the proxy use HTTP/1.1")]
    Http2,
    #[error("it is no HTTP/1.1; look at what connects to this port")]
    NoHttp,
    #[error("its head is longer than limits.head_bytes or has more than {HEADER_LINES_MAX} lines; send fewer cookies")]
    HeadTooLarge,
    #[error("it has no Host; for nginx: proxy_set_header Host $host")]
    NoHost,
    #[error("it has more than one Host; let the proxy replace that header and not add to it")]
    ManyHosts,
    #[error("an upgrade came as HTTP/1.0; for nginx: proxy_http_version 1.1")]
    OldVersion,
    #[error(
        "Sec-WebSocket-Key came without Upgrade: websocket, which a proxy has dropped; for nginx: \
         proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade and proxy_set_header Connection upgrade"
    )]
    NoUpgrade,
    #[error("Upgrade came without Connection: upgrade; for nginx: proxy_set_header Connection upgrade")]
    NoConnection,
    #[error("an upgrade came with another method than GET; open it as a WebSocket")]
    Method,
    #[error("an upgrade has a body; leave out Transfer-Encoding, and Content-Length unless it is 0")]
    Body,
    #[error("Sec-WebSocket-Version is not 13; use another client")]
    Version,
    #[error("Sec-WebSocket-Key is not there exactly once with 16 bytes in Base64; let the proxy pass it unchanged")]
    Key,
}

impl Mistake {
    /// What is wrong with bytes that are not the beginning of a request.
    pub(super) fn of_bytes(bytes: &[u8]) -> Mistake {
        match bytes {
            [b'P', b'R', b'O', b'X', b'Y', b' ', ..] => Mistake::ProxyHeader,
            // The binary form of the PROXY protocol.
            [b'\r', b'\n', b'\r', b'\n', 0, b'\r', b'\n', b'Q', ..] => Mistake::ProxyHeader,
            // A record of type handshake, version 3.
            [0x16, 3, ..] => Mistake::Tls,
            [b'P', b'R', b'I', b' ', b'*', b' ', ..] => Mistake::Http2,
            _ => Mistake::NoHttp,
        }
    }

    pub(super) fn status(self) -> Status {
        match self {
            Mistake::HeadTooLarge => Status::HeadTooLarge,
            Mistake::NoUpgrade | Mistake::Version => Status::UpgradeRequired,
            Mistake::Method => Status::MethodNotAllowed,
            _ => Status::BadRequest,
        }
    }
}
