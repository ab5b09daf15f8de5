//! What can be known of a call from a dump: that depends on who has written it, and from when on.
//!
//! A client library sees what a page does from its beginning to its end. A browser logs what it was told, in its own
//! words and by its own clock, and only as long as its page for that is open. So each feature says what it needs, and
//! is absent where that is missing: a value that might be wrong is worse than none. Nothing here fails.
use super::value::Value;
use crate::dump::internals::{Flag, Flags};
use crate::dump::open::Format;

/// Local times of whole seconds are at most one second off at either end.
const INFERRED_DELAY_MS_MIN: f64 = 2000.0;

/// What can be known of one connection, or of the client.
#[derive(Clone, Copy, Debug, Default)]
pub struct Form {
    writer: Writer,
    flags: Flags,
    requests: Requests,
}

/// Who has written the dump.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Writer {
    #[default]
    Library,
    /// The page chrome://webrtc-internals.
    Internals,
    /// The browser, in the form of a client library.
    Export,
}

/// Whether the dump shows any request for media.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Requests {
    #[default]
    None,
    Shown,
}

/// What a feature needs to have a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Nothing,
    /// What happens in a page and is told to nobody.
    PageEvents,
    /// The end of the page.
    PageEnd,
    PageClock,
    PageWindow,
    PageScreen,
    /// Anything that a page does.
    PageBegin,
    /// The events as a client library records them.
    Trace,
    /// The server that took the events.
    Server,
    /// A log of requests for media.
    Requests,
    /// What the page has chosen, not what the browser takes for it.
    Choice,
    /// What the page has chosen, even if it is the default.
    Default,
    /// When the connection was made.
    Creation,
    /// That, and a clock of milliseconds.
    Lifetime,
    /// The log from the beginning of the connection.
    Beginning,
    /// That, and a clock of milliseconds.
    Delay,
    /// The same for what has happened once or never: that it has is known from any part of the log.
    Occurrence,
    /// The statistics from the beginning of the connection.
    FirstStatistics,
    /// The same for what they have shown once or never.
    Sighting,
}

impl Need {
    pub const ALL: [Need; 19] = [
        Need::Nothing,
        Need::PageEvents,
        Need::PageEnd,
        Need::PageClock,
        Need::PageWindow,
        Need::PageScreen,
        Need::PageBegin,
        Need::Trace,
        Need::Server,
        Need::Requests,
        Need::Choice,
        Need::Default,
        Need::Creation,
        Need::Lifetime,
        Need::Beginning,
        Need::Delay,
        Need::Occurrence,
        Need::FirstStatistics,
        Need::Sighting,
    ];

    /// Of which dumps a feature with this need may be missing, and why; for people. Flags are those of `dump info`.
    pub const fn missing(self) -> (&'static str, &'static str) {
        const BROWSER: &str = "both";
        const MID_CALL: &str = "both, with `startedMidCall`";
        const CLOCK: &str = "both, with `startedMidCall`; below 2 s with `clockInferred`";
        const STATISTICS: &str = "both, with `startedMidCall` or `statsTruncated`";
        match self {
            Need::Nothing => ("none", "they show it"),
            Need::PageEvents => (
                BROWSER,
                "the browser logs neither the calls that list devices, nor the events of tracks, nor a null candidate, \
                 and it knows nothing of the client library",
            ),
            Need::PageEnd => (
                BROWSER,
                "the browser does not log when a page is closed: it forgets the page",
            ),
            Need::PageClock => (BROWSER, "events have the clock of the browser, not that of the page"),
            Need::PageWindow => (
                BROWSER,
                "the only window that is told is that of the page on which the dump was made",
            ),
            Need::PageScreen => ("webrtc-internals", "it is not told"),
            Need::PageBegin => (
                "both, if they show nothing that a page did",
                "the browser does not log when a page is opened: it is known from its first request or connection on",
            ),
            Need::Trace => (BROWSER, "the browser logs other events than a client library sends"),
            Need::Server => (BROWSER, "the server adds it to the events that a client library sends"),
            Need::Requests => (
                "both, if they show no request at all",
                "the browser has forgotten the requests of some pages, so that their absence says nothing",
            ),
            Need::Choice => (
                "both, where it would be false",
                "the browser tells its own default as if the page had chosen it",
            ),
            Need::Default => (
                "both, where it is the default or an empty list",
                "the browser leaves those out",
            ),
            Need::Creation => (
                "webrtc-internals, with `startedMidCall`",
                "the log begins when the page of webrtc-internals was opened",
            ),
            Need::Lifetime => (
                "webrtc-internals, with `startedMidCall`; below 2 s with `clockInferred`",
                "the log begins when the page of webrtc-internals was opened, or its times are known to a second only",
            ),
            Need::Beginning => (MID_CALL, "the log begins behind it"),
            Need::Delay => (
                CLOCK,
                "the log begins behind it, or the times are known to a second only",
            ),
            Need::Occurrence => (
                "both, with `startedMidCall`, where it would be false",
                "it may have happened before the log begins",
            ),
            Need::FirstStatistics => (STATISTICS, "the first statistics are missing"),
            Need::Sighting => (
                "both, with `startedMidCall` or `statsTruncated`, where it would be false",
                "the statistics that are missing may have shown it",
            ),
        }
    }
}

