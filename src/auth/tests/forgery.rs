//! Tests with tokens that nobody who has a key has made, and tests that printing a value does not show what would help
//! to make one.

use super::*;
use crate::limits::TOKEN_BYTES_MAX;

#[test]
fn the_token_does_not_choose_its_algorithm() {
    let all = || {
        let mut keys: Vec<Key> = PUBLIC.into_iter().map(|algorithm| public(algorithm, None)).collect();
        keys.push(Key::secret(SECRET).unwrap());
        verifier(keys)
    };
    for algorithm in ["none", "None", "NONE", "", "hs256", "HS256 ", "PS256", "ES384", "RS512"] {
        for tag in [Vec::new(), b"x".to_vec()] {
            let token = raw(&json!({"alg": algorithm}), &payload(), |_| tag.clone());
            assert_eq!(all().labels(Some(&token), NOW), Err(Denial::UnknownKey), "{algorithm}");
        }
    }
    let without = raw(&json!({"typ": "JWT"}), &payload(), |_| Vec::new());
    assert_eq!(all().labels(Some(&without), NOW), Err(Denial::Header));
}

#[test]
fn the_bytes_of_a_public_key_are_no_secret() {
    for algorithm in PUBLIC {
        let pem = match algorithm {
            Algorithm::RS256 => pairs().rsa.public_key().to_pem().unwrap(),
            Algorithm::ES256 => pairs().p256.public_key().to_pem().unwrap(),
            Algorithm::EdDSA => pairs().ed25519.public_key().to_pem(),
        };
        for name in ["HS256", "HS384", "HS512"] {
            for secret in [pem.as_str(), pem.trim()] {
                let token = hmac_with(secret, &json!({"alg": name}), &payload());
                let verdict = verifier(vec![public(algorithm, None)]).labels(Some(&token), NOW);
                assert_eq!(verdict, Err(Denial::UnknownKey));
            }
        }
    }
}

/// Signatures that are nothing, or a part of the right one. Verifiers have taken each of them before.
#[test]
fn a_blank_or_shortened_signature_is_none() {
    for algorithm in PUBLIC {
        let verifier = verifier(vec![public(algorithm, None)]);
        for length in [0, 1, 32, 63, 64, 65, 256] {
            for byte in [0, 1, 0xff] {
                let token = raw(&json!({"alg": algorithm.to_string()}), &payload(), |_| {
                    vec![byte; length]
                });
                let verdict = verifier.labels(Some(&token), NOW);
                assert_eq!(verdict, Err(Denial::Signature), "{algorithm}: {length} times {byte}");
            }
        }
    }
    let whole = hs256(&payload());
    let (signed, tag) = whole.rsplit_once('.').unwrap();
    for length in (0..tag.len()).step_by(4) {
        let token = format!("{signed}.{}", &tag[..length]);
        assert_eq!(
            hmac_verifier().labels(Some(&token), NOW),
            Err(Denial::Signature),
            "{length}"
        );
    }
}

/// A token of one algorithm that names another, with every key there.
#[test]
fn the_signature_of_one_algorithm_passes_for_no_other() {
    let mut keys: Vec<Key> = PUBLIC.into_iter().map(|algorithm| public(algorithm, None)).collect();
    keys.push(Key::secret(SECRET).unwrap());
    let verifier = verifier(keys);
    for made in PUBLIC {
        let token = signed(made, None);
        let (_, rest) = token.split_once('.').unwrap();
        for named in ["HS256", "HS512", "RS256", "ES256", "EdDSA", "Ed25519"] {
            let header = URL_SAFE_NO_PAD.encode(json!({ "alg": named }).to_string());
            let verdict = verifier.labels(Some(&format!("{header}.{rest}")), NOW);
            assert_eq!(verdict, Err(Denial::Signature), "{made} as {named}");
        }
    }
}

#[test]
fn what_is_no_token_is_missing_or_malformed() {
    let verifier = hmac_verifier();
    assert_eq!(verifier.labels(None, NOW), Err(Denial::Missing));
    assert_eq!(verifier.labels(Some(""), NOW), Err(Denial::Missing));
    let good = hs256(&payload());
    let long = format!("{good}{}", "A".repeat(TOKEN_BYTES_MAX));
    for token in [
        ".",
        "..",
        "...",
        "ü.ü.ü",
        &good[..20],
        &format!("{good}.x"),
        &format!(" {good}"),
    ] {
        assert_eq!(verifier.labels(Some(token), NOW), Err(Denial::Malformed), "{token:.40}");
    }
    assert_eq!(verifier.labels(Some("e30.e30.e30"), NOW), Err(Denial::Header));
    assert_eq!(verifier.labels(Some(&long), NOW), Err(Denial::TooLong));
    let critical = hmac(&json!({"alg": "HS256", "crit": ["b64"], "b64": false}), &payload());
    assert_eq!(
        verifier.labels(Some(&critical), NOW),
        Err(Denial::Critical),
        "RFC 7515 section 4.1.11"
    );
}

#[test]
fn no_changed_byte_makes_another_valid_token() {
    let tokens = [
        (hs256(&payload()), hmac_verifier()),
        (
            signed(Algorithm::EdDSA, None),
            verifier(vec![public(Algorithm::EdDSA, None)]),
        ),
    ];
    for (token, verifier) in tokens {
        assert_eq!(verifier.labels(Some(&token), NOW), Ok(alice()));
        for position in 0..token.len() {
            for replacement in (0..128).map(char::from).filter(|c| c.is_ascii()) {
                let mut changed = token.clone();
                changed.replace_range(position..=position, &replacement.to_string());
                if let Ok(claims) = verifier.labels(Some(&changed), NOW) {
                    assert_eq!(
                        (claims, &changed),
                        (alice(), &token),
                        "another text passes as this token"
                    );
                }
            }
            let mut shorter = token.clone();
            shorter.remove(position);
            assert!(verifier.labels(Some(&shorter), NOW).is_err(), "without byte {position}");
        }
    }
}

#[test]
fn no_changed_byte_passes_the_slow_algorithms_either() {
    for algorithm in [Algorithm::RS256, Algorithm::ES256] {
        let token = signed(algorithm, None);
        let verifier = verifier(vec![public(algorithm, None)]);
        for position in (0..token.len()).step_by(3) {
            let mut changed = token.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(
                verifier.labels(Some(&changed), NOW).is_err(),
                "{algorithm} with another byte {position}"
            );
        }
    }
}

#[test]
fn nothing_of_keys_tokens_or_claims_is_printed() {
    let printed = format!("{:?} {:?} {:?}", hmac_verifier(), alice(), Key::secret(SECRET));
    for hidden in [SECRET, "alice", "s-1", "97, 32, 115"] {
        assert!(!printed.contains(hidden), "{printed}");
    }
}
