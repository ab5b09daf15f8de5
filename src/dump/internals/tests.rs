//! Whole dumps: recordings, and small ones written by hand.
mod generations;
mod mutations;
mod recorded;

use serde_json::Value;

use super::*;

/// All events of a dump, as JSON values.
fn read(text: &[u8], origin: Option<&str>) -> (Vec<Value>, Internals) {
    let mut internals = Internals::open(b"", text, origin).unwrap();
    let mut events = Vec::new();
    while internals.advance().unwrap() {
        let mut line = Vec::new();
        internals.event().write_json(&mut line);
        assert!(memchr::memchr(b'\n', &line).is_none(), "an event is one line");
        events.push(serde_json::from_slice(&line).unwrap());
    }
    (events, internals)
}
