//! Tokens of real issuers, which write more than is needed here, and what refused ones are told.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use support::raw::upgrade;
use support::{Client, Raw, Server};

const SECRET: &str = "a secret of thirty-two bytes....";

fn server() -> Server {
    Server::start(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)])
}

fn now_s() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.expect("the clock is right").as_secs()
}

/// A token (HS256) of this header and these claims as they stand. `SOON` becomes a time in an hour.
fn token(header: &str, claims: &str, base64: &impl Engine) -> String {
    let claims = claims.replace("SOON", &(now_s() + 3600).to_string());
    let signed = format!("{}.{}", base64.encode(header), base64.encode(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    format!("{signed}.{}", base64.encode(hmac::sign(&key, signed.as_bytes())))
}

const HEADER: &str = r#"{"alg":"HS256"}"#;

/// Headers and claims of tokens that are good. What differs from the usual has no meaning here.
const GOOD: [(&str, &str); 16] = [
    (HEADER, r#"{"exp":SOON,"sub":42}"#),
    (HEADER, r#"{"exp":SOON,"jti":7}"#),
    (HEADER, r#"{"exp":SOON,"iss":5}"#),
    (HEADER, r#"{"exp":SOON,"aud":null}"#),
    (HEADER, r#"{"exp":SOON,"nbf":-1}"#),
    (HEADER, r#"{"exp":SOON,"iat":null}"#),
    (HEADER, r#"{"exp":SOON,"iat":"1700000000"}"#),
    (r#"{"alg":"HS256","kid":1}"#, r#"{"exp":SOON}"#),
    (r#"{"alg":"HS256","typ":"rtcstats"}"#, r#"{"exp":SOON}"#),
    // Of the same kind: members that no issuer agrees about.
    (r#"{"alg":"HS256","typ":null,"cty":1}"#, r#"{"exp":SOON}"#),
    (r#"{"alg":"HS256","x5c":"none","jwk":{}}"#, r#"{"exp":SOON}"#),
    (HEADER, r#"{"exp":SOON.5,"nonce":1}"#),
    (HEADER, r#"{"exp":SOON,"aud":[1,2],"sub":{"id":1}}"#),
    (HEADER, r#"{"exp":SOON,"iss":"a","iss":"b"}"#),
    (HEADER, r#"{"exp":SOON,"iat":1e400}"#),
    (" {\n \"alg\": \"HS256\" }", " {\n \"exp\": SOON }\n"),
];

#[test]
fn only_what_counts_is_looked_at() {
    let server = server();
    let mut sessions = 0;
    for (header, claims) in GOOD {
        for token in [
            token(header, claims, &URL_SAFE_NO_PAD),
            token(header, claims, &URL_SAFE),
        ] {
            for path in [
                format!("/room?rtcstats-token={token}"),
                format!("/room?rtcstats-token={}", token.replace('=', "%3D")),
            ] {
                let mut client = Client::open(server.address(), &path);
                client.send("[\"x\",null,1,1]");
                assert!(client.try_sync().is_ok(), "{header} {claims}");
                sessions += 1;
            }
        }
    }
    assert_eq!(server.delivered(sessions).len(), 4 * GOOD.len());
}

/// Headers and claims of tokens that are refused, and the words that the peer is told.
const BAD: [(&str, &str, &str); 12] = [
    (
        HEADER,
        r#"{"exp":1795637689000}"#,
        "the token's exp is more than 100 years ahead",
    ),
    (
        HEADER,
        r#"{"exp":1e400}"#,
        "the token's exp is more than 100 years ahead",
    ),
    (HEADER, r#"{"exp":"SOON"}"#, "the token's exp is no number"),
    (HEADER, r#"{"exp":null}"#, "the token's exp is no number"),
    (HEADER, r#"{"exp":SOON,"exp":SOON}"#, "twice"),
    (HEADER, r#"{"exp":SOON,"nbf":"0"}"#, "the token's nbf is no number"),
    (
        HEADER,
        r#"{"exp":SOON,"nbf":1795637689000}"#,
        "the token's nbf is more than 100 years ahead",
    ),
    (HEADER, r#"["exp",SOON]"#, "its claims are no JSON object"),
    (HEADER, r#"{"sub":"a"}"#, "does not say when it expires"),
    (
        r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
        r#"{"exp":SOON}"#,
        "crit",
    ),
    (r#"{"typ":"JWT"}"#, r#"{"exp":SOON}"#, "no JSON object with an alg"),
    (
        r#"{"alg":"none"}"#,
        r#"{"exp":SOON}"#,
        "a key or an algorithm that is not known",
    ),
];

#[test]
fn what_is_refused_is_named_to_the_peer_and_in_the_log() {
    let mut server = server();
    for (header, claims, words) in BAD {
        let token = token(header, claims, &URL_SAFE_NO_PAD);
        let mut raw = Raw::connect(server.address());
        raw.write(&upgrade(&format!("/room?rtcstats-token={token}"), ""));
        assert!(raw.head().starts_with("HTTP/1.1 101 "));
        let close = raw.frame().expect("a close frame");
        assert_eq!(close.code(), Some(1008), "{claims}");
        let told = String::from_utf8_lossy(&close.payload[2..]).into_owned();
        assert!(told.contains(words), "{header} {claims}: {told}");
    }
    server.stop();
    for (_, _, words) in BAD {
        assert!(server.log().contains(words), "{words}");
    }
    assert!(server.dumps().is_empty(), "nothing of a refused session is stored");
}

#[test]
fn a_label_is_its_text_and_a_long_one_is_cut_with_a_word() {
    let server = server();
    let long = "ü".repeat(200);
    let cases = [
        ("42", Some("42")),
        ("4.5", Some("4.5")),
        ("true", Some("true")),
        ("1e3", Some("1e3")),
        ("\"42\"", Some("42")),
        ("null", None),
        ("[1]", None),
        ("{\"id\":1}", None),
        (&format!("\"{long}\""), Some(&long[..256])),
    ];
    for (label, _) in cases {
        let claims = format!(r#"{{"exp":SOON,"rtcStats":{{"user":{label}}}}}"#);
        let token = token(HEADER, &claims, &URL_SAFE_NO_PAD);
        let path = format!("/room?rtcstats-token={token}");
        let count = server.rows().len() + 1;
        let mut client = Client::open(server.address(), &path);
        client.send("[\"x\",null,1,1]");
        client.close(None);
        server.delivered(count);
    }
    let mut users: Vec<Option<String>> = server.rows().into_iter().map(|row| row.user).collect();
    let mut expected: Vec<Option<String>> = cases.map(|(_, user)| user.map(str::to_owned)).into();
    users.sort();
    expected.sort();
    assert_eq!(users, expected);
    // Logged when the session began, which was long before its row.
    let log = server.log();
    assert_eq!(log.matches("is longer than 256 bytes and was cut").count(), 1, "{log}");
    assert_eq!(
        log.matches("is neither text nor number and was left out").count(),
        1,
        "{log}"
    );
    assert!(!log.contains("üü"), "{log}");
}
