//! Where a request goes: scheme, host and port in one normal form, read once.
//!
//! The signature, the `Host` header, the name for TLS and the address that is connected to are all written from this
//! value, so none of them can differ from the others. Host names are in lower case, the scheme's own port is left out,
//! and an IPv6 address has brackets in URLs only. Nothing is resolved or connected here. Failures: a fixed text,
//! without the value, which may hold a secret.
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rustls::pki_types::ServerName;

/// Scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub scheme: Scheme,
    pub host: Host,
    pub port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// In lower case.
    Name(String),
    Address(IpAddr),
}

impl Origin {
    /// Reads `https://HOST` or `http://HOST:PORT`.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str) -> Result<Origin, &'static str> {
        let (scheme, authority) = text.split_once("://").ok_or("it has no scheme")?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err("its scheme is neither http nor https"),
        };
        let (host, port) = authority_of(authority)?;
        Ok(Origin {
            scheme,
            host,
            port: port.unwrap_or(scheme.own_port()),
        })
    }

    /// Reads the same with a path behind it: what begins with the first slash; it may be empty.
    ///
    /// # Errors
    /// As [`Origin::parse`].
    pub fn with_path(text: &str) -> Result<(Origin, &str), &'static str> {
        let authority = text.find("://").map_or(0, |at| at + 3);
        let path = text[authority..]
            .find('/')
            .map_or(text.len(), |slash| authority + slash);
        let (origin, path) = text.split_at(path);
        Ok((Origin::parse(origin)?, path))
    }

    /// The same with `label` in front of the host's name. `None` where the host is an address.
    pub fn below(&self, label: &str) -> Option<Origin> {
        match &self.host {
            Host::Address(_) => None,
            Host::Name(name) => Some(Origin {
                host: Host::Name(format!("{label}.{name}")),
                ..self.clone()
            }),
        }
    }

    /// What the `Host` header says (RFC 9110, 7.2).
    pub fn authority(&self) -> String {
        if self.port == self.scheme.own_port() {
            self.host.to_string()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Whether it is an address that only exists on this link, as those of metadata services do.
    pub fn is_on_link(&self) -> bool {
        match self.host {
            Host::Name(_) => false,
            Host::Address(IpAddr::V4(address)) => address.is_link_local(),
            Host::Address(IpAddr::V6(address)) => address.is_unicast_link_local() || METADATA_V6.contains(&address),
        }
    }
}

impl Scheme {
    pub fn own_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

impl Host {
    /// Reads a name or an address; an IPv6 address has brackets.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str) -> Result<Host, &'static str> {
        const NEITHER: &str = "its host is neither a name nor an address";
        if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let address = inner.parse().map_err(|_| NEITHER)?;
            return Ok(Host::Address(IpAddr::V6(address)));
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Ok(Host::Address(IpAddr::V4(address)));
        }
        let labels = || text.strip_suffix('.').unwrap_or(text).split('.');
        let fits = |label: &str| {
            (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        // Resolvers take a number for an address, each in its own way (WHATWG URL, "ends in a number").
        let is_number = labels()
            .next_back()
            .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        if text.len() > 253 || !labels().all(fits) || is_number {
            return Err(NEITHER);
        }
        Ok(Host::Name(text.to_ascii_lowercase()))
    }

    /// Whom the server's certificate must name.
    pub fn certified(&self) -> Option<ServerName<'static>> {
        match self {
            Host::Name(name) => ServerName::try_from(name.trim_end_matches('.').to_owned()).ok(),
            Host::Address(address) => Some(ServerName::from(*address)),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority())
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => f.write_str(name),
            Host::Address(IpAddr::V4(address)) => address.fmt(f),
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// Host and port of an authority without user.
pub fn authority_of(text: &str) -> Result<(Host, Option<u16>), &'static str> {
    let behind_brackets = text.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match text[behind_brackets..].find(':') {
        Some(at) => (&text[..behind_brackets + at], Some(&text[behind_brackets + at + 1..])),
        None => (text, None),
    };
    let port = match port {
        // RFC 3986, 3.2.3: an empty port is the scheme's own.
        None | Some("") => None,
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => Some(
            digits
                .parse()
                .ok()
                .filter(|port| *port > 0)
                .ok_or("its port is no port")?,
        ),
        Some(_) => return Err("its port is no port"),
    };
    Ok((Host::parse(host)?, port))
}

/// The metadata services of EC2 and of EKS' pod identity.
const METADATA_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_spelling_has_one_normal_form() {
        const CASES: [(&str, &str); 11] = [
            ("http://S3.Example.Org:9000", "http://s3.example.org:9000"),
            ("HTTPS://s3.example.org:443", "https://s3.example.org"),
            ("http://s3.example.org:80", "http://s3.example.org"),
            ("https://s3.example.org:80", "https://s3.example.org:80"),
            ("http://s3.example.org:09000", "http://s3.example.org:9000"),
            ("https://s3.example.org:", "https://s3.example.org"),
            ("https://[::1]:9443", "https://[::1]:9443"),
            ("https://[0:0::0001]:443", "https://[::1]"),
            ("http://[FE80::1]", "http://[fe80::1]"),
            ("http://min_io:9000", "http://min_io:9000"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ];
        for (spelling, normal) in CASES {
            assert_eq!(Origin::parse(spelling).unwrap().to_string(), normal, "{spelling}");
        }
    }

    #[test]
    fn what_names_no_host_is_refused() {
        for bad in [
            "s3.example.org",
            "ftp://s3.example.org",
            "http://",
            "http://a b",
            "http://user:secret@host",
            "http://host:0",
            "http://host:65536",
            "http://host:+1",
            "http://a..b",
            "http://::1:9000",
            "http://127.1",
            "http://[::1",
            "http://[fe80::1%25eth0]",
            "http://hést",
        ] {
            assert!(!Origin::parse(bad).unwrap_err().contains("secret"), "{bad}");
        }
    }

    #[test]
    fn tls_and_sockets_see_no_brackets() {
        let origin = Origin::parse("https://[::1]:9443").unwrap();
        assert_eq!(origin.authority(), "[::1]:9443");
        assert_eq!(origin.host.certified().unwrap().to_str(), "::1");
        let origin = Origin::parse("https://S3.example.org.").unwrap();
        assert_eq!(origin.host.certified().unwrap().to_str(), "s3.example.org");
    }

    #[test]
    fn metadata_services_are_known_by_their_addresses() {
        for (host, expected) in [
            ("169.254.169.254", true),
            ("169.254.170.2", true),
            ("[fd00:ec2::254]", true),
            ("[fe80::1]", true),
            ("127.0.0.1", false),
            ("10.0.0.1", false),
            ("metadata.internal", false),
        ] {
            let origin = Origin::parse(&format!("http://{host}")).unwrap();
            assert_eq!(origin.is_on_link(), expected, "{host}");
        }
    }
}
