//! Where places are looked up.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::lenient;

/// The operator's database, if there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct GeoOptions {
    /// A MaxMind database (mmdb) to look up continent, country and city before the addresses are masked. Empty: none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_path")]
    pub geoip_database: Option<PathBuf>,
}
