//! Plays the reactor's part for one turn of one connection, with the reactor's order of things: what has arrived is
//! worked off, the lines are written with one append, a session that has ended is sealed, and only then is anything
//! sent. Sockets are the pipes of [`super::client`].

use std::mem;

use rtcstats_server::connection::{Action, Admission, CloseReason, Connection, Env, Hello};
use rtcstats_server::dump::event::append_message;
use rtcstats_server::dump::header::{Metadata, Ticket, write_head};
use rtcstats_server::spool::Recording;
use rtcstats_server::spool::recording::Unsealed as Refused;
use rtcstats_server::time::UnixMs;

use super::client::Arrival;
use super::plan::Mutant;
use super::script::Kind;
use super::server::Server;

/// One connection of the server.
pub struct Peer {
    pub connection: Connection,
    pub recording: Option<Recording>,
    unsent: Vec<u8>,
    pub lines: Lines,
}

/// Whether the lines so far are in the file; nothing is sent until they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    Written,
    /// They wait for the flush interval.
    Held,
    /// The disk has refused them; the socket is not read.
    Blocked,
    /// As blocked, but the session is over: its dump is yet to be sealed.
    Sealing,
}

/// A session that is over but not sealed yet.
pub struct Unsealed {
    pub client: usize,
    pub recording: Recording,
    pub code: u16,
}

/// Why a connection has a turn.
#[derive(Clone, Copy, Debug)]
pub enum Cause {
    Ready,
    Deadline,
    Shut(CloseReason),
}

#[derive(Default)]
struct Turn {
    lines: Vec<u8>,
    messages: u64,
    output: Vec<u8>,
    seal: Option<CloseReason>,
    closes: bool,
}

impl Peer {
    pub fn new(connection: Connection) -> Peer {
        Peer {
            connection,
            recording: None,
            unsent: Vec::new(),
            lines: Lines::Written,
        }
    }
}

impl Peer {
    /// It is the server that does not read, so the peer's silence is not its fault.
    pub fn is_held_up(&self) -> bool {
        matches!(self.lines, Lines::Blocked | Lines::Sealing)
    }
}