impl Form {
    pub fn new(format: Format, flags: Flags) -> Form {
        let writer = match format {
            Format::RtcStats => Writer::Library,
            Format::Internals => Writer::Internals,
            Format::BrowserExport => Writer::Export,
        };
        Form {
            writer,
            flags,
            requests: Requests::None,
        }
    }

    /// The same with a request for media.
    pub fn requested(self) -> Form {
        Form {
            requests: Requests::Shown,
            ..self
        }
    }

    pub fn is_library(self) -> bool {
        self.writer == Writer::Library
    }

    /// The log begins in the middle of the call.
    pub fn is_late(self) -> bool {
        self.flags.has(Flag::StartedMidCall)
    }

    /// The page keeps only the last statistics, and had more.
    pub fn is_truncated(self) -> bool {
        self.flags.has(Flag::StatsTruncated)
    }

    /// Whether a feature with this need may be missing.
    pub fn lacks(self, need: Need) -> bool {
        let has_part = self.is_late() || self.is_truncated();
        let is_coarse = self.flags.has(Flag::ClockInferred);
        match need {
            Need::Nothing => false,
            Need::PageEvents | Need::PageEnd | Need::PageClock | Need::PageWindow | Need::Trace | Need::Server => {
                !self.is_library()
            }
            Need::PageScreen => self.writer == Writer::Internals,
            Need::Requests | Need::PageBegin => !self.is_library() && self.requests == Requests::None,
            Need::Choice | Need::Default => !self.is_library(),
            Need::Creation => self.is_late() && self.writer == Writer::Internals,
            Need::Lifetime => self.lacks(Need::Creation) || is_coarse,
            Need::Beginning | Need::Occurrence => self.is_late(),
            Need::Delay => self.is_late() || is_coarse,
            Need::FirstStatistics | Need::Sighting => has_part,
        }
    }

    /// A length or a point of time in ms, if it can be known.
    pub fn known_ms(self, need: Need, ms: Option<f64>) -> Option<f64> {
        ms.filter(|ms| !self.known(need, Value::Number(*ms)).is_absent())
    }

    /// The value, if it can be known.
    pub fn known(self, need: Need, value: Value<'_>) -> Value<'_> {
        let may_stay = match (need, value) {
            // These are in a dump or not.
            (Need::PageScreen | Need::PageBegin | Need::Default, _) => true,
            (Need::Choice | Need::Occurrence | Need::Sighting, value) => value.is_true(),
            (Need::Lifetime, Value::Number(ms)) => !self.lacks(Need::Creation) && ms >= INFERRED_DELAY_MS_MIN,
            (Need::Delay, Value::Number(ms)) => !self.is_late() && ms >= INFERRED_DELAY_MS_MIN,
            _ => false,
        };
        match self.lacks(need) && !may_stay {
            true => Value::Absent,
            false => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(format: Format, flags: &[Flag]) -> Form {
        let mut set = Flags::default();
        flags.iter().for_each(|flag| set.add(*flag));
        Form::new(format, set)
    }

    #[test]
    fn a_client_library_knows_everything() {
        let library = Form::default();
        assert!(Need::ALL.iter().all(|need| !library.lacks(*need)));
        assert!(form(Format::RtcStats, &[]).is_library());
    }

    #[test]
    fn what_a_browser_has_not_seen_is_absent() {
        let whole = form(Format::Internals, &[]);
        let late = form(Format::Internals, &[Flag::StartedMidCall]);
        let export = form(Format::BrowserExport, &[Flag::StartedMidCall]);
        let cut = form(Format::Internals, &[Flag::StatsTruncated]);
        let coarse = form(Format::Internals, &[Flag::ClockInferred]);
        let (yes, no, long, short) = (
            Value::Bool(true),
            Value::Bool(false),
            Value::Number(2000.0),
            Value::Number(1999.0),
        );
        for (form, need, value, is_known) in [
            (whole, Need::PageClock, long, false),
            (whole, Need::Choice, yes, true),
            (whole, Need::Choice, Value::Json("true"), true),
            (whole, Need::Choice, Value::Json("false"), false),
            (whole, Need::Requests, no, false),
            (whole.requested(), Need::Requests, no, true),
            (whole, Need::Delay, short, true),
            (whole, Need::Occurrence, no, true),
            (late, Need::Occurrence, no, false),
            (late, Need::Occurrence, yes, true),
            (late, Need::Creation, long, false),
            (late, Need::Delay, long, false),
            (late, Need::FirstStatistics, long, false),
            (export, Need::Creation, long, true),
            (export, Need::Lifetime, short, true),
            (export, Need::Delay, long, false),
            (cut, Need::Delay, short, true),
            (cut, Need::Beginning, long, true),
            (cut, Need::FirstStatistics, long, false),
            (cut, Need::Sighting, no, false),
            (cut, Need::Sighting, yes, true),
            (coarse, Need::Delay, short, false),
            (coarse, Need::Delay, long, true),
            (coarse, Need::Lifetime, short, false),
            (coarse, Need::Creation, short, true),
        ] {
            assert_eq!(
                !form.known(need, value).is_absent(),
                is_known,
                "{form:?} {need:?} {value:?}"
            );
        }
    }
}
