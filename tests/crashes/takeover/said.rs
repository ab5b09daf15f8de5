//! The sessions of a spool that was left: what each said, what may be stored of it, and which fate it has.
//!
//! A session is identified by its label, which is a claim of its token, the first thing that it says, and a column of
//! its row.

use support::large;

/// What becomes of a session after a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It had ended and is delivered as it is.
    Delivered,
    /// It was live. It is sealed as a session that a crash ended, and delivered.
    CutOff,
    /// It stays in `failed` until an operator puts it back.
    Failed,
    /// An operator wants it erased.
    Erased,
}

/// Every label of the spool that `make` makes, with its fate. The words before say in which state it was left.
pub const SESSIONS: [(&str, Fate); 12] = [
    ("recording-1", Fate::CutOff),
    ("recording-2", Fate::CutOff),
    ("ready-1", Fate::Delivered),
    ("ready-2", Fate::Delivered),
    ("ready-erased", Fate::Erased),
    ("packed-1", Fate::Delivered),
    ("packed-2", Fate::Delivered),
    ("packed-erased", Fate::Erased),
    ("unsynced-1", Fate::Delivered),
    ("unsynced-erased", Fate::Erased),
    ("failed-1", Fate::Failed),
    (LARGE, Fate::Delivered),
];

/// The session whose upload in parts was cut off.
pub const LARGE: &str = "large";

/// Whose session it is: an operator erases the sessions of one of the two users.
pub fn user(label: &str) -> &'static str {
    if label.ends_with("-erased") { "erased" } else { "alice" }
}

/// The address that a proxy in front has named.
pub const ADDRESS: &str = "198.51.100.23";
pub const ADDRESS_MASKED: &str = "198.51.100.x";

/// What the session sends.
pub fn messages(label: &str) -> Vec<String> {
    with_address(label, "203.0.113.77", "2001:db8:1:2:3:4:5:6")
}

/// What is stored of it.
pub fn masked(label: &str) -> Vec<String> {
    with_address(label, "203.0.113.x", "2001:db8:1:x:x:x:x:x")
}

fn with_address(label: &str, ipv4: &str, ipv6: &str) -> Vec<String> {
    let candidate = |address: &str| {
        format!(
            "[\"addIceCandidate\",\"PC_0\",{{\"candidate\":\"candidate:1 1 udp 2122260223 {address} 50000 typ host\",\
             \"sdpMid\":\"0\",\"sdpMLineIndex\":0}},2]"
        )
    };
    let mut messages = vec![
        format!("[\"said\",null,\"{label}\",1]"),
        candidate(ipv4),
        candidate(ipv6),
        format!("[\"note\",\"PC_0\",\"no address: {}\",3]", "x".repeat(300)),
    ];
    if label == LARGE {
        messages.extend(large::messages(large::IN_PARTS));
    }
    messages
}
