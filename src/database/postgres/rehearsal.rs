//! Takes one row the whole way, in a transaction that is undone: lock, insert, constraints, reading, marking, deleting.
//!
//! The statements are those of serving. What the row meets decides what is told: a step that ends the way is a refusal;
//! what only retention or erasing would meet, or what the table keeps otherwise than it was given, is a warning. Values
//! in the texts are those of the row that is tried. No limits of its own.
use std::borrow::Cow;
use std::slice;

use serde_json::Value;
use tokio_postgres::{Client, Error};

use super::change::{self, Change};
use super::encoding;
use super::insert;
use super::layout::{Key, Layout};
use super::link::LinkError;
use super::refusal::Refusal;
use super::search;
use super::state;
use crate::database::row::{Filter, Found, Row, RowRemoval};
use crate::trial::Trial;

/// What was tried, and the deed at which the way ended.
pub struct Rehearsed {
    pub trials: Vec<Trial>,
    pub stopped: Option<(&'static str, Stop)>,
}

/// Why the way ended.
pub enum Stop {
    Failed(LinkError),
    /// The server has reported success, and there is no row.
    Swallowed,
}

/// Tries it. `begin` is the text that begins the transaction, `place` names the table in what is told.
pub async fn run(client: &Client, layout: &Layout, begin: &str, place: &str, row: &Row) -> Rehearsed {
    let mut way = Way {
        client,
        layout,
        place,
        trials: Vec::new(),
    };
    let stopped = way.go(begin, row).await.err();
    // The connection is not used again, so what comes of this does not matter.
    let _ = client.batch_execute("ROLLBACK").await;
    Rehearsed {
        trials: way.trials,
        stopped,
    }
}

struct Way<'a> {
    client: &'a Client,
    layout: &'a Layout,
    place: &'a str,
    trials: Vec<Trial>,
}

/// Marks an error with the deed that has failed.
fn at(deed: &'static str) -> impl Fn(Error) -> (&'static str, Stop) {
    move |error| (deed, Stop::Failed(error.into()))
}

impl Way<'_> {
    async fn go(&mut self, begin: &str, row: &Row) -> Result<(), (&'static str, Stop)> {
        let Way { client, layout, .. } = *self;
        if let Some(why) = layout.repeats() {
            return Err(("insert", Stop::Failed(LinkError::Unfit(why))));
        }
        let row = Cow::Borrowed(row);
        let rows = encoding::fitted(client, &layout.facts.encoding, slice::from_ref(&row)).await;
        let rows = rows.map_err(at("characters"))?;
        self.tell_of_encoding(&row, &rows[0]);
        client.batch_execute(begin).await.map_err(at("begin"))?;
        let locks = insert::locks(&rows);
        let locked = client.batch_execute(locks.trim_start_matches("; ")).await;
        locked.map_err(at("advisory lock"))?;
        let inserted = layout.insert(&rows[0]).execute(client).await.map_err(at("insert"))?;
        let constraints = client.batch_execute("SET CONSTRAINTS ALL IMMEDIATE").await;
        constraints.map_err(at("insert"))?;
        let found = self.found(&rows[0]).await.map_err(at("read back"))?;
        match found {
            Some(found) => self.tell_of_differences(&rows[0], &found),
            None if layout.facts.hides => {}
            None if inserted == 0 => return Err(("insert", Stop::Swallowed)),
            None => self.trials.push(Trial::refused(
                self.what("read back"),
                "the row was taken and is not there: a trigger or a rule moves it elsewhere",
                "one row for each dump has to be in this table, or in a view of it",
            )),
        }
        self.tell_of_table();
        let row = rows[0].reference();
        self.change("mark for max_age", layout.release_blob(&row, "probe"))
            .await?;
        self.change("erase", layout.remove(&row)).await
    }

    async fn found(&self, row: &Row) -> Result<Option<Found>, Error> {
        let filter = Filter {
            id: Some(row.id.into()),
            limit: 1,
            ..Filter::default()
        };
        Ok(search::find(self.client, self.layout, &filter).await?.pop())
    }

    /// Makes a change that serving does not need, and undoes it alone.
    async fn change(&mut self, deed: &'static str, change: Change) -> Result<(), (&'static str, Stop)> {
        self.client.batch_execute("SAVEPOINT probe").await.map_err(at(deed))?;
        let changed = change::within(self.client, self.layout, change).await;
        let undone = self.client.batch_execute("ROLLBACK TO probe").await;
        undone.map_err(at(deed))?;
        let what = self.what(deed);
        self.trials.push(match changed.map_err(LinkError::from) {
            Ok(RowRemoval::Done) => Trial::fine(what),
            Ok(RowRemoval::Absent) => Trial::warning(what, "no row is seen", MEND_RIGHTS),
            Ok(RowRemoval::Kept(why)) => Trial::warning(what, why, MEND_RIGHTS),
            Err(error) => match Refusal::of(&error) {
                Some(refusal) => Trial::warning(what, refusal.cause(), refusal.mend()),
                None => Trial::warning(what, state::told(&error), state::mend(&error)),
            },
        });
        Ok(())
    }

    fn what(&self, deed: &str) -> String {
        format!("{}: {deed}", self.place)
    }

    fn tell_of_encoding(&mut self, row: &Row, fitted: &Row) {
        if row.labels != fitted.labels {
            self.trials.push(Trial::warning(
                self.what("characters"),
                format!(
                    "the encoding {} of the database lacks characters, which are written as question marks",
                    self.layout.facts.encoding
                ),
                "a database with ENCODING 'UTF8' keeps them",
            ));
        }
    }

    fn tell_of_differences(&mut self, row: &Row, found: &Found) {
        let differences = differences(self.layout, row, found);
        let what = self.what("insert and read back");
        self.trials.push(match differences.is_empty() {
            true => Trial::fine(what),
            false => Trial::warning(
                what,
                format!(
                    "the table keeps other values than it is given: {}",
                    differences.join(", ")
                ),
                "give these columns the types of schema.sql, and look at the triggers of the table",
            ),
        });
    }

    fn tell_of_table(&mut self) {
        let Way { layout, .. } = *self;
        if layout.facts.hides {
            let found = "row security may hide rows from this user: find and erase do not see them";
            self.trials
                .push(Trial::warning(self.what("row security"), found, MEND_RIGHTS));
        }
        if !layout.demanded.is_empty() {
            let found = format!("the table itself has to fill {}", quoted(&layout.demanded));
            let mend = "a default would do it without a trigger";
            self.trials.push(Trial::warning(self.what("columns"), found, mend));
        }
        let lacking: Vec<&str> = layout.lacking().collect();
        if !lacking.is_empty() {
            let found = format!(
                "the table has no {} that could be written, so find and erase do without",
                lacking.join(", ")
            );
            let mend = "rtcstats-server migrate adds what is missing";
            self.trials.push(Trial::warning(self.what("columns"), found, mend));
        }
    }
}

