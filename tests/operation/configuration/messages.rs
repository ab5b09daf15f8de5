//! What an operator is told about a mistake: the place, the key, what is wrong and what to write instead.
use super::*;

#[test]
fn a_mistake_in_a_variable_names_it() {
    assert_eq!(
        error_of("RTCSTATS_SERVER__LISEN", "x"),
        "RTCSTATS_SERVER__LISEN: server.lisen: unknown key `lisen`, expected one of `listen`, `trusted_proxies`, \
         `allowed_origins`, `max_connections`, `host_identifier`"
    );
    assert!(
        error_of("RTCSTATS_SEVER__LISTEN", "x")
            .starts_with("RTCSTATS_SEVER__LISTEN: sever.listen: unknown key `sever`")
    );
    assert_eq!(
        error_of("RTCSTATS_DELIVERY__WORKERS", "many"),
        "RTCSTATS_DELIVERY__WORKERS: delivery.workers: \"many\" is no whole number"
    );
    assert_eq!(
        error_of("RTCSTATS_DELIVERY__WORKERS", "0"),
        "RTCSTATS_DELIVERY__WORKERS: delivery.workers: must be from 1 to 256"
    );
    assert_eq!(
        error_of("RTCSTATS_DATA_DIR", ""),
        "RTCSTATS_DATA_DIR: data_dir: is empty; name a path or leave the key out"
    );
    assert_eq!(
        error_of("RTCSTATS_STORAGE__DIRECTORY", "/mnt"),
        "RTCSTATS_STORAGE__DIRECTORY: storage.directory: must be a table, not a string"
    );
    let public_keys = error_of("RTCSTATS_AUTHORIZATION__PUBLIC_KEYS", "a.pem");
    assert!(
        public_keys.ends_with("authorization.public_keys: can be given in the file only"),
        "{public_keys}"
    );
    assert!(error_of("RTCSTATS___", "x").starts_with("RTCSTATS___: "));
}

#[test]
fn a_mistake_in_the_file_names_line_and_key() {
    for (text, expected) in [
        (
            "\n[log]\nlvl = 'info'",
            "config.toml:3: log.lvl: unknown key `lvl`, expected `level`",
        ),
        (
            "[server]\nlisten = '8080'",
            "config.toml:2: server.listen: \"8080\" is no address with a port; write it like \"[::]:8080\" (all, IPv4 \
             too) or \"127.0.0.1:8080\" (this machine only)",
        ),
        (
            "[server]\ntrusted_proxies = [\n  '10.0.0.0/8',\n  '10.1.2.3/8',\n]",
            "config.toml:4: server.trusted_proxies: \"10.1.2.3/8\" has bits set behind its prefix; write 10.0.0.0/8",
        ),
        (
            "[limits]\nidle_time = '1w'",
            "config.toml:2: limits.idle_time: \"1w\" is no duration; write it like \"500ms\", \"30s\", \"5min\", \"2h\" or \"1d\"",
        ),
        (
            "[limits]\nidle_time = true",
            "config.toml:2: limits.idle_time: must be a duration such as \"30s\", not a boolean",
        ),
        (
            "[limits]\nhead_bytes = -1",
            "config.toml:2: limits.head_bytes: \"-1\" is no size; write it like \"16KiB\", \"512MiB\" or \"2GiB\"",
        ),
        (
            "[server]\nmax_connections = -1",
            "config.toml:2: server.max_connections: must be a whole number, not negative",
        ),
        (
            "[server]\nmax_connections = 1.5",
            "config.toml:2: server.max_connections: must be a whole number, not a floating point",
        ),
        (
            "[privacy]\nmask_addresses = 'off'",
            "config.toml:2: privacy.mask_addresses: \"off\" is neither true nor false",
        ),
        (
            "[storage]\nbackend = 's4'",
            "config.toml:2: storage.backend: unknown value `s4`, expected `directory` or `s3`",
        ),
        (
            "[log]\nlevel = 'loud'",
            "config.toml:2: log.level: \"loud\" is no log level; write \"off\", \"error\", \"warn\", \"info\", \"debug\" or \"trace\"",
        ),
        (
            "[server]\nallowed_origins = ['*']",
            "config.toml:2: server.allowed_origins: \"*\" is no origin; leave the list empty to allow every page",
        ),
        (
            "[server]\nallowed_origins = ['https://a.example/']",
            "config.toml:2: server.allowed_origins: \"https://a.example/\" is no origin; write it as browsers send it, in small letters, without a path: \"https://example.org\"",
        ),
        (
            "[storage.directory]\nkey = '{date}.gz'",
            "config.toml:2: storage.directory.key: the last segment of the key template lacks {id}; end it for example with \"/{id}.jsonl.gz\"",
        ),
        (
            "server = 5",
            "config.toml:1: server: must be a table, such as [section] begins",
        ),
    ] {
        assert_eq!(error(text), expected);
    }
}

