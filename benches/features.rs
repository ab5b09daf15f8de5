//! How fast features are extracted, and what they cost a dump that is packed.
//!
//! Method: in this process, on one thread, recorded dumps (`tests/data/dumps`) line by line, each pass with a new
//! decoder and extractor. *Calls* is a call of five minutes (statistics), *set-up* a mesh of eight peer connections
//! (SDP and candidates). *Packing* is masking and gzip at the level of the server, without files. The figure is
//! megabytes of dump per second of wall time, as the median of rounds that are measured in turns; the ratio at the end
//! is the rate of packing with features, of the masked lines, by that of packing alone.

use std::fs;
use std::io::{Read, Write};
use std::time::Instant;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use rtcstats_server::dump::decode::Decoder;
use rtcstats_server::dump::{MaskRules, Masker};
use rtcstats_server::features::Extractor;

const ROUNDS: usize = 15;
const BYTES: usize = 16 << 20;

fn lines(name: &str) -> Vec<Vec<u8>> {
    let path = format!("{}/tests/data/dumps/{name}.jsonl.gz", env!("CARGO_MANIFEST_DIR"));
    let mut text = Vec::new();
    GzDecoder::new(fs::File::open(path).expect("the recorded dump is there"))
        .read_to_end(&mut text)
        .expect("it unpacks");
    text.split(|byte| *byte == b'\n').skip(2).map(<[u8]>::to_vec).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Work {
    Decode,
    Features,
    Pack,
    PackWithFeatures,
}

fn run(work: Work, lines: &[Vec<u8>]) {
    let rules = MaskRules {
        addresses: true,
        device_labels: true,
    };
    let mut masker = Masker::new(rules, None);
    let mut encoder = GzEncoder::new(std::io::sink(), Compression::new(3));
    let (mut decoder, mut extractor) = (Decoder::new(), Extractor::new());
    let mut masked = Vec::new();
    for line in lines {
        let mut text = &line[..];
        if matches!(work, Work::Pack | Work::PackWithFeatures) {
            masked.clear();
            masker.line(line, &mut masked);
            text = &masked;
            encoder.write_all(text).expect("a sink takes everything");
        }
        if work == Work::Pack {
            continue;
        }
        if let Ok(Some(event)) = decoder.line(text)
            && work != Work::Decode
        {
            extractor.event(&event);
        }
    }
    encoder.finish().expect("a sink takes everything");
    let mut out = Vec::new();
    extractor
        .finish(|connection| decoder.reports(connection))
        .write_json(&mut out);
    std::hint::black_box(out);
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    println!("features: MB of dump per second on one thread, median of {ROUNDS} rounds in turns");
    let all = [Work::Decode, Work::Features, Work::Pack, Work::PackWithFeatures];
    for (name, file) in [("calls", "long-5min-4pc"), ("set-up", "mesh-8pc")] {
        let lines = lines(file);
        let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
        let passes = BYTES / bytes;
        let mut times = all.map(|_| Vec::new());
        for _ in 0..ROUNDS {
            for (work, times) in all.iter().zip(&mut times) {
                let start = Instant::now();
                (0..passes).for_each(|_| run(*work, &lines));
                times.push(start.elapsed().as_secs_f64());
            }
        }
        let [decode, features, pack, both] = times.map(|times| (passes * bytes) as f64 / 1e6 / median(times));
        println!(
            "  {name:6}: decode {decode:>4.0} MB/s, with features {features:>4.0} MB/s, pack {pack:>4.0} MB/s, \
             pack with features {both:>4.0} MB/s, ratio {:.2}",
            both / pack
        );
    }
}
