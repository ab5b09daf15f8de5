//! Texts that are nearly right: the scanners are run over the recordings, the small dumps and seeded mutations of them.
//! None of them may panic, and what they make must be JSON.
use super::*;
use crate::dump::damage::Random;
use crate::dump::internals::kinds::Form;
use crate::dump::internals::series::Values;
use crate::dump::internals::state::State;
use crate::dump::internals::{key, loose, values};
use crate::dump::open::Dump;

/// Bytes that mean something in one of the forms.
const TYPICAL: &[u8] = b"{}[]:,'\"\\ \n-0";

/// Texts of all forms, of which each is damaged equally often.
const TEXTS: [&str; 14] = [
    "type: offer, sdp: v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n",
    "sdpMid: 0, sdpMLineIndex: 0, candidate: candidate:1 1 udp 2 192.0.2.7 5 typ host, url: stun:x, relayProtocol: udp",
    "url: stun:stun.example\naddress: 192.0.2.7\nhost_candidate: 192.0.2.7:5\nerror_text: x\nerror_code: 701",
    "options: {offerToReceiveVideo: -1, voiceActivityDetection: true, iceRestart: true}",
    "constraints: {mandatory: {IceRestart: true}, optional: [{a: 1}]}",
    "{ iceServers: [turn:a?transport=udp, stun:[::1]:3478], iceTransportPolicy: all, sdpSemantics: \"unified-plan\" }",
    "label: a, b, ordered: true, maxRetransmits: 3, protocol: \"x, y\", negotiated: false, id: 1",
    "Caused by: addTrack\n\ngetTransceivers()[0]:{\n  mid:'0',\n  sender:{\n    track:'t',\n    streams:['s'],\n    encodings: [\n      {active: true},\n    ],\n  },\n}",
    "11/25/2021, 3:04:05\u{202f}PM",
    "2021/11/25 15:04:05",
    "2026-11-25T21:00:49.844Z",
    "SignalingStateHaveLocalOffer",
    r#"{"kind":"video","track":"t","direction":"sendonly","streams":["s"],"encodings":[{"rid":"h"}],"error_code":1,"label":"x"}"#,
    "[1,\\\"a\\\\\\\"b\\\",{\\\"c\\\":[2]},\\u0022x\\u0022]",
];

const FORMS: [Form; 13] = [
    Form::Nothing,
    Form::State(State::Signaling),
    Form::Candidate,
    Form::CandidateError,
    Form::Description,
    Form::Configuration,
    Form::Options,
    Form::Channel,
    Form::RemoteChannel,
    Form::Track,
    Form::AddTransceiver,
    Form::Transceiver,
    Form::Failure,
];

type Scanner = fn(&[u8]) -> Option<Vec<u8>>;

const SCANNERS: [Scanner; 8] = [
    forms::description,
    forms::candidate,
    forms::candidate_error,
    forms::options,
    forms::configuration,
    forms::channel,
    forms::transceiver,
    loose::json,
];

/// Runs all scanners on damaged texts. What a value becomes must be JSON in one line, and the same each time.
fn scan_damaged(seed: u64, cases: usize) {
    let (mut random, labels) = (Random::new(seed), Labels::new());
    let mut chunk = Vec::new();
    for case in 0..cases {
        let text = random.damage(TEXTS[case % TEXTS.len()].as_bytes(), TYPICAL);
        let told = || format!("seed {seed}, case {case}: {}", text.escape_ascii());
        let form = FORMS[random.below(FORMS.len())];
        let value = values::convert(form, &text, &labels);
        assert!(Json::parse(&value).is_ok(), "{}", told());
        assert!(
            std::str::from_utf8(&value).is_ok() && !value.contains(&b'\n'),
            "{}",
            told()
        );
        assert_eq!(values::convert(form, &text, &labels), value, "{}", told());
        for scanner in SCANNERS {
            assert!(
                scanner(&text).is_none_or(|made| Json::parse(&made).is_ok()),
                "{}",
                told()
            );
        }
        if let key::Key::Property { id, name } = key::split(&text) {
            assert_eq!([id, name].join(&b'-'), text, "{}", told());
        }
        let kept = Kept::take(&text, &b""[..]).unwrap().0;
        let count = Values::new(&kept, 0..text.len() as u64, &mut chunk).count().unwrap();
        let (mut again, mut out, mut found) = (Vec::new(), Vec::new(), 0);
        let mut values = Values::new(&kept, 0..text.len() as u64, &mut again);
        while values.next(&mut out).unwrap().is_some() {
            found += 1;
        }
        assert!(found == count || found + 1 >= count, "{}", told());
    }
}