const MEND_RIGHTS: &str = "erasing and max_age need a policy FOR ALL TO the user USING (true), and triggers that let \
                           them pass";

fn quoted(names: &[String]) -> String {
    let names = names.iter().map(|name| format!("{name:?}"));
    names.collect::<Vec<_>>().join(", ")
}

/// The columns that came back otherwise.
fn differences(layout: &Layout, row: &Row, found: &Found) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "null".to_owned());
    // The order of members is no difference.
    let json = |text: &str| serde_json::from_str::<Value>(text).ok();
    let metadata = match json(&row.metadata) == json(&found.metadata) {
        true => row.metadata.clone(),
        false => found.metadata.clone(),
    };
    let pairs = [
        ("created_at", row.created_at.to_string(), found.created_at.to_string()),
        ("rtcstats_user", text(&row.labels.user), text(&found.labels.user)),
        (
            "rtcstats_conference",
            text(&row.labels.conference),
            text(&found.labels.conference),
        ),
        (
            "rtcstats_session",
            text(&row.labels.session),
            text(&found.labels.session),
        ),
        ("metadata", row.metadata.clone(), metadata),
        ("blob_url", text(&row.blob_url), text(&found.blob_url)),
        ("features_url", text(&row.features_url), text(&found.features_url)),
        (
            "session_start",
            row.session_start.to_string(),
            found.session_start.to_string(),
        ),
        (
            "session_end",
            row.session_end.to_string(),
            found.session_end.to_string(),
        ),
    ];
    let mut differences: Vec<String> = pairs
        .into_iter()
        .filter(|(_, given, kept)| given != kept)
        .filter_map(|(name, given, kept)| {
            let column = layout.column(name)?;
            Some(format!(
                "{name} ({}) {} for {}",
                column.kind,
                short(&kept),
                short(&given)
            ))
        })
        .collect();
    if layout.key == Key::Id && found.id != row.id.into() {
        differences.push("id".to_owned());
    }
    differences
}

fn short(value: &str) -> String {
    const MOST: usize = 40;
    match value.chars().count() > MOST {
        true => format!("{:?}…", value.chars().take(MOST).collect::<String>()),
        false => format!("{value:?}"),
    }
}
