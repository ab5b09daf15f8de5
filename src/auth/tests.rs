//! Tests the verifier with tokens made by real keys of each kind, and with every known way of forging one.

mod foreign;
mod forgery;

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_simple::claims::{Claims, JWTClaims};
use jwt_simple::prelude::{
    Duration, ECDSAP256KeyPairLike, ES256KeyPair, Ed25519KeyPair, EdDSAKeyPairLike, HS256Key, HS384Key, HS512Key,
    MACLike, RS256KeyPair, RSAKeyPairLike, UnixTimeStamp,
};
use serde_json::{Value, json};

use super::*;
use crate::limits::{CLAIM_BYTES_MAX, TOKEN_LIFETIME_S_MAX};

impl Verifier {
    /// What `verify` says of the labels alone.
    fn labels(&self, token: Option<&str>, now_s: u64) -> Result<Labels, Denial> {
        self.verify(token, now_s).map(|grant| grant.labels)
    }
}

const NOW: u64 = 1_790_000_000;
const SECRET: &str = "a secret of thirty-two bytes....";

struct Pairs {
    rsa: RS256KeyPair,
    p256: ES256KeyPair,
    ed25519: Ed25519KeyPair,
}

/// Made only once, because making an RSA key is slow without optimization.
fn pairs() -> &'static Pairs {
    static PAIRS: OnceLock<Pairs> = OnceLock::new();
    PAIRS.get_or_init(|| Pairs {
        rsa: RS256KeyPair::generate(2048).unwrap(),
        p256: ES256KeyPair::generate(),
        ed25519: Ed25519KeyPair::generate(),
    })
}

fn public(algorithm: Algorithm, kid: Option<&str>) -> Key {
    let pem = match algorithm {
        Algorithm::RS256 => pairs().rsa.public_key().to_pem().unwrap(),
        Algorithm::ES256 => pairs().p256.public_key().to_pem().unwrap(),
        Algorithm::EdDSA => pairs().ed25519.public_key().to_pem(),
    };
    Key::public(algorithm, &pem, kid.map(str::to_string)).unwrap()
}

fn verifier(keys: Vec<Key>) -> Verifier {
    Verifier::new(keys, Expiry::Required).unwrap()
}

fn hmac_verifier() -> Verifier {
    verifier(vec![Key::secret(SECRET).unwrap()])
}

fn alice() -> Labels {
    Labels {
        user: Some("alice".into()),
        conference: Some("c 1".into()),
        session: Some("s-1".into()),
    }
}

fn payload() -> Value {
    json!({"exp": NOW + 60, "rtcStats": {"user": "alice", "conference": "c 1", "session": "s-1"}})
}

/// Signs any header and payload, so that tests can make tokens that no library would write.
fn raw(header: &Value, payload: &Value, tag: impl Fn(&str) -> Vec<u8>) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(payload));
    let tag = URL_SAFE_NO_PAD.encode(tag(&signed));
    format!("{signed}.{tag}")
}

fn hmac(header: &Value, payload: &Value) -> String {
    hmac_with(SECRET, header, payload)
}

fn hmac_with(secret: &str, header: &Value, payload: &Value) -> String {
    raw(header, payload, |signed| match header["alg"].as_str() {
        Some("HS512") => HS512Key::from_bytes(secret.as_bytes()).authentication_tag(signed.as_bytes()),
        Some("HS384") => HS384Key::from_bytes(secret.as_bytes()).authentication_tag(signed.as_bytes()),
        _ => HS256Key::from_bytes(secret.as_bytes()).authentication_tag(signed.as_bytes()),
    })
}

fn hs256(payload: &Value) -> String {
    hmac(&json!({"alg": "HS256", "typ": "JWT"}), payload)
}

fn library_claims() -> JWTClaims<Value> {
    let custom = json!({ "rtcStats": payload()["rtcStats"] });
    let mut claims = Claims::with_custom_claims(custom, Duration::from_secs(60));
    claims.issued_at = Some(UnixTimeStamp::from_secs(NOW));
    claims.invalid_before = claims.issued_at;
    claims.expires_at = Some(UnixTimeStamp::from_secs(NOW + 60));
    claims
}

fn signed(algorithm: Algorithm, kid: Option<&str>) -> String {
    let claims = library_claims();
    match (algorithm, kid) {
        (Algorithm::RS256, None) => pairs().rsa.sign(claims),
        (Algorithm::RS256, Some(kid)) => pairs().rsa.clone().with_key_id(kid).sign(claims),
        (Algorithm::ES256, None) => pairs().p256.sign(claims),
        (Algorithm::ES256, Some(kid)) => ES256KeyPair::from_bytes(&pairs().p256.to_bytes())
            .unwrap()
            .with_key_id(kid)
            .sign(claims),
        (Algorithm::EdDSA, None) => pairs().ed25519.sign(claims),
        (Algorithm::EdDSA, Some(kid)) => pairs().ed25519.clone().with_key_id(kid).sign(claims),
    }
    .unwrap()
}

