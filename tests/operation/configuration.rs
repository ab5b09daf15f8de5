//! The configuration from outside: layers, messages, secrets, and the shipped file compared with the code.
mod bucket;
mod doors;
mod keys;
mod leaks;
mod messages;
mod model;
mod owner;
mod postgres;
mod render;
pub mod rendered;
mod roads;
mod secrets;
mod source;

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use rtcstats_server::config::{self, Config, ConfigError, Loaded, Period, Size, Source};
use tempfile::TempDir;

const SHIPPED: &str = include_str!("../../rtcstats-server.toml");
const SECRET: &str = "correct horse battery staple and more";

/// A folder with a configuration file in it.
struct Folder {
    directory: TempDir,
    file: PathBuf,
}

fn folder(text: &str) -> Folder {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config.toml");
    fs::write(&file, text).unwrap();
    Folder { directory, file }
}

impl Folder {
    fn load(&self, environment: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
        config::load(Some(&self.file), variables(environment))
    }

    /// The error of `load`, without the folder's name.
    fn error(&self, environment: &[(&str, &str)]) -> String {
        let text = self.load(environment).map(|_| ()).unwrap_err().to_string();
        text.replace(&format!("{}/", self.directory.path().display()), "")
    }
}

fn variables(environment: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    environment
        .iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

fn load(text: &str, environment: &[(&str, &str)]) -> Loaded {
    folder(text).load(environment).unwrap()
}

fn error(text: &str) -> String {
    folder(text).error(&[])
}

fn error_of(name: &str, value: &str) -> String {
    folder("").error(&[(name, value)])
}

#[test]
fn an_empty_file_gives_the_defaults_the_issue_states() {
    let Config {
        data_dir,
        server,
        limits,
        spool,
        ..
    } = load("", &[]).config;
    assert_eq!(data_dir, PathBuf::from("data"));
    assert_eq!(server.reactor.listen, ["[::]:8080".parse().unwrap()]);
    assert_eq!(server.reactor.max_connections, 10_000);
    assert!(!server.host.host_identifier.is_empty(), "the host name stands in");
    assert_eq!(limits.connection.head_time, Period(Duration::from_secs(10)));
    assert_eq!(limits.connection.head_bytes, Size(16 << 10));
    assert_eq!(limits.connection.ping_interval, Period(Duration::from_secs(30)));
    assert_eq!(limits.connection.idle_time, Period(Duration::from_secs(90)));
    assert_eq!(limits.connection.close_time, Period(Duration::from_secs(5)));
    assert_eq!(limits.connection.message_bytes, Size(4 << 20));
    assert_eq!(limits.sessions.dump_bytes, Size(512 << 20));
    assert_eq!(limits.sessions.partial_bytes, Size(64 << 20));
    assert_eq!(spool.min_free, Size(512 << 20));
    assert_eq!(spool.flush_interval, Period(Duration::ZERO));
}

#[test]
fn paths_lie_under_the_data_folder_unless_they_are_absolute() {
    let config = load("data_dir = '/srv/rtc'\n[storage.directory]\npath = '/mnt/dumps'", &[]).config;
    assert_eq!(config.spool_path(), PathBuf::from("/srv/rtc/spool"));
    assert_eq!(config.dumps_path(), PathBuf::from("/mnt/dumps"));
    assert_eq!(config.catalog_path(), PathBuf::from("/srv/rtc/catalog.db"));
}

/// Takes the comment sign from every line that shows a default.
fn uncommented() -> String {
    let shows_default =
        |line: &str| line.starts_with('#') && line.as_bytes().get(1).is_some_and(u8::is_ascii_lowercase);
    SHIPPED
        .lines()
        .map(|line| if shows_default(line) { &line[1..] } else { line })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_shipped_file_says_nothing_but_the_defaults() {
    let defaults = load("", &[]).config;
    assert_eq!(load(SHIPPED, &[]).config, defaults);
    assert_eq!(load(&uncommented(), &[]).config, defaults);
    assert!(uncommented().matches(" = ").count() > 25, "the lines were found");
}

#[test]
fn the_shipped_file_explains_every_key_of_the_code() {
    let examples = SHIPPED
        .lines()
        .map(|line| line.strip_prefix("# ").or(line.strip_prefix('#')).unwrap_or(line));
    let mut explained = Vec::new();
    let mut table = String::new();
    for line in examples {
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            table = format!("{}.", header.trim_matches(['[', ']']));
        } else if let Some((key, _)) = line.split_once(" = ")
            && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        {
            explained.push(format!("{table}{key}"));
        }
    }
    // When serde meets a key that a table does not have, its error lists the keys that the table has.
    let tables = [
        "server",
        "limits",
        "authorization",
        "privacy",
        "spool",
        "features",
        "findings",
        "delivery",
        "storage",
        "storage.directory",
        "storage.s3",
        "database",
        "database.sqlite",
        "database.postgres",
        "retention",
        "log",
    ];
    let mut known = keys_in(&error("unheard_of = 1"));
    known.retain(|key| !tables.contains(&key.as_str()));
    for table in tables {
        let keys = keys_in(&error(&format!("[{table}]\nunheard_of = 1")));
        known.extend(
            keys.iter()
                .map(|key| format!("{table}.{key}"))
                .filter(|key| !tables.contains(&key.as_str())),
        );
    }
    known.retain(|key| key != "authorization.public_keys");
    let keys = keys_in(&error("[[authorization.public_keys]]\nunheard_of = 1"));
    known.extend(keys.iter().map(|key| format!("authorization.public_keys.{key}")));
    known.sort();
    explained.sort();
    assert_eq!(explained, known);
}

/// The names between grave accents after "expected".
fn keys_in(error: &str) -> Vec<String> {
    let (_, expected) = error
        .split_once("expected")
        .unwrap_or_else(|| panic!("no list of keys: {error}"));
    expected.split('`').skip(1).step_by(2).map(str::to_string).collect()
}

#[test]
fn the_environment_comes_before_the_file() {
    let text = "[server]\nlisten = ['127.0.0.1:1']\nmax_connections = 5\n[log]\nlevel = 'debug'";
    let loaded = load(
        text,
        &[
            ("RTCSTATS_SERVER__LISTEN", "127.0.0.1:2, [::1]:3"),
            ("RTCSTATS_STORAGE__DIRECTORY__PATH", "/mnt"),
            ("RTCSTATS_DATA_DIR", "/srv"),
            ("RTCSTATS_PRIVACY__MASK_ADDRESSES", "false"),
            ("RTCSTATS_DELIVERY__WORKERS", "7"),
            ("RTCSTATS_LIMITS__IDLE_TIME", "120"),
            ("RTCSTATS_SPOOL__MIN_FREE", "1GiB"),
        ],
    );
    let config = &loaded.config;
    assert_eq!(
        config.server.reactor.listen,
        ["127.0.0.1:2".parse().unwrap(), "[::1]:3".parse().unwrap()]
    );
    assert_eq!(config.server.reactor.max_connections, 5);
    assert_eq!(config.dumps_path(), PathBuf::from("/mnt"));
    assert_eq!(config.spool_path(), PathBuf::from("/srv/spool"));
    assert!(!config.privacy.mask.addresses);
    assert_eq!(config.delivery.workers, 7);
    assert_eq!(config.limits.connection.idle_time, Period(Duration::from_secs(120)));
    assert_eq!(config.spool.min_free, Size(1 << 30));
    assert_eq!(
        loaded.sources.of("server.listen"),
        Some(&Source::Environment("RTCSTATS_SERVER__LISTEN".into()))
    );
    assert_eq!(loaded.sources.of("log.level"), Some(&Source::File(5)));
    assert_eq!(loaded.sources.of("log"), Some(&Source::File(4)));
    assert_eq!(loaded.sources.of("limits.head_time"), None);
}

#[test]
fn an_empty_variable_takes_back_only_what_protects_nothing() {
    let text = "[server]\nallowed_origins = ['https://a.example']\n[privacy]\ngeoip_database = '/geo.mmdb'";
    let empty = [("RTCSTATS_PRIVACY__GEOIP_DATABASE", "")];
    assert_eq!(load(text, &empty).config.privacy.geo.geoip_database, None);
    for written in ["none", "[]", " none "] {
        let config = load(text, &[("RTCSTATS_SERVER__ALLOWED_ORIGINS", written)]).config;
        assert_eq!(config.server.connection.allowed_origins, Vec::<String>::new());
    }
}

#[test]
fn names_that_orchestrators_set_are_not_ours() {
    let theirs = [
        ("RTCSTATS_SERVER_PORT", "tcp://10.0.0.1:8080"),
        ("RTCSTATS_SERVER_SERVICE_HOST", "10.0.0.1"),
        ("RTCSTATS_PORT_8080_TCP", "x"),
        ("RTCSTATS", "x"),
        ("rtcstats_server__listen", "x"),
        ("MY_RTCSTATS_SERVER__LISTEN", "x"),
    ];
    assert_eq!(load("", &theirs).config, load("", &[]).config);
    let told = load("", &theirs[..4]).warnings;
    assert_eq!(told, load("", &[]).warnings, "and are not warned of");
}

#[test]
fn what_is_in_force_is_printed_with_its_origin_and_is_toml() {
    let text = "data_dir = '/srv'\n[server]\nlisten = ['127.0.0.1:1', '[::1]:2']";
    let printed = load(text, &[("RTCSTATS_LOG__LEVEL", "warn")]).to_toml();
    for line in [
        "data_dir = \"/srv\"  # line 1",
        "listen = [\"127.0.0.1:1\", \"[::1]:2\"]  # line 3",
        "level = \"warn\"  # RTCSTATS_LOG__LEVEL",
        "idle_time = \"90s\"",
        "min_free = \"512MiB\"",
        "[storage.directory]",
    ] {
        assert!(
            printed.lines().any(|printed| printed == line),
            "{line} is missing in\n{printed}"
        );
    }
    let again = load(&printed, &[]).config;
    assert_eq!(again, load(text, &[("RTCSTATS_LOG__LEVEL", "warn")]).config);
    let defaults = load("", &[]).to_toml();
    assert!(
        !defaults.lines().skip(1).any(|line| line.contains(" # ")),
        "defaults have no origin: {defaults}"
    );
}

#[test]
fn what_is_rarely_meant_is_warned_of() {
    let warnings = |text: &str| load(text, &[]).warnings;
    let open = "Whoever reaches [::]:8080 can send dumps: set authorization.jwt_secret, or listen on 127.0.0.1 only";
    assert_eq!(warnings(""), [open]);
    assert_eq!(
        warnings("[server]\nlisten = '127.0.0.1:1, [::1]:1, [::ffff:127.0.0.1]:1'"),
        Vec::<String>::new()
    );
    assert_eq!(warnings("[server]\nlisten = '127.0.0.1:1, 0.0.0.0:1'").len(), 1);
    assert_eq!(
        warnings(&format!("[authorization]\njwt_secret = '{SECRET}'")),
        Vec::<String>::new()
    );
    assert_eq!(warnings("[authorization]\njwt_secret = 'twelve bytes'").len(), 1);
    let masks = warnings("[privacy]\nmask_addresses = false\nmask_device_labels = false");
    assert_eq!(
        masks[1],
        "IP addresses, tokens and other secrets are stored as they come, because privacy.mask_addresses is false"
    );
    assert_eq!(
        masks[2],
        "device names are stored as they come, because privacy.mask_device_labels is false"
    );
}
