//! Tests with tokens of issuers who write more than is needed here, and with what is wrong in those members that count.

use super::*;

/// A header and claims that no library of this project would write, as they stand, signed with the secret.
fn written(header: &str, payload: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let tag = HS256Key::from_bytes(SECRET.as_bytes()).authentication_tag(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

fn verdict(header: &str, payload: &str) -> Result<Grant, Denial> {
    let payload = payload.replace("NOW", &NOW.to_string());
    hmac_verifier().verify(Some(&written(header, &payload)), NOW)
}

#[test]
fn what_does_not_count_may_be_of_any_type() {
    for claim in [
        r#""sub":42"#,
        r#""jti":7"#,
        r#""iss":5"#,
        r#""aud":null"#,
        r#""nbf":-1"#,
        r#""iat":null"#,
        r#""iat":"1700000000""#,
        r#""sub":null"#,
        r#""sub":{"id":1}"#,
        r#""iss":["a","b"]"#,
        r#""aud":[1,{"x":[]}]"#,
        r#""aud":true"#,
        r#""jti":1e400"#,
        r#""iat":1700000000.123"#,
        r#""nonce":5"#,
        r#""iss":"a","iss":"b""#,
        r#""realm_access":{"roles":["a"],"roles":["b"]}"#,
        r#""exp2":"soon""#,
        r#""nbf":NOW.75"#,
        r#""nbf":1.7e9"#,
    ] {
        let payload = format!(r#"{{{claim},"exp":NOW}}"#);
        assert_eq!(verdict(HEADER, &payload), Ok(Grant::default()), "{claim}");
    }
    for header in [
        r#"{"alg":"HS256","kid":1}"#,
        r#"{"alg":"HS256","kid":null}"#,
        r#"{"alg":"HS256","kid":["a"]}"#,
        r#"{"alg":"HS256","typ":"rtcstats"}"#,
        r#"{"alg":"HS256","typ":7}"#,
        r#"{"alg":"HS256","x5c":"no list","jwk":{"kty":"oct"},"cty":1}"#,
        r#"{"alg":"HS256","salt":"AAAA"}"#,
        r#"{"alg":"HS256","crit":[]}"#,
        r#"{"alg":"HS256","crit":null}"#,
        " {\n  \"typ\" : \"JWT\",\n  \"alg\" : \"HS256\"\n}\n",
    ] {
        assert_eq!(verdict(header, r#"{"exp":NOW}"#), Ok(Grant::default()), "{header}");
    }
}

#[test]
fn padding_in_any_part_changes_nothing() {
    let padded = |bytes: &[u8]| {
        let part = URL_SAFE_NO_PAD.encode(bytes);
        format!("{part}{}", "=".repeat((4 - part.len() % 4) % 4))
    };
    let signed = |header: &str| {
        format!(
            "{}.{}",
            padded(header.as_bytes()),
            padded(payload().to_string().as_bytes())
        )
    };
    for header in [r#"{"alg":"HS256"}"#, r#"{"alg":"HS256" }"#, r#"{"alg": "HS256" }"#] {
        let signed = signed(header);
        let tag = HS256Key::from_bytes(SECRET.as_bytes()).authentication_tag(signed.as_bytes());
        for tag in [padded(&tag), URL_SAFE_NO_PAD.encode(&tag)] {
            let token = format!("{signed}.{tag}");
            assert_eq!(hmac_verifier().labels(Some(&token), NOW), Ok(alice()), "{token}");
            let bare = token.replace('=', "");
            let same = bare[..signed.len().min(bare.len())] == signed;
            let verdict = hmac_verifier().labels(Some(&bare), NOW);
            assert_eq!(
                verdict,
                if same { Ok(alice()) } else { Err(Denial::Signature) },
                "{token}"
            );
        }
    }
}

#[test]
fn what_is_refused_is_named() {
    for (payload, denial) in [
        (r#"{"exp":"NOW"}"#, Denial::Expiry),
        (r#"{"exp":null}"#, Denial::Expiry),
        (r#"{"exp":{}}"#, Denial::Expiry),
        (r#"{"exp":1795637689000}"#, Denial::ExpiryTooFar),
        (r#"{"exp":1795637689000000}"#, Denial::ExpiryTooFar),
        (r#"{"exp":1e400}"#, Denial::ExpiryTooFar),
        (r#"{"exp":-1e400}"#, Denial::Expired),
        (r#"{"exp":18446744073709551616}"#, Denial::ExpiryTooFar),
        (r#"{"exp":NOW,"exp":1}"#, Denial::Twice),
        (r#"{"exp":1,"\u0065xp":NOW}"#, Denial::Twice),
        (r#"{"exp":NOW,"nbf":0,"nbf":0}"#, Denial::Twice),
        (r#"{"exp":NOW,"rtcStats":{},"rtcStats":{"user":"eve"}}"#, Denial::Twice),
        (r#"{"exp":NOW,"rtcStats":{"user":"a","user":"b"}}"#, Denial::Twice),
        (r#"{"exp":NOW,"nbf":"0"}"#, Denial::Start),
        (r#"{"exp":NOW,"nbf":null}"#, Denial::Start),
        (r#"{"exp":NOW,"nbf":1795637689000}"#, Denial::StartTooFar),
        (r#"{"rtcStats":{}}"#, Denial::NoExpiry),
        (r#"["exp",NOW]"#, Denial::Payload),
        (r#"[NOW,0,{"user":"eve"},null]"#, Denial::Payload),
        (r#" [NOW,0,null,{"user":"eve"}]"#, Denial::Payload),
        (r#"{"exp":NOW"#, Denial::Payload),
        ("", Denial::Payload),
    ] {
        assert_eq!(verdict(HEADER, payload), Err(denial), "{payload}");
    }
    for (header, denial) in [
        ("[]", Denial::Header),
        (r#"["HS256",null,null]"#, Denial::Header),
        ("\n[\"HS256\",\"a\",[]]", Denial::Header),
        (r#"{"typ":"JWT"}"#, Denial::Header),
        (r#"{"alg":256}"#, Denial::Header),
        (r#"{"alg":"HS256","alg":"HS256"}"#, Denial::Twice),
        (r#"{"alg":"HS256","kid":"a","kid":"b"}"#, Denial::Twice),
        (r#"{"alg":"HS256","crit":["exp"]}"#, Denial::Critical),
        (r#"{"alg":"HS256","crit":"exp"}"#, Denial::Critical),
        (r#"{"alg":"HS256","crit":{}}"#, Denial::Critical),
    ] {
        assert_eq!(verdict(header, r#"{"exp":NOW}"#), Err(denial), "{header}");
    }
    let lasting = Verifier::new(vec![Key::secret(SECRET).unwrap()], Expiry::Optional).unwrap();
    for (payload, denial) in [
        (r#"{"exp":null}"#, Denial::Expiry),
        (r#"{"exp":1795637689000}"#, Denial::ExpiryTooFar),
    ] {
        assert_eq!(lasting.labels(Some(&written(HEADER, payload)), NOW), Err(denial));
    }
}

#[test]
fn a_label_is_its_text_and_a_flaw_costs_no_session() {
    let long = "é".repeat(CLAIM_BYTES_MAX);
    let cut = "é".repeat(CLAIM_BYTES_MAX / 2);
    let digits = "1".repeat(CLAIM_BYTES_MAX + 1);
    for (json, user, flaw) in [
        ("42", Some("42"), None),
        ("4.5", Some("4.5"), None),
        ("true", Some("true"), None),
        ("false", Some("false"), None),
        ("-0", Some("-0"), None),
        ("1e3", Some("1e3"), None),
        ("12345678901234567890123", Some("12345678901234567890123"), None),
        (r#""caf\u00e9""#, Some("café"), None),
        (r#""""#, Some(""), None),
        ("null", None, None),
        ("[]", None, Some(LabelFlaw::NoText)),
        (r#"{"id":1}"#, None, Some(LabelFlaw::NoText)),
        (r#""\ud800""#, None, Some(LabelFlaw::NoText)),
        (&format!("\"{long}\""), Some(cut.as_str()), Some(LabelFlaw::Cut)),
        (
            &format!("\"x{long}\""),
            Some(&format!("x{}", &cut[2..])),
            Some(LabelFlaw::Cut),
        ),
        (&digits, Some(&digits[1..]), Some(LabelFlaw::Cut)),
    ] {
        let expected = Grant {
            labels: Labels {
                user: user.map(str::to_owned),
                session: Some("s".to_owned()),
                ..Labels::default()
            },
            flaw,
        };
        let payload = format!(r#"{{"exp":NOW,"rtcStats":{{"user":{json},"session":"s","more":{{}}}}}}"#);
        assert_eq!(verdict(HEADER, &payload), Ok(expected), "{json}");
    }
    for (json, flaw) in [
        (r#""alice""#, Some(LabelFlaw::NoObject)),
        ("[]", Some(LabelFlaw::NoObject)),
        ("null", None),
        ("{}", None),
    ] {
        let grant = verdict(HEADER, &format!(r#"{{"exp":NOW,"rtcstats":{json}}}"#)).unwrap();
        assert_eq!((grant.labels, grant.flaw), (Labels::default(), flaw), "{json}");
    }
}

#[test]
fn a_kid_that_is_a_number_chooses_the_key_of_its_text() {
    let foreign = Ed25519KeyPair::generate().public_key().to_pem();
    let keys = vec![
        Key::public(Algorithm::EdDSA, &foreign, Some("1".into())).unwrap(),
        public(Algorithm::EdDSA, Some("2")),
    ];
    let verifier = verifier(keys);
    let signed_with = |kid: &str| {
        let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"EdDSA","kid":{kid}}}"#));
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(payload().to_string()));
        let key = pairs().ed25519.key_pair().as_ref().sk.sign(&signed, None);
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(key))
    };
    assert_eq!(verifier.labels(Some(&signed_with("2")), NOW), Ok(alice()));
    assert_eq!(verifier.labels(Some(&signed_with("1")), NOW), Err(Denial::Signature));
    assert_eq!(verifier.labels(Some(&signed_with("3")), NOW), Err(Denial::UnknownKey));
    assert_eq!(verifier.labels(Some(&signed_with("null")), NOW), Ok(alice()));
}
