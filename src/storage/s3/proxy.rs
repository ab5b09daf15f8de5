//! Which forward proxy a request takes, read from the environment once, as curl reads it.
//!
//! `http_proxy` and `https_proxy` hold for the endpoint's scheme, `ALL_PROXY` for both, and `NO_PROXY` lists what is
//! asked directly. Lower case goes before upper case, and `HTTP_PROXY` is not read at all, because a web server could
//! have made it of a request's header. An empty variable is not set; an empty element of a list is none. Addresses that
//! exist on this link only (metadata services) never go over a proxy. User and password are percent-decoded for the
//! header and are never printed. Failures: a proxy that is set but cannot be used refuses every request that would take
//! it; nothing goes around it.
use std::env;
use std::fmt;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use percent_encoding::percent_decode_str;

use super::origin::{Host, Origin, Scheme, authority_of};
use crate::redact::Secret;

/// The proxies of this process.
#[derive(Debug)]
pub struct Proxies {
    http: Option<Setting>,
    https: Option<Setting>,
    direct: Direct,
    ignored: Option<&'static str>,
}

/// One proxy.
#[derive(Debug, Clone)]
pub struct Proxy {
    pub origin: Origin,
    /// The value of `Proxy-Authorization`, if the URL has a user.
    pub authorization: Option<Secret>,
    variable: &'static str,
}

/// A variable that is set.
#[derive(Debug, Clone)]
struct Setting {
    variable: &'static str,
    proxy: Result<Proxy, &'static str>,
}

/// Which hosts are asked directly.
#[derive(Debug)]
enum Direct {
    All,
    Some(Vec<Pattern>),
}

#[derive(Debug)]
enum Pattern {
    /// The name itself, and all names below it.
    Name(String),
    Network(IpNet),
}

/// A proxy that is set but cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unusable {
    variable: &'static str,
    why: &'static str,
}

