//! What a recording says about each session: which of its lines were in its file at which time, and when it was sealed.

use std::collections::BTreeMap;

use serde_json::Value;

use super::cut::Syncs;
use super::disk::{Inode, What};
use super::load::line;
use super::recorder::Recording;

/// One session, by the id of its dump.
#[derive(Debug, Default)]
pub struct Truth {
    pub session: u32,
    /// For each write: when it began, when it returned, and how many lines were complete afterwards.
    writes: Vec<(usize, usize, u32)>,
    /// The write of the closing line.
    close: Option<Close>,
    /// The rename to ready.
    seal: Option<(usize, usize)>,
}

#[derive(Clone, Copy, Debug)]
struct Close {
    begin: usize,
    end: usize,
    code: u64,
    recovered: bool,
}

/// How a dump has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With this code; the flag says whether it was recovered.
    Known(u64, bool),
    /// The closing line was being written: either it has this code, or the dump counts as cut off.
    Open(u64),
}

pub fn read(recording: &Recording) -> BTreeMap<String, Truth> {
    let mut ids: BTreeMap<Inode, (String, Vec<u8>)> = BTreeMap::new();
    let mut truths: BTreeMap<String, Truth> = BTreeMap::new();
    for operation in &recording.operations {
        let (begin, end) = (operation.begin, operation.end);
        match &operation.what {
            What::Create { name, inode, .. } if name.ends_with(".jsonl") => {
                let id = name.trim_end_matches(".jsonl").to_owned();
                truths.insert(id.clone(), Truth::default());
                ids.insert(*inode, (id, Vec::new()));
            }
            What::Write { inode, data, .. } => {
                let Some((id, content)) = ids.get_mut(inode) else {
                    continue;
                };
                content.extend_from_slice(data);
                let truth = truths.get_mut(id).expect("it was made with its id");
                truth.written(begin, end, content);
            }
            What::Rename { inode, .. } => {
                let id = ids.get(inode).map(|(id, _)| id);
                if let Some(truth) = id.and_then(|id| truths.get_mut(id)) {
                    truth.seal.get_or_insert((begin, end));
                }
            }
            _ => {}
        }
    }
    truths
}

impl Truth {
    /// The file now has this content, all of which must be what the session sent.
    fn written(&mut self, begin: usize, end: usize, content: &[u8]) {
        let text = std::str::from_utf8(content).expect("lines are text");
        let lines: Vec<&str> = text.split_inclusive('\n').skip(2).collect();
        let mut count = 0;
        for text in lines {
            let value: Value = serde_json::from_str(text).expect("a line is JSON");
            if value[0] == "close" {
                let (code, recovered) = (value[2].as_u64(), value[3]["recovered"].as_bool());
                self.close.get_or_insert(Close {
                    begin,
                    end,
                    code: code.expect("a code"),
                    recovered: recovered.expect("a seal"),
                });
                continue;
            }
            let session: u32 = value[2]
                .as_str()
                .and_then(|name| name[1..].parse().ok())
                .expect("its name");
            assert!(self.session == 0 || self.session == session, "two sessions in one file");
            self.session = session;
            assert_eq!(text.trim_end(), line(session, count), "not what was sent");
            count += 1;
        }
        self.writes.push((begin, end, count));
    }

    /// How many lines are safe from any power cut before the next sync.
    pub fn safe(&self, syncs: &Syncs) -> u32 {
        let safe = self.writes.iter().filter(|(_, end, _)| *end < syncs.last());
        safe.map(|(_, _, lines)| *lines).max().unwrap_or(0)
    }

    /// How many lines were written or about to be written.
    pub fn sent(&self, cut: usize) -> u32 {
        let sent = self.writes.iter().filter(|(begin, _, _)| *begin < cut);
        sent.map(|(_, _, lines)| *lines).max().unwrap_or(0)
    }

    pub fn ending(&self, syncs: &Syncs, cut: usize) -> Ending {
        match (self.close, self.seal) {
            (Some(close), Some((_, sealed))) if close.end < syncs.last() && sealed < syncs.last() => {
                Ending::Known(close.code, close.recovered)
            }
            (Some(close), _) if close.begin < cut => Ending::Open(close.code),
            _ => Ending::Known(1006, true),
        }
    }

    pub fn was_live(&self, cut: usize) -> bool {
        self.sent(cut) > 0 && self.close.is_none_or(|close| close.begin >= cut)
    }
}

/// A pong is sent after the lines before it are in the file. So whatever holds for written lines holds for acknowledged
/// lines.
pub fn assert_pongs_come_after_writes(recording: &Recording, truths: &BTreeMap<String, Truth>) {
    let by_session: BTreeMap<u32, &Truth> = truths.values().map(|truth| (truth.session, truth)).collect();
    assert_eq!(by_session.len(), truths.len(), "a session in two files");
    for pong in recording.pongs.iter().filter(|pong| pong.lines > 0) {
        let written = by_session.get(&pong.session).map_or(0, |truth| {
            let before = truth.writes.iter().filter(|(_, end, _)| *end < pong.begin);
            before.map(|(_, _, lines)| *lines).max().unwrap_or(0)
        });
        assert!(written >= pong.lines, "{written} lines were written before {pong:?}");
    }
    assert!(recording.pongs.len() > 500, "only {} pongs", recording.pongs.len());
}
