//! File systems that say of a call that it was not done although it was, that refuse it, or that do not answer.
//!
//! `cells` is a matrix of calls, errors and deeds; `scene` plays one cell on the real binary: sessions come and go,
//! dumps of another process are taken over, a kill ends it all, and the oracle of the kill tests looks at what was
//! stored. `rows` are single faults that end a start or that commands meet, `copies` those of copies beside a bucket.
//! `make test` plays a sample, `make faults` (RTCSTATS_FAULTS=all) the whole matrix and real file systems (`disks`).
//! RTCSTATS_FAULTS_SEED=N repeats a sample, RTCSTATS_FAULTS='[link|' plays the cells whose name contains that.

mod cells;
mod copies;
mod disks;
mod rows;
mod scene;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use support::syscalls;

use crate::kill::load::Random;
use cells::Cell;

/// So many cells are a sample, beside those that are always played. Each takes a few seconds, most of them of waiting.
const SAMPLE: usize = 12;
const AT_A_TIME: usize = 8;

/// Whether everything is to be played, however long it takes.
pub fn is_all() -> bool {
    std::env::var("RTCSTATS_FAULTS").is_ok_and(|value| value == "all")
}

/// Part of the names of cells, if only those are to be played.
fn part() -> Option<String> {
    std::env::var("RTCSTATS_FAULTS").ok().filter(|value| value != "all")
}

#[test]
fn whatever_a_call_says_nothing_is_lost_or_doubled_and_no_slot_leaks() {
    if !syscalls::are_possible() {
        println!("skipped: system calls can be changed on x86-64 only");
        return;
    }
    let mut cells = cells::always();
    let mut others = cells::all();
    match part() {
        Some(part) => others.retain(|cell| cell.to_string().contains(&part)),
        None if !is_all() => others.retain(Cell::is_quick),
        None => {}
    }
    let seed = seed();
    let mut random = Random::new(seed);
    let count = match is_all() || part().is_some() {
        true => others.len(),
        false => SAMPLE,
    };
    println!(
        "{count} of {} cells: RTCSTATS_FAULTS_SEED={seed} repeats them",
        others.len()
    );
    for _ in 0..count {
        cells.push(others.swap_remove(random.below(others.len() as u64) as usize));
    }
    let failed = play(&cells);
    assert!(
        failed.is_empty(),
        "{} of {} cells:\n{}",
        failed.len(),
        cells.len(),
        failed.join("\n")
    );
}

fn seed() -> u64 {
    let given = std::env::var("RTCSTATS_FAULTS_SEED")
        .ok()
        .and_then(|text| text.parse().ok());
    given.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.expect("a clock after 1970").as_secs() % 1_000_000
    })
}

/// Plays several at a time, and returns those that failed with what was wrong.
fn play(cells: &[Cell]) -> Vec<String> {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(cell) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let begin = Instant::now();
                    if let Err(cause) = catch_unwind(AssertUnwindSafe(|| scene::play(cell))) {
                        let text = cause.downcast_ref::<String>().cloned();
                        let text = text.or_else(|| cause.downcast_ref::<&str>().map(ToString::to_string));
                        let line = format!("{cell}: {}", text.unwrap_or_default());
                        failed.lock().expect("no test panics with it").push(line);
                    }
                    println!("{cell}: {} s", begin.elapsed().as_secs());
                }
            });
        }
    });
    failed.into_inner().expect("no test panics with it")
}
