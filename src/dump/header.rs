//! The lines of a dump that the server writes: the signature, the metadata and the closing line.
//!
//! In the spool, two of them contain what only the server needs: the metadata line has the *ticket* in its last member
//! `rtcstatsServer`, and the closing line has the *seal* before its last element. Packing removes both. The writers
//! rely on being given values that fit into JSON. The readers rely on nothing, because files can be cut or damaged.
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::labels::Labels;
use crate::time::UnixMs;

/// The first line, with its LF.
pub const SIGNATURE: &[u8] = b"RTCStatsDump\n";

/// The version of the format, which the metadata line carries.
pub const FILE_FORMAT: u32 = 3;

/// The server's own member of the metadata line.
const TICKET: &str = "rtcstatsServer";

/// What the second line says about a session, in the order of its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// Path and query, with the token replaced by a fixed word.
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    pub start_time: UnixMs,
    pub remote_addresses: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_protocol: Option<String>,
}

/// What the server knows when a session begins and the metadata do not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    #[serde(flatten)]
    pub labels: Labels,
    /// `server.host_identifier` of the process that recorded the session.
    pub host: String,
    /// When the session began.
    pub start: UnixMs,
}

/// The second line, with its ticket.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    #[serde(flatten)]
    metadata: &'a Metadata,
    file_format: u32,
    #[serde(rename = "rtcstatsServer")]
    ticket: &'a Ticket,
}

/// The second line is not a metadata line: the file is damaged, or it is not a dump.
#[derive(Debug, Error)]
pub enum HeaderError {
    #[error("the metadata line is not JSON (column {0})")]
    Syntax(usize),
    #[error("the metadata line is not an object")]
    NoObject,
}

/// Appends the signature line and the metadata line, each with its LF; the ticket is the last member.
pub fn write_head(metadata: &Metadata, ticket: &Ticket, out: &mut Vec<u8>) {
    out.extend_from_slice(SIGNATURE);
    let line = Line {
        metadata,
        file_format: FILE_FORMAT,
        ticket,
    };
    serde_json::to_writer(&mut *out, &line).expect("a ticket is a struct of strings and numbers");
    out.push(b'\n');
}

/// The metadata (without the reserved member) and the ticket of a second line. An invalid ticket counts as none.
///
/// Bytes that are not UTF-8 and lone surrogates are read as U+FFFD, because a dump must not be lost for one character.
///
/// # Errors
/// The line is not a JSON object, or is nested more than 128 levels deep.
pub fn read_head(line2: &[u8]) -> Result<(Map<String, Value>, Option<Ticket>), HeaderError> {
    let value = serde_json::from_slice(line2).or_else(|_| serde_json::from_slice(&repaired(line2)));
    match value.map_err(|error| HeaderError::Syntax(error.column()))? {
        Value::Object(mut members) => {
            let ticket = members.shift_remove(TICKET);
            Ok((members, ticket.and_then(|ticket| serde_json::from_value(ticket).ok())))
        }
        _ => Err(HeaderError::NoObject),
    }
}

/// The line with everything replaced that is not Unicode: invalid UTF-8, and escaped surrogates without their other
/// half.
fn repaired(line: &[u8]) -> Vec<u8> {
    let mut bytes = String::from_utf8_lossy(line).into_owned().into_bytes();
    let mut at = 0;
    while at < bytes.len() {
        at += match surrogate(&bytes[at..]) {
            Some(0xd800..0xdc00) if matches!(surrogate(&bytes[at + 6..]), Some(0xdc00..0xe000)) => 12,
            Some(_) => {
                bytes[at + 2..at + 6].copy_from_slice(b"fffd");
                6
            }
            None if bytes[at] == b'\\' => 2,
            None => 1,
        };
    }
    bytes
}

/// The surrogate that is escaped at the beginning of the text.
fn surrogate(text: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(text.strip_prefix(b"\\u")?.get(..4)?).ok()?;
    u32::from_str_radix(digits, 16)
        .ok()
        .filter(|unit| (0xd800..0xe000).contains(unit))
}

/// What a seal adds to the closing line in the spool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// When the session ended.
    pub end: UnixMs,
    /// Sealed by a later process after a crash.
    pub recovered: bool,
}

/// The last line of a dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close {
    /// The close code of RFC 6455, section 7.4.
    pub code: u16,
    /// Milliseconds since the last message.
    pub idle_ms: u64,
    pub seal: Option<Seal>,
}

impl Close {
    /// The closing line of a session that ended at `end`, `idle_ms` after its last message.
    pub fn of_session(code: u16, idle_ms: u64, end: UnixMs) -> Close {
        let seal = Some(Seal { end, recovered: false });
        Close { code, idle_ms, seal }
    }

    /// The closing line of a session that a crash cut off.
    pub fn cut_off(end: UnixMs) -> Close {
        Close {
            code: CUT_OFF,
            idle_ms: 0,
            seal: Some(Seal { end, recovered: true }),
        }
    }

    /// The closing line in its stored form, without what only the spool needs.
    pub fn stored(self) -> Close {
        Close { seal: None, ..self }
    }
}

/// RFC 6455, section 7.4.1: the connection ended without a close frame.
const CUT_OFF: u16 = 1006;

/// A closing line in the spool is `["close",null,,{"end":,"recovered":false},]` with numbers of 5, 20 and 20 digits: 90
/// bytes.
pub const CLOSE_BYTES_MAX: usize = 100;

/// Appends the closing line, without LF: `["close",null,CODE,SEAL,MS]`. Without a seal, that element is left out.
pub fn write_close(close: &Close, out: &mut Vec<u8>) {
    let Close { code, idle_ms, seal } = close;
    let written = match seal {
        Some(seal) => serde_json::to_writer(out, &("close", (), code, seal, idle_ms)),
        None => serde_json::to_writer(out, &("close", (), code, idle_ms)),
    };
    written.expect("numbers can always be written to a vector as JSON");
}

/// Reads the closing line of a sealed dump in the spool. `None` unless the line is, byte for byte, what `write_close`
/// writes with a seal.
pub fn read_close(line: &[u8]) -> Option<Close> {
    if line.len() > CLOSE_BYTES_MAX || !line.starts_with(b"[\"close\",null,") {
        return None;
    }
    let (_, (), code, seal, idle_ms): (&str, (), u16, Seal, u64) = serde_json::from_slice(line).ok()?;
    let close = Close {
        code,
        idle_ms,
        seal: Some(seal),
    };
    let mut written = Vec::with_capacity(line.len());
    write_close(&close, &mut written);
    (written == line).then_some(close)
}

#[cfg(test)]
mod tests;
