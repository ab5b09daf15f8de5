//! How sessions end: the dump is sealed and reported, or kept until the disk allows that.
//!
//! Until a dump is sealed, its peer is sent nothing from which it could conclude that the dump is safe. No dump is
//! given up here.

use std::io;

use super::command::{Command, Now};
use super::engine::Engine;
use super::peer::Lines;
use super::slots::Key;
use super::unsealed::Unsealed;
use crate::connection::{Blame, CloseReason};
use crate::fault::{self, Broken};
use crate::spool::Recording;
use crate::spool::recording::{Sealed, Unsealed as Refused};

impl Engine {
    /// Seals a finished session and reports it. If the disk refuses that, upkeep tries again.
    pub(super) fn seal(&mut self, key: Key, recording: Recording, reason: CloseReason, now: Now) {
        if recording.messages() == 0 {
            return;
        }
        let id = recording.id();
        if fault::is_broken(Broken::SealsLater) {
            self.unsealed.push(Unsealed { key, recording, reason });
        } else if let Err(error) = self.try_seal(key, recording, reason, now) {
            log::warn!("dump {id} cannot be sealed yet: {error}");
        }
    }

    pub(super) fn try_seal(&mut self, key: Key, recording: Recording, reason: CloseReason, now: Now) -> io::Result<()> {
        let sealed = recording.seal(&self.place, reason.code(), now.unix);
        self.sync.touch();
        match sealed {
            Ok(sealed) => {
                report(&sealed, reason);
                self.outbox.push_back(Command::Sealed(sealed.id));
                self.note_seal(key, Lines::Written);
                Ok(())
            }
            Err(_) if fault::is_broken(Broken::DropsUnsealed) => {
                self.note_seal(key, Lines::Written);
                Ok(())
            }
            Err(Refused { recording, error }) => {
                self.unsealed.push(Unsealed { key, recording, reason });
                let lines = match fault::is_broken(Broken::AnswersWhenUnsealed) {
                    true => Lines::Written,
                    false => Lines::Unsealed,
                };
                self.note_seal(key, lines);
                Err(error)
            }
        }
    }

    fn note_seal(&mut self, key: Key, lines: Lines) {
        if let Some(peer) = self.peers.get_mut(key) {
            peer.lines = lines;
        }
    }
}

fn report(sealed: &Sealed, reason: CloseReason) {
    let Sealed {
        id,
        messages,
        bytes,
        duration_ms,
    } = sealed;
    let (code, seconds) = (reason.code(), *duration_ms as f64 / 1000.0);
    log::log!(
        level(reason),
        "session {id} ended: messages {messages}, bytes {bytes}, code {code} ({reason}), {seconds:.1} s"
    );
}

/// Only a fault of this program is logged as an error. All other ends of sessions are normal.
fn level(reason: CloseReason) -> log::Level {
    match reason.blame() {
        Blame::Peer | Blame::Operator => log::Level::Info,
        Blame::Us => log::Level::Error,
    }
}
