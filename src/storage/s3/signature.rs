//! AWS Signature Version 4, for requests that are signed in their headers.
//!
//! It is computed from the text that is sent: path and query are percent-encoded before they come here, once, as S3
//! wants it (other services encode the path twice; none of ours has such a path). Everything that is sent with the
//! request and given here is signed, the session token too. Keys are not kept. This file cannot fail.
//! Source: AWS General Reference, "Create a signed AWS API request".
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::FormatItem;
use time::macros::format_description;

/// What a signature is made with.
#[derive(Clone, Copy)]
pub struct Signer<'a> {
    pub key_id: &'a str,
    pub secret: &'a str,
    pub region: &'a str,
    pub service: &'a str,
    pub now: OffsetDateTime,
}

/// What is signed of a request.
pub struct Signed<'a> {
    pub method: &'a str,
    pub path: &'a str,
    /// As [`query`] writes it.
    pub query: &'a str,
    /// Names in any case and order. `Host` is one of them.
    pub headers: &'a [(String, String)],
    /// That of the body, in hexadecimal.
    pub sha256: &'a str,
}

impl Signer<'_> {
    /// The value of `x-amz-date`, which has to be among the headers.
    pub fn date(&self) -> String {
        formatted(self.now, DATE_TIME)
    }

    /// The value of `Authorization`.
    pub fn authorization(&self, signed: &Signed<'_>) -> String {
        let mut headers: Vec<(String, String)> = signed
            .headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), single_spaced(value)))
            .collect();
        headers.sort_by(|left, right| left.0.cmp(&right.0));
        let lines: String = headers
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let Signed {
            method,
            path,
            query,
            sha256,
            ..
        } = signed;
        let canonical = format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{sha256}");
        let day = formatted(self.now, DATE);
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let text = format!(
            "{ALGORITHM}\n{}\n{scope}\n{}",
            self.date(),
            hex_sha256(canonical.as_bytes())
        );
        let seed = format!("AWS4{}", self.secret).into_bytes();
        let parts = [day.as_str(), self.region, self.service, "aws4_request", text.as_str()];
        let signature = parts.into_iter().fold(seed, |key, part| hmac(&key, part));
        format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={}",
            self.key_id,
            hex(&signature)
        )
    }
}

