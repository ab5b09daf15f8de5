//! What went wrong with one request, and what it is about: the only table of which failures are retried.
//!
//! The rule behind the table: a dump is given up (moved to failed) only for an answer about this one object. Everything
//! that time or the operator can repair is about the bucket, and so is every answer that is not understood. The text of
//! an answer is never kept, because it repeats keys and signatures; only its code is, and only if it looks like a code.
use std::fmt;

use s3::error::S3Error;

/// Who has to act before another try can succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// Nobody: this object will be refused again.
    Dump,
    /// The store, the network or the operator.
    Destination,
    /// The same, but other credentials than those that were used may help.
    Credentials,
}

/// One failed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The HTTP status; `None` when no answer came.
    pub status: Option<u16>,
    pub blame: Blame,
    /// The error code in the answer (`NoSuchBucket`).
    code: Option<String>,
    what: String,
}

enum On {
    Code(&'static str),
    Status(std::ops::RangeInclusive<u16>),
}

use Blame::{Credentials, Destination, Dump};
use On::{Code, Status};

/// The first matching line decides. The codes are those of the S3 API reference, "List of error codes". HEAD is
/// answered without a body, so each status has a line too.
const TABLE: [(On, Blame, &str); 23] = [
    // Size and name are this object's own; a smaller dump, or one with another name, would be accepted.
    (Code("EntityTooLarge"), Dump, "the object is too large"),
    (Status(413..=413), Dump, "the object is too large"),
    (Code("KeyTooLongError"), Dump, "the object's name is too long"),
    (Code("InvalidURI"), Dump, "the object's name is refused"),
    (Code("InvalidObjectName"), Dump, "the object's name is refused"),
    (Code("XMinioInvalidObjectName"), Dump, "the object's name is refused"),
    // Temporary credentials that ran out are renewed, a rotated key is read again, and the operator corrects a wrong
    // one.
    (Code("ExpiredToken"), Credentials, "the credentials have expired"),
    (
        Code("ExpiredTokenException"),
        Credentials,
        "the credentials have expired",
    ),
    (
        Code("TokenRefreshRequired"),
        Credentials,
        "the credentials have expired",
    ),
    (Code("InvalidToken"), Credentials, "the session token is not valid"),
    (
        Code("InvalidAccessKeyId"),
        Credentials,
        "the access key id is not known there",
    ),
    (
        Code("SignatureDoesNotMatch"),
        Credentials,
        "the secret access key is not that of the id",
    ),
    (
        Code("RequestTimeTooSkewed"),
        Destination,
        "this machine's clock is wrong",
    ),
    (
        Code("AuthorizationHeaderMalformed"),
        Destination,
        "storage.s3.region is not the bucket's region",
    ),
    (Code("NoSuchBucket"), Destination, "the bucket does not exist"),
    // The store has lost or mixed up parts. The next try begins a new upload.
    (Code("NoSuchUpload"), Destination, "the upload in parts is gone"),
    (Code("InvalidPart"), Destination, "a part of the upload is gone"),
    (
        Status(300..=399),
        Destination,
        "storage.s3.region or storage.s3.endpoint is not the bucket's",
    ),
    (Status(401..=403), Credentials, "no permission, or a wrong key"),
    (Status(404..=404), Destination, "the bucket does not exist"),
    (Status(429..=429), Destination, "too many requests"),
    (Status(500..=599), Destination, "the store fails"),
    // A 400 that says nothing about the object may come from a damaged transfer, a configured header or a proxy.
    (Status(0..=u16::MAX), Destination, "the request is refused"),
];

impl Error {
    /// An answer that reports no success.
    pub fn answer(status: u16, body: &str) -> Error {
        let code = code_in(body);
        let fits = |on: &On| match on {
            Code(known) => code.as_deref() == Some(known),
            Status(range) => range.contains(&status),
        };
        let line = TABLE.iter().find(|(on, ..)| fits(on));
        let (blame, what) = line.map_or((Destination, ""), |(_, blame, what)| (*blame, *what));
        Error {
            status: Some(status),
            blame,
            what: what.to_owned(),
            code,
        }
    }

    /// There are no credentials to sign with.
    pub fn credentials(cause: &dyn fmt::Display) -> Error {
        Error {
            status: None,
            blame: Destination,
            code: None,
            what: cause.to_string(),
        }
    }

