//! What went wrong with one request, and what it is about, in words for an operator.
//!
//! The table in `blame` decides by status and code; here the whole answer is looked at, because a page, a region or a
//! clock says more than a status. The text of an answer is never kept, because it repeats keys and signatures; only its
//! code and its region are, and only if they look like one.
use std::fmt;
use std::io;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::answer::Answer;
pub use super::blame::Blame;
use super::blame::{CLOCK, judge};
use super::transport::Unanswered;
use super::xml::{self, Refusal};
use crate::whose::machine_is_short;

/// One failed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The HTTP status; `None` when no answer came.
    pub status: Option<u16>,
    pub blame: Blame,
    /// The error code in the answer (`NoSuchBucket`).
    code: Option<String>,
    what: String,
    source: Source,
}

/// What the failure was met in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Store,
    /// A page for people, as proxies and logins send it.
    WebPage,
    /// The host's name has no address, or its certificate has another name.
    HostName,
    /// This machine's settings, by the store's word: its region or its clock.
    Settings,
    Nothing,
}

const PAGE: &str = "a web page came instead of a store's answer: storage.s3.endpoint is not a store's, or a proxy or a \
                    login stands before it";

impl Error {
    /// An answer that reports no success. `region` is the one that was signed for.
    pub fn answer(answer: &Answer, region: &str) -> Error {
        let status = answer.status;
        let refusal: Option<Refusal> = xml::read(&answer.body, &["Error"]);
        let code = refusal.as_ref().and_then(|refusal| word(refusal.code.as_deref()?, "."));
        let (blame, what) = judge(status, code.as_deref());
        let error = Error {
            status: Some(status),
            blame,
            what: what.to_owned(),
            code,
            source: Source::Store,
        };
        let named = answer.header("x-amz-bucket-region");
        let named = named.or(refusal.as_ref().and_then(|refusal| refusal.region.as_deref()));
        let named = named.and_then(|named| word(named, "-")).filter(|named| named != region);
        match named {
            Some(named) if matches!(status, 300..=400) => Error {
                blame: Blame::Destination,
                what: format!("the bucket is in {named}: set storage.s3.region to it"),
                source: Source::Settings,
                ..error
            },
            _ if what == CLOCK => Error {
                what: skew(answer).map_or(CLOCK.to_owned(), |skew| format!("{CLOCK}: {skew}")),
                source: Source::Settings,
                ..error
            },
            _ if error.code.is_none() && status < 500 && status != 413 && is_web_page(answer) => Error {
                blame: Blame::Destination,
                what: PAGE.to_owned(),
                source: Source::WebPage,
                ..error
            },
            _ => error,
        }
    }

    /// An answer that reports success, but not the one that was asked for.
    pub fn odd(answer: &Answer, what: impl Into<String>) -> Error {
        let (what, source) = match is_web_page(answer) {
            true => (PAGE.to_owned(), Source::WebPage),
            false => (what.into(), Source::Store),
        };
        Error {
            status: Some(answer.status),
            blame: Blame::Destination,
            code: None,
            what,
            source,
        }
    }

    /// No answer came.
    pub fn unanswered(cause: &Unanswered) -> Error {
        let (blame, source) = match cause {
            Unanswered::Io(error) if machine_is_short(error) => (Blame::Machine, Source::Nothing),
            Unanswered::Io(error) | Unanswered::Certificate { error, .. } if is_of_another_name(error) => {
                (Blame::Destination, Source::HostName)
            }
            Unanswered::Unresolved(_) => (Blame::Destination, Source::HostName),
            _ => (Blame::Destination, Source::Nothing),
        };
        Error {
            status: None,
            blame,
            code: None,
            what: cause.to_string(),
            source,
        }
    }

    /// There are no credentials to sign with.
    pub fn credentials(cause: &dyn fmt::Display) -> Error {
        Error {
            status: None,
            blame: Blame::Destination,
            code: None,
            what: cause.to_string(),
            source: Source::Nothing,
        }
    }

    /// The object store allows only this many parts for one object.
    pub fn too_large() -> Error {
        Error {
            status: None,
            blame: Blame::Dump,
            code: None,
            what: "the object is too large".to_owned(),
            source: Source::Nothing,
        }
    }

    /// The same, with what to do.
    #[must_use]
    pub fn advised(mut self, advice: &str) -> Error {
        self.what += "; ";
        self.what += advice;
        self
    }

