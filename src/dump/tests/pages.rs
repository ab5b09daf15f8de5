//! The dumps of browsers: the scanners of their texts, the clock, and whole dumps, in the worst shapes.
use super::check_linear;
use crate::dump::internals::{Export, Internals};
use crate::dump::{MaskRules, Masker};

fn page(text: &[u8]) {
    let mut internals = Internals::open(b"", text, None).expect("a dump");
    while internals.advance().expect("memory does not fail") {
        let _ = internals.event();
    }
}

fn export(text: &[u8]) {
    let mut export = Export::open(b"RTCStatsDump\n{\"fileFormat\":3}\n", text, None).expect("a dump");
    while export.advance().expect("memory does not fail") {
        let _ = export.event();
    }
}

fn mask(text: &[u8]) {
    let mut masker = Masker::new(MaskRules::default(), None);
    let _ = masker.internals(text, Vec::new()).expect("a text that is not too long");
}

fn connection(log: &str, stats: &str) -> Vec<u8> {
    format!(r#"{{"PeerConnections":{{"1-1":{{"url":"http://a/","updateLog":[{log}],"stats":{{{stats}}}}}}}}}"#)
        .into_bytes()
}

fn list(count: usize, part: impl Fn(usize) -> String) -> String {
    let parts: Vec<String> = (0..count).map(part).collect();
    parts.join(",")
}

const SPAN: &str = r#""startTime":"1970-01-01T00:00:01.000Z","endTime":"1970-01-01T00:16:40.000Z""#;

fn series(key: &str, values: &str) -> String {
    format!(r#""{key}":{{{SPAN},"values":"[{values}]"}}"#)
}

type Shape = (&'static str, fn(usize) -> Vec<u8>);

const PAGES: [Shape; 10] = [
    ("connections", |n| {
        let one = |at| format!(r#""1-{at}":{{"url":"http://a/","updateLog":[],"stats":{{}}}}"#);
        format!(r#"{{"PeerConnections":{{{}}}}}"#, list(n, one)).into_bytes()
    }),
    ("entries", |n| {
        connection(
            &list(n, |at| format!(r#"{{"timestamp":{at},"type":"t{at}","value":"x"}}"#)),
            "",
        )
    }),
    ("local times", |n| {
        let one = |at| format!(r#"{{"time":"25.11.2021, 15:04:{:02}","type":"t","value":""}}"#, at % 60);
        connection(&list(n, one), "")
    }),
    ("a long time", |n| {
        connection(&format!(r#"{{"time":"{}","type":"t"}}"#, "1".repeat(n)), "")
    }),
    ("series", |n| {
        connection("", &list(n, |at| series(&format!("R{at}-x"), "1,2,3")))
    }),
    ("properties", |n| {
        connection("", &list(n, |at| series(&format!("R-x{at}"), "1,2,3")))
    }),
    ("a long series", |n| {
        connection("", &series("R-x", &list(n, |at| format!("{at}"))))
    }),
    ("depth", |n| connection(&"[".repeat(n), "")),
    ("quotes", |n| {
        connection(&format!(r#"{{"type":"t","value":"{}"}}"#, r#"\\\""#.repeat(n)), "")
    }),
    ("media", |n| {
        let one = |at| format!(r#"{{"rid":1,"request_id":{at},"audio":"","origin":"http://a","timestamp":{at}}}"#);
        format!(r#"{{"getUserMedia":[{}]}}"#, list(n, one)).into_bytes()
    }),
];

#[test]
fn dumps_of_pages_are_read_in_linear_time() {
    for (what, text) in PAGES {
        check_linear(what, 1000, text, page);
    }
}

/// Each series has values at both ends of a call of many polls, so that a part of the call has hardly any.
#[test]
fn short_series_of_a_long_call_are_read_in_linear_time() {
    let text = |n| {
        let stamps = series("P-timestamp", &list(n, |at| format!("{}", 1000 + 1000 * at)));
        let ends = format!(r#""B-timestamp":{{{SPAN},"values":"[1000,{}]"}}"#, 1000 * n);
        let wide = |at| series(&format!("B-x{at}"), "1,2");
        connection("", &[stamps, ends, list(n, wide)].join(","))
    };
    check_linear("short series", 4000, text, page);
}

#[test]
fn dumps_of_pages_are_masked_in_linear_time() {
    for (what, text) in PAGES {
        check_linear(what, 1000, text, mask);
    }
}

#[test]
fn values_in_forms_of_their_own_are_read_in_linear_time() {
    const FORMS: [(&str, &str, &str, &str); 9] = [
        ("createOffer", "options: {", "a: 1, ", "}"),
        ("createOffer", "options: {", "{[", ""),
        ("setLocalDescription", "type: offer, sdp: ", "m=audio, sdp: ", ""),
        ("onicecandidate", "candidate: ", ", url: , relayProtocol: ", ""),
        ("icecandidateerror", "", "url: url: error_code: 7\\n", ""),
        ("createDataChannel", "label: ", ", ordered: , reliable: ", ""),
        ("createDataChannel", "label: a, ordered: true", ", x: \\\"", ""),
        (
            "transceiverAdded",
            "Caused by: x\\n\\ngetTransceivers()[0]:{",
            "a:'b',",
            "}",
        ),
        ("somethingNew", "{", "\\\"a\\\":\\\"\\\\\\\"\\\",", "\\\"b\\\":1}"),
    ];
    for (kind, before, part, behind) in FORMS {
        let text = |n: usize| {
            let value = format!("{before}{}{behind}", part.repeat(n));
            connection(&format!(r#"{{"timestamp":1,"type":"{kind}","value":"{value}"}}"#), "")
        };
        for work in [page, mask] {
            check_linear(&format!("{kind} {part}"), 1000, text, work);
        }
    }
}

#[test]
fn exports_are_read_in_linear_time() {
    let lines = |n: usize, line: fn(usize) -> String| (0..n).map(line).collect::<String>().into_bytes();
    let shapes: [Shape; 4] = [
        ("connections", |n| {
            (0..n)
                .flat_map(|at| format!("[\"create\",\"1-{at}\",{{}},1]\n").into_bytes())
                .collect()
        }),
        ("events", |n| {
            (0..n)
                .flat_map(|at| format!("[\"t{at}\",\"1-1\",{{}},1]\n").into_bytes())
                .collect()
        }),
        ("backwards", |n| {
            (0..n)
                .flat_map(|at| format!("[\"t\",\"1-1\",{{}},{}]\n", 2_000_000_000_000 - at).into_bytes())
                .collect()
        }),
        ("statistics", |n| {
            (0..n)
                .flat_map(|at| format!("[\"getStats\",\"1-1\",{{\"R{at}\":{{\"x\":1}}}},1]\n").into_bytes())
                .collect()
        }),
    ];
    for (what, text) in shapes {
        check_linear(what, 1000, text, export);
    }
    let askers = |n| {
        lines(n, |at| {
            format!("[\"navigator.mediaDevices.getUserMedia\",\"1-0\",{{}},\"1-{at}\",\"http://a/\",1]\n")
        })
    };
    check_linear("requests for media", 1000, askers, export);
}
