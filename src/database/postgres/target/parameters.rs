//! The parameters of a connection string: which are passed on, which mean something here, which do no harm, and what to
//! do about all others.
//!
//! What libpq knows works as there, unless it would take a protection away that this program does not have: such a
//! parameter is refused by its name. Those of other libraries are known by name too, since their users copy one string
//! to all programs; libpq refuses them. Names that nobody knows are never repeated: they may be a part of a password.
use std::time::Duration;

use tokio_postgres::Config;

use crate::tls::{Greeting, Versions};

/// What becomes of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The parser reads it.
    Kept,
    /// It is read here, or has no effect.
    Taken,
    Unknown,
}

/// The parameters that the parser must not see.
#[derive(Debug, Default, PartialEq)]
pub struct Taken {
    pub mode: Option<String>,
    pub roots: Option<String>,
    pub versions: Versions,
    pub greeting: Greeting,
    name: Option<String>,
    probes: Option<u32>,
    unacknowledged: Option<Duration>,
    attributes: Option<tokio_postgres::config::TargetSessionAttrs>,
}

impl Taken {
    /// Reads one parameter.
    ///
    /// # Errors
    /// One that is not supported, with its name and what to do.
    pub fn take(&mut self, key: &str, value: &str) -> Result<Fate, String> {
        match (key, value) {
            ("sslmode", _) => self.mode = Some(value.to_owned()),
            // libpq's own exception, for those who come from JDBC.
            ("ssl", "true") => self.mode = Some("require".to_owned()),
            ("sslrootcert", _) => self.roots = Some(value.to_owned()).filter(|file| !file.is_empty()),
            ("fallback_application_name", _) => self.name = Some(value.to_owned()),
            ("keepalives_count", _) => self.probes = Some(number(key, value)?),
            // libpq counts milliseconds; the parser would take them for seconds.
            ("tcp_user_timeout", _) => {
                self.unacknowledged = Some(Duration::from_millis(u64::from(number::<u32>(key, value)?)));
            }
            ("target_session_attrs", "primary") => {
                self.attributes = Some(tokio_postgres::config::TargetSessionAttrs::ReadWrite);
            }
            ("sslsni", "0") => self.greeting = Greeting::WithoutName,
            ("sslsni", "1" | "") => {}
            ("ssl_min_protocol_version", "TLSv1.3") => self.versions = Versions::From13,
            ("ssl_min_protocol_version", "" | "TLSv1" | "TLSv1.1" | "TLSv1.2") => {}
            ("ssl_max_protocol_version", "TLSv1.2") if self.versions == Versions::From12 => {
                self.versions = Versions::Only12;
            }
            ("ssl_max_protocol_version", "" | "TLSv1.3") => {}
            ("client_encoding", _) if is_utf8(value) => {}
            _ if is_idle(key, value) => {}
            _ if PASSED_ON.contains(&key) => return Ok(Fate::Kept),
            _ => return unsupported(key),
        }
        Ok(Fate::Taken)
    }

    /// Sets what the parser's own words do not say.
    pub fn complete(&self, config: &mut Config) {
        if let Some(name) = &self.name
            && config.get_application_name().is_none()
        {
            config.application_name(name);
        }
        if let Some(probes) = self.probes.filter(|probes| *probes > 0) {
            config.keepalives_retries(probes);
        }
        if let Some(time) = self.unacknowledged.filter(|time| !time.is_zero()) {
            config.tcp_user_timeout(time);
        }
        if let Some(attributes) = self.attributes {
            config.target_session_attrs(attributes);
        }
    }
}

/// Whether a parameter of this name is read, refused or explained.
pub fn is_known(key: &str) -> bool {
    !matches!(Taken::default().take(key, ""), Ok(Fate::Unknown))
}

fn number<T: std::str::FromStr>(key: &str, value: &str) -> Result<T, String> {
    value
        .parse()
        .map_err(|_| format!("has an invalid value for option `{key}`"))
}

/// Every text here is UTF-8. `auto` takes the locale's encoding in libpq, which is a matter of a terminal.
fn is_utf8(value: &str) -> bool {
    ["", "utf8", "utf-8", "unicode", "auto"].contains(&value.to_ascii_lowercase().as_str())
}

