//! Texts that are nearly right: the scanners are run over the recordings, the small dumps and seeded mutations of them.
//! None of them may panic, and what they make must be JSON.
use super::*;
use crate::dump::damage::Random;
use crate::dump::internals::kinds::Form;
use crate::dump::internals::series::Values;
use crate::dump::internals::state::State;
use crate::dump::internals::{key, loose, values};

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

#[test]
fn no_dump_leads_the_reader_astray() {
    const SEED: u64 = 3;
    let mut random = Random::new(SEED);
    let small = br#"{"UserAgent":"x","getUserMedia":[{"audio":"","rid":1,"request_id":1,"timestamp":1}],"PeerConnections":{"1-1":{"url":"http://a/","rtcConfiguration":"{}","updateLog":[{"timestamp":1000,"type":"createOffer","value":"{}"},{"time":"25.11.2021, 15:04:05","type":"addIceCandidateFailed","value":"x"}],"stats":{"P-timestamp":{"startTime":"1970-01-01T00:00:01.000Z","endTime":"1970-01-01T00:00:03.000Z","statsType":"peer-connection","values":"[1000,2000,3000]"},"P-a":{"startTime":"1970-01-01T00:00:02.000Z","endTime":"1970-01-01T00:00:03.000Z","values":"[1,{\"a\":\"b\"}]"},"RIA-timestamp":{"statsType":"remote-inbound-rtp","startTime":"1970-01-01T00:00:01.000Z","endTime":"1970-01-01T00:00:01.000Z","values":"[1000,1000]"}}}}}"#;
    for round in 0..10_000 {
        let text = random.damage(small, TYPICAL);
        let Ok(mut internals) = Internals::open(b"", &text[..], None) else {
            continue;
        };
        let mut count = 0;
        while internals.advance().unwrap() {
            let mut line = Vec::new();
            internals.event().write_json(&mut line);
            assert!(
                Json::parse(&line).is_ok() && !line.contains(&b'\n'),
                "seed {SEED}, case {round}: {}",
                string::shown(&text)
            );
            count += 1;
        }
        assert!(count < 40, "seed {SEED}, case {round}: {count} events");
    }
}
