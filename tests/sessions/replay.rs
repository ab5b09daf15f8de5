//! Every recorded dump, sent to the real binary over real sockets, comes out as the same dump however the bytes are
//! cut.
//!
//! The expected dump is made from the recorded messages alone: each message masked as a line, in order, with nothing
//! lost and nothing added. `tests/sessions/masking.rs` compares masked lines with those of the Node.js implementation.
//! Since the lines here are equal to masked lines, its table holds for the whole server.
//!
//! Limit: the kernel may join pieces again as it likes. The tests of `connection` and the simulation have splits that
//! are certain.

mod expected;
mod locations;
mod metadata;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::wire::Bytes;
use support::{Dump, Recorded, Row, Server};

/// Bytes in a piece.
const SPLITS: [usize; 5] = [1, 2, 7, 1460, 65536];

/// Sessions at the same time.
const SESSIONS: usize = 8;

/// A session that is going to be sent: a dump, and the size of the pieces.
struct Replay<'a> {
    recorded: &'a Recorded,
    split: usize,
}

impl Replay<'_> {
    /// The request target, which distinguishes it from the other sessions in the stored dump.
    fn target(&self) -> String {
        format!("/{}?split={}", self.recorded.name, self.split)
    }

    fn bytes(&self) -> Bytes {
        let headers = [
            ("Origin", self.recorded.text("origin")),
            ("User-Agent", self.recorded.text("userAgent")),
        ];
        let mut bytes = Bytes::upgrade(&self.target(), &headers);
        self.recorded.messages.iter().for_each(|message| bytes.text(message));
        // A server writes 1006 when there was no close frame.
        if self.recorded.close_code != 1006 {
            bytes.close(self.recorded.close_code, "");
        }
        bytes
    }
}

/// Sends all of them, several at a time. Returns how many fragments ended in the middle of a character.
fn send_all(server: &Server, replays: &[Replay]) -> usize {
    let (next, cut_characters) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..SESSIONS {
            scope.spawn(|| {
                while let Some(replay) = replays.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let bytes = replay.bytes();
                    cut_characters.fetch_add(bytes.cut_characters, Ordering::Relaxed);
                    let answer = bytes.send(server.address(), replay.split);
                    assert!(answer.starts_with(b"HTTP/1.1 101 "), "{}", replay.target());
                }
            });
        }
    });
    cut_characters.into_inner()
}

/// The stored dumps with their rows, by the url of the session.
fn stored(server: &Server, count: usize) -> BTreeMap<String, (Dump, Row)> {
    let dumps = server.delivered(count);
    let mut rows: BTreeMap<String, Row> = server.rows().into_iter().map(|row| (row.id.clone(), row)).collect();
    let by_url = |dump: Dump| {
        let url = dump.metadata()["url"].as_str().expect("a url").to_owned();
        let row = rows.remove(&dump.id()).expect("each dump has a row");
        (url, (dump, row))
    };
    dumps.into_iter().map(by_url).collect()
}

#[test]
fn every_dump_is_the_same_at_every_split() {
    let recorded = Recorded::all();
    let server = Server::start(&[]);
    let replays: Vec<Replay> = SPLITS
        .iter()
        .flat_map(|split| {
            recorded.iter().map(|recorded| Replay {
                recorded,
                split: *split,
            })
        })
        .collect();
    let cut_characters = send_all(&server, &replays);
    assert!(cut_characters > 0, "no fragment ended within a character");
    // A session without a message leaves no dump.
    let kept: Vec<&Replay> = replays
        .iter()
        .filter(|replay| !replay.recorded.messages.is_empty())
        .collect();
    assert_eq!(kept.len(), replays.len() - SPLITS.len());
    let stored = stored(&server, kept.len());
    let expected: BTreeMap<&str, Vec<String>> = recorded
        .iter()
        .map(|recorded| (&*recorded.name, expected::masked(&recorded.messages)))
        .collect();
    for replay in kept {
        let (dump, row) = stored
            .get(&replay.target())
            .unwrap_or_else(|| panic!("{} is lost", replay.target()));
        expected::check_messages(replay, dump, &expected[&*replay.recorded.name]);
        expected::check_frame(replay, dump, row);
    }
}
