//! Whether the values fit together, and what an operator should be told of ones that do.
//!
//! Never here: reading, defaults. Every problem is told at once, each at the place its value came from.
use super::keys::Keys;
use super::sources::{Problem, Sources};
use super::tables::Config;
use crate::database::DatabaseBackend;
use crate::delivery::RetentionOptions;
use crate::limits;
use crate::storage::{KeyTemplate, StorageBackend};
use crate::units::Size;
use std::path::Path;
use std::time::Duration;

/// Everything that is wrong with the values.
pub fn problems(config: &Config, sources: &Sources) -> Vec<Problem> {
    let rules = paths(config)
        .into_iter()
        .chain(server(config))
        .chain(times(config))
        .chain(sizes(config));
    rules
        .filter(|rule| !rule.1)
        .map(|(key, _, message)| sources.problem(key, message))
        .collect()
}

/// Key, whether its value is good, what to say if not.
type Rule = (&'static str, bool, String);

fn rule(key: &'static str, good: bool, message: &str) -> Rule {
    (key, good, message.to_string())
}

fn paths(config: &Config) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (key, path) in [
        ("data_dir", &config.data_dir),
        ("spool.directory", &config.spool.directory),
        ("storage.directory.path", &config.storage.directory.path),
        ("database.sqlite.path", &config.database.sqlite.path),
    ] {
        rules.push(rule(
            key,
            !path.as_os_str().is_empty(),
            "is empty; name a path or leave the key out",
        ));
    }
    for (key, template) in [
        ("storage.directory.key", &config.storage.directory.key),
        ("storage.s3.key", &config.storage.s3.key),
    ] {
        if let Err(error) = KeyTemplate::parse(template) {
            rules.push((key, false, error.to_string()));
        }
    }
    let (spool, dumps, copies) = (config.spool_path(), config.dumps_path(), config.copies_path());
    for (key, good, message) in [
        (
            "storage.directory.path",
            apart(&spool, &dumps),
            "and spool.directory are the same or one in the other; give each its own",
        ),
        ("spool.directory", apart(&spool, &copies), OF_COPIES),
        ("storage.directory.path", apart(&dumps, &copies), OF_COPIES),
    ] {
        rules.push(rule(key, good, message));
    }
    rules
}

const OF_COPIES: &str = "is, holds or lies in data_dir/copies, which is for retention.keep_local; name another";

/// Neither is the other or lies in it, so that what is removed in one is nothing of the other's.
fn apart(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (one, other) = (whole(one), whole(other));
    !one.starts_with(&other) && !other.starts_with(&one)
}

fn server(config: &Config) -> Vec<Rule> {
    let host = &config.server.host.host_identifier;
    vec![
        rule(
            "server.listen",
            !config.server.reactor.listen.is_empty(),
            "is empty; list an address, such as \"[::]:8080\"",
        ),
        rule(
            "server.max_connections",
            config.server.reactor.max_connections > 0,
            "must be at least 1",
        ),
        rule(
            "server.host_identifier",
            host.len() <= limits::CLAIM_BYTES_MAX && !host.contains(char::is_control),
            "must be one line of at most 256 bytes",
        ),
        between(
            "delivery.workers",
            config.delivery.workers,
            1,
            limits::WORKERS_COUNT_MAX,
        ),
        between(
            "limits.reads_per_turn",
            config.limits.sessions.reads_per_turn,
            1,
            limits::READS_PER_TURN_MAX,
        ),
    ]
}

fn between(key: &'static str, value: usize, least: usize, most: usize) -> Rule {
    (
        key,
        (least..=most).contains(&value),
        format!("must be from {least} to {most}"),
    )
}

