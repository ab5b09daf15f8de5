//! `[storage]`: where finished dumps go.
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::key::KeyTemplate;
use super::s3::S3Options;

/// Finished dumps, masked and compressed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct StorageOptions {
    /// Where finished dumps go: a folder of this machine, or a bucket.
    pub backend: StorageBackend,
    pub directory: DirectoryOptions,
    pub s3: S3Options,
}

/// The stores there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StorageBackend {
    #[default]
    Directory,
    S3,
}

/// A folder of this machine. The rules of `retention` say what stays in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct DirectoryOptions {
    /// The folder, below data_dir.
    pub path: PathBuf,

    /// A dump's name in the folder. `{id}`, `{date}` (UTC, of the start), `{user}`, `{conference}`, `{session}`; the part
    /// behind the last slash must have `{id}`.
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
