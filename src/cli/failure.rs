//! Why a command ended without success, and the exit code that says so.
//!
//! Never here: text from a peer; a failure's text is our own and the operator's.
use crate::config::ConfigError;
use crate::systemd::under_journal;
use std::fmt::Display;
use std::io;
use std::process::ExitCode;

/// What a command ends with.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something outside refused: a disk, a database.
    #[error("{0}")]
    Runtime(String),
    /// The arguments cannot be used, as they are or with this configuration.
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Configuration(ConfigError),
    /// Whoever read our output has enough of it (`find | head`), which is no failure.
    #[error("the reader of the output went away")]
    Unread,
}

impl Failure {
    /// A failure outside, with what was being done.
    pub fn runtime(doing: impl Display, error: impl Display) -> Self {
        Failure::Runtime(format!("{doing}: {error}"))
    }

    /// A failure of writing to standard output.
    pub fn output(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Unread,
            _ => Failure::runtime("standard output", error),
        }
    }

    /// Says it on standard error, one line a problem, and gives the exit code.
    pub fn tell(&self) -> ExitCode {
        let code = match self {
            Failure::Unread => return ExitCode::SUCCESS,
            Failure::Runtime(_) => 1,
            Failure::Usage(_) | Failure::Configuration(_) => 2,
        };
        // A service that does not start stands in the journal as an error, not as a remark.
        let mark = if under_journal() { "<3>" } else { "error: " };
        for line in self.to_string().lines() {
            // Standard error may be closed; there is nowhere left to say so.
            let _ = io::Write::write_fmt(&mut io::stderr(), format_args!("{mark}{line}\n"));
        }
        ExitCode::from(code)
    }
}
