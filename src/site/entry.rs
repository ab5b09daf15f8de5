//! Who may ask: the token of the printed URL, the cookie it is exchanged for, and which hosts and origins are ours.
//!
//! Nothing is read but the head of a request. A page of another site can make a browser send requests to this machine,
//! under a name of its own choice (DNS rebinding) or under ours; so the name has to be one of ours, and a request that
//! another site's page has caused is refused even with the cookie. Texts are compared in constant time. Failures are
//! refusals, which say what to do and never repeat what was sent.
use std::net::IpAddr;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::http::request::Parts;
use hyper::{HeaderMap, header, http::HeaderName};
use url::Url;

use super::query::Query;

/// Bytes of chance in token and cookie: as many as a key of AES-256 has.
const SECRET_BYTES: usize = 32;

/// What has to be shown, and where.
pub struct Doorkeeper {
    token: String,
    cookie: String,
    /// Each process has a cookie of its own: browsers do not tell the ports of one host apart.
    cookie_name: String,
    /// Under which address browsers come, if that is not the one that is listened on.
    public: Option<Url>,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Granted,
    /// The token was in the URL. The browser gets the cookie and is sent to the page without it.
    Exchange,
    Refused(Refusal),
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is addressed to a name that is not ours.
    Host,
    /// Another site's page has caused it.
    Origin,
    /// It has neither cookie nor token, or they are wrong.
    Unknown,
}

impl Doorkeeper {
    /// With a token and a cookie of its own.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn new(public: Option<Url>) -> Result<Doorkeeper, aws_lc_rs::error::Unspecified> {
        Ok(Doorkeeper {
            token: chance::<SECRET_BYTES>()?,
            cookie: chance::<SECRET_BYTES>()?,
            cookie_name: format!("rtcstats-view-{}", chance::<6>()?),
            public,
        })
    }

    /// The URL that lets its reader in. `address` is where it is listened.
    pub fn url(&self, address: &str) -> String {
        let base = match &self.public {
            Some(public) => public.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://{address}"),
        };
        format!("{base}/?token={}", self.token)
    }

    /// The value of Set-Cookie for the one who has shown the token.
    pub fn set_cookie(&self) -> String {
        let secure = match self.is_encrypted() {
            true => "; Secure",
            false => "",
        };
        let (name, value) = (&self.cookie_name, &self.cookie);
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}")
    }

    /// Judges the head of a request.
    pub fn judge(&self, head: &Parts) -> Entry {
        if !self.is_ours(&head.headers) {
            return Entry::Refused(Refusal::Host);
        }
        if self.is_foreign(&head.headers) {
            return Entry::Refused(Refusal::Origin);
        }
        let token = Query::of(&head.uri).get("token").map(str::to_owned);
        match token {
            Some(token) if is_equal(&token, &self.token) => Entry::Exchange,
            Some(_) => Entry::Refused(Refusal::Unknown),
            None if self.has_cookie(&head.headers) => Entry::Granted,
            None => Entry::Refused(Refusal::Unknown),
        }
    }

    /// There is one Host (RFC 9112, section 3.2), and it names this machine as seen from itself, or the public address.
    fn is_ours(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return false;
        };
        let Ok(host) = host.to_str() else { return false };
        is_loopback(host) || self.public.as_ref().is_some_and(|public| is_authority(public, host))
    }

    /// A browser tells the origin of a page that asks, and how that page and we are related (Fetch Metadata). A link
    /// that someone has clicked elsewhere is a navigation: it may come, but without the cookie, which is `SameSite`.
    fn is_foreign(&self, headers: &HeaderMap) -> bool {
        const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
        const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
        let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let is_other = |origin: &str| match Url::parse(origin) {
            Ok(origin) => !self.is_own_origin(&origin, text(&header::HOST).unwrap_or_default()),
            Err(_) => true,
        };
        let is_caused = matches!(text(&SITE), Some("cross-site" | "same-site")) && text(&MODE) != Some("navigate");
        is_caused || text(&header::ORIGIN).is_some_and(is_other)
    }

    fn is_own_origin(&self, origin: &Url, host: &str) -> bool {
        let scheme = match self.public {
            Some(_) if self.is_encrypted() && !is_loopback(host) => "https",
            _ => "http",
        };
        origin.scheme() == scheme && is_authority(origin, host)
    }

    fn is_encrypted(&self) -> bool {
        self.public.as_ref().is_some_and(|public| public.scheme() == "https")
    }

    fn has_cookie(&self, headers: &HeaderMap) -> bool {
        let lines = headers.get_all(header::COOKIE).iter();
        let lines = lines.filter_map(|line| line.to_str().ok());
        let mut pairs = lines
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        pairs.any(|(name, value)| name == self.cookie_name && is_equal(value, &self.cookie))
    }
}

/// Never shows what lets in.
impl std::fmt::Debug for Doorkeeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Doorkeeper").finish_non_exhaustive()
    }
}

fn chance<const BYTES: usize>() -> Result<String, aws_lc_rs::error::Unspecified> {
    let mut bytes = [0; BYTES];
    rand::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn is_equal(shown: &str, right: &str) -> bool {
    verify_slices_are_equal(shown.as_bytes(), right.as_bytes()).is_ok()
}

/// Whether the text (host, or host and port) is a name of this machine that no other machine's name server can give.
/// The port is that of a tunnel's end, so it may be any.
fn is_loopback(host: &str) -> bool {
    let Ok(url) = Url::parse(&format!("http://{host}/")) else {
        return false;
    };
    let plain = url.username().is_empty() && url.password().is_none() && url.path() == "/";
    let name = url.host_str().unwrap_or_default();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    plain && (name == "localhost" || address.is_ok_and(|address| address.is_loopback()))
}

/// Whether the text is host and port of the URL. The port that belongs to its scheme may be left out.
fn is_authority(url: &Url, host: &str) -> bool {
    let Ok(other) = Url::parse(&format!("{}://{host}/", url.scheme())) else {
        return false;
    };
    let is_plain = other.username().is_empty() && other.password().is_none() && other.path() == "/";
    is_plain && other.host() == url.host() && other.port_or_known_default() == url.port_or_known_default()
}

#[cfg(test)]
mod tests;
