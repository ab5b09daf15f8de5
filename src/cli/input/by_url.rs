//! Finds a dump by its URL: an object of the configured bucket, which is read with its key, or what anybody publishes.
//!
//! Failures: those of the server, or of the store.
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use percent_encoding::percent_decode_str;

use super::found::{Found, Limited, Load, check_length};
use crate::cli::failure::Failure;
use crate::cli::visible::visible;
use crate::config::Size;
use crate::storage::{self, ByteRange, Content, Storage};

/// Opens what is behind an http(s) URL.
pub fn find(url: &str, most: Size, load: Load<'_>) -> Result<Found, Failure> {
    let name = visible(&shown(url));
    let content = content(url, load).map_err(|error| Failure::runtime(&name, error))?;
    check_length(&name, content.length(), most)?;
    Ok(Found {
        name,
        length: content.length(),
        bytes: Box::new(Limited::new(content, most)),
    })
}

/// The URL without what may be secret: its query, and a user's name and password.
fn shown(url: &str) -> String {
    let plain = url.split(['?', '#']).next().unwrap_or_default();
    match plain.split_once("://") {
        Some((scheme, rest)) => {
            let host = rest.find('/').unwrap_or(rest.len());
            let login = rest[..host].rfind('@').map_or(0, |at| at + 1);
            format!("{scheme}://{}", &rest[login..])
        }
        None => plain.to_owned(),
    }
}

/// A URL as a row has it is not readable for everybody, so the store's own way comes first.
fn content(url: &str, load: Load<'_>) -> Result<Content, String> {
    match own(url, load) {
        Some(store) => store.get(url, ByteRange::ALL).map_err(|error| error.to_string()),
        None => storage::fetch(url).map_err(|error| error.to_string()),
    }
}

/// The configured store, if the URL is of one of its objects. Without a configuration that can be used there is none.
fn own(url: &str, load: Load<'_>) -> Option<Storage> {
    let store = load().ok()?.config.object_store().ok()?;
    store.check(url).is_ok().then_some(store)
}

/// The path of a `file` URL (RFC 8089), as `find` prints it.
pub fn path(behind_scheme: &str) -> OsString {
    let path = behind_scheme.strip_prefix("localhost").unwrap_or(behind_scheme);
    let bytes: Vec<u8> = percent_decode_str(path).collect();
    OsString::from_vec(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_of_a_url_is_not_shown() {
        for (url, text) in [
            ("http://u:pw@h:1/a@b?token=1#2", "http://h:1/a@b"),
            ("https://u:p@w@h", "https://h"),
            ("https://h/a.jsonl.gz", "https://h/a.jsonl.gz"),
        ] {
            assert_eq!(shown(url), text);
        }
    }
}
