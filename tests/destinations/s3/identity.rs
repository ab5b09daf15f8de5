//! Which identity signs: that of the first source that is set up, or none. A source that is set up and cannot be used
//! never makes room for the next one, because that one is somebody else.
//!
//! Each case runs the real binary's probe against a store that knows two keys. The store notes whose requests came.

mod cases;

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use rustix::process::geteuid;
use support::strict_s3::{AccessKey, Answer, Reply, Request, Setup, StrictS3};
use support::{Forward, Server};

use crate::s3::prepare;
use cases::Right::{Signs, Told};
use cases::{CASES, GOOD};

const RIGHT: (&str, &str) = ("AKIARIGHTEXAMPLE0001", "right/secret+of/the+key/EXAMPLE0000000001");
const OTHER: (&str, &str) = ("AKIAOTHEREXAMPLE0002", "other/secret+of/the+key/EXAMPLE0000000002");
const TEMPORARY: (&str, &str) = ("ASIATEMPOREXAMPLE003", "tempo/secret+of/the+key/EXAMPLE0000000003");
const TOKEN: &str = "a-token-for-temporary-keys/EXAMPLE==";

fn store() -> StrictS3 {
    let key = |(id, secret): (&str, &str), token: Option<&str>| AccessKey {
        id: id.to_owned(),
        secret: secret.to_owned(),
        token: token.map(str::to_owned),
    };
    StrictS3::start_with(Setup {
        keys: vec![key(RIGHT, None), key(OTHER, None), key(TEMPORARY, Some(TOKEN))],
        ..Setup::default()
    })
}

fn json((id, secret): (&str, &str), token: &str) -> Option<Answer> {
    let body = format!(
        "{{\"AccessKeyId\":\"{id}\",\"SecretAccessKey\":\"{secret}\",\"Token\":\"{token}\",\"Expiration\":\"\"}}"
    );
    Some(Reply::status(200).body(&body).into())
}

/// The services of a container and of a machine.
fn services(request: &Request) -> Option<Answer> {
    let is_told = |name: &str, value: &str| request.header(name).as_deref() == Some(value);
    let say = |status: u16, body: &str| Some(Reply::status(status).body(body).into());
    match (request.method.as_str(), request.target.as_str()) {
        ("GET", "/other") => json(OTHER, ""),
        ("GET", "/temporary") => json(TEMPORARY, &format!("{TOKEN}\\r\\n")),
        ("GET", "/two-lines") => json(TEMPORARY, &format!("{TOKEN}\\r\\nx-evil: 1")),
        ("GET", "/guarded") if is_told("authorization", "the-token-of-the-container") => json(RIGHT, ""),
        ("GET", "/elsewhere") => Some(Reply::status(307).with("Location", "/other").into()),
        ("PUT", "/latest/api/token") => say(200, "metadata-token"),
        ("GET", "/latest/meta-data/iam/security-credentials/")
            if is_told("x-aws-ec2-metadata-token", "metadata-token") =>
        {
            say(200, "the-role\n")
        }
        ("GET", "/latest/meta-data/iam/security-credentials/the-role")
            if is_told("x-aws-ec2-metadata-token", "metadata-token") =>
        {
            json(RIGHT, "")
        }
        _ => say(500, "broken"),
    }
}

/// The token service, as AWS documents its answers.
fn sts(request: &Request) -> Option<Answer> {
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let is_right = request.is("POST", "/") && body.contains("WebIdentityToken=the%2Eidentity%2Etoken&")
        || body.ends_with("WebIdentityToken=the%2Eidentity%2Etoken");
    let reply = if is_right {
        Reply::xml(
            200,
            &format!(
                "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
                 <AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey><SessionToken>{TOKEN}</SessionToken>\
                 <Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
                 </AssumeRoleWithWebIdentityResponse>",
                TEMPORARY.0, TEMPORARY.1
            ),
        )
    } else {
        let why = "Token expired: the.expired.token";
        Reply::xml(
            400,
            &format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredTokenException</Code><Message>{why}</Message>\
                 </Error></ErrorResponse>"
            ),
        )
    };
    Some(reply.into())
}

