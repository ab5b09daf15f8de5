//! `[storage.s3]`: every problem is reported with its key, and no message shows the access keys.
use std::fs;

use rtcstats_server::redact::Secret;

use super::{SECRET, error, folder, load};

const S3: &str = "[storage]\nbackend = 's3'\n[storage.s3]\nbucket = 'dumps'\n";

#[test]
fn the_section_counts_only_where_the_bucket_is_used() {
    load("[storage.s3]\nbucket = 'a/b'\naccess_key_id = 'lonely'", &[]);
    let told = error("[storage]\nbackend = 's3'");
    assert_eq!(
        told,
        "defaults: storage.s3.bucket: is empty; name the bucket that dumps go to"
    );
    let store = load(S3, &[]).config.object_store().unwrap();
    assert!(
        store.describe().starts_with("bucket https://dumps.s3."),
        "{}",
        store.describe()
    );
    assert_eq!(store.synced_directory(), None);
}

#[test]
fn what_cannot_be_meant_is_told_at_its_line() {
    for (line, expected) in [
        (
            "endpoint = 's3.example.org'",
            "storage.s3.endpoint: is no address; write it like",
        ),
        ("region = 'Europe (Frankfurt)'", "storage.s3.region: is no region"),
        (
            "key = '{date}'",
            "storage.s3.key: the last segment of the key template lacks {id}",
        ),
        (
            "path_style = 'perhaps'",
            "storage.s3.path_style: \"perhaps\" is neither true nor false",
        ),
        (
            "access_key_id = 'a'",
            "storage.s3.access_key_id: is set without storage.s3.secret_access_key",
        ),
        (
            "secret_access_key = 'a'",
            "storage.s3.secret_access_key: is set without storage.s3.access_key_id",
        ),
        (
            "access_key_id = 'a b'",
            "storage.s3.access_key_id: is empty or has a blank",
        ),
        (
            "access_key_id_file = '/none'",
            "storage.s3.access_key_id_file: /none cannot be read",
        ),
        (
            "headers = { Host = 'a' }",
            "storage.s3.headers: has a name that the server sets itself",
        ),
        (
            "headers = { 'a b' = 'a' }",
            "storage.s3.headers: has a name that HTTP does not allow",
        ),
        ("headers = 'a: b'", "storage.s3.headers: must be a table"),
        ("heders = {}", "unknown key `heders`"),
    ] {
        let told = error(&format!("{S3}{line}"));
        assert!(
            told.starts_with("config.toml:5: ") && told.contains(expected),
            "{line}: {told}"
        );
    }
}

#[test]
fn keys_come_from_values_files_and_variables() {
    let place = folder("");
    let file = place.directory.path().join("secret");
    fs::write(&file, format!("{}\n", SECRET.replace(' ', "-"))).unwrap();
    let text = format!(
        "{S3}access_key_id = 'id'\nsecret_access_key_file = '{}'",
        file.display()
    );
    fs::write(&place.file, &text).unwrap();
    let loaded = place.load(&[]).unwrap();
    let pair = loaded.config.storage.s3.key_pair.clone().unwrap();
    assert_eq!(
        (pair.id, pair.secret),
        (Secret::new("id"), Secret::new(SECRET.replace(' ', "-")))
    );
    let printed = format!("{loaded:?} {}", loaded.to_toml());
    assert!(
        !printed.contains("horse") && printed.contains("access_key_id = \"***\""),
        "{printed}"
    );
    let both = place.error(&[("RTCSTATS_STORAGE__S3__SECRET_ACCESS_KEY", "a")]);
    assert!(
        both.contains("secret_access_key_file: is set beside storage.s3.secret_access_key"),
        "{both}"
    );
    let headers = load(S3, &[("RTCSTATS_STORAGE__S3__HEADERS__X-AMZ-STORAGE-CLASS", "GLACIER")]);
    let class = headers.config.storage.s3.headers.get("x-amz-storage-class");
    assert_eq!(class, Some(&Secret::new("GLACIER")));
}

#[test]
fn a_key_is_in_no_error_whatever_is_wrong_with_its_line() {
    for line in [
        format!("secret_access_key = '{SECRET}'"),
        format!("secret_access_key = ['{SECRET}']"),
        format!("secret_access_key = '{SECRET}' '{SECRET}'"),
        format!("headers = '{SECRET}'"),
        format!("headers = {{ a = ['{SECRET}'] }}"),
        format!("headers = {{ a = \"{SECRET}\\n{SECRET}\" }}"),
        format!("endpoint = 'https://user:{}@example.org'", SECRET.replace(' ', "-")),
    ] {
        let told = error(&format!("{S3}{line}"));
        assert!(
            !told.contains("horse") && told.contains("config.toml:5"),
            "{line}: {told}"
        );
    }
}

#[test]
fn dumps_in_the_clear_are_warned_of() {
    let warnings = |endpoint: &str| {
        let text = format!("server.listen = '127.0.0.1:1'\n{S3}endpoint = '{endpoint}'");
        load(&text, &[]).warnings
    };
    assert_eq!(
        warnings("http://s3.example.org"),
        ["Dumps travel to http://s3.example.org unencrypted: write https:// in storage.s3.endpoint"]
    );
    for endpoint in [
        "https://s3.example.org",
        "http://127.0.0.1:9000",
        "http://localhost",
        "http://[::1]:1",
    ] {
        assert_eq!(warnings(endpoint), Vec::<String>::new());
    }
}

#[test]
fn rules_that_this_store_does_not_follow_are_told() {
    let warnings = |text: &str| load(&format!("[server]\nlisten = ['127.0.0.1:0']\n{text}"), &[]).warnings;
    let none = Vec::<String>::new();
    let bucket = "[storage]\nbackend = 's3'\n[storage.s3]\nbucket = 'b'\n[retention]\n";
    for (rules, told) in [
        ("max_age = '1d'", "retention.max_age is for the folder store only"),
        (
            "max_bytes = '1GiB'",
            "retention.max_bytes is for what lies on this machine",
        ),
    ] {
        assert_eq!(warnings(&format!("[retention]\n{rules}")), none);
        let found = warnings(&format!("{bucket}{rules}"));
        assert!(found.len() == 1 && found[0].starts_with(told), "{found:?}");
    }
    let copies = "keep_local = '1d'\nmax_bytes = '1GiB'";
    assert_eq!(warnings(&format!("{bucket}{copies}")), none);
    let found = warnings(&format!("[retention]\n{copies}"));
    assert!(found.len() == 1 && found[0].starts_with("retention.keep_local is for dumps that go to a bucket"));
}
