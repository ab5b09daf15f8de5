//! The status codes of plain answers (RFC 9110, section 15), and the headers that belong to each.

use crate::limits::RETRY_AFTER_S;

/// How a request ended that is not a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Ok,
    BadRequest,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    UpgradeRequired,
    HeadTooLarge,
    Unavailable,
}

impl Status {
    /// The code and its phrase.
    pub(super) fn line(self) -> &'static str {
        match self {
            Status::Ok => "200 OK",
            Status::BadRequest => "400 Bad Request",
            Status::NotFound => "404 Not Found",
            Status::MethodNotAllowed => "405 Method Not Allowed",
            Status::RequestTimeout => "408 Request Timeout",
            Status::UpgradeRequired => "426 Upgrade Required",
            Status::HeadTooLarge => "431 Request Header Fields Too Large",
            Status::Unavailable => "503 Service Unavailable",
        }
    }

    /// Header lines that every answer with this status has. Each ends the connection.
    pub(super) fn headers(self) -> String {
        match self {
            Status::MethodNotAllowed => "Allow: GET, HEAD\r\nConnection: close\r\n".to_string(),
            Status::UpgradeRequired => {
                "Upgrade: websocket\r\nConnection: upgrade, close\r\nSec-WebSocket-Version: 13\r\n".to_string()
            }
            Status::Unavailable => format!("Retry-After: {RETRY_AFTER_S}\r\nConnection: close\r\n"),
            _ => "Connection: close\r\n".to_string(),
        }
    }
}
