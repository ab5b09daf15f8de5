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
    /// The values that are not valid, of every backend, chosen or not. Whether a bucket can really be used is checked
    /// only where that backend is chosen.
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

    /// The folders on this machine in which stores keep their objects, whichever store is in use, each with the whole
    /// key that names it.
    pub fn folders(&self, data_dir: &Path) -> Vec<(&'static str, PathBuf)> {
        vec![("storage.directory.path", self.objects_path(data_dir))]
    }

    /// Where a folder store keeps its objects.
    pub fn objects_path(&self, data_dir: &Path) -> PathBuf {
        data_dir.join(&self.directory.path)
    }

    /// Where copies of dumps in a bucket are kept. This is not the folder store's own folder, which may still contain
    /// objects from the time before the bucket, and those are not copies.
    pub fn copies_path(data_dir: &Path) -> PathBuf {
        data_dir.join("copies")
    }

    /// Which files of the dumps are on this machine, so that retention can remove them.
    pub fn on_this_machine(&self) -> OnThisMachine {
        match self.backend {
            StorageBackend::Directory => OnThisMachine::Objects,
            StorageBackend::S3 => OnThisMachine::Copies,
        }
    }

    /// How dumps are named in the chosen store.
    ///
    /// # Errors
    /// None if no value is unfit.
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
    /// The dumps themselves, to which the rows point.
    Objects,
    /// Copies, if there are any. No row knows of them.
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
