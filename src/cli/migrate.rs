//! `migrate`: makes the PostgreSQL table, or adds what an older table lacks.
//!
//! What each migration does is written elsewhere. A migration runs to its end or has no effect, so it may be tried
//! again, also while a server runs.

use std::fmt::Write;

use super::failure::Failure;
use super::output::print;
use super::owner;
use crate::config::Config;
use crate::database::Database;

/// Runs the migrations that the table has not had yet.
pub fn run(config: &Config) -> Result<(), Failure> {
    owner::settle(&config.data_dir)?;
    let database = config.row_store().map_err(|error| Failure::Usage(error.to_string()))?;
    let Database::Postgres(postgres) = &database else {
        return Err(Failure::Usage(
            "database.backend is \"sqlite\", whose catalogue needs no migration (the server makes its tables, those of features as well); set it to \"postgres\"".to_string(),
        ));
    };
    let migrated = postgres
        .migrate()
        .map_err(|error| Failure::Runtime(error.to_string()))?;
    if migrated.is_newer() {
        return Err(Failure::Runtime(format!(
            "{} is at version {}, made by a newer program; nothing was changed",
            postgres.describe(),
            migrated.version
        )));
    }
    let mut text = String::new();
    for step in &migrated.steps {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "migration {step} applied");
    }
    for table in &migrated.tables {
        let _ = writeln!(text, "table of features {table} made or added to");
    }
    print(&format!(
        "{text}{} is at version {}\n",
        postgres.describe(),
        migrated.version
    ))
}
