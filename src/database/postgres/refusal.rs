//! The refusal of one row: what the table said of it, in words that name columns and constraints and never a value.
//!
//! Of the server's error only the code and names leave this file: message and detail may quote values of the row.
//! Names are those that an operator has given. Source of the codes: PostgreSQL, appendix A.
use tokio_postgres::error::DbError;
use tokio_postgres::{Client, Error};

use super::layout::{Column, Layout, Statement};
use super::link::LinkError;

/// Why the table did not take a row. Another row may be taken all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The server has refused it.
    Said(Box<Said>),
    /// The server has reported success, and there is no row.
    Swallowed,
}

/// What the server has said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub code: String,
    column: Option<String>,
    pub constraint: Option<Constraint>,
    /// Columns whose types do not take the values, as `"name" (type)`. The server does not name them.
    pub misfits: Vec<String>,
}

/// A constraint or a unique index, with the table or partition that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    pub schema: String,
    pub table: String,
    pub name: String,
}

impl Refusal {
    /// `None` if the error is about the server, the log-in, the table or the moment: every row would meet the same.
    ///
    /// About one row are class 22 (text, number or JSON that the type does not accept), class 23 (constraints), 44000
    /// (a view), 54000 (an index), what a trigger raises by itself, and row security.
    pub fn of(error: &LinkError) -> Option<Refusal> {
        let LinkError::Server(error) = error else { return None };
        let error = error.as_db_error()?;
        let code = error.code().code();
        let is_of_row = match code {
            "42501" => error.routine() == Some("ExecWithCheckOptions"),
            "44000" | "54000" | "P0001" => true,
            _ => code.starts_with("22") || code.starts_with("23"),
        };
        is_of_row.then(|| {
            Refusal::Said(Box::new(Said {
                code: code.to_owned(),
                column: error.column().map(str::to_owned),
                constraint: constraint(error),
                misfits: Vec::new(),
            }))
        })
    }

    /// Whether it was a type that refused a value.
    pub fn is_of_type(&self) -> bool {
        matches!(self, Refusal::Said(said) if said.code.starts_with("22"))
    }

    /// Whether the columns that do not fit can be found. A CHECK may be that of a domain.
    pub fn has_misfits(&self) -> bool {
        self.is_of_type() || matches!(self, Refusal::Said(said) if said.code == "23514")
    }

    /// The unique index that has the value already.
    pub fn unique_index(&self) -> Option<&Constraint> {
        match self {
            Refusal::Said(said) if said.code == "23505" => said.constraint.as_ref(),
            _ => None,
        }
    }

    /// The refusal with the columns that do not fit.
    pub fn with(self, misfits: Vec<String>) -> Refusal {
        match self {
            Refusal::Said(said) => Refusal::Said(Box::new(Said { misfits, ..*said })),
            Refusal::Swallowed => Refusal::Swallowed,
        }
    }

    /// The columns that do not fit.
    pub fn misfits(&self) -> &[String] {
        match self {
            Refusal::Said(said) => &said.misfits,
            Refusal::Swallowed => &[],
        }
    }

    /// What has happened, for a log.
    pub fn cause(&self) -> String {
        let Refusal::Said(said) = self else {
            return "the INSERT was reported as done and there is no row: a trigger or a rule drops it".to_owned();
        };
        format!("{} (SQLSTATE {})", said.meaning(), said.code)
    }

    /// What an operator can do.
    pub fn mend(&self) -> &'static str {
        let Refusal::Said(said) = self else {
            return "a BEFORE INSERT trigger has to return NEW";
        };
        match said.code.as_str() {
            "23502" => "give the column a default or let it be null",
            "23503" | "23505" | "23P01" => "drop that constraint from the table",
            "23514" if said.constraint.is_none() && said.misfits.is_empty() => "make a partition, or a DEFAULT one",
            "23514" | "44000" => "relax that condition",
            "42501" => "CREATE POLICY … FOR ALL TO the user USING (true) WITH CHECK (true)",
            "P0001" => "change the trigger",
            "54000" => "drop that index or index a hash of the column",
            _ => "ALTER the column to the type that schema.sql has",
        }
    }
}

