//! `[database.postgres]`: the connection string from its file, and whether the options can be used.
//!
//! It is looked at only if this backend is chosen, so that a table prepared for later does no harm. Never here:
//! connections. No error contains any part of the string.
use super::sources::{Problem, Sources};
use crate::database::{DatabaseBackend, DatabaseOptions, Postgres, PostgresOptions};
use crate::redact::Secret;
use crate::unfit::Unfit;

/// Fills in what a file gives; returns everything that is wrong.
pub fn complete(options: &mut DatabaseOptions, sources: &Sources) -> Vec<Problem> {
    if options.backend != DatabaseBackend::Postgres {
        return Vec::new();
    }
    let postgres = &mut options.postgres;
    if let Err(problem) = read_url(postgres, sources) {
        return vec![problem];
    }
    match Postgres::new(postgres) {
        Ok(_) => Vec::new(),
        Err(Unfit { key, message }) => {
            let key = if key == "url" && postgres.url_file.is_some() {
                "url_file"
            } else {
                key
            };
            vec![sources.problem(&format!("database.postgres.{key}"), message)]
        }
    }
}

fn read_url(options: &mut PostgresOptions, sources: &Sources) -> Result<(), Problem> {
    let problem = |key: &str, message: String| Err(sources.problem(&format!("database.postgres.{key}"), message));
    // An empty one is as good as not given, where a file gives one.
    if options.url_file.is_some() && options.url.as_ref().is_some_and(|url| url.expose().is_empty()) {
        options.url = None;
    }
    match (&options.url, &options.url_file) {
        (Some(_), Some(_)) => problem("url_file", "is given beside url; leave one of them out".into()),
        (None, None) => problem(
            "url",
            "is missing; write it like postgres://user:password@host:5432/database".into(),
        ),
        (Some(_), None) => Ok(()),
        (None, Some(file)) => match Secret::read(file) {
            Ok(url) => {
                options.url = Some(url);
                Ok(())
            }
            Err(error) => problem("url_file", error.to_string()),
        },
    }
}
