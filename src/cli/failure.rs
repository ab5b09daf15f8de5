//! Why a command ended without success, and the exit code for it.
//!
//! A failure's text is our own or the operator's, never text from a peer.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use super::visible::visible;
use crate::config::ConfigError;
use crate::systemd::under_journal;

/// What a command ends with.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something outside this program refused: a disk, a database.
    #[error("{0}")]
    Runtime(String),
    /// The arguments cannot be used, either at all or with this configuration.
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Configuration(ConfigError),
    /// What the command was asked to compare cannot be read. Its status differs from that of what is different.
    #[error("{0}")]
    Trouble(String),
    /// No failure: the answer to what was asked is the exit status itself.
    #[error("the answer is {0}")]
    Answer(u8),
    /// The reader of our output does not want more of it (`find | head`). That is not an error.
    #[error("the reader of the output went away")]
    Unread,
}

impl Failure {
    /// A failure outside this program, with what was being done.
    pub fn runtime(doing: impl Display, error: impl Display) -> Self {
        Failure::Runtime(format!("{doing}: {error}"))
    }

    /// A failure to write to standard output.
    pub fn output(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Unread,
            _ => Failure::runtime("standard output", error),
        }
    }

    /// Writes it to standard error, one line for each problem, and gives the exit code.
    pub fn tell(&self) -> ExitCode {
        let code = match self {
            Failure::Unread => return ExitCode::SUCCESS,
            Failure::Answer(code) => return ExitCode::from(*code),
            Failure::Runtime(_) => 1,
            Failure::Usage(_) | Failure::Configuration(_) | Failure::Trouble(_) => 2,
        };
        // If a service does not start, the journal must show that as an error, not as a remark.
        let mark = if under_journal() { "<3>" } else { "error: " };
        for line in self.to_string().lines().map(visible) {
            // Standard error may be closed; then there is nowhere left to report.
            let _ = io::Write::write_fmt(&mut io::stderr(), format_args!("{mark}{line}\n"));
        }
        ExitCode::from(code)
    }
}