impl Proxies {
    pub fn of_environment() -> Proxies {
        Proxies::read(&|name| env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// No proxy, whatever the environment says.
    pub fn none() -> Proxies {
        Proxies::read(&|_| None)
    }

    /// Those of variables that a test sets.
    #[cfg(test)]
    pub fn of(variables: &[(&str, &str)]) -> Proxies {
        Proxies::read(&|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn read(variable: &dyn Fn(&str) -> Option<String>) -> Proxies {
        let set = |name: &'static str| {
            variable(name)
                .filter(|value| !value.trim().is_empty())
                .map(|value| (name, value))
        };
        let first = |names: &[&'static str]| {
            let (variable, value) = names.iter().copied().find_map(set)?;
            let proxy = Proxy::parse(value.trim(), variable);
            Some(Setting { variable, proxy })
        };
        let all = first(&["all_proxy", "ALL_PROXY"]);
        let http = first(&["http_proxy"]).or_else(|| all.clone());
        let direct = set("no_proxy").or_else(|| set("NO_PROXY"));
        let ignored = (http.is_none() && set("HTTP_PROXY").is_some()).then_some("HTTP_PROXY");
        Proxies {
            http,
            https: first(&["https_proxy", "HTTPS_PROXY"]).or(all),
            direct: direct.map_or(Direct::Some(Vec::new()), |(_, list)| Direct::parse(&list)),
            ignored,
        }
    }

    /// The proxy on the way to `origin`; `None` if it is asked directly.
    ///
    /// # Errors
    /// There is one that cannot be used.
    pub fn on_the_way(&self, origin: &Origin) -> Result<Option<&Proxy>, Unusable> {
        let setting = match origin.scheme {
            Scheme::Http => &self.http,
            Scheme::Https => &self.https,
        };
        let Some(setting) = setting else { return Ok(None) };
        if origin.is_on_link() || self.direct.covers(&origin.host) {
            return Ok(None);
        }
        setting.proxy.as_ref().map(Some).map_err(|why| Unusable {
            variable: setting.variable,
            why,
        })
    }

    /// A variable that other programs take for a proxy of this origin's, and that is not read here.
    pub fn ignored(&self, origin: &Origin) -> Option<&'static str> {
        self.ignored.filter(|_| origin.scheme == Scheme::Http)
    }
}

impl Proxy {
    fn parse(text: &str, variable: &'static str) -> Result<Proxy, &'static str> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err("only http:// and https:// proxies are understood"),
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if path.contains('@') {
            // The rest of a password would be asked of the name server.
            return Err(FORM);
        }
        let (user, authority) = match authority.rsplit_once('@') {
            Some((user, authority)) => (Some(user), authority),
            None => (None, authority),
        };
        let (host, port) = authority_of(authority).map_err(|_| FORM)?;
        let own_port = match scheme {
            Scheme::Http => CURLS_PORT,
            Scheme::Https => scheme.own_port(),
        };
        Ok(Proxy {
            origin: Origin {
                scheme,
                host,
                port: port.unwrap_or(own_port),
            },
            authorization: user.filter(|user| !user.is_empty()).map(authorization),
            variable,
        })
    }
}

/// RFC 7617. A user without a password has an empty one.
fn authorization(user: &str) -> Secret {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let mut plain: Vec<u8> = percent_decode_str(name).collect();
    plain.push(b':');
    plain.extend(percent_decode_str(password));
    Secret::new(format!("Basic {}", STANDARD.encode(plain)))
}

impl Direct {
    fn parse(list: &str) -> Direct {
        if list.trim() == "*" {
            return Direct::All;
        }
        let elements = list.split([',', ' ', '\t']).filter(|element| !element.is_empty());
        Direct::Some(elements.filter_map(Pattern::parse).collect())
    }

    fn covers(&self, host: &Host) -> bool {
        match self {
            Direct::All => true,
            Direct::Some(patterns) => patterns.iter().any(|pattern| pattern.covers(host)),
        }
    }
}

impl Pattern {
    fn parse(element: &str) -> Option<Pattern> {
        let plain = element.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = plain.parse::<IpAddr>() {
            return Some(Pattern::Network(address.into()));
        }
        if let Ok(network) = element.parse::<IpNet>() {
            return Some(Pattern::Network(network));
        }
        let name = element.strip_prefix('.').unwrap_or(element).trim_end_matches('.');
        (!name.is_empty()).then(|| Pattern::Name(name.to_ascii_lowercase()))
    }

    fn covers(&self, host: &Host) -> bool {
        match (self, host) {
            (Pattern::Network(network), Host::Address(address)) => network.contains(address),
            (Pattern::Name(name), Host::Name(host)) => {
                let host = host.trim_end_matches('.');
                let above = host.strip_suffix(name.as_str());
                above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
            }
            _ => false,
        }
    }
}

/// Without its user and password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin { scheme, host, port } = &self.origin;
        write!(f, "{scheme}://{host}:{port} ({})", self.variable)
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy of {} cannot be used: {}", self.variable, self.why)
    }
}

const FORM: &str = "it is not of the form http://USER:PASSWORD@HOST:PORT with user and password percent-encoded";

/// The port that curl takes for a proxy without one.
const CURLS_PORT: u16 = 1080;

#[cfg(test)]
mod tests {
    use super::*;

    fn way(variables: &[(&str, &str)], origin: &str) -> String {
        let origin = Origin::parse(origin).unwrap();
        match Proxies::of(variables).on_the_way(&origin) {
            Ok(Some(proxy)) => proxy.to_string(),
            Ok(None) => "direct".to_owned(),
            Err(unusable) => unusable.to_string(),
        }
    }

