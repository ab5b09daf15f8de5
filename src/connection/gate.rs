//! Follows the frame headers of a peer's stream, just ahead of the protocol library.
//!
//! Two things the library does not offer are needed: to know when it holds nothing (so that it can be dropped
//! between turns), and to refuse a frame by its header (it would collect a control frame of megabytes, or the
//! fragment that is too much, before it looks). The gate lets bytes pass up to the first header that breaks a
//! rule, and no further: what came before is still delivered. Payloads are skipped by arithmetic, never looked
//! at. Limits: ten bytes of state per header, whatever a peer declares.
use super::close::CloseReason;

/// Where in the peer's stream the next byte falls (RFC 6455, section 5.2).
#[derive(Debug, Default)]
pub(super) struct Gate {
    header: [u8; HEADER_BYTES],
    header_len: u8,
    /// Bytes of the current frame still to come behind its length field: masking key and payload.
    ahead: u64,
    /// Payload bytes of the current message in the data frames announced so far.
    message: u64,
    /// The current message goes on behind the current frame.
    unfinished: bool,
    /// The current frame is a data frame and its message's last one.
    last: bool,
    held: usize,
    broken: Option<CloseReason>,
}

/// The two fixed bytes and the longest form of the length; the masking key counts as payload here.
const HEADER_BYTES: usize = 10;
const MASK_BYTES: u64 = 4;

impl Gate {
    /// How many of the next bytes may pass; they count as passed. `limit` bounds the payload of a message.
    pub(super) fn pass(&mut self, bytes: &[u8], limit: usize) -> usize {
        let mut at = 0;
        while at < bytes.len() && self.broken.is_none() {
            if self.ahead > 0 {
                let skipped = usize::try_from(self.ahead).map_or(bytes.len() - at, |ahead| ahead.min(bytes.len() - at));
                self.ahead -= skipped as u64;
                at += skipped;
                self.held += skipped;
                self.end_of_frame();
            } else {
                self.header[usize::from(self.header_len)] = bytes[at];
                self.header_len += 1;
                self.broken = self.judge(limit as u64);
                at += 1;
                self.held += 1;
            }
        }
        at
    }

    /// Bytes passed since the stream was last between two messages.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Whether the stream is between two messages.
    pub(super) fn at_rest(&self) -> bool {
        self.held == 0
    }

    /// The rule that the stream has broken.
    pub(super) fn broken(&self) -> Option<CloseReason> {
        self.broken
    }

    /// Looks at the header as far as it has come; begins the frame when it is whole.
    fn judge(&mut self, limit: u64) -> Option<CloseReason> {
        let header = &self.header[..usize::from(self.header_len)];
        let &[first, second, ref extended @ ..] = header else {
            return None;
        };
        if extended.is_empty()
            && let Some(reason) = self.judge_fixed(first, second)
        {
            return Some(reason);
        }
        let length = match (second & 0x7f, extended) {
            (126, &[a, b]) => u64::from(u16::from_be_bytes([a, b])),
            (127, &[a, b, c, d, e, f, g, h]) => u64::from_be_bytes([a, b, c, d, e, f, g, h]),
            (126 | 127, _) => return None,
            (short, _) => u64::from(short),
        };
        self.begin_frame(first, length, limit)
    }

    /// The rules that the first two bytes can break: RFC 6455, sections 5.1 to 5.5.
    fn judge_fixed(&self, first: u8, second: u8) -> Option<CloseReason> {
        let last = first & 0x80 != 0;
        let reserved_bits = first & 0x70 != 0;
        let masked = second & 0x80 != 0;
        let allowed = match first & 0x0f {
            0 => self.unfinished,
            1 | 2 => !self.unfinished,
            8..=10 => last && second & 0x7f <= 125,
            _ => false,
        };
        (reserved_bits || !masked || !allowed).then_some(CloseReason::Protocol)
    }

    fn begin_frame(&mut self, first: u8, length: u64, limit: u64) -> Option<CloseReason> {
        if length > i64::MAX as u64 {
            return Some(CloseReason::Protocol);
        }
        let data = first & 0x08 == 0;
        self.last = data && first & 0x80 != 0;
        if data {
            if self.message + length > limit {
                return Some(CloseReason::MessageTooLarge);
            }
            self.message += length;
            self.unfinished = true;
        }
        self.header_len = 0;
        self.ahead = MASK_BYTES + length;
        None
    }

    fn end_of_frame(&mut self) {
        if self.ahead > 0 {
            return;
        }
        if self.last {
            self.unfinished = false;
            self.message = 0;
        }
        if !self.unfinished {
            self.held = 0;
        }
    }
}
