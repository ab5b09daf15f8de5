//! Dumps that are larger, deeper or more broken than any client makes them: a limited part of memory, and words about
//! what was not read.

use std::io::{self, Read};

use rtcstats_server::dump::decode::Decoder;
use rtcstats_server::dump::open::Dump;

use super::compressed::read;
use super::memory::needed;

const HEAD: &str = "RTCStatsDump\n{\"fileFormat\":3}\n";
const MIB: usize = 1 << 20;

/// So many letters.
struct Letters(u64);

impl Read for Letters {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(usize::try_from(self.0).unwrap_or(usize::MAX));
        buffer[..count].fill(b'x');
        self.0 -= count as u64;
        Ok(count)
    }
}

#[test]
fn a_line_of_a_gigabyte_is_skipped() {
    let before = format!("{HEAD}[\"a\",null,1,5]\n");
    let input = before
        .as_bytes()
        .chain(Letters(1 << 30))
        .chain(&b"\n[\"b\",null,2,5]\n"[..]);
    let ((count, notes), needed) = needed(|| {
        let mut dump = Dump::open(input).expect("a dump");
        let mut count = 0;
        while dump.next().expect("memory does not fail").is_some() {
            count += 1;
        }
        let notes: Vec<_> = dump.notes().iter().map(ToString::to_string).collect();
        (count, notes)
    });
    assert_eq!(count, 2);
    assert_eq!(notes, ["line 4 is too long (1073741824 bytes) and was skipped"]);
    assert!(needed.bytes < 64 * MIB, "{needed:?}");
}

#[test]
fn ten_thousand_connections_fit() {
    let mut text = HEAD.as_bytes().to_vec();
    let mut reports = 0;
    for number in 0..10_000 {
        let report = format!(r#"{{"0":{{"type":"transport","80":{number},"41":5,"iceState":"connected"}},"t":1}}"#);
        reports += report.len();
        text.extend_from_slice(format!("[39,\"PC_{number}\",null,1]\n[\"g\",\"PC_{number}\",{report},1]\n").as_bytes());
    }
    let ((methods, notes), needed) = needed(|| read(&text));
    assert_eq!((methods.len(), notes), (20_000, vec![]));
    // The methods that the test keeps take 24 bytes and their texts.
    let allowed = 64 * MIB + 10_000 * 4096 + 2 * reports + methods.len() * 64;
    assert!(needed.bytes < allowed, "{needed:?}");
}

#[test]
fn connections_without_end_are_too_many() {
    let mut text = HEAD.as_bytes().to_vec();
    for number in 0..70_000 {
        text.extend_from_slice(format!("[39,\"{number}\",null,1]\n").as_bytes());
    }
    let ((methods, notes), needed) = needed(|| read(&text));
    assert_eq!(methods.len(), 65_535, "the client is one of them");
    assert_eq!(notes.len(), 1000, "the others are counted");
    assert!(notes[0].contains("more than 65536 connections"), "{}", notes[0]);
    assert!(needed.bytes < 64 * MIB, "{needed:?}");
}

#[test]
fn arrays_may_be_nested_a_thousand_times() {
    let nested = |levels: usize| format!("[\"a\",null,{}{},5]\n", "[".repeat(levels), "]".repeat(levels));
    let (methods, notes) = read(format!("{HEAD}{}{}{}", nested(1000), nested(100_000), nested(1)).as_bytes());
    assert_eq!(methods, ["a", "a"]);
    assert_eq!(notes, ["line 4 is nested deeper than 65536 levels and was skipped"]);
}

#[test]
fn a_torn_end_and_a_hole_are_said() {
    let (methods, notes) = read(format!("{HEAD}[\"a\",null,1,5]\n[\"b\",nul").as_bytes());
    assert_eq!(methods, ["a"]);
    assert_eq!(notes, ["the file ends within line 4, which was skipped"]);
    let ticket =
        r#"{"fileFormat":3,"rtcstatsServer":{"user":null,"conference":null,"session":null,"host":"h","start":5}}"#;
    let spooled = format!("RTCStatsDump\n{ticket}\n[\"a\",null,1,5]\n[\"b\",\0\0\0\n[\"c\",null,1,5]\n");
    let (methods, notes) = read(spooled.as_bytes());
    assert_eq!(methods, ["a"]);
    assert_eq!(
        notes,
        ["line 4 was destroyed by a power cut, and what follows was not read"]
    );
}

#[test]
fn numbers_beyond_all_clocks_do_not_stop_it() {
    let (lines, mut decoder) = (
        [
            r#"["a",null,1e400,5]"#,
            r#"["b",null,1,1e400]"#,
            r#"["c",null,"\ud800",5]"#,
        ],
        Decoder::new(),
    );
    let times = lines.map(|line| {
        decoder
            .line(line.as_bytes())
            .expect("an event")
            .expect("an event")
            .timestamp
    });
    assert_eq!(times, [5.0, 5.0, 10.0]);
}

#[test]
fn steady_statistics_allocate_nothing() {
    let first = r#"["g","PC_0",{"0":{"type":1,"41":1000,"16":0.0123456,"96":{"cpu":1.5,"none":2.5}},"t":1000},"c",5]"#;
    let second = r#"["g","PC_0",{"0":{"41":1001,"16":0.0123457,"96":{"cpu":1.7}},"t":2000},"c",5]"#;
    let mut decoder = Decoder::new();
    for line in [first, second, first, second] {
        decoder.line(line.as_bytes()).expect("an event");
    }
    let (_, needed) = needed(|| {
        for line in [first, second].repeat(100) {
            assert!(decoder.line(line.as_bytes()).is_ok_and(|event| event.is_some()));
        }
    });
    assert!(needed.calls <= 2, "only the list of lines: {needed:?}");
}
