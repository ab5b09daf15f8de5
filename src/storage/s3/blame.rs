//! The only table of what a store's refusal is about, and so of which failures are retried.
//!
//! A dump is given up (moved to failed) only for an answer about this one object that nobody can change. What the
//! bucket's operator can change for one object lets that dump wait alone. Everything else that time or the operator can
//! repair is about the bucket, and so is every answer that is not understood.
/// Who has to act before another try can succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// Nobody: this object will be refused again.
    Dump,
    /// The operator, for this object alone: others are taken.
    Rule,
    /// The store, the network or the operator.
    Destination,
    /// The same, but other credentials than those that were used may help.
    Credentials,
    /// This machine has run out of something.
    Machine,
}

enum On {
    Code(&'static str),
    Status(std::ops::RangeInclusive<u16>),
}

use Blame::{Credentials, Destination, Dump, Rule};
use On::{Code, Status};

/// The first matching line decides. The codes are those of the S3 API reference, "List of error codes", and of other
/// stores where it is said. HEAD is answered without a body, so each status has a line too.
const TABLE: [(On, Blame, &str); 43] = [
    // Size and name are this object's own; a smaller dump, or one with another name, would be accepted.
    (Code("EntityTooLarge"), Dump, "the object is too large"),
    (Code("KeyTooLongError"), Dump, "the object's name is too long"),
    (Code("InvalidURI"), Dump, "the object's name is refused"),
    (Code("InvalidObjectName"), Dump, "the object's name is refused"),
    (Code("XMinioInvalidObjectName"), Dump, "the object's name is refused"),
    // A proxy's limit for bodies, which is not the store's.
    (
        Status(413..=413),
        Rule,
        "the object is too large for the store, or for a proxy before it",
    ),
    // The store has lost or mixed up parts. A new upload is begun.
    (Code("NoSuchUpload"), Rule, "the upload in parts is gone"),
    (Code("InvalidPart"), Rule, "a part of the upload is gone"),
    (Code("InvalidPartOrder"), Rule, "a part of the upload is gone"),
    (Code("EntityTooSmall"), Rule, "the store wants larger parts"),
    // Another writer, a lock or a tier holds this one object.
    (Code("ObjectLocked"), Rule, "the object is locked"),
    (Code("InvalidObjectState"), Rule, "the object is in an archive"),
    (
        Code("PreconditionFailed"),
        Rule,
        "the object exists and may not be replaced",
    ),
    (
        Code("MethodNotAllowed"),
        Rule,
        "the store does not allow this for the object",
    ),
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
    (Code("RequestExpired"), Credentials, "the credentials have expired"),
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
    (Code("RequestTimeTooSkewed"), Destination, CLOCK),
    (
        Code("AuthorizationHeaderMalformed"),
        Destination,
        "storage.s3.region is not the bucket's region",
    ),
    (
        Code("IllegalLocationConstraintException"),
        Destination,
        "storage.s3.region is not the bucket's region",
    ),
    (Code("NoSuchBucket"), Destination, "the bucket does not exist"),
    (Code("NoSuchKey"), Destination, "the object is not there"),
    (
        Code("InvalidBucketName"),
        Destination,
        "storage.s3.bucket is no name of a bucket there",
    ),
    (Code("AllAccessDisabled"), Destination, "the bucket is closed"),
    (Code("AccountProblem"), Destination, "the account is closed"),
    (
        Code("InvalidStorageClass"),
        Destination,
        "storage.s3.headers names a storage class that is not known there",
    ),
    (
        Code("NotImplemented"),
        Destination,
        "the store does not know this request",
    ),
    (Code("SlowDown"), Destination, SLOWER),
    (Code("TooManyRequests"), Destination, SLOWER),
    (Code("RequestLimitExceeded"), Destination, SLOWER),
    (Code("QuotaExceeded"), Destination, "the store is full"),
    (Code("XMinioStorageFull"), Destination, "the store is full"),
    (Status(507..=507), Destination, "the store is full"),
    (
        Status(300..=399),
        Destination,
        "it sends elsewhere, which is not followed: storage.s3.region or storage.s3.endpoint is not the bucket's",
    ),
    (
        Status(407..=407),
        Destination,
        "the proxy wants a user and a password in its URL, or others",
    ),
    (Status(401..=403), Credentials, "no permission, or a wrong key"),
    (Status(404..=404), Destination, "the bucket does not exist"),
    (Status(429..=429), Destination, "too many requests"),
    (Status(500..=599), Destination, "the store fails"),
];

/// A 400 that says nothing about the object may come from a damaged transfer, a configured header or a proxy.
const OTHERS: (Blame, &str) = (Destination, "the request is refused");

/// An answer that is about the time is looked at once more.
pub const CLOCK: &str = "this machine's clock is wrong";
const SLOWER: &str = "the store asks to go slower";

/// Whose fault an answer with this status and this code is, and what it says.
pub fn judge(status: u16, code: Option<&str>) -> (Blame, &'static str) {
    let fits = |on: &On| match on {
        Code(known) => code == Some(known),
        Status(range) => range.contains(&status),
    };
    let line = TABLE.iter().find(|(on, ..)| fits(on));
    line.map_or(OTHERS, |(_, blame, what)| (*blame, *what))
}
