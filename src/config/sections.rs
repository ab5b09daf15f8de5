//! The tables of the configuration and their defaults, as the file has them: one structure a table, one field a key.
//!
//! Never here: where a value came from, and whether values fit together. The shipped `rtcstats-server.toml` is checked
//! against these structures by a test, so a key that is added here must be explained there.
use super::lenient;
use super::remote::{PostgresSection, S3Section};
use super::retention::RetentionSection;
use crate::auth::Algorithm;
use crate::limits;
use crate::network::Network;
use crate::redact::Secret;
use crate::units::{Period, Size};
use log::LevelFilter;
use serde::{Deserialize, Serialize};
use std::net::{Ipv6Addr, SocketAddr};
use std::path::PathBuf;

/// Everything that can be configured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct Config {
    /// Under which everything lies unless a path says otherwise; relative to the working directory.
    pub data_dir: PathBuf,
    pub server: ServerSection,
    pub limits: LimitsSection,
    pub authorization: AuthorizationSection,
    pub privacy: PrivacySection,
    pub spool: SpoolSection,
    pub delivery: DeliverySection,
    pub storage: StorageSection,
    pub database: DatabaseSection,
    pub retention: RetentionSection,
    pub log: LogSection,
}

/// `[server]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct ServerSection {
    #[serde(deserialize_with = "lenient::addresses")]
    pub listen: Vec<SocketAddr>,
    /// Whose X-Forwarded-For is believed.
    #[serde(deserialize_with = "lenient::networks", serialize_with = "lenient::write_networks")]
    pub trusted_proxies: Vec<Network>,
    /// Pages that may send; empty: all.
    #[serde(deserialize_with = "lenient::origins")]
    pub allowed_origins: Vec<String>,
    #[serde(deserialize_with = "lenient::count")]
    pub max_connections: usize,
    /// What the rows call this machine; empty: its host name.
    pub host_identifier: String,
}

/// `[limits]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct LimitsSection {
    pub head_time: Period,
    pub head_bytes: Size,
    pub ping_interval: Period,
    pub idle_time: Period,
    pub close_time: Period,
    pub message_bytes: Size,
    pub dump_bytes: Size,
    pub partial_bytes: Size,
    #[serde(deserialize_with = "lenient::count")]
    pub reads_per_turn: usize,
    pub shutdown_time: Period,
}

/// `[authorization]`: no key at all lets everybody in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct AuthorizationSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt_secret: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt_secret_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::secrets")]
    pub jwt_secrets: Option<Vec<Secret>>,
    #[serde(deserialize_with = "lenient::flag")]
    pub require_exp: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_keys: Option<Vec<PublicKeySection>>,
}

/// `[[authorization.public_keys]]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub struct PublicKeySection {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    pub algorithm: Algorithm,
    /// PEM; relative to the working directory.
    pub file: PathBuf,
}

/// `[privacy]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct PrivacySection {
    #[serde(deserialize_with = "lenient::flag")]
    pub mask_addresses: bool,
    #[serde(deserialize_with = "lenient::flag")]
    pub mask_device_labels: bool,
    /// MaxMind mmdb; relative to the working directory.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_path")]
    pub geoip_database: Option<PathBuf>,
}

/// `[spool]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct SpoolSection {
    /// Relative to `data_dir`.
    pub directory: PathBuf,
    pub min_free: Size,
    pub flush_interval: Period,
    pub sync_interval: Period,
}

/// `[delivery]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct DeliverySection {
    #[serde(deserialize_with = "lenient::count")]
    pub workers: usize,
}

/// `[storage]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct StorageSection {
    pub backend: StorageBackend,
    pub directory: DirectorySection,
    pub s3: S3Section,
}

/// Where finished dumps go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorageBackend {
    #[default]
    Directory,
    S3,
}

/// `[storage.directory]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct DirectorySection {
    /// Relative to `data_dir`.
    pub path: PathBuf,
    /// The template of a dump's name below `path`.
    pub key: String,
}

/// `[database]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct DatabaseSection {
    pub backend: DatabaseBackend,
    pub sqlite: SqliteSection,
    pub postgres: PostgresSection,
}

/// Where the rows go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatabaseBackend {
    #[default]
    Sqlite,
    Postgres,
}

/// `[database.sqlite]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct SqliteSection {
    /// Relative to `data_dir`.
    pub path: PathBuf,
}

