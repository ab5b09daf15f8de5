//! Whether the values fit together, and what an operator should be told about values that do.
//!
//! Never here: reading, defaults. All problems are reported at once, each with the place its value came from.
use std::path::Path;

use super::keys::Keys;
use super::sources::{Problem, Sources};
use super::tables::Config;
use crate::database::DatabaseBackend;
use crate::limits;
use crate::retention::RetentionOptions;
use crate::storage::{OnThisMachine, S3, StorageBackend};
use crate::unfit::{self, Unfit};

/// Everything that is wrong with the values: what the rooms say about their own, and what does not fit together.
pub fn problems(config: &Config, sources: &Sources) -> Vec<Problem> {
    let of_rooms = of_rooms(config).into_iter().flat_map(|(table, unfit)| {
        let whole = move |unfit: Unfit| (format!("{table}.{}", unfit.key), unfit.message);
        unfit.into_iter().map(whole)
    });
    let across = [data_dir(config), folders(config), sizes(config)];
    let across = across.into_iter().flatten().flatten();
    let across = across.map(|unfit| (unfit.key.to_string(), unfit.message));
    of_rooms
        .chain(across)
        .map(|(key, message)| sources.problem(&key, message))
        .collect()
}

/// Each table, with what a room says about its part of it.
fn of_rooms(config: &Config) -> [(&'static str, Vec<Unfit>); 9] {
    [
        ("server", config.server.reactor.unfit()),
        ("server", config.server.host.unfit()),
        ("limits", config.limits.connection.unfit()),
        ("limits", config.limits.sessions.unfit()),
        ("limits", config.limits.stop.unfit()),
        ("spool", config.spool.unfit()),
        ("delivery", config.delivery.unfit()),
        ("storage", config.storage.unfit()),
        ("database", config.database.unfit()),
    ]
}

fn data_dir(config: &Config) -> Vec<Option<Unfit>> {
    vec![unfit::path("data_dir", &config.data_dir)]
}

/// Folders in which files are removed by rules of their own.
fn folders(config: &Config) -> Vec<Option<Unfit>> {
    const OF_SPOOL: &str = "and spool.directory are the same or one in the other; give each its own";
    const OF_COPIES: &str = "is, holds or lies in data_dir/copies, which is for retention.keep_local; name another";
    let (spool, copies) = (config.spool_path(), config.copies_path());
    let mut rules = vec![unfit::unless(apart(&spool, &copies), "spool.directory", OF_COPIES)];
    for (key, dumps) in config.storage.folders(&config.data_dir) {
        rules.push(unfit::unless(apart(&spool, &dumps), key, OF_SPOOL));
        rules.push(unfit::unless(apart(&dumps, &copies), key, OF_COPIES));
    }
    rules
}

/// Neither path equals or contains the other, so that no removal in one folder affects the other.
fn apart(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (one, other) = (whole(one), whole(other));
    !one.starts_with(&other) && !other.starts_with(&one)
}

/// What all sessions together may take must be enough for one message.
fn sizes(config: &Config) -> Vec<Option<Unfit>> {
    let message = config.limits.connection.message_bytes;
    let sessions = &config.limits.sessions;
    vec![
        unfit::unless(
            sessions.dump_bytes >= message,
            "limits.dump_bytes",
            "must be at least limits.message_bytes, or one message would end its session",
        ),
        unfit::unless(
            sessions.partial_bytes >= message,
            "limits.partial_bytes",
            "must be at least limits.message_bytes, or no message of that length could arrive",
        ),
    ]
}

/// What works but is rarely intended.
pub fn warnings(config: &Config, keys: &Keys) -> Vec<String> {
    let exposed: Vec<String> = config
        .server
        .reactor
        .listen
        .iter()
        .filter(|address| !address.ip().to_canonical().is_loopback())
        .map(ToString::to_string)
        .collect();
    let mut warnings = Vec::new();
    if keys.verifier.is_open() && !exposed.is_empty() {
        warnings.push(format!(
            "Whoever reaches {} can send dumps: set authorization.jwt_secret, or listen on 127.0.0.1 only",
            exposed.join(", ")
        ));
    }
    if keys.weak {
        warnings.push(format!(
            "A secret of [authorization] is shorter than the {} bytes that RFC 7518 asks for: make one with openssl rand -base64 32",
            limits::SECRET_BYTES_ADVISED
        ));
    }
    if let Some(endpoint) = unencrypted(config) {
        warnings.push(format!(
            "Dumps travel to {endpoint} unencrypted: write https:// in storage.s3.endpoint"
        ));
    }
    if config.storage.backend == StorageBackend::S3 {
        warnings.extend(S3::doubt(&config.storage.s3));
    }
    for (off, key, what) in [
        (
            !config.privacy.mask.addresses,
            "mask_addresses",
            "IP addresses, tokens and other secrets",
        ),
        (!config.privacy.mask.device_labels, "mask_device_labels", "device names"),
    ] {
        if off {
            warnings.push(format!(
                "{what} are stored as they come, because privacy.{key} is false"
            ));
        }
    }
    if config.database.backend == DatabaseBackend::Sqlite && config.database.postgres.is_named() {
        warnings.push(
            "Rows go to SQLite although database.postgres names a server: set database.backend = \"postgres\""
                .to_string(),
        );
    }
    warnings.extend(idle_retention(config).map(str::to_string));
    warnings
}

/// Settings in `[retention]` that have no effect with this store.
fn idle_retention(config: &Config) -> Option<&'static str> {
    let RetentionOptions {
        max_age,
        max_bytes,
        keep_local,
    } = &config.retention;
    let copies = !keep_local.0.is_zero();
    match config.storage.on_this_machine() {
        OnThisMachine::Objects if copies => Some(
            "retention.keep_local is for dumps that go to a bucket: of those in the folder store no second copy is kept",
        ),
        OnThisMachine::Copies if !max_age.0.is_zero() => Some(
            "retention.max_age is for the folder store only: let the bucket's own rules remove old dumps, and see \
             retention.keep_local for copies on this machine",
        ),
        OnThisMachine::Copies if max_bytes.0 > 0 && !copies => Some(
            "retention.max_bytes is for what lies on this machine: let the bucket's own rules remove old dumps, or set \
             retention.keep_local",
        ),
        _ => None,
    }
}

/// The endpoint of the bucket in use, if it is reached without encryption and is not on this machine.
fn unencrypted(config: &Config) -> Option<&str> {
    let endpoint = config.storage.s3.endpoint.as_deref()?;
    let host = endpoint.strip_prefix("http://")?;
    let is_here = ["localhost", "127.", "[::1]"]
        .iter()
        .any(|local| host.starts_with(local));
    (config.storage.backend == StorageBackend::S3 && !is_here).then_some(endpoint)
}
