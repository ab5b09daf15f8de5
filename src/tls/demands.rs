//! What a client asks of TLS. How it is done stands elsewhere.
use std::path::Path;

/// How a server's certificate is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Not at all: the data is encrypted, but perhaps for someone else.
    Nothing,
    /// A trusted authority must have signed it, for any name.
    Authority,
    /// A trusted authority must have signed it for the name that we connected to (RFC 6125).
    Name,
}

/// Which versions of the protocol are spoken; older ones than 1.2 never are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Versions {
    #[default]
    From12,
    Only12,
    From13,
}

/// Whether the first message names the server that is meant (SNI).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Greeting {
    #[default]
    WithName,
    WithoutName,
}

/// What one client asks of TLS.
#[derive(Debug, Clone, Copy)]
pub struct Demands<'a> {
    pub check: Check,
    /// Trusted instead of the system's certificates.
    pub roots: Option<&'a Path>,
    /// The setting in which operators name roots of their own, for advice.
    pub setting: &'static str,
    pub versions: Versions,
    pub greeting: Greeting,
}
