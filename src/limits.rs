//! Every bound of the server that is not an operator's to tune, and the defaults of those that are.
//!
//! Each constant is named NOUN_UNIT_MAX (or …_DEFAULT where `config.rs` lets an operator change it), with the
//! arithmetic above it and, where two bounds depend on each other, a const assertion below. Nothing happens here.

// connection ------------------------------------------------------------------------------------------------------

use std::time::Duration;

/// From accepting a connection to the end of its request head.
pub const HEAD_TIME_DEFAULT: Duration = Duration::from_secs(10);
/// Bytes of a request head, its final empty line included; an authorization token and cookies fit many times.
pub const HEAD_BYTES_DEFAULT: usize = 16 * 1024;
/// Between two pings to a peer; below the 60 s after which most proxies and NATs forget a silent connection.
pub const PING_INTERVAL_DEFAULT: Duration = Duration::from_secs(30);
/// From the last byte of a peer to the end of its session: three pings without an answer.
pub const IDLE_TIME_DEFAULT: Duration = Duration::from_secs(90);
/// From our last word (a close frame, a plain answer) to the end of the peer's stream.
pub const CLOSE_TIME_DEFAULT: Duration = Duration::from_secs(5);
/// Bytes of one message; the longest one recorded from a browser (an offer of 100 transceivers) has 314 kB.
pub const MESSAGE_BYTES_DEFAULT: usize = 4 * 1024 * 1024;
/// Header lines of a request; a browser behind three proxies sends about 30.
pub const HEADER_LINES_MAX: usize = 100;
/// Bytes kept of an origin, a user agent or a sub-protocol.
pub const HELLO_BYTES_MAX: usize = 4 * 1024;
/// Bytes read and dropped after a refusal or a close, so that the peer reads the answer instead of a reset. Twice
/// the message limit: a peer that is refused in the middle of its longest message can finish it.
pub const SWALLOWED_BYTES_MAX: usize = 2 * MESSAGE_BYTES_DEFAULT;
/// Bytes waiting to be sent to one peer. All we ever send is a response head (below 1 KiB), pings, pongs and a
/// close frame (at most 127 bytes each), so whoever has this much waiting does not read.
pub const UNSENT_BYTES_MAX: usize = 64 * 1024;
/// Bytes that the protocol library reads at a time.
pub const WIRE_READ_BYTES: usize = 1024;
/// Bytes that the protocol library may hold back for sending. Our side of the wire takes everything at once, so
/// that more than one control frame in there is an error of ours.
pub const WIRE_WRITE_BYTES_MAX: usize = 4 * CONTROL_FRAME_BYTES_MAX;
/// A control frame as a server sends it: two bytes of header and at most 125 of payload (RFC 6455, section 5.5).
pub const CONTROL_FRAME_BYTES_MAX: usize = 2 + 125;
/// The text of a close frame: 125 bytes of payload less two for the code.
pub const CLOSE_TEXT_BYTES_MAX: usize = 123;
/// Seconds after which a client may try again when it got 503.
pub const RETRY_AFTER_S: u32 = 30;

const _: () = assert!(PING_INTERVAL_DEFAULT.as_secs() * 3 <= IDLE_TIME_DEFAULT.as_secs());
const _: () = assert!(HELLO_BYTES_MAX <= HEAD_BYTES_DEFAULT);
