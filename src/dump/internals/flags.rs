//! What a reader of an imported dump has to know about it.

/// One thing that is not as in a dump of the client library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// Events had local times in whole seconds, and their zone has been inferred: delays below 2 s say nothing.
    ClockInferred,
    /// Statistics had no time stamps; they have been spread evenly over the time in which they were taken.
    TimesInterpolated,
    /// The page keeps 1,000 points of a series, and the oldest are gone.
    StatsTruncated,
    /// The log begins in the middle of the call, so delays of the first negotiation are unknown.
    StartedMidCall,
    /// There are callback-based statistics, which have no W3C meaning and are left out.
    LegacyStats,
}

impl Flag {
    pub const ALL: [Flag; 5] = [
        Flag::ClockInferred,
        Flag::TimesInterpolated,
        Flag::StatsTruncated,
        Flag::StartedMidCall,
        Flag::LegacyStats,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Flag::ClockInferred => "clockInferred",
            Flag::TimesInterpolated => "timesInterpolated",
            Flag::StatsTruncated => "statsTruncated",
            Flag::StartedMidCall => "startedMidCall",
            Flag::LegacyStats => "legacyStats",
        }
    }
}

/// A set of flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    pub fn add(&mut self, flag: Flag) {
        self.0 |= 1 << flag as u8;
    }

    pub fn has(self, flag: Flag) -> bool {
        self.0 & 1 << flag as u8 != 0
    }

    pub fn and(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.into_iter().filter(move |flag| self.has(*flag))
    }
}
