//! What can be configured: each table with the options of the rooms that it feeds.
//!
//! The meaning, default and explanation of a key stand in its room's options. If one table feeds several rooms, its
//! keys are listed here with the room, one line a key. Never here: where a value came from, and whether values fit
//! together. `rtcstats-server.toml` and `docs/configuration.md` are made from the rooms' comments, in the order of this
//! file.
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::log::LogOptions;
use super::shared::shared_table;
use crate::auth::AuthOptions;
use crate::connection::{Access, ConnectionLimits};
use crate::database::DatabaseOptions;
use crate::delivery::{DeliveryOptions, StopOptions};
use crate::dump::MaskRules;
use crate::features::FeaturesOptions;
use crate::findings::FindingsOptions;
use crate::geo::GeoOptions;
use crate::reactor::ListenOptions;
use crate::retention::RetentionOptions;
use crate::sessions::{HostOptions, SessionLimits};
use crate::spool::SpoolOptions;
use crate::storage::StorageOptions;

/// Configuration of rtcstats-server, with every key there is.
///
/// The file is looked for as ./rtcstats-server.toml, then as /etc/rtcstats-server/config.toml, unless --config names
/// one. Every key can also be set by the environment, which comes before the file: RTCSTATS_SECTION__KEY with two
/// underscores between the parts (RTCSTATS_SERVER__LISTEN, RTCSTATS_STORAGE__DIRECTORY__PATH), and RTCSTATS_DATA_DIR.
/// Lists are written with commas there, an empty one as none. Durations: "500ms", "30s", "5min", "2h", "1d". Sizes:
/// "16KiB", "512MiB", "2GiB".
///
/// `rtcstats-server check-config` says what is in force and what is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct Config {
    /// The folder under which everything lies unless a path says otherwise. A relative one begins at the working
    /// directory.
    pub data_dir: PathBuf,
    pub server: ServerTable,
    pub limits: LimitsTable,
    pub authorization: AuthOptions,
    pub privacy: PrivacyTable,
    pub spool: SpoolOptions,
    pub features: FeaturesOptions,
    pub findings: FindingsOptions,
    pub delivery: DeliveryOptions,
    pub storage: StorageOptions,
    pub database: DatabaseOptions,
    pub retention: RetentionOptions,
    pub log: LogOptions,
}

shared_table! {
    /// Where the server is reached, and by whom.
    ServerTable { reactor: ListenOptions, connection: Access, host: HostOptions }
    listen => reactor.listen,
    trusted_proxies => connection.trusted_proxies,
    allowed_origins => connection.allowed_origins,
    max_connections => reactor.max_connections,
    host_identifier => host.host_identifier,
}

shared_table! {
    /// What one connection, and all together, may take.
    LimitsTable { connection: ConnectionLimits, sessions: SessionLimits, stop: StopOptions }
    head_time => connection.head_time,
    head_bytes => connection.head_bytes,
    ping_interval => connection.ping_interval,
    idle_time => connection.idle_time,
    close_time => connection.close_time,
    message_bytes => connection.message_bytes,
    dump_bytes => sessions.dump_bytes,
    partial_bytes => sessions.partial_bytes,
    reads_per_turn => sessions.reads_per_turn,
    shutdown_time => stop.shutdown_time,
}

shared_table! {
    /// What is masked before a dump is stored.
    PrivacyTable { mask: MaskRules, geo: GeoOptions }
    mask_addresses => mask.addresses,
    mask_device_labels => mask.device_labels,
    geoip_database => geo.geoip_database,
}

impl Config {
    /// Where live and waiting dumps lie.
    pub fn spool_path(&self) -> PathBuf {
        self.data_dir.join(&self.spool.directory)
    }

    /// Where the directory backend puts finished dumps.
    pub fn dumps_path(&self) -> PathBuf {
        self.storage.objects_path(&self.data_dir)
    }

    /// Where `retention.keep_local` puts copies of dumps that are in a bucket.
    pub fn copies_path(&self) -> PathBuf {
        StorageOptions::copies_path(&self.data_dir)
    }

    /// The SQLite catalogue.
    pub fn catalog_path(&self) -> PathBuf {
        self.database.catalogue_path(&self.data_dir)
    }
}

impl Default for Config {
    fn default() -> Self {
        Config {
            data_dir: "data".into(),
            server: ServerTable::default(),
            limits: LimitsTable::default(),
            authorization: AuthOptions::default(),
            privacy: PrivacyTable::default(),
            spool: SpoolOptions::default(),
            features: FeaturesOptions::default(),
            findings: FindingsOptions::default(),
            delivery: DeliveryOptions::default(),
            storage: StorageOptions::default(),
            database: DatabaseOptions::default(),
            retention: RetentionOptions::default(),
            log: LogOptions::default(),
        }
    }
}
