//! Public keys in every spelling in which operators have them, and what is told about other files.
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use super::*;

const NOW_S: u64 = 1_800_000_000;

/// Keys as openssl makes them: the algorithm that takes the key, its name, and the arguments.
const TAKEN: [(&str, &str, &str); 4] = [
    ("RS256", "rsa", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048"),
    (
        "ES256",
        "p256",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
    ),
    ("EdDSA", "ed", "genpkey -algorithm ED25519"),
    ("RS256", "bare", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048"),
];

struct Workshop(Folder);

impl Workshop {
    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.0.directory.path())
            .output()
            .expect("openssl is installed");
        assert!(
            output.status.success(),
            "{arguments}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// The public key that `arguments` make a private one for.
    fn public(&self, name: &str, arguments: &str) -> String {
        self.openssl(&format!("{arguments} -out {name}.key"));
        let bare = if name == "bare" {
            "rsa -RSAPublicKey_out"
        } else {
            "pkey -pubout"
        };
        self.openssl(&format!("{bare} -in {name}.key -out {name}.pem"));
        self.text(&format!("{name}.pem"))
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.0.directory.path().join(name)).unwrap()
    }

    /// A token that the private key `name` has signed. ECDSA signatures of openssl have another form (RFC 7518 §3.4).
    fn token(&self, algorithm: &str, name: &str) -> Option<String> {
        let path = |file: &str| self.0.directory.path().join(file);
        let header = format!("{{\"alg\":\"{algorithm}\"}}");
        let [header, claims] =
            [header.as_str(), "{\"exp\":4102444800,\"rtcStats\":{\"user\":\"u\"}}"].map(|part| BASE64.encode(part));
        let signed = format!("{header}.{claims}");
        fs::write(path("signed"), &signed).unwrap();
        match algorithm {
            "RS256" => self.openssl(&format!("dgst -sha256 -sign {name}.key -out signature signed")),
            "EdDSA" => self.openssl(&format!(
                "pkeyutl -sign -rawin -inkey {name}.key -in signed -out signature"
            )),
            _ => return None,
        }
        let signature = BASE64.encode(fs::read(path("signature")).unwrap());
        Some(format!("{signed}.{signature}"))
    }

    /// Whether the file that was last loaded lets this token in, and the same one with another user not.
    fn lets_in(&self, token: &str) -> bool {
        let verifier = self.0.load(&[]).unwrap().keys.verifier;
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let other = BASE64.encode("{\"exp\":4102444800,\"rtcStats\":{\"user\":\"v\"}}");
        let forged = format!("{}.{other}.{signature}", signed.split_once('.').unwrap().0);
        verifier.verify(Some(token), NOW_S).is_ok() && verifier.verify(Some(&forged), NOW_S).is_err()
    }

    /// What is told about a file with this text, if it is refused.
    fn told(&self, algorithm: &str, text: &str) -> Option<String> {
        let file = self.0.directory.path().join("key");
        fs::write(&file, text).unwrap();
        let table = format!(
            "[[authorization.public_keys]]\nalgorithm = '{algorithm}'\nfile = '{}'\n",
            file.display()
        );
        fs::write(&self.0.file, table).unwrap();
        self.0.load(&[]).err().map(|error| error.to_string())
    }
}

#[test]
fn every_spelling_of_a_public_key_is_taken_alike() {
    let workshop = Workshop(folder(""));
    for (algorithm, name, arguments) in TAKEN {
        let pem = workshop.public(name, arguments);
        let token = workshop.token(algorithm, name);
        for (what, text) in [
            ("as it is", pem.clone()),
            ("on one line", pem.replace('\n', "")),
            ("on one line with blanks", pem.replace('\n', " ")),
            ("with a backslash and n for line ends", pem.replace('\n', "\\n")),
            ("with a byte order mark", format!("\u{feff}{pem}")),
            ("with blanks at line ends", pem.replace('\n', " \t\n")),
            ("with blanks before lines", pem.replace('\n', "\n    ")),
            ("with Windows line ends", pem.replace('\n', "\r\n")),
            ("without a line end", pem.trim_end().to_owned()),
            (
                "with words around",
                format!("The key of 2026:\n\n{pem}\nand nothing else\n"),
            ),
        ] {
            assert_eq!(workshop.told(algorithm, &text), None, "{algorithm} {name}: {what}");
            let lets_in = token.as_ref().is_none_or(|token| workshop.lets_in(token));
            assert!(lets_in, "{algorithm} {name}: {what}");
        }
    }
}

const JWKS: &str = "{\"keys\": [{\"kty\": \"EC\", \"x\": \"hunter2\"}]}";

/// Files that hold something else: the algorithm, the text, and what is told.
fn others(workshop: &Workshop) -> Vec<(&'static str, String, &'static str)> {
    let made = |name: &str, arguments: &str| workshop.public(name, arguments);
    let p256 = made("p256", TAKEN[1].2);
    let [ec, length] = ["EC -pkeyopt ec_paramgen_curve", "RSA -pkeyopt rsa_keygen_bits"];
    let curve = |name: &str| made(name, &format!("genpkey -algorithm {ec}:{name}"));
    let rsa = |bits: &str| made("rsa", &format!("genpkey -algorithm {length}:{bits}"));
    let wide: String = p256.chars().flat_map(|c| [c, '\0']).collect();
    vec![
        ("ES256", JWKS.to_owned(), "holds a JWK or a set of them"),
        (
            "RS256",
            "{\"kty\": \"RSA\", \"n\": \"hunter2\"}".to_owned(),
            "holds a JWK",
        ),
        (
            "ES256",
            curve("P-384"),
            "holds a key on the curve P-384; ES256 needs one on P-256",
        ),
        ("ES256", curve("P-521"), "holds a key on the curve P-521"),
        ("ES256", curve("secp256k1"), "holds a key on the curve secp256k1"),
        (
            "RS256",
            rsa("1024"),
            "holds an RSA key of 1024 bits, which is too short",
        ),
        (
            "RS256",
            rsa("2047"),
            "holds an RSA key of 2047 bits, which is too short",
        ),
        ("ES256", workshop.text("p256.key"), "holds a private key"),
        (
            "ES256",
            workshop.text("p256.key").replace('\n', " "),
            "holds a private key",
        ),
        (
            "EdDSA",
            "ssh-ed25519 AAAAC3hunter2 me@here".to_owned(),
            "holds a key in OpenSSH's format",
        ),
        ("ES256", p256.repeat(2), "holds more than one key"),
        ("RS256", p256.clone(), "holds no public key for RS256"),
        ("EdDSA", p256.clone(), "holds no public key for EdDSA"),
        (
            "ES256",
            p256.replace("PUBLIC", "PUBIC"),
            "holds no public key for ES256",
        ),
        (
            "ES256",
            p256[..p256.len() - 40].to_owned(),
            "holds no public key for ES256",
        ),
        ("ES256", String::new(), "holds no public key for ES256"),
        ("ES256", wide, "is UTF-16; save it as UTF-8"),
    ]
}

#[test]
fn what_is_no_key_for_the_algorithm_has_a_sentence_of_its_own() {
    let workshop = Workshop(folder(""));
    for (algorithm, text, told) in others(&workshop) {
        let error = workshop.told(algorithm, &text).expect(told);
        assert!(error.contains("authorization.public_keys[0].file: "), "{error}");
        assert!(error.contains(told) && !error.contains("hunter2"), "{told}: {error}");
    }
}