    /// The same, met while an object was sent in parts. What answers, but not as it should, is about these requests
    /// alone: dumps that are sent at once may pass.
    #[must_use]
    pub fn of_parts(self) -> Error {
        let is_about_parts = self.blame == Blame::Destination
            && matches!(self.source, Source::Store | Source::WebPage)
            && (matches!(self.status, Some(200..=299 | 400 | 405 | 409 | 501))
                || (self.status == Some(404) && self.code.is_none()))
            && self.code.as_deref() != Some("SlowDown");
        match is_about_parts {
            true => Error {
                blame: Blame::Rule,
                ..self
            },
            false => self,
        }
    }

    /// True if the answer says that the thing asked for does not exist.
    pub fn is_missing(&self) -> bool {
        self.status == Some(404) && self.source == Source::Store && self.code.as_deref() != Some("NoSuchBucket")
    }

    /// True if the answer says so in a store's own words, and not only by its status, which a proxy may give as well.
    pub fn is_missing_by_name(&self) -> bool {
        matches!(self.code.as_deref(), Some("NoSuchKey" | "NoSuchVersion"))
    }

    /// True if these credentials may not do this. They may be right for something else.
    pub fn is_forbidden(&self) -> bool {
        self.status == Some(403) && matches!(self.code.as_deref(), None | Some("AccessDenied" | "UnauthorizedAccess"))
    }

    /// True if what answers does not take this one request, and another may be taken. Not if the answer is about who
    /// asks, the bucket, the proxy, the time or this machine's settings.
    pub fn may_be_about_one(&self) -> bool {
        let is_refused =
            matches!(self.status, Some(400..=499)) && !matches!(self.status, Some(401 | 404 | 407 | 408 | 429));
        is_refused && self.source != Source::Settings && (self.blame != Blame::Credentials || self.is_forbidden())
    }

    /// True if the store has no such request, for any object.
    pub fn is_unknown_request(&self) -> bool {
        self.status == Some(501) || self.code.as_deref() == Some("NotImplemented")
    }

    /// True if the store answers, knows who asks, and will not do this.
    pub fn is_refusal(&self) -> bool {
        let is_refused = matches!(self.status, Some(400 | 403 | 405 | 409 | 412 | 423 | 451 | 501));
        is_refused && self.source == Source::Store && (self.blame != Blame::Credentials || self.is_forbidden())
    }

    /// True if it reports success and no error of a store's, but is not the answer that was asked for.
    pub fn is_odd(&self) -> bool {
        matches!(self.status, Some(200..=299)) && self.code.is_none()
    }

    /// True if the store says in its own words that it has no such upload.
    pub fn is_upload_missing(&self) -> bool {
        self.code.as_deref() == Some("NoSuchUpload")
    }

    /// True if the store does not know this upload, or a part of it, any more.
    pub fn is_upload_lost(&self) -> bool {
        matches!(
            self.code.as_deref(),
            Some("NoSuchUpload" | "InvalidPart" | "InvalidPartOrder")
        )
    }

    /// True if the name of the host may be the cause.
    pub fn is_about_host(&self) -> bool {
        self.source == Source::HostName
    }
}

/// How far this machine's clock is from the store's, in words, by the `Date` of its answer.
pub fn skew(answer: &Answer) -> Option<String> {
    let seconds = ahead(answer)?;
    let minutes = (seconds.abs() + 30) / 60;
    let side = if seconds < 0 { "behind" } else { "ahead of" };
    Some(format!("{minutes} min {side} the store's"))
}

/// The seconds by which this machine's clock is ahead of the store's.
pub fn ahead(answer: &Answer) -> Option<i64> {
    let theirs = OffsetDateTime::parse(answer.header("date")?, &Rfc2822).ok()?;
    Some((OffsetDateTime::now_utc() - theirs).whole_seconds())
}

/// Whether a page for people came. A type alone says nothing: some servers give it to empty answers as well.
pub fn is_web_page(answer: &Answer) -> bool {
    let is_declared = answer
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("text/html"));
    let beginning = String::from_utf8_lossy(&answer.body[..answer.body.len().min(256)]).to_ascii_lowercase();
    let beginning = beginning.trim_start();
    (is_declared && !beginning.is_empty()) || beginning.starts_with("<!doctype html") || beginning.starts_with("<html")
}

fn is_of_another_name(error: &io::Error) -> bool {
    use rustls::CertificateError::{NotValidForName, NotValidForNameContext};
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(
        inner,
        Some(rustls::Error::InvalidCertificate(
            NotValidForName | NotValidForNameContext { .. }
        ))
    )
}

/// The text, if it is one word of letters, digits and what is given beside.
fn word(text: &str, further: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || further.contains(c);
    ((1..=CODE_BYTES_MAX).contains(&text.len()) && text.chars().all(fits)).then(|| text.to_owned())
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
mod tests;
