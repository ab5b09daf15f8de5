//! How fast dumps are read: decompressed and decoded to events with complete statistics; and what memory that takes.
//!
//! Method: `Dump::open` in this process on recorded dumps (`tests/data/dumps`), compressed with gzip at the level of
//! packing. The events of each are repeated to some tens of megabytes, so that the beginning does not matter. *Calls*
//! is a recorded call of five minutes (statistics), *set-up* a mesh of eight connections (SDP and candidates), *all*
//! are all recordings one after the other. The figure is bytes of the uncompressed dump per second of CPU time, as the
//! median of seven rounds. gzip alone is measured on the same bytes.
//!
//! Memory is the most that this process held (`VmHWM`, reset before each dump) while it read a dump of 1 GB, which is
//! never in memory as a whole: its events are one member of gzip that repeats. And while it extracted the features of
//! dumps of webrtc-internals, made of a recorded one: five connections of 40 MB, as a long day of meetings has them,
//! and one connection with nearly all the points that are read (`INTERNALS_POINTS_MAX`). Each series has 1,000 points,
//! which is all that the page keeps. More than 64 MiB and the largest series is a failure.

mod internals;
mod own;

use std::fs;
use std::hint::black_box;
use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::{GzDecoder, MultiGzDecoder};
use flate2::write::GzEncoder;
use rtcstats_server::dump::decode::Decoder;
use rtcstats_server::dump::open::Dump;
use rtcstats_server::features::Extractor;

use own::{cpu_s, forget_peak, peak_mib};

const ROUNDS: usize = 7;
const BYTES: usize = 48 << 20;

/// A recorded dump: its first two lines, and its events.
fn recorded(name: &str) -> (Vec<u8>, Vec<u8>) {
    let path = format!("{}/tests/data/dumps/{name}.jsonl.gz", env!("CARGO_MANIFEST_DIR"));
    let mut text = Vec::new();
    GzDecoder::new(fs::File::open(path).expect("the recorded dump is there"))
        .read_to_end(&mut text)
        .expect("it unpacks");
    let feeds = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let head = feeds.map(|(at, _)| at + 1).nth(1).expect("two lines");
    let mut events = text.split_off(head);
    events.push(b'\n');
    (text, events)
}

fn all() -> (Vec<u8>, Vec<u8>) {
    let folder = format!("{}/tests/data/dumps", env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(folder).expect("the recorded dumps are there");
    let mut names: Vec<_> = files
        .map(|file| {
            file.expect("a readable folder")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    let dumps = names.iter().map(|name| recorded(name.trim_end_matches(".jsonl.gz")));
    dumps
        .reduce(|(head, events), (_, more)| (head, [events, more].concat()))
        .expect("dumps")
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(3));
    encoder.write_all(text).expect("a vector takes everything");
    encoder.finish().expect("a vector takes everything")
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn timed(mut work: impl FnMut()) -> f64 {
    let rounds = (0..ROUNDS).map(|_| {
        let start = cpu_s();
        work();
        cpu_s() - start
    });
    median(rounds.collect())
}

fn read(input: impl Read) -> u64 {
    let mut dump = Dump::open(input).expect("a dump");
    let mut events = 0;
    while let Some(event) = dump.next().expect("it is whole") {
        black_box(&event);
        events += 1;
    }
    events
}

/// The same bytes again and again.
struct Repeated<'a> {
    bytes: &'a [u8],
    at: usize,
    left: u64,
}

impl Read for Repeated<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.bytes.len() {
            self.left = self.left.saturating_sub(1);
            self.at = 0;
        }
        if self.left == 0 {
            return Ok(0);
        }
        let count = (&self.bytes[self.at..]).read(buffer)?;
        self.at += count;
        Ok(count)
    }
}

fn memory() {
    let (head, events) = recorded("long-5min-4pc");
    let (first, member) = (gzip(&head), gzip(&events));
    let times = 1_000_000_000 / events.len() as u64 + 1;
    let length = times * events.len() as u64;
    drop(events);
    let repeated = Repeated {
        bytes: &member,
        at: 0,
        left: times,
    };
    let start = cpu_s();
    let count = read(first.as_slice().chain(repeated));
    let rate = length as f64 / 1e6 / (cpu_s() - start);
    println!(
        "  a dump of {length} bytes, {count} events at {rate:.0} MB/s: {:.1} MiB at most",
        peak_mib()
    );
}

/// A dump of webrtc-internals with this number of connections, each with so many copies of a recorded one's reports.
fn internals_memory(connections: usize, copies: usize) {
    let dump = internals::made(connections, copies);
    forget_peak();
    let start = cpu_s();
    let mut read = Dump::open(dump.file).expect("a dump");
    let mut extractor = Extractor::of(&read);
    while let Some(event) = read.next().expect("it is whole") {
        extractor.event(&event);
    }
    let features = extractor.finish(|connection| read.reports(connection));
    let rate = dump.bytes as f64 / 1e6 / (cpu_s() - start);
    let (peak, largest) = (peak_mib(), dump.largest as f64 / MIB);
    assert_eq!(features.connections().count(), connections);
    let notes: Vec<String> = read.notes().iter().map(ToString::to_string).collect();
    assert!(notes.is_empty(), "{notes:?}");
    println!(
        "  webrtc-internals, {} bytes, {connections} connections at {rate:.0} MB/s: {peak:.1} MiB at most; the largest \
         series has {largest:.2} MiB",
        dump.bytes
    );
    assert!(peak < 64.0 + largest, "more than 64 MiB and the largest series");
}

const MIB: f64 = (1 << 20) as f64;

fn main() {
    println!("read: MB of uncompressed dump per second of CPU time, median of {ROUNDS} rounds");
    memory();
    internals_memory(5, 5);
    internals_memory(1, 23);
    let dumps = [
        ("calls", recorded("long-5min-4pc")),
        ("set-up", recorded("mesh-8pc")),
        ("all", all()),
    ];
    for (name, (head, events)) in dumps {
        let mut text = head;
        while text.len() < BYTES {
            text.extend_from_slice(&events);
        }
        let megabytes = text.len() as f64 / 1e6;
        let file = gzip(&text);
        let packed = timed(|| {
            black_box(read(&file[..]));
        });
        let plain = timed(|| {
            black_box(read(&text[..]));
        });
        let decode = timed(|| {
            let mut decoder = Decoder::new();
            for line in text.split(|byte| *byte == b'\n') {
                let _ = black_box(decoder.line(line));
            }
        });
        let gunzip = timed(|| {
            let copied = io::copy(&mut MultiGzDecoder::new(&file[..]), &mut io::sink());
            copied.expect("it is whole");
        });
        println!(
            "  {name:6} {megabytes:.0} MB: {:>5.0} MB/s from gzip, {:>5.0} uncompressed, {:>5.0} lines alone, gunzip alone {:>5.0}",
            megabytes / packed,
            megabytes / plain,
            megabytes / decode,
            megabytes / gunzip
        );
    }
}