fn times(config: &Config) -> Vec<Rule> {
    let limits = &config.limits;
    let mut rules: Vec<Rule> = [
        ("limits.head_time", limits.connection.head_time),
        ("limits.ping_interval", limits.connection.ping_interval),
        ("limits.idle_time", limits.connection.idle_time),
        ("limits.close_time", limits.connection.close_time),
        ("limits.shutdown_time", limits.stop.shutdown_time),
        ("spool.sync_interval", config.spool.sync_interval),
    ]
    .into_iter()
    .map(|(key, period)| rule(key, period.0 > Duration::ZERO, "must be longer than 0"))
    .collect();
    rules.push(rule(
        "limits.idle_time",
        limits.connection.idle_time > limits.connection.ping_interval,
        "must be longer than limits.ping_interval, or every quiet session is ended before its pong",
    ));
    rules.push((
        "spool.flush_interval",
        config.spool.flush_interval.0 <= limits::FLUSH_INTERVAL_MAX,
        format!("must be at most {}s", limits::FLUSH_INTERVAL_MAX.as_secs()),
    ));
    rules.push((
        "spool.sync_interval",
        config.spool.sync_interval.0 <= limits::SYNC_INTERVAL_MAX,
        format!("must be at most {}s", limits::SYNC_INTERVAL_MAX.as_secs()),
    ));
    rules
}

fn sizes(config: &Config) -> Vec<Rule> {
    let limits = &config.limits;
    let most = |key, size: Size, most: usize| {
        (
            key,
            size.0 <= most as u64,
            format!("must be at most {}", Size(most as u64)),
        )
    };
    vec![
        rule(
            "limits.head_bytes",
            limits.connection.head_bytes >= Size(1024),
            "must be at least 1KiB",
        ),
        most(
            "limits.head_bytes",
            limits.connection.head_bytes,
            limits::HEAD_BYTES_MAX,
        ),
        rule(
            "limits.message_bytes",
            limits.connection.message_bytes >= Size(1024),
            "must be at least 1KiB",
        ),
        most(
            "limits.message_bytes",
            limits.connection.message_bytes,
            limits::MESSAGE_BYTES_MAX,
        ),
        rule(
            "limits.dump_bytes",
            limits.sessions.dump_bytes >= limits.connection.message_bytes,
            "must be at least limits.message_bytes, or one message would end its session",
        ),
        rule(
            "limits.partial_bytes",
            limits.sessions.partial_bytes >= limits.connection.message_bytes,
            "must be at least limits.message_bytes, or no message of that length could arrive",
        ),
    ]
}

/// What works and is rarely meant.
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
    for (off, key, what) in [
        (!config.privacy.mask.addresses, "mask_addresses", "IP addresses"),
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

/// What is said in `[retention]` and cannot be meant with this store.
fn idle_retention(config: &Config) -> Option<&'static str> {
    let RetentionOptions {
        max_age,
        max_bytes,
        keep_local,
    } = &config.retention;
    let copies = !keep_local.0.is_zero();
    match config.storage.backend {
        StorageBackend::Directory if copies => Some(
            "retention.keep_local is for dumps that go to a bucket: of those in the folder store no second copy is kept",
        ),
        StorageBackend::S3 if !max_age.0.is_zero() => Some(
            "retention.max_age is for the folder store only: let the bucket's own rules remove old dumps, and see \
             retention.keep_local for copies on this machine",
        ),
        StorageBackend::S3 if max_bytes.0 > 0 && !copies => Some(
            "retention.max_bytes is for what lies on this machine: let the bucket's own rules remove old dumps, or set \
             retention.keep_local",
        ),
        _ => None,
    }
}

/// The endpoint of the bucket in use, if it is asked in the clear and not on this machine.
fn unencrypted(config: &Config) -> Option<&str> {
    let endpoint = config.storage.s3.endpoint.as_deref()?;
    let host = endpoint.strip_prefix("http://")?;
    let is_here = ["localhost", "127.", "[::1]"]
        .iter()
        .any(|local| host.starts_with(local));
    (config.storage.backend == StorageBackend::S3 && !is_here).then_some(endpoint)
}