/// What asks for nothing that is not so anyway.
fn is_idle(key: &str, value: &str) -> bool {
    matches!(
        (key, value),
        ("gssencmode", "disable" | "prefer" | "")
            | ("sslcertmode", "disable" | "allow" | "")
            | ("replication", "false" | "off" | "no" | "0" | "")
            | ("sslcompression" | "krbsrvname" | "gsslib" | "gssdelegation", _)
            | (
                "passfile" | "service" | "sslcert" | "sslkey" | "sslpassword" | "sslcrl" | "sslcrldir",
                ""
            )
            | (
                "requirepeer" | "require_auth" | "sslkeylogfile" | "target_session_attrs" | "channel_binding",
                ""
            )
            | ("connect_timeout" | "application_name" | "options" | "dbname", "")
    )
}

fn unsupported(key: &str) -> Result<Fate, String> {
    if UNSUPPORTED.contains(&key) {
        return Err(format!("has the option {key}, which is not supported; leave it out"));
    }
    if key == "ssl" {
        return Err("has the parameter ssl; write sslmode=require or sslmode=verify-full instead".into());
    }
    if key == "client_encoding" {
        return Err("has a client_encoding other than UTF8; leave it out".into());
    }
    let foreign = FOREIGN.iter().find(|(names, _)| names.contains(&key));
    match foreign {
        Some((_, instead)) => Err(format!(
            "has the parameter {key}, which is not PostgreSQL's: leave it out; {instead}"
        )),
        None => Ok(Fate::Unknown),
    }
}

/// What the parser reads as libpq does.
const PASSED_ON: [&str; 17] = [
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "sslnegotiation",
    "host",
    "hostaddr",
    "port",
    "connect_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "channel_binding",
    "load_balance_hosts",
];

/// What libpq knows but this program does not, or not with every value.
const UNSUPPORTED: [&str; 22] = [
    "passfile",
    "service",
    "servicefile",
    "sslcert",
    "sslkey",
    "sslpassword",
    "sslcrl",
    "sslcrldir",
    "sslcertmode",
    "sslkeylogfile",
    "sslsni",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "requiressl",
    "requirepeer",
    "require_auth",
    "gssencmode",
    "replication",
    "min_protocol_version",
    "max_protocol_version",
    "scram_client_key",
    "scram_server_key",
];

/// What other libraries have, and what does the same here.
const FOREIGN: [(&[&str], &str); 6] = [
    (
        &["schema", "currentSchema", "search_path"],
        "write the schema into database.postgres.table, like \"schema.rtcstats\"",
    ),
    (
        &["pgbouncer", "workaround", "pool_mode", "supa"],
        "poolers in transaction mode work as they are",
    ),
    (
        &[
            "connection_limit",
            "pool_timeout",
            "pool",
            "pool_size",
            "max_overflow",
            "pool_max_conns",
            "pool_min_conns",
            "pool_max_conn_lifetime",
            "pool_max_conn_idle_time",
            "max_connections",
            "maxPoolSize",
            "min",
            "max",
        ],
        "there are at most as many connections as delivery.workers says",
    ),
    (
        &[
            "statement_cache_size",
            "statement_cache_capacity",
            "statement_cache_mode",
            "prepared_statement_cache_size",
            "prepared_statements",
            "prepareThreshold",
            "preferQueryMode",
            "default_query_exec_mode",
            "binary_parameters",
            "reWriteBatchedInserts",
            "stringtype",
        ],
        "no statement is kept by a name",
    ),
    (
        &[
            "socket_timeout",
            "socketTimeout",
            "connectTimeout",
            "loginTimeout",
            "command_timeout",
            "timeout",
            "statement_timeout",
            "tcpKeepAlive",
        ],
        "every wait is bounded; connect_timeout and keepalives_count are PostgreSQL's words",
    ),
    (
        &[
            "sslaccept",
            "sslidentity",
            "sslfactory",
            "sslinline",
            "uselibpqcompat",
            "encoding",
            "charset",
            "characterEncoding",
            "ApplicationName",
            "targetServerType",
            "cluster",
            "endpoint",
        ],
        "sslmode, sslrootcert, application_name and options are PostgreSQL's words",
    ),
];
