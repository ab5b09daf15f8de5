//! A secret is read alike by whichever road it comes: a variable, the configuration file, a list, a file of its own.
use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::*;

/// A secret that is good on every road, also as an S3 key and as a part of a connection string.
const KEY: &str = "correct-horse-battery-staple-and-more";

/// What editors, shells and other programs' readers add. It is no part of the secret.
const TAKEN: [(&str, &str, &str); 8] = [
    ("as it is", "", ""),
    ("a line end", "", "\n"),
    ("a Windows line end", "", "\r\n"),
    ("several line ends", "\n", "\n\n"),
    ("a byte order mark", "\u{feff}", ""),
    ("a byte order mark and a line end", "\u{feff}", "\n"),
    ("blanks", " ", " "),
    ("a tab at the end", "", "\t\n"),
];

/// What is refused, with the word that is told.
const REFUSED: [(&str, &str, &str, &str); 12] = [
    ("quotes", "\"", "\"", "stands in quotes"),
    ("single quotes", "'", "'", "stands in quotes"),
    ("quotes and a line end", "'", "'\n", "stands in quotes"),
    ("typographic quotes", "“", "”", "stands in quotes"),
    ("grave accents", "`", "`", "stands in quotes"),
    ("two lines", "", "\nand another line", "more than one line"),
    ("an old line end inside", "", "\rand another line", "more than one line"),
    ("a control character", "", "\u{1b}x", "cannot be seen"),
    ("a mark of no width", "", "\u{200b}x", "cannot be seen"),
    ("a list in brackets", "[", "]", "is a list in brackets"),
    ("a line of an env file", "JWT_SECRET=", "", "like a line of an env file"),
    (
        "a line of a shell",
        "export AWS_SECRET_ACCESS_KEY=",
        "",
        "like a line of an env file",
    ),
];

/// One way for a secret into the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Road {
    Variable,
    ConfigurationFile,
    List,
    OwnFile,
    S3Variable,
    S3File,
    UrlFile,
    UrlVariable,
}

const ROADS: [Road; 8] = [
    Road::Variable,
    Road::ConfigurationFile,
    Road::List,
    Road::OwnFile,
    Road::S3Variable,
    Road::S3File,
    Road::UrlFile,
    Road::UrlVariable,
];

const URL: &str = "host=h user=u password=correct-horse-battery-staple-and-more";

impl Road {
    fn secret(self) -> &'static str {
        match self {
            Road::UrlFile | Road::UrlVariable => URL,
            _ => KEY,
        }
    }

    /// The secret that arrives, or the error.
    fn send(self, text: &[u8]) -> Result<String, String> {
        let place = folder("");
        let own = place.directory.path().join("own");
        fs::write(&own, text).unwrap();
        let own = own.to_str().unwrap();
        let spelled = String::from_utf8_lossy(text).into_owned();
        let s3 = [
            ("RTCSTATS_STORAGE__BACKEND", "s3"),
            ("RTCSTATS_STORAGE__S3__BUCKET", "dumps"),
            ("RTCSTATS_STORAGE__S3__ACCESS_KEY_ID", "id"),
        ];
        let postgres = ("RTCSTATS_DATABASE__BACKEND", "postgres");
        let list = format!("another secret of length, {spelled} ,a third secret of length");
        let (variables, name, value) = match self {
            Road::ConfigurationFile => {
                let text = toml::Value::String(spelled.clone()).to_string();
                fs::write(&place.file, format!("[authorization]\njwt_secret = {text}\n")).unwrap();
                (Vec::new(), "UNUSED", "")
            }
            Road::Variable => (Vec::new(), "RTCSTATS_AUTHORIZATION__JWT_SECRET", spelled.as_str()),
            Road::List => (Vec::new(), "RTCSTATS_AUTHORIZATION__JWT_SECRETS", list.as_str()),
            Road::OwnFile => (Vec::new(), "RTCSTATS_AUTHORIZATION__JWT_SECRET_FILE", own),
            Road::S3Variable => (s3.to_vec(), "RTCSTATS_STORAGE__S3__SECRET_ACCESS_KEY", spelled.as_str()),
            Road::S3File => (s3.to_vec(), "RTCSTATS_STORAGE__S3__SECRET_ACCESS_KEY_FILE", own),
            Road::UrlVariable => (vec![postgres], "RTCSTATS_DATABASE__POSTGRES__URL", spelled.as_str()),
            Road::UrlFile => (vec![postgres], "RTCSTATS_DATABASE__POSTGRES__URL_FILE", own),
        };
        let variables: Vec<_> = variables.into_iter().chain([(name, value)]).collect();
        let loaded = place.load(&variables).map_err(|error| error.to_string())?;
        let config = loaded.config;
        let arrived = match self {
            Road::S3Variable | Road::S3File => config.storage.s3.key_pair.map(|pair| pair.secret),
            Road::UrlVariable | Road::UrlFile => config.database.postgres.url,
            Road::List => config.authorization.jwt_secrets.map(|list| list[1].clone()),
            _ => loaded.keys.signing,
        };
        Ok(arrived.expect("a secret was given").expose().to_owned())
    }
}

