//! What one simulated client is going to do, chosen before the run: its request, its frames, its end.

use std::collections::VecDeque;

use super::message::{BINARY, CLOSE, Message, PING, TEXT, close_payload, frame};
use super::random::Random;

/// The origin that the server accepts.
pub const ORIGIN: &str = "https://app.example";

/// The simulated server refuses messages that are longer than this.
pub const MESSAGE_BYTES_MAX: usize = 20_000;

/// How a client ends, either after its last frame or in the middle of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Sends a close frame and waits for the answer.
    Close(u16),
    /// Ends its stream without a close frame.
    Fin,
    /// The connection breaks after this many bytes have arrived.
    Reset(usize),
    /// Nothing comes any more after this many bytes, not even a FIN.
    Silent(usize),
    /// Stays until the server closes.
    Stays,
}

/// What kind of peer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Session,
    /// It comes from a page that is not allowed, and sends its messages all the same.
    Stranger,
    /// Sends pings endlessly and reads no answer.
    Deaf,
    /// Makes a plain request.
    Plain,
}

impl Kind {
    /// Whether the server accepts it as a session.
    pub fn is_session(self) -> bool {
        matches!(self, Kind::Session | Kind::Deaf)
    }
}

/// What the end of a piece of the stream means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nothing: the head, a fragment, a pong.
    None,
    /// A message is complete.
    Message,
    /// A ping with this number, after that many messages.
    Ping { number: u16, messages: usize },
    /// The client's close frame.
    Close,
    /// A rule is broken: from the beginning of this piece on the server may not understand anything.
    Broken,
}

/// A piece of the stream. Nothing may be inserted in the middle of it.
#[derive(Clone, Debug)]
pub struct Piece {
    pub bytes: Vec<u8>,
    pub mark: Mark,
}

/// See the head comment.
#[derive(Clone, Debug)]
pub struct Script {
    pub kind: Kind,
    pub fate: Fate,
    pub pieces: VecDeque<Piece>,
    /// What a dump has of this client if everything arrives.
    pub lines: Vec<Vec<u8>>,
    /// The code of the closing line if the client ends the session by breaking a rule.
    pub broken: Option<u16>,
}

impl Script {
    /// The script of client `number`, with up to `messages` messages.
    pub fn random(random: &mut Random, number: usize, messages: usize) -> Script {
        let kind = match random.below(48) {
            0..4 => Kind::Stranger,
            4..8 => Kind::Plain,
            8 => Kind::Deaf,
            _ => Kind::Session,
        };
        let mut script = Script {
            kind,
            fate: Fate::Stays,
            pieces: VecDeque::new(),
            lines: Vec::new(),
            broken: None,
        };
        script.push(head(random, kind, number), Mark::None);
        if kind != Kind::Plain {
            // One in eight has nothing to say.
            let count = if random.one_in(8) {
                0
            } else {
                random.between(1, messages)
            };
            script.talk(random, number, count);
        }
        if kind == Kind::Deaf {
            // As many as fill what a server keeps for one peer, and a few more.
            (0..600).fold(1000, |mut pings, _| {
                script.ping(random, &mut pings);
                pings
            });
            return script;
        }
        script.end(random);
        script
    }

    fn push(&mut self, bytes: Vec<u8>, mark: Mark) {
        self.pieces.push_back(Piece { bytes, mark });
    }

    fn talk(&mut self, random: &mut Random, number: usize, count: usize) {
        let mut pings = 0;
        for message in 0..count {
            let message = Message::random(random, number, message);
            self.message(random, &message, &mut pings);
            self.lines.push(message.line);
            if random.one_in(3) {
                self.ping(random, &mut pings);
            }
        }
    }

    /// One message in one frame or in fragments, with a ping between them now and then.
    fn message(&mut self, random: &mut Random, message: &Message, pings: &mut u16) {
        let fragments = if random.one_in(4) { random.between(2, 5) } else { 1 };
        let mut opcode = if message.binary { BINARY } else { TEXT };
        let mut rest = &message.payload[..];
        for fragment in 1..=fragments {
            let last = fragment == fragments;
            let length = if last { rest.len() } else { random.below(rest.len() + 1) };
            let bytes = frame(random, opcode, last, &rest[..length]);
            self.push(bytes, if last { Mark::Message } else { Mark::None });
            rest = &rest[length..];
            opcode = 0;
            if !last && random.one_in(4) {
                self.ping(random, pings);
            }
        }
    }

    fn ping(&mut self, random: &mut Random, pings: &mut u16) {
        let mark = Mark::Ping {
            number: *pings,
            messages: self.pieces.iter().filter(|piece| piece.mark == Mark::Message).count(),
        };
        let mut payload = pings.to_be_bytes().to_vec();
        if self.kind == Kind::Deaf {
            payload.resize(125, 0);
        }
        let bytes = frame(random, PING, true, &payload);
        self.push(bytes, mark);
        *pings += 1;
    }

    fn end(&mut self, random: &mut Random) {
        let bytes: usize = self.pieces.iter().map(|piece| piece.bytes.len()).sum();
        self.fate = match random.below(10) {
            0 => Fate::Fin,
            1 => Fate::Reset(random.below(bytes)),
            2 => Fate::Silent(random.below(bytes)),
            3 => Fate::Stays,
            _ => Fate::Close(random.pick(&[1000, 4000, 4001])),
        };
        if self.kind == Kind::Session && random.one_in(10) {
            self.break_rule(random);
        }
        if let (Fate::Close(code), true) = (self.fate, self.kind != Kind::Plain) {
            let bytes = frame(random, CLOSE, true, &close_payload(code));
            self.push(bytes, Mark::Close);
        }
    }

    fn break_rule(&mut self, random: &mut Random) {
        let (code, bytes) = match random.below(4) {
            0 => (1009, frame(random, TEXT, true, &vec![b'y'; MESSAGE_BYTES_MAX + 1])),
            1 => (1002, frame(random, TEXT | 0x40, true, b"reserved bit")),
            2 => (1002, b"\x81\x05plain".to_vec()),
            _ => (1007, frame(random, TEXT, true, &[b'"', 0xff, b'"'])),
        };
        self.broken = Some(code);
        self.push(bytes, Mark::Broken);
    }
}

fn head(random: &mut Random, kind: Kind, number: usize) -> Vec<u8> {
    if kind == Kind::Plain {
        let path = random.pick(&["/healthcheck", "/index.html"]);
        return format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes();
    }
    let origin = if kind == Kind::Stranger {
        "https://elsewhere.example"
    } else {
        ORIGIN
    };
    let padding = "p".repeat(random.below(300));
    format!(
        "GET /client-{number} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: {origin}\r\n\
         Sec-WebSocket-Protocol: rtcstats#5.0\r\nX-Padding: {padding}\r\n\r\n"
    )
    .into_bytes()
}
