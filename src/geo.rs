//! Finds where an address is, with a MaxMind database (GeoLite2-City, GeoLite2-Country, GeoIP2 and others of their
//! shape).
//!
//! The database is read into memory once, at start. A look-up takes about a microsecond and cannot fail: what a damaged
//! database cannot tell counts as unknown. Addresses are neither kept nor logged.

mod options;

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use maxminddb::{Reader, geoip2};
use serde::Serialize;
use thiserror::Error;

pub use options::GeoOptions;

/// A place, as precise as the database has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Location {
    /// Two letters, such as `EU`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continent: Option<String>,
    /// ISO 3166-1, two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The English name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
}

/// Why the operator's database cannot be used.
#[derive(Debug, Error)]
pub enum GeoError {
    #[error("cannot use the location database {}: {source}", path.display())]
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

    /// The place of an address, if anything is known about it. A database of countries has the same shape as one of
    /// cities, only without the cities.
    pub fn lookup(&self, ip: IpAddr) -> Option<Location> {
        let place: geoip2::City = self.reader.lookup(ip).ok()?.decode().ok()??;
        let location = Location {
            continent: place.continent.code.map(str::to_owned),
            country: place.country.iso_code.map(str::to_owned),
            city: place.city.names.english.map(str::to_owned),
        };
        (location != Location::default()).then_some(location)
    }
}

#[cfg(test)]
mod tests;