/// A query that is sent and signed alike: sorted, and each byte that RFC 3986 does not call unreserved percent-encoded.
pub fn query(parameters: &[(&str, &str)]) -> String {
    let encoded = |text| utf8_percent_encode(text, ESCAPED).to_string();
    let mut pairs: Vec<_> = parameters
        .iter()
        .map(|(name, value)| (encoded(name), encoded(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// The SHA-256 of these bytes, in hexadecimal.
pub fn hex_sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of HMAC may have any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn single_spaced(value: &str) -> String {
    let words: Vec<&str> = value.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn formatted(time: OffsetDateTime, format: &[FormatItem<'_>]) -> String {
    time.format(format)
        .expect("these formats have only members that a date has")
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: &[FormatItem<'_>] = format_description!("[year][month][day]");
const DATE_TIME: &[FormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");

const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn headers(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn signature_of(authorization: &str) -> &str {
        authorization.rsplit_once('=').unwrap().1
    }

    /// "Authenticating Requests: Using the Authorization Header", the examples of the Amazon S3 API Reference.
    #[test]
    fn the_examples_of_the_s3_reference() {
        const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let put = hex_sha256(b"Welcome to Amazon S3.");
        type Case<'a> = (&'a str, &'a str, &'a str, &'a [(&'a str, &'a str)], &'a str, &'a str);
        let cases: [Case<'_>; 4] = [
            (
                "GET",
                "/test.txt",
                "",
                &[("Range", "bytes=0-9")],
                EMPTY,
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            ),
            (
                "PUT",
                "/test%24file.text",
                "",
                &[
                    ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
                    ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                ],
                &put,
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            ),
            (
                "GET",
                "/",
                &query(&[("lifecycle", "")]),
                &[],
                EMPTY,
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
            ),
            (
                "GET",
                "/",
                &query(&[("prefix", "J"), ("max-keys", "2")]),
                &[],
                EMPTY,
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            ),
        ];
        let signer = Signer {
            key_id: "AKIAIOSFODNN7EXAMPLE",
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            region: "us-east-1",
            service: "s3",
            now: datetime!(2013-05-24 0:00 UTC),
        };
        for (method, path, query, further, sha256, expected) in cases {
            let mut all = headers(further);
            all.extend(headers(&[
                ("Host", "examplebucket.s3.amazonaws.com"),
                ("x-amz-content-sha256", sha256),
                ("x-amz-date", &signer.date()),
            ]));
            let signed = Signed {
                method,
                path,
                query,
                headers: &all,
                sha256,
            };
            assert_eq!(
                signature_of(&signer.authorization(&signed)),
                expected,
                "{method} {path}"
            );
        }
    }

    const TOKEN: &str = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPf\
                         IeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7\
                         WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8\
                         FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

    /// Method, path, query, headers, signature.
    type Published<'a> = (
        &'a str,
        &'a str,
        &'a [(&'a str, &'a str)],
        &'a [(&'a str, &'a str)],
        &'a str,
    );
    const PUBLISHED: [Published<'_>; 6] = [
        (
            "GET",
            "/",
            &[],
            &[],
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "GET",
            "/",
            &[("Param2", "value2"), ("Param1", "value1")],
            &[],
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            "GET",
            "/%E1%88%B4",
            &[],
            &[],
            "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
        ),
        (
            "GET",
            "/",
            &[],
            &[("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ),
        (
            "POST",
            "/",
            &[],
            &[],
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            "POST",
            "/",
            &[],
            &[("X-Amz-Security-Token", TOKEN)],
            "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
        ),
    ];

    /// The test suite that AWS publishes for version 4, as far as it is about headers, queries and session tokens.
    #[test]
    fn the_suite_of_aws() {
        let signer = Signer {
            key_id: "AKIDEXAMPLE",
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            region: "us-east-1",
            service: "service",
            now: datetime!(2015-08-30 12:36 UTC),
        };
        let sha256 = hex_sha256(b"");
        for (method, path, parameters, further, expected) in PUBLISHED {
            let mut all = headers(further);
            all.extend(headers(&[
                ("Host", "example.amazonaws.com"),
                ("X-Amz-Date", &signer.date()),
            ]));
            let query = query(parameters);
            let signed = Signed {
                method,
                path,
                query: &query,
                headers: &all,
                sha256: &sha256,
            };
            assert_eq!(
                signature_of(&signer.authorization(&signed)),
                expected,
                "{method} {path} {query}"
            );
        }
    }

    #[test]
    fn headers_are_ordered_by_their_names_alone() {
        let signer = Signer {
            key_id: "k",
            secret: "s",
            region: "r",
            service: "s3",
            now: OffsetDateTime::UNIX_EPOCH,
        };
        let all = headers(&[
            ("x-amz-server-side-encryption-aws-kms-key-id", "k"),
            ("x-amz-server-side-encryption", "aws:kms"),
            ("Host", "h"),
        ]);
        let signed = Signed {
            method: "PUT",
            path: "/",
            query: "",
            headers: &all,
            sha256: "",
        };
        assert!(
            signer.authorization(&signed).contains(
                "SignedHeaders=host;x-amz-server-side-encryption;x-amz-server-side-encryption-aws-kms-key-id,"
            )
        );
    }

    #[test]
    fn each_byte_of_a_query_is_encoded_once() {
        const CASES: [(&str, &str); 6] = [
            ("AB+c/d==", "uploadId=AB%2Bc%2Fd%3D%3D"),
            ("a&b", "uploadId=a%26b"),
            ("x%2By", "uploadId=x%252By"),
            ("2~abc_d-e.f", "uploadId=2~abc_d-e.f"),
            ("a b*c'd", "uploadId=a%20b%2Ac%27d"),
            ("é", "uploadId=%C3%A9"),
        ];
        for (id, expected) in CASES {
            assert_eq!(query(&[("uploadId", id)]), expected);
        }
        assert_eq!(
            query(&[("uploadId", "x"), ("partNumber", "1")]),
            "partNumber=1&uploadId=x"
        );
    }
}
