//! Keys of `[authorization]`: where they come from, that none is ever lost silently, and that none is ever printed.
use rtcstats_server::auth::Grant;
use rtcstats_server::labels::Labels;

use super::*;

#[test]
fn no_key_is_open_and_an_empty_one_never_is() {
    assert!(load("", &[]).keys.verifier.is_open());
    for (text, key) in [
        ("[authorization]\njwt_secret = ''", "authorization.jwt_secret: is empty"),
        (
            "[authorization]\njwt_secrets = []",
            "authorization.jwt_secrets: is empty",
        ),
        (
            "[authorization]\njwt_secrets = ['']",
            "authorization.jwt_secrets: is empty",
        ),
        (
            "[authorization]\njwt_secret_file = ''",
            "authorization.jwt_secret_file: is empty",
        ),
        (
            "[authorization]\njwt_secret_file = '/nonexistent/file'",
            "authorization.jwt_secret_file: /nonexistent/file cannot be read",
        ),
        (
            "[authorization]\npublic_keys = []",
            "authorization.public_keys: is empty",
        ),
        (
            "[authorization]\njwt_secret = 'short'",
            "authorization.jwt_secret: is shorter than 12 bytes",
        ),
    ] {
        let told = error(text);
        assert!(told.starts_with(&format!("config.toml:2: {key}")), "{told}");
    }
    for (name, value) in [
        ("RTCSTATS_AUTHORIZATION__JWT_SECRET", ""),
        ("RTCSTATS_AUTHORIZATION__JWT_SECRETS", ""),
        ("RTCSTATS_AUTHORIZATION__JWT_SECRETS", ","),
        ("RTCSTATS_AUTHORIZATION__JWT_SECRET_FILE", ""),
    ] {
        assert!(error_of(name, value).contains("is empty"), "{name}");
    }
}

#[test]
fn secrets_come_from_the_file_the_environment_or_a_file_of_their_own() {
    let place = folder("");
    let key_file = place.directory.path().join("secret");
    fs::write(&key_file, format!("{SECRET}\n")).unwrap();
    let by_file = place
        .load(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET_FILE", key_file.to_str().unwrap())])
        .unwrap();
    let by_value = place.load(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)]).unwrap();
    let by_list = place
        .load(&[(
            "RTCSTATS_AUTHORIZATION__JWT_SECRETS",
            &format!("{SECRET} , another secret of length"),
        )])
        .unwrap();
    for loaded in [by_file, by_value, by_list] {
        let keys = loaded.keys;
        let signing = keys.signing.unwrap();
        assert_eq!(signing.expose(), SECRET);
        let token = rtcstats_server::auth::sign(signing.expose(), &Labels::default(), 1_000, Some(60)).unwrap();
        assert_eq!(keys.verifier.verify(Some(&token), 1_000), Ok(Grant::default()));
    }
    fs::write(&key_file, "\n").unwrap();
    let empty = place.error(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET_FILE", key_file.to_str().unwrap())]);
    assert!(empty.contains("authorization.jwt_secret_file: is empty"), "{empty}");
}

#[test]
fn public_keys_are_read_from_their_files() {
    let place = folder("");
    let pem = place.directory.path().join("key.pem");
    fs::write(&pem, "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n").unwrap();
    let text = |algorithm: &str| {
        format!(
            "[[authorization.public_keys]]\nkid = 'one'\nalgorithm = '{algorithm}'\nfile = '{}'\n",
            pem.display()
        )
    };
    fs::write(&place.file, text("EdDSA")).unwrap();
    let keys = place.load(&[]).unwrap().keys;
    assert!(!keys.verifier.is_open() && keys.signing.is_none());
    fs::write(&place.file, format!("{}{}", text("EdDSA"), text("ES256"))).unwrap();
    assert_eq!(
        place.error(&[]),
        "config.toml:8: authorization.public_keys[1].file: key.pem holds no public key for ES256 in PEM format"
    );
    fs::write(&place.file, text("HS256")).unwrap();
    assert_eq!(
        place.error(&[]),
        "config.toml:3: authorization.public_keys[0].algorithm: unknown value `HS256`, expected one of `RS256`, `ES256`, `EdDSA`"
    );
    fs::write(&place.file, "[[authorization.public_keys]]\nalgorithm = 'RS256'\n").unwrap();
    assert!(place.error(&[]).ends_with("missing key `file`"), "{}", place.error(&[]));
    let private = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    fs::write(&pem, private).unwrap();
    fs::write(&place.file, text("EdDSA")).unwrap();
    assert!(
        place.error(&[]).contains("holds a private key; give the public one"),
        "{}",
        place.error(&[])
    );
}

#[test]
fn a_secret_is_in_no_error_whatever_is_wrong_with_its_line() {
    for text in [
        format!("[authorization]\njwt_secret = {SECRET}"),
        format!("[authorization]\njwt_secret = \"{SECRET}"),
        format!("[authorization]\njwt_secret = '{SECRET}' '{SECRET}'"),
        format!("[authorization]\njwt_secret = ['{SECRET}']"),
        format!("[authorization]\njwt_secret = {{ a = '{SECRET}' }}"),
        format!("[authorization]\njwt_secrets = ['a long enough secret', {{ a = '{SECRET}' }}]"),
        format!("authorization = '{SECRET}'"),
        format!("authorization = ['{SECRET}']"),
        format!("[authorization]\njwt_secret = '{SECRET}'\nrequire_exp = 5"),
        format!("[authorization]\njwt_secret = '{SECRET}'\njwt_secret = '{SECRET}'"),
        format!("[authorization]\npublic_keys = '{SECRET}'"),
        format!("[authorization]\nrequire_exp = ['{SECRET}']"),
    ] {
        let told = error(&text);
        assert!(
            told.starts_with("config.toml:") && SECRET.split(' ').all(|word| word.len() < 5 || !told.contains(word)),
            "{text}: {told}"
        );
    }
    for number in ["314159265358", "-314159265358", "3141.59265358", "1979-05-27"] {
        let told = error(&format!("[authorization]\njwt_secret = {number}"));
        assert!(
            told.starts_with("config.toml:2: authorization.jwt_secret: must be a text in quotes"),
            "{told}"
        );
        assert!(!told.contains(number), "{told}");
    }
    let nested = error_of("RTCSTATS_AUTHORIZATION__JWT_SECRET__X", SECRET);
    assert!(!nested.contains(SECRET), "{nested}");
}

#[test]
fn no_way_of_printing_shows_a_secret() {
    let text = format!("[authorization]\njwt_secret = '{SECRET}'\njwt_secrets = ['{SECRET}', '{SECRET}']");
    let loaded = load(&text, &[]);
    let printed = format!("{loaded:?} {loaded:#?} {}", loaded.to_toml());
    assert!(!printed.contains("horse"), "{printed}");
    assert!(
        loaded
            .to_toml()
            .contains("jwt_secret = \"***\"  # line 2\njwt_secrets = [\"***\", \"***\"]  # line 3\n")
    );
}
