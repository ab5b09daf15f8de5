//! A progress bar on standard error, for work that a person waits for.
//!
//! It appears after a second, only on a terminal, and only if nothing else is written to that terminal meanwhile. It is
//! removed when the input ends, so that the output stands alone. Failures: none; a bar that cannot be drawn is not.
use std::io::{self, IsTerminal, Read};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// When the command writes its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// When it has read everything.
    AtTheEnd,
    /// While it reads.
    Meanwhile,
}

/// Counts what is read.
pub struct Progress<R> {
    bytes: R,
    length: Option<u64>,
    begin: Instant,
    bar: Bar,
}

enum Bar {
    /// Nobody would see it.
    Hidden,
    /// So much was read until now.
    Waiting(u64),
    Drawn(ProgressBar),
}

impl<R: Read> Progress<R> {
    /// Reads `bytes`, of which there are `length`, if that is known.
    pub fn new(bytes: R, length: Option<u64>, shown: Shown) -> Progress<R> {
        let is_alone = shown == Shown::AtTheEnd || !io::stdout().is_terminal();
        Progress {
            bytes,
            length,
            begin: Instant::now(),
            bar: match io::stderr().is_terminal() && is_alone {
                true => Bar::Waiting(0),
                false => Bar::Hidden,
            },
        }
    }

    fn advance(&mut self, count: u64) {
        match &mut self.bar {
            Bar::Hidden => {}
            Bar::Drawn(bar) if count == 0 => bar.finish_and_clear(),
            Bar::Drawn(bar) => bar.inc(count),
            Bar::Waiting(read) => {
                *read += count;
                if self.begin.elapsed() >= PATIENCE {
                    let bar = drawn(self.length);
                    bar.inc(*read);
                    self.bar = Bar::Drawn(bar);
                }
            }
        }
    }
}

impl<R: Read> Read for Progress<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        self.advance(count as u64);
        Ok(count)
    }
}

impl<R> Drop for Progress<R> {
    fn drop(&mut self) {
        if let Bar::Drawn(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A bar that counts dumps, on a terminal.
pub fn of_dumps(count: u64) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(count), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{bar:30} {pos} of {len} dumps, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn drawn(length: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    let template = match length {
        Some(_) => "{bar:30} {bytes} of {total_bytes}, {binary_bytes_per_sec}, {eta} left",
        None => "{spinner} {bytes}, {binary_bytes_per_sec}",
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

const PATIENCE: Duration = Duration::from_secs(1);
