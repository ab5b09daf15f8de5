//! Where the server is and how to speak to it: a PostgreSQL connection string, without the parts that its parser does
//! not know.
//!
//! `sslmode` and `sslrootcert` are taken out before the parser sees the string: it does not know `verify-ca` and
//! `verify-full`, and this program checks the certificates itself. Both forms are read, the URI and `key=value` (libpq,
//! section 34.1.1). This file makes no connections. Failures are texts for the operator that contain no part of the
//! string, because it has a password in it.
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode as Wire};

use crate::limits::DATABASE_ADDRESS_MS_MAX;
use crate::tls::Check;

/// How the connection is secured, as libpq names it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SslMode {
    Disable,
    /// Use TLS if the server offers it.
    #[default]
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// A server, or several of one cluster.
#[derive(Debug, Clone)]
pub struct Target {
    pub config: Config,
    pub check: Check,
    /// Root certificates to trust instead of the system's.
    pub roots: Option<PathBuf>,
}

const FORM: &str = "is no connection string; write it like postgres://user:password@host:5432/database";

/// What libpq knows but this program does not.
const UNSUPPORTED: [&str; 8] = [
    "passfile",
    "service",
    "sslcert",
    "sslkey",
    "sslpassword",
    "sslcrl",
    "requiressl",
    "gssencmode",
];

impl Target {
    /// Reads the string. The mode and the file given here take precedence over those in the string.
    ///
    /// # Errors
    /// What is wrong, without any part of the string.
    pub fn parse(url: &str, mode: Option<SslMode>, roots: Option<&Path>) -> Result<Target, String> {
        let (rest, taken) = take_out(url.trim()).ok_or(FORM)?;
        let mode = mode.map_or_else(|| read_mode(taken.mode.as_deref()), Ok)?;
        // `system` is libpq's word for what is the default here.
        let own = taken.roots.filter(|file| file != "system").map(PathBuf::from);
        let roots = roots.map(Path::to_owned).or(own);
        let mut config: Config = rest.parse().map_err(|error| refusal(&error))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err("names no host; write it like postgres://user:password@host:5432/database".into());
        }
        let only_sockets =
            config.get_hostaddrs().is_empty() && config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)));
        config.ssl_mode(match mode {
            // As in libpq: a connection within the machine is not encrypted.
            _ if only_sockets => Wire::Disable,
            SslMode::Disable => Wire::Disable,
            SslMode::Prefer => Wire::Prefer,
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => Wire::Require,
        });
        let check = match mode {
            SslMode::VerifyFull => Check::Name,
            SslMode::VerifyCa => Check::Authority,
            // As in libpq: an operator who names an authority wants the certificate checked.
            SslMode::Require if roots.is_some() => Check::Authority,
            SslMode::Require | SslMode::Prefer | SslMode::Disable => Check::Nothing,
        };
        with_defaults(&mut config);
        Ok(Target { config, check, roots })
    }

    /// Names database and servers, without user and password.
    pub fn describe(&self) -> String {
        let config = &self.config;
        let name = config
            .get_dbname()
            .or(config.get_user())
            .unwrap_or("of the user's name");
        let mut text = format!("database {name} on ");
        let hosts = config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        });
        let names: Vec<String> = if config.get_hosts().is_empty() {
            config.get_hostaddrs().iter().map(ToString::to_string).collect()
        } else {
            hosts.collect()
        };
        for (index, name) in names.iter().enumerate() {
            let ports = config.get_ports();
            let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
            let separator = if index == 0 { "" } else { ", " };
            // Writing to a String cannot fail.
            let _ = write!(text, "{separator}{name}:{port}");
        }
        text
    }
}

fn with_defaults(config: &mut Config) {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_millis(DATABASE_ADDRESS_MS_MAX));
    }
    if config.get_application_name().is_none() {
        config.application_name("rtcstats-server");
    }
}

fn read_mode(text: Option<&str>) -> Result<SslMode, String> {
    Ok(match text {
        None => SslMode::default(),
        Some("disable") => SslMode::Disable,
        // libpq tries TLS first for one of them and no TLS first for the other. In the end both use whatever the server
        // has.
        Some("allow" | "prefer") => SslMode::Prefer,
        Some("require") => SslMode::Require,
        Some("verify-ca") => SslMode::VerifyCa,
        Some("verify-full") => SslMode::VerifyFull,
        Some(_) => {
            return Err("has an sslmode that is none of disable, prefer, require, verify-ca, verify-full".into());
        }
    })
}

/// The parser's own text, but only where it cannot contain anything except a known name: an "unknown option" may be the
/// second word of a password that should have been in quotes.
fn refusal(error: &tokio_postgres::Error) -> String {
    let cause = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    if cause.starts_with("invalid value for option `") {
        return format!("has an {cause}");
    }
    let known = UNSUPPORTED
        .iter()
        .find(|name| cause == format!("unknown option `{name}`"));
    known.map_or_else(
        || FORM.into(),
        |name| format!("has the option {name}, which is not supported"),
    )
}

#[derive(Debug, Default, PartialEq)]
struct Taken {
    mode: Option<String>,
    roots: Option<String>,
}

impl Taken {
    /// True if the parameter is one of ours and must not be passed on.
    fn takes(&mut self, key: &str, value: &str) -> bool {
        let slot = match key {
            "sslmode" => &mut self.mode,
            "sslrootcert" => &mut self.roots,
            _ => return false,
        };
        *slot = Some(value.to_owned());
        true
    }
}

fn take_out(url: &str) -> Option<(String, Taken)> {
    let is_uri = url.starts_with("postgres://") || url.starts_with("postgresql://");
    if is_uri {
        take_out_of_uri(url)
    } else {
        take_out_of_words(url)
    }
}

fn take_out_of_uri(url: &str) -> Option<(String, Taken)> {
    let mut taken = Taken::default();
    let Some((before, query)) = url.split_once('?') else {
        return Some((url.to_owned(), taken));
    };
    let mut kept = Vec::new();
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if !taken.takes(key, &percent_decoded(value)?) {
            kept.push(pair);
        }
    }
    let separator = if kept.is_empty() { "" } else { "?" };
    Some((format!("{before}{separator}{}", kept.join("&")), taken))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            out.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            out.push(first);
            rest = tail;
        }
    }
    String::from_utf8(out).ok()
}

/// Reads words `key = value`. Values may be in single quotes, and a backslash protects the next character.
fn take_out_of_words(text: &str) -> Option<(String, Taken)> {
    let (mut taken, mut kept, mut rest) = (Taken::default(), String::new(), text);
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        let (value, tail) = word(after.trim_start())?;
        if !taken.takes(key.trim(), &value) {
            kept.push_str(&rest[..rest.len() - tail.len()]);
            kept.push(' ');
        }
        rest = tail.trim_start();
    }
    Some((kept, taken))
}

/// The first value of a text, and what comes after it.
fn word(text: &str) -> Option<(String, &str)> {
    let quoted = text.strip_prefix('\'');
    let inner = quoted.unwrap_or(text);
    let mut value = String::new();
    let mut characters = inner.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => value.push(characters.next()?.1),
            '\'' if quoted.is_some() => return Some((value, &inner[at + 1..])),
            c if c.is_whitespace() && quoted.is_none() => return Some((value, &inner[at..])),
            c => value.push(c),
        }
    }
    quoted.is_none().then_some((value, ""))
}

#[cfg(test)]
mod tests;
