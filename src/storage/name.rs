//! The names of objects: what a key may be, and how it is written into a URL and read out of one.
//!
//! Keys come from a file on disk, and URLs from a row: both may be damaged or made by someone else, so both are
//! checked before anything is reached under them.
use crate::limits::{KEY_BYTES_MAX, KEY_SEGMENT_BYTES_MAX};

/// Whether a key is one that a template of ours renders (RFC 3986 dot segments, control characters).
///
/// # Errors
/// What is wrong with it, without quoting it.
pub fn check_key(key: &str) -> Result<(), &'static str> {
    if key.is_empty() || key.starts_with('/') {
        return Err("it is empty or absolute");
    }
    if key.len() > KEY_BYTES_MAX || key.split('/').any(|segment| segment.len() > KEY_SEGMENT_BYTES_MAX) {
        return Err("it is too long");
    }
    if key.split('/').any(|segment| matches!(segment, "" | "." | "..")) || key.chars().any(char::is_control) {
        return Err("it has an empty segment, a dot segment or a control character");
    }
    Ok(())
}

/// Appends a path; every byte that RFC 3986 does not call unreserved is percent-encoded, slashes stay.
pub fn push_path(path: &[u8], url: &mut String) {
    for &byte in path {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => url.push(char::from(byte)),
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
}

/// The key that `url` names below `base`, which ends with a slash.
///
/// # Errors
/// The URL leads elsewhere, or its rest is no key that `push_path` has written.
pub fn key_below(base: &str, url: &str) -> Result<String, &'static str> {
    let path = url.strip_prefix(base).ok_or("it lies outside of this store")?;
    let key = decoded(path).ok_or("it is not a URL of this server's")?;
    check_key(&key)?;
    let mut again = String::new();
    push_path(key.as_bytes(), &mut again);
    if again == path {
        Ok(key)
    } else {
        Err("it is not a URL of this server's")
    }
}

fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://dumps.example.org/";

    #[test]
    fn what_is_written_is_read_back() {
        for key in ["a.jsonl.gz", "2026-01-02/room 7/é+%41~.gz", "a'b(c)*!/&=?#"] {
            let mut url = BASE.to_owned();
            push_path(key.as_bytes(), &mut url);
            assert!(url.is_ascii() && !url.contains([' ', '+', '?', '#', '\'']), "{url}");
            assert_eq!(key_below(BASE, &url).as_deref(), Ok(key));
        }
    }

    #[test]
    fn no_url_leads_out_of_the_store() {
        for url in [
            "https://dumps.example.org",
            "https://dumps.example.org/",
            "https://dumps.example.org.evil/a",
            "http://dumps.example.org/a",
            "https://other.example.org/a",
            "https://dumps.example.org//a",
            "https://dumps.example.org/../a",
            "https://dumps.example.org/a/..%2Fb",
            "https://dumps.example.org/%2e%2e/b",
            "https://dumps.example.org/a?versionId=1",
            "https://dumps.example.org/a%0Ab",
            "https://dumps.example.org/a%",
            "https://dumps.example.org/a%+1",
            "https://dumps.example.org/a%ff",
            "https://dumps.example.org/%61",
            "",
        ] {
            assert!(key_below(BASE, url).is_err(), "{url}");
        }
    }
}
