//! Texts that are nearly right: the scanners are run over the recordings, the small dumps and seeded mutations of them.
//! None of them may panic, and what they make must be JSON.
use super::*;
use crate::dump::internals::kinds::Form;
use crate::dump::internals::series::Values;
use crate::dump::internals::state::State;
use crate::dump::internals::{clock, key, loose, values};

/// A simple generator (Knuth, MMIX), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }

    /// Changes a few bytes, parts, or the end of a text.
    fn mutate(&mut self, text: &[u8]) -> Vec<u8> {
        let mut text = text.to_vec();
        for _ in 0..1 + self.next(4) {
            let (at, other) = (self.next(text.len()), self.next(text.len()));
            match self.next(6) {
                0 => text.truncate(at),
                1 if !text.is_empty() => {
                    text.remove(at);
                }
                2 if !text.is_empty() => text[at] = self.next(256) as u8,
                3 => text.insert(at, b"{}[]:,'\"\\ \n-0"[self.next(13)]),
                4 => {
                    let part = text[at.min(other)..at.max(other)].to_vec();
                    text.splice(at..at, part);
                    text.truncate(4096);
                }
                _ if !text.is_empty() => text.swap(at, other),
                _ => {}
            }
        }
        text
    }
}

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

#[test]
fn no_text_leads_a_scanner_astray() {
    let (mut random, labels) = (Random(1), Labels::new());
    let mut chunk = Vec::new();
    for round in 0..15_000 {
        let text = random.mutate(TEXTS[round % TEXTS.len()].as_bytes());
        let value = values::convert(FORMS[random.next(FORMS.len())], &text, &labels);
        assert!(Json::parse(&value).is_ok(), "{round} {text:?}");
        assert!(
            std::str::from_utf8(&value).is_ok() && !value.contains(&b'\n'),
            "{round} {text:?}"
        );
        for form in SCANNERS {
            assert!(
                form(&text).is_none_or(|made| Json::parse(&made).is_ok()),
                "{round} {text:?}"
            );
        }
        let shown = string::shown(&text);
        assert!(
            clock::utc(&shown).is_none_or(f64::is_finite)
                && clock::local(&shown).is_none_or(|local| local.ms.is_finite())
        );
        key::split(&text);
        let kept = Kept::take(&text, &b""[..]).unwrap().0;
        let count = Values::new(&kept, 0..text.len() as u64, &mut chunk).count().unwrap();
        let (mut again, mut out, mut found) = (Vec::new(), Vec::new(), 0);
        let mut values = Values::new(&kept, 0..text.len() as u64, &mut again);
        while values.next(&mut out).unwrap().is_some() {
            found += 1;
        }
        assert!(found == count || found + 1 >= count, "{round} {text:?}");
    }
}

#[test]
fn no_dump_leads_the_reader_astray() {
    let mut random = Random(2);
    let small = br#"{"UserAgent":"x","getUserMedia":[{"audio":"","rid":1,"request_id":1,"timestamp":1}],"PeerConnections":{"1-1":{"url":"http://a/","rtcConfiguration":"{}","updateLog":[{"timestamp":1000,"type":"createOffer","value":"{}"},{"time":"25.11.2021, 15:04:05","type":"addIceCandidateFailed","value":"x"}],"stats":{"P-timestamp":{"startTime":"1970-01-01T00:00:01.000Z","endTime":"1970-01-01T00:00:03.000Z","statsType":"peer-connection","values":"[1000,2000,3000]"},"P-a":{"startTime":"1970-01-01T00:00:02.000Z","endTime":"1970-01-01T00:00:03.000Z","values":"[1,{\"a\":\"b\"}]"},"RIA-timestamp":{"statsType":"remote-inbound-rtp","startTime":"1970-01-01T00:00:01.000Z","endTime":"1970-01-01T00:00:01.000Z","values":"[1000,1000]"}}}}}"#;
    for round in 0..3_000 {
        let text = random.mutate(small);
        let Ok(mut internals) = Internals::open(b"", &text[..], None) else {
            continue;
        };
        let mut count = 0;
        while internals.advance().unwrap() {
            let mut line = Vec::new();
            internals.event().write_json(&mut line);
            assert!(
                Json::parse(&line).is_ok() && !line.contains(&b'\n'),
                "{round} {}",
                string::shown(&text)
            );
            count += 1;
        }
        assert!(count < 40, "{round}: {count} events");
    }
}
