//! Checks a signature as AWS writes it ("Signature Calculations for the Authorization Header", Signature Version 4),
//! from the request line and the headers as they came.
//!
//! The host is the one that was sent; a query is sorted by its encoded names; a path is encoded once; a payload is
//! compared with its hash. Nothing is made good that a real store would refuse. Failures: [`Refusal`] with the code of
//! the S3 reference.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::request::{Request, unpercent};

/// An access key that the store knows.
#[derive(Clone, Debug)]
pub struct AccessKey {
    pub id: String,
    pub secret: String,
    /// Temporary credentials have one, and it must be sent and signed.
    pub token: Option<String>,
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
}

/// Checks the `Authorization` of a request that was received at `now`.
///
/// # Errors
/// What AWS answers.
pub fn check(request: &Request, keys: &[AccessKey], region: &str, now: OffsetDateTime) -> Result<(), Refusal> {
    let header = request.header("authorization").unwrap_or_default();
    if header.is_empty() {
        return Err(refusal(403, "AccessDenied", "no Authorization"));
    }
    let malformed = |message: &str| refusal(400, "AuthorizationHeaderMalformed", message);
    let given = Given::parse(&header).ok_or_else(|| malformed("not of Signature Version 4"))?;
    let key = keys.iter().find(|key| key.id == given.id);
    let key = key.ok_or_else(|| refusal(403, "InvalidAccessKeyId", "unknown"))?;
    if request.header("x-amz-security-token") != key.token {
        return Err(refusal(400, "InvalidToken", "the token is not that of the key"));
    }
    if given.region != region {
        return Err(malformed(&format!(
            "the region '{}' is wrong; expecting '{region}'",
            given.region
        )));
    }
    if given.service != "s3" || given.end != "aws4_request" {
        return Err(malformed("the scope is not that of S3"));
    }
    let stamp = request.header("x-amz-date").unwrap_or_default();
    let sent = PrimitiveDateTime::parse(&stamp, &STAMP).map_err(|_| refusal(403, "AccessDenied", "no x-amz-date"))?;
    if !stamp.starts_with(&given.date) {
        return Err(malformed("the scope has another date"));
    }
    if (now - sent.assume_utc()).abs() > SKEW_MAX {
        return Err(refusal(403, "RequestTimeTooSkewed", "more than 15 minutes"));
    }
    check_headers(request, &given)?;
    let payload = check_payload(request)?;
    let canonical = canonical(request, &given, &payload)?;
    let scope = format!("{}/{}/{}/{}", given.date, given.region, given.service, given.end);
    let text = format!(
        "AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}",
        hex(&Sha256::digest(&canonical))
    );
    if signature(&key.secret, &given, &text) == given.signature {
        Ok(())
    } else {
        Err(refusal(403, "SignatureDoesNotMatch", &canonical))
    }
}

/// What an `Authorization` header says.
struct Given {
    id: String,
    date: String,
    region: String,
    service: String,
    end: String,
    signed: Vec<String>,
    signature: String,
}

impl Given {
    fn parse(header: &str) -> Option<Given> {
        let mut parts = header.strip_prefix("AWS4-HMAC-SHA256 ")?.split(',').map(str::trim);
        let credential = parts.next()?.strip_prefix("Credential=")?;
        let signed = parts.next()?.strip_prefix("SignedHeaders=")?;
        let signature = parts.next()?.strip_prefix("Signature=")?;
        let mut scope: Vec<String> = credential.rsplitn(5, '/').map(str::to_owned).collect();
        if scope.len() != 5 || parts.next().is_some() {
            return None;
        }
        let mut next = || scope.pop();
        Some(Given {
            id: next()?,
            date: next()?,
            region: next()?,
            service: next()?,
            end: next()?,
            signed: signed.split(';').map(str::to_owned).collect(),
            signature: signature.to_owned(),
        })
    }
}

/// The host and every `x-amz-` header that was sent must be signed, and the list must be in order.
fn check_headers(request: &Request, given: &Given) -> Result<(), Refusal> {
    let signed = |name: &str| given.signed.iter().any(|known| known == name);
    if !signed("host") || !given.signed.is_sorted() {
        return Err(refusal(
            403,
            "AccessDenied",
            "the host is not signed, or the list has no order",
        ));
    }
    let names = request.headers.iter().map(|(name, _)| name.to_ascii_lowercase());
    let unsigned =
        { names }.find(|name| (name.starts_with("x-amz-") || ALSO_SIGNED.contains(&name.as_str())) && !signed(name));
    match unsigned {
        Some(name) => Err(refusal(
            403,
            "AccessDenied",
            &format!("there are headers that were not signed: {name}"),
        )),
        None => Ok(()),
    }
}

fn check_payload(request: &Request) -> Result<String, Refusal> {
    let payload = request.header("x-amz-content-sha256");
    let payload =
        payload.ok_or_else(|| refusal(400, "InvalidRequest", "Missing required header x-amz-content-sha256"))?;
    if payload == "UNSIGNED-PAYLOAD" || payload == hex(&Sha256::digest(&request.body)) {
        Ok(payload)
    } else {
        Err(refusal(
            400,
            "XAmzContentSHA256Mismatch",
            "the hash is not that of the body",
        ))
    }
}

fn canonical(request: &Request, given: &Given, payload: &str) -> Result<String, Refusal> {
    let mut headers = String::new();
    for name in &given.signed {
        let value = request.header(name);
        let value = value.ok_or_else(|| refusal(403, "SignatureDoesNotMatch", &format!("{name} is not there")))?;
        let words: Vec<&str> = value.split(' ').filter(|word| !word.is_empty()).collect();
        let _ = writeln!(headers, "{name}:{}", words.join(" "));
    }
    let encoded = |(name, value): (Vec<u8>, Vec<u8>)| (percent(&name, b""), percent(&value, b""));
    let mut query: Vec<_> = request.parameters().into_iter().map(encoded).collect();
    query.sort();
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    Ok(format!(
        "{}\n{}\n{}\n{headers}\n{}\n{payload}",
        request.method,
        percent(&unpercent(request.raw_path()), b"/"),
        query.join("&"),
        given.signed.join(";"),
    ))
}

fn signature(secret: &str, given: &Given, text: &str) -> String {
    let begin = format!("AWS4{secret}").into_bytes();
    let steps = [&given.date, &given.region, &given.service, &given.end];
    let key = steps.into_iter().fold(begin, |key, step| mac(&key, step));
    hex(&mac(&key, text))
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length will do");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Two small letters or digits for each byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Encodes all but unreserved characters and those in `kept`.
pub fn percent(bytes: &[u8], kept: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) || kept.contains(byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

fn refusal(status: u16, code: &'static str, message: &str) -> Refusal {
    Refusal {
        status,
        code,
        message: message.to_owned(),
    }
}

const STAMP: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");

const SKEW_MAX: time::Duration = time::Duration::minutes(15);

/// The specification wants the type of the content signed where it is sent; its hash is no use unsigned.
const ALSO_SIGNED: [&str; 2] = ["content-md5", "content-type"];