    #[test]
    fn variables_are_read_as_curl_reads_them() {
        type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str);
        const CASES: [Case<'_>; 12] = [
            (&[], "https://s", "direct"),
            (
                &[("https_proxy", "http://p:3128")],
                "https://s",
                "http://p:3128 (https_proxy)",
            ),
            (&[("https_proxy", "http://p:3128")], "http://s", "direct"),
            (&[("HTTPS_PROXY", "p:3128")], "https://s", "http://p:3128 (HTTPS_PROXY)"),
            (
                &[("HTTPS_PROXY", "http://upper:1"), ("https_proxy", "http://lower:1")],
                "https://s",
                "http://lower:1 (https_proxy)",
            ),
            (
                &[("https_proxy", ""), ("ALL_PROXY", "https://p")],
                "https://s",
                "https://p:443 (ALL_PROXY)",
            ),
            (&[("HTTP_PROXY", "http://p:3128")], "http://s", "direct"),
            (&[("http_proxy", "http://p")], "http://s", "http://p:1080 (http_proxy)"),
            (
                &[("all_proxy", "http://[::1]:3128/")],
                "http://s",
                "http://[::1]:3128 (all_proxy)",
            ),
            (
                &[("ALL_PROXY", "socks5://p:1080")],
                "https://s",
                "the proxy of ALL_PROXY cannot be used: only http:// and https:// proxies are understood",
            ),
            (
                &[("https_proxy", "http://u:p@ss/w@p:1")],
                "https://s",
                "the proxy of https_proxy cannot be used: it is not of the form http://USER:PASSWORD@HOST:PORT with \
                 user and password percent-encoded",
            ),
            (&[("https_proxy", "   ")], "https://s", "direct"),
        ];
        for (variables, origin, expected) in CASES {
            assert_eq!(way(variables, origin), expected, "{variables:?}");
        }
        let http = Origin::parse("http://s").unwrap();
        assert_eq!(
            Proxies::of(&[("HTTP_PROXY", "http://p:1")]).ignored(&http),
            Some("HTTP_PROXY")
        );
    }

    #[test]
    fn only_what_no_proxy_names_is_asked_directly() {
        const CASES: [(&str, &str, bool); 20] = [
            ("localhost,", "s3.example.org", false),
            ("", "s3.example.org", false),
            (",", "s3.example.org", false),
            (" , ,", "s3.example.org", false),
            (".", "s3.example.org", false),
            ("*", "s3.example.org", true),
            ("a,*", "s3.example.org", false),
            ("example.org", "s3.example.org", true),
            (".example.org", "example.org", true),
            ("Example.ORG", "s3.example.org", true),
            ("ample.org", "example.org", false),
            ("a b\tS3.example.org.", "s3.example.org", true),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("10.0.0.1", "10.0.0.1", true),
            ("0.0.1", "10.0.0.1", false),
            ("::1", "[::1]", true),
            ("[::1]", "[::1]", true),
            ("fd00::/8", "[fd00::5]", true),
            ("", "169.254.169.254", true),
        ];
        for (list, host, direct) in CASES {
            let told = way(
                &[("all_proxy", "http://p:1"), ("NO_PROXY", list)],
                &format!("http://{host}"),
            );
            assert_eq!(told == "direct", direct, "{list:?} {host}: {told}");
        }
    }

    #[test]
    fn user_and_password_are_decoded_and_never_printed() {
        const CASES: [(&str, Option<&str>); 6] = [
            ("http://u:p%40ss@p:1", Some("u:p@ss")),
            ("http://u%3Ax:%C3%A9@p:1", Some("u:x:é")),
            ("http://u:a+b@p:1", Some("u:a+b")),
            ("http://u@p:1", Some("u:")),
            ("http://@p:1", None),
            ("http://p:1", None),
        ];
        for (url, expected) in CASES {
            let proxy = Proxy::parse(url, "https_proxy").unwrap();
            let told = proxy.authorization.as_ref().map(|value| value.expose().to_owned());
            assert_eq!(
                told,
                expected.map(|plain| format!("Basic {}", STANDARD.encode(plain))),
                "{url}"
            );
            assert_eq!(proxy.to_string(), "http://p:1 (https_proxy)");
            assert!(!format!("{proxy:?}").contains("Basic"));
        }
    }
}
