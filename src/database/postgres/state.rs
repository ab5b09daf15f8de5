//! SQLSTATE: which refusals are about the row, and what the common ones mean in an operator's words.
//!
//! Of an error, only the code leaves this file: message, detail and parameters may contain values of the row. Source:
//! PostgreSQL, appendix A.
use std::error::Error as _;

use tokio_postgres::Error;

use super::link::LinkError;

/// The code of a refusal that is about this row alone.
///
/// These are class 22 (data exception: text, number or JSON that the type does not accept) and class 23 (integrity
/// constraint). Everything else is about the server, the log-in, the table or the moment, and another row would meet
/// the same. If only one dump meets such a refusal, it waits without delaying others.
pub fn of_row(error: &LinkError) -> Option<String> {
    let LinkError::Server(error) = error else { return None };
    let code = error.code()?.code();
    (code.starts_with("22") || code.starts_with("23")).then(|| code.to_owned())
}

/// What has happened, without any value of a row.
pub fn told(error: &LinkError) -> String {
    let LinkError::Server(error) = error else {
        return error.to_string();
    };
    match error.code() {
        Some(code) => {
            let meaning = meaning(code.code()).unwrap_or("the server refuses");
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

fn meaning(code: &str) -> Option<&'static str> {
    Some(match code {
        "25006" => "the server is read-only, perhaps a standby",
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
