//! What there is of one stored call: its page, parts of the values that its page has not, and the dump itself.
//!
//! Limits: a dump of `SITE_DUMP_BYTES_MAX`, as it is stored; a part of `SITE_PART_BYTES_MAX`. A dump that cannot be
//! read to its end gives the page of what was read, which says so. Failures: the store does not answer, or what it has
//! is no dump; another part is being made.
use std::io::Read;

use hyper::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::answer::{Answer, failure, unavailable};
use super::asker::Asker;
use super::html::Html;
use super::query::Query;
use super::shelf::{Shelf, locked};
use crate::database::{Found, RowKey};
use crate::dump::open::Dump;
use crate::findings::Settings;
use crate::labels::Labels;
use crate::limits::{SITE_DUMP_BYTES_MAX, SITE_PART_BYTES_MAX};
use crate::storage::{ByteRange, Storage};
use crate::view::series::lend_file;
use crate::view::{self, Builder, Ending, Model, Part, Whole};

/// A call whose dump is there: its row, and where the object lies.
#[derive(Debug)]
pub struct Stored {
    pub row: Found,
    pub url: String,
}

/// What pages of calls are made from.
#[derive(Debug)]
pub struct Calls {
    store: Storage,
    settings: Settings,
    page_bytes: usize,
    shelf: Shelf,
}

impl Calls {
    pub fn new(store: Storage, settings: Settings, page_bytes: usize) -> Calls {
        Calls {
            store,
            settings,
            page_bytes,
            shelf: Shelf::default(),
        }
    }

    /// The page of a call.
    pub fn page(&self, stored: &Stored, asker: &Asker) -> Answer {
        let (model, whole) = match self.made(stored, self.page_bytes, asker) {
            Ok(made) => made,
            Err(answer) => return *answer,
        };
        if whole.is_thinned() {
            self.shelf.put(&stored.url, whole);
        }
        let series = format!("{}/series", path(&stored.row.id));
        html(view::served(&lead(&[stored]), &model, &series))
    }

    /// The page of two calls on one axis. Together they are as large as one.
    pub fn pair(&self, [one, other]: [&Stored; 2], asker: &Asker) -> Answer {
        let made = |stored| self.made(stored, self.page_bytes / 2, asker);
        match made(one).and_then(|first| made(other).map(|second| (first.0, second.0))) {
            Ok((first, second)) => html(view::served_pair(&lead(&[one, other]), &first, &second)),
            Err(answer) => *answer,
        }
    }

    /// All values from one time to another, both in ms since 1970.
    pub fn series(&self, stored: &Stored, query: &Query, asker: &Asker) -> Answer {
        let time = |name| query.get(name).and_then(|text| text.parse::<f64>().ok());
        let (from, to) = match (time("from"), time("to")) {
            (Some(from), Some(to)) if from.is_finite() && to.is_finite() && from <= to => (from, to),
            _ => {
                return failure(
                    StatusCode::BAD_REQUEST,
                    "Write from and to, in ms since 1970, the earlier one first.",
                );
            }
        };
        let values = match self.shelf.get(&stored.url) {
            Some(values) => values,
            None => {
                let Some(_turn) = self.shelf.turn() else {
                    return Answer::busy();
                };
                match self.made(stored, self.page_bytes, asker) {
                    Ok((_, whole)) => self.shelf.put(&stored.url, whole),
                    Err(answer) => return *answer,
                }
            }
        };
        let part = locked(&values).between(from, to, SITE_PART_BYTES_MAX);
        match part {
            Ok(part) => Answer::data(part),
            Err(error) => no_room(&error),
        }
    }

    fn made(
        &self,
        Stored { row, url }: &Stored,
        page_bytes: usize,
        asker: &Asker,
    ) -> Result<(Model, Whole), Box<Answer>> {
        let content = self
            .store
            .get(url, ByteRange::ALL)
            .map_err(|error| Box::new(unavailable(error)))?;
        let mut dump = Dump::open(asker.awaits(content.take(SITE_DUMP_BYTES_MAX)))
            .map_err(|error| Box::new(failure(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string())))?;
        let mut builder = Builder::new(&row.id.to_string(), &mut dump, &self.settings, lend_file());
        builder.limit(page_bytes);
        let ended = dump.each(|event| builder.event(event, Part::Shown));
        if asker.has_gone() {
            return Err(Box::new(Answer::busy()));
        }
        let ending = Ending {
            words: ended.err().map(|error| error.to_string()).into_iter().collect(),
            ..Ending::default()
        };
        builder
            .finish_whole(&dump, ending)
            .map_err(|error| Box::new(no_room(&error)))
    }

    /// The dump as it is stored.
    pub fn dump(&self, Stored { row, url }: &Stored) -> Answer {
        let name = url.rsplit('/').next().filter(|name| !name.is_empty());
        match self.store.get(url, ByteRange::ALL) {
            Ok(content) => Answer::download(content, name.unwrap_or(&row.id.to_string())),
            Err(error) => unavailable(error),
        }
    }
}

fn html(page: Vec<u8>) -> Answer {
    let policy = format!("{}; frame-ancestors 'none'", view::served_policy());
    Answer::new(StatusCode::OK, "text/html; charset=utf-8", &policy, page)
}

/// The way back to the catalogue, and on to what belongs to the calls. It stands above the page's own frame.
fn lead(calls: &[&Stored]) -> String {
    let mut nav = Html::default();
    nav.raw("<nav class=\"served\" aria-label=\"Catalogue\"><a href=\"/\">All calls</a>");
    for Stored { row, .. } in calls {
        let id = row.id.to_string();
        let link = |nav: &mut Html, path: &str, words: &str| {
            nav.raw("<a href=\"").text(path).raw("\">").text(words).raw("</a>");
        };
        if calls.len() > 1 {
            link(&mut nav, &path(&row.id), &id);
        } else {
            let Labels {
                user,
                conference,
                session,
            } = &row.labels;
            for (name, label) in [("user", user), ("conference", conference), ("session", session)] {
                if let Some(label) = label {
                    let query = Query::default().with(name, label);
                    link(&mut nav, &format!("/?{query}"), &format!("{name} {label}"));
                }
            }
            let query = Query::default().with("with", &id);
            link(&mut nav, &format!("/?{query}"), "Compare with another call");
        }
        link(&mut nav, &format!("{}/dump", path(&row.id)), "Download");
    }
    nav.raw("</nav>\n");
    nav.into_text()
}

/// The path of a call's page.
pub fn path(id: &RowKey) -> String {
    format!("/calls/{}", utf8_percent_encode(&id.to_string(), NON_ALPHANUMERIC))
}

fn no_room(error: &std::io::Error) -> Answer {
    failure(StatusCode::INSUFFICIENT_STORAGE, &format!("temporary file: {error}"))
}
