//! `[database.postgres]`: which server, which table, and how the connection is secured.
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::target::SslMode;
use crate::lenient;
use crate::redact::Secret;

/// PostgreSQL, on this machine or another. `rtcstats-server migrate` makes the table, or adds what an older one lacks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct PostgresOptions {
    /// The server, as libpq knows it: a URL or key=value words. It holds the password, so a file of its own may be
    /// better.
    ///
    /// Example: `url = "postgres://rtcstats:password@db.example.org:5432/rtcstats"`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Secret>,

    /// The same from a file, so that this one holds no secret. It is read anew for each connection: a password may be
    /// replaced while the server runs.
    ///
    /// Example: `url_file = "/etc/rtcstats-server/database-url"`
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_path")]
    pub url_file: Option<PathBuf>,

    /// The table: `name` or `schema.name`. Letter case counts.
    pub table: String,

    /// disable, prefer (TLS where the server has it), require (TLS, with anybody), verify-ca or verify-full (TLS with
    /// whom the URL names, which is what protects over a network). Before what the URL says; without either: prefer.
    ///
    /// Example: `sslmode = "verify-full"`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sslmode: Option<SslMode>,

    /// Root certificates (PEM) to check the server's with, instead of those of the system. The server's own may be one
    /// of them. The file is read anew for each connection; while it cannot be read, what it held before is used.
    ///
    /// Example: `ssl_root_cert = "/etc/rtcstats-server/database-ca.pem"`
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_path")]
    pub ssl_root_cert: Option<PathBuf>,
}

impl PostgresOptions {
    /// Whether there is a connection string, whatever it holds.
    pub fn is_named(&self) -> bool {
        self.url.is_some() || self.url_file.is_some()
    }
}

impl Default for PostgresOptions {
    fn default() -> Self {
        PostgresOptions {
            url: None,
            url_file: None,
            table: "rtcstats".to_string(),
            sslmode: None,
            ssl_root_cert: None,
        }
    }
}
