//! How large the page of a dump is, how long it takes to make, and what memory that takes.
//!
//! Method: `Builder` and `page` in this process on recorded dumps (`tests/data/dumps`) and on dumps that are made while
//! they are read, by giving connections other names and letting time go on: 50 connections with an hour of statistics
//! each, 10,000 connections, 100,000 events, and a dump of 1 GB. The time is CPU time of one run without that of making
//! the dump, and the rate bytes of the uncompressed dump per second. Memory is the most that this process held
//! (`VmHWM`), one process for each dump. Each dump has budgets, and what is beyond one of them is a failure at the end;
//! those of rates allow for a machine that is busy. With the name of a dump only that one is read.

mod own;

use std::cell::Cell;
use std::fs;
use std::io::{self, Read};
use std::process::Command;
use std::rc::Rc;

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
    /// CPU time that making it has taken, which others read at the end.
    spent: Rc<Cell<f64>>,
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
            spent: Rc::default(),
        }
    }

    /// A text alone.
    fn as_it_is(text: String) -> Made {
        Made {
            text: text.into_bytes(),
            events: Vec::new(),
            names: Vec::new(),
            groups: 1,
            round: 0,
            rounds: 0,
            at: 0,
            spent: Rc::default(),
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
            let start = cpu_s();
            self.next_round();
            self.spent.set(self.spent.get() + cpu_s() - start);
        }
        let count = (&self.text[self.at..]).read(buffer)?;
        self.at += count;
        Ok(count)
    }
}

/// What a dump may take.
struct Budget {
    /// MB of dump per second.
    rate: f64,
    /// MiB beside the page.
    memory: f64,
    /// Bytes.
    page: usize,
}

fn measure(what: &str, input: impl Read, spent: &Cell<f64>, budget: &Budget, misses: &mut Vec<String>) {
    forget_peak();
    let start = cpu_s();
    let mut dump = Dump::open(input).expect("a dump");
    let lend = Box::new(|| Ok(Box::new(tempfile::tempfile()?) as _));
    let mut builder = Builder::new(what, &mut dump, &Settings::default(), lend);
    dump.each(|event| builder.event(event, Part::Shown))
        .expect("it can be read");
    assert!(dump.is_whole());
    let bytes = dump.text_bytes() as f64;
    let (read, reading) = (cpu_s(), peak_mib());
    let model = builder.finish(&dump, Ending::default()).expect("a temporary file");
    drop(dump);
    let page = page(&model);
    let (end, peak, size) = (cpu_s(), peak_mib(), page.len() as f64 / MIB);
    let seconds = end - start - spent.get();
    let rate = bytes / 1e6 / seconds;
    println!(
        "  {what}: {:.1} MB in {seconds:.2} s ({rate:.0} MB/s; {:.2} s of it after the last event), a page of {:.0} kB, \
         {peak:.1} MiB at most ({reading:.1} while it was read)",
        bytes / 1e6,
        end - read,
        page.len() as f64 / 1e3,
    );
    let mut hold = |is_kept: bool, words: String| misses.extend((!is_kept).then(|| format!("{what}: {words}")));
    hold(
        page.len() <= budget.page,
        format!("a page of {} bytes, {} at most", page.len(), budget.page),
    );
    hold(
        peak < budget.memory + size,
        format!("{peak:.0} MiB, {} and the page at most", budget.memory),
    );
    hold(rate >= budget.rate, format!("{rate:.0} MB/s, {} at least", budget.rate));
}

const MIB: f64 = (1 << 20) as f64;

/// Small events, a line each.
fn events(count: usize) -> String {
    let head = "RTCStatsDump\n{\"fileFormat\":3,\"clientProtocol\":\"rtcstats#5.0\"}\n";
    let event = |number: usize| {
        let method = ["custom", "onnegotiationneeded", "HTMLMediaElement.resize"][number % 3];
        let time = if number == 0 { 1_795_326_497_279_u64 } else { 30 };
        format!("[\"{method}\",\"PC_0\",\"{number} of many\",{time}]\n")
    };
    let close = "[\"close\",null,1000,5]\n";
    head.to_owned() + &(0..count).map(event).collect::<String>() + close
}

/// Nothing but a page whose making takes much longer than it should is slow here.
fn small(page: usize) -> Budget {
    Budget {
        rate: 3.0,
        memory: 64.0,
        page,
    }
}

fn large(rate: f64, memory: f64) -> Budget {
    Budget {
        rate,
        memory,
        page: VIEW_PAGE_BYTES_MAX,
    }
}

const DUMPS: [&str; 7] = [
    "av-call-60s",
    "long-5min-4pc",
    "mesh-8pc",
    "52 connections with an hour each",
    "100,000 events",
    "10,000 connections",
    "a dump of 1 GB",
];

fn made(what: &str) -> (Made, Budget) {
    match what {
        "52 connections with an hour each" => (Made::of("long-5min-4pc", 13, 13 * 12), large(30.0, 64.0)),
        "100,000 events" => (Made::as_it_is(events(100_000)), large(10.0, 64.0)),
        // Each costs some 16 KiB: what is known of it for features, findings and the page, and its last reports.
        "10,000 connections" => (Made::of("audio-only", 5000, 5000), large(20.0, 64.0 + 160.0)),
        "a dump of 1 GB" => (Made::of("long-5min-4pc", 1, 612), large(40.0, 64.0)),
        recorded_dump => (Made::as_it_is(recorded(recorded_dump)), small(400_000)),
    }
}

fn main() {
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with("--"));
    if let Some(what) = DUMPS.iter().find(|what| Some(**what) == wanted.as_deref()) {
        let (made, budget) = made(what);
        let (spent, mut misses) = (Rc::clone(&made.spent), Vec::new());
        measure(what, made, &spent, &budget, &mut misses);
        assert!(misses.is_empty(), "{misses:#?}");
        return;
    }
    println!("view: CPU time of one run, the size of the page, and memory");
    let this = std::env::current_exe().expect("this program");
    // Each in a process of its own: memory that one has given back would count for the next.
    let runs = DUMPS.map(|what| Command::new(&this).arg(what).status().expect("it starts"));
    assert!(runs.iter().all(|run| run.success()), "not all budgets were kept");
}
