//! One simulated client and the network between it and the server: what arrives when, and what the client has been
//! told.
//!
//! A client plays its script and answers pings and close frames as a browser does. It also records what the server has
//! acknowledged: a pong, or the answer to the client's close frame, acknowledges every message sent before.

use std::collections::VecDeque;

use super::message::{CLOSE, PING, PONG, frame, take_frame};
use super::random::Random;
use super::script::{Fate, Kind, Mark, Piece, Script};

/// What the server's socket has to read.
pub enum Arrival {
    Bytes(Vec<u8>),
    Nothing,
    /// FIN or reset.
    End,
}

pub struct Client {
    pub script: Script,
    random: Random,
    /// Everything that was ever sent. `fed` says how much of it the server has read.
    wire: Vec<u8>,
    fed: usize,
    /// The places on the wire where something is complete.
    marks: Vec<(usize, Mark)>,
    /// Pongs and the answer to a close frame. They are sent before the next piece.
    replies: VecDeque<Piece>,
    /// The most bytes that arrive at once.
    segment: usize,
    /// Bytes that the network accepts from the server while the client does not read; `None` if the client reads.
    window: Option<usize>,
    inbox: Vec<u8>,
    upgraded: bool,
    answered: bool,
    said_close: bool,
    /// The code of the server's close frame.
    pub told: Option<u16>,
    pongs: u16,
    /// Messages that the server has acknowledged.
    pub acknowledged: usize,
}

impl Client {
    pub fn new(seed: u64, number: usize, messages: usize) -> Client {
        let mut random = Random::new(seed, 1000 + number as u64);
        let script = Script::random(&mut random, number, messages);
        let deaf = script.kind == Kind::Deaf;
        let bytes: usize = script.pieces.iter().map(|piece| piece.bytes.len()).sum();
        // Byte by byte only if that does not take too long.
        let segments: &[usize] = if bytes < 3000 {
            &[1, 2, 7, 100, 1460, 65_536]
        } else {
            &[100, 1460, 65_536]
        };
        Client {
            segment: random.pick(segments),
            script,
            random,
            wire: Vec::new(),
            fed: 0,
            marks: Vec::new(),
            replies: VecDeque::new(),
            window: deaf.then_some(0),
            inbox: Vec::new(),
            upgraded: false,
            answered: false,
            said_close: false,
            told: None,
            pongs: 0,
            acknowledged: 0,
        }
    }

    /// One read of the server's socket.
    pub fn arrive(&mut self) -> Arrival {
        let limit = match self.script.fate {
            Fate::Reset(at) | Fate::Silent(at) => at,
            Fate::Close(_) | Fate::Fin | Fate::Stays => usize::MAX,
        };
        let want = self.random.between(1, self.segment).min(limit.saturating_sub(self.fed));
        while self.wire.len() - self.fed < want && self.emit() {}
        let end = self.wire.len().min(self.fed + want);
        if end > self.fed {
            let bytes = self.wire[self.fed..end].to_vec();
            self.fed = end;
            return Arrival::Bytes(bytes);
        }
        match self.script.fate {
            Fate::Silent(_) => Arrival::Nothing,
            Fate::Reset(_) | Fate::Fin => Arrival::End,
            Fate::Close(_) | Fate::Stays if self.told.is_some() || self.answered => Arrival::End,
            Fate::Close(_) | Fate::Stays => Arrival::Nothing,
        }
    }

    /// The connection is broken: nothing can be sent to it.
    pub fn is_reset(&self) -> bool {
        matches!(self.script.fate, Fate::Reset(at) if self.fed >= at)
    }

    /// Puts the next piece on the wire.
    fn emit(&mut self) -> bool {
        let Some(piece) = self.replies.pop_front().or_else(|| self.script.pieces.pop_front()) else {
            return false;
        };
        self.said_close |= piece.mark == Mark::Close;
        self.wire.extend_from_slice(&piece.bytes);
        self.marks.push((self.wire.len(), piece.mark));
        true
    }

    /// Messages that the server has read to their end.
    pub fn complete(&self) -> usize {
        let read = self.marks.iter().take_while(|(end, _)| *end <= self.fed);
        read.filter(|(_, mark)| *mark == Mark::Message).count()
    }

    /// Stops reading, or starts again.
    pub fn stall(&mut self, random: &mut Random) {
        self.window = match self.window {
            _ if self.script.kind == Kind::Deaf => Some(0),
            None => Some(random.below(400)),
            Some(_) => None,
        };
    }

    /// One write of the server's socket. Returns how much of it the network accepted.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<usize, String> {
        let taken = self.window.map_or(bytes.len(), |window| window.min(bytes.len()));
        self.window = self.window.map(|window| window - taken);
        self.inbox.extend_from_slice(&bytes[..taken]);
        self.read()?;
        Ok(taken)
    }

    fn read(&mut self) -> Result<(), String> {
        if !self.upgraded && !self.read_head()? {
            return Ok(());
        }
        while let Some((opcode, payload)) = take_frame(&mut self.inbox)? {
            match opcode {
                PING => self.reply(PONG, &payload, Mark::None),
                PONG => self.read_pong(&payload)?,
                CLOSE => self.read_close(&payload)?,
                other => return Err(format!("the server sent a frame with opcode {other}")),
            }
        }
        Ok(())
    }

    fn read_head(&mut self) -> Result<bool, String> {
        let Some(end) = self.inbox.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Ok(false);
        };
        self.upgraded = self.inbox.starts_with(b"HTTP/1.1 101 ");
        self.answered = !self.upgraded;
        let may_be_sent_away = [&b"HTTP/1.1 408 "[..], b"HTTP/1.1 503 "];
        let sent_away = may_be_sent_away.iter().any(|start| self.inbox.starts_with(start));
        if !sent_away && self.upgraded == (self.script.kind == Kind::Plain) {
            let line = String::from_utf8_lossy(&self.inbox[..end]).into_owned();
            return Err(format!("an unexpected answer to {:?}: {line}", self.script.kind));
        }
        self.inbox.drain(..end + 4);
        Ok(self.upgraded)
    }

    fn read_pong(&mut self, payload: &[u8]) -> Result<(), String> {
        let pinged = self.marks.iter().find_map(|(_, mark)| match mark {
            Mark::Ping { number, messages } if payload.starts_with(&number.to_be_bytes()) => Some((*number, *messages)),
            _ => None,
        });
        let (number, messages) = pinged.ok_or("a pong to no ping")?;
        // RFC 6455, section 5.5.3, allows a server to answer only the last of several pings.
        if number < self.pongs {
            return Err(format!("pong {number} came after {}", self.pongs));
        }
        self.pongs = number + 1;
        self.acknowledged = self.acknowledged.max(messages);
        Ok(())
    }

    fn read_close(&mut self, payload: &[u8]) -> Result<(), String> {
        let code = payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code));
        if self.told.replace(code).is_some() {
            return Err("the server sent two close frames".into());
        }
        // The server never uses a client's codes by itself, so this answers the client's frame.
        if self.said_close && self.script.fate == Fate::Close(code) && self.script.kind == Kind::Session {
            self.acknowledged = self.script.lines.len();
        }
        if !self.said_close {
            self.script.pieces.clear();
            self.reply(CLOSE, payload, Mark::Close);
        }
        Ok(())
    }

    fn reply(&mut self, opcode: u8, payload: &[u8], mark: Mark) {
        let bytes = frame(&mut self.random, opcode, true, payload);
        self.replies.push_back(Piece { bytes, mark });
    }
}
