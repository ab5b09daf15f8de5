//! How fast features and findings are extracted, and what they cost a dump that is packed.
//!
//! Method: in this process, on one thread, recorded dumps (`tests/data/dumps`) line by line, each pass with a new
//! extraction (`spool::Extraction`, as the server has it) for each dump. *Calls* is a call of five minutes
//! (statistics), *set-up* a mesh of eight peer connections (SDP and candidates), *all* are all recordings. *Packing* is
//! masking and gzip at the level of the server, without files. The figure is megabytes of dump per second of CPU time
//! of the thread, as the median of rounds that are measured in turns; the ratios at the end are the rates of packing
//! with features, and with findings too, by that of packing alone, as the median of the rounds. `GOAL` is what the
//! second one should be at least.
//!
//! With the name of a work (`Decode`, `Features`, `Findings`, `Pack`, `PackWithFeatures`, `PackWithFindings`) and of
//! dumps, one pass is done and nothing printed, so that callgrind can count the instructions of `run`. The rules of
//! findings have more code than the first cache of a processor, so time grows more than instructions do
//! (`benches/README.md`).

mod own;

use std::fs;
use std::io::{Read, Write};
use std::sync::LazyLock;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use rtcstats_server::dump::{MaskRules, Masker};
use rtcstats_server::features::Extractor;
use rtcstats_server::findings::Settings;
use rtcstats_server::spool::{Extraction, ToExtract};

use own::cpu_s;

/// The rate of packing with features and findings, by that of packing alone.
const GOAL: f64 = 0.7;

const ROUNDS: usize = 15;
const BYTES: usize = 16 << 20;

/// Packing takes so many bytes of masked lines on at once.
const BATCH: usize = 32 * 1024;

type Lines = Vec<Vec<u8>>;

fn lines(name: &str) -> Lines {
    let path = format!("{}/tests/data/dumps/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut text = Vec::new();
    GzDecoder::new(fs::File::open(path).expect("the recorded dump is there"))
        .read_to_end(&mut text)
        .expect("it unpacks");
    text.split(|byte| *byte == b'\n').skip(2).map(<[u8]>::to_vec).collect()
}

fn all() -> Vec<Lines> {
    let folder = format!("{}/tests/data/dumps", env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(folder).expect("the recorded dumps are there");
    let name = |file: std::io::Result<fs::DirEntry>| file.expect("a readable folder").file_name();
    let mut names: Vec<_> = files.map(name).collect();
    names.sort();
    names.iter().map(|name| lines(&name.to_string_lossy())).collect()
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Work {
    Decode,
    Features,
    /// Features and findings, as packing takes them.
    Findings,
    Pack,
    PackWithFeatures,
    PackWithFindings,
}

const WORKS: [Work; 6] = [
    Work::Decode,
    Work::Features,
    Work::Findings,
    Work::Pack,
    Work::PackWithFeatures,
    Work::PackWithFindings,
];

/// As a server makes them when it starts.
static SETTINGS: LazyLock<Settings> = LazyLock::new(Settings::default);

impl Work {
    fn to_extract(self) -> Option<ToExtract> {
        match self {
            Work::Decode | Work::Pack => None,
            Work::Features | Work::PackWithFeatures => Some(ToExtract::Features),
            Work::Findings | Work::PackWithFindings => Some(ToExtract::Both(SETTINGS.clone())),
        }
    }
}

#[inline(never)]
fn run(work: Work, lines: &Lines) {
    let mut extraction = work.to_extract().as_ref().map(Extraction::new);
    match work {
        Work::Decode => {
            let mut decoder = Extractor::decoder();
            for line in lines {
                let _ = std::hint::black_box(decoder.valid_line(line));
            }
        }
        Work::Features | Work::Findings => {
            let extraction = extraction.as_mut().expect("something is to be extracted");
            lines.iter().for_each(|line| extraction.masked(line));
        }
        Work::Pack | Work::PackWithFeatures | Work::PackWithFindings => pack(lines, &mut extraction),
    }
    std::hint::black_box(extraction.map(Extraction::finish));
}

fn pack(lines: &Lines, extraction: &mut Option<Extraction>) {
    let rules = MaskRules {
        addresses: true,
        device_labels: true,
    };
    let mut masker = Masker::new(rules, None);
    let mut encoder = GzEncoder::new(std::io::sink(), Compression::new(3));
    let (mut masked, mut ends) = (Vec::new(), Vec::new());
    for (number, line) in lines.iter().enumerate() {
        masker.line(line, &mut masked);
        masked.push(b'\n');
        ends.push(masked.len());
        if masked.len() < BATCH && number + 1 < lines.len() {
            continue;
        }
        if let Some(extraction) = extraction {
            let starts = std::iter::once(&0).chain(&ends);
            starts
                .zip(&ends)
                .for_each(|(start, end)| extraction.masked(&masked[*start..end - 1]));
        }
        encoder.write_all(&masked).expect("a sink takes everything");
        masked.clear();
        ends.clear();
    }
    encoder.finish().expect("a sink takes everything");
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn main() {
    let dumps = [
        ("calls", vec![lines("long-5min-4pc.jsonl.gz")]),
        ("set-up", vec![lines("mesh-8pc.jsonl.gz")]),
        ("all", all()),
    ];
    let wanted: Vec<_> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let [work, name] = &wanted[..] {
        let (_, dumps) = dumps.iter().find(|(own, _)| own == name).expect("known dumps");
        let work = WORKS
            .iter()
            .find(|own| format!("{own:?}") == *work)
            .expect("a known work");
        dumps.iter().for_each(|lines| run(*work, lines));
        return;
    }
    println!("features: MB of dump per second of CPU time, median of {ROUNDS} rounds in turns; goal {GOAL}");
    for (name, dumps) in &dumps {
        let bytes: usize = dumps.iter().flatten().map(|line| line.len() + 1).sum();
        let passes = BYTES.div_ceil(bytes);
        let mut rates = WORKS.map(|_| Vec::new());
        for _ in 0..ROUNDS {
            for (work, rates) in WORKS.iter().zip(&mut rates) {
                let start = cpu_s();
                (0..passes).for_each(|_| dumps.iter().for_each(|lines| run(*work, lines)));
                rates.push((passes * bytes) as f64 / 1e6 / (cpu_s() - start));
            }
        }
        let ratio = |work: usize| {
            let pairs = rates[3].iter().zip(&rates[work]);
            median(pairs.map(|(pack, both)| both / pack).collect())
        };
        let (with_features, with_findings) = (ratio(4), ratio(5));
        let [decode, features, findings, pack, ..] = rates.map(median);
        println!(
            "  {name:6}: decode {decode:>4.0} MB/s, with features {features:>4.0} MB/s, with findings {findings:>4.0} MB/s, \
             pack {pack:>4.0} MB/s, ratio with features {with_features:.3}, with findings too {with_findings:.3} ({})",
            if with_findings >= GOAL {
                "goal reached"
            } else {
                "goal missed"
            }
        );
    }
}
