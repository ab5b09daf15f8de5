//! Replaces characters that the database's encoding lacks, so that a dump keeps its row.
//!
//! A database in UTF-8 lacks none, and nothing is asked then. For others PostgreSQL has the tables of characters, not
//! this program: each character that is not ASCII is sent once by itself, all of them in one round trip, outside any
//! transaction. What is refused becomes a question mark. URLs stay as they are, because another URL would lead nowhere.
//! Limit: the characters of one call's rows.
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use futures_util::future::join_all;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error};

use crate::database::row::Row;

/// The rows with what the encoding lacks replaced.
pub async fn fitted<'a>(client: &Client, encoding: &str, rows: &[Cow<'a, Row>]) -> Result<Vec<Cow<'a, Row>>, Error> {
    if encoding == "UTF8" {
        return Ok(rows.to_vec());
    }
    let plain: Vec<Row> = rows.iter().map(|row| row.unescaped()).collect();
    let lacking = lacking(client, plain.iter().flat_map(Row::characters).collect()).await?;
    let fit = |row: Row| row.without(&|character| lacking.contains(&character));
    Ok(plain.into_iter().map(|row| Cow::Owned(fit(row))).collect())
}

async fn lacking(client: &Client, characters: BTreeSet<char>) -> Result<HashSet<char>, Error> {
    let ask = async |character: &char| {
        let text = character.to_string();
        client.query_typed("SELECT $1::text", &[(&text, Type::TEXT)]).await
    };
    let answers = join_all(characters.iter().map(ask)).await;
    let mut lacking = HashSet::new();
    for (character, answer) in characters.into_iter().zip(answers) {
        match answer {
            Ok(_) => {}
            // untranslatable_character, character_not_in_repertoire
            Err(error) if matches!(error.code().map(|code| code.code()), Some("22P05" | "22021")) => {
                lacking.insert(character);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(lacking)
}
