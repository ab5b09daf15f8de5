//! `[features]`: whether features are extracted, and whether tables get them too.
use serde::{Deserialize, Serialize};

use crate::lenient;

/// What a call was like (docs/features.md), taken from each dump while it is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct FeaturesOptions {
    /// Whether the features of a dump are extracted, from its masked lines, and stored beside it as `ID.features.json`.
    /// Its row has the address in features_url.
    #[serde(deserialize_with = "lenient::flag")]
    pub enabled: bool,

    /// Whether the features are also written to tables of the database: one for clients, one for connections and one
    /// for tracks. In PostgreSQL `rtcstats-server migrate` makes them; in the SQLite catalogue the server does.
    #[serde(deserialize_with = "lenient::flag")]
    pub tables: bool,
}

impl Default for FeaturesOptions {
    fn default() -> Self {
        FeaturesOptions {
            enabled: true,
            tables: false,
        }
    }
}
