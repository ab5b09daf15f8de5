//! `serve`: connects the rooms, listens, recovers while serving, and stops in order.
//!
//! What sessions depend on is found before READY is sent: a spool that cannot be written, an address that is taken.
//! Store and database are tried beside serving (`trials`). After READY nothing here can fail.
mod backstop;
mod ending;
mod trials;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::failure::Failure;
use super::{logging, owner};
use crate::config::{Config, Loaded};
use crate::delivery::{self, Delivery, Pace, Removals};
use crate::geo::{Geo, GeoError};
use crate::limits::{CONNECTIONS_COUNT_MIN, DESCRIPTORS_KEPT_MAX, FAREWELL_SHARE};
use crate::reactor::{self, BindError, Parts, Reactor};
use crate::sessions::{self, Engine, Role};
use crate::spool::{Id, Kind, PackOptions, Place, Sync};
use crate::storage::{KeyError, Local};
use crate::systemd;
use backstop::Backstop;
use ending::end;

/// Why the server did not start. The operator can solve all of them; each says what, where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("the spool {} cannot be used: {source}; make it writable or change spool.directory", path.display())]
    Spool { path: PathBuf, source: io::Error },
    #[error("{}: {source}; the server cannot become the owner of this folder", path.display())]
    Owner { path: PathBuf, source: io::Error },
    #[error("storage.directory.key: {0}")]
    Key(#[from] KeyError),
    #[error("privacy.geoip_database: {0}")]
    Geo(#[from] GeoError),
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error("the system refuses what a server needs: {0}")]
    System(#[from] io::Error),
}

impl From<ServeError> for Failure {
    /// What is caused by the configuration is reported like any other mistake in it.
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Key(_) | ServeError::Geo(_) => Failure::Usage(error.to_string()),
            _ => Failure::Runtime(error.to_string()),
        }
    }
}

/// What comes before any file is opened: the owner of future files is settled, the operator is warned.
fn begin(loaded: &Loaded) -> Result<(), ServeError> {
    let data = &loaded.config.data_dir;
    let owner = owner::become_owner(data).map_err(|source| ServeError::Owner {
        path: data.clone(),
        source,
    })?;
    if let Some(user) = owner {
        log::info!("running as user {user}, the owner of {}", data.display());
    }
    match loaded.sources.file() {
        Some(file) => log::info!("configured by {}", file.display()),
        None => log::info!("no configuration file was found: the defaults and the environment hold"),
    }
    for warning in &loaded.warnings {
        log::warn!("{warning}");
    }
    Ok(())
}

/// Serves until a signal ends it. To be called while the process has one thread (see `owner`).
///
/// # Errors
/// What prevents it from starting; see `ServeError`.
pub fn run(loaded: Loaded) -> Result<(), ServeError> {
    logging::start(loaded.config.log.level).map_err(io::Error::other)?;
    // Before this process becomes the owner of the folder: ports below 1024 are for root.
    let bound = reactor::bind(&loaded.config.server.reactor.listen)?;
    begin(&loaded)?;
    let Loaded { config, keys, .. } = loaded;
    let config = Arc::new(config);
    let spool = open_spool(&config)?;
    let storage = config.object_store()?;
    let database = Arc::new(config.row_store()?);
    trials::begin(&config, &storage, &database)?;
    let disks = [storage.synced_directory(), database.synced_directory()]
        .into_iter()
        .flatten()
        .map(Path::to_owned);
    let removals = Removals::default();
    let (sync, syncing) = Sync::start(
        config.spool.sync_interval.0,
        &spool.place,
        &disks.collect::<Vec<_>>(),
        removals.report(),
    )?;
    let pack = pack_options(&config)?;
    let listeners = reactor::listen(bound, Role::Sessions)?;
    let addresses: Vec<String> = listeners
        .iter()
        .filter_map(|listener| Some(format!("ws://{}", listener.address().ok()?)))
        .collect();
    let (goes_to, recorded_in) = (storage.describe(), database.describe());
    let retention = config.retention();
    if retention.is_off() && matches!(storage.local(), Some(Local::Objects(_))) {
        log::info!("dumps are kept for ever, so that the disk of {goes_to} fills up: see [retention]");
    }
    let delivery = Arc::new(Delivery::start(delivery::Options {
        workers: config.delivery.workers,
        place: Arc::clone(&spool.place),
        orphans: spool.orphans,
        pack,
        storage,
        database,
        sync: sync.clone(),
        removals,
        pace: Pace::default(),
        retention,
    })?);
    let options = session_options(&config, keys.verifier, capacity(config.server.reactor.max_connections)?);
    let mut reactor = Reactor::new(Parts {
        listeners,
        engine: Engine::new(options, spool.place, sync.clone(), Instant::now()),
        sync: sync.clone(),
        delivery: Arc::clone(&delivery),
    })?;
    log::info!(
        "listening on {}; dumps go to {goes_to}, rows to {recorded_in}",
        addresses.join(", ")
    );
    systemd::notify_ready();
    let backstop = Backstop::start(config.limits.stop.shutdown_time.0)?;
    let served = reactor.run();
    backstop.sessions_are_sealed();
    let begin = reactor.stopping_since().unwrap_or_else(Instant::now);
    drop(reactor);
    end(begin, config.limits.stop.shutdown_time.0, &delivery, &sync, &syncing);
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
        let orphans = place.ids(Kind::Recording)?.collect::<io::Result<_>>()?;
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

fn pack_options(config: &Config) -> Result<PackOptions, ServeError> {
    let database = config.privacy.geo.geoip_database.as_deref();
    let geo = database.map(Geo::open).transpose()?;
    if let Some(flaw) = geo.as_ref().and_then(Geo::flaw) {
        log::warn!("{flaw}");
    }
    Ok(PackOptions {
        rules: config.privacy.mask,
        geo,
        key: config.storage.key_template()?,
        features: config.features,
        findings: config.examination(),
    })
}

fn session_options(config: &Config, verifier: crate::auth::Verifier, capacity: usize) -> sessions::Options {
    sessions::Options {
        policy: config.policy(verifier),
        host: config.server.host.clone(),
        limits: config.limits.sessions.clone(),
        spool: config.spool.clone(),
        capacity,
        farewell_time: farewell_time(config),
    }
}

/// How long peers may take to answer the close frame. The rest of the shutdown time is for workers.
fn farewell_time(config: &Config) -> Duration {
    config.limits.stop.shutdown_time.0 / FAREWELL_SHARE
}

/// The number of connections that the descriptors allow: each needs one for its socket and one for its dump.
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
