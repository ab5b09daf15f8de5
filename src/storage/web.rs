//! Reads what an http(s) URL names: a dump that somebody has published, from any server.
//!
//! Nothing is signed, no credentials are sent and no cookies kept. A redirect is followed to any host, but only within
//! the scheme, so that what was asked for over TLS is never read without it. Nothing of the URL's query is repeated in
//! a message, because it may hold a signature. Limits: `WEB_REDIRECTS_COUNT_MAX`, and the times of the transport; how
//! much is read is the caller's decision. Failures: [`WebError`].
use std::time::Duration;

use url::{Position, Url};

use super::content::Content;
use super::s3::download::Download;
use super::s3::origin::Origin;
use super::s3::transport::{Method, Request, Transport, Unanswered};
use crate::limits::{S3_GET_S_MAX, WEB_REDIRECTS_COUNT_MAX};

/// Why nothing can be read there.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    #[error("this is no URL that can be read: {0}")]
    Url(String),
    #[error("{0}")]
    Unanswered(String),
    #[error("the server answers with {status}{meaning}")]
    Status { status: u16, meaning: &'static str },
    #[error("the server sends elsewhere with {status}, and does not say where")]
    Nowhere { status: u16 },
    #[error("it leads from {from} to {to}, which is not followed; give that URL if it is meant")]
    Scheme { from: String, to: String },
    #[error("it is sent on more than {WEB_REDIRECTS_COUNT_MAX} times")]
    Circle,
}

/// The bytes behind a URL.
///
/// # Errors
/// The answer is not a 200.
pub fn fetch(url: &str) -> Result<Content, WebError> {
    let mut url = Url::parse(url).map_err(|error| WebError::Url(error.to_string()))?;
    let transport = Transport::new();
    for _ in 0..=WEB_REDIRECTS_COUNT_MAX {
        match ask(&transport, &url)? {
            Asked::Content(content) => return Ok(content),
            Asked::Elsewhere(next) => url = next,
        }
    }
    Err(WebError::Circle)
}

enum Asked {
    Content(Content),
    Elsewhere(Url),
}

fn ask(transport: &Transport, url: &Url) -> Result<Asked, WebError> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(WebError::Url(
            "it has a user or a password, which is not sent".to_owned(),
        ));
    }
    let origin = Origin::parse(&url[..Position::BeforePath]).map_err(|why| WebError::Url(why.to_owned()))?;
    let headers = [("Accept", "*/*"), ("Accept-Encoding", "identity")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let asked = transport.download(&Request {
        method: Method::Get,
        origin: &origin,
        target: &url[Position::BeforePath..Position::AfterQuery],
        headers: &headers,
        body: &[],
        time: Duration::from_secs(S3_GET_S_MAX),
        answer_bytes: 0,
    });
    let (answer, body) = asked.map_err(|error| WebError::Unanswered(words(&error)))?;
    match answer.status {
        200 => {
            let length = answer.header("content-length").and_then(|length| length.parse().ok());
            Ok(Asked::Content(Content::new(length, Download::new(body))))
        }
        status @ (301..=303 | 307 | 308) => {
            let next = answer.header("location").and_then(|location| url.join(location).ok());
            let next = next.ok_or(WebError::Nowhere { status })?;
            if next.scheme() != url.scheme() {
                let (from, to) = (without_secrets(url), without_secrets(&next));
                return Err(WebError::Scheme { from, to });
            }
            Ok(Asked::Elsewhere(next))
        }
        status => Err(WebError::Status {
            status,
            meaning: meaning(status),
        }),
    }
}

/// The URL for a message.
fn without_secrets(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    format!("{}://{host}{port}{}", url.scheme(), url.path())
}

fn words(error: &Unanswered) -> String {
    match error {
        Unanswered::NotHttp => "what answers there is no HTTP server".to_owned(),
        error => error.to_string(),
    }
}

fn meaning(status: u16) -> &'static str {
    match status {
        401 | 407 => ": it wants a user or a token",
        403 => ": it does not allow to read this; a signed URL may have expired",
        404 | 410 => ": there is nothing at this URL",
        429 => ": too many requests",
        500..=599 => ": it fails",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_url_of_a_server_is_told_without_its_secrets() {
        for (url, said) in [
            ("dumps/a", "relative URL"),
            ("https://", "empty host"),
            ("ftp://example.org/a", "neither http nor https"),
            ("https://user:secret@example.org/a", "user or a password"),
        ] {
            let told = fetch(url).expect_err(url).to_string();
            assert!(told.contains(said) && !told.contains("secret"), "{told}");
        }
    }

    #[test]
    fn a_message_has_no_query() {
        let url = Url::parse("https://example.org:8443/a/b?X-Amz-Signature=secret#x").unwrap();
        assert_eq!(without_secrets(&url), "https://example.org:8443/a/b");
    }
}