impl Said {
    fn meaning(&self) -> String {
        let name = self.constraint.as_ref().map(|constraint| &constraint.name);
        let misfits = self.misfits.join(", ");
        match (self.code.as_str(), name) {
            _ if !misfits.is_empty() => format!("a value does not fit its column {misfits}"),
            // What a trigger raises may carry names of its own making.
            ("P0001", _) => "a trigger raises an exception".to_owned(),
            ("23502", _) => match &self.column {
                Some(column) => format!("the column {column:?} takes no null, and this program has no value for it"),
                None => "a column takes no null, and this program has no value for it".to_owned(),
            },
            ("23503", Some(name)) => format!("the foreign key {name:?}"),
            ("23505", Some(name)) => format!("the unique index {name:?} has the value already"),
            ("23P01", Some(name)) => format!("the exclusion constraint {name:?}"),
            ("23514", Some(name)) => format!("the CHECK {name:?}"),
            ("23514", None) => "there is no partition for it".to_owned(),
            ("42501", _) => "row security has no policy that lets it in".to_owned(),
            ("44000", _) => "the CHECK OPTION of a view".to_owned(),
            ("54000", _) => "a value is too long for an index".to_owned(),
            ("22P05", _) => "the database's encoding lacks a character".to_owned(),
            (code, _) if code.starts_with("22") => "a value does not fit the type of a column".to_owned(),
            _ => "a constraint".to_owned(),
        }
    }
}

/// Whether the refusal says that there is a row of this dump already. To be asked when its transaction has ended.
pub async fn is_of_the_key(client: &Client, layout: &Layout, begin: &str, refusal: &Refusal) -> Result<bool, Error> {
    let Some(index) = refusal.unique_index() else {
        return Ok(false);
    };
    client.batch_execute(begin).await?;
    let answer = has_the_key(layout, index).query(client).await?;
    client.batch_execute("COMMIT").await?;
    answer.first().map_or(Ok(false), |row| row.try_get(0))
}

/// The question whether a unique index of the table, or of one of its partitions, is about the column that tells dumps
/// apart. What an index only carries along (INCLUDE) says nothing of sameness.
fn has_the_key(layout: &Layout, index: &Constraint) -> Statement {
    let mut statement = Statement::default();
    let Constraint { schema, table, name } = index.clone();
    let [schema, table, name] = [schema, table, name].map(|text| statement.bind(text));
    statement.sql = format!(
        "WITH RECURSIVE tables(id) AS (
             SELECT {own}::oid UNION SELECT i.inhrelid FROM tables t JOIN pg_inherits i ON i.inhparent = t.id
         )
         SELECT EXISTS (
             SELECT 1 FROM tables JOIN pg_index x ON x.indrelid = tables.id AND x.indisunique
             JOIN pg_class i ON i.oid = x.indexrelid AND i.relname = {name}
             JOIN pg_class t ON t.oid = x.indrelid AND t.relname = {table}
             JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = {schema}
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = '{key}'
                 AND a.attnum IN (SELECT x.indkey[n] FROM generate_series(0, x.indnkeyatts - 1) AS n)
         )",
        own = layout.regclass,
        key = layout.key_column(),
    );
    statement
}

/// Those of the suspect columns whose types refuse the values. Each question is a transaction of its own.
pub async fn misfits(client: &Client, suspects: Vec<(&Column, Option<Statement>)>) -> Result<Vec<String>, Error> {
    let mut misfits = Vec::new();
    for (column, question) in suspects {
        let refused = match question {
            None => true,
            Some(question) => match question.query(client).await {
                Ok(_) => false,
                Err(error) if error.as_db_error().is_some() => true,
                Err(error) => return Err(error),
            },
        };
        if refused {
            misfits.push(format!("{:?} ({})", column.name, column.kind));
        }
    }
    Ok(misfits)
}

fn constraint(error: &DbError) -> Option<Constraint> {
    Some(Constraint {
        schema: error.schema()?.to_owned(),
        table: error.table()?.to_owned(),
        name: error.constraint()?.to_owned(),
    })
}
