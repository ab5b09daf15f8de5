//! The tables of destinations that are not on this machine, with their defaults; see `sections` for the others.
//!
//! Never here: whether values fit together; `bucket` and `postgres` say that.
use super::lenient;
use crate::database::SslMode;
use crate::redact::Secret;
use crate::storage::{KeyPair, KeyTemplate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// `[storage.s3]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct S3Section {
    pub bucket: String,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_text")]
    pub endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_text")]
    pub region: Option<String>,
    #[serde(deserialize_with = "lenient::flag")]
    pub path_style: bool,
    /// The template of an object's name.
    pub key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_path")]
    pub access_key_id_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_access_key: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_path")]
    pub secret_access_key_file: Option<PathBuf>,
    /// What the four above amount to, once their files were read.
    #[serde(skip)]
    pub key_pair: Option<KeyPair>,
    /// Some carry keys of the customer's own.
    pub headers: BTreeMap<String, Secret>,
}

/// `[database.postgres]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct PostgresSection {
    /// Once loaded, also that of `url_file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_path")]
    pub url_file: Option<PathBuf>,
    pub table: String,
    /// None: what the URL says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sslmode: Option<SslMode>,
    /// PEM; relative to the working directory.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_path")]
    pub ssl_root_cert: Option<PathBuf>,
}

impl Default for S3Section {
    fn default() -> Self {
        S3Section {
            bucket: String::new(),
            endpoint: None,
            region: None,
            path_style: false,
            key: KeyTemplate::DEFAULT.to_string(),
            access_key_id: None,
            access_key_id_file: None,
            secret_access_key: None,
            secret_access_key_file: None,
            key_pair: None,
            headers: BTreeMap::new(),
        }
    }
}

impl Default for PostgresSection {
    fn default() -> Self {
        PostgresSection {
            url: None,
            url_file: None,
            table: "rtcstats".to_string(),
            sslmode: None,
            ssl_root_cert: None,
        }
    }
}
