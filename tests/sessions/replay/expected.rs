//! What a replayed dump must be, made from the recorded messages without the server.

use rtcstats_server::dump::{MaskRules, Masker};
use serde_json::{Value, json};
use support::{Dump, Row};

use super::Replay;

/// Each message as the line that is stored for it.
pub fn masked(messages: &[String]) -> Vec<String> {
    let rules = MaskRules {
        addresses: true,
        device_labels: true,
    };
    let masked = |message: &String| {
        let mut line = Vec::new();
        // A new masker for each line, while the server uses one for each dump.
        Masker::new(rules, None).line(message.as_bytes(), &mut line);
        String::from_utf8(line).expect("masked lines are UTF-8")
    };
    messages.iter().map(masked).collect()
}

/// Checks the lines between the first two and the last one.
pub fn check_messages(replay: &Replay, dump: &Dump, whole: &[String]) {
    let (target, stored) = (replay.target(), dump.messages());
    assert_eq!(
        stored.len(),
        replay.recorded.messages.len(),
        "{target}: number of lines"
    );
    for (number, (stored, expected)) in stored.iter().zip(whole).enumerate() {
        assert!(
            stored == expected,
            "{target}, message {}:\n{stored:.2000}\nexpected\n{expected:.2000}",
            number + 1
        );
    }
}

/// Checks the first two lines, the closing line and the row.
pub fn check_frame(replay: &Replay, dump: &Dump, row: &Row) {
    let target = replay.target();
    assert_eq!(dump.lines[0], "RTCStatsDump", "{target}");
    let start = dump.metadata()["startTime"].as_u64().expect("a start");
    let metadata = json!({
        "url": target,
        "origin": replay.recorded.metadata["origin"],
        "userAgent": replay.recorded.metadata["userAgent"],
        "startTime": start,
        "remoteAddresses": ["127.0.0.1"],
        "clientProtocol": "rtcstats#5.0",
        "fileFormat": 3,
    });
    assert_eq!(dump.lines[1], metadata.to_string(), "{target}");
    let last = dump.lines.last().expect("a closing line");
    let close: (String, Value, u16, u64) = serde_json::from_str(last).expect("a closing line of four elements");
    assert_eq!(last, &format!("[\"close\",null,{},{}]", close.2, close.3), "{target}");
    assert_eq!(close.2, replay.recorded.close_code, "{target}");
    check_row(replay, dump, row, metadata);
}

fn check_row(replay: &Replay, dump: &Dump, row: &Row, mut metadata: Value) {
    let target = replay.target();
    let lengths: usize = dump.lines.iter().map(|line| line.len() + 1).sum();
    metadata["numberOfMessages"] = replay.recorded.messages.len().into();
    metadata["bytes"] = lengths.into();
    metadata["closeCode"] = replay.recorded.close_code.into();
    metadata["hostIdentifier"] = row.metadata["hostIdentifier"].clone();
    metadata["recovered"] = false.into();
    // What was found has tests of its own; here it must be the last member.
    metadata["findings"] = row.metadata["findings"].clone();
    assert!(row.metadata["findings"].is_object(), "{target}");
    assert_eq!(row.metadata.to_string(), metadata.to_string(), "{target}");
    assert!(row.metadata["hostIdentifier"].is_string(), "{target}");
    let claims = [&row.user, &row.conference, &row.session];
    assert_eq!(claims, [&None; 3], "{target}");
    let url = format!("file://{}", dump.path.display());
    assert_eq!(row.blob_url.as_ref(), Some(&url), "{target}");
}
