//! What the first bytes of a file, and of its text, say: what it is, and why it is not read at all.
//!
//! `HEAD_BYTES` are looked at. Failures are refusals in words; nothing is quoted but the first 40 bytes.
use std::io::{self, Read};

use serde_json::{Map, Value};
use thiserror::Error;

use super::compression::{Compression, Fault};
use crate::dump::header::{FILE_FORMAT, SIGNATURE};
use crate::dump::reader::HeadError;

/// Why a file is not read at all.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error("this is a dump of version {0}; version {FILE_FORMAT} can be read")]
    Version(u64),
    #[error("this is no dump: {0}")]
    NoDump(String),
    #[error("this is no dump: {0}")]
    Head(HeadError),
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// What a text looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A signature, metadata, events.
    Lines,
    /// One object, as the dumps of chrome://webrtc-internals are.
    Object,
}

/// How many bytes of a file, and of its text, decide what it is.
const HEAD_BYTES: usize = 4096;

/// The first bytes, as many as there are up to `HEAD_BYTES`.
pub fn head_of(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    input.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Whether a text may be a dump of any kind.
pub fn begins_like_a_dump(text: &[u8]) -> bool {
    text.starts_with(SIGNATURE) || without_blanks(text).starts_with(b"{")
}

/// Without a byte order mark and blanks in front.
fn without_blanks(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start()
}

/// What the text is, by its first bytes.
///
/// # Errors
/// It is no dump, or one of version 1 or 2, which begins like a dump of webrtc-internals.
pub fn form_of(head: &[u8], compression: Compression, fault: Option<Fault>) -> Result<Form, OpenError> {
    if let Some(version) = version_of(head) {
        return Err(OpenError::Version(version));
    }
    if without_blanks(head).starts_with(b"{") {
        return Ok(Form::Object);
    }
    if SIGNATURE.starts_with(&head[..head.len().min(SIGNATURE.len())]) && !head.is_empty() {
        return Ok(Form::Lines);
    }
    Err(unknown(head, compression, fault))
}

/// Refuses metadata of another version. Those that say nothing, or no number, are taken as they are.
///
/// # Errors
/// `OpenError::Version`.
pub fn check_version(metadata: &Map<String, Value>) -> Result<(), OpenError> {
    match metadata.get("fileFormat").and_then(Value::as_u64) {
        Some(version) if version != u64::from(FILE_FORMAT) => Err(OpenError::Version(version)),
        _ => Ok(()),
    }
}

/// The version, if it is 1 or 2: they have no signature; their metadata are the first line, or the first member of one
/// object.
fn version_of(head: &[u8]) -> Option<u64> {
    let first = without_blanks(head)
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let old: Option<Map<String, Value>> = serde_json::from_slice(first).ok();
    old?.get("fileFormat")?.as_u64()
}

/// The refusal of what is no dump, with what was found.
pub fn unknown(head: &[u8], compression: Compression, fault: Option<Fault>) -> OpenError {
    let inside = match compression {
        Compression::None => String::new(),
        other => format!("{} data, in which ", other.name()),
    };
    let what = match (head, fault) {
        ([], None) => "it is empty".to_string(),
        ([], Some(Fault::Damaged(why))) => format!("nothing can be read: {why}"),
        _ => format!("it begins with \"{}\"", head[..head.len().min(40)].escape_ascii()),
    };
    OpenError::NoDump(inside + &what)
}
