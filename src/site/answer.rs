//! An answer, with the headers that all answers have.
//!
//! Whatever a dump or a row holds, a browser takes nothing of it for more than text: no script but the page's own, no
//! other site, no frame, no guess of a type, no copy in a cache. Failures of a request become pages in the same way.
use hyper::body::Bytes;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{HeaderMap, StatusCode};

use super::html::Html;
use crate::storage::Content;

/// What is sent back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Body,
}

#[derive(Debug)]
pub enum Body {
    Whole(Bytes),
    /// An object of the store, which is sent piece by piece.
    Object(Content),
}

/// What every answer forbids to the browser. A page that has a policy of its own is bound by both.
const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
];

/// The policy of pages that have no script.
const PLAIN_POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
                            frame-ancestors 'none'";

impl Answer {
    pub fn new(status: StatusCode, kind: &'static str, policy: &str, body: impl Into<Bytes>) -> Answer {
        let mut headers = HeaderMap::new();
        for (name, value) in ALWAYS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        // A policy is made of our own words; if it were no header, the strictest one would hold.
        let policy = HeaderValue::from_str(policy).unwrap_or(HeaderValue::from_static("default-src 'none'; sandbox"));
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        Answer {
            status,
            headers,
            body: Body::Whole(body.into()),
        }
    }

    /// A page without script.
    pub fn page(status: StatusCode, page: Html) -> Answer {
        Answer::new(status, "text/html; charset=utf-8", PLAIN_POLICY, page.into_text())
    }

    pub fn style(text: &'static str) -> Answer {
        Answer::new(StatusCode::OK, "text/css; charset=utf-8", PLAIN_POLICY, text)
    }

    /// Data for the script of a page, packed.
    pub fn data(packed: Vec<u8>) -> Answer {
        Answer::new(StatusCode::OK, "application/octet-stream", PLAIN_POLICY, packed)
    }

    /// Others are served first. A page asks again a little later.
    pub fn busy() -> Answer {
        let mut answer = failure(
            StatusCode::SERVICE_UNAVAILABLE,
            "Another part is being read; try again a little later.",
        );
        answer
            .headers
            .insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        answer
    }

    /// An object of the store, to be saved under this name.
    pub fn download(content: Content, name: &str) -> Answer {
        let mut answer = Answer::new(StatusCode::OK, "application/octet-stream", PLAIN_POLICY, "");
        let disposition = format!("attachment; filename=\"{}\"", harmless(name));
        if let Ok(value) = HeaderValue::from_str(&disposition) {
            answer.headers.insert(header::CONTENT_DISPOSITION, value);
        }
        answer.body = Body::Object(content);
        answer
    }

    /// Sends the browser to a path of ours.
    pub fn redirect(path: &'static str) -> Answer {
        let mut answer = Answer::new(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", PLAIN_POLICY, "");
        answer.headers.insert(header::LOCATION, HeaderValue::from_static(path));
        answer
    }

    /// A page that says why there is no other.
    pub fn failure(status: StatusCode, title: &str, why: &str) -> Answer {
        let mut page = Html::page(title);
        page.raw("<main><h1>").text(title).raw("</h1><p>").text(why);
        page.raw("</p><p><a href=\"/\">All calls</a></p></main>");
        Answer::page(status, page.end())
    }
}

/// A page that says why there is no other, under the name of the status.
pub fn failure(status: StatusCode, why: &str) -> Answer {
    Answer::failure(status, status.canonical_reason().unwrap_or("No page"), why)
}

/// Database or store do not answer, or refuse. Their words name servers and files, and no secret.
pub fn unavailable(error: impl std::fmt::Display) -> Answer {
    log::warn!("a page could not be made: {error}");
    failure(StatusCode::BAD_GATEWAY, &error.to_string())
}

/// A file name of which no shell and no browser makes anything else.
fn harmless(name: &str) -> String {
    let harmless = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    name.chars().map(harmless).collect()
}
