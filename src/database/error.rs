//! Why a row was not written or read, sorted by who can repair it.
//!
//! An error contains no value of a row. SQLite's messages name only columns, but PostgreSQL's quote values. So fixed
//! texts, chosen by the error code, are used instead, with names of columns and constraints: they say enough and cannot
//! leak anything. What refuses one row is never the dump's fault for good, because an operator can change the table.
use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::{Error, ErrorCode, ffi};

use crate::whose::{Whose, machine_is_short};

/// The failure of one call to a database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Only when reading: nothing has been delivered on this machine yet, or the path is wrong.
    #[error("there is no catalogue at {0} yet: the server makes it when it starts (or is the path another one?)")]
    Missing(PathBuf),
    #[error("the catalogue {path} has version {found}, this program knows {known}: use a program as new as the server")]
    Version { path: PathBuf, found: i64, known: i64 },
    /// The database works but does not accept this row, by a rule that an operator has added.
    #[error("the catalogue {path} refuses the row of this dump: {cause}")]
    Row { path: PathBuf, cause: &'static str },
    /// The server works but does not accept this row into the table as it is now.
    #[error("the table {table} refuses the row of this dump: {cause}")]
    Refused { table: String, cause: String },
    /// The server or the table as a whole: missing, unreachable, frozen, full, or not as it should be.
    #[error("{server}: {cause}")]
    Server { server: String, cause: String },
    /// This machine is short of file descriptors or memory.
    #[error("{database}: {cause}")]
    Machine { database: String, cause: String },
    /// The database as a whole: locked, full, damaged, read-only or missing.
    #[error("the catalogue {path}: {cause}")]
    Unavailable { path: PathBuf, cause: String },
}

impl DatabaseError {
    /// Who can repair it.
    pub fn whose(&self) -> Whose {
        match self {
            DatabaseError::Row { .. } | DatabaseError::Refused { .. } => Whose::Rule,
            DatabaseError::Machine { .. } => Whose::Machine,
            DatabaseError::Missing(_)
            | DatabaseError::Version { .. }
            | DatabaseError::Server { .. }
            | DatabaseError::Unavailable { .. } => Whose::Destination,
        }
    }

    /// Sorts SQLite's result codes (sqlite.org/rescode.html).
    ///
    /// About the row: CONSTRAINT, TOOBIG, MISMATCH. About the machine: NOMEM, and CANTOPEN where no file at all can be
    /// opened. All others are about the state of the catalogue. BUSY and LOCKED pass by themselves. An operator repairs
    /// FULL, IOERR, READONLY, CANTOPEN, PERM and AUTH; also CORRUPT and NOTADB, by restoring or removing the file, and
    /// SCHEMA and ERROR, by putting the table right.
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

/// SQLite does not say why a file could not be opened. This function must not open the catalogue's file to find out:
/// closing it would release the locks that this process has on it (fcntl(2)).
fn nothing_can_be_opened() -> bool {
    File::open("/dev/null").is_err_and(|error| machine_is_short(&error))
}