#[test]
fn no_text_leads_a_scanner_astray() {
    scan_damaged(1, 60_000);
}

#[test]
fn no_other_text_leads_a_scanner_astray() {
    scan_damaged(2, 60_000);
}

const PAGE: &[u8] = br#"{"UserAgent":"x","getUserMedia":[{"audio":"","rid":1,"request_id":1,"timestamp":1}],"PeerConnections":{"1-1":{"url":"http://a/","rtcConfiguration":"{}","updateLog":[{"timestamp":1000,"type":"createOffer","value":"{}"},{"time":"25.11.2021, 15:04:05","type":"addIceCandidateFailed","value":"x"}],"stats":{"P-timestamp":{"startTime":"1970-01-01T00:00:01.000Z","endTime":"1970-01-01T00:00:03.000Z","statsType":"peer-connection","values":"[1000,2000,3000]"},"P-a":{"startTime":"1970-01-01T00:00:02.000Z","endTime":"1970-01-01T00:00:03.000Z","values":"[1,{\"a\":\"b\"}]"},"RIA-timestamp":{"statsType":"remote-inbound-rtp","startTime":"1970-01-01T00:00:01.000Z","endTime":"1970-01-01T00:00:01.000Z","values":"[1000,1000]"}}}}}"#;

const EXPORT: &[u8] = br#"RTCStatsDump
{"fileFormat":3}
["create",null,{"deviceMemory":16},1795640447902]
["navigator.mediaDevices.getUserMedia","8-0",{"audio":true,"video":"{\"width\": 5}"},"p-1","https://a.example/x",10]
["navigator.mediaDevices.getUserMediaOnSuccess","8-0",[["audio","t-1","Mic","s"]],"p-1",10]
["create","8-2",null,"https://a.example/x",10]
["onsignalingstatechange","8-2","\"stable\"",-200]
["addTrack","8-2",["audio","t-1","s"],1]
["getStats","8-2",{"P":{"id":"P","type":"peer-connection","a":1,"[a/s]":2},"X":{"id":"X","type":"codec"}},1]
["getStats","8-2",{"P":{"id":"P","type":"peer-connection","b":1}},1]
"#;

/// Gives one byte at a time.
struct Drops<'a>(&'a [u8]);

impl std::io::Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = buffer.len().min(1);
        self.0.read(&mut buffer[..count])
    }
}

/// The events of a damaged dump as lines, and its notes. `None` if it is none.
fn lines(input: impl std::io::Read) -> Option<(Vec<Vec<u8>>, Vec<String>)> {
    let mut dump = Dump::open(input).ok()?;
    let mut lines = Vec::new();
    while let Some(event) = dump.next().unwrap() {
        assert!(event.timestamp.is_finite());
        let mut line = Vec::new();
        event.write_json(&mut line);
        lines.push(line);
    }
    Some((lines, dump.notes().iter().map(ToString::to_string).collect()))
}

/// Reads damaged dumps. Events are JSON in one line each, and the same however the bytes arrive.
fn read_damaged(seed: u64, whole: &[u8]) {
    let (mut random, mut opened) = (Random::new(seed), 0);
    for case in 0..10_000 {
        let text = random.damage(whole, TYPICAL);
        let told = || format!("seed {seed}, case {case}: {}", string::shown(&text));
        let found = lines(&text[..]);
        if let Some((lines, _)) = &found {
            opened += 1;
            let is_line = |line: &Vec<u8>| Json::parse(line).is_ok() && !line.contains(&b'\n');
            assert!(lines.iter().all(is_line) && lines.len() < 60, "{}", told());
        }
        if case % 8 == 0 {
            assert_eq!(lines(Drops(&text)), found, "{}", told());
        }
    }
    assert!(opened > 3_000, "most damage leaves a dump: {opened}");
}

#[test]
fn no_dump_leads_the_reader_astray() {
    read_damaged(3, PAGE);
}

#[test]
fn no_export_leads_the_reader_astray() {
    read_damaged(4, EXPORT);
}

/// A dump that ends too early gives what came before, and says so.
#[test]
fn a_dump_that_is_cut_off_says_so_wherever_it_is() {
    let (all, notes) = lines(PAGE).unwrap();
    assert!(notes.is_empty() && all.len() > 5, "{notes:?}");
    for end in 1..PAGE.len() {
        if let Some((some, notes)) = lines(&PAGE[..end]) {
            assert!(
                notes.iter().any(|note| note.contains("within a value")),
                "{end}: {notes:?}"
            );
            assert!(some.len() <= all.len(), "{end}");
        }
    }
}
