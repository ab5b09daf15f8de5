//! What the mock answers: replies, and what else may become of a connection.

use std::fmt::Write;

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::request::Request;

/// One whole reply.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What a script wants for one request.
pub enum Answer {
    /// This, and nothing is checked or done.
    Say(Reply),
    /// The request is checked and carried out, and the reply changed.
    Alter(Box<dyn FnOnce(Reply) -> Reply>),
    /// The request is carried out, and the connection closed without a reply.
    Cut,
    /// The connection is closed; nothing is done.
    Close,
    /// Nothing is done, and the connection stays open without a word until the mock ends.
    Hang,
}

impl Answer {
    /// This reply without its header of that name; all else as it would be.
    pub fn without(name: &'static str) -> Answer {
        Answer::Alter(Box::new(move |reply| reply.without(name)))
    }

    /// The request is carried out, and this is said about it.
    pub fn done_but(told: Reply) -> Answer {
        Answer::Alter(Box::new(move |_| told))
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Answer {
        Answer::Say(reply)
    }
}

impl Reply {
    pub fn status(status: u16) -> Reply {
        Reply {
            status,
            ..Reply::default()
        }
    }

    /// A document of XML.
    pub fn xml(status: u16, inner: &str) -> Reply {
        let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{inner}");
        Reply::status(status)
            .with("Content-Type", "application/xml")
            .body(&body)
    }

    /// S3's form of an error.
    pub fn error(status: u16, code: &str) -> Reply {
        Reply::error_with(status, code, "", "")
    }

    /// The same with a message and further elements.
    pub fn error_with(status: u16, code: &str, message: &str, further: &str) -> Reply {
        let message = escaped(message);
        let inner =
            format!("<Error><Code>{code}</Code><Message>{message}</Message>{further}<RequestId>0</RequestId></Error>");
        Reply::xml(status, &inner)
    }

    /// A web page.
    pub fn page(status: u16) -> Reply {
        let page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in</body></html>";
        Reply::status(status).with("Content-Type", "text/html").body(page)
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Reply {
        self = self.without(name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn without(mut self, name: &str) -> Reply {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    #[must_use]
    pub fn body(mut self, body: &str) -> Reply {
        self.body = body.as_bytes().to_vec();
        self
    }

    /// As it goes over the wire. An answer to HEAD has no body but tells its length.
    pub fn bytes(&self, request: &Request) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} X\r\n", self.status);
        let has = |name: &str| self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if !has("date") {
            let now = OffsetDateTime::now_utc().format(&DATE).expect("a time of this century");
            let _ = write!(head, "Date: {now}\r\n");
        }
        if !has("content-length") && self.status != 204 {
            let _ = write!(head, "Content-Length: {}\r\n", self.body.len());
        }
        head.push_str("Server: strict\r\nConnection: close\r\n\r\n");
        let mut bytes = head.into_bytes();
        if request.method != "HEAD" && self.status != 204 {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}

/// As text in XML.
pub fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
}

/// RFC 9110, section 5.6.7.
pub const DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
