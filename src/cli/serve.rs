//! `serve`: puts the rooms together, listens, recovers while serving, and ends in order.
//!
//! Everything that an operator can have got wrong is found here, before READY is said: a spool that cannot be written,
//! a catalogue that cannot be opened, an address that is taken. After READY nothing here can fail.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::{Config, DatabaseBackend, Loaded, StorageBackend};
use crate::connection::{ConnectionLimits, Policy};
use crate::database::{Database, Sqlite};
use crate::delivery::{self, Delivery, Tempo};
use crate::dump::MaskRules;
use crate::geo::{Geo, GeoError};
use crate::limits::{CONNECTIONS_COUNT_MIN, DESCRIPTORS_KEPT_MAX, FAREWELL_SHARE};
use crate::reactor::{self, BindError, Parts, Reactor, Settings};
use crate::spool::{Id, PackOptions, Place, State, Sync};
use crate::storage::{Directory, KeyError, KeyTemplate, Storage};
use crate::systemd;

/// Why the server did not start. All are the operator's to mend; each says what, where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("the spool {} cannot be used: {source}; make it writable or change spool.directory", path.display())]
    Spool { path: PathBuf, source: io::Error },
    #[error("storage.directory.key: {0}")]
    Key(#[from] KeyError),
    #[error("privacy.geoip_database: {0}")]
    Geo(#[from] GeoError),
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error("the system refuses what a server needs: {0}")]
    System(#[from] io::Error),
}

/// Serves until a signal ends it.
///
/// # Errors
/// What keeps it from starting, see `ServeError`.
pub fn run(loaded: Loaded) -> Result<(), ServeError> {
    for warning in &loaded.warnings {
        log::warn!("{warning}");
    }
    let Loaded { config, keys, .. } = loaded;
    let spool = open_spool(&config)?;
    let (storage, database) = (storage(&config)?, database(&config)?);
    let disks = [storage.synced_directory(), database.synced_directory()]
        .into_iter()
        .flatten()
        .map(Path::to_owned);
    let (sync, syncing) = Sync::start(
        config.spool.sync_interval.0,
        spool.place.root(),
        &disks.collect::<Vec<_>>(),
    )?;
    let pack = pack_options(&config)?;
    let listeners = reactor::bind(&config.server.listen)?;
    let addresses: Vec<String> = listeners
        .iter()
        .filter_map(|listener| Some(format!("ws://{}", listener.local_addr().ok()?)))
        .collect();
    let (goes_to, recorded_in) = (storage.describe(), database.describe());
    let delivery = Arc::new(Delivery::start(delivery::Options {
        workers: config.delivery.workers,
        place: Arc::clone(&spool.place),
        orphans: spool.orphans,
        pack,
        storage,
        database,
        sync: sync.clone(),
        tempo: Tempo::default(),
    })?);
    let options = reactor_options(&config, keys.verifier, capacity(config.server.max_connections)?);
    let parts = Parts {
        listeners,
        place: spool.place,
        sync: sync.clone(),
        delivery: Arc::clone(&delivery),
    };
    let mut reactor = Reactor::new(options, parts)?;
    log::info!(
        "listening on {}; dumps go to {goes_to}, rows to {recorded_in}",
        addresses.join(", ")
    );
    systemd::notify_ready();
    let served = reactor.run();
    drop(reactor);
    end(&config, &delivery, &sync);
    // The last sync: what was delivered is durable and its files in the spool are gone.
    let _ = syncing.join();
    Ok(served?)
}

struct Spool {
    place: Arc<Place>,
    orphans: Vec<Id>,
}

fn open_spool(config: &Config) -> Result<Spool, ServeError> {
    let path = config.spool_path();
    let open = || -> io::Result<Spool> {
        let place = Place::open(&path)?;
        let orphans = place.ids(State::Recording, "jsonl")?.collect::<io::Result<_>>()?;
        Ok(Spool {
            place: Arc::new(place),
            orphans,
        })
    };
    open().map_err(|source| ServeError::Spool {
        path: path.clone(),
        source,
    })
}

/// The store. One that cannot be used now is reported and tried again by delivery: sessions do not depend on it.
fn storage(config: &Config) -> io::Result<Storage> {
    match config.storage.backend {
        StorageBackend::Directory => {
            let directory = Directory::new(&config.dumps_path())?;
            if let Err(error) = directory.prepare() {
                log::error!("dumps wait in the spool until this is mended: {error}");
            }
            Ok(Storage::Directory(directory))
        }
    }
}

/// The catalogue, likewise.
fn database(config: &Config) -> io::Result<Database> {
    match config.database.backend {
        DatabaseBackend::Sqlite => {
            let sqlite = Sqlite::new(&config.catalog_path())?;
            if let Err(error) = sqlite.prepare() {
                log::error!("dumps wait in the spool until this is mended: {error}");
            }
            Ok(Database::Sqlite(sqlite))
        }
    }
}

fn pack_options(config: &Config) -> Result<PackOptions, ServeError> {
    let privacy = &config.privacy;
    Ok(PackOptions {
        rules: MaskRules {
            addresses: privacy.mask_addresses,
            device_labels: privacy.mask_device_labels,
        },
        geo: privacy.geoip_database.as_deref().map(Geo::open).transpose()?,
        key: KeyTemplate::parse(&config.storage.directory.key)?,
    })
}

fn reactor_options(config: &Config, verifier: crate::auth::Verifier, capacity: usize) -> reactor::Options {
    let (server, limits) = (&config.server, &config.limits);
    reactor::Options {
        policy: Policy {
            verifier,
            allowed_origins: server.allowed_origins.clone(),
            trusted_proxies: server.trusted_proxies.clone(),
            limits: ConnectionLimits {
                head_time: limits.head_time.0,
                ping_interval: limits.ping_interval.0,
                idle_time: limits.idle_time.0,
                close_time: limits.close_time.0,
                head_bytes: limits.head_bytes.as_usize(),
                message_bytes: limits.message_bytes.as_usize(),
            },
        },
        settings: Settings {
            dump_bytes: limits.dump_bytes.0,
            host: server.host_identifier.clone(),
        },
        reads_per_turn: limits.reads_per_turn,
        capacity,
        partial_bytes: limits.partial_bytes.as_usize(),
        min_free: config.spool.min_free.0,
        flush_interval: config.spool.flush_interval.0,
        farewell_time: limits.shutdown_time.0 / FAREWELL_SHARE,
    }
}

/// Connections that the descriptors allow: each takes one for its socket and one for its dump.
fn capacity(max_connections: usize) -> io::Result<usize> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        },
    )?;
    let descriptors = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let possible = usize::try_from(descriptors.saturating_sub(DESCRIPTORS_KEPT_MAX) / 2).unwrap_or(usize::MAX);
    let capacity = max_connections.min(possible.max(CONNECTIONS_COUNT_MIN));
    if capacity < max_connections {
        log::warn!(
            "{descriptors} descriptors allow {capacity} connections, not {max_connections}; raise LimitNOFILE to {}",
            2 * max_connections as u64 + DESCRIPTORS_KEPT_MAX
        );
    } else {
        log::info!("up to {capacity} connections");
    }
    Ok(capacity)
}

/// Lets deliveries under way end. What is not delivered waits on disk for the next start.
fn end(config: &Config, delivery: &Delivery, sync: &Sync) {
    let begin = Instant::now();
    let waiting = delivery.stop(config.limits.shutdown_time.0);
    sync.stop();
    log::info!(
        "stopped after {:.1} s; {waiting} dumps wait on disk for the next start",
        begin.elapsed().as_secs_f64()
    );
}
