//! Where the server is and how to speak to it: a PostgreSQL connection string, without the parts that its parser does
//! not know.
//!
//! Both forms are read, the URI and `key=value` (libpq, section 34.1.1), with the parameters that libpq knows: those
//! that the parser takes otherwise or not at all are taken out before it sees the string (`parameters`). This file
//! makes no connections. Failures are texts for the operator that contain no part of the string, because it has a
//! password in it. A password with an `@` that is not encoded would make a host of its own tail: what is no host is
//! refused, so that it is neither printed nor asked of a name server.
mod parameters;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode as Wire};

use crate::limits::DATABASE_ADDRESS_MS_MAX;
use crate::redact::{is_host, is_name};
use crate::tls::{Check, Greeting, Versions};
use parameters::{Fate, Taken};

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
    pub versions: Versions,
    pub greeting: Greeting,
}

const FORM: &str = "is no connection string; write it like postgres://user:password@host:5432/database";

const WRITE: &str = "write it like postgres://user:password@host:5432/database";

const ENCODE: &str = "percent-encode special characters of the password and the user's name (@ is %40, / is %2F)";

impl Target {
    /// Reads the string. The mode and the file given here take precedence over those in the string.
    ///
    /// # Errors
    /// What is wrong, without any part of the string.
    pub fn parse(url: &str, mode: Option<SslMode>, roots: Option<&Path>) -> Result<Target, String> {
        let url = url.trim();
        check_form(url)?;
        let (rest, taken) = take_out(url)?;
        let mode = mode.map_or_else(|| read_mode(taken.mode.as_deref()), |mode| Ok(Some(mode)))?;
        let (mode, roots) = choose(mode, roots, taken.roots.as_deref())?;
        let mut config: Config = rest.parse().map_err(|error| refusal(&error))?;
        check_hosts(&config)?;
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
        taken.complete(&mut config);
        with_defaults(&mut config);
        Ok(Target {
            config,
            check,
            roots,
            versions: taken.versions,
            greeting: taken.greeting,
        })
    }

    /// Names database and servers, without user and password.
    pub fn describe(&self) -> String {
        let config = &self.config;
        let name = config
            .get_dbname()
            .or(config.get_user())
            .filter(|name| is_name(name))
            .unwrap_or("of a name that is not shown");
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

/// As in libpq, `system` instead of a file stands for the system's roots and for the strictest check: anybody has a
/// certificate of one of those for a name of their own.
fn choose(
    mode: Option<SslMode>,
    roots: Option<&Path>,
    of_string: Option<&str>,
) -> Result<(SslMode, Option<PathBuf>), String> {
    let is_system = of_string == Some("system");
    let file = roots.or(of_string.filter(|_| !is_system).map(Path::new));
    match mode {
        Some(mode) if is_system && file.is_none() && mode != SslMode::VerifyFull => Err(
            "has sslrootcert=system, which needs the sslmode verify-full; write that, or leave sslrootcert out".into(),
        ),
        None if is_system => Ok((SslMode::VerifyFull, file.map(Path::to_owned))),
        mode => Ok((mode.unwrap_or_default(), file.map(Path::to_owned))),
    }
}

fn read_mode(text: Option<&str>) -> Result<Option<SslMode>, String> {
    Ok(Some(match text {
        None => return Ok(None),
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
    }))
}

/// The parser's own text, but only where it names a known parameter and nothing of its value.
fn refusal(error: &tokio_postgres::Error) -> String {
    let cause = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    if cause.starts_with("invalid value for option `") {
        return format!("has an {cause}; if that is no option of yours, {ENCODE}");
    }
    FORM.into()
}

/// What is no connection string, but nearly one.
fn check_form(url: &str) -> Result<(), String> {
    if url.starts_with("psql ") {
        return Err(format!("is a command line; leave psql and the quotes out, {WRITE}"));
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        return Ok(());
    };
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.:".contains(c);
    if !scheme.chars().all(is_scheme) {
        return Ok(());
    }
    match scheme {
        "postgres" | "postgresql" => check_uri(rest),
        _ if scheme.starts_with("jdbc:") => Err(format!("is a JDBC URL; {WRITE}")),
        _ if scheme.starts_with("postgres") && scheme.contains('+') => Err(format!(
            "names a driver behind the + of its scheme, as SQLAlchemy wants it; {WRITE}"
        )),
        _ => Err(format!("has another scheme than postgres://; {WRITE}")),
    }
}

/// The parser ends a password at its first `@`, and takes what follows for hosts, a database or parameters.
fn check_uri(rest: &str) -> Result<(), String> {
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let strays = |pair: &str| {
        let key = pair.split_once('=').map_or(pair, |(key, _)| key);
        pair.contains('@') && (key.contains('@') || !parameters::is_known(key))
    };
    if before.matches('@').count() > 1 || query.split('&').any(strays) {
        return Err(format!("has an @ too many: {ENCODE}"));
    }
    Ok(())
}

/// Each host must be the name of one. An empty one would be a host of its own to the parser.
fn check_hosts(config: &Config) -> Result<(), String> {
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err(format!("names no host; {WRITE}"));
    }
    for host in config.get_hosts() {
        match host {
            Host::Tcp(name) if name.is_empty() => return Err("has an empty host in its list; take it out".into()),
            Host::Tcp(name) if !is_host(name) => {
                return Err(format!("has a host that is no name of one; {WRITE}, and {ENCODE}"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn take_out(url: &str) -> Result<(String, Taken), String> {
    let is_uri = url.starts_with("postgres://") || url.starts_with("postgresql://");
    if is_uri {
        take_out_of_uri(url)
    } else {
        take_out_of_words(url)
    }
}

fn take_out_of_uri(url: &str) -> Result<(String, Taken), String> {
    let mut taken = Taken::default();
    let Some((before, query)) = url.split_once('?') else {
        return Ok((url.to_owned(), taken));
    };
    let mut kept = Vec::new();
    for (index, pair) in query.split('&').enumerate().filter(|(_, pair)| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match taken.take(key, &percent_decoded(value).ok_or(FORM)?)? {
            Fate::Taken => {}
            Fate::Kept => kept.push(pair),
            Fate::Unknown => {
                return Err(format!(
                    "has a parameter that PostgreSQL does not know, number {} behind the ?; take it out",
                    index + 1
                ));
            }
        }
    }
    let separator = if kept.is_empty() { "" } else { "?" };
    Ok((format!("{before}{separator}{}", kept.join("&")), taken))
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

/// Reads words `key = value`. Values may be in single quotes, and a backslash protects the next character. A word that
/// is not known may be the second one of a password that should have been in quotes.
fn take_out_of_words(text: &str) -> Result<(String, Taken), String> {
    let (mut taken, mut kept, mut rest) = (Taken::default(), String::new(), text);
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=').ok_or(FORM)?;
        let (value, tail) = word(after.trim_start()).ok_or(FORM)?;
        match taken.take(key.trim(), &value)? {
            Fate::Taken => {}
            Fate::Kept => {
                kept.push_str(&rest[..rest.len() - tail.len()]);
                kept.push(' ');
            }
            Fate::Unknown => return Err(FORM.into()),
        }
        rest = tail.trim_start();
    }
    Ok((kept, taken))
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
