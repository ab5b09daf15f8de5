//! `[storage]`: where finished dumps go.
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::key::{KeyError, KeyTemplate};
use super::s3::S3Options;
use crate::unfit::{self, Unfit};

/// Finished dumps, masked and compressed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct StorageOptions {
    /// Where finished dumps go: a folder of this machine, or a bucket.
    pub backend: StorageBackend,
    pub directory: DirectoryOptions,
    pub s3: S3Options,
}

impl StorageOptions {
    /// The values that cannot be meant, of whichever backend. Whether a bucket can be used is asked where it is one
    /// that is.
    pub fn unfit(&self) -> Vec<Unfit> {
        let template = |key, text: &str| {
            KeyTemplate::parse(text)
                .err()
                .map(|error| Unfit::new(key, error.to_string()))
        };
        let rules = [
            unfit::path("directory.path", &self.directory.path),
            template("directory.key", &self.directory.key),
            template("s3.key", &self.s3.key),
        ];
        rules.into_iter().flatten().collect()
    }

    /// Where a folder store has its objects.
    pub fn objects_path(&self, data_dir: &Path) -> PathBuf {
        data_dir.join(&self.directory.path)
    }

    /// Where copies of what lies in a bucket are: apart from a folder store's objects, which may be there from the time
    /// before the bucket and are no copies.
    pub fn copies_path(data_dir: &Path) -> PathBuf {
        data_dir.join("copies")
    }

    /// What of the dumps lies on this machine, so that retention lets it go.
    pub fn on_this_machine(&self) -> OnThisMachine {
        match self.backend {
            StorageBackend::Directory => OnThisMachine::Objects,
            StorageBackend::S3 => OnThisMachine::Copies,
        }
    }

    /// How dumps are named in the store that is used.
    ///
    /// # Errors
    /// None where nothing is unfit.
    pub fn key_template(&self) -> Result<KeyTemplate, KeyError> {
        KeyTemplate::parse(match self.backend {
            StorageBackend::Directory => &self.directory.key,
            StorageBackend::S3 => &self.s3.key,
        })
    }
}

/// The stores there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StorageBackend {
    #[default]
    Directory,
    S3,
}

/// See [`StorageOptions::on_this_machine`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnThisMachine {
    /// The dumps themselves, which rows lead to.
    Objects,
    /// Copies, if any; no row knows of them.
    Copies,
}

/// A folder of this machine. The rules of `retention` say what stays in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct DirectoryOptions {
    /// The folder, below data_dir.
    pub path: PathBuf,

    /// A dump's name in the folder. `{id}`, `{date}` (UTC, of the start), `{user}`, `{conference}`, `{session}`; the
    /// part behind the last slash must have `{id}`.
    pub key: String,
}

impl Default for DirectoryOptions {
    fn default() -> Self {
        DirectoryOptions {
            path: "dumps".into(),
            key: KeyTemplate::DEFAULT.to_string(),
        }
    }
}
