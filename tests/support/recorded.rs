//! The recorded dumps of `tests/data/dumps`: what browsers sent, and collections of odd cases.
//!
//! Lines are split at LF only, because messages contain U+2028, U+0085 and single CRs.

use flate2::read::GzDecoder;
use serde_json::Value;

use super::place;

/// One recorded session.
pub struct Recorded {
    pub name: String,
    /// What the recorder wrote about the session.
    pub metadata: Value,
    /// The client's messages in order. An empty line of the file is an empty message.
    pub messages: Vec<String>,
    /// The recorded close code. 1005 means a close frame without a code, 1006 no close frame.
    pub close_code: u16,
}

impl Recorded {
    /// All of them, by name.
    pub fn all() -> Vec<Recorded> {
        let folder = place::repository().join("tests/data/dumps");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .expect("the dumps are part of the repository")
            .map(|entry| entry.expect("the folder can be read").file_name())
            .filter_map(|name| name.to_str()?.strip_suffix(".jsonl.gz").map(str::to_owned))
            .collect();
        names.sort();
        assert!(names.len() >= 34, "only {} dumps", names.len());
        names.iter().map(|name| Recorded::named(name)).collect()
    }

    /// The dump of this name.
    pub fn named(name: &str) -> Recorded {
        let packed = std::fs::read(place::repository().join(format!("tests/data/dumps/{name}.jsonl.gz")))
            .expect("a recorded dump of that name");
        let text = std::io::read_to_string(GzDecoder::new(&packed[..])).expect("dumps are gzip files of UTF-8 text");
        let mut lines: Vec<String> = text
            .strip_suffix('\n')
            .unwrap_or(&text)
            .split('\n')
            .map(str::to_owned)
            .collect();
        let close: Value = serde_json::from_str(&lines.pop().expect("a dump has lines")).expect("a closing line");
        let close_code = close[2].as_u64().and_then(|code| u16::try_from(code).ok());
        let metadata = serde_json::from_str(&lines[1]).expect("a metadata line");
        Recorded {
            name: name.to_owned(),
            metadata,
            messages: lines.split_off(2),
            close_code: close_code.expect("a close code"),
        }
    }

    /// A member of the recorded metadata whose value is a text.
    pub fn text(&self, member: &str) -> &str {
        self.metadata[member].as_str().unwrap_or_default()
    }
}
