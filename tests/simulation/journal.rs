//! Reads the server's log as an operator would: what it says about sessions, in the order in which it said it.
//!
//! The lines of each thread are kept separately. Lines about anything else are dropped.

use std::cell::RefCell;
use std::sync::Once;

use log::{LevelFilter, Log, Metadata, Record};
use rtcstats_server::connection::CloseReason;
use rtcstats_server::spool::Id;

thread_local! {
    static ENTRIES: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// One line of the log.
#[derive(Debug)]
pub enum Entry {
    /// The disk has refused lines.
    Refused,
    /// The disk has refused a seal.
    Unsealed,
    Ended(Ended),
    /// What must never be said.
    Lost(String),
}

/// The end of a session.
#[derive(Debug)]
pub struct Ended {
    pub id: Id,
    pub messages: usize,
    pub code: u16,
    /// Written like the variants of `CloseReason`.
    pub reason: String,
}

/// Starts reading; may be called again.
pub fn open() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&Journal).expect("this process has no other logger");
        log::set_max_level(LevelFilter::Info);
    });
    take();
}

/// What was said since the last call.
pub fn take() -> Vec<Entry> {
    ENTRIES.take()
}

struct Journal;

impl Log for Journal {
    fn enabled(&self, _: &Metadata) -> bool {
        true
    }

    fn log(&self, record: &Record) {
        let line = record.args().to_string();
        let entry = if line.contains("its session is held up until it can") {
            Some(Entry::Refused)
        } else if line.contains("cannot be sealed yet") {
            Some(Entry::Unsealed)
        } else if line.starts_with("the last lines of dump") {
            Some(Entry::Lost(line))
        } else {
            ended(&line).map(Entry::Ended)
        };
        ENTRIES.with_borrow_mut(|entries| entries.extend(entry));
    }

    fn flush(&self) {}
}

/// `session ID ended: messages N, bytes N, code CODE (REASON), S s`.
fn ended(line: &str) -> Option<Ended> {
    let (id, rest) = line.strip_prefix("session ")?.split_once(" ended: messages ")?;
    let (messages, rest) = rest.split_once(", bytes ")?;
    let (code, text) = rest.split_once(", code ")?.1.split_once(" (")?;
    let code = code.parse().ok()?;
    let reasons = [
        CloseReason::Peer(code),
        CloseReason::Cut,
        CloseReason::Idle,
        CloseReason::NotReading,
        CloseReason::Protocol,
        CloseReason::NotUtf8,
        CloseReason::MessageTooLarge,
        CloseReason::DumpTooLarge,
        CloseReason::GoingAway,
        CloseReason::DiskLow,
        CloseReason::MemoryShort,
        CloseReason::Internal,
    ];
    let text = text.rsplit_once("), ")?.0;
    let reason = reasons.into_iter().find(|reason| reason.to_string() == text)?;
    Some(Ended {
        id: id.parse().ok()?,
        messages: messages.parse().ok()?,
        code,
        reason: format!("{reason:?}"),
    })
}
