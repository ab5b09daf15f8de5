//! The names of objects: which keys are valid, and how a key is written into a URL and read from one.
//!
//! Keys come from a file on disk and URLs from a row. Both may be damaged or made by someone else, so both are checked
//! before anything is accessed under them.
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

use crate::id::Id;
use crate::limits::{KEY_BYTES_MAX, KEY_SEGMENT_BYTES_MAX};

/// Checks that one of our templates could have rendered the key (RFC 3986 dot segments, control characters).
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

/// The key of the features of the dump with this key: beside it, by the dump's id. `None` if the key has no id, or is
/// that name itself.
///
/// This is the only rule about where features are. Whoever removes a dump follows it, whatever a row says.
pub fn features_key(dump_key: &str) -> Option<String> {
    let name_at = dump_key.rfind('/').map_or(0, |slash| slash + 1);
    let (folder, name) = dump_key.split_at(name_at);
    let key = format!("{folder}{}{FEATURES_ENDING}", Id::in_name(name)?);
    (key != dump_key).then_some(key)
}

/// What follows a dump's id in the name of its features.
pub const FEATURES_ENDING: &str = ".features.json";

/// Everything except slashes and the characters that RFC 3986 calls unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// Appends a path. Every byte that RFC 3986 does not call unreserved is percent-encoded; slashes stay.
pub fn push_path(path: &[u8], url: &mut String) {
    url.extend(percent_encode(path, ESCAPED));
}

/// The key that `url` names below `base`, which ends with a slash.
///
/// # Errors
/// The URL leads elsewhere, or `push_path` cannot have written the rest of it.
pub fn key_below(base: &str, url: &str) -> Result<String, &'static str> {
    let path = url.strip_prefix(base).ok_or("it lies outside of this store")?;
    let key = percent_decode_str(path)
        .decode_utf8()
        .map_err(|_| "it is not a URL of this server's")?;
    check_key(&key)?;
    let mut again = String::new();
    push_path(key.as_bytes(), &mut again);
    // Decoding also accepts wrong escapes and needless ones. Writing the key again would change both, so this finds
    // them.
    if again == path {
        Ok(key.into_owned())
    } else {
        Err("it is not a URL of this server's")
    }
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
    fn a_path_is_escaped_as_it_always_was() {
        let every: Vec<u8> = (0..=255).collect();
        let mut url = String::new();
        push_path(&every, &mut url);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        let expected = every.iter().map(|byte| match plain(*byte) {
            true => char::from(*byte).to_string(),
            false => format!("%{byte:02X}"),
        });
        assert_eq!(url, expected.collect::<String>());
    }

    #[test]
    fn features_lie_beside_their_dump() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        for (dump, features) in [
            (format!("{id}.jsonl.gz"), Some(format!("{id}.features.json"))),
            (
                format!("a/{id}/x-{id}-y.gz"),
                Some(format!("a/{id}/{id}.features.json")),
            ),
            (format!("a/{id}"), Some(format!("a/{id}.features.json"))),
            (format!("{id}.features.json"), None),
            (format!("{id}/dump.gz"), None),
            ("1.jsonl.gz".to_owned(), None),
        ] {
            assert_eq!(features_key(&dump), features, "{dump}");
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
