//! A secret that an operator put in the wrong place, or spelled so that it is taken apart, is printed by no command.
//!
//! Each case is run on the real binary with commands that read a configuration. What is planted is searched for in all
//! that they print, whole and in pieces. A command that refuses a configuration has asked no name server yet.
use support::Server;

use super::*;

/// Every piece of what is planted that would be worth something.
const PIECES: [&str; 6] = [
    "s3cr3tTail",
    "hunter2",
    "horse",
    "battery",
    "dGhpcyBpcyBh",
    "SGVsbG8gd29ybGQ",
];

const LOGIN: &str = "postgres://u:hunter2@db.example/d";
const RANDOM: &str = "dGhpcyBpcyBhIHNlY3JldCBvZiBtaW5l+/SGVsbG8gd29ybGQ=";

/// Variables that plant something, and are refused.
const REFUSED: [&[(&str, &str)]; 30] = [
    &[PG, (URL, "postgres://u:Pa@s3cr3tTail@127.0.0.1/db")],
    &[PG, (URL, "postgres://u:Pa@x/s3cr3tTail@127.0.0.1/db")],
    &[PG, (URL, "postgres://u:Pa@x,s3cr3tTail@127.0.0.1/db")],
    &[PG, (URL, "postgres://u:Pa?s3cr3tTail@127.0.0.1/db")],
    &[PG, (URL, "host=h;port=5432;database=d;password=hunter2")],
    &[PG, (URL, "Server=h;Password=hunter2")],
    &[PG, (URL, "DATABASE_URL=postgres://u:hunter2@h/d")],
    &[PG, (URL, "\"postgres://u:hunter2@h/d\"")],
    &[PG, (URL, "jdbc:postgresql://h/d?user=u&password=hunter2")],
    &[PG, (URL, "postgres://u:hunter2@h/d?pgbouncer=true")],
    &[PG, (URL, "postgres://u:hunter2@h/d\nhorse battery")],
    &[PG, ("RTCSTATS_DATABASE__POSTGRES__URL_FILE", LOGIN)],
    &[PG, ("RTCSTATS_DATABASE__POSTGRES__URL_FILE", RANDOM)],
    &[
        PG,
        (URL, "postgres://u@h/d"),
        ("RTCSTATS_DATABASE__POSTGRES__TABLE", LOGIN),
    ],
    &[
        PG,
        (URL, "postgres://u@h/d"),
        ("RTCSTATS_DATABASE__POSTGRES__SSLMODE", LOGIN),
    ],
    &[("RTCSTATS_DATABASE__BACKEND", LOGIN)],
    &[("RTCSTATS_STORAGE__BACKEND", LOGIN)],
    &[(
        "RTCSTATS_AUTHORIZATION__JWT_SECRET_FILE",
        "correct horse battery staple",
    )],
    &[("RTCSTATS_AUTHORIZATION__JWT_SECRET_FILE", RANDOM)],
    &[(
        "RTCSTATS_AUTHORIZATION__JWT_SECRET_FILE",
        "/dGhpcyBpcyBhIHNlY3JldCBvZiBtaW5lSGVsbG8gd29ybGQ=",
    )],
    &[S3, BUCKET, ID, ("RTCSTATS_STORAGE__S3__SECRET_ACCESS_KEY_FILE", RANDOM)],
    &[
        S3,
        BUCKET,
        ("RTCSTATS_STORAGE__S3__ENDPOINT", "https://u:hunter2@s3.example.org"),
    ],
    &[S3, ("RTCSTATS_STORAGE__S3__BUCKET", LOGIN)],
    &[("RTCSTATS_DATA_DIR", LOGIN)],
    &[("RTCSTATS_SERVER__LISTEN", LOGIN)],
    &[("RTCSTATS_SERVER__ALLOWED_ORIGINS", LOGIN)],
    &[("RTCSTATS_SERVER__TRUSTED_PROXIES", RANDOM)],
    &[("RTCSTATS_DELIVERY__WORKERS", RANDOM)],
    &[("RTCSTATS_LOG__LEVEL", LOGIN)],
    &[("RTCSTATS_STORAGE__DIRECTORY__KEY", LOGIN)],
];

/// Variables that do nothing as the configuration stands, so that only what is printed of them counts.
const IDLE: [(&str, &str); 4] = [
    ("RTCSTATS_DATABASE__POSTGRES__URL_FILE", LOGIN),
    ("RTCSTATS_STORAGE__S3__SECRET_ACCESS_KEY_FILE", RANDOM),
    ("RTCSTATS_STORAGE__S3__ENDPOINT", "https://u:hunter2@s3.example.org"),
    ("RTCSTATS_SERVER__HOST_IDENTIFIER", LOGIN),
];

const PG: (&str, &str) = ("RTCSTATS_DATABASE__BACKEND", "postgres");
const URL: &str = "RTCSTATS_DATABASE__POSTGRES__URL";
const S3: (&str, &str) = ("RTCSTATS_STORAGE__BACKEND", "s3");
const BUCKET: (&str, &str) = ("RTCSTATS_STORAGE__S3__BUCKET", "dumps");
const ID: (&str, &str) = ("RTCSTATS_STORAGE__S3__ACCESS_KEY_ID", "id");

const COMMANDS: [&[&str]; 8] = [
    &["serve"],
    &["check-config"],
    &["check-config", "--probe"],
    &["migrate"],
    &["find", "--user", "alice"],
    &["erase", "--user", "alice", "--yes"],
    &["spool", "list"],
    &["token"],
];

/// What a command prints, with the exit code. Nothing of what is planted is in it.
fn printed(server: &Server, command: &[&str]) -> (Option<i32>, String) {
    let output = server.run(command);
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let text = text.concat();
    for piece in PIECES {
        assert!(!text.contains(piece), "{command:?} prints {piece}: {text}");
    }
    (output.status.code(), text)
}

#[test]
fn no_command_prints_a_secret_that_is_in_the_wrong_place() {
    for (number, variables) in REFUSED.iter().enumerate() {
        let server = Server::prepare(variables);
        // Every command reads the configuration alike, so two commands a case go round all of them.
        for command in [
            COMMANDS[number % COMMANDS.len()],
            COMMANDS[(number + 3) % COMMANDS.len()],
        ] {
            let (code, text) = printed(&server, command);
            assert_eq!(code, Some(2), "{variables:?} {command:?}: {text}");
            let (name, _) = variables.last().expect("something is planted");
            assert!(text.contains(name), "the variable is named: {text}");
        }
    }
}

#[test]
fn what_is_in_force_is_printed_without_a_secret_in_the_wrong_place() {
    for variable in IDLE {
        let (code, text) = printed(&Server::prepare(&[variable]), &["check-config"]);
        assert!(code == Some(0) && text.contains("= \"***\""), "{text}");
    }
}

#[test]
fn a_file_of_the_configuration_is_quoted_no_further_than_a_variable() {
    for text in [
        format!("\"{LOGIN}\" = 1"),
        format!("[database]\n\"{LOGIN}\" = 1"),
        format!("[database]\nbackend = '{LOGIN}'"),
        format!("[server]\nlisten = ['{LOGIN}']"),
        format!("[server]\nallowed_origins = ['{RANDOM}']"),
        "[log]\nlevel = 'correct horse battery staple'".to_owned(),
        format!("[limits]\nidle_time = '{RANDOM}'"),
        format!("{LOGIN}\n"),
    ] {
        let told = error(&text);
        assert!(told.starts_with("config.toml:"), "{text}: {told}");
        for piece in PIECES {
            assert!(!told.contains(piece), "{text}: {told}");
        }
    }
}
