//! SQLSTATE: what failures of the server, the log-in or the table mean in an operator's words, and what to do.
//!
//! Of an error, only the code leaves this file: message, detail and parameters may contain values of the row. Source:
//! PostgreSQL, appendix A. Refusals of one row are told elsewhere.
use std::error::Error as _;

use tokio_postgres::Error;

use super::link::LinkError;

/// What has happened, without any value of a row.
pub fn told(error: &LinkError) -> String {
    let LinkError::Server(error) = error else {
        return error.to_string();
    };
    match error.code() {
        Some(code) => {
            let meaning = named(error).or(meaning(code.code())).unwrap_or("the server refuses");
            format!("{meaning} (SQLSTATE {})", code.code())
        }
        None => plain(error),
    }
}

/// Errors of the library and of the system below it, which know nothing of rows. Of an error that would quote a
/// server's answer, only the kind is told.
fn plain(error: &Error) -> String {
    let cause = error.source().filter(|cause| cause.is::<std::io::Error>());
    match cause {
        Some(cause) => format!("{error}: {cause}"),
        None => {
            let cause = error.source().map(ToString::to_string).unwrap_or_default();
            // Fixed texts of the library about TLS and passwords, which contain no values.
            let known = [
                "server does not support TLS",
                "password missing",
                "no hostname provided for TLS handshake",
            ];
            let known = known.iter().find(|known| cause == **known);
            known.map_or_else(|| error.to_string(), |known| format!("{error}: {known}"))
        }
    }
}

/// What an operator can do, or nothing if the words say it already.
pub fn mend(error: &LinkError) -> &'static str {
    let LinkError::Server(error) = error else { return "" };
    match error.code().map_or("", |code| code.code()) {
        "0A000" | "42883" if named(error).is_some() => {
            "rows are written once only under such locks: look at the functions on the search path, or use PostgreSQL"
        }
        "25006" => {
            "point database.postgres.url to the primary, or set default_transaction_read_only = off for the user"
        }
        "42501" => "GRANT SELECT, INSERT, UPDATE, DELETE ON the table TO the user",
        _ => "",
    }
}

/// What the message says in words that are not translated. Nothing else of it is used.
fn named(error: &Error) -> Option<&'static str> {
    let message = error.as_db_error()?.message();
    if message.contains("statement pooling") {
        return Some("the pooler gives each statement another connection: set pool_mode = transaction or session");
    }
    message
        .contains("pg_advisory_xact_lock")
        .then_some("the server has no advisory locks (pg_advisory_xact_lock)")
}

fn meaning(code: &str) -> Option<&'static str> {
    Some(match code {
        "08P01" => "the server or a pooler before it does not understand: set pool_mode = transaction or session",
        "0A000" => "the server lacks something that is needed, perhaps advisory locks",
        "22P05" => "the database's encoding lacks a character of this text, and rows have a question mark in its place",
        "25006" => "the server is read-only, perhaps a standby or by default_transaction_read_only",
        "26000" | "42P05" => "a pooler mixes statements: set pool_mode = transaction or session",
        "28000" => "the server does not let this user in from here",
        "28P01" => "the password is refused",
        "3D000" => "there is no such database",
        "3F000" => "there is no such schema",
        "42501" => "the user has no permission",
        "42703" => "a column is missing that was there before",
        "42P01" => "the table is missing",
        "42P07" => "something of that name exists already",
        "53100" => "the server's disk is full",
        "53200" => "the server is out of memory",
        "53300" => "the server has no more connections",
        "55P03" => "the table is locked by somebody else",
        "57014" => "the server took too long",
        "57P01" | "57P02" => "the server shuts down",
        "57P03" => "the server is not ready yet",
        _ => return None,
    })
}
