//! How bad a finding is, and what it is about.

/// How bad it is for the people in the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// The call worked, but not well.
    Warning,
    /// Something of the call did not work at all.
    Critical,
}

impl Severity {
    pub const ALL: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Critical];

    pub const fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Client,
    Connection,
    Track,
    /// One encoding of a track.
    Layer,
}

impl Scope {
    pub const fn name(self) -> &'static str {
        match self {
            Scope::Client => "client",
            Scope::Connection => "connection",
            Scope::Track => "track",
            Scope::Layer => "layer",
        }
    }
}
