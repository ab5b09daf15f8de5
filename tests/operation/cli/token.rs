//! `token`: the server accepts a client that has the token which it prints.

use std::time::{SystemTime, UNIX_EPOCH};

use rtcstats_server::auth::{Denial, Expiry, Grant, Key, Verifier};
use rtcstats_server::labels::Labels;

use super::*;

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn verifier() -> Verifier {
    Verifier::new(vec![Key::secret(SECRET).unwrap()], Expiry::Required).unwrap()
}

#[test]
fn a_token_is_what_the_server_takes() {
    let bench = bench();
    bench.configure(&format!("[authorization]\njwt_secret = '{SECRET}'"));
    let told = bench.run(&[
        "token",
        "--user",
        "alice",
        "--conference",
        "c 1",
        "--session",
        "s",
        "--lifetime",
        "10min",
    ]);
    assert_eq!((told.code, told.err.as_str()), (0, ""));
    let token = told.out.strip_suffix('\n').unwrap();
    let labels = Labels {
        user: Some("alice".into()),
        conference: Some("c 1".into()),
        session: Some("s".into()),
    };
    let grant = Grant { labels, flaw: None };
    assert_eq!(verifier().verify(Some(token), now_s()), Ok(grant));
    assert_eq!(verifier().verify(Some(token), now_s() + 640), Err(Denial::Expired));
    assert!(verifier().verify(Some(token), now_s() + 540).is_ok());
}

#[test]
fn a_url_carries_its_token() {
    let bench = bench();
    bench.configure(&format!(
        "[authorization]\njwt_secrets = ['{SECRET}', 'an older secret']"
    ));
    let told = bench.run(&["token", "--url", "wss://h.example/p?a=1"]);
    let token = told
        .out
        .trim_end()
        .strip_prefix("wss://h.example/p?a=1&rtcstats-token=")
        .unwrap();
    assert_eq!(verifier().verify(Some(token), now_s()), Ok(Grant::default()));
    assert!(
        token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)),
        "nothing needs an escape"
    );
}

#[test]
fn without_a_secret_there_is_no_token() {
    let told = bench().run(&["token"]);
    assert_eq!((told.code, told.out.as_str()), (2, ""));
    assert!(
        told.err
            .starts_with("error: no secret is configured, so everybody may send"),
        "{}",
        told.err
    );
    let bench = bench();
    let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n";
    fs::write(bench.path("key.pem"), pem).unwrap();
    bench.configure("[[authorization.public_keys]]\nalgorithm = 'EdDSA'\nfile = 'key.pem'");
    let told = bench.run(&["token"]);
    assert_eq!((told.code, told.out.as_str()), (2, ""));
    assert!(
        told.err.starts_with("error: only public keys are configured"),
        "{}",
        told.err
    );
}
