//! Where log lines go: standard error, with UTC time stamps, or with priorities where the journal reads it (sd-daemon(3)).
//!
//! Only targets of our own pass, whatever the level: libraries trace frames, parameters and addresses. Each line is one
//! write, so that lines of several threads do not mix. Failures to write are forgotten: there is nowhere to tell them.
use crate::systemd;
use log::{Level, LevelFilter, Log, Metadata, Record, SetLoggerError};
use simplelog::{ConfigBuilder, WriteLogger, format_description};
use std::io::{self, LineWriter, Write};

/// What our targets begin with: the name of the crate.
const OURS: &str = "rtcstats_server";

/// Starts logging; once in the life of a process.
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
    WriteLogger::init(level, config, LineWriter::new(io::stderr()))
}

/// Makes a panic tell where it was and nothing else: its message may quote what a peer has sent.
pub fn tell_panics_by_place() {
    std::panic::set_hook(Box::new(|panic| match panic.location() {
        Some(place) => log::error!("the program panicked at {place}: please report this"),
        None => log::error!("the program panicked: please report this"),
    }));
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
            let _ = io::stderr().write_all(prefixed(record.level(), &record.args().to_string()).as_bytes());
        }
    }

    fn flush(&self) {}
}

/// `<N>message`, N as in syslog(3). A line feed would begin a line without a priority.
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
    fn only_our_own_targets_pass() {
        let journal = Journal {
            level: LevelFilter::Info,
        };
        let passes = |target, level| journal.enabled(&Metadata::builder().target(target).level(level).build());
        assert!(passes("rtcstats_server", Level::Info) && passes("rtcstats_server::spool::pack", Level::Error));
        assert!(!passes("rtcstats_server::reactor", Level::Debug) && !passes("tungstenite::protocol", Level::Error));
    }
}