#[test]
fn a_mistake_about_rules_names_what_there_is() {
    for (text, expected) in [
        (
            "[findings]\noff = [\n  'gum.slow',\n  'net.rrt',\n]",
            "config.toml:4: findings.off: \"net.rrt\" is no rule, but net.rtt is one; rtcstats-server dump explain --list tells all",
        ),
        (
            "[findings]\nthresholds = ['net.rtt.wraning = 1']",
            "config.toml:2: findings.thresholds: \"wraning\" is no threshold of net.rtt, which has warning, critical, hold",
        ),
        (
            "[findings]\nthresholds = ['net.rtt.warning = soon']",
            "config.toml:2: findings.thresholds: \"soon\" is no number from 0 on; write it in the unit of docs/findings.md, without the unit",
        ),
    ] {
        assert_eq!(error(text), expected);
    }
}

#[test]
fn a_mistake_in_the_syntax_names_the_line() {
    for (text, place) in [
        ("a\n", "config.toml:1: "),
        ("\n\n[server\n", "config.toml:3: "),
        ("[log]\nlevel = 'info'\nlevel = 'warn'", "config.toml:3: "),
    ] {
        assert!(error(text).starts_with(place), "{}", error(text));
    }
}

#[test]
fn folders_that_are_emptied_by_rules_of_their_own_are_kept_apart() {
    for (text, key) in [
        (
            "[storage.directory]\npath = '.'",
            "storage.directory.path: and spool.directory",
        ),
        (
            "[storage.directory]\npath = 'spool/dumps'",
            "storage.directory.path: and spool.directory",
        ),
        (
            "[storage.directory]\npath = 'copies'",
            "storage.directory.path: is, holds or lies in data_dir/copies",
        ),
        (
            "[spool]\ndirectory = 'copies/spool'",
            "spool.directory: is, holds or lies in data_dir/copies",
        ),
    ] {
        let told = error(text);
        assert!(told.contains(key), "{text}: {told}");
    }
    let _ = load("[storage.directory]\npath = 'spool-of-dumps'", &[]);
}

#[test]
fn values_that_do_not_fit_together_are_told_all_at_once() {
    let text = "[limits]\nidle_time = '10s'\nhead_bytes = 1\nmessage_bytes = '1GiB'\n[delivery]\nworkers = 1000\n[spool]\ndirectory = 'dumps'\nsync_interval = '1h'";
    let told = error(text);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 7, "{told}");
    for start in [
        "defaults: storage.directory.path: and spool.directory are the same or one in the other",
        "config.toml:6: delivery.workers: must be from 1 to 256",
        "config.toml:9: spool.sync_interval: must be at most 60s",
        "config.toml:2: limits.idle_time: must be longer than limits.ping_interval",
        "config.toml:3: limits.head_bytes: must be at least 1KiB",
        "defaults: limits.dump_bytes: must be at least limits.message_bytes",
        "defaults: limits.partial_bytes: must be at least limits.message_bytes",
    ] {
        assert!(
            lines.iter().any(|line| line.starts_with(start)),
            "{start} is missing in {told}"
        );
    }
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let missing = tempfile::tempdir().unwrap().path().join("none.toml");
    let told = config::load(Some(&missing), []).unwrap_err().to_string();
    assert_eq!(
        told,
        format!(
            "{}: cannot be read: No such file or directory (os error 2)",
            missing.display()
        )
    );
}
