//! Which answer belongs to which request: who may ask, what the path names, and the row behind an id.
use aws_lc_rs::error::Unspecified;
use hyper::http::request::Parts;
use hyper::{Method, StatusCode, header};
use percent_encoding::percent_decode_str;
use url::Url;

use super::answer::{Answer, failure, unavailable};
use super::asker::Asker;
use super::call::{Calls, Stored};
use super::catalogue::{self, Sight};
use super::entry::{Doorkeeper, Entry, Refusal};
use super::query::Query;
use crate::database::{Database, Filter, RowKey};
use crate::findings::Settings;
use crate::storage::Storage;
use crate::time::UnixMs;

/// What the pages are made from.
#[derive(Debug)]
pub struct Site {
    doorkeeper: Doorkeeper,
    catalogue: Database,
    calls: Calls,
}

/// What a path means.
enum Route {
    Catalogue,
    Style,
    Call(RowKey),
    Pair,
    Series(RowKey),
    Dump(RowKey),
}

impl Site {
    /// For rows and objects that can be read. A page has `page_bytes` at most. `public` is the address under which
    /// browsers come through a proxy.
    ///
    /// # Errors
    /// The system gives no random bytes for the token.
    pub fn new(
        catalogue: Database,
        store: Storage,
        settings: Settings,
        page_bytes: usize,
        public: Option<Url>,
    ) -> Result<Site, Unspecified> {
        Ok(Site {
            doorkeeper: Doorkeeper::new(public)?,
            catalogue,
            calls: Calls::new(store, settings, page_bytes),
        })
    }

    /// The URL that lets its reader in. `authority` is the host and port that is listened on.
    pub fn url(&self, authority: &str) -> String {
        self.doorkeeper.url(authority)
    }

    /// Whether a request is answered at all, or what it gets at once: a refusal, or the cookie for a token. Nothing is
    /// looked up for that.
    pub fn at_once(&self, head: &Parts) -> Option<Answer> {
        if head.method != Method::GET && head.method != Method::HEAD {
            let mut answer = failure(StatusCode::METHOD_NOT_ALLOWED, "Only reading is possible here.");
            answer
                .headers
                .insert(header::ALLOW, header::HeaderValue::from_static("GET, HEAD"));
            return Some(answer);
        }
        match self.doorkeeper.judge(head) {
            Entry::Refused(refusal) => Some(refused(refusal)),
            Entry::Exchange => Some(self.exchange()),
            Entry::Granted => None,
        }
    }

    /// Answers a request that is not answered at once, of which only the head is looked at. May block for as long as a
    /// dump takes to be read.
    pub fn answer(&self, head: &Parts, asker: &Asker) -> Answer {
        match route(head.uri.path()) {
            Some(Route::Catalogue) => self.catalogue(&Query::of(&head.uri)),
            Some(Route::Style) => Answer::style(include_str!("assets/site.css")),
            Some(Route::Call(key)) => self.with(&key, |stored| self.calls.page(stored, asker)),
            Some(Route::Pair) => self.pair(&Query::of(&head.uri), asker),
            Some(Route::Series(key)) => {
                let query = Query::of(&head.uri);
                self.with(&key, |stored| self.calls.series(stored, &query, asker))
            }
            Some(Route::Dump(key)) => self.with(&key, |stored| self.calls.dump(stored)),
            None => failure(StatusCode::NOT_FOUND, "There is no such page."),
        }
    }

    fn exchange(&self) -> Answer {
        let mut answer = Answer::redirect("/");
        match header::HeaderValue::from_str(&self.doorkeeper.set_cookie()) {
            Ok(cookie) => {
                answer.headers.insert(header::SET_COOKIE, cookie);
                answer
            }
            Err(error) => unavailable(error),
        }
    }

    fn catalogue(&self, query: &Query) -> Answer {
        match catalogue::filter(query, UnixMs::now()) {
            Err(why) => Answer::page(StatusCode::BAD_REQUEST, catalogue::page(query, Err(&why))),
            Ok(filter) => match self.catalogue.find(&filter) {
                Ok(rows) => match self.catalogue.may_hide_rows() {
                    Ok(may_hide) => {
                        let sight = if may_hide { Sight::Limited } else { Sight::Whole };
                        Answer::page(StatusCode::OK, catalogue::page(query, Ok((&rows, sight))))
                    }
                    Err(error) => unavailable(error),
                },
                Err(error) => unavailable(error),
            },
        }
    }

    fn with(&self, key: &RowKey, answer: impl FnOnce(&Stored) -> Answer) -> Answer {
        match self.stored(key) {
            Ok(stored) => answer(&stored),
            Err(failure) => *failure,
        }
    }

    /// Two calls, each named by its id.
    fn pair(&self, query: &Query, asker: &Asker) -> Answer {
        let ids = query.all("id");
        let [one, other] = ids[..] else {
            let why = format!("Two calls can be compared. Chosen: {}.", ids.len());
            return failure(StatusCode::BAD_REQUEST, &why);
        };
        let stored = |id: &str| self.stored(&RowKey::from(id));
        match stored(one).and_then(|one| stored(other).map(|other| (one, other))) {
            Ok((one, other)) => self.calls.pair([&one, &other], asker),
            Err(failure) => *failure,
        }
    }

    /// Finds the row of a dump, and where its object is.
    fn stored(&self, key: &RowKey) -> Result<Stored, Box<Answer>> {
        let filter = Filter {
            id: Some(key.clone()),
            limit: 1,
            ..Filter::default()
        };
        let rows = self.catalogue.find(&filter).map_err(unavailable)?;
        let row = rows.into_iter().next().ok_or_else(|| {
            failure(
                StatusCode::NOT_FOUND,
                "No stored call has this id. A call is stored some seconds after its end.",
            )
        })?;
        match row.blob_url.clone() {
            Some(url) => Ok(Stored { row, url }),
            None => Err(Box::new(failure(
                StatusCode::GONE,
                "The dump of this call was removed; its row is still there.",
            ))),
        }
    }
}

fn route(path: &str) -> Option<Route> {
    let mut parts = path.strip_prefix('/')?.split('/');
    let key = |text: &str| {
        let text = percent_decode_str(text).decode_utf8().ok()?;
        (!text.is_empty()).then(|| RowKey::from(&*text))
    };
    Some(match (parts.next()?, parts.next(), parts.next(), parts.next()) {
        ("", None, ..) => Route::Catalogue,
        ("style.css", None, ..) => Route::Style,
        ("compare", None, ..) => Route::Pair,
        ("calls", Some(id), None, _) => Route::Call(key(id)?),
        ("calls", Some(id), Some("series"), None) => Route::Series(key(id)?),
        ("calls", Some(id), Some("dump"), None) => Route::Dump(key(id)?),
        _ => return None,
    })
}

fn refused(refusal: Refusal) -> Answer {
    let (status, why) = match refusal {
        Refusal::Host => (
            StatusCode::MISDIRECTED_REQUEST,
            "This name is not that of this machine. Open localhost or 127.0.0.1, or start with --public-url.",
        ),
        Refusal::Origin => (StatusCode::FORBIDDEN, "The page of another site has sent this request."),
        Refusal::Unknown => return unknown_page(),
    };
    failure(status, why)
}

/// A browser that came by a link elsewhere sends its cookie only with the next step, so there has to be one.
fn unknown_page() -> Answer {
    Answer::failure(
        StatusCode::UNAUTHORIZED,
        "Who are you?",
        "Open the link that rtcstats-server view has printed. If you have done so just now, go on with the link below.",
    )
}