#[test]
fn what_is_added_around_a_secret_is_no_part_of_it_on_any_road() {
    for road in ROADS {
        for (what, before, after) in TAKEN {
            let spelled = format!("{before}{}{after}", road.secret());
            assert_eq!(
                road.send(spelled.as_bytes()),
                Ok(road.secret().to_owned()),
                "{road:?}: {what}"
            );
        }
    }
}

#[test]
fn everything_else_is_refused_by_name_on_every_road() {
    for road in ROADS {
        for (what, before, after, told) in REFUSED {
            let spelled = format!("{before}{}{after}", road.secret());
            let error = road.send(spelled.as_bytes()).expect_err(what);
            assert!(error.contains(told), "{road:?}: {what}: {error}");
            assert!(
                !error.contains("horse") && !error.contains("another line"),
                "{road:?}: {what}: {error}"
            );
            let key = match road {
                Road::Variable | Road::ConfigurationFile => "authorization.jwt_secret: ",
                Road::List => "authorization.jwt_secrets: ",
                Road::OwnFile => "authorization.jwt_secret_file: ",
                Road::S3Variable => "storage.s3.secret_access_key: ",
                Road::S3File => "storage.s3.secret_access_key_file: ",
                Road::UrlVariable => "database.postgres.url: ",
                Road::UrlFile => "database.postgres.url_file: ",
            };
            assert!(error.contains(key), "{road:?}: {what}: {error}");
        }
    }
}

#[test]
fn other_encodings_are_refused_by_the_file_and_the_key() {
    let wide = |text: &str, mark: &[u8]| {
        [
            mark,
            &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
        ]
        .concat()
    };
    for road in [Road::OwnFile, Road::S3File, Road::UrlFile] {
        for (bytes, told) in [
            (wide(road.secret(), b"\xff\xfe"), "/own is UTF-16"),
            (wide(road.secret(), b""), "/own is UTF-16"),
            ([road.secret().as_bytes(), b"\xe4"].concat(), "/own is not UTF-8"),
            (vec![b'a'; 2 << 20], "/own is longer than"),
        ] {
            let error = road.send(&bytes).expect_err(told);
            assert!(error.contains(told), "{road:?}: {error}");
        }
    }
    let place = folder("");
    fs::write(&place.file, wide("[log]\n", b"\xff\xfe")).unwrap();
    assert!(place.error(&[]).contains("it is UTF-16"), "{}", place.error(&[]));
    fs::write(&place.file, "\u{feff}[log]\nlevel = 'warn'\n").unwrap();
    assert_eq!(place.load(&[]).unwrap().config.log.level.as_str(), "WARN");
}

#[test]
fn what_is_no_regular_file_is_refused_and_not_waited_for() {
    let place = folder("");
    let pipe = place.directory.path().join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR, 0).unwrap();
    let s3 = "[storage]\nbackend = 's3'\n[storage.s3]\nbucket = 'dumps'\n";
    let postgres = "[database]\nbackend = 'postgres'\n[database.postgres]\n";
    for (path, told) in [
        (pipe.to_str().unwrap(), "is a pipe; name a regular file"),
        (
            place.directory.path().to_str().unwrap(),
            "is a folder; name a regular file",
        ),
        ("/dev/zero", "is a device; name a regular file"),
        ("/nonexistent/file", "cannot be read by user "),
    ] {
        for text in [
            format!("[authorization]\njwt_secret_file = '{path}'"),
            format!("[[authorization.public_keys]]\nalgorithm = 'ES256'\nfile = '{path}'"),
            format!("{s3}access_key_id = 'id'\nsecret_access_key_file = '{path}'"),
            format!("{s3}secret_access_key = 'secret'\naccess_key_id_file = '{path}'"),
            format!("{postgres}url_file = '{path}'"),
        ] {
            fs::write(&place.file, &text).unwrap();
            let error = place.load(&[]).map(drop).unwrap_err().to_string();
            assert!(error.contains(&format!("{path} {told}")), "{text}: {error}");
        }
    }
}