/// Whose key signed the requests that the store has got.
fn signers(store: &StrictS3) -> Vec<String> {
    let mut ids: Vec<String> = store
        .requests()
        .iter()
        .filter_map(|request| request.header("authorization"))
        .filter_map(|text| Some(text.split_once("Credential=")?.1.split('/').next()?.to_owned()))
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

fn server_of(store: &StrictS3, home: &Path) -> Server {
    let nobody = (String::new(), String::new());
    let mut server = prepare(&store.endpoint(), &nobody, &[]);
    server.unset("RTCSTATS_STORAGE__S3__ACCESS_KEY_ID");
    server.unset("RTCSTATS_STORAGE__S3__SECRET_ACCESS_KEY");
    server.set("HOME", home.to_str().expect("a plain path"));
    fs::create_dir(server.data()).expect("a data folder");
    server
}

#[test]
fn the_first_source_that_is_set_up_signs_or_nobody_does() {
    let (store, sts, services) = (store(), StrictS3::scripted(sts), StrictS3::scripted(services));
    for case in CASES {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().to_str().expect("a plain path");
        for (name, content) in case.files {
            let file = home.path().join(name);
            fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
            fs::write(file, content).expect("a file");
        }
        let mut server = server_of(&store, home.path());
        for (name, value) in case.environment {
            let value = value.replace("{home}", path);
            let value = value
                .replace("{sts}", &sts.endpoint())
                .replace("{services}", &services.endpoint());
            server.set(name, &value);
        }
        store.forget_requests();
        let output = server.run(&["check-config", "--probe"]);
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8_lossy(&told).into_owned();
        let context = format!("{}\n{told}", case.what);
        match case.right {
            Signs(id, source) => {
                assert_eq!(signers(&store), [id], "{context}");
                let shown = format!("{}…{}", &id[..4], &id[id.len() - 4..]);
                assert!(told.contains(source) && told.contains(&shown), "{context}");
                assert!(output.status.success(), "{context}");
            }
            Told(words) => {
                assert_eq!(signers(&store), [""; 0], "{context}");
                assert!(told.contains(words), "{context}");
                assert_eq!(output.status.code(), Some(1), "{context}");
            }
        }
        let secrets = [
            RIGHT.1,
            OTHER.1,
            TEMPORARY.1,
            TOKEN,
            "the.identity.token",
            "the.expired.token",
        ];
        assert!(!secrets.iter().any(|secret| told.contains(secret)), "{context}");
    }
}

/// The path of a service, the variable with its address, what else is set, and what the table says of the keys.
type Service = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const SERVICES: [Service; 3] = [
    (
        "/guarded",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        &[("AWS_CONTAINER_AUTHORIZATION_TOKEN", "the-token-of-the-container")],
        "the container's endpoint",
    ),
    ("", "AWS_EC2_METADATA_SERVICE_ENDPOINT", &[], "the instance metadata"),
    (
        "",
        "AWS_ENDPOINT_URL_STS",
        &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token"),
            ("AWS_ROLE_ARN", "arn:aws:iam::1:role/r"),
        ],
        ", until 2999-01-01T00:00:00",
    ),
];

/// Services of this machine have addresses that no proxy could reach, and no proxy may see their answers. The token
/// service is elsewhere, as the store is. The table names the proxy, and until when keys hold.
#[test]
fn services_of_this_machine_are_asked_directly_and_others_over_the_proxy() {
    for (path, variable, others, says) in SERVICES {
        let (store, here, sts) = (store(), StrictS3::scripted(services), StrictS3::scripted(sts));
        let is_elsewhere = variable.ends_with("STS");
        let proxy = Forward::start(&[("127.0.0.1", store.address()), ("sts.example.org", sts.address())]);
        let service = if is_elsewhere {
            "http://sts.example.org".to_owned()
        } else {
            here.endpoint()
        };
        let home = tempfile::tempdir().expect("a folder");
        fs::write(home.path().join("token"), "the.identity.token").expect("a file");
        let mut server = server_of(&store, home.path());
        for (name, value) in others {
            server.set(
                name,
                &value.replace("{home}", home.path().to_str().expect("a plain path")),
            );
        }
        server.set(variable, &format!("{service}{path}"));
        server.set("http_proxy", &proxy.url());
        let output = server.run(&["check-config", "--probe"]);
        let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let asked: Vec<String> = proxy.asked().into_iter().map(|asked| asked.line).collect();
        let has_asked = |origin: &str| asked.iter().any(|line| line.contains(origin));
        assert!(output.status.success() && told.contains(says), "{variable}: {told}");
        assert!(told.contains(&proxy.url()), "{variable}: {told}");
        assert!(has_asked(&store.endpoint()), "{variable}: {asked:?}");
        assert_eq!(has_asked(&service), is_elsewhere, "{variable}: {asked:?}");
    }
}

/// What a key may not do says nothing against the key, so its source is not asked for another one.
#[test]
fn a_permission_that_is_missing_asks_no_source_again() {
    let asked = |denied: &[&'static str]| {
        let (store, services) = (store(), StrictS3::scripted(services));
        store.deny(denied);
        let home = tempfile::tempdir().expect("a folder");
        let mut server = server_of(&store, home.path());
        let uri = format!("{}/other", services.endpoint());
        server.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &uri);
        let output = server.run(&["check-config", "--probe"]);
        let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(signers(&store), [OTHER.0], "{told}");
        services.count("GET", "/other")
    };
    let once = asked(&[]);
    assert!(once > 0);
    let denied = [
        "s3:GetObject",
        "s3:ListBucketMultipartUploads",
        "s3:AbortMultipartUpload",
    ];
    assert_eq!(asked(&denied), once);
}

/// The file of root is not read by a server that runs as the owner of its folder, and no other identity signs.
#[test]
fn a_credentials_file_of_another_user_is_told_with_the_user() {
    if !geteuid().is_root() {
        // Only root can make a file that another user cannot read, and give its folder away.
        return;
    }
    let (store, services) = (store(), StrictS3::scripted(services));
    let home = tempfile::tempdir().expect("a folder");
    let open = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("its own");
    open(home.path());
    let file = home.path().join(".aws/credentials");
    fs::create_dir(home.path().join(".aws")).expect("a folder");
    fs::write(&file, GOOD).expect("a file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("its own");
    let mut server = server_of(&store, home.path());
    server.set(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        &format!("{}/other", services.endpoint()),
    );
    chown(server.data(), Some(65_534), Some(65_534)).expect("root may");
    open(server.data().parent().expect("a parent"));
    let output = server.run(&["check-config", "--probe"]);
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    let named = format!("{} cannot be read by user 65534", file.display());
    assert!(told.contains(&named), "{told}");
    assert!(store.requests().is_empty(), "{told}");
}