/// `[log]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct LogSection {
    #[serde(deserialize_with = "lenient::level", serialize_with = "lenient::write_level")]
    pub level: LevelFilter,
}

impl PostgresSection {
    /// Whether there is a connection string, whatever it holds.
    pub fn is_named(&self) -> bool {
        self.url.is_some() || self.url_file.is_some()
    }
}

impl Config {
    /// Where live and waiting dumps lie.
    pub fn spool_path(&self) -> PathBuf {
        self.data_dir.join(&self.spool.directory)
    }

    /// Where the directory backend puts finished dumps.
    pub fn dumps_path(&self) -> PathBuf {
        self.data_dir.join(&self.storage.directory.path)
    }

    /// Where `retention.keep_local` has copies of what lies in a bucket: apart from a folder store's objects, which may
    /// be there from the time before the bucket and are no copies.
    pub fn copies_path(&self) -> PathBuf {
        self.data_dir.join("copies")
    }

    /// The SQLite catalogue.
    pub fn catalog_path(&self) -> PathBuf {
        self.data_dir.join(&self.database.sqlite.path)
    }
}

impl Default for Config {
    fn default() -> Self {
        Config {
            data_dir: "data".into(),
            server: ServerSection::default(),
            limits: LimitsSection::default(),
            authorization: AuthorizationSection::default(),
            privacy: PrivacySection::default(),
            spool: SpoolSection::default(),
            delivery: DeliverySection::default(),
            storage: StorageSection::default(),
            database: DatabaseSection::default(),
            retention: RetentionSection::default(),
            log: LogSection::default(),
        }
    }
}

impl Default for ServerSection {
    fn default() -> Self {
        ServerSection {
            listen: vec![SocketAddr::from((Ipv6Addr::UNSPECIFIED, 8080))],
            trusted_proxies: Network::LOCAL.to_vec(),
            allowed_origins: Vec::new(),
            max_connections: limits::CONNECTIONS_COUNT_DEFAULT,
            host_identifier: String::new(),
        }
    }
}

impl Default for LimitsSection {
    fn default() -> Self {
        LimitsSection {
            head_time: Period(limits::HEAD_TIME_DEFAULT),
            head_bytes: Size(limits::HEAD_BYTES_DEFAULT as u64),
            ping_interval: Period(limits::PING_INTERVAL_DEFAULT),
            idle_time: Period(limits::IDLE_TIME_DEFAULT),
            close_time: Period(limits::CLOSE_TIME_DEFAULT),
            message_bytes: Size(limits::MESSAGE_BYTES_DEFAULT as u64),
            dump_bytes: Size(limits::DUMP_BYTES_DEFAULT),
            partial_bytes: Size(limits::PARTIAL_BYTES_DEFAULT as u64),
            reads_per_turn: limits::READS_PER_TURN_DEFAULT,
            shutdown_time: Period(limits::SHUTDOWN_TIME_DEFAULT),
        }
    }
}

impl Default for AuthorizationSection {
    fn default() -> Self {
        AuthorizationSection {
            jwt_secret: None,
            jwt_secret_file: None,
            jwt_secrets: None,
            require_exp: true,
            public_keys: None,
        }
    }
}

impl Default for PrivacySection {
    fn default() -> Self {
        PrivacySection {
            mask_addresses: true,
            mask_device_labels: true,
            geoip_database: None,
        }
    }
}

impl Default for SpoolSection {
    fn default() -> Self {
        SpoolSection {
            directory: "spool".into(),
            min_free: Size(limits::SPOOL_FREE_BYTES_DEFAULT),
            flush_interval: Period(limits::FLUSH_INTERVAL_DEFAULT),
            sync_interval: Period(limits::SYNC_INTERVAL_DEFAULT),
        }
    }
}

impl Default for DeliverySection {
    fn default() -> Self {
        DeliverySection {
            workers: limits::WORKERS_COUNT_DEFAULT,
        }
    }
}

impl Default for DirectorySection {
    fn default() -> Self {
        DirectorySection {
            path: "dumps".into(),
            key: "{id}.jsonl.gz".to_string(),
        }
    }
}

impl Default for SqliteSection {
    fn default() -> Self {
        SqliteSection {
            path: "catalog.db".into(),
        }
    }
}

impl Default for LogSection {
    fn default() -> Self {
        LogSection {
            level: LevelFilter::Info,
        }
    }
}
