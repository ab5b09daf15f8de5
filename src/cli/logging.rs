//! Log lines go to standard error, with UTC time stamps, or with priorities where the journal reads them
//! (sd-daemon(3)).
//!
//! Only our own targets pass, at every level, because libraries trace frames, parameters and addresses. Each line is
//! one write, so that lines of several threads do not mix. If writing fails, the failure is ignored: there is nowhere
//! to report it. A line for which there is no room is left out, because the loop thread logs too and must not wait for
//! a reader that hangs.

use std::io::{self, LineWriter, Write};
use std::os::fd::AsFd;

use log::{Level, LevelFilter, Log, Metadata, Record, SetLoggerError};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use simplelog::{ConfigBuilder, WriteLogger, format_description};

use crate::systemd;

/// How our targets begin: the name of the crate.
const OURS: &str = "rtcstats_server";

/// Starts logging. It can be called once in the life of a process.
pub fn start(level: LevelFilter) -> Result<(), SetLoggerError> {
    if systemd::under_journal() {
        log::set_max_level(level);
        return log::set_boxed_logger(Box::new(Journal { level }));
    }
    let config = ConfigBuilder::new()
        .set_time_format_custom(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        ))
        .set_thread_level(LevelFilter::Off)
        .set_target_level(LevelFilter::Off)
        .set_location_level(LevelFilter::Off)
        .set_level_padding(simplelog::LevelPadding::Right)
        .add_filter_allow_str(OURS)
        .build();
    WriteLogger::init(level, config, LineWriter::new(Unhurried(io::stderr())))
}

/// Makes a panic report where it happened and nothing else: its message may quote what a peer has sent. A command that
/// has no log tells it directly.
pub fn tell_panics_by_place() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or(String::new(), |place| format!(" at {place}"));
        let told = format!("the program panicked{place}: please report this");
        if log::max_level() == LevelFilter::Off {
            // Standard error may be closed; then there is nowhere left to tell it.
            let _ = writeln!(io::stderr(), "error: {told}");
        } else {
            log::error!("{told}");
        }
    }));
}

/// Writes what can be written at once and leaves out what would have to wait. A pipe that is ready takes at least 4 KiB
/// (pipe(7)), which is more than a line.
struct Unhurried<W>(W);

impl<W: Write + AsFd> Write for Unhurried<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut ready = [PollFd::new(&self.0, PollFlags::OUT)];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut ready, Some(&now))?;
        if ready[0].revents().contains(PollFlags::OUT) {
            self.0.write_all(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Lines for the journal, which adds the time itself.
struct Journal {
    level: LevelFilter,
}

impl Log for Journal {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= self.level && metadata.target().starts_with(OURS)
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = prefixed(record.level(), &record.args().to_string());
            let _ = Unhurried(io::stderr().lock()).write_all(line.as_bytes());
        }
    }

    fn flush(&self) {}
}

/// `<N>message`, with N as in syslog(3). A line feed in the message would begin a line without a priority.
fn prefixed(level: Level, message: &str) -> String {
    let priority = match level {
        Level::Error => 3,
        Level::Warn => 4,
        Level::Info => 6,
        Level::Debug | Level::Trace => 7,
    };
    format!("<{priority}>{}\n", message.replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_has_its_priority_and_each_message_is_one_line() {
        assert_eq!(prefixed(Level::Error, "disk full"), "<3>disk full\n");
        assert_eq!(prefixed(Level::Warn, "x"), "<4>x\n");
        assert_eq!(prefixed(Level::Info, "a\nb"), "<6>a b\n");
        assert_eq!(prefixed(Level::Trace, "x"), "<7>x\n");
    }

    #[test]
    fn a_reader_that_hangs_delays_nobody() {
        let (mut reader, writer) = io::pipe().unwrap();
        let mut log = Unhurried(writer);
        let line = [b'x'; 1024];
        // A pipe holds 64 KiB by default and 1 MiB at most, so this never ends unless the log looks whether there is
        // room.
        (0..2048).for_each(|_| log.write_all(&line).unwrap());
        drop(log);
        let mut read = Vec::new();
        io::Read::read_to_end(&mut reader, &mut read).unwrap();
        assert!(!read.is_empty() && read.len() % line.len() == 0);
    }

    #[test]
    fn only_our_own_targets_pass() {
        let journal = Journal {
            level: LevelFilter::Info,
        };
        let passes = |target, level| journal.enabled(&Metadata::builder().target(target).level(level).build());
        assert!(passes("rtcstats_server", Level::Info) && passes("rtcstats_server::spool::pack", Level::Error));
        assert!(!passes("rtcstats_server::reactor", Level::Debug) && !passes("tungstenite::protocol", Level::Error));
    }
}
