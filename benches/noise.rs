//! A dump of which little can be packed, made while it is read.

use std::fmt::Write;
use std::io::{self, Read};

const CONNECTIONS: usize = 50;
/// Properties of each poll that change by chance.
const PROPERTIES: [&str; 6] = [
    "jitter",
    "framesPerSecond",
    "bytesReceived",
    "packetsReceived",
    "audioLevel",
    "totalDecodeTime",
];

/// Polls of all connections, each with reports of which nothing can be told beforehand, and events between them.
pub struct Noise {
    poll: usize,
    polls: usize,
    /// Seconds between polls.
    step: usize,
    events: usize,
    state: u64,
    sums: Vec<u64>,
    text: Vec<u8>,
    at: usize,
}

impl Noise {
    /// An hour with a poll every `step` seconds, and so many events behind each.
    pub fn hour(step: usize, events: usize) -> Noise {
        let mut text = String::from(
            "RTCStatsDump\n{\"startTime\":1795326497279,\"fileFormat\":3,\"url\":\"/\",\"origin\":\"https://example.org\"}\n\
             [\"create\",null,{\"hardwareConcurrency\":8},1795326497279]\n",
        );
        for number in 0..CONNECTIONS {
            let _ = writeln!(text, "[\"create\",\"PC_{number}\",{{\"iceServers\":[]}},1]");
            let _ = writeln!(text, "[\"onconnectionstatechange\",\"PC_{number}\",\"connected\",1]");
        }
        Noise {
            poll: 0,
            polls: 3600 / step,
            step,
            events,
            state: 88_172_645_463_325_252,
            sums: vec![0; CONNECTIONS * 4],
            text: text.into_bytes(),
            at: 0,
        }
    }

    fn chance(&mut self, below: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % below
    }

    fn next_poll(&mut self) {
        let mut text = String::new();
        for number in 0..CONNECTIONS {
            let after = if number == 0 { self.step * 1000 } else { 0 };
            let _ = write!(text, "[\"getStats\",\"PC_{number}\",{{");
            for report in 0..4_u64 {
                let comma = if report == 0 { "" } else { "," };
                let _ = write!(
                    text,
                    "{comma}\"I{report}\":{{\"type\":\"inbound-rtp\",\"kind\":\"video\",\"ssrc\":{report}"
                );
                for property in PROPERTIES {
                    let value = self.chance(1 << 20);
                    let sum = &mut self.sums[number * 4 + report as usize];
                    *sum += value;
                    let value = if property.starts_with("bytes") || property.starts_with("packets") {
                        *sum as f64
                    } else {
                        value as f64 / 1e6
                    };
                    let _ = write!(text, ",\"{property}\":{value}");
                }
                text.push('}');
            }
            let _ = writeln!(text, "}},{after}]");
        }
        for number in 0..self.events {
            let method = ["custom", "onnegotiationneeded", "HTMLMediaElement.resize"][number % 3];
            let _ = writeln!(text, "[\"{method}\",\"PC_0\",\"{number} of many\",1]");
        }
        self.poll += 1;
        (self.text, self.at) = (text.into_bytes(), 0);
    }
}

impl Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.text.len() && self.poll < self.polls {
            self.next_poll();
        }
        let count = (&self.text[self.at..]).read(buffer)?;
        self.at += count;
        Ok(count)
    }
}