const PUBLIC: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

#[test]
fn an_open_verifier_lets_everybody_in_and_believes_nobody() {
    let open = Verifier::open();
    assert!(open.is_open());
    for token in [None, Some(""), Some("nonsense"), Some(hs256(&payload()).as_str())] {
        assert_eq!(open.labels(token, NOW), Ok(Labels::default()));
    }
}

#[test]
fn a_verifier_without_keys_lets_nobody_in() {
    let closed = verifier(vec![]);
    assert!(!closed.is_open());
    assert_eq!(closed.labels(Some(&hs256(&payload())), NOW), Err(Denial::UnknownKey));
}

#[test]
fn a_secret_verifies_all_three_hmac_algorithms() {
    for algorithm in ["HS256", "HS384", "HS512"] {
        let token = hmac(&json!({"alg": algorithm}), &payload());
        assert_eq!(hmac_verifier().labels(Some(&token), NOW), Ok(alice()), "{algorithm}");
    }
}

#[test]
fn what_we_sign_we_verify() {
    for claims in [
        alice(),
        Labels::default(),
        Labels {
            user: Some("ünïcode \"quoted\"\n".into()),
            ..Labels::default()
        },
    ] {
        let token = sign(SECRET, &claims, NOW, Some(60)).unwrap();
        assert_eq!(hmac_verifier().labels(Some(&token), NOW), Ok(claims));
    }
    let lasting = sign(SECRET, &alice(), NOW, None).unwrap();
    assert_eq!(hmac_verifier().labels(Some(&lasting), NOW), Err(Denial::NoExpiry));
}

#[test]
fn rotation_accepts_each_secret_of_the_list() {
    let other = "another secret of many bytes";
    let both = verifier(vec![Key::secret(SECRET).unwrap(), Key::secret(other).unwrap()]);
    let header = json!({"alg": "HS256"});
    assert_eq!(
        both.labels(Some(&hmac_with(other, &header, &payload())), NOW),
        Ok(alice())
    );
    assert_eq!(both.labels(Some(&hmac(&header, &payload())), NOW), Ok(alice()));
    let third = hmac_with("a third secret of many bytes", &header, &payload());
    assert_eq!(both.labels(Some(&third), NOW), Err(Denial::Signature));
}

#[test]
fn each_kind_of_public_key_verifies_its_tokens_and_no_others() {
    for mine in PUBLIC {
        let verifier = verifier(vec![public(mine, None)]);
        for theirs in PUBLIC {
            let expected = if mine == theirs {
                Ok(alice())
            } else {
                Err(Denial::UnknownKey)
            };
            assert_eq!(
                verifier.labels(Some(&signed(theirs, None)), NOW),
                expected,
                "{mine} and {theirs}"
            );
        }
    }
}

#[test]
fn a_kid_chooses_the_key() {
    let foreign = Ed25519KeyPair::generate().public_key().to_pem();
    let keys = || {
        vec![
            Key::public(Algorithm::EdDSA, &foreign, Some("foreign".into())).unwrap(),
            public(Algorithm::EdDSA, Some("mine")),
            public(Algorithm::RS256, Some("rsa")),
        ]
    };
    let verifier = verifier(keys());
    let verdict = |kid| verifier.labels(Some(&signed(Algorithm::EdDSA, kid)), NOW);
    assert_eq!(verdict(Some("mine")), Ok(alice()));
    assert_eq!(
        verdict(None),
        Ok(alice()),
        "without a kid all keys of the algorithm are tried"
    );
    assert_eq!(
        verdict(Some("foreign")),
        Err(Denial::Signature),
        "the named key alone is tried"
    );
    assert_eq!(
        verdict(Some("rsa")),
        Err(Denial::UnknownKey),
        "the named key has another algorithm"
    );
    assert_eq!(verdict(Some("unheard of")), Err(Denial::UnknownKey));
}

#[test]
fn a_key_without_a_name_may_have_made_any_token() {
    let token = hmac(&json!({"alg": "HS256", "kid": "whatever"}), &payload());
    assert_eq!(hmac_verifier().labels(Some(&token), NOW), Ok(alice()));
    let unnamed = verifier(vec![
        public(Algorithm::ES256, None),
        public(Algorithm::RS256, Some("rsa")),
    ]);
    assert_eq!(
        unnamed.labels(Some(&signed(Algorithm::ES256, Some("whatever"))), NOW),
        Ok(alice())
    );
    assert_eq!(
        unnamed.labels(Some(&signed(Algorithm::RS256, Some("whatever"))), NOW),
        Err(Denial::UnknownKey)
    );
}

