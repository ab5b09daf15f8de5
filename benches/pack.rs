//! How fast sealed dumps are packed: masked, compressed and written. What features add is the figure of `features`.
//!
//! Method: `spool::pack` in this process on copies of recorded dumps (`tests/data/dumps`), repeated to files of some
//! tens of megabytes. *Calls* repeats a recorded call of five minutes (statistics, few addresses), *set-up* a mesh of
//! eight peer connections (SDP and candidates, many addresses). The figure is input bytes per second of wall time on
//! one thread, as the median of seven rounds. gzip alone is measured at the same level on the same bytes, so that the
//! ratio is valid on any machine.

use std::fs;
use std::io::{Read, Write};
use std::time::Instant;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use rtcstats_server::dump::MaskRules;
use rtcstats_server::features::FeaturesOptions;
use rtcstats_server::spool::{Id, Kind, PackOptions, Place, pack};
use rtcstats_server::storage::KeyTemplate;

const ROUNDS: usize = 7;
const BYTES: usize = 48 << 20;

/// The events of a recorded dump, repeated under its two first lines until they are large enough.
fn dump(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/dumps/{name}.jsonl.gz", env!("CARGO_MANIFEST_DIR"));
    let mut text = Vec::new();
    GzDecoder::new(fs::File::open(path).expect("the recorded dump is there"))
        .read_to_end(&mut text)
        .expect("it unpacks");
    let head = text
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n')
        .nth(1)
        .expect("two lines")
        .0
        + 1;
    let mut large = text[..head].to_vec();
    while large.len() < BYTES {
        large.extend_from_slice(&text[head..]);
        large.push(b'\n');
    }
    large
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn timed(mut work: impl FnMut()) -> f64 {
    let rounds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    });
    median(rounds.collect())
}

fn main() {
    println!("pack: MB of dump per second on one thread, median of {ROUNDS} rounds");
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let place = Place::open(folder.path()).expect("a spool can be made");
    let options = PackOptions {
        rules: MaskRules {
            addresses: true,
            device_labels: true,
        },
        geo: None,
        key: KeyTemplate::parse("{id}").expect("a valid template"),
        features: FeaturesOptions {
            enabled: false,
            ..FeaturesOptions::default()
        },
        findings: None,
    };
    for (name, file) in [("calls", "long-5min-4pc"), ("set-up", "mesh-8pc")] {
        let text = dump(file);
        let megabytes = text.len() as f64 / 1e6;
        let packed = timed(|| {
            let id = Id::new();
            fs::write(place.path(Kind::Ready, id), &text).expect("the spool can be written");
            pack(&place, id, &options).expect("it packs");
        });
        let written = timed(|| fs::write(folder.path().join("copy"), &text).expect("the folder can be written"));
        let gzip = timed(|| {
            let mut encoder = GzEncoder::new(std::io::sink(), Compression::new(3));
            encoder.write_all(&text).expect("a sink takes everything");
            encoder.finish().expect("a sink takes everything");
        });
        let pack_s = packed - written;
        println!(
            "  {name:6} {megabytes:.0} MB: {:>5.0} MB/s, gzip alone {:>5.0} MB/s, ratio {:.2}",
            megabytes / pack_s,
            megabytes / gzip,
            gzip / pack_s
        );
    }
}