impl Server<'_> {
    /// One turn of the connection of `client`.
    pub fn turn(&mut self, client: usize, cause: Cause) {
        let Some(mut peer) = self.peers.remove(&client) else {
            return;
        };
        let mut turn = Turn::default();
        match cause {
            Cause::Ready => self.read(client, &mut peer, &mut turn),
            Cause::Deadline | Cause::Shut(_) => self.tell(client, &mut peer, &mut turn, cause),
        }
        if self.world.mutant == Mutant::AnswersFirst {
            self.answer(client, &mut peer, mem::take(&mut turn.output));
        }
        self.record(client, &mut peer, &turn);
        if let (Some(reason), Some(recording)) = (turn.seal, peer.recording.take_if(|_| turn.seal.is_some())) {
            let code = reason.code();
            let done = self.seal(Unsealed {
                client,
                recording,
                code,
            });
            peer.lines = if done { Lines::Written } else { Lines::Sealing };
        }
        self.answer(client, &mut peer, turn.output);
        if !turn.closes {
            self.peers.insert(client, peer);
        }
    }

    fn read(&mut self, client: usize, peer: &mut Peer, turn: &mut Turn) {
        self.answer(client, peer, Vec::new());
        for _ in 0..READS_PER_TURN {
            if peer.is_held_up() || turn.closes {
                return;
            }
            match self.world.clients[client].arrive() {
                Arrival::Bytes(bytes) => self.drive(client, peer, turn, &bytes, None),
                Arrival::Nothing => return,
                Arrival::End => {
                    peer.connection.end_of_stream();
                    return self.drive(client, peer, turn, &[], None);
                }
            }
        }
    }

    fn tell(&mut self, client: usize, peer: &mut Peer, turn: &mut Turn, cause: Cause) {
        self.drive(client, peer, turn, &[], Some(cause));
    }

    /// Lets the connection work off `input` after it was told `cause`.
    fn drive(&mut self, client: usize, peer: &mut Peer, turn: &mut Turn, mut input: &[u8], cause: Option<Cause>) {
        let admission = if self.is_full {
            Admission::Unavailable
        } else {
            Admission::Open
        };
        let policy = self.policy.clone();
        let (now, unix_ms) = (self.world.now(), self.world.unix_ms());
        let env = Env {
            policy: &policy,
            now,
            unix_ms,
            admission,
            unsent: peer.unsent.len(),
        };
        match cause {
            Some(Cause::Deadline) => peer.connection.deadline_passed(&env),
            Some(Cause::Shut(reason)) => peer.connection.shut(reason, &env),
            Some(Cause::Ready) | None => {}
        }
        while let Some(action) = peer.connection.poll(&mut input, &env) {
            if !self.take(client, peer, turn, action) {
                peer.connection.shut(CloseReason::DumpTooLarge, &env);
            }
        }
        if !input.is_empty() {
            self.world
                .blame(format!("client {client}: {} bytes of input were left", input.len()));
        }
        let (accepted, complete) = (
            self.world.records[client].accepted,
            self.world.clients[client].complete(),
        );
        if peer.connection.is_session() && turn.seal.is_none() && accepted != complete {
            self.world.blame(format!(
                "client {client}: {complete} messages have arrived, {accepted} were handed out"
            ));
        }
    }

    /// Takes one action; false if the dump is full.
    fn take(&mut self, client: usize, peer: &mut Peer, turn: &mut Turn, action: Action) -> bool {
        if turn.closes {
            self.world
                .blame(format!("client {client}: {action:?} after the last action"));
        }
        match action {
            Action::Open(hello) => self.open(client, peer, *hello),
            Action::Line { payload, binary } => return self.line(client, peer, turn, &payload, binary),
            Action::Send(bytes) => turn.output.extend_from_slice(&bytes),
            Action::Seal(reason) => self.end(client, peer, turn, reason),
            Action::Refused(_) if self.world.clients[client].script.kind == Kind::Stranger => {}
            Action::Refused(reason) => self.world.blame(format!("client {client} was refused: {reason}")),
            Action::Finish => {}
            Action::Close => turn.closes = true,
        }
        true
    }

    fn open(&mut self, client: usize, peer: &mut Peer, hello: Hello) {
        if !self.world.clients[client].script.kind.is_session() || self.world.records[client].id.is_some() {
            self.world.blame(format!("client {client} must not open a session now"));
        }
        let recording = begin(hello);
        self.world.records[client].id = Some(recording.id());
        peer.recording = Some(recording);
    }

    fn line(&mut self, client: usize, peer: &mut Peer, turn: &mut Turn, payload: &[u8], binary: bool) -> bool {
        let Some(recording) = peer.recording.as_ref().filter(|_| turn.seal.is_none()) else {
            self.world
                .blame(format!("client {client}: a line outside of a session"));
            return true;
        };
        let before = turn.lines.len();
        append_message(payload, binary, &mut turn.lines);
        if recording.bytes() + turn.lines.len() as u64 > self.dump_bytes {
            turn.lines.truncate(before);
            return false;
        }
        turn.messages += 1;
        self.world.records[client].accepted += 1;
        true
    }

    fn end(&mut self, client: usize, peer: &Peer, turn: &mut Turn, reason: CloseReason) {
        if peer.recording.is_none() || turn.seal.is_some() {
            self.world.blame(format!("client {client}: a seal of no session"));
        }
        self.world.meet(format!("{reason:?}"));
        turn.seal = Some(reason);
    }

    fn record(&mut self, client: usize, peer: &mut Peer, turn: &Turn) {
        let Some(recording) = peer.recording.as_mut().filter(|_| turn.messages > 0) else {
            return;
        };
        let (place, now) = (&self.parts.place, self.world.unix_ms());
        if self.holds && turn.seal.is_none() {
            recording.hold(&turn.lines, turn.messages, now);
            if peer.lines == Lines::Written {
                peer.lines = Lines::Held;
            }
            return;
        }
        self.parts.sync.touch();
        let mut done = recording.append(place, &turn.lines, turn.messages, now);
        if done.is_err() && self.world.mutant == Mutant::AppendsTwice {
            done = recording.append(place, &turn.lines, 0, now);
        }
        match done {
            Ok(()) => self.written(client, peer),
            Err(_) if self.world.mutant == Mutant::AnswersWhenRefused => {}
            Err(_) => {
                self.world.meet("an append was refused");
                peer.lines = Lines::Blocked;
            }
        }
    }

    fn written(&mut self, client: usize, peer: &mut Peer) {
        peer.lines = Lines::Written;
        self.world.records[client].appended = self.world.records[client].accepted;
    }

    /// Tries again to write what is held or was refused.
    pub fn retry(&mut self, client: usize) {
        let Some(mut peer) = self.peers.remove(&client) else {
            return;
        };
        let was_held_up = peer.is_held_up();
        if let Some(recording) = &mut peer.recording {
            match recording.retry(&self.parts.place) {
                Ok(()) => self.written(client, &mut peer),
                Err(_) => peer.lines = Lines::Blocked,
            }
        }
        if was_held_up && !peer.is_held_up() {
            peer.connection.resume(self.world.now());
        }
        self.peers.insert(client, peer);
    }

    /// Tries again to seal a session that is over.
    pub fn retry_seal(&mut self, ended: Unsealed) {
        let client = ended.client;
        let done = self.seal(ended);
        let now = self.world.now();
        if let Some(peer) = self.peers.get_mut(&client).filter(|_| done) {
            peer.lines = Lines::Written;
            peer.connection.resume(now);
        }
    }

    /// Seals a session; false if the disk refuses that for now, and the peer must not be answered.
    fn seal(&mut self, ended: Unsealed) -> bool {
        let Unsealed {
            client,
            recording,
            code,
        } = ended;
        let accepted = self.world.records[client].accepted;
        if recording.messages() == 0 {
            self.world.records[client].settled = Some(0);
            return true;
        }
        self.parts.sync.touch();
        match recording.seal(&self.parts.place, code, self.world.unix_ms()) {
            Ok(sealed) => {
                let record = &mut self.world.records[client];
                (record.sealed, record.settled) = (Some(code), Some(accepted));
                if sealed.messages != accepted as u64 {
                    let messages = sealed.messages;
                    self.world.blame(format!(
                        "client {client}: sealed with {messages} of {accepted} messages"
                    ));
                }
                true
            }
            Err(_) if self.world.mutant == Mutant::DropsUnsealed => {
                self.world.records[client].settled = Some(accepted);
                true
            }
            Err(Refused { recording, .. }) => {
                self.world.meet("a seal was refused");
                self.unsealed.push(Unsealed {
                    client,
                    recording,
                    code,
                });
                self.world.mutant == Mutant::AnswersWhenUnsealed
            }
        }
    }

    /// Sends `output` behind what is unsent, as far as the lines are written and the network takes it.
    fn answer(&mut self, client: usize, peer: &mut Peer, output: Vec<u8>) {
        peer.unsent.extend_from_slice(&output);
        if peer.unsent.is_empty() || peer.lines != Lines::Written {
            return;
        }
        match self.world.clients[client].receive(&peer.unsent) {
            Ok(0) => {}
            Ok(taken) => {
                peer.unsent.drain(..taken);
                self.world.records[client].answered = self.world.records[client].accepted;
            }
            Err(what) => self.world.blame(format!("client {client}: {what}")),
        }
    }
}

const READS_PER_TURN: usize = 4;

/// A recording that begins with what the upgrade told.
fn begin(hello: Hello) -> Recording {
    let ticket = Ticket {
        host: "simulation".into(),
        start: UnixMs(hello.start_ms),
        ..Ticket::default()
    };
    let metadata = Metadata {
        url: hello.url,
        origin: hello.origin,
        user_agent: hello.user_agent,
        start_time: UnixMs(hello.start_ms),
        remote_addresses: hello.remote_addresses,
        client_protocol: hello.client_protocol,
    };
    let mut head = Vec::new();
    write_head(&metadata, &ticket, &mut head);
    Recording::new(head, hello.start_ms)
}
