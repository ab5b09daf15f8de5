//! What there is of one stored call: its page, and the dump itself.
//!
//! Limits: a dump of `SITE_DUMP_BYTES_MAX`, as it is stored. A dump that cannot be read to its end gives the page of
//! what was read, which says so. Failures: the store does not answer, or what it has is no dump.
use std::io::Read;

use hyper::StatusCode;

use super::answer::{Answer, failure, unavailable};
use crate::database::Found;
use crate::dump::open::Dump;
use crate::findings::Settings;
use crate::limits::SITE_DUMP_BYTES_MAX;
use crate::storage::{ByteRange, Storage};
use crate::view::series::Lend;
use crate::view::{self, Builder, Ending, Part};

/// The page of a call.
pub fn page(store: &Storage, settings: &Settings, row: &Found, url: &str) -> Answer {
    let content = match store.get(url, ByteRange::ALL) {
        Ok(content) => content,
        Err(error) => return unavailable(error),
    };
    let mut dump = match Dump::open(content.take(SITE_DUMP_BYTES_MAX)) {
        Ok(dump) => dump,
        Err(error) => return failure(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string()),
    };
    let mut builder = Builder::new(&row.id.to_string(), &mut dump, settings, lend());
    let ended = dump.each(|event| builder.event(event, Part::Shown));
    let ending = Ending {
        words: ended.err().map(|error| error.to_string()).into_iter().collect(),
        masked: false,
    };
    let model = match builder.finish(&dump, ending) {
        Ok(model) => model,
        Err(error) => return failure(StatusCode::INSUFFICIENT_STORAGE, &format!("temporary file: {error}")),
    };
    let policy = format!("{}; frame-ancestors 'none'", view::policy());
    Answer::new(StatusCode::OK, "text/html; charset=utf-8", &policy, view::page(&model))
}

/// A file without a name, when there is need of one.
fn lend() -> Lend {
    Box::new(|| Ok(Box::new(tempfile::tempfile()?)))
}

/// The dump as it is stored.
pub fn dump(store: &Storage, row: &Found, url: &str) -> Answer {
    let name = url.rsplit('/').next().filter(|name| !name.is_empty());
    match store.get(url, ByteRange::ALL) {
        Ok(content) => Answer::download(content, name.unwrap_or(&row.id.to_string())),
        Err(error) => unavailable(error),
    }
}
