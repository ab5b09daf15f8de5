//! The same calls in three forms: a client library's dump, what webrtc-internals has kept, and Chrome's own export.
//! Their features agree in all that the three can know. What a browser cannot know is absent, for a need of the feature
//! that docs/features.md explains; everything else that differs is in a table here, with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;

use flate2::read::GzDecoder;
use rtcstats_server::dump::decode::Value as Content;
use rtcstats_server::dump::open::{Dump, Format};
use rtcstats_server::features::Extractor;
use serde_json::{Map, Value};
use support::place::repository;

const CALLS: [&str; 5] = [
    "audio-only",
    "gum-failures",
    "ice-restart",
    "ice-restart-late",
    "simulcast-3rids",
];

/// `getStats` gives the same statistics to all who ask within this time.
const SAME_STATISTICS_MS: f64 = 50.0;

fn unpacked(name: &str, form: &str) -> Vec<u8> {
    let path = repository().join(format!("tests/data/internals/{name}.{form}.gz"));
    let packed = fs::read(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let mut text = Vec::new();
    GzDecoder::new(&packed[..]).read_to_end(&mut text).unwrap();
    text
}

/// The lines of a dump up to this time. A browser's dump is taken before the call is over, and a client library's goes
/// on.
fn until(text: &[u8], end: f64) -> Vec<u8> {
    let (mut kept, mut clock) = (Vec::new(), 0.0);
    for (number, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if number >= 2 {
            let event: Vec<Value> = serde_json::from_slice(line).unwrap();
            clock += event.last().and_then(Value::as_f64).unwrap();
        }
        if clock > end {
            break;
        }
        kept.extend_from_slice(line);
    }
    kept
}

/// When the last statistics were taken.
fn last_statistics(text: &[u8]) -> Option<f64> {
    let (mut dump, mut last) = (Dump::open(text).unwrap(), None);
    while let Some(event) = dump.next().unwrap() {
        if matches!(event.value, Content::Reports(_)) {
            last = Some(last.map_or(event.timestamp, |last| f64::max(last, event.timestamp)));
        }
    }
    last
}

/// The features of a dump in one form.
struct Form {
    /// By place and name: of the client, of each connection, of each of its tracks.
    features: BTreeMap<(String, String), Value>,
    /// Names of features that this form lacks, or may lack.
    lacking: BTreeSet<&'static str>,
}

impl Form {
    fn of(text: &[u8], expected: Format) -> Form {
        let mut dump = Dump::open(text).unwrap();
        assert_eq!(dump.format(), expected);
        let mut extractor = Extractor::of(&dump);
        while let Some(event) = dump.next().unwrap() {
            extractor.event(&event);
        }
        assert!(dump.notes().is_empty());
        let found = extractor.finish(|connection| dump.reports(connection));
        let lacking = found.unknown().flat_map(|(_, names)| names).collect();
        let mut text = Vec::new();
        found.write_json(&mut text);
        let features = flat(&serde_json::from_slice(&text).unwrap());
        Form { features, lacking }
    }
}

fn flat(features: &Value) -> BTreeMap<(String, String), Value> {
    let mut found = BTreeMap::new();
    let mut add = |place: &str, members: &Map<String, Value>| {
        for (name, value) in members
            .iter()
            .filter(|(name, _)| !matches!(&***name, "peerConnections" | "tracks"))
        {
            found.insert((place.to_owned(), name.clone()), value.clone());
        }
    };
    add("client", features.as_object().unwrap());
    for (at, connection) in features["peerConnections"].as_array().unwrap().iter().enumerate() {
        add(&format!("connection {at}"), connection.as_object().unwrap());
        for track in connection["tracks"].as_array().unwrap() {
            let name = format!("connection {at} {} {}", track["direction"], track["trackIdentifier"]);
            add(&name, track.as_object().unwrap());
        }
    }
    found
}

/// How much two forms may differ in what both have: absolutely, and in parts of the larger value.
#[derive(Clone, Copy)]
struct Rough(f64, f64);

/// The browser hears of an event some milliseconds later than the page, of several at once.
const HEARD: Rough = Rough(12.0, 0.0);

/// The beginning and the end of what is compared.
const LIFETIME: Rough = Rough(12.0 + SAME_STATISTICS_MS, 0.0);

/// The page had been open for a moment before it asked for anything, and only then the browser took note of it.
const OPENED: Rough = Rough(100.0, 0.0);

/// The client library takes its first statistics up to a second earlier, so the averages begin earlier.
const AVERAGE: Rough = Rough(0.0, 0.015);

/// Features that are compared roughly, by what they are of. All others are equal.
const ROUGH: [(&str, &str, Rough); 12] = [
    ("client", "startTime", OPENED),
    ("connection", "startTime", HEARD),
    ("connection", "duration", LIFETIME),
    ("connection", "signalingDelay", HEARD),
    ("connection", "setLocalDescriptionDelay", HEARD),
    ("connection", "setRemoteDescriptionDelay", HEARD),
    ("connection", "connectionTime", HEARD),
    ("connection", "iceConnectionTime", HEARD),
    ("connection", "averageOutboundBitrate", AVERAGE),
    ("connection", "averageInboundBitrate", AVERAGE),
    ("track", "startTime", HEARD),
    ("track", "duration", HEARD),
];

const PAIR: &str = "the client library took its first statistics before the pair changed, the page a second later";

/// What differs in some call, and why.
const APART: [(&str, &str, &str); 6] = [
    ("", "connectionIdentifier", "each form has its own names"),
    (
        "",
        "userAgent",
        "no feature, but a member of create: webrtc-internals has it, the client library has not",
    ),
    ("", "jitterBufferFlushes", "Chrome tells it to its own pages only"),
    ("audio-only", "firstCandidatePairLocalAddress", PAIR),
    ("audio-only", "firstCandidatePairRemoteAddress", PAIR),
    ("audio-only", "averageStunRoundTripTime", PAIR),
];

/// Webrtc-internals has one member more than a page is told without asking.
fn known_to_all(name: &str, value: &Value) -> Value {
    let mut value = value.clone();
    if name == "userAgentData" {
        value.as_object_mut().unwrap().shift_remove("fullVersionList");
    }
    value
}

/// What was met, so that no entry of a table is there for nothing.
#[derive(Default)]
struct Met {
    rough: BTreeSet<usize>,
    apart: BTreeSet<usize>,
    equal: usize,
    absent: BTreeSet<String>,
}

fn agree(of: &str, name: &str, ours: &Value, theirs: &Value, met: &mut Met) -> bool {
    if known_to_all(name, ours) == known_to_all(name, theirs) {
        met.equal += 1;
        return true;
    }
    let rough = ROUGH
        .iter()
        .position(|(owner, known, _)| (*owner, *known) == (of, name));
    let Some((at, ours, theirs)) = (|| Some((rough?, ours.as_f64()?, theirs.as_f64()?)))() else {
        return false;
    };
    met.rough.insert(at);
    let Rough(absolute, part) = ROUGH[at].2;
    (ours - theirs).abs() <= f64::max(absolute, part * ours.abs().max(theirs.abs()))
}

/// Compares a browser's dump with that of the client library, and gives what is wrong.
fn compare(call: &str, library: &Form, other: &Form, met: &mut Met) -> Vec<String> {
    let mut wrong = Vec::new();
    for key in library
        .features
        .keys()
        .chain(other.features.keys())
        .collect::<BTreeSet<_>>()
    {
        let (place, name) = key;
        let of = match place.split(' ').count() {
            1 => "client",
            2 => "connection",
            _ => "track",
        };
        let (ours, theirs) = (library.features.get(key), other.features.get(key));
        let agrees = match (ours, theirs) {
            (Some(ours), Some(theirs)) => agree(of, name, ours, theirs, met),
            (Some(_), None) if other.lacking.contains(&**name) => {
                met.absent.insert(name.clone());
                true
            }
            _ => false,
        };
        let apart = APART
            .iter()
            .position(|(only, known, _)| known == name && (only.is_empty() || *only == call));
        match apart {
            Some(at) if !agrees => drop(met.apart.insert(at)),
            _ if agrees => {}
            _ => wrong.push(format!("{call} {place} {name}: {ours:?} / {theirs:?}")),
        }
    }
    wrong
}

#[test]
fn three_forms_of_a_call_have_the_same_features() {
    let (mut wrong, mut met) = (Vec::new(), Met::default());
    for call in CALLS {
        let internals = unpacked(call, "internals");
        let end = last_statistics(&internals).map(|last| last + SAME_STATISTICS_MS);
        let lines = |form| until(&unpacked(call, form), end.unwrap_or(f64::INFINITY));
        let library = Form::of(&lines("jsonl"), Format::RtcStats);
        assert!(library.lacking.is_empty());
        for (text, format) in [
            (internals, Format::Internals),
            (lines("chrome-rtcstats"), Format::BrowserExport),
        ] {
            wrong.extend(compare(call, &library, &Form::of(&text, format), &mut met));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(met.equal > 1000, "{}", met.equal);
    assert_eq!(met.rough.len(), ROUGH.len(), "{:?}", met.rough);
    assert_eq!(met.apart.len(), APART.len(), "{:?}", met.apart);
    for name in [
        "clockSkew",
        "window",
        "timeToFirstFrame",
        "addedNullCandidate",
        "connectionTime",
        "codecMimeType",
    ] {
        assert!(met.absent.contains(name), "{name}");
    }
}

/// A dump of an older page: times in whole seconds, and 1,000 points of statistics.
fn old() -> Vec<u8> {
    let entry = |time: &str, kind: &str, value: &str| serde_json::json!({"time": time, "type": kind, "value": value});
    let log = [
        entry("11/25/2021, 3:04:05 PM", "createOffer", ""),
        entry(
            "11/25/2021, 3:04:05 PM",
            "setLocalDescription",
            "type: offer, sdp: v=0\r\n",
        ),
        entry("11/25/2021, 3:04:06 PM", "setLocalDescriptionOnSuccess", ""),
        entry(
            "11/25/2021, 3:04:09 PM",
            "setRemoteDescription",
            "type: answer, sdp: v=0\r\n",
        ),
        entry("11/25/2021, 3:04:10 PM", "iceConnectionStateChange", "checking"),
        entry("11/25/2021, 3:04:10 PM", "iceConnectionStateChange", "connected"),
        entry("11/25/2021, 3:04:10 PM", "connectionstatechange", "connected"),
    ];
    let series = |values: Vec<Value>| {
        serde_json::json!({"startTime": "2021-11-25T15:04:11.000Z", "endTime": "2021-11-25T15:20:50.000Z",
            "statsType": "transport", "values": Value::from(values).to_string()})
    };
    let stats = serde_json::json!({
        "T01-timestamp": series((0..1000).map(|at| (1_637_852_651_000_u64 + 1000 * at).into()).collect()),
        "T01-bytesSent": series((0..1000).map(|at| (1000 + at).into()).collect()),
        "T01-bytesReceived": series((0..1000).map(|at| (1000 + at).into()).collect()),
        "T01-selectedCandidatePairId": series(vec!["CP1".into(); 1000]),
        "T01-dtlsRole": series(vec!["client".into(); 1000]),
        "T01-tlsVersion": series(vec!["FEFD".into(); 1000]),
        "CP1-timestamp": series((0..1000).map(|at| (1_637_852_651_000_u64 + 1000 * at).into()).collect()),
        "CP1-responsesReceived": series(vec![5.into(); 1000]),
    });
    let dump = serde_json::json!({"PeerConnections": {"8-1": {"url": "https://meet.example/", "rtcConfiguration": "{}",
        "updateLog": log, "stats": stats}}, "UserAgent": "Mozilla"});
    dump.to_string().into_bytes()
}

#[test]
fn what_an_older_dump_cannot_show_is_absent() {
    let old = Form::of(&old(), Format::Internals);
    let of = |name: &str| old.features.get(&("connection 0".to_owned(), name.to_owned())).cloned();
    assert_eq!(of("signalingDelay"), Some(4000.into()), "known to a second");
    assert_eq!(of("setLocalDescriptionDelay"), None, "0 to 2 s");
    assert_eq!(of("iceConnectionTime"), None);
    assert_eq!(of("setLocalDescriptionRole"), Some("offer".into()));
    assert_eq!(of("iceConnected"), Some(true.into()));
    assert_eq!(of("statsTruncated"), Some(true.into()));
    assert_eq!(of("dtlsVersion"), Some("FEFD".into()));
    assert_eq!(of("averageOutboundBitrate"), None, "not from the beginning on");
    assert_eq!(of("firstCandidatePairLocalTypePreference"), None);
    for name in ["signalingDelay", "averageOutboundBitrate", "statsTruncated"] {
        assert_eq!(old.lacking.contains(name), name != "statsTruncated");
    }
}
