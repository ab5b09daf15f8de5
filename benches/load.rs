//! What the benches share: raw WebSocket connections that send prepared frames, and what the kernel tells about a
//! process.
//!
//! The load generator must cost little compared with the server, so frames are built once and sent with plain writes.
#![allow(dead_code, reason = "each bench uses its own part")]

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const KEY: [u8; 4] = [0x1f, 0x35, 0xa7, 0xc4];
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const TEXT: u8 = 0x81;

/// One frame as a client sends it (RFC 6455, section 5.2), masked.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![opcode];
    match payload.len() {
        length @ 0..=125 => frame.push(0x80 | length as u8),
        length @ 126..=0xffff => {
            frame.push(0x80 | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(KEY);
    frame.extend(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

/// A text frame whose payload is a plausible event of exactly `length` bytes.
pub fn message(length: usize) -> Vec<u8> {
    let around = r#"["note","PC_0","",1]"#.len();
    let text = format!(r#"["note","PC_0","{}",1]"#, "x".repeat(length - around));
    assert_eq!(text.len(), length);
    frame(TEXT, text.as_bytes())
}

/// A session that is open.
pub struct Session(pub TcpStream);

impl Session {
    pub fn open(address: SocketAddr) -> Session {
        let mut stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_nodelay(true).expect("Nagle can be switched off");
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .expect("a time limit can be set");
        let request = "GET /bench HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                       Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
                       Sec-WebSocket-Protocol: rtcstats#5.0\r\nUser-Agent: bench\r\nOrigin: https://example.org\r\n\r\n";
        stream.write_all(request.as_bytes()).expect("the request is sent");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("the upgrade is answered");
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
        Session(stream)
    }

    /// Waits until everything sent so far is in the dump's file, which is what a pong means.
    pub fn sync(&mut self) {
        self.0.write_all(&frame(PING, b"")).expect("the ping is sent");
        let mut pong = [0; 2];
        self.0.read_exact(&mut pong).expect("the ping is answered");
        assert_eq!(pong, [0x8a, 0]);
    }

    /// Sends this message and a close frame.
    pub fn say_and_close(&mut self, message: &[u8]) {
        let close = frame(CLOSE, &1000_u16.to_be_bytes());
        self.0.write_all(message).expect("the server reads");
        self.0.write_all(&close).expect("the close frame is sent");
    }

    /// Reads until the server has closed too; the session is sealed then.
    pub fn closed(mut self) {
        let mut answer = Vec::new();
        self.0.read_to_end(&mut answer).expect("the server closes");
        assert_eq!(answer.first(), Some(&CLOSE), "{answer:?}");
    }
}

/// CPU time of one thread in seconds, user and system, from the scheduler's count of nanoseconds.
fn thread_seconds(pid: i32, thread: &str) -> f64 {
    let path = format!("/proc/{pid}/task/{thread}/schedstat");
    let text = fs::read_to_string(path).unwrap_or_default();
    let nanoseconds: f64 = text
        .split(' ')
        .next()
        .and_then(|field| field.parse().ok())
        .unwrap_or(0.0);
    nanoseconds / 1e9
}

/// CPU time of the loop thread, which is the first thread of the process.
pub fn loop_seconds(pid: i32) -> f64 {
    thread_seconds(pid, &pid.to_string())
}

/// CPU time of the whole process.
pub fn process_seconds(pid: i32) -> f64 {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("the server runs");
    tasks
        .filter_map(|task| task.ok()?.file_name().into_string().ok())
        .map(|task| thread_seconds(pid, &task))
        .sum()
}

/// Resident memory in bytes.
pub fn resident_bytes(pid: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the server runs");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .expect("a line VmRSS");
    line.split_whitespace()
        .nth(1)
        .and_then(|number| number.parse::<u64>().ok())
        .expect("a number")
        * 1024
}

pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
