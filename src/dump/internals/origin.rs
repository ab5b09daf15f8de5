//! Origins of pages (RFC 6454): scheme, host and port.
use std::collections::HashMap;

use crate::limits::INTERNALS_ORIGINS_MAX;

/// The origin of a URL, in its own spelling. `None` if it has none, as `data:` and `about:` have.
pub fn of_url(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let is_scheme = !scheme.is_empty()
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme.then(|| format!("{}://{}", scheme.to_ascii_lowercase(), host.to_ascii_lowercase()))
}

/// Origins, each once and in the order in which they come, with a number: at most `INTERNALS_ORIGINS_MAX`.
#[derive(Default)]
pub struct Origins {
    all: Vec<(String, usize)>,
    places: HashMap<String, usize>,
}

impl Origins {
    /// Adds to the number of an origin, and tells its place in the list. `None` if there are too many.
    pub fn add(&mut self, origin: String, number: usize) -> Option<usize> {
        let place = match self.places.get(&origin) {
            Some(place) => *place,
            None if self.all.len() == INTERNALS_ORIGINS_MAX => return None,
            None => {
                self.all.push((origin.clone(), 0));
                self.places.insert(origin, self.all.len() - 1);
                self.all.len() - 1
            }
        };
        self.all[place].1 += number;
        Some(place)
    }

    pub fn all(&self) -> &[(String, usize)] {
        &self.all
    }

    pub fn into_all(self) -> Vec<(String, usize)> {
        self.all
    }
}

/// Whether this is the origin that somebody asked for.
pub fn is(origin: Option<&str>, wanted: Option<&str>) -> bool {
    let Some(wanted) = wanted else { return true };
    let plain = |text: &str| text.trim_end_matches('/').to_ascii_lowercase();
    origin.is_some_and(|origin| plain(origin) == plain(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for (url, origin) in [
            ("https://Meet.Example/room?x=1", Some("https://meet.example")),
            ("http://127.0.0.1:38763/?interval=1000", Some("http://127.0.0.1:38763")),
            (
                "https://user:secret@meet.example:8443#a",
                Some("https://meet.example:8443"),
            ),
            ("file:///home/x.html", Some("file://")),
            ("chrome-extension://abc/x", Some("chrome-extension://abc")),
            ("data:text/html,://", None),
            ("about:blank", None),
            ("", None),
        ] {
            assert_eq!(of_url(url).as_deref(), origin, "{url}");
        }
        assert!(is(Some("https://a"), None) && is(None, None) && is(Some("https://a"), Some("https://A/")));
        assert!(!is(None, Some("https://a")) && !is(Some("https://a"), Some("https://b")));
    }
}
