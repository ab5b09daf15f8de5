//! Stands between the engine and its clients: copies bytes in, carries out commands, and keeps account of both.
//!
//! It decides nothing that is for the engine to decide. A driver that does not do its part is simulated as one kind of
//! broken server.

use std::net::{IpAddr, Ipv4Addr};

use rtcstats_server::sessions::{Cause, Command, Key, Now, Role, Stage};
use rtcstats_server::spool::Id;
use rtcstats_server::time::UnixMs;

use super::client::Arrival;
use super::journal::{self, Entry};
use super::plan::{BadDriver, Fault};
use super::server::Server;

impl Server<'_> {
    pub fn now(&self) -> Now {
        Now {
            instant: self.world.now(),
            unix: UnixMs(self.world.unix_ms()),
        }
    }

    pub fn accept(&mut self) {
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let now = self.now();
        let key = self.engine.accept(Role::Sessions, Some(address), now);
        let key = key.expect("there is room for all clients");
        self.peers.insert(key, self.world.next_client);
        self.world.next_client += 1;
    }

    /// One turn of a connection, with all commands that it causes.
    pub fn turn(&mut self, key: Key, cause: Cause) {
        self.turn_alone(key, cause);
        self.carry_out();
    }

    fn turn_alone(&mut self, key: Key, cause: Cause) {
        let Some(client) = self.peers.get(&key).copied() else {
            return;
        };
        if matches!(cause, Cause::Ready) {
            self.send(key, client);
            self.read(key, client);
        }
        let now = self.now();
        self.engine.turn(key, cause, now);
        // It may have ended the session of another connection that used too much memory.
        self.observe_all();
    }

    fn read(&mut self, key: Key, client: usize) {
        let mut ignored = 0;
        while self.may_read(key, &mut ignored) {
            let now = self.now();
            match self.world.clients[client].arrive() {
                Arrival::Bytes(bytes) => self.engine.receive(key, &bytes, now),
                Arrival::Nothing => return,
                Arrival::End => {
                    self.engine.end_of_stream(key, now);
                    return self.observe(key, client);
                }
            }
            self.observe(key, client);
            if self.world.fault == Fault::Driver(BadDriver::AnswersEarly) {
                self.send(key, client);
            }
        }
    }

    fn may_read(&mut self, key: Key, ignored: &mut usize) -> bool {
        let wanted = self.engine.wants_input(key);
        let reads_all_the_same = self.world.fault == Fault::Driver(BadDriver::ReadsWhileRefused);
        *ignored += usize::from(!wanted);
        wanted || (reads_all_the_same && *ignored < 3)
    }

    /// Carries out everything that the engine asks for.
    pub fn carry_out(&mut self) {
        while let Some(command) = self.engine.next_command() {
            self.read_journal();
            match command {
                Command::Send(key) => self.send_to(key),
                Command::Finish(_) => {}
                Command::Close(key, last) => self.close(key, &last),
                Command::ReadAgain(key) => self.turn_alone(key, Cause::Ready),
                Command::Sealed(id) => self.note_sealed(id),
            }
        }
        self.read_journal();
    }

    fn send_to(&mut self, key: Key) {
        if let Some(client) = self.peers.get(&key).copied() {
            self.send(key, client);
        }
    }

    fn send(&mut self, key: Key, client: usize) {
        let bytes = self.engine.unsent(key).to_vec();
        if bytes.is_empty() {
            return;
        }
        if self.world.clients[client].is_reset() {
            return self.engine.deaf(key);
        }
        let taken = self.answer(client, &bytes);
        self.engine.sent(key, taken);
    }

    /// Sends bytes to a client. Returns how many the network accepted.
    fn answer(&mut self, client: usize, bytes: &[u8]) -> usize {
        match self.world.clients[client].receive(bytes) {
            Ok(taken) => {
                if taken > 0 {
                    self.world.records[client].answered = self.world.records[client].accepted;
                }
                taken
            }
            Err(what) => {
                self.world.blame(format!("client {client}: {what}"));
                bytes.len()
            }
        }
    }

    fn close(&mut self, key: Key, last: &[u8]) {
        match self.peers.remove(&key) {
            Some(client) => drop(self.answer(client, last)),
            None => self.world.blame(format!("{key:?} was closed twice")),
        }
    }

    /// Notes how far each session has come.
    pub fn observe_all(&mut self) {
        for (key, client) in self.peers.clone() {
            self.observe(key, client);
        }
    }

    fn observe(&mut self, key: Key, client: usize) {
        let complete = self.world.clients[client].complete();
        let view = self.engine.view(key);
        let record = &mut self.world.records[client];
        let Some(view) = view else {
            if record.id.is_some() && record.accepted == 0 {
                record.settled = Some(0);
            }
            return;
        };
        if record.id.is_some_and(|id| id != view.id) || !self.world.clients[client].script.kind.is_session() {
            return self.world.blame(format!("client {client} must not open a session now"));
        }
        (record.id, record.accepted) = (Some(view.id), view.messages);
        if view.lines == Stage::Written {
            record.appended = view.messages;
        }
        if view.lines != Stage::Ending && view.messages != complete {
            let messages = view.messages;
            self.world.blame(format!(
                "client {client}: {complete} messages have arrived, {messages} were handed out"
            ));
        }
    }

    /// The log is what an operator would see.
    fn read_journal(&mut self) {
        for entry in journal::take() {
            match entry {
                Entry::Refused => self.world.meet("an append was refused"),
                Entry::Unsealed => self.world.meet("a seal was refused"),
                Entry::Lost(line) => self.world.blame(line),
                Entry::Ended(ended) => {
                    self.world.meet(ended.reason.clone());
                    self.ended.insert(ended.id, ended);
                }
            }
        }
    }

    /// Every session that had a message is reported once, with everything that has arrived of it.
    fn note_sealed(&mut self, id: Id) {
        self.submit(id);
        let client = self.world.records.iter().position(|record| record.id == Some(id));
        let (Some(client), Some(ended)) = (client, self.ended.remove(&id)) else {
            return self.world.blame(format!("{id} is nobody's, or was sealed twice"));
        };
        let complete = self.world.clients[client].complete();
        let record = &mut self.world.records[client];
        let accepted = record.accepted;
        let is_again = record.settled.replace(accepted).is_some();
        record.sealed = Some(ended.code);
        let is_whole = accepted == complete || ended.reason == "DumpTooLarge";
        if is_again || ended.messages != accepted || !is_whole {
            let messages = ended.messages;
            self.world.blame(format!(
                "client {client}: sealed with {messages} of {accepted} messages, {complete} have arrived"
            ));
        }
    }
}
