//! The tables of a catalogue and the settings of a writer, made when it is opened.
//!
//! What is there stays as it is, in a catalogue of another version too. Limits and failures are those of the
//! statements.
use rusqlite::{Connection, TransactionBehavior};

use super::features;
use super::search::FINDINGS;
use crate::database::features::FeatureTables;
use crate::disk;
use crate::limits::{CATALOGUE_CACHE_KIB_MAX, CATALOGUE_WAL_BYTES_MAX};

/// `PRAGMA user_version` of a catalogue with this table.
pub const VERSION: i64 = 1;

const CREATE: &str = "
    CREATE TABLE rtcstats(
        id TEXT NOT NULL PRIMARY KEY,
        created_at TEXT NOT NULL,
        rtcstats_user TEXT,
        rtcstats_conference TEXT,
        rtcstats_session TEXT,
        metadata TEXT,
        blob_url TEXT,
        features_url TEXT,
        session_start TEXT,
        session_end TEXT
    );
    CREATE INDEX rtcstats_user_idx ON rtcstats (rtcstats_user, session_start);
    CREATE INDEX rtcstats_conference_idx ON rtcstats (rtcstats_conference, session_start);
    CREATE INDEX rtcstats_session_idx ON rtcstats (rtcstats_session, session_start);
    CREATE INDEX rtcstats_start_idx ON rtcstats (session_start);
    PRAGMA user_version = 1;";

pub fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Makes the settings of a writer and, in a file without a table, the table. Returns the version that the file then
/// has. Deleted content is overwritten, because a person may have asked for the deletion.
pub fn set_up(connection: &mut Connection, features: Option<&FeatureTables>) -> rusqlite::Result<i64> {
    let journal: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    let synchronous = synchronous(&journal, disk::sync_is_offered());
    connection.execute_batch(&format!(
        "PRAGMA synchronous = {synchronous};
         PRAGMA secure_delete = ON;
         PRAGMA cache_size = -{CATALOGUE_CACHE_KIB_MAX};
         PRAGMA journal_size_limit = {CATALOGUE_WAL_BYTES_MAX};"
    ))?;
    if version(connection)? == 0 {
        // Checked again under the lock, because another process may make the table at the same time.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if version(&transaction)? == 0 {
            transaction.execute_batch(CREATE)?;
        }
        transaction.commit()?;
    }
    let version = version(connection)?;
    if version == VERSION {
        index_findings(connection);
    }
    if let (Some(tables), VERSION) = (features, version) {
        features::make(connection, tables)?;
    }
    Ok(version)
}

/// An index for searching by what was found, also in a catalogue of an earlier version. It is no part of the version:
/// programs that do not know it keep it up as SQLite does, and none needs it. So a catalogue that refuses it is used
/// without.
fn index_findings(connection: &Connection) {
    let create =
        format!("CREATE INDEX IF NOT EXISTS rtcstats_findings_idx ON rtcstats (session_start, id, {FINDINGS})");
    if let Err(error) = connection.execute_batch(&create) {
        log::warn!("the catalogue has no index of findings, and searching them takes longer: {error}");
    }
}

/// Without WAL, NORMAL could damage the file in a power cut. With it, somebody has to sync the file system later.
pub fn synchronous(journal: &str, is_synced_later: bool) -> &'static str {
    match (journal, is_synced_later) {
        ("wal", true) => "NORMAL",
        _ => "FULL",
    }
}