    /// The object store allows only this many parts for one object.
    pub fn too_large() -> Error {
        Error {
            status: None,
            blame: Dump,
            code: None,
            what: "the object is too large".to_owned(),
        }
    }

    /// True if the answer says that the thing asked for does not exist.
    pub fn is_missing(&self) -> bool {
        self.status == Some(404) && self.code.as_deref() != Some("NoSuchBucket")
    }

    fn unanswered(what: String) -> Error {
        Error {
            status: None,
            blame: Destination,
            code: None,
            what,
        }
    }
}

impl From<S3Error> for Error {
    fn from(error: S3Error) -> Error {
        match error {
            S3Error::HttpFailWithBody(status, body) => Error::answer(status, &body),
            S3Error::Atto(error) => Error::unanswered(connection(error.kind())),
            S3Error::Io(error) => Error::unanswered(error.to_string()),
            S3Error::SerdeXml(_) | S3Error::Utf8(_) | S3Error::FromUtf8(_) => {
                Error::unanswered("the answer is not one of an S3 server".to_owned())
            }
            // What remains are headers and keys that cannot be signed, and those were checked at the start.
            _ => Error::unanswered("the request cannot be made".to_owned()),
        }
    }
}

/// Input and output errors give their own reason. The other errors can contain parts of answers and URLs.
fn connection(kind: &attohttpc::ErrorKind) -> String {
    match kind {
        attohttpc::ErrorKind::Io(error) => match error.kind() {
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => "no answer in time".to_owned(),
            std::io::ErrorKind::UnexpectedEof => "the connection was closed before the answer".to_owned(),
            _ => error.to_string(),
        },
        attohttpc::ErrorKind::ConnectError { status_code, .. } => {
            format!("the proxy answered with {}", status_code.as_u16())
        }
        attohttpc::ErrorKind::Tls(error) => error.to_string(),
        attohttpc::ErrorKind::InvalidResponse(_) => "the answer is not one of an S3 server".to_owned(),
        attohttpc::ErrorKind::TooManyRedirections => "it redirects without end".to_owned(),
        _ => "no connection".to_owned(),
    }
}

/// The content of the first `Code` element, if it is one word of letters and digits.
fn code_in(body: &str) -> Option<String> {
    let (_, rest) = body.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let fits = (1..=CODE_BYTES_MAX).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then(|| code.to_owned())
}

/// The longest code in the reference has 48 bytes.
const CODE_BYTES_MAX: usize = 64;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match (self.status, &self.code) {
            (Some(status), Some(code)) => write!(f, " ({status} {code})"),
            (Some(status), None) => write!(f, " ({status})"),
            (None, _) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(code: &str) -> String {
        format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>of alice</Message></Error>")
    }

    #[test]
    fn only_what_names_the_object_gives_a_dump_up() {
        for (status, code, blame) in [
            (400, "EntityTooLarge", Blame::Dump),
            (400, "KeyTooLongError", Blame::Dump),
            (413, "", Blame::Dump),
            (400, "ExpiredToken", Blame::Credentials),
            (403, "InvalidAccessKeyId", Blame::Credentials),
            (403, "", Blame::Credentials),
            (400, "BadDigest", Blame::Destination),
            (400, "InvalidPart", Blame::Destination),
            (400, "", Blame::Destination),
            (404, "NoSuchBucket", Blame::Destination),
            (301, "PermanentRedirect", Blame::Destination),
            (409, "OperationAborted", Blame::Destination),
            (503, "SlowDown", Blame::Destination),
            (200, "InternalError", Blame::Destination),
        ] {
            let error = Error::answer(status, &body(code));
            assert_eq!(error.blame, blame, "{status} {code}: {error}");
        }
    }

    #[test]
    fn of_an_answer_only_its_code_is_told() {
        let told = Error::answer(403, &body("SignatureDoesNotMatch")).to_string();
        assert_eq!(
            told,
            "the secret access key is not that of the id (403 SignatureDoesNotMatch)"
        );
        for odd in ["alice bob", "a<b", "\u{1b}[2J", &"x".repeat(CODE_BYTES_MAX + 1)] {
            assert_eq!(Error::answer(500, &body(odd)).to_string(), "the store fails (500)");
        }
        assert_eq!(Error::answer(502, "alice <html>").to_string(), "the store fails (502)");
    }
}
