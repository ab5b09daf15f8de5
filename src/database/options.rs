//! `[database]`: where rows go.
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::postgres::PostgresOptions;
use crate::unfit::{self, Unfit};

/// The catalogue of dumps: one row each.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct DatabaseOptions {
    /// Where the catalogue of dumps is kept.
    pub backend: DatabaseBackend,
    pub sqlite: SqliteOptions,
    pub postgres: PostgresOptions,
}

impl DatabaseOptions {
    /// The values that are not valid, of every backend, chosen or not. Whether a server can really be used is checked
    /// only where that backend is chosen.
    pub fn unfit(&self) -> Vec<Unfit> {
        Vec::from_iter(unfit::path("sqlite.path", &self.sqlite.path))
    }

    /// Where the SQLite catalogue is.
    pub fn catalogue_path(&self, data_dir: &Path) -> PathBuf {
        data_dir.join(&self.sqlite.path)
    }
}

/// The databases there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DatabaseBackend {
    #[default]
    Sqlite,
    Postgres,
}

/// A file of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct SqliteOptions {
    /// The catalogue's file, below data_dir.
    pub path: PathBuf,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        SqliteOptions {
            path: "catalog.db".into(),
        }
    }
}
