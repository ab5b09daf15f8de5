//! Finds where an address is, with a MaxMind database (GeoLite2-City, GeoLite2-Country, GeoIP2) or one of another maker
//! in the same format.
//!
//! The database is read into memory once, at start. A look-up takes about a microsecond and cannot fail: what a damaged
//! database cannot tell counts as unknown. Addresses are neither kept nor logged.

mod location;
mod options;

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use maxminddb::{Reader, WithinOptions};
use rustix::process::geteuid;
use thiserror::Error;

use crate::limits::GEO_NETWORKS_TRIED_MAX;
use crate::redact::shown_path;
pub use location::Location;
use location::Record;
pub use options::GeoOptions;

/// Why the operator's database cannot be used.
#[derive(Debug, Error)]
pub enum GeoError {
    #[error("cannot use the location database {} as user {}: {source}", shown_path(path), geteuid().as_raw())]
    Database {
        path: PathBuf,
        source: maxminddb::MaxMindDbError,
    },
}

pub struct Geo {
    reader: Reader<Vec<u8>>,
}

impl Geo {
    /// Reads a database.
    ///
    /// # Errors
    /// If the file cannot be read or is not a MaxMind database.
    pub fn open(path: &Path) -> Result<Geo, GeoError> {
        let reader = Reader::open_readfile(path);
        let reader = reader.map_err(|source| GeoError::Database {
            path: path.to_owned(),
            source,
        })?;
        Ok(Geo { reader })
    }

    /// The place of an address, if anything is known about it.
    pub fn lookup(&self, ip: IpAddr) -> Option<Location> {
        let record: Record = self.reader.lookup(ip).ok()?.decode().ok()??;
        record.location()
    }

    /// What is wrong with a database that has no place for any of its first networks, such as one of providers (ASN).
    pub fn flaw(&self) -> Option<String> {
        let networks = self.reader.networks(WithinOptions::default()).ok()?;
        let mut records = networks
            .take(GEO_NETWORKS_TRIED_MAX)
            .filter_map(|network| network.ok()?.decode::<Record>().ok()?);
        let has_place = records.any(|record| record.location().is_some());
        (!has_place).then(|| {
            format!(
                "privacy.geoip_database is of the type {:?} and has no places, so that none are recorded: take a database \
                 of cities or countries",
                self.reader.metadata().database_type
            )
        })
    }
}

#[cfg(test)]
mod tests;
