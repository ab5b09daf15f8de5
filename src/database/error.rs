//! Why a row was not written or read, sorted by who can mend it.
//!
//! Holds no value of a row: SQLite's messages name columns, PostgreSQL's quote values; fixed texts by code are enough
//! and cannot leak.
use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::{Error, ErrorCode, ffi};

use crate::whose::{Whose, machine_is_short};

/// Failure of one call to a database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Only for reading: nothing has been delivered on this machine yet, or the path is wrong.
    #[error("there is no catalogue at {0} yet: the server makes it when it starts (or is the path another one?)")]
    Missing(PathBuf),
    #[error("the catalogue {path} has version {found}, this program knows {known}: use a program as new as the server")]
    Version { path: PathBuf, found: i64, known: i64 },
    /// The database works and does not take this row.
    #[error("the catalogue {path} refuses the row of this dump: {cause}")]
    Row { path: PathBuf, cause: &'static str },
    /// The server works and does not take this row into the table.
    #[error("the table {table} refuses the row of this dump: {cause}")]
    Refused { table: String, cause: String },
    /// The server or the table as a whole: not there, not reachable, frozen, full, not as it should be.
    #[error("{server}: {cause}")]
    Server { server: String, cause: String },
    /// This machine ran short of descriptors or memory.
    #[error("{database}: {cause}")]
    Machine { database: String, cause: String },
    /// The database as a whole: locked, full, damaged, read-only, not there.
    #[error("the catalogue {path}: {cause}")]
    Unavailable { path: PathBuf, cause: String },
}

impl DatabaseError {
    /// Who can mend it.
    pub fn whose(&self) -> Whose {
        match self {
            DatabaseError::Row { .. } | DatabaseError::Refused { .. } => Whose::Dump,
            DatabaseError::Machine { .. } => Whose::Machine,
            DatabaseError::Missing(_)
            | DatabaseError::Version { .. }
            | DatabaseError::Server { .. }
            | DatabaseError::Unavailable { .. } => Whose::Destination,
        }
    }

    /// The table of SQLite's result codes (sqlite.org/rescode.html).
    ///
    /// Of the row: CONSTRAINT, TOOBIG, MISMATCH. Of the machine: NOMEM, and CANTOPEN where nothing can be opened.
    /// Everything else is the catalogue's state: BUSY and LOCKED pass, FULL, IOERR, READONLY, CANTOPEN, PERM, AUTH are
    /// mended by an operator, so are CORRUPT and NOTADB by a restored or removed file, SCHEMA and ERROR by a table as
    /// it should be.
    pub(super) fn from_sqlite(path: &Path, error: &Error) -> DatabaseError {
        let path = path.to_owned();
        let Error::SqliteFailure(failure, _) = error else {
            return DatabaseError::Unavailable {
                path,
                cause: "an answer that the program does not understand".into(),
            };
        };
        let cause = ffi::code_to_str(failure.extended_code);
        match failure.code {
            ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch => {
                DatabaseError::Row { path, cause }
            }
            ErrorCode::OutOfMemory => DatabaseError::machine(&path, cause),
            ErrorCode::CannotOpen if nothing_can_be_opened() => DatabaseError::machine(&path, cause),
            _ => DatabaseError::Unavailable {
                path,
                cause: cause.to_owned(),
            },
        }
    }

    fn machine(path: &Path, cause: &str) -> DatabaseError {
        DatabaseError::Machine {
            database: format!("the catalogue {}", path.display()),
            cause: cause.to_owned(),
        }
    }
}

/// SQLite does not say why a file could not be opened. The file itself must not be opened to find out: closing it would
/// take the locks away that this process has on it (fcntl(2)).
fn nothing_can_be_opened() -> bool {
    File::open("/dev/null").is_err_and(|error| machine_is_short(&error))
}
