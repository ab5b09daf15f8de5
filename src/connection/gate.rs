//! Follows the frame headers of a peer's stream, just ahead of the protocol library.
//!
//! The library does not offer two things that we need. First, to know when it holds nothing, so that it can be dropped
//! between turns. Second, to refuse a frame by its header: the library would collect a control frame of megabytes, or a
//! fragment that makes a message too long, before it looks at it. The gate lets bytes pass up to the first header that
//! breaks a rule; what came before is still delivered. Payloads are skipped by arithmetic and never looked at. Limits:
//! ten bytes of state per header, whatever length a peer declares.

use super::close::CloseReason;

/// The position of the next byte within the peer's frames (RFC 6455, section 5.2).
#[derive(Debug, Default)]
pub(super) struct Gate {
    header: [u8; HEADER_BYTES],
    header_len: u8,
    /// Bytes of the current frame after its length field that are still to come: masking key and payload.
    ahead: u64,
    /// Payload bytes of the current message, summed over the data frames announced so far.
    message: u64,
    /// The current message continues after the current frame.
    unfinished: bool,
    /// The current frame is a data frame, and the last one of its message.
    last: bool,
    held: usize,
    broken: Option<CloseReason>,
}

/// Two fixed bytes and the longest form of the length. The masking key is counted as payload here.
const HEADER_BYTES: usize = 10;
const MASK_BYTES: u64 = 4;

impl Gate {
    /// How many of the next bytes may pass. They count as passed. `limit` bounds the payload of a message.
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

    /// Bytes that have passed since the stream was last between two messages.
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

    /// Looks at as much of the header as has arrived, and begins the frame when the header is complete.
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
            if self.message.saturating_add(length) > limit {
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

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 70_000;

    fn header(first: u8, length: u64) -> Vec<u8> {
        match length {
            0..=125 => vec![first, 0x80 | length as u8],
            126..=0xffff => [&[first, 0xfe][..], &(length as u16).to_be_bytes()].concat(),
            _ => [&[first, 0xff][..], &length.to_be_bytes()].concat(),
        }
    }

    fn frame(first: u8, length: usize) -> Vec<u8> {
        [header(first, length as u64), vec![0; MASK_BYTES as usize + length]].concat()
    }

    #[test]
    fn the_gate_is_at_rest_exactly_between_messages() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let frame = frame(0x82, length);
            for cut in [1, 2, 3, 5, 9, 13, frame.len() - 1] {
                let mut gate = Gate::default();
                let cut = cut.min(frame.len() - 1);
                assert_eq!(gate.pass(&frame[..cut], LIMIT), cut);
                assert!(!gate.at_rest());
                assert_eq!(gate.held(), cut);
                assert_eq!(gate.pass(&frame[cut..], LIMIT), frame.len() - cut);
                assert!(gate.at_rest());
            }
        }
    }

    #[test]
    fn an_unfinished_message_is_held_through_control_frames() {
        let mut gate = Gate::default();
        let begun = frame(0x01, 10);
        let ping = frame(0x89, 3);
        gate.pass(&begun, LIMIT);
        gate.pass(&ping, LIMIT);
        assert_eq!(gate.held(), begun.len() + ping.len());
        gate.pass(&frame(0x80, 0), LIMIT);
        assert!(gate.at_rest());
    }

    #[test]
    fn a_bad_header_stops_the_stream_behind_what_is_good() {
        let good = frame(0x81, 20);
        let stream = [&good[..], &[0x81, 0x01], &good].concat();
        let mut gate = Gate::default();
        assert_eq!(gate.pass(&stream, LIMIT), good.len() + 2);
        assert_eq!(gate.broken(), Some(CloseReason::Protocol));
        assert_eq!(gate.pass(&good, LIMIT), 0);
    }

    #[test]
    fn lengths_that_do_not_take_the_shortest_form_are_still_understood() {
        let mut gate = Gate::default();
        let long_form = [&[0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 2][..], &[0; 6]].concat();
        assert_eq!(gate.pass(&long_form, LIMIT), long_form.len());
        assert!(gate.at_rest() && gate.broken().is_none());
    }

    #[test]
    fn messages_are_limited_in_sum_and_each_anew() {
        let mut gate = Gate::default();
        for _ in 0..3 {
            gate.pass(&frame(0x01, LIMIT / 2), LIMIT);
            gate.pass(&frame(0x80, LIMIT / 2), LIMIT);
        }
        assert_eq!(gate.broken(), None);
        gate.pass(&frame(0x01, LIMIT), LIMIT);
        gate.pass(&header(0x00, 1), LIMIT);
        assert_eq!(gate.broken(), Some(CloseReason::MessageTooLarge));
    }

    #[test]
    fn the_largest_lengths_do_not_overflow() {
        for (length, reason) in [
            (i64::MAX as u64, CloseReason::MessageTooLarge),
            (u64::MAX, CloseReason::Protocol),
        ] {
            let mut gate = Gate::default();
            gate.pass(&frame(0x01, 5), usize::MAX / 2 - 1);
            gate.pass(&header(0x80, length), usize::MAX / 2 - 1);
            assert_eq!(gate.broken(), Some(reason));
        }
    }
}
