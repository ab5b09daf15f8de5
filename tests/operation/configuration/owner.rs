//! Every command reads the files of the configuration as the user who serves, and names file and user.
use std::os::unix::fs::{PermissionsExt, chown};

use rustix::process::geteuid;
use support::Server;

use super::*;

/// Any user but root.
const SERVING: u32 = 1000;

/// A server whose data folder belongs to somebody else if this is root, a file that only root may read, and who would
/// read it.
fn forbidden(variables: &[(&str, &str)]) -> (Server, String, u32) {
    let server = Server::prepare(variables);
    let top = server.data().parent().expect("it lies in a folder").to_path_buf();
    fs::create_dir_all(server.data()).unwrap();
    let file = top.join("of-root");
    fs::write(&file, "postgres://u:hunter2@127.0.0.1:1/d\n").unwrap();
    let user = if geteuid().is_root() {
        fs::set_permissions(&top, fs::Permissions::from_mode(0o755)).unwrap();
        chown(server.data(), Some(SERVING), Some(SERVING)).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        SERVING
    } else {
        fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
        geteuid().as_raw()
    };
    (server, file.to_str().unwrap().to_owned(), user)
}

fn told(server: &Server, command: &[&str]) -> (Option<i32>, String) {
    let output = server.run(command);
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn a_file_that_the_server_cannot_read_is_told_by_every_command_that_needs_it() {
    let postgres = [
        ("RTCSTATS_DATABASE__BACKEND", "postgres"),
        (
            "RTCSTATS_DATABASE__POSTGRES__URL",
            "postgres://u:hunter2@127.0.0.1:1/d?sslmode=verify-full",
        ),
    ];
    for (variables, key, commands) in [
        (
            &[][..],
            "RTCSTATS_PRIVACY__GEOIP_DATABASE",
            &[&["check-config"][..], &["check-config", "--probe"], &["serve"]][..],
        ),
        (
            &postgres,
            "RTCSTATS_DATABASE__POSTGRES__SSL_ROOT_CERT",
            &[&["check-config"], &["migrate"]],
        ),
    ] {
        let (mut server, file, user) = forbidden(variables);
        server.set(key, &file);
        for command in commands {
            let (code, told) = told(&server, command);
            assert!(matches!(code, Some(1 | 2)), "{command:?}: {told}");
            let names = told.contains(&file) && told.contains(&format!("user {user}:"));
            assert!(names && told.contains("Permission denied"), "{command:?}: {told}");
        }
    }
}

#[test]
fn a_file_of_roots_that_is_none_is_told_before_anything_is_stored() {
    let (mut server, _, _) = forbidden(&[
        ("RTCSTATS_DATABASE__BACKEND", "postgres"),
        ("RTCSTATS_DATABASE__POSTGRES__URL", "postgres://u@127.0.0.1:1/d"),
    ]);
    for (path, expected) in [
        (
            "/nonexistent/ca.pem".to_owned(),
            "/nonexistent/ca.pem cannot be read by user ",
        ),
        (server.data().to_str().unwrap().to_owned(), " is a folder"),
        ("/dev/null".to_owned(), "/dev/null is a device"),
        (
            env!("CARGO_MANIFEST_DIR").to_owned() + "/Cargo.toml",
            "holds no root certificate",
        ),
    ] {
        // The last one lies where only its owner may look, perhaps.
        let expected = [expected, "Permission denied"];
        server.set("RTCSTATS_DATABASE__POSTGRES__SSL_ROOT_CERT", &path);
        let (code, told) = told(&server, &["check-config"]);
        let is_told = expected.iter().any(|expected| told.contains(expected));
        assert!(
            code == Some(2) && told.contains("database.postgres.ssl_root_cert: ") && is_told,
            "{told}"
        );
    }
}

#[test]
fn a_secret_that_only_root_can_read_is_used_and_warned_of() {
    let (mut server, file, user) = forbidden(&[("RTCSTATS_DATABASE__BACKEND", "postgres")]);
    server.set("RTCSTATS_DATABASE__POSTGRES__URL_FILE", &file);
    let (code, told) = told(&server, &["check-config"]);
    assert!(
        told.contains(&format!("{file} cannot be read by user {user}: ")),
        "{told}"
    );
    let is_root = geteuid().is_root();
    assert_eq!(code, Some(if is_root { 0 } else { 2 }), "{told}");
    assert!(
        !is_root || told.contains("a new password will not be noticed"),
        "{told}"
    );
}
