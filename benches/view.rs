//! How large the page of a dump is, how long it takes to make, and what memory that takes.
//!
//! Method: `Builder` and `page` in this process on recorded dumps (`tests/data/dumps`) and on dumps that are made of
//! them by giving connections other names and letting time go on: a dump of 1 GB that is never in memory as a whole,
//! 52 connections with an hour of statistics each, and 10,000 connections. The time is CPU time of one run, and the
//! rate bytes of the uncompressed dump per second. Memory is the most that this process held (`VmHWM`, reset before
//! each dump). More than 64 MiB and the page, or a page above its limit, is a failure.

mod own;

use std::fs;
use std::io::{self, Read};

use flate2::read::GzDecoder;
use rtcstats_server::dump::open::Dump;
use rtcstats_server::findings::Settings;
use rtcstats_server::limits::VIEW_PAGE_BYTES_MAX;
use rtcstats_server::view::{Builder, Ending, Part, page};

use own::{cpu_s, forget_peak, peak_mib};

/// The lines of a recorded dump.
fn recorded(name: &str) -> String {
    let path = format!("{}/tests/data/dumps/{name}.jsonl.gz", env!("CARGO_MANIFEST_DIR"));
    let file = fs::File::open(path).expect("the recorded dump is there");
    io::read_to_string(GzDecoder::new(file)).expect("it unpacks")
}

/// The events of a dump again and again, each time of other connections.
struct Made {
    events: Vec<String>,
    names: Vec<String>,
    /// How many times there are other names, before the first ones come again.
    groups: usize,
    round: usize,
    rounds: usize,
    text: Vec<u8>,
    at: usize,
}

impl Made {
    fn of(name: &str, groups: usize, rounds: usize) -> Made {
        let text = recorded(name);
        let mut lines = text.lines();
        let head: Vec<&str> = lines.by_ref().take(2).collect();
        let events: Vec<String> = lines
            .filter(|line| !line.starts_with("[\"close\""))
            .map(str::to_owned)
            .collect();
        let named = (0..64).map(|number| format!("\"PC_{number}\""));
        let names = named.filter(|name| text.contains(name.as_str())).collect();
        let head = format!("{}\n", head.join("\n")).into_bytes();
        Made {
            text: head,
            events,
            names,
            groups,
            round: 0,
            rounds,
            at: 0,
        }
    }

    fn next_round(&mut self) {
        let group = self.round % self.groups;
        let mut text = String::new();
        for (at, event) in self.events.iter().enumerate() {
            let mut event = event.clone();
            for (number, name) in self.names.iter().enumerate() {
                event = event.replace(
                    name.as_str(),
                    &format!("\"PC_{}\"", 10_000 + group * self.names.len() + number),
                );
            }
            // Only the first event of a dump has a time since 1970.
            if at == 0 && self.round > 0 {
                let (before, _) = event.rsplit_once(',').expect("an event has a time");
                event = format!("{before},1000]");
            }
            text.push_str(&event);
            text.push('\n');
        }
        self.round += 1;
        (self.text, self.at) = (text.into_bytes(), 0);
    }
}

impl Read for Made {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.text.len() && self.round < self.rounds {
            self.next_round();
        }
        let count = (&self.text[self.at..]).read(buffer)?;
        self.at += count;
        Ok(count)
    }
}

fn measure(what: &str, input: impl Read) {
    forget_peak();
    let start = cpu_s();
    let mut dump = Dump::open(input).expect("a dump");
    let lend = Box::new(|| Ok(Box::new(tempfile::tempfile()?) as _));
    let mut builder = Builder::new(what, &mut dump, &Settings::default(), lend);
    dump.each(|event| builder.event(event, Part::Shown))
        .expect("it can be read");
    assert!(dump.is_whole());
    let bytes = dump.text_bytes() as f64;
    let model = builder.finish(&dump, Ending::default()).expect("a temporary file");
    let page = page(&model);
    let seconds = cpu_s() - start;
    let (peak, size) = (peak_mib(), page.len() as f64 / MIB);
    println!(
        "  {what}: {:.1} MB in {seconds:.1} s ({:.0} MB/s), a page of {:.0} kB, {peak:.1} MiB at most",
        bytes / 1e6,
        bytes / 1e6 / seconds,
        page.len() as f64 / 1e3,
    );
    assert!(page.len() <= VIEW_PAGE_BYTES_MAX, "the page is too large");
    assert!(peak < 64.0 + size, "more than 64 MiB and the page");
}

const MIB: f64 = (1 << 20) as f64;

fn main() {
    println!("view: CPU time of one run, the size of the page, and memory");
    for name in ["av-call-60s", "long-5min-4pc", "mesh-8pc"] {
        measure(name, recorded(name).as_bytes());
    }
    measure(
        "52 connections with an hour each",
        Made::of("long-5min-4pc", 13, 13 * 12),
    );
    measure("10,000 connections", Made::of("audio-only", 5000, 5000));
    measure("a dump of 1 GB", Made::of("long-5min-4pc", 1, 612));
}