#[test]
fn expiry_is_required_and_has_thirty_seconds_of_leeway() {
    let at = |exp: Value| hmac_verifier().labels(Some(&hs256(&json!({"exp": exp}))), NOW);
    assert_eq!(at(json!(NOW - 30)), Ok(Labels::default()));
    assert_eq!(at(json!(NOW - 31)), Err(Denial::Expired));
    assert_eq!(at(json!(0)), Err(Denial::Expired));
    assert_eq!(
        at(json!(NOW as f64 + 0.5)),
        Ok(Labels::default()),
        "NumericDate may have a fraction"
    );
    assert_eq!(at(json!(-1)), Err(Denial::Expired));
    for wrong in [json!(null), json!("1790000060"), json!([1_790_000_060]), json!(true)] {
        assert_eq!(at(wrong.clone()), Err(Denial::Expiry), "{wrong}");
    }
    let none = hs256(&json!({}));
    assert_eq!(hmac_verifier().labels(Some(&none), NOW), Err(Denial::NoExpiry));
    let lenient = Verifier::new(vec![Key::secret(SECRET).unwrap()], Expiry::Optional).unwrap();
    assert_eq!(lenient.labels(Some(&none), NOW), Ok(Labels::default()));
    assert_eq!(
        lenient.labels(Some(&hs256(&json!({"exp": NOW - 31}))), NOW),
        Err(Denial::Expired)
    );
}

#[test]
fn the_beginning_is_honoured_and_the_time_of_issue_is_not_a_beginning() {
    let at =
        |member: &str, time: u64| hmac_verifier().labels(Some(&hs256(&json!({"exp": NOW + 999, member: time}))), NOW);
    assert_eq!(at("nbf", NOW + 30), Ok(Labels::default()));
    assert_eq!(at("nbf", NOW + 31), Err(Denial::NotYetValid));
    assert_eq!(at("nbf", NOW + TOKEN_LIFETIME_S_MAX), Err(Denial::NotYetValid));
    assert_eq!(at("nbf", u64::MAX), Err(Denial::StartTooFar));
    assert_eq!(at("iat", NOW + 300), Ok(Labels::default()));
}

#[test]
fn claims_are_texts_of_bounded_length_in_either_spelling() {
    let claims = |custom: Value| {
        let mut payload = custom;
        payload["exp"] = json!(NOW + 60);
        hmac_verifier().labels(Some(&hs256(&payload)), NOW).unwrap()
    };
    let user = |text: &str| Labels {
        user: Some(text.to_string()),
        ..Labels::default()
    };
    assert_eq!(claims(json!({"rtcstats": {"user": "bob"}})), user("bob"));
    assert_eq!(
        claims(json!({"rtcstats": {"user": "bob"}, "rtcStats": {"user": "alice"}})),
        user("alice")
    );
    let longest = "é".repeat(CLAIM_BYTES_MAX / 2);
    assert_eq!(claims(json!({"rtcStats": {"user": longest}})), user(&longest));
    for odd in [json!(null), json!(["alice"]), json!({"a": 1})] {
        assert_eq!(claims(json!({"rtcStats": {"user": odd}})), Labels::default());
    }
    for odd in [json!("alice"), json!(null), json!([{"user": "alice"}]), json!(1)] {
        assert_eq!(claims(json!({ "rtcStats": odd })), Labels::default());
    }
}

#[test]
fn unusable_keys_are_told_apart() {
    let key = |text: &str| Key::secret(text).map(|_| ());
    assert_eq!(key(""), Err(KeyError::Empty));
    assert_eq!(key("elevenbytes"), Err(KeyError::Short));
    assert_eq!(key("twelve bytes"), Ok(()));
    let public = |pem: &str| Key::public(Algorithm::ES256, pem, None).map(|_| ());
    assert_eq!(public(&pairs().p256.to_pem().unwrap()), Err(KeyError::Private));
    assert_eq!(
        public("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"),
        Err(KeyError::Certificate)
    );
    assert_eq!(
        public(&pairs().rsa.public_key().to_pem().unwrap()),
        Err(KeyError::Unfit(Algorithm::ES256))
    );
    assert_eq!(public(""), Err(KeyError::Unfit(Algorithm::ES256)));
    let many = (0..=KEYS_COUNT_MAX).map(|_| Key::secret(SECRET).unwrap()).collect();
    assert_eq!(
        Verifier::new(many, Expiry::Required).map(|_| ()),
        Err(KeyError::TooMany)
    );
    assert_eq!(sign("", &alice(), NOW, None), Err(KeyError::Empty));
}

#[test]
fn a_pem_file_may_have_blank_lines_around_and_windows_line_ends() {
    for algorithm in PUBLIC {
        let pem = match algorithm {
            Algorithm::RS256 => pairs().rsa.public_key().to_pem().unwrap(),
            Algorithm::ES256 => pairs().p256.public_key().to_pem().unwrap(),
            Algorithm::EdDSA => pairs().ed25519.public_key().to_pem(),
        };
        for text in [format!("\n{}\n\n", pem.trim()), pem.trim().replace('\n', "\r\n")] {
            assert!(Key::public(algorithm, &text, None).is_ok(), "{algorithm}");
        }
    }
}
