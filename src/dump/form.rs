//! What can be known of a call from a dump: that depends on who has written it, and from when on.
//!
//! A client library sees what a page does from its beginning to its end. A browser logs what it was told, in its own
//! words and by its own clock, and only as long as its page for that is open. So whatever is taken from a dump says
//! what it needs, and is absent where that is missing: a value that might be wrong is worse than none. Nothing here
//! fails.
use super::internals::{Flag, Flags};
use super::open::Format;

/// Local times of whole seconds are at most one second off at either end.
const INFERRED_DELAY_MS_MIN: f64 = 2000.0;

/// What was taken from a dump.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sight {
    /// It is so, or has happened.
    Fact,
    /// A number, which is a length or a point of time in ms if that is asked for.
    Ms(f64),
    Other,
}

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

    /// Whether what was taken from the dump for this need is so, as far as it can be known.
    pub fn shows(self, need: Need, what: Sight) -> bool {
        let shows_nevertheless = match (need, what) {
            // These are in a dump or not.
            (Need::PageScreen | Need::PageBegin | Need::Default, _) => true,
            (Need::Choice | Need::Occurrence | Need::Sighting, what) => what == Sight::Fact,
            (Need::Lifetime, Sight::Ms(ms)) => !self.lacks(Need::Creation) && ms >= INFERRED_DELAY_MS_MIN,
            (Need::Delay, Sight::Ms(ms)) => !self.is_late() && ms >= INFERRED_DELAY_MS_MIN,
            _ => false,
        };
        shows_nevertheless || !self.lacks(need)
    }

    /// A length or a point of time in ms, if it can be known.
    pub fn known_ms(self, need: Need, ms: Option<f64>) -> Option<f64> {
        ms.filter(|ms| self.shows(need, Sight::Ms(*ms)))
    }
}
